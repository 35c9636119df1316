// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// The names of certificates as people read them: whoever made one chose every character.

#include "documents/certificate_text.h"

#include "documents/cms_openssl.h"
#include "tests/support/certificate.h"
#include "tests/support/expect.h"

namespace smartcmd {
namespace {

struct Name {
  const char* written;  // in the certificate
  const char* shown;
};

constexpr Name names[] = {
    {"JOÃO CONCEIÇÃO", "CN=JOÃO CONCEIÇÃO"},
    {"Łukasz 石 ß", "CN=Łukasz 石 ß"},
    {"Silva, Lda", "CN=Silva\\, Lda"},  // RFC 2253: one name remains one
    {"good\u009b2K\u009b1Gtrusted", "CN=good\uFFFD2K\uFFFD1Gtrusted"},
    {"\u202edetsurt", "CN=\uFFFDdetsurt"},
    {"a\u2066b\u200bc", "CN=a\uFFFDb\uFFFDc"},
    {"a\x1b[2Jb\x7f", "CN=a\uFFFD[2Jb\uFFFD"},
    {"one\ntwo\rthree\tfour", "CN=one two three four"},
};

TestCertificate named(const char* name, const TestCertificate* issuer = nullptr) {
  TestCertificate::Options options;
  options.name = name;
  options.issuer = issuer;
  return TestCertificate::make(options);
}

void a_name_shows_letters_and_moves_no_terminal(void**) {
  for (const Name& name : names) {
    const TestCertificate authority = named(name.written);
    const TestCertificate below = named("below", &authority);
    assert_string_equal(subject_text(to_certificate(authority.certificate.get())).c_str(), name.shown);
    assert_string_equal(issuer_text(to_certificate(below.certificate.get())).c_str(), name.shown);
  }
}

}  // namespace
}  // namespace smartcmd

int main() {
  using namespace smartcmd;
  const CMUnitTest tests[] = {
      cmocka_unit_test(a_name_shows_letters_and_moves_no_terminal),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
