// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// Whom to trust: an account's service could issue a certificate in any name.

#include "documents/verify_trust.h"

#include <filesystem>
#include <fstream>
#include <optional>

#include "tests/support/certificate.h"
#include "tests/support/expect.h"
#include "tests/support/identity.h"

namespace smartcmd {
namespace {

constexpr std::time_t day = 24 * 60 * 60;

TestCertificate issued(const std::string& name, const TestCertificate* issuer, const char* key_type = "EC",
                       const TestCertificate* signed_by = nullptr) {
  TestCertificate::Options options{key_type};
  options.name = name;
  options.issuer = issuer;
  options.signed_by = signed_by;
  options.authority = issuer == nullptr;
  return TestCertificate::make(options);
}

/// An account at a service whose authority does as it likes.
struct Service {
  Service() {
    std::filesystem::create_directories(home.file("state"));
    keep(joana.pem() + authority.pem());
    std::ofstream(home.file("authority.pem")) << authority.pem();
  }
  void keep(const std::string& pem) const { std::ofstream(home.file("state/joana.pem")) << pem; }
  Authorities authorities() const {
    Authorities all("--ca");
    all.add_accounts(Config::load());
    return all;
  }

  TestHome home;
  TestCertificate authority = issued("Authority", nullptr);
  TestCertificate joana = issued("JOANA", &authority, "RSA");
};

std::optional<Service> service;

int make_service(void**) {
  service.emplace();
  return 0;
}

int remove_service(void**) {
  service.reset();
  return 0;
}

Trust judged(const Authorities& authorities, const TestCertificate& who, CertificateUse use = CertificateUse::signature,
             std::time_t time = std::time(nullptr)) {
  return authorities.judge(to_certificate(who.certificate.get()),
                           {to_certificate(service->authority.certificate.get())}, time, use);
}

void an_account_vouches_for_its_own_certificate(void**) {
  const Trust trust = judged(service->authorities(), service->joana);
  assert_false(trust.good());
  assert_string_equal(trust.account.c_str(), "joana");
  assert_true(contains(trust.fault, "Only the service of account 'joana' vouches for who signed."));
  const Trust late =
      judged(service->authorities(), service->joana, CertificateUse::signature, std::time(nullptr) + 9 * day);
  assert_true(contains(late.fault, "had expired") && late.account.empty());
}

void it_vouches_for_nobody_else(void**) {
  const TestCertificate president = issued("PRESIDENTE DA REP\u00daBLICA", &service->authority);
  const TestCertificate renewed = issued("JOANA", &service->authority, "RSA");
  for (const TestCertificate* other :
       std::initializer_list<const TestCertificate*>{&president, &renewed, &service->authority}) {
    const Trust trust = judged(service->authorities(), *other);
    assert_false(trust.good());
    assert_string_equal(trust.account.c_str(), "");
    assert_true(contains(trust.fault, "not an authority trusted here"));
  }
}

void it_vouches_for_no_time(void**) {
  const Trust trust = judged(service->authorities(), service->joana, CertificateUse::timestamp);
  assert_true(!trust.good() && trust.account.empty());
}

void who_is_trusted_on_purpose_is_trusted(void**) {
  Authorities authorities = service->authorities();
  authorities.add_file(service->home.file("authority.pem"));
  const TestCertificate other = issued("MANUEL", &service->authority);
  for (const TestCertificate* who : std::initializer_list<const TestCertificate*>{&service->joana, &other}) {
    const Trust trust = judged(authorities, *who);
    assert_true(trust.good() && trust.account.empty());
    assert_string_equal(trust.source.c_str(), service->home.file("authority.pem").c_str());
  }
}

void a_name_is_no_signature(void**) {
  const TestCertificate stranger = issued("Stranger", nullptr);
  const TestCertificate forged = issued("PRESIDENTE", &service->authority, "RSA", &stranger);
  Authorities authorities = service->authorities();
  authorities.add_file(service->home.file("authority.pem"));
  assert_false(judged(authorities, forged).good());
  service->keep(forged.pem() + service->authority.pem());
  const Trust trust = judged(service->authorities(), forged);
  assert_true(!trust.good() && trust.account.empty());
  service->keep(service->joana.pem() + service->authority.pem());
}

}  // namespace
}  // namespace smartcmd

int main() {
  using namespace smartcmd;
  const CMUnitTest tests[] = {
      cmocka_unit_test(an_account_vouches_for_its_own_certificate),
      cmocka_unit_test(it_vouches_for_nobody_else),
      cmocka_unit_test(it_vouches_for_no_time),
      cmocka_unit_test(who_is_trusted_on_purpose_is_trusted),
      cmocka_unit_test(a_name_is_no_signature),
  };
  return cmocka_run_group_tests(tests, make_service, remove_service);
}
