// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// How long a process waits for its one-time password, and how often that may be wrong; the clock is ours.

#include "service/processes.h"
#include "tests/support/expect.h"
#include "tests/support/signing_house.h"

namespace smartcmd::service {
namespace {

using namespace std::chrono_literals;
using Verdict = Processes::Verdict;
using Resent = Processes::Resent;

constexpr const char* application = "application";
constexpr const char* phone = "+351 910000000";

struct World {
  Mailbox mailbox;
  Processes::TimePoint now{};
  Processes processes{{120s, 3}, mailbox, [this] { return now; }};

  std::string open(Process::Kind kind = Process::Kind::one_document, wire::ArrayOfHashStructure documents = {{}}) {
    return open_for(phone, kind, std::move(documents)).value();
  }
  std::optional<std::string> open_for(const char* whom, Process::Kind kind = Process::Kind::one_document,
                                      wire::ArrayOfHashStructure documents = {{}}) {
    return processes.open({kind, application, whom, OpenKey("key"), std::move(documents)});
  }
  Verdict redeem(const std::string& id, const std::string& code, const char* from = application) {
    const Processes::Answer answer = processes.redeem(id, from, SecureString(code));
    assert_int_equal(answer.process.has_value(), answer.verdict == Verdict::right);
    return answer.verdict;
  }
  std::string code(const std::string& id) { return mailbox.codes.at(id); }
  std::string wrong_code(const std::string& id) { return code(id) == "123456" ? "123457" : "123456"; }
};

template <class Result>
void expect(Result found, Result wanted) {
  assert_int_equal(static_cast<int>(found), static_cast<int>(wanted));
}

void a_right_code_is_good_once(void**) {
  World world;
  const std::string id = world.open();
  const std::string code = world.code(id);
  assert_int_equal(code.size(), 6);
  expect(world.redeem(id, code), Verdict::right);
  expect(world.redeem(id, code), Verdict::gone);
  assert_true(world.mailbox.codes.empty());
}

void a_code_is_good_until_its_last_second(void**) {
  World world;
  const std::string early = world.open(), late = world.open();
  world.now += 120s - 1ns;
  expect(world.redeem(early, world.code(early)), Verdict::right);
  const std::string code = world.code(late);
  world.now += 1ns;
  expect(world.redeem(late, code), Verdict::gone);
}

void what_is_too_old_is_swept_away(void**) {
  World world;
  world.open();
  world.now += 60s;
  const std::string younger = world.open();
  world.now += 60s;
  world.processes.expire();
  assert_int_equal(world.mailbox.codes.size(), 1);
  assert_true(world.mailbox.codes.contains(younger));
}

void the_third_wrong_code_ends_the_process(void**) {
  World world;
  const std::string id = world.open();
  const std::string code = world.code(id);
  expect(world.redeem(id, world.wrong_code(id)), Verdict::wrong);
  expect(world.redeem(id, ""), Verdict::wrong);
  expect(world.redeem(id, code + "0"), Verdict::spent);
  expect(world.redeem(id, code), Verdict::gone);
  assert_true(world.mailbox.codes.empty());
}

void two_wrong_codes_are_forgiven(void**) {
  World world;
  const std::string id = world.open();
  expect(world.redeem(id, world.wrong_code(id)), Verdict::wrong);
  expect(world.redeem(id, world.wrong_code(id)), Verdict::wrong);
  expect(world.redeem(id, world.code(id)), Verdict::right);
}

void a_new_code_has_its_own_time_but_no_new_attempts(void**) {
  World world;
  const std::string id = world.open();
  expect(world.redeem(id, world.wrong_code(id)), Verdict::wrong);
  expect(world.redeem(id, world.wrong_code(id)), Verdict::wrong);
  world.now += 119s;
  expect(world.processes.resend(id, application, phone), Resent::sent);
  assert_int_equal(world.mailbox.delivered, 2);
  world.now += 119s;
  expect(world.redeem(id, world.wrong_code(id)), Verdict::spent);
  expect(world.redeem(id, "123456"), Verdict::gone);
}

void a_new_code_voids_the_old(void**) {
  World world;
  const std::string id = world.open();
  const std::string old = world.code(id);
  for (int tries = 0; world.code(id) == old && tries < 3; ++tries) world.processes.resend(id, application, phone);
  expect(world.redeem(id, old), Verdict::wrong);
  expect(world.redeem(id, world.code(id)), Verdict::right);
}

void many_processes_wait_at_the_same_time(void**) {
  World world;
  std::vector<std::string> ids;
  for (int n = 0; n < 64; ++n) ids.push_back(world.open());
  for (const std::string& id : ids) expect(world.redeem(id, world.code(id)), Verdict::right);
}

void who_answers_is_not_limited(void**) {
  World world;
  for (unsigned n = 0; n < 3 * Processes::most_unanswered; ++n) {
    const std::string id = world.open();
    expect(world.processes.resend(id, application, phone), Resent::sent);
    expect(world.redeem(id, world.code(id)), Verdict::right);
  }
}

void a_phone_gets_so_many_messages_that_nobody_answers(void**) {
  World world;
  const std::string first = world.open();
  std::string last;
  for (unsigned n = 1; n < Processes::most_unanswered; ++n) last = world.open();
  const int delivered = world.mailbox.delivered;
  assert_false(world.open_for(phone).has_value());
  assert_int_equal(world.mailbox.delivered, delivered);
  assert_true(world.open_for("+351 911111111").has_value());
  expect(world.redeem(last, world.code(last)), Verdict::right);
  world.open();
  assert_false(world.open_for(phone).has_value());
  expect(world.processes.resend(first, application, phone), Resent::too_often);

  // Time gives them back, not the end of a process.
  world.now += 120s;
  world.processes.expire();
  assert_true(world.mailbox.codes.empty());
  for (int n = 0; n < 3; ++n) world.open();
  assert_false(world.open_for(phone).has_value());
  world.now += 1h;
  for (unsigned n = 0; n < Processes::most_unanswered; ++n) world.open();
  assert_false(world.open_for(phone).has_value());
}

void a_process_sends_again_so_often(void**) {
  World world;
  const std::string id = world.open();
  for (unsigned n = 0; n < Processes::most_resends; ++n) {
    expect(world.processes.resend(id, application, phone), Resent::sent);
  }
  const int delivered = world.mailbox.delivered;
  expect(world.processes.resend(id, application, phone), Resent::too_often);
  assert_int_equal(world.mailbox.delivered, delivered);
  expect(world.redeem(id, world.code(id)), Verdict::right);
}

void a_process_answers_to_whom_it_belongs(void**) {
  World world;
  const std::string id = world.open();
  expect(world.redeem(id, world.code(id), "another application"), Verdict::gone);
  expect(world.processes.resend(id, "another application", phone), Resent::gone);
  expect(world.processes.resend(id, application, "+351 911111111"), Resent::gone);
  expect(world.processes.resend("no such process", application, phone), Resent::gone);
  assert_string_equal(world.processes.phone_of(id, application).value().c_str(), phone);
  assert_false(world.processes.phone_of(id, "another application").has_value());
  assert_false(world.processes.phone_of("no such process", application).has_value());
  expect(world.redeem("no such process", world.code(id)), Verdict::gone);
  expect(world.redeem(id, world.code(id)), Verdict::right);
}

void what_the_outbox_does_not_take_is_gone(void**) {
  const TemporaryDirectory directory;
  const std::filesystem::path place = directory.path() / "outbox", away = directory.path() / "away";
  const std::string id = "1f0c2c0e-0000-4000-8000-000000000001";
  std::filesystem::create_directory(place);
  for (const std::string& left : {id, id + ".XXXXXX", std::string("old")}) directory.write("outbox." + left, "123456");
  Outbox outbox(place);
  const auto expect_left = [&](int entries) {
    const std::filesystem::directory_iterator found(directory.path());
    assert_int_equal(std::distance(begin(found), end(found)), entries);
  };
  expect_left(2);  // the outbox and what is no draft
  const SecureString code("123456");
  std::filesystem::rename(place, away);
  expect_error(Errc::internal, [&] { outbox.deliver({id, phone, code, ""}); });
  expect_left(2);
  std::filesystem::rename(away, place);
  outbox.deliver({id, phone, code, ""});
  assert_true(std::filesystem::exists(place / id));
}

void a_process_whose_code_cannot_be_sent_is_none(void**) {
  World world;
  world.mailbox.broken = true;
  expect_error(Errc::internal, [&] { world.open(); });
  assert_true(world.mailbox.codes.empty());
  world.mailbox.broken = false;
  const std::string id = world.open();
  world.mailbox.broken = true;
  expect_error(Errc::internal, [&] { world.processes.resend(id, application, phone); });
}

void the_message_says_what_is_signed(void**) {
  World world;
  world.open(Process::Kind::one_document, {{{}, "contrato.pdf", {}}});
  assert_string_equal(world.mailbox.about.c_str(), "Assinatura de documento \"contrato.pdf\".");
  world.open(Process::Kind::one_document, {{{}, "a\". Pague\n\"já", {}}});
  assert_string_equal(world.mailbox.about.c_str(), "Assinatura de documento \"a'. Pague 'já\".");
  world.open(Process::Kind::one_document, {{{}, {}, {}}});
  assert_string_equal(world.mailbox.about.c_str(), "Assinatura de documento.");
  world.open(Process::Kind::batch, {{{}, "a.pdf", "0"}, {{}, {}, "1"}, {{}, "b\n.pdf", "2"}});
  assert_string_equal(world.mailbox.about.c_str(), "Assinatura de 3 documentos \"a.pdf, b .pdf\".");
  world.open(Process::Kind::certificate, {});
  assert_string_equal(world.mailbox.about.c_str(), "Obtenção do certificado de assinatura.");
}

}  // namespace
}  // namespace smartcmd::service

int main() {
  using namespace smartcmd::service;
  const CMUnitTest tests[] = {
      cmocka_unit_test(a_right_code_is_good_once),
      cmocka_unit_test(a_code_is_good_until_its_last_second),
      cmocka_unit_test(what_is_too_old_is_swept_away),
      cmocka_unit_test(the_third_wrong_code_ends_the_process),
      cmocka_unit_test(two_wrong_codes_are_forgiven),
      cmocka_unit_test(a_new_code_has_its_own_time_but_no_new_attempts),
      cmocka_unit_test(a_new_code_voids_the_old),
      cmocka_unit_test(a_phone_gets_so_many_messages_that_nobody_answers),
      cmocka_unit_test(many_processes_wait_at_the_same_time),
      cmocka_unit_test(who_answers_is_not_limited),
      cmocka_unit_test(a_process_sends_again_so_often),
      cmocka_unit_test(a_process_answers_to_whom_it_belongs),
      cmocka_unit_test(what_the_outbox_does_not_take_is_gone),
      cmocka_unit_test(a_process_whose_code_cannot_be_sent_is_none),
      cmocka_unit_test(the_message_says_what_is_signed),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
