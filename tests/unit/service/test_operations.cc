// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// What the operations answer, what they count, and what they do not tell; with a real HSM.

#include "service/operations.h"

#include "signing/digest.h"
#include "tests/support/expect.h"
#include "tests/support/signing_house.h"
#include "tests/support/system_calls.h"

namespace smartcmd::service {
namespace {

using namespace std::chrono_literals;

constexpr const char* nobodys_phone = "+351 999999999";

Bytes digest_info() {
  Bytes octets = from_base64("MDEwDQYJYIZIAWUDBAIBBQAEIA==").value();
  octets.resize(octets.size() + 32, 0x5a);
  return octets;
}

/// A house without wrong attempts, and what a client does with it.
struct World : SigningHouse {
  Operations service;
  explicit World(unsigned unknown_users = 600) : service((settings.unknown_users = unknown_users, operations())) {
    accounts.forget_attempts(phone);
  }

  Bytes application() const { return Bytes(settings.application_id.begin(), settings.application_id.end()); }
  wire::SignRequest request(const char* code = pin) const {
    return {application(), "contrato.pdf", digest_info(), encrypt(code), encrypt(phone)};
  }
  wire::SignStatus sign(const wire::SignRequest& request) { return service.sign({request}).result.value(); }
  std::string start() {
    const wire::SignStatus status = sign(request());
    assert_string_equal(status.code->c_str(), "200");
    return *status.process_id;
  }
  wire::SignResponse validate(const std::string& id, const std::string& code) {
    return service.validate_otp({encrypt(code), id, application()}).result.value();
  }
  std::string wrong_code(const std::string& id) { return mailbox.codes.at(id) == "123456" ? "123457" : "123456"; }
  int wrong_attempts() const { return accounts.find(phone)->wrong_attempts; }

  /// What a stranger may send in place of a user id.
  std::vector<wire::Text> nobodies() const {
    return {std::nullopt,
            "",
            "no base64!",
            encrypt("secret"),
            encrypt(nobodys_phone),
            encrypt("1234"),
            to_base64(Bytes(256, 0x55))};
  }
};

void expect_status(const wire::SignStatus& status, const char* code, const char* field = nullptr) {
  assert_string_equal(status.code.value().c_str(), code);
  assert_string_equal(status.field.value_or("-").c_str(), field ? field : "-");
  assert_false(status.message.value().empty());
  assert_int_equal(status.process_id.has_value(), std::string_view(code) == "200");
}

void a_signature_has_three_steps(void**) {
  World world;
  const std::string id = world.start();
  assert_string_equal(world.mailbox.about.c_str(), "Assinatura de documento \"contrato.pdf\".");
  const wire::SignResponse answer = world.validate(id, world.mailbox.codes.at(id));
  expect_status(answer.status.value(), "200");
  assert_int_equal(answer.signature.value().size(), 384);
  assert_false(answer.documents.has_value() || answer.certificate.has_value());
}

void what_is_wrong_with_a_request(void**) {
  World world;
  expect_status(world.service.sign({}).result.value(), "800", "request");
  expect_status(world.service.multiple_sign({}).result.value(), "800", "request");
  wire::SignRequest request = world.request();
  request.hash = Bytes(20);
  expect_status(world.sign(request), "800", "Hash");
  request.hash.reset();
  expect_status(world.sign(request), "800", "Hash");
  const wire::MultipleSignRequest batch{world.application(), request.pin, request.user_id};
  expect_status(world.service.multiple_sign({batch, std::nullopt}).result.value(), "800", "documents");
  expect_status(
      world.service.multiple_sign({batch, wire::ArrayOfHashStructure(101, {digest_info(), {}, {}})}).result.value(),
      "900");
  assert_int_equal(world.wrong_attempts(), 0);
  assert_int_equal(world.mailbox.delivered, 0);
}

void a_strange_application_gets_nothing(void**) {
  World world(1);
  wire::SignRequest request = world.request("4321");
  request.application_id = Bytes{'a', 'b', 'c'};
  expect_status(world.sign(request), "900");
  expect_status(
      world.service.get_certificate_with_pin({request.application_id, request.user_id, request.pin}).result.value(),
      "900");
  expect_status(world.service.force_sms({"id", world.encrypt(nobodys_phone), request.application_id}).result.value(),
                "900");
  expect_status(world.service.validate_otp({request.pin, "id", request.application_id}).result->status.value(), "900");
  for (int n = 0; n < 3; ++n) {
    assert_false(
        world.service.get_certificate({request.application_id, world.encrypt(nobodys_phone)}).result.has_value());
  }
  assert_int_equal(world.wrong_attempts(), 0);
  assert_true(world.service.get_certificate({world.application(), request.user_id}).result.has_value());
}

void wrong_secrets_are_counted_until_both_are_right(void**) {
  World world;
  expect_status(world.sign(world.request("4321")), "801");
  assert_int_equal(world.wrong_attempts(), 1);
  const std::string id = world.start();
  assert_int_equal(world.wrong_attempts(), 1);
  expect_status(world.validate(id, world.wrong_code(id)).status.value(), "802");
  assert_int_equal(world.wrong_attempts(), 2);
  expect_status(world.validate(id, world.mailbox.codes.at(id)).status.value(), "200");
  assert_int_equal(world.wrong_attempts(), 0);
}

/// Whoever is told 802 asks the person once more, which would be for nothing.
void the_code_that_ends_a_process_says_so(void**) {
  World world;
  const std::string id = world.start();
  const std::string wrong = world.wrong_code(id), right = world.mailbox.codes.at(id);
  for (unsigned left = world.settings.otp_attempts; left > 1; --left)
    expect_status(world.validate(id, wrong).status.value(), "802");
  const wire::SignStatus last = world.validate(id, wrong).status.value();
  expect_status(last, "816");
  assert_true(contains(*last.message, "Demasiados"));
  assert_int_equal(world.wrong_attempts(), world.settings.otp_attempts);
  expect_status(world.validate(id, right).status.value(), "816");
  assert_int_equal(world.wrong_attempts(), world.settings.otp_attempts);
}

void a_locked_account_gets_nothing(void**) {
  World world;
  const std::string id = world.start();
  for (unsigned n = 0; n < world.settings.pin_attempts; ++n) expect_status(world.sign(world.request("4321")), "801");
  const int delivered = world.mailbox.delivered;
  expect_status(world.sign(world.request()), "817");
  expect_status(world.validate(id, world.mailbox.codes.at(id)).status.value(), "817");
  expect_status(world.service.force_sms({id, world.encrypt(SigningHouse::phone), world.application()}).result.value(),
                "817");
  assert_int_equal(world.mailbox.delivered, delivered);
}

void a_code_that_comes_too_late_is_not_counted(void**) {
  World world;
  const std::string id = world.start();
  world.step = world.settings.otp_lifetime;  // its time is over between two looks at the clock
  world.now -= world.settings.otp_lifetime;
  expect_status(world.validate(id, world.mailbox.codes.at(id)).status.value(), "816");
  assert_int_equal(world.wrong_attempts(), 0);
}

void a_message_that_is_not_sent_costs_no_attempt(void**) {
  World world;
  world.mailbox.broken = true;
  expect_error(Errc::internal, [&] { world.start(); });
  assert_int_equal(world.wrong_attempts(), 0);
  assert_true(world.mailbox.codes.empty());
}

void too_many_messages_are_not_a_lock(void**) {
  World world;
  for (unsigned n = 0; n < Processes::most_unanswered; ++n) {
    world.processes.open(
        {Process::Kind::one_document, world.settings.application_id, SigningHouse::phone, OpenKey(""), {{}}});
  }
  const wire::SignStatus status = world.sign(world.request());
  expect_status(status, "817");
  assert_true(contains(*status.message, "demasiados códigos"));
}

void so_many_unknown_users_may_be_asked_for(void**) {
  World world(3);
  for (const wire::Text& nobody : world.nobodies()) {
    Operations service = world.operations();
    for (int n = 0; n < 3; ++n) {
      assert_true(
          service.get_certificate({world.application(), world.encrypt(SigningHouse::phone)}).result.has_value());
      assert_false(service.get_certificate({world.application(), nobody}).result.has_value());
    }
    for (const wire::Text& asked : {nobody, wire::Text(world.encrypt(SigningHouse::phone))}) {
      expect_error(Errc::request_refused, [&] { service.get_certificate({world.application(), asked}); });
    }
    wire::SignRequest request = world.request();
    request.user_id = nobody;
    expect_status(service.sign({request}).result.value(), "900");
    expect_status(service.force_sms({"id", nobody, world.application()}).result.value(), "900");
  }
}

/// Everybody who signs has the password of the one application: one of them must not keep the others out.
void one_address_does_not_use_up_anothers_share(void**) {
  World world(3);
  const auto ask_for = [&](const char* whom) {
    return world.service.get_certificate({world.application(), world.encrypt(whom)}).result;
  };
  world.service.listen_to("a flooder");
  for (int n = 0; n < 3; ++n) assert_false(ask_for(nobodys_phone).has_value());
  expect_error(Errc::request_refused, [&] { ask_for(SigningHouse::phone); });
  expect_status(world.sign(world.request()), "900");
  world.service.listen_to("a person");
  expect_status(world.sign(world.request()), "200");
  assert_true(ask_for(SigningHouse::phone).has_value());
  world.service.listen_to("a flooder");
  expect_status(world.sign(world.request()), "900");
}

/// Neither which check of a field failed nor whether a number that decrypts has an account is told by what is done.
void unknown_users_cost_the_same_system_calls(void**) {
  World world;
  const auto ask = [&](const wire::Text& whom) {
    return system_calls_of([&] { world.service.get_certificate({world.application(), whom}); });
  };
  const auto expected = ask(world.encrypt(nobodys_phone));
  if (!expected) skip();
  for (const wire::Text& nobody : world.nobodies()) assert_true(ask(nobody) == expected);
}

void wrong_pins_cost_the_same_system_calls(void**) {
  World world;
  const auto sign = [&](const wire::Text& code) {
    wire::SignRequest request = world.request();
    request.pin = code;
    return system_calls_of([&] {
      world.accounts.forget_attempts(SigningHouse::phone);
      expect_status(world.sign(request), "801");
    });
  };
  const auto expected = sign(world.encrypt("4321"));
  if (!expected) skip();
  for (const wire::Text& code :
       {wire::Text("no base64!"), wire::Text(world.encrypt("secret")), wire::Text(to_base64(Bytes(256, 0x55)))}) {
    assert_true(sign(code) == expected);
  }
}

}  // namespace
}  // namespace smartcmd::service

int main() {
  using namespace smartcmd::service;
  const MadeDirectory directory;
  const CMUnitTest tests[] = {
      cmocka_unit_test(a_signature_has_three_steps),
      cmocka_unit_test(what_is_wrong_with_a_request),
      cmocka_unit_test(a_strange_application_gets_nothing),
      cmocka_unit_test(wrong_secrets_are_counted_until_both_are_right),
      cmocka_unit_test(the_code_that_ends_a_process_says_so),
      cmocka_unit_test(a_locked_account_gets_nothing),
      cmocka_unit_test(a_code_that_comes_too_late_is_not_counted),
      cmocka_unit_test(a_message_that_is_not_sent_costs_no_attempt),
      cmocka_unit_test(too_many_messages_are_not_a_lock),
      cmocka_unit_test(so_many_unknown_users_may_be_asked_for),
      cmocka_unit_test(one_address_does_not_use_up_anothers_share),
      cmocka_unit_test(unknown_users_cost_the_same_system_calls),
      cmocka_unit_test(wrong_pins_cost_the_same_system_calls),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
