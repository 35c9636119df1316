// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// What a signature is worth, all taken together.

#include "documents/verify_signature.h"

#include <filesystem>
#include <fstream>

#include "tests/support/crafted_cms.h"
#include "tests/support/expect.h"
#include "tests/support/identity.h"

namespace smartcmd {
namespace {

TestCertificate issued(const std::string& name, const TestCertificate* issuer, const char* key_type) {
  TestCertificate::Options options{key_type};
  options.name = name;
  options.issuer = issuer;
  options.authority = issuer == nullptr;
  return TestCertificate::make(options);
}

VerifiedSignature verified(const TestCertificate& signer, const Authorities& authorities, const char* signed_type) {
  CraftedCms crafted(signer, bytes_of("text"), document_type);
  crafted.add_content_type(signed_type).add_message_digest().add_signing_certificate(signer.certificate.get());
  auto message = CmsMessage::from(crafted.sign());
  assert_true(message.has_value());
  return verify_signature(message->check().front(), message->certificates(), authorities, std::time(nullptr));
}

// The service of an account issues a certificate in another name, and signs with it.
void a_service_forges_nobody(void**) {
  const TestHome home;
  const TestCertificate authority = issued("Authority", nullptr, "EC"), joana = issued("JOANA", &authority, "RSA"),
                        president = issued("PRESIDENTE DA REP\u00daBLICA", &authority, "EC");
  std::filesystem::create_directories(home.file("state"));
  std::ofstream(home.file("state/joana.pem")) << joana.pem() << authority.pem();
  std::ofstream(home.file("authority.pem")) << authority.pem();
  Authorities authorities("--ca");
  authorities.add_accounts(Config::load());
  const char* other = "1.2.840.113549.1.9.16.1.4";

  const VerifiedSignature forged = verified(president, authorities, document_type);
  assert_true(forged.signer.good() && !forged.good());
  assert_true(forged.verdict() == Verdict::not_trusted);
  const VerifiedSignature own = verified(joana, authorities, document_type);
  assert_true(own.signer.good() && !own.good());
  assert_true(own.verdict() == Verdict::account_only);
  assert_true(verified(joana, authorities, other).verdict() == Verdict::not_good);
  authorities.add_file(home.file("authority.pem"));
  assert_true(verified(joana, authorities, document_type).verdict() == Verdict::trusted);
  assert_true(verified(joana, authorities, other).verdict() == Verdict::not_good);
}

}  // namespace
}  // namespace smartcmd

int main() {
  using namespace smartcmd;
  const CMUnitTest tests[] = {
      cmocka_unit_test(a_service_forges_nobody),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
