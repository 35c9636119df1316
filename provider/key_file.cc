// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// provider-decoder(7): PEM files that hold a cmd: URI in the place of a key, for programs that read keys from files
// only.

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/pem.h>

#include <string>

#include "provider/errors.h"
#include "provider/key.h"
#include "provider/operations.h"
#include "signing/c_ptr.h"

namespace smartcmd::provider {

namespace {

constexpr std::size_t max_size = 64 * 1024;

std::string read_all(const Provider& provider, OSSL_CORE_BIO* in) {
  std::string text(max_size, '\0');
  std::size_t length = 0;
  for (std::size_t got = 0; length < max_size; length += got) {
    if (provider.bio_read_ex(in, text.data() + length, max_size - length, &got) != 1 || got == 0) break;
  }
  text.resize(length);
  return text;
}

template <class T>
using OpenSslMemory = std::unique_ptr<T, decltype([](T* memory) { OPENSSL_free(memory); })>;

// The URI inside the first block of our label; empty when there is none.
std::string uri_in(const std::string& text) {
  const CPtr<BIO, BIO_free> bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  char *label = nullptr, *header = nullptr;
  unsigned char* content = nullptr;
  long length = 0;
  while (bio && PEM_read_bio(bio.get(), &label, &header, &content, &length) == 1) {
    const OpenSslMemory<char> label_owner(label), header_owner(header);
    const OpenSslMemory<unsigned char> content_owner(content);
    if (std::string_view(label) != key_file_label) continue;
    const unsigned char* start = content;
    const CPtr<ASN1_UTF8STRING, ASN1_UTF8STRING_free> uri(d2i_ASN1_UTF8STRING(nullptr, &start, length));
    if (!uri || start != content + length) {
      throw Error(Errc::invalid_argument, "The key file is damaged. Write it again with 'smartcmd key-file'.");
    }
    return std::string(reinterpret_cast<const char*>(ASN1_STRING_get0_data(uri.get())),
                       static_cast<std::size_t>(ASN1_STRING_length(uri.get())));
  }
  return {};
}

// 1 for "not mine", 0 for "mine, and wrong".
int decode(void* provctx, OSSL_CORE_BIO* in, int, OSSL_CALLBACK* callback, void* callback_argument,
           OSSL_PASSPHRASE_CALLBACK*, void*) {
  const Provider& provider = *static_cast<const Provider*>(provctx);
  bool mine = true;
  const KeyData data = guarded(provider, KeyData{}, [&] {
    const std::string uri = uri_in(read_all(provider, in));
    mine = !uri.empty();
    return mine ? KeyData{find_key(provider, CmdUri::parse(uri))} : KeyData{};
  });
  if (data.key) return hand_over_key(data, callback, callback_argument);
  return mine ? 0 : 1;
}

}  // namespace

const OSSL_DISPATCH key_file_functions[] = {dispatch<OSSL_FUNC_decoder_decode_fn>(OSSL_FUNC_DECODER_DECODE, decode),
                                            {}};

}  // namespace smartcmd::provider
