// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// The pinentry prompter with programs that answer in every way a program can.

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <optional>

#include "agent/credentials.h"
#include "agent/pinentry.h"
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
  for (const char* unset : {"WAYLAND_DISPLAY", "GPG_TTY"}) unsetenv(unset);
  setenv("DISPLAY", ":99", 1);
  std::filesystem::remove(home->file("heard"));
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

const std::vector<Document> two{{"a.pdf", {Hash::sha256, Bytes(32, 0xAB)}}, {"b.pdf", {Hash::sha256, Bytes(32, 0xCD)}}};

// libgpg-error's numbers as pinentry sends them.
constexpr const char* cancelled = "echo ERR 83886179 Operation cancelled";
constexpr const char* timed_out = "echo ERR 83886142 Timeout";
constexpr const char* no_terminal = "echo ERR 83918950 Inappropriate ioctl for device";
constexpr const char* agreed = "echo OK";

/// A pinentry that carries out these commands to "GETPIN" and "CONFIRM"; `asked` counts the GETPINs.
void answer_with(const std::string& getpin, const std::string& confirm = cancelled) {
  home->set_pinentry("asked=0; echo OK ready\nwhile read -r line; do\necho \"$line\" >> " +
                     home->file("heard").string() + "\ncase $line in\nGETPIN) asked=$((asked+1)); " + getpin +
                     ";;\nCONFIRM) " + confirm + ";;\nBYE) echo OK; exit;;\n*) echo OK;;\nesac\ndone");
}

Answer ask(Purpose purpose = Purpose::pin, bool may_resend = false, seconds timeout = seconds(20),
           const std::vector<Document>& documents = two) {
  config = Config::load();
  const auto prompter = make_pinentry_prompter(*config, our_end.get());
  assert_true(prompter->available());
  return prompter->ask({purpose, config->account(), "test", documents, "process", may_resend, timeout});
}

std::string secret_of(const Answer& answer) {
  return std::string(std::get<SecureString>(answer).view());
}

/// Each of the words is in the sentence.
void expect_failure(Errc code, std::initializer_list<const char*> words, seconds timeout = seconds(20)) {
  const Error error = error_of([&] { ask(Purpose::pin, false, timeout); });
  if (error.code() != code) print_error("not the error expected: %s\n", error.what());
  assert_int_equal(static_cast<int>(error.code()), static_cast<int>(code));
  for (const char* word : words) {
    if (!contains(error.message(), word)) fail_msg("no '%s' in: %s", word, error.what());
  }
}

std::size_t times_heard(const std::string& line) {
  const std::string heard = home->read("heard");
  std::size_t count = 0;
  for (auto at = heard.find(line); at != std::string::npos; at = heard.find(line, at + 1)) ++count;
  return count;
}

// ---- answers --------------------------------------------------------------------------------------------------------

void what_is_typed_is_the_answer(void**) {
  answer_with("echo 'D 1234'; echo OK");
  assert_string_equal(secret_of(ask()).c_str(), "1234");
  answer_with("echo 'D 12'; echo '# remark'; echo 'S BUTTON_INFO ok'; echo 'D %334'; echo OK");
  assert_string_equal(secret_of(ask()).c_str(), "1234");
}

void pinentry_is_told_what_is_asked(void**) {
  answer_with("echo 'D 123456'; echo OK");
  setenv("TERM", "vt100", 1);
  ask(Purpose::otp, true);
  const std::string heard = home->read("heard");
  for (const char* part :
       {"OPTION display=:99\n", "OPTION ttytype=vt100\n", "OPTION lc-ctype=", "OPTION lc-messages=", "SETTIMEOUT 20\n",
        "SETTITLE SmartCMD\n", "step 2 of 2", "Joana Teste (fake)%0A", "Program: test%0A",
        "a.pdf  [SHA256 abababab]%0A", "b.pdf  [SHA256 cdcdcdcd]%0A", "process%0A", "creates a signature",
        "No message?", "SETPROMPT One-time password (6 digits):\n", "SETOK _Sign\n", "SETCANCEL _Cancel\n",
        "GETPIN\n"}) {
    if (!contains(heard, part)) fail_msg("no '%s' in:\n%s", part, heard.c_str());
  }
  for (const char* part : {"910000000", "SETKEYINFO", "SETQUALITYBAR", "allow-external-password-cache", "ttyname"}) {
    assert_false(contains(heard, part));
  }
}

void only_the_password_signs(void**) {
  answer_with("echo 'D 1234'; echo OK");
  ask(Purpose::pin);
  assert_int_equal(times_heard("SETOK _Continue\n"), 1);
  assert_int_equal(times_heard("creates a signature"), 0);
  answer_with("echo 'D 123456'; echo OK");
  ask(Purpose::otp, false, seconds(20), {});
  assert_int_equal(times_heard("SETOK _Sign"), 0);
  assert_int_equal(times_heard("creates a signature"), 0);
  assert_int_equal(times_heard("nothing is signed"), 1);
}

void what_is_no_secret_is_asked_again(void**) {
  answer_with("[ $asked = 1 ] && echo 'D 12' || echo 'D 1234'; echo OK");
  assert_string_equal(secret_of(ask()).c_str(), "1234");
  assert_int_equal(times_heard("SETERROR A signature PIN has 4 to 8 digits.\n"), 1);
  std::filesystem::remove(home->file("heard"));
  answer_with("echo 'D 12a4'; echo OK");
  expect_failure(Errc::invalid_secret, {"4 to 8 digits"});
  assert_int_equal(times_heard("GETPIN\n"), 3);
}

void an_empty_answer_asks_for_a_new_password(void**) {
  answer_with(agreed, agreed);
  assert_true(std::holds_alternative<SendAgain>(ask(Purpose::otp, true)));
  std::filesystem::remove(home->file("heard"));
  expect_error(Errc::invalid_secret, [] { ask(Purpose::otp, false); });
  assert_int_equal(times_heard("CONFIRM"), 0);
}

void a_new_password_can_be_thought_better_of(void**) {
  answer_with("[ $asked = 1 ] || echo 'D 123456'; echo OK");
  assert_string_equal(secret_of(ask(Purpose::otp, true)).c_str(), "123456");
  assert_int_equal(times_heard("SETERROR"), 0);
  assert_int_equal(times_heard("SETCANCEL _Cancel"), 2);
}

void a_wrong_password_is_told_in_the_window(void**) {
  answer_with("echo 'D 123 456'; echo OK");
  config = Config::load();
  Question question{Purpose::otp, config->account(), "test", two, "process", true, seconds(20)};
  question.wrong_before = true;
  assert_string_equal(secret_of(make_pinentry_prompter(*config, our_end.get())->ask(question)).c_str(), "123456");
  assert_int_equal(times_heard("SETERROR That one-time password is wrong."), 1);
}

void an_old_pinentry_will_do(void**) {
  home->set_pinentry(
      "echo OK; while read -r line; do case $line in GETPIN) echo 'D 1234'; echo OK;; "
      "*) echo ERR 536871187 Unknown IPC command;; esac; done");
  assert_string_equal(secret_of(ask()).c_str(), "1234");
}

void a_batch_of_any_names_fits(void**) {
  std::string longest;
  for (std::size_t i = 0; i < max_name_length; ++i) longest += "\U0001F512";
  for (const std::string& name : {std::string("contract.pdf"), std::string(max_name_length, '%'), longest}) {
    std::filesystem::remove(home->file("heard"));
    answer_with("echo 'D 123456'; echo OK");
    std::vector<Document> documents(max_batch, {name, {Hash::sha512, Bytes(64, 1)}});
    ask(Purpose::otp, true, seconds(20), documents);
    const std::string heard = home->read("heard");
    std::string command;
    for (auto at = heard.find("SETDESC "); at != std::string::npos; at = heard.find("SETDESC ", at + 1)) {
      command = heard.substr(at, heard.find('\n', at) - at);
      assert_true(command.size() <= Pinentry::longest_command);
    }
    assert_true(contains(command, Pinentry::escaped(name) + "  [SHA512 01010101]"));
    assert_true(contains(command, " more%0A"));
    assert_true(contains(command, "creates a signature"));
  }
}

// However long every name is, the document's own is whole, and what the signature means is said.
void a_question_of_any_names_fits(void**) {
  std::string name;
  for (std::size_t i = 0; i < max_name_length; ++i) name += "\U0001F512";
  answer_with("echo 'D 123456'; echo OK");
  config = Config::load();
  Account account = config->account();
  account.label = account.service.name = name;
  const std::vector<Document> documents(2, {name, {Hash::sha512, Bytes(64, 1)}, Digest{Hash::sha512, Bytes(64, 1)}});
  Question question{Purpose::otp, account, name, documents, std::string(64, '%'), true, seconds(20)};
  question.signer = question.open_document = name;
  question.qualified = true;
  const Answer answer = make_pinentry_prompter(*config, our_end.get())->ask(question);
  assert_string_equal(secret_of(answer).c_str(), "123456");
  const std::string heard = home->read("heard"), command = heard.substr(heard.rfind("SETDESC "));
  assert_true(command.find('\n') <= Pinentry::longest_command);
  assert_true(contains(command, name + "  [SHA512 of the file 01010101]"));
  assert_true(contains(command, "LEGALLY BINDING"));
}

std::vector<Document> many_documents() {
  std::vector<Document> documents;
  for (std::size_t i = 1; i <= max_batch; ++i) {
    documents.push_back({"document " + std::to_string(i) + ".pdf", {Hash::sha256, Bytes(32, 1)}});
  }
  return documents;
}

void every_document_can_be_seen_before_the_password(void**) {
  const std::vector<Document> documents = many_documents();
  answer_with("echo 'D 123456'; echo OK",
              "confirmed=$((confirmed+1)); [ $confirmed = 1 ] && " + std::string(cancelled) + " || echo OK");
  ask(Purpose::otp, true, seconds(20), documents);
  const std::string heard = home->read("heard");
  assert_true(heard.find("100 documents are to be signed.") < heard.find("GETPIN"));
  for (const Document& document : documents) {
    assert_true(heard.find(Pinentry::escaped(document.name + "  [SHA256 01010101]")) < heard.find("GETPIN"));
  }
  assert_true(contains(heard, "To sign, 1 to 10 of 100:%0A"));
  assert_true(contains(heard, "To sign, 91 to 100 of 100:%0A"));
  assert_int_equal(times_heard("CONFIRM"), 11);
}

void who_knows_them_need_not_see_them(void**) {
  const std::vector<Document> documents = many_documents();
  answer_with("echo 'D 123456'; echo OK", agreed);
  ask(Purpose::otp, true, seconds(20), documents);
  assert_int_equal(times_heard("CONFIRM"), 1);
  // Back from the first page.
  std::filesystem::remove(home->file("heard"));
  answer_with("echo 'D 123456'; echo OK", cancelled);
  ask(Purpose::otp, true, seconds(20), documents);
  assert_int_equal(times_heard("CONFIRM"), 2);
  // And few are in the question.
  std::filesystem::remove(home->file("heard"));
  ask(Purpose::otp, true, seconds(20), two);
  assert_int_equal(times_heard("CONFIRM"), 0);
}

void explain(seconds timeout = seconds(20)) {
  config = Config::load();
  Question question{Purpose::pin, config->account(), "test", two, {}, false, timeout};
  make_pinentry_prompter(*config, our_end.get())->explain(Error(Errc::wrong_pin, "Wrong 100%.", "801"), question);
}

void what_went_wrong_is_told(void**) {
  answer_with("echo 'D 1234'; echo OK");
  explain();
  const std::string heard = home->read("heard");
  assert_true(heard.find("SETDESC Wrong 100%25. [801]\n") < heard.find("MESSAGE\n"));
  assert_int_equal(times_heard("GETPIN"), 0);
  // Where the host speaks in the same terminal it tells by itself.
  std::filesystem::remove(home->file("heard"));
  unsetenv("DISPLAY");
  setenv("GPG_TTY", "/dev/pts/0", 1);
  explain();
  assert_string_equal(home->read("heard").c_str(), "");
}

void nobody_has_to_read_it(void**) {
  home->set_pinentry("echo OK; while read -r line; do case $line in MESSAGE) exec sleep 600;; *) echo OK;; esac; done");
  expect_error(Errc::prompt_failed, [] { explain(seconds(1)); });
  host_end.close();
  expect_error(Errc::cancelled, [] { explain(); });
}

// ---- ends without an answer -----------------------------------------------------------------------------------------

void cancelling_cancels(void**) {
  answer_with(cancelled);
  expect_failure(Errc::cancelled, {"signature PIN was cancelled"});
  answer_with("echo ERR 99 cancelled");
  expect_failure(Errc::cancelled, {"signature PIN was cancelled"});
}

void time_ends_the_question(void**) {
  answer_with(timed_out);
  expect_failure(Errc::prompt_failed, {"Nobody answered in time"});
  answer_with("exec sleep 600");
  expect_failure(Errc::prompt_failed, {"Nobody answered in time"}, seconds(1));
  home->set_pinentry("exec sleep 600");
  expect_failure(Errc::prompt_failed, {"Nobody answered in time"}, seconds(1));
  answer_with("while :; do echo S nothing; done");
  expect_failure(Errc::prompt_failed, {"Nobody answered in time"}, seconds(1));
}

void what_cannot_ask_leaves_it_to_others(void**) {
  answer_with(no_terminal);
  expect_failure(Errc::no_prompt, {"could not ask: Inappropriate ioctl", "SMARTCMD_PINENTRY"});
  home->set_pinentry("echo ERR 67109133 no greeting");
  expect_failure(Errc::no_prompt, {"does not answer as a pinentry does"});
  home->set_pinentry("kill -ABRT $$");
  expect_failure(Errc::no_prompt, {"ended by signal 6"});
  home->set_pinentry("exit 3");
  expect_failure(Errc::no_prompt, {"ended with status 3"});
  setenv("SMARTCMD_PINENTRY", home->file("key.pem").c_str(), 1);
  std::filesystem::permissions(home->file("key.pem"), std::filesystem::perms::owner_all);
  expect_failure(Errc::no_prompt, {"could not be started", "key.pem"});
}

void garbage_is_no_answer(void**) {
  for (const char* greeting : {"Hello.", "D 1234", "\001\377"}) {
    home->set_pinentry(std::string("echo '") + greeting + "'; exec sleep 600");
    expect_failure(Errc::no_prompt, {"does not answer as a pinentry does"});
  }
  for (const char* answer : {"echo 1234", "head -c 5000 /dev/zero", "head -c 2000 /dev/zero | tr '\\0' 1; echo",
                             "for i in 1 2 3 4 5 6; do printf 'D '; head -c 900 /dev/zero | tr '\\0' 1; echo; done"}) {
    answer_with(answer);
    expect_failure(Errc::prompt_failed, {"does not answer as a pinentry does"});
  }
}

void an_early_end_is_told(void**) {
  answer_with("kill -KILL $$");
  expect_failure(Errc::prompt_failed, {"ended by signal 9"});
  answer_with("echo 'D 1234'; exit 0");
  expect_failure(Errc::prompt_failed, {"ended with status 0"});
  answer_with("printf 'D 12'; exit 5");
  expect_failure(Errc::prompt_failed, {"ended with status 5"});
  answer_with("exec sleep 600 <&- >&-");
  expect_failure(Errc::prompt_failed, {"stopped answering"});
}

// The question is over when the program is, whoever still holds its end; and whoever does is ended.
void descendants_end_with_it(void**) {
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  answer_with("sleep 600 & echo $! > " + home->file("pid").string() + "; exit 4");
  expect_failure(Errc::prompt_failed, {"ended with status 4"});
  int status = 0;
  assert_true(waitpid(std::stoi(home->read("pid")), &status, 0) > 0);
  assert_true(WIFSIGNALED(status));
}

void stubborn_program_is_ended(void**) {
  answer_with("trap '' TERM; while :; do sleep 600; done");
  expect_failure(Errc::prompt_failed, {"Nobody answered in time"}, seconds(1));
  while (waitpid(-1, nullptr, 0) > 0) {  // its last sleep
  }
}

void host_that_is_gone_ends_the_question(void**) {
  answer_with("exec sleep 600");
  host_end.close();
  expect_failure(Errc::cancelled, {"has ended or cancelled"});
}

void host_that_goes_ends_the_question(void**) {
  const pid_t host = fork();
  if (host == 0) {
    pause();
    _exit(0);
  }
  host_end.close();
  answer_with("kill -KILL " + std::to_string(host) + "; exec sleep 600");
  expect_failure(Errc::cancelled, {"has ended or cancelled"});
  waitpid(host, nullptr, 0);
}

void signals_end_the_question(void**) {
  for (const char* signal : {"INT", "TERM", "HUP", "QUIT"}) {
    answer_with(std::string("kill -") + signal + " $PPID; exec sleep 600");
    expect_failure(Errc::cancelled, {"A signal ended the question"});
  }
}

// ---- whether it can be asked ----------------------------------------------------------------------------------------

bool is_available() {
  config = Config::load();
  return make_pinentry_prompter(*config, our_end.get())->available();
}

bool is_available_without_terminal() {
  const pid_t child = fork();
  if (child == 0) {
    setsid();
    _exit(is_available() ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return status == 0;
}

void windows_make_it_available(void**) {
  answer_with(agreed);
  assert_true(is_available());
  unsetenv("DISPLAY");
  assert_false(is_available());
  setenv("WAYLAND_DISPLAY", "wayland-0", 1);
  assert_true(is_available());
}

void another_terminal_makes_it_available(void**) {
  answer_with(agreed);
  unsetenv("DISPLAY");
  assert_false(is_available_without_terminal());
  setenv("GPG_TTY", "/dev/pts/0", 1);
  assert_true(is_available_without_terminal());
}

void a_program_makes_it_available(void**) {
  for (const char* path : {"none", "/nonexistent/pinentry", "pinentry", "/etc/passwd"}) {
    setenv("SMARTCMD_PINENTRY", path, 1);
    assert_false(is_available());
  }
}

void without_any_the_sentence_says_what_to_do(void**) {
  setenv("SMARTCMD_PINENTRY", "/nonexistent/pinentry", 1);
  setsid();  // no terminal either
  config = Config::load();
  const Credentials credentials(*config, our_end.get());
  const Error error = error_of([&] { credentials.require_prompter(); });
  assert_true(error.code() == Errc::no_prompt);
  for (const char* part : {"/nonexistent/pinentry", "SMARTCMD_PINENTRY", "SMARTCMD_ASKPASS", "terminal"}) {
    assert_true(contains(error.message(), part));
  }
}

}  // namespace

int main() {
  alarm(100);
  const CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(what_is_typed_is_the_answer, set_up, tear_down),
      cmocka_unit_test_setup_teardown(pinentry_is_told_what_is_asked, set_up, tear_down),
      cmocka_unit_test_setup_teardown(only_the_password_signs, set_up, tear_down),
      cmocka_unit_test_setup_teardown(what_is_no_secret_is_asked_again, set_up, tear_down),
      cmocka_unit_test_setup_teardown(an_empty_answer_asks_for_a_new_password, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_new_password_can_be_thought_better_of, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_wrong_password_is_told_in_the_window, set_up, tear_down),
      cmocka_unit_test_setup_teardown(an_old_pinentry_will_do, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_batch_of_any_names_fits, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_question_of_any_names_fits, set_up, tear_down),
      cmocka_unit_test_setup_teardown(every_document_can_be_seen_before_the_password, set_up, tear_down),
      cmocka_unit_test_setup_teardown(who_knows_them_need_not_see_them, set_up, tear_down),
      cmocka_unit_test_setup_teardown(what_went_wrong_is_told, set_up, tear_down),
      cmocka_unit_test_setup_teardown(nobody_has_to_read_it, set_up, tear_down),
      cmocka_unit_test_setup_teardown(cancelling_cancels, set_up, tear_down),
      cmocka_unit_test_setup_teardown(time_ends_the_question, set_up, tear_down),
      cmocka_unit_test_setup_teardown(what_cannot_ask_leaves_it_to_others, set_up, tear_down),
      cmocka_unit_test_setup_teardown(garbage_is_no_answer, set_up, tear_down),
      cmocka_unit_test_setup_teardown(an_early_end_is_told, set_up, tear_down),
      cmocka_unit_test_setup_teardown(host_that_is_gone_ends_the_question, set_up, tear_down),
      cmocka_unit_test_setup_teardown(host_that_goes_ends_the_question, set_up, tear_down),
      cmocka_unit_test_setup_teardown(signals_end_the_question, set_up, tear_down),
      cmocka_unit_test_setup_teardown(descendants_end_with_it, set_up, tear_down),
      cmocka_unit_test_setup_teardown(stubborn_program_is_ended, set_up, tear_down),
      cmocka_unit_test_setup_teardown(windows_make_it_available, set_up, tear_down),
      cmocka_unit_test_setup_teardown(another_terminal_makes_it_available, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_program_makes_it_available, set_up, tear_down),
      cmocka_unit_test_setup_teardown(without_any_the_sentence_says_what_to_do, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, make_home, remove_home);
}
