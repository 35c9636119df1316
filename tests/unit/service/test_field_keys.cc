// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// What clients encrypt: several keys, and nothing that tells one failure from another.

#include <openssl/rsa.h>

#include <set>

#include "base/bytes.h"
#include "service/accounts.h"
#include "service/field_keys.h"
#include "tests/support/expect.h"
#include "tests/support/system_calls.h"

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

/// The block of RFC 8017 section 7.2.1, step 2.
std::string padded(std::string_view text) {
  std::string block(bits / 8 - text.size(), 'p');
  block[0] = '\0';
  block[1] = 2;
  block.back() = '\0';
  return block + std::string(text);
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

/// One field of each kind that a stranger could want to tell from the others.
std::vector<std::optional<std::string>> wrong_fields() {
  EVP_PKEY* key = keys().first.get();
  const std::string good = encrypt(key, "1234");
  std::string noise(bits / 8, '\0'), short_padding = padded("1234");
  noise[1] = 2;
  short_padding[9] = '\0';
  std::string no_separator = padded("1234");
  no_separator[bits / 8 - 5] = '1';
  return {std::nullopt,
          "",
          "1234",
          "no base64!",
          good.substr(4),
          good + good,
          to_base64(Bytes(bits / 8)),
          to_base64(Bytes(bits / 8, 0xff)),
          encrypt(keys().stranger.get(), "1234"),
          encrypt(key, ""),
          encrypt(key, "123"),
          encrypt(key, "12 34x"),
          encrypt(key, "secret"),
          encrypt(key, std::string(21, '1')),
          encrypt(key, "1234\n"),
          encrypt(key, std::string("12\0", 3)),
          encrypt(key, std::string("12\0"
                                   "1234",
                                   7)),
          encrypt(key, std::string(245, '1')),
          encrypt(key, noise, RSA_NO_PADDING),
          encrypt(key, short_padding, RSA_NO_PADDING),
          encrypt(key, no_separator, RSA_NO_PADDING),
          encrypt(key, "1" + padded("1234").substr(1), RSA_NO_PADDING),
          encrypt(key, "1234", RSA_PKCS1_OAEP_PADDING)};
}

/// What is wrong goes on as a phone number would, but as nobody's, and as no PIN or one-time password, either.
void whatever_is_wrong_is_nobodys_text(void**) {
  std::set<std::string> texts;
  const auto fields = wrong_fields();
  for (const std::optional<std::string>& field : fields) {
    const std::string text = keys().decrypt(field);
    assert_true(canonical_phone(text).starts_with("+0"));
    texts.insert(text);
  }
  assert_int_equal(texts.size(), fields.size());
}

void the_ends_of_what_is_right(void**) {
  for (const std::string& text :
       {std::string("1234"), std::string(20, '9'), std::string("+ 09"), std::string("0000")}) {
    assert_string_equal(keys().decrypt(encrypt(keys().second.get(), text)).c_str(), text.c_str());
    assert_string_equal(keys().decrypt(encrypt(keys().second.get(), padded(text), RSA_NO_PADDING)).c_str(),
                        text.c_str());
  }
}

/// Content alone does not hide which check failed: a page of locked memory, an error put into a queue or a decryption
/// left out takes a time of its own.
void every_field_makes_the_same_system_calls(void**) {
  const std::string right = encrypt(keys().first.get(), "1234");
  const auto expected = system_calls_of([&] { keys().decrypt(right); });
  if (!expected) skip();
  assert_false(expected->empty());  // the secret has a page of its own
  for (const std::optional<std::string>& field : wrong_fields()) {
    const auto calls = system_calls_of([&] { keys().decrypt(field); });
    assert_true(calls.has_value());
    assert_true(*calls == *expected);
  }
}

}  // namespace
}  // namespace smartcmd::service

int main() {
  using namespace smartcmd::service;
  const CMUnitTest tests[] = {
      cmocka_unit_test(every_key_is_tried),
      cmocka_unit_test(whatever_is_wrong_is_nobodys_text),
      cmocka_unit_test(the_ends_of_what_is_right),
      cmocka_unit_test(every_field_makes_the_same_system_calls),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
