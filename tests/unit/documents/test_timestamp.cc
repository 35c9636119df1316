// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// Timestamps, and what they are for: a signature whose certificate has expired.

#include "documents/timestamp.h"

#include <fstream>

#include "documents/certificate_text.h"
#include "documents/cms_signature.h"
#include "documents/verify_signature.h"
#include "signing/hasher.h"
#include "signing/signing_service.h"
#include "tests/support/certificate.h"
#include "tests/support/expect.h"
#include "tests/support/identity.h"
#include "tests/support/stamping_authority.h"

namespace smartcmd {
namespace {

constexpr std::time_t day = 24 * 60 * 60;

std::optional<TestHome> home;

int make_home(void**) {
  home.emplace();
  home->set_askpass("case $1 in pin) echo 1234;; otp) echo 123456;; esac");
  std::ofstream(home->file("text")) << "text";
  const SigningService signing(Config::load());
  signing.enrol(signing.config().account());
  return 0;
}

int remove_home(void**) {
  home.reset();
  return 0;
}

void a_token_is_read(void**) {
  const StampingAuthority authority;
  const std::time_t before = std::time(nullptr);
  const Bytes token = authority.stamp(bytes_of("value"));
  const Timestamp timestamp = read_timestamp(token, bytes_of("value"));
  assert_true(timestamp.time >= before && timestamp.time <= std::time(nullptr));
  assert_true(timestamp.authority == authority.certificate());
  assert_true(timestamp.nonce.empty());
  assert_true(contains(error_of([&] { read_timestamp(token, bytes_of("another")); }).message(), "another signature"));
}

void what_is_no_token_is_refused(void**) {
  const Bytes token = StampingAuthority().stamp(bytes_of("value"));
  expect_error(Errc::invalid_argument, [] { read_timestamp({}, bytes_of("value")); });
  expect_error(Errc::invalid_argument, [] { read_timestamp(bytes_of("nonsense"), bytes_of("value")); });
  for (std::size_t at = token.size() - 40; at < token.size(); at += 7) {
    Bytes damaged = token;
    damaged[at] ^= 1;
    expect_error(Errc::invalid_argument, [&] { read_timestamp(damaged, bytes_of("value")); });
  }
}

VerifiedSignature verified(const CmsSignature& signature, const Authorities& authorities, std::time_t now) {
  auto message = CmsMessage::from(signature.der());
  assert_true(message.has_value());
  return verify_signature(message->check(home->file("text")).front(), message->certificates(), authorities, now);
}

// By the account, as of today; the root above it is in root.pem.
CmsSignature signed_now() {
  const SigningService signing(Config::load());
  const Account& joana = signing.config().account();
  const CertificateChain chain = signing.certificates(joana);
  CmsSignature signature(chain, {Hash::sha256, sha256(bytes_of("text"))}, {std::time(nullptr), false, nullptr});
  signature.set_value(signing.sign(joana, chain.signer(), {{"text", signature.digest()}}).front().value);
  std::ofstream(home->file("root.pem")) << to_pem(chain.all().back());
  return signature;
}

// The signer's certificate is good for ten years, from the day on which it was made with the tests.
void a_timestamp_shows_that_a_certificate_was_good(void**) {
  CmsSignature signature = signed_now();
  const std::time_t now = std::time(nullptr), late = now + 4000 * day;
  Authorities authorities("--ca");
  assert_false(verified(signature, authorities, now).good());
  authorities.add_file(home->file("root.pem"));
  assert_true(verified(signature, authorities, now).good());
  assert_true(contains(verified(signature, authorities, late).trust.fault, "had expired"));
  assert_true(contains(verified(signature, authorities, now - 4000 * day).trust.fault, "not valid before"));

  const StampingAuthority authority(5000);
  signature.set_timestamp(authority.stamp(signature.value()));
  const VerifiedSignature stranger = verified(signature, authorities, late);
  assert_false(stranger.good());  // anybody could have said so
  assert_true(stranger.timestamp && stranger.timestamp->fault.empty() && !stranger.timestamp->good());

  std::ofstream(home->file("tsa.pem")) << to_pem(authority.certificate());
  TimestampAuthority asked("http://tsa.example/", home->file("tsa.pem"));
  asked.check(signature.timestamp().value(), signature.value());
  const TimestampAuthority stranger_to_us("http://tsa.example/", {});
  assert_true(contains(
      error_of([&] { stranger_to_us.check(signature.timestamp().value(), signature.value()); }).message(), "--tsa-ca"));
  authorities.add_file(home->file("tsa.pem"));
  const VerifiedSignature dated = verified(signature, authorities, late);
  assert_true(dated.good() && dated.timestamp->good());

  signature.set_timestamp(StampingAuthority().stamp(signature.value()));  // in place of the one that is there
  assert_false(verified(signature, authorities, now).timestamp->good());
}

// Who has its key could date anything back, so its own time does not count for itself.
void an_authority_that_has_expired_tells_no_time(void**) {
  CmsSignature signature = signed_now();
  const std::time_t now = std::time(nullptr);
  const StampingAuthority authority(1), unborn(3000);
  std::ofstream(home->file("tsa.pem")) << to_pem(authority.certificate()) << to_pem(unborn.certificate());
  Authorities authorities("--ca");
  authorities.add_file(home->file("root.pem"));
  authorities.add_file(home->file("tsa.pem"));
  signature.set_timestamp(authority.stamp(signature.value()));
  assert_true(verified(signature, authorities, now).timestamp->good());
  const VerifiedSignature late = verified(signature, authorities, now + 4000 * day);
  assert_false(late.timestamp->good());
  assert_true(contains(late.timestamp->trust.fault, "could date anything back"));
  assert_false(late.good());  // its signer's certificate has expired, and nothing shows that it had not then

  Timestamp before = read_timestamp(unborn.stamp(bytes_of("x")), bytes_of("x"));
  assert_true(judge(before, authorities, now).good());
  before.time = now - 4000 * day;
  assert_true(contains(judge(before, authorities, now).fault, "was not valid before"));
}

// Somebody who is trusted for signatures is no timestamping authority.
void only_an_authority_stamps(void**) {
  const TestCertificate plain = TestCertificate::make();
  std::ofstream(home->file("plain.pem")) << plain.pem();
  Authorities authorities("--ca");
  authorities.add_file(home->file("plain.pem"));
  const Certificate certificate = to_certificate(plain.certificate.get());
  const std::time_t now = std::time(nullptr);
  assert_true(authorities.judge(certificate, {}, now, CertificateUse::signature).good());
  assert_false(authorities.judge(certificate, {}, now, CertificateUse::timestamp).good());
  std::ofstream(home->file("nothing.pem")) << "nothing";
  expect_error(Errc::invalid_argument, [&] { authorities.add_file(home->file("nothing.pem")); });
  expect_error(Errc::invalid_argument, [&] { authorities.add_file(home->file("missing.pem")); });
}

void only_an_address_is_taken(void**) {
  for (const char* good : {"http://tsa.example/a/b?c=d", "https://[::1]:8443"}) TimestampAuthority(good, {});
  for (const char* wrong : {"", "tsa.example", "ftp://tsa.example/", "http://", "http:///x", "https://tsa.example:x/"})
    expect_error(Errc::invalid_argument, [&] { TimestampAuthority(wrong, {}); });
}

}  // namespace
}  // namespace smartcmd

int main() {
  using namespace smartcmd;
  const CMUnitTest tests[] = {
      cmocka_unit_test(a_token_is_read),
      cmocka_unit_test(what_is_no_token_is_refused),
      cmocka_unit_test(a_timestamp_shows_that_a_certificate_was_good),
      cmocka_unit_test(an_authority_that_has_expired_tells_no_time),
      cmocka_unit_test(only_an_authority_stamps),
      cmocka_unit_test(only_an_address_is_taken),
  };
  return cmocka_run_group_tests(tests, make_home, remove_home);
}
