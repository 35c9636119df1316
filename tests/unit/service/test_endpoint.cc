// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// From envelope to envelope: what is refused before an operation sees it, and what is written down.

#include "service/endpoint.h"

#include "tests/support/expect.h"
#include "tests/support/signing_house.h"

namespace smartcmd::service {
namespace {

struct World : SigningHouse {
  Endpoint endpoint{operations()};

  wire::Binary application() const { return Bytes(settings.application_id.begin(), settings.application_id.end()); }
  std::string question(const char* number = phone) const {
    return wire::write(wire::GetCertificate{application(), encrypt(number)});
  }
};

const std::string action = wire::soap_action("GetCertificate");

void expect_fault(const Endpoint::Reply& reply, const char* code, const char* log) {
  assert_int_equal(reply.http_status, 500);
  assert_string_equal(wire::Envelope(reply.body).fault().value().code.c_str(), code);
  assert_string_equal(reply.log.c_str(), log);
}

void an_operation_is_found_by_its_action(void**) {
  World world;
  for (const std::string& named : {action, '"' + action + '"'}) {
    const Endpoint::Reply reply = world.endpoint.answer("127.0.0.1", named, world.question());
    assert_int_equal(reply.http_status, 200);
    assert_true(wire::Envelope(reply.body).read<wire::GetCertificateResponse>().result.has_value());
    assert_string_equal(reply.log.c_str(), "GetCertificate 200 -");
  }
  const Endpoint::Reply nobody = world.endpoint.answer("127.0.0.1", action, world.question("+351 999999999"));
  assert_false(wire::Envelope(nobody.body).read<wire::GetCertificateResponse>().result.has_value());
  assert_string_equal(nobody.log.c_str(), "GetCertificate nil -");
}

/// Also what a client asks with when it asks for nothing.
void no_action_is_a_fault_whatever_the_body(void**) {
  World world;
  for (const char* unknown : {"", "\"\"", "\"", "GetCertificate", "http://tempuri.org/GetCertificate"})
    for (const std::string& body : {std::string(wire::empty_envelope), world.question(), std::string("x")})
      expect_fault(world.endpoint.answer("127.0.0.1", unknown, body), "s:Client", "- fault s:Client");
}

void a_body_that_was_not_announced_is_a_fault(void**) {
  World world;
  const std::string other = wire::write(wire::ForceSms{"id", world.encrypt(SigningHouse::phone), world.application()});
  for (const std::string& body : {other, std::string(wire::empty_envelope), std::string("<html/>"), std::string()})
    expect_fault(world.endpoint.answer("127.0.0.1", action, body), "s:Client", "GetCertificate fault s:Client");
}

void a_header_that_must_be_understood_is_a_fault(void**) {
  World world;
  std::string body = world.question();
  const std::size_t at = body.find("<s:Body");
  assert_true(at != body.npos);
  body.insert(at, R"(<s:Header><x:Security xmlns:x="urn:x" s:mustUnderstand="1"/></s:Header>)");
  expect_fault(world.endpoint.answer("127.0.0.1", action, body), "s:MustUnderstand",
               "GetCertificate fault s:MustUnderstand");
}

/// The log is for the operator: a client does not write into it.
void nothing_of_the_client_is_written_down(void**) {
  World world;
  const wire::ValidateOtp forged{world.encrypt("123456"), "x\nSCMDSign 200 -", world.application()};
  const Endpoint::Reply reply =
      world.endpoint.answer("127.0.0.1", wire::soap_action("ValidateOtp"), wire::write(forged));
  assert_string_equal(reply.log.c_str(), "ValidateOtp 816 -");
}

/// What fails inside tells the client nothing of it.
void a_failure_is_a_fault_without_its_reason(void**) {
  World world;
  world.mailbox.broken = true;
  const wire::ScmdSign request{wire::SignRequest{world.application(), "a", to_digest_info({Hash::sha256, Bytes(32)}),
                                                 world.encrypt(SigningHouse::pin), world.encrypt(SigningHouse::phone)}};
  const Endpoint::Reply reply = world.endpoint.answer("127.0.0.1", wire::soap_action("SCMDSign"), wire::write(request));
  expect_fault(reply, "s:Server", "SCMDSign fault s:Server");
  assert_string_equal(wire::Envelope(reply.body).fault()->text.c_str(), "The service failed. Try again later.");
}

}  // namespace
}  // namespace smartcmd::service

int main() {
  using namespace smartcmd::service;
  const MadeDirectory directory;
  const CMUnitTest tests[] = {
      cmocka_unit_test(an_operation_is_found_by_its_action),
      cmocka_unit_test(no_action_is_a_fault_whatever_the_body),
      cmocka_unit_test(a_body_that_was_not_announced_is_a_fault),
      cmocka_unit_test(a_header_that_must_be_understood_is_a_fault),
      cmocka_unit_test(nothing_of_the_client_is_written_down),
      cmocka_unit_test(a_failure_is_a_fault_without_its_reason),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
