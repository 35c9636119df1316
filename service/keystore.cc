// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "service/keystore.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <algorithm>
#include <sstream>

#include "base/c_ptr.h"
#include "base/crypto_context.h"
#include "base/error.h"
#include "service/random.h"

namespace smartcmd::service {

namespace {

constexpr std::size_t id_size = 16;
constexpr std::size_t salt_size = 16;
constexpr std::size_t hash_size = 32;

/// Cost parameters of scrypt (RFC 7914 section 2); these take 32 MiB, and about a tenth of a second.
struct Cost {
  std::uint64_t n = 1U << 15;
  std::uint32_t r = 8;
  std::uint32_t p = 1;
};

Bytes scrypt(const SecureString& pin, const std::string& salt, Cost cost) {
  const CPtr<EVP_KDF, EVP_KDF_free> kdf(EVP_KDF_fetch(crypto_context(), "SCRYPT", nullptr));
  const CPtr<EVP_KDF_CTX, EVP_KDF_CTX_free> context(EVP_KDF_CTX_new(kdf.get()));
  std::uint64_t memory = 256 * cost.n * cost.r;
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_PASSWORD, const_cast<char*>(pin.view().data()), pin.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, const_cast<char*>(salt.data()), salt.size()),
      OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_N, &cost.n),
      OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_R, &cost.r),
      OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_P, &cost.p),
      OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_MAXMEM, &memory),
      OSSL_PARAM_construct_end(),
  };
  Bytes hash(hash_size);
  if (EVP_KDF_derive(context.get(), hash.data(), hash.size(), parameters) != 1) {
    throw Error(Errc::internal, "scrypt failed: there may not be enough memory.");
  }
  return hash;
}

std::string format(Cost cost, const std::string& salt, const Bytes& hash) {
  std::ostringstream text;
  text << "scrypt:" << cost.n << ':' << cost.r << ':' << cost.p << ':' << salt << ':' << to_hex(hash);
  return text.str();
}

Bytes from_hex(const std::string& text) {
  Bytes bytes(text.size() / 2);
  std::size_t size = 0;
  if (OPENSSL_hexstr2buf_ex(bytes.data(), bytes.size(), &size, text.c_str(), '\0') != 1) {
    throw Error(Errc::internal, "The database holds a key id that is no hexadecimal number.");
  }
  return bytes;
}

bool is_pin(const SecureString& pin) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  return pin.size() >= 4 && pin.size() <= 8 && std::all_of(pin.view().begin(), pin.view().end(), is_digit);
}

}  // namespace

std::string pin_check(const SecureString& pin) {
  const std::string salt = to_hex(random_bytes(salt_size));
  return format(Cost(), salt, scrypt(pin, salt, Cost()));
}

bool pin_matches(const std::string& check, const SecureString& pin) {
  std::istringstream text(check);
  std::string name, salt;
  Cost cost;
  char colon = 0;
  std::getline(text, name, ':');
  text >> cost.n >> colon >> cost.r >> colon >> cost.p >> colon;
  std::getline(text, salt, ':');
  if (!text || name != "scrypt") throw Error(Errc::internal, "The database holds a PIN check of an unknown kind.");
  const std::string found = format(cost, salt, scrypt(pin, salt, cost));
  return found.size() == check.size() && CRYPTO_memcmp(found.data(), check.data(), found.size()) == 0;
}

Keystore::NewKey Keystore::create(const std::string& label, const SecureString& pin) {
  if (!is_pin(pin)) throw Error(Errc::invalid_secret, "A signature PIN has 4 to 8 digits.");
  const Bytes id = random_bytes(id_size);
  KeyRecord record{to_hex(id), pin_check(pin)};
  return {std::move(record), hsm_.generate_key(id, label)};
}

void Keystore::destroy(const KeyRecord& record) {
  hsm_.destroy_key(from_hex(record.id));
}

std::optional<OpenKey> Keystore::open(const KeyRecord* record, const SecureString& pin) const {
  // Who has no key is checked like anybody else, against a PIN nobody can type.
  static const std::string nobody = pin_check(SecureString("nobody"));
  const bool right = pin_matches(record ? record->pin : nobody, pin);
  if (!record || !right) return std::nullopt;
  return OpenKey(record->id);
}

void Keystore::require(const OpenKey& key) const {
  hsm_.require_key(from_hex(key.id()));
}

Bytes Keystore::sign(const OpenKey& key, ByteView digest_info) const {
  return hsm_.sign(from_hex(key.id()), digest_info);
}

}  // namespace smartcmd::service
