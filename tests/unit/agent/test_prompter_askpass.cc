// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// The askpass prompter with programs that answer in every way a program can.

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <optional>

#include "agent/credentials.h"
#include "base/file_descriptor.h"
#include "tests/support/expect.h"
#include "tests/support/identity.h"

using namespace smartcmd;

namespace {

using std::chrono::seconds;

std::optional<TestHome> home;
std::optional<Config> config;
FileDescriptor our_end, host_end;

int make_home(void**) {
  home.emplace();
  return 0;
}

int remove_home(void**) {
  home.reset();
  return 0;
}

int set_up(void**) {
  unsetenv("SMARTCMD_ASKPASS");
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return -1;
  our_end = FileDescriptor(ends[0]);
  host_end = FileDescriptor(ends[1]);
  return 0;
}

/// No program is left behind.
int tear_down(void**) {
  return waitpid(-1, nullptr, WNOHANG) == -1 && errno == ECHILD ? 0 : -1;
}

const std::vector<Document> documents{{"a.pdf", {Hash::sha256, Bytes(32, 0xAB)}},
                                      {"b.pdf", {Hash::sha256, Bytes(32, 0xCD)}}};

Question question(Purpose purpose, seconds timeout = seconds(20), bool may_resend = false) {
  return {purpose, config->account(), "test", documents, "process", may_resend, timeout};
}

Answer ask(Purpose purpose, seconds timeout = seconds(20), bool may_resend = false) {
  config = Config::load();
  const auto prompter = make_askpass_prompter(*config, our_end.get());
  assert_true(prompter->available());
  return prompter->ask(question(purpose, timeout, may_resend));
}

std::string answer_of(const std::string& script) {
  home->set_askpass(script);
  return std::string(std::get<SecureString>(ask(Purpose::pin)).view());
}

void expect_failure(Errc code, const std::string& script, seconds timeout = seconds(20)) {
  home->set_askpass(script);
  expect_error(code, [&] { ask(Purpose::pin, timeout); });
}

void first_line_is_the_answer(void**) {
  assert_string_equal(answer_of("echo 1234").c_str(), "1234");
  assert_string_equal(answer_of("printf 1234").c_str(), "1234");
  assert_string_equal(answer_of("printf '1234\\r\\n'").c_str(), "1234");
  assert_string_equal(answer_of("echo 1234; echo 5678").c_str(), "1234");
  assert_string_equal(answer_of("echo; echo 5678").c_str(), "");
  assert_string_equal(answer_of("sleep 3 >/dev/null & echo 1234").c_str(), "1234");
}

// The question is over when the program is, whoever still holds its output.
void descendants_are_not_waited_for(void**) {
  home->set_askpass("sleep 4 & echo 1234");
  assert_true(std::get<SecureString>(ask(Purpose::pin, seconds(2))).view() == "1234");
}

void program_is_told_what_is_asked(void**) {
  home->set_askpass("echo \"$1|$SMARTCMD_DOCUMENTS|$SMARTCMD_DIGESTS|$SMARTCMD_PROCESS_ID|$SMARTCMD_MAY_RESEND\" > " +
                    home->file("told").string() + "; echo 123456");
  ask(Purpose::otp, seconds(20), true);
  assert_string_equal(home->read("told").c_str(), "otp|a.pdf\nb.pdf|abababab\ncdcdcdcd|process|1\n");
}

void silent_exit_1_cancels(void**) {
  expect_failure(Errc::cancelled, "exit 1");
}

void other_ends_are_failures(void**) {
  expect_failure(Errc::prompt_failed, "echo 1234; exit 1");
  expect_failure(Errc::prompt_failed, "exit 2");
  expect_failure(Errc::prompt_failed, "echo 1234; kill -KILL $$");
  expect_failure(Errc::prompt_failed, "exec no-such-program");
}

void program_that_cannot_run_is_named(void**) {
  for (const std::string& path : {std::string("/nonexistent/askpass"), home->file("key.pem").string()}) {
    setenv("SMARTCMD_ASKPASS", path.c_str(), 1);
    const Error error = error_of([] { ask(Purpose::pin); });
    assert_true(error.code() == Errc::prompt_failed);
    assert_true(contains(error.message(), path));
  }
}

void resend_is_an_answer_where_it_is_offered(void**) {
  home->set_askpass("echo resend");
  assert_true(std::holds_alternative<SendAgain>(ask(Purpose::otp, seconds(20), true)));
  assert_true(std::holds_alternative<SecureString>(ask(Purpose::otp, seconds(20), false)));
}

void what_is_no_secret_is_refused(void**) {
  for (const char* output : {"", "123", "123456789", "12 34", "12a4", "$(head -c 5000 /dev/zero | tr '\\0' 1)"}) {
    home->set_askpass(std::string("echo \"") + output + "\"");
    config = Config::load();
    const Credentials credentials(*config, our_end.get());
    expect_error(Errc::invalid_secret, [&] { credentials.pin({}, question(Purpose::pin)); });
    expect_error(Errc::invalid_secret, [&] { credentials.otp(question(Purpose::otp)); });
  }
}

void slow_program_is_ended(void**) {
  expect_failure(Errc::prompt_failed, "exec sleep 600", seconds(1));
  expect_failure(Errc::prompt_failed, "exec yes 1", seconds(1));
  expect_failure(Errc::invalid_secret, "yes 1 | tr -d '\\n'");
}

void program_may_end_in_order(void**) {
  expect_failure(Errc::prompt_failed,
                 "trap 'echo told > " + home->file("ended").string() + "; exit' TERM; while :; do sleep 0.1; done",
                 seconds(1));
  assert_string_equal(home->read("ended").c_str(), "told\n");
}

void stubborn_program_is_ended(void**) {
  expect_failure(Errc::prompt_failed, "trap '' TERM; exec sleep 600", seconds(1));
}

// A window that a script opened, say.
void what_the_program_started_ends_with_it(void**) {
  if (has_terminal()) skip();
  int ends[2];
  assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
  const FileDescriptor held(ends[0]);
  FileDescriptor holding(ends[1]);
  const std::string pipe = "/proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(holding.get());
  expect_failure(Errc::prompt_failed, "exec 3>" + pipe + "; pin=$(sleep 600) || exit 1; echo \"$pin\"", seconds(1));
  holding.close();
  pollfd last_writer{held.get(), POLLIN, 0};
  assert_int_equal(poll(&last_writer, 1, 20000), 1);
  assert_int_equal(last_writer.revents, POLLHUP);
}

void host_that_is_gone_ends_the_question(void**) {
  host_end.close();
  expect_failure(Errc::cancelled, "exec sleep 600");
}

void signals_end_the_question(void**) {
  for (const char* signal : {"INT", "TERM", "HUP", "QUIT"}) {
    expect_failure(Errc::cancelled, std::string("kill -") + signal + " $PPID; exec sleep 600");
  }
  sigset_t blocked;
  sigprocmask(SIG_BLOCK, nullptr, &blocked);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGCHLD, SIGTSTP}) {
    assert_int_equal(sigismember(&blocked, signal), 0);
  }
}

void without_program_there_is_no_prompter(void**) {
  config = Config::load();
  assert_false(make_askpass_prompter(*config, our_end.get())->available());
}

}  // namespace

int main() {
  alarm(60);
  const CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(first_line_is_the_answer, set_up, tear_down),
      cmocka_unit_test_setup_teardown(descendants_are_not_waited_for, set_up, tear_down),
      cmocka_unit_test_setup_teardown(program_is_told_what_is_asked, set_up, tear_down),
      cmocka_unit_test_setup_teardown(silent_exit_1_cancels, set_up, tear_down),
      cmocka_unit_test_setup_teardown(other_ends_are_failures, set_up, tear_down),
      cmocka_unit_test_setup_teardown(program_that_cannot_run_is_named, set_up, tear_down),
      cmocka_unit_test_setup_teardown(resend_is_an_answer_where_it_is_offered, set_up, tear_down),
      cmocka_unit_test_setup_teardown(what_is_no_secret_is_refused, set_up, tear_down),
      cmocka_unit_test_setup_teardown(slow_program_is_ended, set_up, tear_down),
      cmocka_unit_test_setup_teardown(program_may_end_in_order, set_up, tear_down),
      cmocka_unit_test_setup_teardown(stubborn_program_is_ended, set_up, tear_down),
      cmocka_unit_test_setup_teardown(what_the_program_started_ends_with_it, set_up, tear_down),
      cmocka_unit_test_setup_teardown(host_that_is_gone_ends_the_question, set_up, tear_down),
      cmocka_unit_test_setup_teardown(signals_end_the_question, set_up, tear_down),
      cmocka_unit_test_setup_teardown(without_program_there_is_no_prompter, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, make_home, remove_home);
}
