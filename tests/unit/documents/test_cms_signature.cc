// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// CMS messages around a key that is elsewhere: the fake agent has it.

#include "documents/cms_signature.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>

#include "documents/cms_message.h"
#include "signing/hasher.h"
#include "signing/signing_service.h"
#include "tests/support/expect.h"
#include "tests/support/identity.h"

namespace smartcmd {
namespace {

constexpr std::string_view text = "Contrato com acentua\xc3\xa7\xc3\xa3o\r\n\0\xff";
constexpr std::time_t noon = 1700000000;

std::optional<TestHome> home;

int make_home(void**) {
  home.emplace();
  home->set_askpass("case $1 in pin) echo 1234;; otp) echo 123456;; esac");
  std::ofstream(home->file("text"), std::ios::binary) << text;
  const SigningService signing(Config::load());
  signing.enrol(signing.config().account());
  return 0;
}

int remove_home(void**) {
  home.reset();
  return 0;
}

CertificateChain chain() {
  const SigningService signing(Config::load());
  return signing.certificates(signing.config().account());
}

Digest digest_of(std::string_view document, Hash hash) {
  Hasher hasher(hash);
  hasher.update(bytes_of(document));
  return hasher.digest();
}

CmsSignature finished(Hash hash, const SignatureProperties& properties) {
  const SigningService signing(Config::load());
  CmsSignature signature(chain(), digest_of(text, hash), properties);
  signature.set_value(signing
                          .sign(signing.config().account(), signing.certificates(signing.config().account()).signer(),
                                {{"text", signature.digest()}})
                          .front()
                          .value);
  return signature;
}

CmsMessage message_of(const CmsSignature& signature) {
  auto message = CmsMessage::from(signature.der());
  assert_true(message.has_value());
  return std::move(*message);
}

void signatures_verify_with_every_hash(void**) {
  for (const Hash hash : {Hash::sha256, Hash::sha384, Hash::sha512}) {
    CmsMessage message = message_of(finished(hash, {noon, false, nullptr}));
    assert_true(message.is_detached());
    const auto signers = message.check(home->file("text"));
    assert_int_equal(signers.size(), 1);
    assert_string_equal(signers[0].fault.c_str(), "");
    assert_true(*signers[0].certificate == chain().signer());
    assert_int_equal(signers[0].signing_time.value_or(0), noon);
    assert_string_equal(signers[0].policy.c_str(), "");
    assert_true(signers[0].commitments.empty());
    assert_false(signers[0].timestamp.has_value());
    assert_int_equal(message.certificates().size(), 3);
  }
}

void what_is_damaged_is_told(void**) {
  const Bytes good = finished(Hash::sha256, {noon, false, nullptr}).der();
  assert_false(CmsMessage::from(ByteView(good).first(good.size() / 2)).has_value());
  Bytes unknown = good;
  const ByteView sha256 = info(Hash::sha256).prefix.subspan(6, 9);  // the OBJECT IDENTIFIER's content
  for (auto at = unknown.begin(); (at = std::search(at, unknown.end(), sha256.begin(), sha256.end())) != unknown.end();)
    *(at += 8) = 0x7f;
  auto message = CmsMessage::from(unknown);
  assert_true(message.has_value());
  expect_error(Errc::invalid_argument, [&] { message->check(home->file("text")); });
}

void properties_can_be_read_back(void**) {
  for (const Commitment& commitment : all_commitments()) {
    CmsMessage message = message_of(finished(Hash::sha256, {noon, true, &commitment}));
    const auto signers = message.check(home->file("text"));
    assert_true(signers[0].good());
    assert_string_equal(signers[0].policy.c_str(), cmd_policy);
    assert_int_equal(signers[0].commitments.size(), 1);
    assert_string_equal(commitment_name(signers[0].commitments[0]).c_str(), commitment.name);
    assert_ptr_equal(find_commitment(commitment.name), &commitment);
  }
  assert_null(find_commitment("nothing"));
}

void a_document_can_be_inside(void**) {
  CmsSignature signature = finished(Hash::sha256, {noon, false, nullptr});
  signature.embed(bytes_of(text));
  CmsMessage message = message_of(signature);
  assert_false(message.is_detached());
  assert_true(message.check().front().good());
  assert_memory_equal(message.content().data(), text.data(), text.size());
}

void what_was_not_signed_is_told(void**) {
  CmsMessage message = message_of(finished(Hash::sha256, {noon, false, nullptr}));
  std::ofstream(home->file("other")) << "something else";
  const auto signers = message.check(home->file("other"));
  assert_true(contains(signers[0].fault, "The content is not what was signed"));
  expect_error(Errc::invalid_argument, [&] { message.check(home->file("missing")); });
}

void another_signature_is_told(void**) {
  CmsSignature signature = finished(Hash::sha256, {noon, false, nullptr});
  CmsSignature other = finished(Hash::sha256, {noon + 1, false, nullptr});
  signature.set_value(Bytes(other.value().begin(), other.value().end()));
  const auto signers = message_of(signature).check(home->file("text"));
  assert_true(contains(signers[0].fault, "was not made with the key"));
}

void a_finished_one_is_the_same_when_read(void**) {
  const CmsSignature signature = finished(Hash::sha512, {noon, true, nullptr});
  const CmsSignature read = CmsSignature::from_der(signature.der());
  assert_true(read.der() == signature.der());
  assert_true(read.digest() == signature.digest());
  assert_false(read.timestamp().has_value());
  expect_error(Errc::invalid_argument, [] { CmsSignature::from_der(bytes_of("nonsense")); });
  expect_error(Errc::invalid_argument, [] { CmsSignature::from_der({}); });
  assert_false(CmsMessage::from(bytes_of("nonsense")).has_value());
}

// Whatever is cut off or turned over: an answer, and never that it is good.
void damaged_messages_are_not_good(void**) {
  const Bytes der = finished(Hash::sha256, {noon, true, nullptr}).der();
  for (std::size_t size = 0; size < der.size(); size += 37)
    assert_false(CmsMessage::from(ByteView(der).first(size)).has_value());
  const std::size_t value_begins = der.size() - 256;
  for (std::size_t at = value_begins; at < der.size(); at += 31) {
    Bytes damaged = der;
    damaged[at] ^= 0x10;
    auto message = CmsMessage::from(damaged);
    if (message) assert_false(message->check(home->file("text")).front().good());
  }
}

}  // namespace
}  // namespace smartcmd

int main() {
  using namespace smartcmd;
  const CMUnitTest tests[] = {
      cmocka_unit_test(signatures_verify_with_every_hash),    cmocka_unit_test(what_is_damaged_is_told),
      cmocka_unit_test(properties_can_be_read_back),          cmocka_unit_test(a_document_can_be_inside),
      cmocka_unit_test(what_was_not_signed_is_told),          cmocka_unit_test(another_signature_is_told),
      cmocka_unit_test(a_finished_one_is_the_same_when_read), cmocka_unit_test(damaged_messages_are_not_good),
  };
  return cmocka_run_group_tests(tests, make_home, remove_home);
}
