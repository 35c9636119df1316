// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// What a certificate states of its signatures.

#include "signing/qualified.h"

#include <openssl/x509v3.h>

#include "tests/support/certificate.h"
#include "tests/support/expect.h"

using namespace smartcmd;

namespace {

// QCStatements in DER, of id-etsi-qcs 1 (QcCompliance), 4 (QcSSCD) and 5 (QcPDS, here with an empty list).
const std::string statement_1 = ":30:08:06:06:04:00:8E:46:01:01", statement_4 = ":30:08:06:06:04:00:8E:46:01:04",
                  statement_5 = ":30:0A:06:06:04:00:8E:46:01:05:30:00";

Certificate certificate(const std::string& statements) {
  const TestCertificate made = TestCertificate::make();
  if (!statements.empty()) {
    X509V3_CTX context{};
    X509V3_set_ctx_nodb(&context);
    const CPtr<X509_EXTENSION, X509_EXTENSION_free> extension(
        X509V3_EXT_conf_nid(nullptr, &context, NID_qcStatements, statements.c_str()));
    assert_true(extension && X509_add_ext(made.certificate.get(), extension.get(), -1) == 1);
    assert_true(X509_sign(made.certificate.get(), made.key.get(), EVP_sha256()) > 0);
  }
  unsigned char* der = nullptr;
  const int size = i2d_X509(made.certificate.get(), &der);
  assert_true(size > 0);
  const Certificate read = Certificate::from_der({der, static_cast<std::size_t>(size)});
  OPENSSL_free(der);
  return read;
}

void both_statements_make_it_qualified(void**) {
  assert_true(states_qualified_signatures(certificate("DER:30:14" + statement_1 + statement_4)));
  assert_true(states_qualified_signatures(certificate("DER:30:20" + statement_4 + statement_5 + statement_1)));
}

void less_does_not(void**) {
  assert_false(states_qualified_signatures(certificate("")));
  assert_false(states_qualified_signatures(certificate("DER:30:0A" + statement_1)));
  assert_false(states_qualified_signatures(certificate("DER:30:16" + statement_4 + statement_5)));
}

void what_is_broken_does_not(void**) {
  for (const char* statements :
       {"DER:30:00", "DER:30:14:30:08", "DER:05:00", "DER:30:02:05:00", "DER:30:02:30:00", "DER:30:04:30:02:05:00"}) {
    assert_false(states_qualified_signatures(certificate(statements)));
  }
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(both_statements_make_it_qualified),
      cmocka_unit_test(less_does_not),
      cmocka_unit_test(what_is_broken_does_not),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
