// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "service/field_keys.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "base/crypto_context.h"
#include "base/error.h"

namespace smartcmd::service {

namespace {

constexpr std::size_t shortest_value = 4;  // a PIN; noise is hardly ever so many digits
constexpr std::size_t longest_value = 20;  // a phone number
constexpr std::size_t largest_key = 1024;  // octets

bool is_plausible(std::string_view text) {
  return text.size() >= shortest_value && text.size() <= longest_value &&
         text.find_first_not_of("+0123456789 ") == std::string_view::npos;
}

/// What the key makes of the ciphertext; empty when it makes nothing. OpenSSL 3.2 and later make noise of a wrong
/// padding, which is then not plausible.
SecureString decrypt_with(EVP_PKEY* key, ByteView ciphertext) {
  const ErrorQueueMark mark;
  const CPtr<EVP_PKEY_CTX, EVP_PKEY_CTX_free> context(EVP_PKEY_CTX_new_from_pkey(crypto_context(), key, nullptr));
  std::array<unsigned char, largest_key> text{};
  std::size_t size = text.size();
  const bool good = context && EVP_PKEY_decrypt_init(context.get()) == 1 &&
                    EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) == 1 &&
                    EVP_PKEY_decrypt(context.get(), text.data(), &size, ciphertext.data(), ciphertext.size()) == 1;
  SecureString value(std::string_view(reinterpret_cast<const char*>(text.data()), good ? size : 0));
  OPENSSL_cleanse(text.data(), text.size());
  return value;
}

std::vector<Key> read_keys(const std::filesystem::path& directory) {
  std::vector<Key> keys;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    if (entry.path().filename().string().ends_with("-key.pem")) keys.push_back(read_key(entry.path()));
  }
  if (keys.empty()) throw Error(Errc::configuration, directory.string() + " holds no key (…-key.pem).");
  return keys;
}

}  // namespace

FieldKeys::FieldKeys(const std::filesystem::path& directory) : FieldKeys(read_keys(directory)) {}

SecureString FieldKeys::decrypt(const std::optional<std::string>& field) const {
  const Bytes ciphertext = from_base64(field.value_or("")).value_or(Bytes());
  SecureString found;
  for (const Key& key : keys_) {
    SecureString value = decrypt_with(key.get(), ciphertext);
    if (is_plausible(value.view())) found = std::move(value);
  }
  return found;
}

}  // namespace smartcmd::service
