// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// What clients encrypt: several keys, and nothing that tells one failure from another.

#include <openssl/rsa.h>

#include "base/bytes.h"
#include "service/field_keys.h"
#include "tests/support/expect.h"

namespace smartcmd::service {
namespace {

constexpr unsigned bits = 2048;

std::string encrypt(EVP_PKEY* key, std::string_view text, int padding = RSA_PKCS1_PADDING) {
  const CPtr<EVP_PKEY_CTX, EVP_PKEY_CTX_free> context(EVP_PKEY_CTX_new(key, nullptr));
  Bytes ciphertext(bits / 8);
  std::size_t size = ciphertext.size();
  assert_int_equal(EVP_PKEY_encrypt_init(context.get()), 1);
  assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(context.get(), padding), 1);
  assert_int_equal(EVP_PKEY_encrypt(context.get(), ciphertext.data(), &size, bytes_of(text).data(), text.size()), 1);
  return to_base64(ciphertext);
}

/// Two generations of keys, as a service has them while certificates change; the keys themselves stay at hand.
struct Keys {
  Key first = new_rsa_key(bits), second = new_rsa_key(bits), stranger = new_rsa_key(bits);
  FieldKeys fields = make();

  FieldKeys make() const {
    std::vector<Key> keys;
    for (EVP_PKEY* key : {first.get(), second.get()}) {
      EVP_PKEY_up_ref(key);
      keys.emplace_back(key);
    }
    return FieldKeys(std::move(keys));
  }
  std::string decrypt(const std::optional<std::string>& field) const {
    return std::string(fields.decrypt(field).view());
  }
};

const Keys& keys() {
  static const Keys keys;
  return keys;
}

void every_key_is_tried(void**) {
  for (EVP_PKEY* key : {keys().first.get(), keys().second.get()}) {
    assert_string_equal(keys().decrypt(encrypt(key, "+351 910000000")).c_str(), "+351 910000000");
    assert_string_equal(keys().decrypt(encrypt(key, "123456")).c_str(), "123456");
  }
}

void whatever_is_wrong_is_the_empty_text(void**) {
  EVP_PKEY* key = keys().first.get();
  const std::string good = encrypt(key, "1234");
  std::string noise(bits / 8, '\0');
  noise[1] = 2;
  for (const std::optional<std::string>& field : std::initializer_list<std::optional<std::string>>{
           std::nullopt, "", "1234", "no base64!", good.substr(4), good + good, encrypt(keys().stranger.get(), "1234"),
           encrypt(key, ""), encrypt(key, "123"), encrypt(key, "12 34x"), encrypt(key, "secret"),
           encrypt(key, std::string(21, '1')), encrypt(key, "1234\n"), encrypt(key, std::string("12\0", 3)),
           encrypt(key, std::string(245, '1')), encrypt(key, noise, RSA_NO_PADDING),
           encrypt(key, "1234", RSA_PKCS1_OAEP_PADDING)}) {
    assert_string_equal(keys().decrypt(field).c_str(), "");
  }
}

}  // namespace
}  // namespace smartcmd::service

int main() {
  using namespace smartcmd::service;
  const CMUnitTest tests[] = {
      cmocka_unit_test(every_key_is_tried),
      cmocka_unit_test(whatever_is_wrong_is_the_empty_text),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
