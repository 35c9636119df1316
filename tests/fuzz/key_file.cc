// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// Key files with a cmd: URI, which the provider reads in the place of keys.

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/core_object.h>
#include <openssl/params.h>
#include <string.h>

#include <algorithm>

#include "provider/errors.h"
#include "provider/operations.h"
#include "tests/fuzz/fuzz.h"

namespace smartcmd::provider {
namespace {

// ---- what OpenSSL's core lends to a provider ------------------------------------------------------------------------

struct File {
  ByteView octets;
  std::size_t position = 0;
};

int read_some(OSSL_CORE_BIO* bio, void* buffer, std::size_t size, std::size_t* count) {
  File& file = *reinterpret_cast<File*>(bio);
  *count = std::min(size, file.octets.size() - file.position);
  if (*count > 0) memcpy(buffer, file.octets.data() + file.position, *count);
  file.position += *count;
  return *count > 0 ? 1 : 0;
}

int seek_or_tell(OSSL_CORE_BIO* bio, int what, long position, void*) {
  File& file = *reinterpret_cast<File*>(bio);
  if (what == BIO_C_FILE_TELL) return static_cast<int>(file.position);
  fuzz::require(what == BIO_C_FILE_SEEK, "a file is only read");
  fuzz::require(position >= 0 && static_cast<std::size_t>(position) <= file.octets.size(), "the place is in the file");
  file.position = static_cast<std::size_t>(position);
  return 0;
}

void new_error(const OSSL_CORE_HANDLE*) {}
void set_error_debug(const OSSL_CORE_HANDLE*, const char*, int, const char*) {}
void set_error(const OSSL_CORE_HANDLE*, std::uint32_t, const char*, va_list) {}

Provider provider() {
  Provider lent{};
  lent.new_error = new_error;
  lent.set_error_debug = set_error_debug;
  lent.vset_error = set_error;
  lent.bio_read_ex = read_some;
  lent.bio_ctrl = seek_or_tell;
  return lent;
}

// ---- one decoder after the other, as the core calls them ------------------------------------------------------------

void decode(OSSL_FUNC_decoder_decode_fn* function, ByteView octets, OSSL_CALLBACK* callback, void* argument) {
  const Provider lent = provider();
  File file{octets};
  auto* const bio = reinterpret_cast<OSSL_CORE_BIO*>(&file);
  function(const_cast<Provider*>(&lent), bio, 0, callback, argument, nullptr, nullptr);
}

int keep_data(const OSSL_PARAM params[], void* der) {
  const OSSL_PARAM* data = OSSL_PARAM_locate_const(params, OSSL_OBJECT_PARAM_DATA);
  const auto* octets = static_cast<const unsigned char*>(data->data);
  static_cast<Bytes*>(der)->assign(octets, octets + data->data_size);
  return 1;
}

int take_key(const OSSL_PARAM[], void*) {
  fuzz::require(false, "there is no key without an account");
  return 0;
}

}  // namespace
}  // namespace smartcmd::provider

int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace smartcmd;
  setenv("SMARTCMD_CONFIG", "/dev/null", 1);
  Bytes der;
  provider::decode(provider::pem_decoder::decode, {data, size}, provider::keep_data, &der);
  provider::decode(provider::uri_decoder::decode, der, provider::take_key, nullptr);
  provider::decode(provider::uri_decoder::decode, {data, size}, provider::take_key, nullptr);
  return 0;
}
