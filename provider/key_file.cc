// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// provider-decoder(7): PEM files that hold a cmd: URI in the place of a key, for programs that read keys from files
// only. A file may come from somebody else, so it only names an account.

#include <openssl/asn1.h>
#include <openssl/core_names.h>
#include <openssl/core_object.h>
#include <openssl/params.h>

#include <string>

#include "base/c_ptr.h"
#include "base/openssl.h"
#include "base/text.h"
#include "provider/errors.h"
#include "provider/key.h"
#include "provider/operations.h"
#include "provider/passphrase.h"

namespace smartcmd::provider {

namespace {

constexpr std::size_t max_size = 64 * 1024;
char uri_structure[] = "smartcmd-uri";  // as our row in the table of decoders has it

Bytes read_all(const Provider& provider, OSSL_CORE_BIO* in) {
  Bytes data(max_size);
  std::size_t length = 0;
  for (std::size_t got = 0; length < max_size; length += got) {
    if (provider.bio_read_ex(in, data.data() + length, max_size - length, &got) != 1 || got == 0) break;
  }
  data.resize(length);
  return data;
}

// ---- out of the PEM -------------------------------------------------------------------------------------------------

// The content of the first block, with what came before it skipped; empty when that is not ours. The reader stands at
// its end then, so that what follows is read as ever.
Bytes next_content(const Provider& provider, OSSL_CORE_BIO* in) {
  const long start = provider.bio_ctrl(in, BIO_C_FILE_TELL, 0, nullptr);
  const Bytes pem = read_all(provider, in);
  const Bio bio = reading_bio(pem);
  std::optional<PemBlock> block = next_pem_block(bio);
  if (!block || block->label != key_file_label) return {};
  const auto left = static_cast<long>(BIO_ctrl_pending(bio.get()));
  provider.bio_ctrl(in, BIO_C_FILE_SEEK, start + static_cast<long>(pem.size()) - left, nullptr);
  return std::move(block->content);
}

}  // namespace

// 1 for "not mine": other decoders go on.
int pem_decoder::decode(void* provctx, OSSL_CORE_BIO* in, int, OSSL_CALLBACK* callback, void* callback_argument,
                        OSSL_PASSPHRASE_CALLBACK*, void*) {
  const Provider& provider = *static_cast<const Provider*>(provctx);
  Bytes der = guarded(provider, Bytes(), [&] { return next_content(provider, in); });
  if (der.empty()) return 1;
  const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_OBJECT_PARAM_DATA_STRUCTURE, uri_structure, 0),
                               OSSL_PARAM_construct_octet_string(OSSL_OBJECT_PARAM_DATA, der.data(), der.size()),
                               OSSL_PARAM_construct_end()};
  return callback(params, callback_argument);
}

// ---- from the URI to the key ----------------------------------------------------------------------------------------

namespace {

std::string uri_in(const Bytes& der) {
  const unsigned char* start = der.data();
  const CPtr<ASN1_UTF8STRING, ASN1_UTF8STRING_free> uri(
      d2i_ASN1_UTF8STRING(nullptr, &start, static_cast<long>(der.size())));
  if (!uri || start != der.data() + der.size()) {
    throw Error(Errc::invalid_argument, _("The key file is damaged. Write it again with 'smartcmd key-file'."));
  }
  return std::string(reinterpret_cast<const char*>(ASN1_STRING_get0_data(uri.get())),
                     static_cast<std::size_t>(ASN1_STRING_length(uri.get())));
}

// Who wrote the file must not choose which file of this computer is read, nor what the person is told to be signing.
CmdUri uri_without_query(const Bytes& der) {
  CmdUri uri = CmdUri::parse(uri_in(der));
  if (!uri.pin_source.empty() || !uri.name.empty()) {
    throw Error(
        Errc::invalid_argument,
        _("The key file holds '?pin-source=' or '?name='. Those are for a URI that you type yourself, because a "
          "key file may come from somebody else. Write it again with 'smartcmd key-file'."));
  }
  return uri;
}

}  // namespace

int uri_decoder::decode(void* provctx, OSSL_CORE_BIO* in, int, OSSL_CALLBACK* callback, void* callback_argument,
                        OSSL_PASSPHRASE_CALLBACK* passphrase, void* passphrase_argument) {
  const Provider& provider = *static_cast<const Provider*>(provctx);
  const KeyData data = guarded(provider, KeyData{}, [&] {
    KeyData found{&provider, find_key(provider, uri_without_query(read_all(provider, in))), {}};
    offer_pin(*found.key, KeySource::file, passphrase, passphrase_argument);
    return found;
  });
  return data.key ? hand_over_key(data, callback, callback_argument) : 0;
}

}  // namespace smartcmd::provider
