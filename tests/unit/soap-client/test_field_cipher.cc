// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// The encryption of phone number, PIN and one-time password, undone with the private key.

#include "soap-client/field_cipher.h"

#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "base/bytes.h"
#include "tests/support/certificate.h"
#include "tests/support/expect.h"

namespace smartcmd {
namespace {

TestCertificate rsa() {
  return TestCertificate::make({.key_type = "RSA"});
}

Certificate to_certificate(const X509* certificate) {
  unsigned char* der = nullptr;
  const int size = i2d_X509(certificate, &der);
  const Bytes octets(der, der + size);
  OPENSSL_free(der);
  return Certificate::from_der(octets);
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
  const TestCertificate certificate = rsa();
  const FieldCipher cipher(to_certificate(certificate.certificate.get()));
  for (const std::string text : {"+351 910000000", "1234", "", "é"}) {
    const std::string once = cipher.encrypt(text);
    assert_int_equal(once.size(), 344);
    assert_true(once.find_first_of("\r\n ") == std::string::npos);
    assert_string_equal(decrypt(certificate.key.get(), once).c_str(), text.c_str());
    assert_string_not_equal(cipher.encrypt(text).c_str(), once.c_str());
  }
}

void only_rsa_encrypts(void**) {
  const TestCertificate other = TestCertificate::make();
  expect_error(Errc::configuration, [&] { FieldCipher(to_certificate(other.certificate.get())); });
}

void a_field_has_an_end(void**) {
  const FieldCipher cipher(to_certificate(rsa().certificate.get()));
  assert_int_equal(cipher.encrypt(std::string(245, 'x')).size(), 344);
  expect_error(Errc::internal, [&] { cipher.encrypt(std::string(246, 'x')); });
}

}  // namespace
}  // namespace smartcmd

int main() {
  using namespace smartcmd;
  const CMUnitTest tests[] = {
      cmocka_unit_test(the_private_key_undoes_it),
      cmocka_unit_test(only_rsa_encrypts),
      cmocka_unit_test(a_field_has_an_end),
  };
  return cmocka_run_group_tests_name("field_cipher", tests, nullptr, nullptr);
}
