// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// Files with the certificates that encrypt for a service, and which of several is used.

#include "signing/certificate_file.h"

#include <openssl/x509.h>

#include "tests/support/certificate.h"
#include "tests/support/expect.h"
#include "tests/support/temporary_directory.h"

namespace smartcmd {
namespace {

TestCertificate rsa(int from_days, int to_days) {
  return TestCertificate::make({.key_type = "RSA", .from_days = from_days, .to_days = to_days});
}

void pem_and_der_are_read(void**) {
  const TemporaryDirectory directory;
  const TestCertificate certificate = rsa(-1, 1);
  unsigned char* der = nullptr;
  const int size = i2d_X509(certificate.certificate.get(), &der);
  const std::string octets(reinterpret_cast<char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  const Certificate pem =
      read_encryption_certificate(directory.write("cifra.pem", "Some words first.\n" + certificate.pem()));
  assert_true(read_encryption_certificate(directory.write("cifra.der", octets)) == pem);
}

void an_expired_certificate_is_read(void**) {
  const TemporaryDirectory directory;
  read_encryption_certificate(directory.write("cifra.pem", rsa(-9, -2).pem()));
}

void a_bad_file_is_named(void**) {
  const TemporaryDirectory directory;
  const std::string pem = rsa(-1, 1).pem();
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
    const Error error = error_of([&] { read_encryption_certificate(file); });
    assert_int_equal(error.code(), Errc::configuration);
    assert_true(contains(error.what(), file.string()));
  }
}

void the_newest_that_is_valid_is_used(void**) {
  const TemporaryDirectory directory;
  const std::filesystem::path expired = directory.write("a", rsa(-90, -60).pem());
  const std::filesystem::path expired_later = directory.write("b", rsa(-80, -1).pem());
  const std::filesystem::path valid = directory.write("c", rsa(-70, 70).pem());
  const std::filesystem::path newer = directory.write("d", rsa(-10, 10).pem());
  const std::filesystem::path not_yet = directory.write("e", rsa(5, 90).pem());
  const struct {
    std::vector<std::filesystem::path> files;
    std::filesystem::path used;
  } table[] = {
      {{expired}, expired},
      {{expired, expired_later}, expired_later},
      {{expired_later, expired}, expired_later},
      {{expired_later, valid, expired}, valid},
      {{newer, valid}, newer},
      {{valid, newer}, newer},
      {{not_yet, valid}, valid},
      {{expired, not_yet}, not_yet},
  };
  for (const auto& row : table) {
    const auto all = read_encryption_certificates(row.files);
    assert_true(newest_valid(all) == read_encryption_certificate(row.used));
  }
}

}  // namespace
}  // namespace smartcmd

int main() {
  using namespace smartcmd;
  const CMUnitTest tests[] = {
      cmocka_unit_test(pem_and_der_are_read),
      cmocka_unit_test(an_expired_certificate_is_read),
      cmocka_unit_test(a_bad_file_is_named),
      cmocka_unit_test(the_newest_that_is_valid_is_used),
  };
  return cmocka_run_group_tests_name("certificate_file", tests, nullptr, nullptr);
}
