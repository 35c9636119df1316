// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// What is done before the implementation is loaded, or without it.

#include "provider/forward.h"

#include <dlfcn.h>
#include <limits.h>
#include <openssl/bio.h>
#include <stdlib.h>
#include <string.h>

#include "base/errc.h"
#include "provider/operations.h"
#include "signing/uri.h"

namespace smartcmd::provider {

namespace {

// By its full path, beside this module: a name alone would first be looked for in LD_LIBRARY_PATH.
void* open_implementation() {
  Dl_info us = {};
  char path[PATH_MAX + sizeof implementation_file];
  if (dladdr(implementation_symbol, &us) == 0 || realpath(us.dli_fname, path) == nullptr) strcpy(path, "/");
  strcpy(strrchr(path, '/') + 1, implementation_file);
  return dlopen(path, RTLD_NOW | RTLD_LOCAL);
}

}  // namespace

const Implementation* implementation() {
  static const Implementation* loaded = nullptr;
  const Implementation* found = __atomic_load_n(&loaded, __ATOMIC_ACQUIRE);
  if (found != nullptr) return found;
  void* library = open_implementation();  // two threads that come here at once get the same library
  if (library == nullptr) return nullptr;
  found = static_cast<const Implementation*>(dlsym(library, implementation_symbol));
  __atomic_store_n(&loaded, found, __ATOMIC_RELEASE);
  return found;
}

namespace {

// ---- where an implementation that cannot be loaded is told ----------------------------------------------------------

void vset_error(const Provider& provider, Errc code, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  provider.vset_error(provider.handle, static_cast<std::uint32_t>(code), format, arguments);
  va_end(arguments);
}

}  // namespace

template <>
void* Forward<&Implementation::store, OSSL_FUNC_STORE_OPEN, OSSL_FUNC_store_open_fn>::call(void* provctx,
                                                                                           const char* uri) {
  if (implementation() == nullptr) {
    const Provider& provider = *static_cast<const Provider*>(provctx);
    provider.new_error(provider.handle);
    vset_error(provider, Errc::internal, "SmartCMD is not completely installed: %s", dlerror());
    return nullptr;
  }
  return find<OSSL_FUNC_store_open_fn>(&Implementation::store, OSSL_FUNC_STORE_OPEN)(provctx, uri);
}

// ---- other people's key files ---------------------------------------------------------------------------------------

namespace {

// Every key file that a program reads comes by here: only one of ours loads the implementation.

struct Ahead {
  bool is_ours;
  size_t passed;  // octets that need not be looked at again
};
using Look = Ahead (*)(const char* data, size_t length);

// The first block ahead: one that comes before ours is other decoders'. Where none of them takes it, the core looks on
// from where the last of us stood, or gives up if that is where it was.
Ahead first_pem_block(const char* text, size_t length) {
  static constexpr char begin[] = "-----BEGIN ";
  constexpr size_t label_length = sizeof key_file_label - 1;
  const auto* block = static_cast<const char*>(memmem(text, length, begin, sizeof begin - 1));
  if (block == nullptr) return {false, 0};
  const char* const label = block + sizeof begin - 1;
  const auto passed = static_cast<size_t>(label - text);
  const bool is_ours =
      length - passed > label_length && memcmp(label, key_file_label, label_length) == 0 && label[label_length] == '-';
  return {is_ours, is_ours ? 0 : passed};
}

// A DER UTF8String of less than 128 octets or more, with a cmd: URI.
Ahead uri(const char* der, size_t length) {
  static constexpr char utf8_string_tag = 0x0c;
  return {length > 0 && der[0] == utf8_string_tag && memmem(der, length < 8 ? length : 8, "cmd:", 4) != nullptr, 0};
}

// Whether what is ahead is ours; reads it and goes back.
bool is_ahead(Look look, const Provider& provider, OSSL_CORE_BIO* in) {
  const long start = provider.bio_ctrl(in, BIO_C_FILE_TELL, 0, nullptr);
  char data[4096];
  size_t length = 0;
  const bool read = start >= 0 && provider.bio_read_ex(in, data, sizeof data, &length) == 1;
  const Ahead ahead = read ? look(data, length) : Ahead{false, 0};
  provider.bio_ctrl(in, BIO_C_FILE_SEEK, start + static_cast<long>(ahead.passed), nullptr);
  return ahead.is_ours;
}

// 1 for "not mine": other decoders go on.
template <Look look, const OSSL_DISPATCH* Implementation::*table>
int decode(void* provctx, OSSL_CORE_BIO* in, int selection, OSSL_CALLBACK* object, void* object_argument,
           OSSL_PASSPHRASE_CALLBACK* passphrase, void* passphrase_argument) {
  if (!is_ahead(look, *static_cast<const Provider*>(provctx), in)) return 1;
  auto* function = find<OSSL_FUNC_decoder_decode_fn>(table, OSSL_FUNC_DECODER_DECODE);
  if (function == nullptr) return 1;
  return function(provctx, in, selection, object, object_argument, passphrase, passphrase_argument);
}

}  // namespace

template <>
int Forward<&Implementation::pem_decoder, OSSL_FUNC_DECODER_DECODE, OSSL_FUNC_decoder_decode_fn>::call(
    void* provctx, OSSL_CORE_BIO* in, int selection, OSSL_CALLBACK* object, void* object_argument,
    OSSL_PASSPHRASE_CALLBACK* passphrase, void* passphrase_argument) {
  return decode<first_pem_block, &Implementation::pem_decoder>(provctx, in, selection, object, object_argument,
                                                               passphrase, passphrase_argument);
}

template <>
int Forward<&Implementation::uri_decoder, OSSL_FUNC_DECODER_DECODE, OSSL_FUNC_decoder_decode_fn>::call(
    void* provctx, OSSL_CORE_BIO* in, int selection, OSSL_CALLBACK* object, void* object_argument,
    OSSL_PASSPHRASE_CALLBACK* passphrase, void* passphrase_argument) {
  return decode<uri, &Implementation::uri_decoder>(provctx, in, selection, object, object_argument, passphrase,
                                                   passphrase_argument);
}

// ---- what keeps no state --------------------------------------------------------------------------------------------

void* new_context(void* provctx) {
  return provctx;
}
void free_context(void*) {}

// The core asks it for other people's keys as well.
int does_selection(void*, int selection) {
  return (selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) != 0 ? 1 : 0;
}

}  // namespace smartcmd::provider
