// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// The tables that stand for the implementation until, and after, it is loaded. A test holds them against its tables.

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

template <const OSSL_DISPATCH* Implementation::*table, int id, class Function>
OSSL_DISPATCH entry() {
  return dispatch<Function>(id, forward<table, id, Function>);
}

// ---- where an implementation that cannot be loaded is told ----------------------------------------------------------

void vset_error(const Provider& provider, Errc code, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  provider.vset_error(provider.handle, static_cast<std::uint32_t>(code), format, arguments);
  va_end(arguments);
}

void* open(void* provctx, const char* uri) {
  if (implementation() == nullptr) {
    const Provider& provider = *static_cast<const Provider*>(provctx);
    provider.new_error(provider.handle);
    vset_error(provider, Errc::internal, "SmartCMD is not completely installed: %s", dlerror());
    return nullptr;
  }
  return find<OSSL_FUNC_store_open_fn>(&Implementation::store, OSSL_FUNC_STORE_OPEN)(provctx, uri);
}

// ---- other people's key files ---------------------------------------------------------------------------------------

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

// ---- what keeps no state --------------------------------------------------------------------------------------------

void* new_context(void* provctx) {
  return provctx;
}
void free_context(void*) {}

// The core asks it for other people's keys as well.
int does_selection(void*, int selection) {
  return (selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) != 0 ? 1 : 0;
}

}  // namespace

const OSSL_DISPATCH keymgmt_forwards[] = {
    entry<&Implementation::keymgmt, OSSL_FUNC_KEYMGMT_NEW, OSSL_FUNC_keymgmt_new_fn>(),
    entry<&Implementation::keymgmt, OSSL_FUNC_KEYMGMT_LOAD, OSSL_FUNC_keymgmt_load_fn>(),
    entry<&Implementation::keymgmt, OSSL_FUNC_KEYMGMT_FREE, OSSL_FUNC_keymgmt_free_fn>(),
    entry<&Implementation::keymgmt, OSSL_FUNC_KEYMGMT_DUP, OSSL_FUNC_keymgmt_dup_fn>(),
    entry<&Implementation::keymgmt, OSSL_FUNC_KEYMGMT_HAS, OSSL_FUNC_keymgmt_has_fn>(),
    entry<&Implementation::keymgmt, OSSL_FUNC_KEYMGMT_MATCH, OSSL_FUNC_keymgmt_match_fn>(),
    entry<&Implementation::keymgmt, OSSL_FUNC_KEYMGMT_QUERY_OPERATION_NAME,
          OSSL_FUNC_keymgmt_query_operation_name_fn>(),
    entry<&Implementation::keymgmt, OSSL_FUNC_KEYMGMT_GETTABLE_PARAMS, OSSL_FUNC_keymgmt_gettable_params_fn>(),
    entry<&Implementation::keymgmt, OSSL_FUNC_KEYMGMT_GET_PARAMS, OSSL_FUNC_keymgmt_get_params_fn>(),
    entry<&Implementation::keymgmt, OSSL_FUNC_KEYMGMT_EXPORT_TYPES, OSSL_FUNC_keymgmt_export_types_fn>(),
    entry<&Implementation::keymgmt, OSSL_FUNC_KEYMGMT_EXPORT, OSSL_FUNC_keymgmt_export_fn>(),
    entry<&Implementation::keymgmt, OSSL_FUNC_KEYMGMT_IMPORT_TYPES, OSSL_FUNC_keymgmt_import_types_fn>(),
    entry<&Implementation::keymgmt, OSSL_FUNC_KEYMGMT_IMPORT, OSSL_FUNC_keymgmt_import_fn>(),
    {}};

const OSSL_DISPATCH signature_forwards[] = {
    entry<&Implementation::signature, OSSL_FUNC_SIGNATURE_NEWCTX, OSSL_FUNC_signature_newctx_fn>(),
    entry<&Implementation::signature, OSSL_FUNC_SIGNATURE_FREECTX, OSSL_FUNC_signature_freectx_fn>(),
    entry<&Implementation::signature, OSSL_FUNC_SIGNATURE_DUPCTX, OSSL_FUNC_signature_dupctx_fn>(),
    entry<&Implementation::signature, OSSL_FUNC_SIGNATURE_SIGN_INIT, OSSL_FUNC_signature_sign_init_fn>(),
    entry<&Implementation::signature, OSSL_FUNC_SIGNATURE_SIGN, OSSL_FUNC_signature_sign_fn>(),
    entry<&Implementation::signature, OSSL_FUNC_SIGNATURE_VERIFY_INIT, OSSL_FUNC_signature_verify_init_fn>(),
    entry<&Implementation::signature, OSSL_FUNC_SIGNATURE_VERIFY, OSSL_FUNC_signature_verify_fn>(),
    entry<&Implementation::signature, OSSL_FUNC_SIGNATURE_DIGEST_SIGN_INIT, OSSL_FUNC_signature_digest_sign_init_fn>(),
    entry<&Implementation::signature, OSSL_FUNC_SIGNATURE_DIGEST_SIGN_UPDATE,
          OSSL_FUNC_signature_digest_sign_update_fn>(),
    entry<&Implementation::signature, OSSL_FUNC_SIGNATURE_DIGEST_SIGN_FINAL,
          OSSL_FUNC_signature_digest_sign_final_fn>(),
    entry<&Implementation::signature, OSSL_FUNC_SIGNATURE_DIGEST_SIGN, OSSL_FUNC_signature_digest_sign_fn>(),
    entry<&Implementation::signature, OSSL_FUNC_SIGNATURE_DIGEST_VERIFY_INIT,
          OSSL_FUNC_signature_digest_verify_init_fn>(),
    entry<&Implementation::signature, OSSL_FUNC_SIGNATURE_DIGEST_VERIFY_UPDATE,
          OSSL_FUNC_signature_digest_verify_update_fn>(),
    entry<&Implementation::signature, OSSL_FUNC_SIGNATURE_DIGEST_VERIFY_FINAL,
          OSSL_FUNC_signature_digest_verify_final_fn>(),
    entry<&Implementation::signature, OSSL_FUNC_SIGNATURE_DIGEST_VERIFY, OSSL_FUNC_signature_digest_verify_fn>(),
    entry<&Implementation::signature, OSSL_FUNC_SIGNATURE_GET_CTX_PARAMS, OSSL_FUNC_signature_get_ctx_params_fn>(),
    entry<&Implementation::signature, OSSL_FUNC_SIGNATURE_GETTABLE_CTX_PARAMS,
          OSSL_FUNC_signature_gettable_ctx_params_fn>(),
    entry<&Implementation::signature, OSSL_FUNC_SIGNATURE_SET_CTX_PARAMS, OSSL_FUNC_signature_set_ctx_params_fn>(),
    entry<&Implementation::signature, OSSL_FUNC_SIGNATURE_SETTABLE_CTX_PARAMS,
          OSSL_FUNC_signature_settable_ctx_params_fn>(),
    {}};

const OSSL_DISPATCH store_forwards[] = {
    dispatch<OSSL_FUNC_store_open_fn>(OSSL_FUNC_STORE_OPEN, open),
    entry<&Implementation::store, OSSL_FUNC_STORE_ATTACH, OSSL_FUNC_store_attach_fn>(),
    entry<&Implementation::store, OSSL_FUNC_STORE_SETTABLE_CTX_PARAMS, OSSL_FUNC_store_settable_ctx_params_fn>(),
    entry<&Implementation::store, OSSL_FUNC_STORE_SET_CTX_PARAMS, OSSL_FUNC_store_set_ctx_params_fn>(),
    entry<&Implementation::store, OSSL_FUNC_STORE_LOAD, OSSL_FUNC_store_load_fn>(),
    entry<&Implementation::store, OSSL_FUNC_STORE_EOF, OSSL_FUNC_store_eof_fn>(),
    entry<&Implementation::store, OSSL_FUNC_STORE_CLOSE, OSSL_FUNC_store_close_fn>(),
    {}};

const OSSL_DISPATCH cipher_forwards[] = {
    dispatch<OSSL_FUNC_asym_cipher_newctx_fn>(OSSL_FUNC_ASYM_CIPHER_NEWCTX, new_context),
    dispatch<OSSL_FUNC_asym_cipher_freectx_fn>(OSSL_FUNC_ASYM_CIPHER_FREECTX, free_context),
    entry<&Implementation::cipher, OSSL_FUNC_ASYM_CIPHER_DECRYPT_INIT, OSSL_FUNC_asym_cipher_decrypt_init_fn>(),
    entry<&Implementation::cipher, OSSL_FUNC_ASYM_CIPHER_DECRYPT, OSSL_FUNC_asym_cipher_decrypt_fn>(),
    entry<&Implementation::cipher, OSSL_FUNC_ASYM_CIPHER_ENCRYPT_INIT, OSSL_FUNC_asym_cipher_encrypt_init_fn>(),
    entry<&Implementation::cipher, OSSL_FUNC_ASYM_CIPHER_ENCRYPT, OSSL_FUNC_asym_cipher_encrypt_fn>(),
    {}};

const OSSL_DISPATCH encoder_forwards[] = {
    dispatch<OSSL_FUNC_encoder_newctx_fn>(OSSL_FUNC_ENCODER_NEWCTX, new_context),
    dispatch<OSSL_FUNC_encoder_freectx_fn>(OSSL_FUNC_ENCODER_FREECTX, free_context),
    dispatch<OSSL_FUNC_encoder_does_selection_fn>(OSSL_FUNC_ENCODER_DOES_SELECTION, does_selection),
    entry<&Implementation::encoder, OSSL_FUNC_ENCODER_ENCODE, OSSL_FUNC_encoder_encode_fn>(),
    {}};

const OSSL_DISPATCH pem_decoder_forwards[] = {
    dispatch<OSSL_FUNC_decoder_newctx_fn>(OSSL_FUNC_DECODER_NEWCTX, new_context),
    dispatch<OSSL_FUNC_decoder_freectx_fn>(OSSL_FUNC_DECODER_FREECTX, free_context),
    dispatch<OSSL_FUNC_decoder_decode_fn>(OSSL_FUNC_DECODER_DECODE,
                                          decode<first_pem_block, &Implementation::pem_decoder>),
    {}};

const OSSL_DISPATCH uri_decoder_forwards[] = {
    dispatch<OSSL_FUNC_decoder_newctx_fn>(OSSL_FUNC_DECODER_NEWCTX, new_context),
    dispatch<OSSL_FUNC_decoder_freectx_fn>(OSSL_FUNC_DECODER_FREECTX, free_context),
    dispatch<OSSL_FUNC_decoder_decode_fn>(OSSL_FUNC_DECODER_DECODE, decode<uri, &Implementation::uri_decoder>),
    {}};

}  // namespace smartcmd::provider
