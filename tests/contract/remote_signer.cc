// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// What every driver promises (signing/remote_signer.h), whichever service is behind it. A test leaves no attempt used
// up: a right one-time password has the service forget the wrong ones.

#include "signing/remote_signer.h"

#include <sys/socket.h>

#include "agent/drivers.h"
#include "base/file_descriptor.h"
#include "tests/contract/world.h"
#include "tests/support/expect.h"

namespace smartcmd {
namespace {

/// A secret of that form which is not the right one.
std::string another(std::string secret) {
  secret.front() = secret.front() == '9' ? '8' : '9';
  return secret;
}

std::vector<Document> documents(std::size_t count) {
  std::vector<Document> all;
  for (std::size_t i = 0; i < count; ++i) {
    const auto octet = static_cast<unsigned char>(i);
    all.push_back({"document " + std::to_string(i), {Hash::sha256, Bytes(32, octet)}});
  }
  return all;
}

struct Signing {
  explicit Signing(std::size_t count = 1) : to_sign(documents(count)) {}

  Ticket start(const std::string& pin) { return signer->start({world.account(), to_sign, SecureString(pin)}); }
  Ticket start() { return start(world.pin()); }
  void finish(const Ticket& ticket, const std::string& otp) {
    const std::vector<Bytes> signatures = signer->finish(ticket, SecureString(otp));
    const CertificateChain chain = signer->certificates(world.account());
    assert_int_equal(signatures.size(), to_sign.size());
    for (std::size_t i = 0; i < to_sign.size(); ++i)
      assert_true(chain.signer().verify(to_sign[i].digest, signatures[i]));
  }

  World world;
  std::vector<Document> to_sign;
  std::unique_ptr<RemoteSigner> signer = make_driver(world.account().service, -1);
};

void a_check_is_about_nobody(void**) {
  Signing signing;
  signing.signer->check();
  const Ticket ticket = signing.start();
  signing.signer->check();
  signing.finish(ticket, signing.world.otp(ticket));
}

void certificates_are_read_as_often_as_one_likes(void**) {
  const World world;
  const auto signer = make_driver(world.account().service, -1);
  const CertificateChain chain = signer->certificates(world.account());
  assert_false(chain.signer().modulus().empty());
  assert_true(signer->certificates(world.account()) == chain);
}

void whom_nobody_knows_has_no_certificate(void**) {
  const World world;
  Account stranger = world.account();
  stranger.user_id = "+351 919999999";
  expect_error(Errc::no_certificate, [&] { make_driver(stranger.service, -1)->certificates(stranger); });
}

void one_document_is_signed(void**) {
  Signing signing;
  const Ticket ticket = signing.start();
  assert_int_equal(ticket.documents, 1);
  assert_false(ticket.process_id.empty());
  assert_true(ticket.account == &signing.world.account());
  signing.finish(ticket, signing.world.otp(ticket));
}

void as_many_as_a_batch_takes_are_signed_in_order(void**) {
  for (const std::size_t count : {std::size_t{2}, max_batch}) {
    Signing signing(count);
    const Ticket ticket = signing.start();
    assert_int_equal(ticket.documents, count);
    signing.finish(ticket, signing.world.otp(ticket));
  }
}

void more_or_nothing_is_refused(void**) {
  Signing none(0), many(max_batch + 1);
  expect_error(Errc::invalid_argument, [&] { none.start(); });
  expect_error(Errc::too_many_documents, [&] { many.start(); });
}

void a_wrong_pin_opens_nothing(void**) {
  Signing signing;
  expect_error(Errc::wrong_pin, [&] { signing.start(another(signing.world.pin())); });
  const Ticket ticket = signing.start();
  signing.finish(ticket, signing.world.otp(ticket));
}

void a_wrong_password_leaves_the_process_open(void**) {
  Signing signing(2);
  const Ticket ticket = signing.start();
  const std::string otp = signing.world.otp(ticket);
  expect_error(Errc::wrong_otp, [&] { signing.finish(ticket, another(otp)); });
  expect_error(Errc::wrong_otp, [&] { signing.finish(ticket, another(otp)); });
  signing.finish(ticket, otp);
}

void a_new_password_voids_the_former(void**) {
  Signing signing;
  const Ticket ticket = signing.start();
  const std::string former = signing.world.otp(ticket);
  signing.signer->resend(ticket);
  const std::string otp = signing.world.otp(ticket);
  assert_string_not_equal(former.c_str(), otp.c_str());
  expect_error(Errc::wrong_otp, [&] { signing.finish(ticket, former); });
  signing.finish(ticket, otp);
}

void certificates_come_with_a_pin(void**) {
  const World world;
  const auto signer = make_driver(world.account().service, -1);
  expect_error(Errc::wrong_pin, [&] { signer->start_enrolment(world.account(), SecureString(another(world.pin()))); });
  const Ticket ticket = signer->start_enrolment(world.account(), SecureString(world.pin()));
  assert_int_equal(ticket.documents, 0);
  const std::string otp = world.otp(ticket);
  expect_error(Errc::wrong_otp, [&] { signer->finish_enrolment(ticket, SecureString(another(otp))); });
  const CertificateChain chain = signer->finish_enrolment(ticket, SecureString(otp));
  assert_true(chain.signer() == signer->certificates(world.account()).signer());
}

void a_host_that_has_gone_is_served_no_more(void**) {
  Signing signing;
  int both[2];
  assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, both), 0);
  const FileDescriptor agent(both[0]);
  FileDescriptor host(both[1]);
  signing.signer = make_driver(signing.world.account().service, agent.get());
  const Ticket ticket = signing.start();
  const SecureString otp(signing.world.otp(ticket));
  host.close();
  expect_error(Errc::cancelled, [&] { signing.signer->finish(ticket, otp); });
  expect_error(Errc::cancelled, [&] { signing.signer->resend(ticket); });
  expect_error(Errc::cancelled, [&] { signing.start(); });
  expect_error(Errc::cancelled, [&] { signing.signer->check(); });
  expect_error(Errc::cancelled, [&] { signing.signer->certificates(signing.world.account()); });
}

}  // namespace
}  // namespace smartcmd

int main() {
  using namespace smartcmd;
  const CMUnitTest tests[] = {
      cmocka_unit_test(a_check_is_about_nobody),
      cmocka_unit_test(certificates_are_read_as_often_as_one_likes),
      cmocka_unit_test(whom_nobody_knows_has_no_certificate),
      cmocka_unit_test(one_document_is_signed),
      cmocka_unit_test(as_many_as_a_batch_takes_are_signed_in_order),
      cmocka_unit_test(more_or_nothing_is_refused),
      cmocka_unit_test(a_wrong_pin_opens_nothing),
      cmocka_unit_test(a_wrong_password_leaves_the_process_open),
      cmocka_unit_test(a_new_password_voids_the_former),
      cmocka_unit_test(certificates_come_with_a_pin),
      cmocka_unit_test(a_host_that_has_gone_is_served_no_more),
  };
  return cmocka_run_group_tests_name("remote_signer", tests, nullptr, nullptr);
}
