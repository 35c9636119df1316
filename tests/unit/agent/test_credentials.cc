// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// Who is asked for a secret, and in which order.

#include "agent/credentials.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <optional>

#include "base/file_descriptor.h"
#include "tests/support/expect.h"
#include "tests/support/identity.h"

using namespace smartcmd;

namespace {

std::optional<TestHome> home;
std::optional<Config> config;
FileDescriptor our_end, host_end;

int make_home(void**) {
  setsid();  // no terminal
  home.emplace();
  return 0;
}

int remove_home(void**) {
  home.reset();
  return 0;
}

int set_up(void**) {
  unsetenv("SMARTCMD_ASKPASS");
  setenv("SMARTCMD_PINENTRY", "none", 1);
  setenv("DISPLAY", ":99", 1);
  std::filesystem::remove(home->file("heard"));
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return -1;
  our_end = FileDescriptor(ends[0]);
  host_end = FileDescriptor(ends[1]);
  return 0;
}

void set_window(const std::string& getpin) {
  home->set_pinentry("echo OK; while read -r line; do echo \"$line\" >> " + home->file("heard").string() +
                     "; case $line in GETPIN) " + getpin + ";; *) echo OK;; esac; done");
}

Credentials credentials() {
  config = Config::load();
  return {*config, our_end.get()};
}

Question question(Purpose purpose) {
  static const std::vector<Document> documents{{"a.pdf", {Hash::sha256, Bytes(32, 0xAB)}}};
  return {purpose, config->account(), "test", documents, "process", true, std::chrono::seconds(20)};
}

std::string pin_of(const Credentials& asked, const char* given = "") {
  return std::string(asked.pin(SecureString(given), question(Purpose::pin)).view());
}

bool heard(const char* line) {
  return contains(home->read("heard"), line);
}

void askpass_goes_before_the_window(void**) {
  set_window("echo 'D 2222'; echo OK");
  assert_string_equal(pin_of(credentials()).c_str(), "2222");
  home->set_askpass("echo 1111");
  assert_string_equal(pin_of(credentials()).c_str(), "1111");
}

void what_is_given_is_not_asked_for(void**) {
  home->set_askpass("exit 2");
  assert_string_equal(pin_of(credentials(), "3333").c_str(), "3333");
}

void what_cannot_ask_leaves_its_reason(void**) {
  set_window("echo ERR 83918950 Inappropriate ioctl for device");
  const Error error = error_of([] { pin_of(credentials()); });
  assert_true(error.code() == Errc::no_prompt);
  assert_true(contains(error.message(), "could not ask"));
}

void nobody_else_is_asked_after_a_person(void**) {
  set_window("echo 'D 2222'; echo OK");
  home->set_askpass("exit 1");
  expect_error(Errc::cancelled, [] { pin_of(credentials()); });
  home->set_askpass("exit 2");
  expect_error(Errc::prompt_failed, [] { pin_of(credentials()); });
  home->set_askpass("echo no");
  expect_error(Errc::invalid_secret, [] { pin_of(credentials()); });
  assert_false(heard("GETPIN"));
}

void without_a_way_the_sentence_says_what_to_set(void**) {
  const Error error = error_of([] { credentials().require_prompter(); });
  assert_true(error.code() == Errc::no_prompt);
  assert_true(contains(error.message(), "SMARTCMD_ASKPASS"));
  home->set_askpass("exit 2");
  credentials().require_prompter();
}

void a_new_password_is_an_answer(void**) {
  home->set_askpass("echo resend");
  const Credentials asked = credentials();
  assert_true(std::holds_alternative<SendAgain>(asked.otp(question(Purpose::otp))));
  home->set_askpass("echo '12-34 56'");
  const Answer answer = credentials().otp(question(Purpose::otp));
  assert_string_equal(std::string(std::get<SecureString>(answer).view()).c_str(), "123456");
}

void only_who_was_asked_in_a_window_is_told_there(void**) {
  set_window("echo 'D 2222'; echo OK");
  const Error wrong(Errc::wrong_pin, "Wrong.", "801"), broken(Errc::connection_failed, "Broken.");
  const Credentials given = credentials();
  pin_of(given, "3333");
  given.explain(wrong, question(Purpose::pin));
  assert_false(heard("MESSAGE"));
  const Credentials asked = credentials();
  pin_of(asked);
  asked.explain(broken, question(Purpose::pin));
  assert_false(heard("MESSAGE"));
  asked.explain(wrong, question(Purpose::pin));
  assert_true(heard("SETDESC Wrong. [801]\n"));
  assert_true(heard("MESSAGE"));
  // What cannot be told is no other error.
  host_end.close();
  asked.explain(wrong, question(Purpose::pin));
  home->set_pinentry("exit 1");
  asked.explain(wrong, question(Purpose::pin));
}

}  // namespace

int main() {
  alarm(60);
  const CMUnitTest tests[] = {
      cmocka_unit_test_setup(askpass_goes_before_the_window, set_up),
      cmocka_unit_test_setup(what_is_given_is_not_asked_for, set_up),
      cmocka_unit_test_setup(what_cannot_ask_leaves_its_reason, set_up),
      cmocka_unit_test_setup(nobody_else_is_asked_after_a_person, set_up),
      cmocka_unit_test_setup(without_a_way_the_sentence_says_what_to_set, set_up),
      cmocka_unit_test_setup(a_new_password_is_an_answer, set_up),
      cmocka_unit_test_setup(only_who_was_asked_in_a_window_is_told_there, set_up),
  };
  return cmocka_run_group_tests(tests, make_home, remove_home);
}
