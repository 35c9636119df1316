// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// Messages by others, with what an attacker can do to them: each is signed with its key, and the signature is right.

#include "documents/cms_message.h"

#include "documents/timestamp.h"
#include "tests/support/crafted_cms.h"
#include "tests/support/expect.h"

namespace smartcmd {
namespace {

constexpr const char* tst_info_type = "1.2.840.113549.1.9.16.1.4";
constexpr std::string_view text = "a contract";

const TestCertificate& signer() {
  static const TestCertificate made = TestCertificate::make();
  return made;
}

CraftedCms crafted(const char* content_type = document_type) {
  return {signer(), bytes_of(text), content_type};
}

CmsSigner checked(const CraftedCms& crafted, const char* type = document_type) {
  auto message = CmsMessage::from(crafted.sign());
  assert_true(message.has_value());
  const auto signers = message->check(nullptr, type);
  assert_int_equal(signers.size(), 1);
  return signers.front();
}

void expect_good(const CraftedCms& crafted) {
  assert_string_equal(checked(crafted).fault.c_str(), "");
}

void expect_fault(const std::string& words, const CraftedCms& crafted) {
  const std::string fault = checked(crafted).fault;
  if (!contains(fault, words)) fail_msg("not a word of '%s' in '%s'", words.c_str(), fault.c_str());
}

void plain_signatures_of_others_are_good(void**) {
  expect_good(crafted().add_usual());
  assert_false(checked(crafted().add_usual()).names_certificate);
  const CmsSigner cades = checked(crafted().add_usual().add_signing_certificate(signer().certificate.get()));
  assert_true(cades.good() && cades.names_certificate);
  expect_good(crafted().add_usual().add(NID_id_smime_aa_signingCertificate,
                                        {CraftedCms::signing_certificate(signer().certificate.get(), "SHA1")}));
}

// RFC 5652 section 11.1
void the_content_must_be_of_the_type_that_was_signed(void**) {
  expect_fault("another type", crafted().add_content_type(tst_info_type).add_message_digest());
  expect_fault("no document", crafted(tst_info_type).add_content_type(document_type).add_message_digest());
  expect_fault("no document", crafted(tst_info_type).add_usual());
  expect_fault("contentType is missing", crafted().add_message_digest());
  expect_fault("messageDigest is missing", crafted().add_content_type(document_type));
}

void nothing_is_said_twice(void**) {
  const CraftedCms::Value type = CraftedCms::oid_value(document_type), other = CraftedCms::oid_value(tst_info_type);
  const CraftedCms::Value policy{V_ASN1_SEQUENCE, {0x30, 0x03, 0x06, 0x01, 0x2a}};
  const CraftedCms::Value time{V_ASN1_UTCTIME, {'2', '6', '0', '1', '0', '1', '0', '0', '0', '0', '0', '0', 'Z'}};
  const auto own = CraftedCms::signing_certificate(signer().certificate.get(), "SHA256");
  expect_fault("contentType is there more than once",
               crafted().add(NID_pkcs9_contentType, {type, other}).add_message_digest());
  expect_fault("contentType is there more than once", crafted().add_usual().add_content_type(document_type));
  expect_fault("messageDigest is there more than once", crafted().add_usual().add_message_digest());
  expect_fault("signingTime is there more than once", crafted().add_usual().add(NID_pkcs9_signingTime, {time, time}));
  expect_fault("sigPolicyId is there more than once",
               crafted().add_usual().add(NID_id_smime_aa_ets_sigPolicyId, {policy, policy}));
  expect_fault("commitmentType is there more than once", crafted()
                                                             .add_usual()
                                                             .add(NID_id_smime_aa_ets_commitmentType, {policy})
                                                             .add(NID_id_smime_aa_ets_commitmentType, {policy}));
  for (const int kind : {NID_id_smime_aa_signingCertificateV2, NID_id_smime_aa_signingCertificate})
    expect_fault("is there more than once", crafted().add_usual().add(kind, {own, own}));
  expect_fault("is there more than once", crafted()
                                              .add_usual()
                                              .add_signing_certificate(signer().certificate.get())
                                              .add_signing_certificate(signer().certificate.get()));
}

// RFC 5035: a signature cannot be moved to another certificate of the same key.
void the_certificate_that_is_named_is_the_signers(void**) {
  const TestCertificate other = TestCertificate::make();
  expect_fault("another certificate", crafted().add_usual().add_signing_certificate(other.certificate.get()));
  // The wrong form's hash
  expect_fault("another certificate",
               crafted().add_usual().add(NID_id_smime_aa_signingCertificateV2,
                                         {CraftedCms::signing_certificate(signer().certificate.get(), "SHA1")}));
  for (const CraftedCms::Value& nonsense :
       {CraftedCms::Value{V_ASN1_SEQUENCE, {0x30, 0x00}}, CraftedCms::Value{V_ASN1_SEQUENCE, {0x30, 0x03, 2, 1, 0}},
        CraftedCms::Value{V_ASN1_OCTET_STRING, {1, 2, 3}}, CraftedCms::Value{V_ASN1_SEQUENCE, {0x30, 0x02, 0x30, 0}}}) {
    const std::string fault =
        checked(crafted().add_usual().add(NID_id_smime_aa_signingCertificateV2, {nonsense})).fault;
    assert_true(contains(fault, "cannot be read") || contains(fault, "another certificate"));
  }
}

void a_token_must_name_its_authority(void**) {
  const Bytes bare = crafted(tst_info_type).add_usual().sign();
  assert_true(contains(error_of([&] { read_timestamp(bare, bytes_of("x")); }).message(), "does not name"));
  const Bytes named = crafted(tst_info_type).add_usual().add_signing_certificate(signer().certificate.get()).sign();
  assert_true(contains(error_of([&] { read_timestamp(named, bytes_of("x")); }).message(), "cannot be read"));
}

void a_short_key_proves_nothing(void**) {
  TestCertificate::Options options{"RSA"};
  options.bits = 1024;
  const TestCertificate weak = TestCertificate::make(options);
  expect_fault("too short to be safe", CraftedCms(weak, bytes_of(text), document_type).add_usual());
}

}  // namespace
}  // namespace smartcmd

int main() {
  using namespace smartcmd;
  const CMUnitTest tests[] = {
      cmocka_unit_test(plain_signatures_of_others_are_good),
      cmocka_unit_test(the_content_must_be_of_the_type_that_was_signed),
      cmocka_unit_test(nothing_is_said_twice),
      cmocka_unit_test(the_certificate_that_is_named_is_the_signers),
      cmocka_unit_test(a_token_must_name_its_authority),
      cmocka_unit_test(a_short_key_proves_nothing),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
