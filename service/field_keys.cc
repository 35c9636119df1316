// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "service/field_keys.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "base/crypto_context.h"
#include "base/error.h"
#include "service/random.h"

namespace smartcmd::service {

namespace {

constexpr std::size_t shortest_value = 4;    // a PIN; noise is hardly ever so many digits
constexpr std::size_t longest_value = 20;    // a phone number
constexpr std::size_t least_padding = 8;     // octets (RFC 8017 section 7.2.2)
constexpr std::size_t substitute_size = 16;  // '+' and 15 digits, the most of a phone number

// ---- decisions without branches: all bits of a Mask are ones for "yes", and zeros for "no" ----

using Mask = std::uint32_t;

/// Hides from the compiler that a mask has two values only, or it might branch on them.
Mask opaque(Mask mask) {
  __asm__("" : "+r"(mask));
  return mask;
}

/// Of numbers below 2^31
Mask is_less(Mask a, Mask b) {
  return opaque(0 - ((a - b) >> 31));
}

Mask is_equal(Mask a, Mask b) {
  const Mask difference = a ^ b;
  return is_less(difference, 1);
}

Mask choose(Mask mask, Mask yes, Mask no) {
  return (mask & yes) | (~mask & no);
}

/// A field's text while it is looked for, with room for the longest.
struct Text {
  std::array<unsigned char, longest_value> octets{};
  Mask size = 0;

  Text() = default;
  Text(const Text&) = delete;
  Text& operator=(const Text&) = delete;
  ~Text() { OPENSSL_cleanse(octets.data(), octets.size()); }
};

/// A country code does not begin with 0, so nobody has this phone number; for a PIN or a code it is too long.
void fill_with_substitute(Text& text) {
  const Bytes random = random_bytes(substitute_size);
  for (std::size_t n = 0; n < substitute_size; ++n) text.octets[n] = static_cast<unsigned char>('0' + random[n] % 10);
  text.octets[0] = '+';
  text.octets[1] = '0';
  text.size = substitute_size;
}

/// How many octets of text stand at the end of a padded block (RFC 8017 section 7.2.2, step 3), and whether such a text
/// can be a field's.
struct Found {
  Mask good;
  Mask size;
};

Found look_at(const Bytes& block) {
  const auto end = static_cast<Mask>(block.size());
  Mask separator = 0, is_padding = ~Mask{0};
  for (Mask n = 2; n < end; ++n) {
    const Mask ends_here = is_padding & is_equal(block[n], 0);
    separator = choose(ends_here, n, separator);
    is_padding &= ~ends_here;
  }
  const Mask size = end - 1 - separator;
  Mask good = is_equal(block[0], 0) & is_equal(block[1], 2) & ~is_padding;
  good &= ~is_less(separator, 2 + least_padding) & ~is_less(size, shortest_value) & is_less(size, longest_value + 1);
  for (Mask n = end - Mask{longest_value}; n < end; ++n) {
    const Mask is_digit = ~is_less(block[n], '0') & is_less(block[n], '9' + 1);
    good &= ~is_less(separator, n) | is_digit | is_equal(block[n], '+') | is_equal(block[n], ' ');
  }
  return {good, size};
}

/// Puts the block's text in place of what is there, if it can be a field's.
void take(const Bytes& block, Text& text) {
  const Found found = look_at(block);
  for (std::size_t size = shortest_value; size <= longest_value; ++size) {
    const Mask taken = found.good & is_equal(found.size, static_cast<Mask>(size));
    for (std::size_t n = 0; n < size; ++n) {
      text.octets[n] = static_cast<unsigned char>(choose(taken, block[block.size() - size + n], text.octets[n]));
    }
  }
  text.size = choose(found.good, found.size, text.size);
}

/// The ciphertext, or a random one where it cannot be of this key: RSA takes numbers below the modulus. Whoever sent it
/// knows this; the work is the same nevertheless.
Bytes fitting(const Bytes& ciphertext, const Bytes& modulus) {
  Bytes random = random_bytes(modulus.size());
  random[0] = 0;
  const bool fits = ciphertext.size() == modulus.size() && ciphertext < modulus;
  return fits ? ciphertext : random;
}

/// RSADP (RFC 8017 section 5.1.2): the block as it is, whatever its padding.
Bytes decrypt_block(EVP_PKEY* key, const Bytes& ciphertext) {
  const CPtr<EVP_PKEY_CTX, EVP_PKEY_CTX_free> context(EVP_PKEY_CTX_new_from_pkey(crypto_context(), key, nullptr));
  Bytes block(ciphertext.size());
  std::size_t size = block.size();
  if (!context || EVP_PKEY_decrypt_init(context.get()) != 1 ||
      EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_NO_PADDING) != 1 ||
      EVP_PKEY_decrypt(context.get(), block.data(), &size, ciphertext.data(), ciphertext.size()) != 1) {
    throw Error(Errc::internal, "OpenSSL failed to use a key of field-keys.");
  }
  return block;
}

Bytes modulus_of(const EVP_PKEY* key) {
  BIGNUM* number = nullptr;
  EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &number);
  const CPtr<BIGNUM, BN_free> owner(number);
  if (!number) throw Error(Errc::configuration, "field-keys holds a key that is not for RSA.");
  Bytes octets(static_cast<std::size_t>(BN_num_bytes(number)));
  BN_bn2bin(number, octets.data());
  return octets;
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

FieldKeys::FieldKeys(std::vector<Key> keys) {
  for (Key& key : keys) {
    Bytes modulus = modulus_of(key.get());
    keys_.push_back({std::move(key), std::move(modulus)});
  }
}

SecureString FieldKeys::decrypt(const std::optional<std::string>& field) const {
  const Bytes ciphertext = from_base64(field.value_or("")).value_or(Bytes());
  Text text;
  fill_with_substitute(text);
  for (const FieldKey& one : keys_) {
    Bytes block = decrypt_block(one.key.get(), fitting(ciphertext, one.modulus));
    take(block, text);
    OPENSSL_cleanse(block.data(), block.size());
  }
  return SecureString(std::string_view(reinterpret_cast<const char*>(text.octets.data()), text.size));
}

}  // namespace smartcmd::service
