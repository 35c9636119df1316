// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// The encryption of phone number, PIN and one-time password, undone with the private key.

#include "soap-client/field_cipher.h"

#include <openssl/rsa.h>

#include "base/bytes.h"
#include "tests/support/certificate.h"
#include "tests/support/expect.h"
#include "tests/support/temporary_directory.h"

namespace smartcmd {
namespace {

TestCertificate rsa(int to_days = 1) {
  return TestCertificate::make({.key_type = "RSA", .from_days = -10, .to_days = to_days});
}

std::string decrypt(EVP_PKEY* key, const std::string& base64) {
  const Bytes encrypted = from_base64(base64).value();
  assert_int_equal(encrypted.size(), 256);
  const CPtr<EVP_PKEY_CTX, EVP_PKEY_CTX_free> context(EVP_PKEY_CTX_new(key, nullptr));
  assert_int_equal(EVP_PKEY_decrypt_init(context.get()), 1);
  assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING), 1);
  std::string plain(256, '\0');
  std::size_t size = plain.size();
  auto* octets = reinterpret_cast<unsigned char*>(plain.data());
  assert_int_equal(EVP_PKEY_decrypt(context.get(), octets, &size, encrypted.data(), encrypted.size()), 1);
  plain.resize(size);
  return plain;
}

void the_private_key_undoes_it(void**) {
  const TemporaryDirectory directory;
  const TestCertificate certificate = rsa();
  const FieldCipher cipher(directory.write("cifra.pem", certificate.pem()));
  for (const std::string text : {"+351 910000000", "1234", "", "é"}) {
    const std::string once = cipher.encrypt(text);
    assert_int_equal(once.size(), 344);
    assert_true(once.find_first_of("\r\n ") == std::string::npos);
    assert_string_equal(decrypt(certificate.key.get(), once).c_str(), text.c_str());
    assert_string_not_equal(cipher.encrypt(text).c_str(), once.c_str());
  }
}

void an_expired_certificate_is_used(void**) {
  const TemporaryDirectory directory;
  const TestCertificate certificate = rsa(-5);
  const FieldCipher cipher(directory.write("cifra.pem", "Some words first.\n" + certificate.pem()));
  assert_string_equal(decrypt(certificate.key.get(), cipher.encrypt("1234")).c_str(), "1234");
}

void a_bad_file_is_named(void**) {
  const TemporaryDirectory directory;
  const std::string pem = rsa().pem();
  const std::filesystem::path files[] = {
      directory.path() / "missing.pem",
      directory.path(),
      directory.write("empty.pem", ""),
      directory.write("words.pem", "no certificate"),
      directory.write("short.pem", pem.substr(0, pem.size() / 2)),
      directory.write("broken.pem", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"),
      directory.write("ec.pem", TestCertificate::make().pem()),
  };
  for (const auto& file : files) {
    const Error error = error_of([&] { const FieldCipher cipher(file); });
    assert_int_equal(error.code(), Errc::configuration);
    assert_true(contains(error.what(), file.string()));
  }
}

void a_field_has_an_end(void**) {
  const TemporaryDirectory directory;
  const FieldCipher cipher(directory.write("cifra.pem", rsa().pem()));
  assert_int_equal(cipher.encrypt(std::string(245, 'x')).size(), 344);
  expect_error(Errc::internal, [&] { cipher.encrypt(std::string(246, 'x')); });
}

}  // namespace
}  // namespace smartcmd

int main() {
  using namespace smartcmd;
  const CMUnitTest tests[] = {
      cmocka_unit_test(the_private_key_undoes_it),
      cmocka_unit_test(an_expired_certificate_is_used),
      cmocka_unit_test(a_bad_file_is_named),
      cmocka_unit_test(a_field_has_an_end),
  };
  return cmocka_run_group_tests_name("field_cipher", tests, nullptr, nullptr);
}
