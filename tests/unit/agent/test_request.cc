// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// The flow of a request in the agent: what reaches the service, in which order, and what never does.

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <deque>
#include <filesystem>
#include <optional>

#include "agent/drivers.h"
#include "agent/request.h"
#include "base/file_descriptor.h"
#include "tests/support/expect.h"
#include "tests/support/identity.h"

using namespace smartcmd;

namespace {

std::optional<TestHome> home;
FileDescriptor our_end, host_end;

constexpr const char* agreeing = "case $1 in pin) echo 1234;; otp) echo 123456;; esac";

/// Has a new password sent where it can, then agrees.
constexpr const char* resending =
    "case $1$SMARTCMD_MAY_RESEND in pin) echo 1234;; otp1) echo resend;; otp) echo 123456;; esac";

/// Everything the service was asked, and what happens when it is.
std::string calls;
void (*at_start)() = nullptr;
void (*at_resend)() = nullptr;
/// What the service makes of the one-time passwords, one after the other; all are right after these.
std::deque<Errc> verdicts;

void judge() {
  if (verdicts.empty()) return;
  const Errc verdict = verdicts.front();
  verdicts.pop_front();
  throw Error(verdict, "The service refuses.", verdict == Errc::wrong_otp ? "802" : "816");
}

class RecordingSigner final : public RemoteSigner {
 public:
  void check() override { calls += "check;"; }
  CertificateChain certificates(const Account&) override {
    calls += "certificates;";
    return CertificateChain::from_pem(home->read("chain.pem"));
  }
  Ticket start(const SigningRequest& request) override {
    calls += "start " + std::string(request.pin.view());
    for (const Document& document : request.documents) calls += " " + document.name;
    calls += ";";
    if (at_start != nullptr) at_start();
    return {"process", &request.account, request.documents.size()};
  }
  Ticket start_enrolment(const Account& account, const SecureString& pin) override {
    calls += "start_enrolment " + std::string(pin.view()) + ";";
    return {"process", &account, 0};
  }
  void resend(const Ticket& ticket) override {
    calls += "resend " + ticket.process_id + ";";
    if (at_resend != nullptr) at_resend();
  }
  std::vector<Bytes> finish(const Ticket& ticket, const SecureString& otp) override {
    calls += "finish " + ticket.process_id + " " + std::string(otp.view()) + ";";
    judge();
    return {Bytes(256, 1)};
  }
  CertificateChain finish_enrolment(const Ticket&, const SecureString& otp) override {
    calls += "finish_enrolment " + std::string(otp.view()) + ";";
    judge();
    return CertificateChain::from_pem(home->read("chain.pem"));
  }
};

int make_home(void**) {
  home.emplace();
  return 0;
}

int remove_home(void**) {
  home.reset();
  return 0;
}

int set_up(void**) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return -1;
  our_end = FileDescriptor(ends[0]);
  host_end = FileDescriptor(ends[1]);
  home->set_askpass(agreeing);
  calls.clear();
  at_start = nullptr;
  at_resend = nullptr;
  verdicts.clear();
  std::filesystem::remove(home->file("asked"));
  return 0;
}

AgentRequest request(AgentRequest::Verb verb = AgentRequest::Verb::sign) {
  AgentRequest asked{};
  asked.verb = verb;
  asked.account = "joana";
  asked.program = "test";
  asked.documents = {{"a.pdf", {Hash::sha256, Bytes(32, 0xAB)}}};
  return asked;
}

AgentReply carry_out_now(AgentRequest asked) {
  return carry_out(std::move(asked), our_end.get());
}

void expect_calls(const char* expected) {
  assert_string_equal(calls.c_str(), expected);
}

/// Carries the request out to an error; the service may have been asked no more than `expected`.
void expect_end(Errc code, AgentRequest asked, const char* expected) {
  expect_error(code, [&] { carry_out_now(std::move(asked)); });
  expect_calls(expected);
}

// ---- tests ----------------------------------------------------------------------------------------------------------

void verbs_take_their_steps(void**) {
  const auto signatures = std::get<std::vector<Signature>>(carry_out_now(request()));
  assert_int_equal(signatures.size(), 1);
  assert_string_equal(signatures.front().process_id.c_str(), "process");
  expect_calls("start 1234 a.pdf;finish process 123456;");
  calls.clear();
  carry_out_now(request(AgentRequest::Verb::fetch_certificates));
  expect_calls("certificates;");
  calls.clear();
  carry_out_now(request(AgentRequest::Verb::enrol_with_pin));
  expect_calls("start_enrolment 1234;finish_enrolment 123456;");
}

void certificates_need_no_person(void**) {
  home->set_askpass("exit 2");
  carry_out_now(request(AgentRequest::Verb::fetch_certificates));
  expect_calls("certificates;");
}

void given_pin_is_used_as_it_is(void**) {
  home->set_askpass("case $1 in pin) exit 2;; otp) echo 123456;; esac");
  AgentRequest asked = request();
  asked.pin = SecureString("87654321");
  carry_out_now(std::move(asked));
  expect_calls("start 87654321 a.pdf;finish process 123456;");
}

void what_is_no_pin_is_not_sent(void**) {
  for (const char* pin : {"123", "123456789", "12a4", "1234\n"}) {
    AgentRequest asked = request();
    asked.pin = SecureString(pin);
    expect_end(Errc::invalid_secret, std::move(asked), "");
  }
  home->set_askpass("echo 12");
  expect_end(Errc::invalid_secret, request(), "");
}

void what_is_no_password_is_not_sent(void**) {
  home->set_askpass("case $1 in pin) echo 1234;; otp) echo 12345;; esac");
  expect_end(Errc::invalid_secret, request(), "start 1234 a.pdf;");
}

// The service must not send a password that nobody can be asked for.
void without_a_prompt_nothing_begins(void**) {
  unsetenv("SMARTCMD_ASKPASS");
  setsid();  // no terminal either
  AgentRequest asked = request();
  asked.pin = SecureString("1234");
  const Error error = error_of([&] { carry_out_now(std::move(asked)); });
  assert_true(error.code() == Errc::no_prompt);
  assert_true(contains(error.message(), "SMARTCMD_ASKPASS"));
  expect_calls("");
}

void what_the_agent_is_and_has_is_told_without_the_service(void**) {
  assert_false(std::get<std::string>(carry_out_now(request(AgentRequest::Verb::tell_version))).empty());
  carry_out_now(request(AgentRequest::Verb::check_prompter));
  expect_calls("");
  unsetenv("SMARTCMD_ASKPASS");
  setsid();
  expect_end(Errc::no_prompt, request(AgentRequest::Verb::check_prompter), "");
}

void a_service_is_checked_without_an_account(void**) {
  AgentRequest asked = request(AgentRequest::Verb::check_service);
  asked.account = "fake";
  assert_true(std::get<std::string>(carry_out_now(std::move(asked))).empty());
  expect_calls("check;");
  AgentRequest unknown = request(AgentRequest::Verb::check_service);
  unknown.account = "theirs";
  calls.clear();
  expect_end(Errc::configuration, std::move(unknown), "");
}

void new_password_is_sent_once(void**) {
  home->set_askpass(resending);
  carry_out_now(request());
  expect_calls("start 1234 a.pdf;resend process;finish process 123456;");
  calls.clear();
  home->set_askpass("case $1 in pin) echo 1234;; otp) echo resend;; esac");
  expect_end(Errc::invalid_secret, request(), "start 1234 a.pdf;resend process;");
}

/// Gives one password after the other, and then the last again and again.
void answer_with_passwords(const std::string& passwords) {
  home->set_askpass("case $1 in pin) echo 1234; exit;; esac\nfile=" + home->file("asked").string() +
                    "\necho \"$SMARTCMD_WRONG|$SMARTCMD_MAY_RESEND\" >> $file\nn=$(wc -l < $file)\nset -- " +
                    passwords + "\n[ $n -gt $# ] && n=$#\nshift $((n-1)); echo $1");
}

void a_wrong_password_may_be_given_again(void**) {
  answer_with_passwords("111111 222222 333333");
  verdicts = {Errc::wrong_otp, Errc::wrong_otp};
  carry_out_now(request());
  expect_calls("start 1234 a.pdf;finish process 111111;finish process 222222;finish process 333333;");
  assert_string_equal(home->read("asked").c_str(), "|1\n1|1\n1|1\n");

  set_up(nullptr);
  answer_with_passwords("111111 222222");
  verdicts = {Errc::wrong_otp};
  carry_out_now(request(AgentRequest::Verb::enrol_with_pin));
  expect_calls("start_enrolment 1234;finish_enrolment 111111;finish_enrolment 222222;");
}

void the_same_wrong_password_is_not_sent_again(void**) {
  answer_with_passwords("111111");
  verdicts = {Errc::wrong_otp};
  expect_end(Errc::wrong_otp, request(), "start 1234 a.pdf;finish process 111111;");
  assert_string_equal(home->read("asked").c_str(), "|1\n1|1\n1|1\n1|1\n");
}

void a_new_password_may_be_the_same(void**) {
  answer_with_passwords("111111 resend 111111");
  verdicts = {Errc::wrong_otp};
  carry_out_now(request());
  expect_calls("start 1234 a.pdf;finish process 111111;resend process;finish process 111111;");
  assert_string_equal(home->read("asked").c_str(), "|1\n1|1\n|\n");
}

void wrong_passwords_have_an_end(void**) {
  home->set_askpass("case $1 in pin) echo 1234; exit;; esac\nfile=" + home->file("asked").string() +
                    "\necho >> $file; printf '%06d\\n' $(wc -l < $file)");
  verdicts.assign(100, Errc::wrong_otp);
  expect_error(Errc::wrong_otp, [] { carry_out_now(request()); });
  assert_true(calls.ends_with("finish process 000010;"));
}

void the_service_ends_wrong_passwords(void**) {
  answer_with_passwords("111111 222222 333333");
  verdicts = {Errc::wrong_otp, Errc::otp_expired};
  const Error error = error_of([] { carry_out_now(request()); });
  assert_true(error.code() == Errc::otp_expired);
  assert_true(contains(error.what(), "after a wrong one-time password"));
  assert_true(contains(error.what(), "816"));
  expect_calls("start 1234 a.pdf;finish process 111111;finish process 222222;");

  set_up(nullptr);
  verdicts = {Errc::timed_out};  // nobody knows what the service has made of it
  expect_end(Errc::timed_out, request(), "start 1234 a.pdf;finish process 123456;");
}

void a_password_may_be_given_as_it_is_shown(void**) {
  for (const char* shown : {"'123 456'", "123-456", "' 123456 '"}) {
    calls.clear();
    home->set_askpass(std::string("case $1 in pin) echo 1234;; otp) echo ") + shown + ";; esac");
    carry_out_now(request());
    expect_calls("start 1234 a.pdf;finish process 123456;");
  }
}

void a_question_lasts_as_long_as_its_answer_is_good(void**) {
  home->set_askpass("case $1$SMARTCMD_SECONDS in pin300) echo 1234;; otp120) echo 123456;; esac");
  carry_out_now(request());
  expect_calls("start 1234 a.pdf;finish process 123456;");
}

void nothing_is_sent_for_a_host_that_is_gone(void**) {
  at_start = [] { host_end.close(); };
  expect_end(Errc::cancelled, request(), "start 1234 a.pdf;");

  set_up(nullptr);
  home->set_askpass(resending);
  at_resend = [] { host_end.close(); };
  expect_end(Errc::cancelled, request(), "start 1234 a.pdf;resend process;");

  set_up(nullptr);
  host_end.close();
  AgentRequest asked = request();
  asked.pin = SecureString("1234");
  expect_end(Errc::cancelled, std::move(asked), "");
  expect_end(Errc::cancelled, request(AgentRequest::Verb::fetch_certificates), "");
  asked = request(AgentRequest::Verb::enrol_with_pin);
  asked.pin = SecureString("1234");
  expect_end(Errc::cancelled, std::move(asked), "");
}

void names_are_shown_as_they_are_sent(void**) {
  home->set_askpass("printf '%s' \"$SMARTCMD_DOCUMENTS\" > " + home->file("shown").string() +
                    "; case $1 in pin) echo 1234;; otp) echo 123456;; esac");
  AgentRequest asked = request();
  asked.documents = {{"a\033[2J\nb.pdf", {Hash::sha256, Bytes(32, 1)}}, {"", {Hash::sha256, Bytes(32, 2)}}};
  carry_out_now(std::move(asked));
  expect_calls("start 1234 a [2J b.pdf test 02020202;finish process 123456;");
  assert_string_equal(home->read("shown").c_str(), "a [2J b.pdf\ntest 02020202");
}

void what_is_shown_beside_the_names_is_not_sent(void**) {
  home->set_askpass("printf '%s' \"$SMARTCMD_OPEN_DOCUMENT|$SMARTCMD_DIGESTS\" > " + home->file("shown").string() +
                    "; case $1 in pin) echo 1234;; otp) echo 123456;; esac");
  AgentRequest asked = request();
  asked.documents[0].content = Digest{Hash::sha512, Bytes(64, 0xEF)};
  asked.open_document = "a\033[2J\nb.pdf";
  carry_out_now(std::move(asked));
  expect_calls("start 1234 a.pdf;finish process 123456;");
  assert_string_equal(home->read("shown").c_str(), "a [2J b.pdf|efefefef");
}

/// Of a signature: what each window was told.
std::string told_in_windows() {
  unsetenv("SMARTCMD_ASKPASS");
  setenv("DISPLAY", ":99", 1);
  home->set_pinentry("echo OK; while read -r line; do echo \"$line\" >> " + home->file("told").string() +
                     "; case $line in *'step 1'*) answer=1234;; *'step 2'*) answer=123456;; esac\n"
                     "case $line in GETPIN) echo D $answer; echo OK;; *) echo OK;; esac; done");
  std::filesystem::remove(home->file("told"));
  try {
    carry_out_now(request());
  } catch (const Error&) {
  }
  setenv("SMARTCMD_PINENTRY", "none", 1);
  return home->read("told");
}

// The program may say nothing of it, or something else.
void what_the_service_says_is_told_in_the_window(void**) {
  struct Case {
    void (*at_start)();
    bool told;
  };
  const Case cases[] = {
      {[] { throw Error(Errc::wrong_pin, "It is wrong.", "801"); }, true},
      {[] { throw Error(Errc::service_inactive, "It is wrong.", "817"); }, true},
      {[] { throw Error(Errc::must_change_signature_pin, "It is wrong.", "902"); }, true},
      {[] { throw Error(Errc::connection_failed, "It is wrong."); }, false},
      {[] {}, false},
  };
  for (const Case& one : cases) {
    at_start = one.at_start;
    const std::string told = told_in_windows();
    assert_int_equal(contains(told, "SETDESC It is wrong. [8") || contains(told, "SETDESC It is wrong. [9"), one.told);
    assert_int_equal(contains(told, "MESSAGE\n"), one.told);
  }
}

void who_was_asked_elsewhere_is_not_told_in_a_window(void**) {
  setenv("DISPLAY", ":99", 1);
  home->set_pinentry("echo OK; while read -r line; do echo \"$line\" >> " + home->file("told").string() +
                     "; echo OK; done");
  std::filesystem::remove(home->file("told"));
  at_start = [] { throw Error(Errc::wrong_pin, "It is wrong.", "801"); };
  expect_end(Errc::wrong_pin, request(), "start 1234 a.pdf;");
  assert_string_equal(home->read("told").c_str(), "");
  setenv("SMARTCMD_PINENTRY", "none", 1);
}

// The agent reads the certificate by itself.
void the_signer_is_named(void**) {
  assert_true(contains(told_in_windows(), "creates a signature in the name of Joana Teste."));
  set_up(nullptr);
  std::filesystem::create_directories(home->file("state"));
  std::filesystem::copy_file(home->file("chain.pem"), home->file("state") / "joana.pem");
  assert_true(contains(told_in_windows(), "creates a signature in the name of JOANA TESTE."));
}

void useless_requests_end_early(void**) {
  AgentRequest empty = request();
  empty.documents.clear();
  expect_end(Errc::invalid_argument, std::move(empty), "");
  AgentRequest weak = request();
  weak.documents[0].digest = {Hash::sha1, Bytes(20, 1)};
  expect_end(Errc::hash_not_allowed, std::move(weak), "");
  AgentRequest stranger = request();
  stranger.account = "nobody";
  expect_end(Errc::unknown_account, std::move(stranger), "");
  AgentRequest elsewhere = request();
  elsewhere.config_file = "/nonexistent/smartcmd.conf";
  expect_end(Errc::configuration, std::move(elsewhere), "");
}

}  // namespace

std::unique_ptr<RemoteSigner> smartcmd::make_driver(const Service&, int) {
  return std::make_unique<RecordingSigner>();
}

int main() {
  alarm(60);
  const CMUnitTest tests[] = {
      cmocka_unit_test_setup(verbs_take_their_steps, set_up),
      cmocka_unit_test_setup(certificates_need_no_person, set_up),
      cmocka_unit_test_setup(given_pin_is_used_as_it_is, set_up),
      cmocka_unit_test_setup(what_is_no_pin_is_not_sent, set_up),
      cmocka_unit_test_setup(what_is_no_password_is_not_sent, set_up),
      cmocka_unit_test_setup(without_a_prompt_nothing_begins, set_up),
      cmocka_unit_test_setup(what_the_agent_is_and_has_is_told_without_the_service, set_up),
      cmocka_unit_test_setup(a_service_is_checked_without_an_account, set_up),
      cmocka_unit_test_setup(new_password_is_sent_once, set_up),
      cmocka_unit_test_setup(a_wrong_password_may_be_given_again, set_up),
      cmocka_unit_test_setup(the_same_wrong_password_is_not_sent_again, set_up),
      cmocka_unit_test_setup(a_new_password_may_be_the_same, set_up),
      cmocka_unit_test_setup(wrong_passwords_have_an_end, set_up),
      cmocka_unit_test_setup(the_service_ends_wrong_passwords, set_up),
      cmocka_unit_test_setup(a_password_may_be_given_as_it_is_shown, set_up),
      cmocka_unit_test_setup(a_question_lasts_as_long_as_its_answer_is_good, set_up),
      cmocka_unit_test_setup(nothing_is_sent_for_a_host_that_is_gone, set_up),
      cmocka_unit_test_setup(names_are_shown_as_they_are_sent, set_up),
      cmocka_unit_test_setup(what_is_shown_beside_the_names_is_not_sent, set_up),
      cmocka_unit_test_setup(what_the_service_says_is_told_in_the_window, set_up),
      cmocka_unit_test_setup(who_was_asked_elsewhere_is_not_told_in_a_window, set_up),
      cmocka_unit_test_setup(the_signer_is_named, set_up),
      cmocka_unit_test_setup(useless_requests_end_early, set_up),
  };
  return cmocka_run_group_tests(tests, make_home, remove_home);
}
