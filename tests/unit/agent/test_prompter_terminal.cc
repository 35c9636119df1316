// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// The terminal prompter: a host on a pseudo-terminal asks the fake agent, and the test types.

#include <errno.h>
#include <locale.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <functional>
#include <optional>

#include "agent/prompt_text.h"
#include "agent/prompter.h"
#include "base/file_descriptor.h"
#include "base/text.h"
#include "signing/agent_client.h"
#include "tests/support/expect.h"
#include "tests/support/identity.h"

using namespace smartcmd;

namespace {

constexpr int patience_milliseconds = 20000;

std::optional<TestHome> home;

int make_home(void**) {
  setenv("LC_ALL", "C.UTF-8", 1);
  setenv("LANGUAGE", "en", 1);
  home.emplace();
  setenv("XDG_RUNTIME_DIR", home->file("log").parent_path().c_str(), 1);
  setenv("SMARTCMD_FAKE_PIN", "1234", 1);
  setenv("SMARTCMD_FAKE_OTP", "123456", 1);
  return 0;
}

int remove_home(void**) {
  home.reset();
  return 0;
}

int set_up(void**) {
  std::filesystem::remove(home->file("log"));
  return 0;
}

/// A session of its own on a new pseudo-terminal.
class Session {
 public:
  explicit Session(const std::function<void()>& act, unsigned short rows = 0) {
    int master = -1;
    const winsize size{rows, 80, 0, 0};
    leader_ = forkpty(&master, nullptr, nullptr, &size);
    assert_true(leader_ >= 0);
    if (leader_ == 0) {
      alarm(patience_milliseconds / 1000);
      act();
      _exit(0);
    }
    master_ = FileDescriptor(master);
  }
  ~Session() {
    kill(leader_, SIGKILL);
    waitpid(leader_, nullptr, 0);
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void type(const std::string& keys) { assert_int_equal(write(master_.get(), keys.data(), keys.size()), keys.size()); }
  void signal_all(int number) { assert_int_equal(kill(-leader_, number), 0); }

  /// Reads until `text` has come after what was read before.
  void wait_for(const std::string& text) {
    std::size_t found = 0;
    while ((found = screen_.find(text, seen_)) == std::string::npos) {
      pollfd output{master_.get(), POLLIN, 0};
      char octets[512];
      const ssize_t count =
          poll(&output, 1, patience_milliseconds) == 1 ? read(master_.get(), octets, sizeof octets) : -1;
      if (count <= 0) fail_msg("'%s' did not come; the screen is:\n%s", text.c_str(), screen_.c_str());
      screen_.append(octets, static_cast<std::size_t>(count));
    }
    seen_ = found + text.size();
  }
  /// The same for any question.
  void wait_for_question() { wait_for(" digits): "); }
  const std::string& screen() const { return screen_; }

 private:
  pid_t leader_ = -1;
  FileDescriptor master_;
  std::string screen_;
  std::size_t seen_ = 0;
};

// ---- what runs on the terminal --------------------------------------------------------------------------------------

const char* echo_state() {
  termios mode{};
  tcgetattr(STDIN_FILENO, &mode);
  constexpr tcflag_t usual = ECHO | ICANON | ISIG;
  return (mode.c_lflag & usual) == usual && mode.c_cc[VSUSP] == ('Z' - '@') ? "as before" : "CHANGED";
}

void print_result(const std::function<void()>& act) {
  try {
    act();
    printf("result: done");
  } catch (const Error& error) {
    printf("%s\nresult: error %d", error.what(), static_cast<int>(error.code()));
  }
  printf(", terminal %s.\n", echo_state());
  fflush(stdout);
}

std::string result(Errc code) {
  return "result: error " + std::to_string(static_cast<int>(code)) + ", terminal as before.";
}

constexpr const char* done = "result: done, terminal as before.";
constexpr const char* pin_prompt = "Signature PIN (4 to 8 digits): ";
constexpr const char* otp_prompt = "One-time password (6 digits): ";

void sign_all(std::vector<Document> documents, bool at_terminal = false) {
  AgentRequest request{};
  request.verb = AgentRequest::Verb::sign;
  request.program = "test";
  request.documents = std::move(documents);
  request.at_terminal = at_terminal;
  ask_agent(request);
}

void sign() {
  sign_all({{"contract.pdf", {Hash::sha256, Bytes(32, 0xAB)}}, {"annex.pdf", {Hash::sha256, Bytes(32, 0xCD)}}});
}

void sign_fifty() {
  std::vector<Document> documents;
  for (int i = 1; i <= 50; ++i) {
    documents.push_back({"document " + std::to_string(i) + ".pdf", {Hash::sha256, Bytes(32, 1)}});
  }
  sign_all(std::move(documents));
}

// Signals that end the agent must not end the host, which has to tell how it went. The agent does not inherit it.
void host_that(const std::function<void()>& act) {
  for (const int number : {SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGTSTP}) std::signal(number, [](int) {});
  print_result(act);
}

void host() {
  host_that(sign);
}

// ---- tests ----------------------------------------------------------------------------------------------------------

void secrets_are_typed_masked(void**) {
  Session session(host);
  session.wait_for(pin_prompt);
  session.type("19\177\177\177");  // erased beyond the beginning
  session.type(
      "1x2\033[A3\033OB"
      "4\n");  // a letter, arrows
  session.wait_for(otp_prompt);
  assert_int_equal(std::count(session.screen().begin(), session.screen().end(), '*'), 6);
  session.type("999\025");  // the line is cleared
  session.type("123456\n");
  session.wait_for(done);
  assert_false(contains(session.screen(), "1234"));
  assert_string_equal(home->log().c_str(), "start\n  document contract.pdf\n  document annex.pdf\nfinish\n");
}

void prompts_say_what_is_signed(void**) {
  Session session(host);
  const char* const common[] = {"Joana Teste (fake)", "Program    test", "contract.pdf  [SHA256 abababab]",
                                "annex.pdf  [SHA256 cdcdcdcd]"};
  for (const char* part : common) session.wait_for(part);
  session.wait_for(pin_prompt);
  session.type("1234\n");
  for (const char* part : common) session.wait_for(part);
  session.wait_for("fake-process");
  session.wait_for("creates a signature in the name of Joana Teste.");
  session.wait_for(otp_prompt);
  session.type("123456\n");
  session.wait_for(done);
  assert_false(contains(session.screen(), "910000000"));
}

// What gettext makes of the words, in this process and in the agent.
void prompts_speak_the_persons_language(void**) {
  for (const char* language : {"pt", "en"}) {
    setenv("LANGUAGE", language, 1);
    setlocale(LC_ALL, "");
    Session session(host);
    session.wait_for(request_text(Purpose::pin));
    session.type("12\n");
    session.wait_for(format_text(Purpose::pin));
    session.type("1234\n");
    session.wait_for(_("To sign"));
    session.wait_for(request_text(Purpose::otp));
    session.type("\004");
    session.wait_for(question_cancelled(Purpose::otp).what());
  }
}

void keys_cancel(void**) {
  for (const char* keys : {"\003", "12\003", "\004", "12\033", "\034", "12\033\r", "\033\033"}) {
    set_up(nullptr);
    Session session(host);
    session.wait_for(pin_prompt);
    session.type(keys);
    session.wait_for(result(Errc::cancelled));
    assert_string_equal(home->log().c_str(), "");
    // What comes next begins on a line of its own.
    const std::string& screen = session.screen();
    const std::string after = screen.substr(screen.find(pin_prompt) + std::string(pin_prompt).size());
    assert_true(after.substr(after.find_first_not_of('*')).starts_with("\r\n"));
  }
}

void otp_can_be_cancelled(void**) {
  Session session(host);
  session.wait_for(pin_prompt);
  session.type("1234\n");
  session.wait_for(otp_prompt);
  session.type("\003");
  session.wait_for(result(Errc::cancelled));
  assert_false(contains(home->log(), "finish"));
}

void signals_restore_the_terminal(void**) {
  for (const int number : {SIGTERM, SIGHUP, SIGINT, SIGQUIT}) {
    Session session(host);
    session.wait_for(pin_prompt);
    session.signal_all(number);
    session.wait_for(result(Errc::cancelled));
  }
}

// As under nohup.
void what_is_to_outlive_the_terminal_does(void**) {
  Session session([] {
    std::signal(SIGHUP, SIG_IGN);
    print_result(sign);
  });
  session.wait_for(pin_prompt);
  session.signal_all(SIGHUP);
  session.type("1234\n");
  session.wait_for(otp_prompt);
  session.signal_all(SIGHUP);
  session.type("123456\n");
  session.wait_for(done);
}

// A job of a script, for instance; it must not be the one that keeps the terminal.
void ctrl_c_cancels_also_where_it_is_ignored(void**) {
  Session session([] {
    std::signal(SIGINT, SIG_IGN);
    print_result(sign);
  });
  session.wait_for(pin_prompt);
  session.type("\003");
  session.wait_for(result(Errc::cancelled));
}

// Without job control there is nobody to stop for: the host gets a group of its own in the session, in the foreground.
void ctrl_z_is_a_key_like_any_other(void**) {
  Session session([] {
    const pid_t job = fork();
    if (job == 0) {
      std::signal(SIGTTOU, SIG_IGN);
      setpgid(0, 0);
      tcsetpgrp(STDIN_FILENO, getpid());
      host();
      _exit(0);
    }
    waitpid(job, nullptr, 0);
  });
  session.wait_for(pin_prompt);
  session.type("\0321234\n");
  session.wait_for(otp_prompt);
  session.type("123456\n");
  session.wait_for(done);
}

void new_password_can_be_sent_once(void**) {
  Session session(host);
  session.wait_for(pin_prompt);
  session.type("1234\n");
  session.wait_for("r + Enter");
  session.wait_for(otp_prompt);
  session.type("r\177");        // thought better of
  session.type("12r\177\177");  // no r within a password
  session.type("r1\n");         // nor with one
  session.wait_for("has 6 digits");
  session.wait_for(otp_prompt);
  session.type("xyzr\n");
  session.wait_for("has 6 digits");
  session.wait_for(otp_prompt);
  session.type("x\177r\n");
  session.wait_for(otp_prompt);
  session.type("r\n");
  session.wait_for("has 6 digits");
  session.wait_for(otp_prompt);
  session.type("123456\n");
  session.wait_for(done);
  assert_string_equal(home->log().c_str(), "start\n  document contract.pdf\n  document annex.pdf\nresend\nfinish\n");
}

// The question is the last of it, so nobody can answer what he was not shown.
void more_than_the_screen_has_comes_in_pages(void**) {
  Session session([] { print_result(sign_fifty); }, 24);
  for (const char* step : {"step 1 of 2", "step 2 of 2"}) {
    session.wait_for(step);
    session.wait_for("document 1.pdf");
    session.wait_for("Page 1 of 3.");
    assert_false(contains(session.screen().substr(session.screen().rfind(step)), "document 24.pdf"));
    session.type("123456\033[A \n");  // digits answer nothing yet; two keys, two pages
    session.wait_for("Page 2 of 3.");
    session.wait_for("document 50.pdf");
    session.wait_for_question();
    session.type(step[5] == '1' ? "1234\n" : "123456\n");
  }
  session.wait_for("result: done");
}

void pages_can_be_cancelled(void**) {
  for (const char* key : {"\033", "\004", "\003"}) {
    set_up(nullptr);
    Session session([] { host_that(sign_fifty); }, 24);
    session.wait_for("Page 1 of 3.");
    session.type(key);
    session.wait_for("result: error " + std::to_string(static_cast<int>(Errc::cancelled)));
    assert_string_equal(home->log().c_str(), "");
  }
}

void a_wrong_password_is_asked_again(void**) {
  Session session(host);
  session.wait_for(pin_prompt);
  session.type("1234\n");
  session.wait_for(otp_prompt);
  session.type("654321\n");
  session.wait_for("That one-time password is wrong. The message that you have still counts");
  session.wait_for("r + Enter");
  session.wait_for(otp_prompt);
  session.type("123 456\n");  // as a message shows it
  session.wait_for(done);
  assert_false(contains(session.screen(), "\a"));
  assert_string_equal(home->log().c_str(), "start\n  document contract.pdf\n  document annex.pdf\nfinish\nfinish\n");
}

// Two jobs of a script: the keys of one question are not the other's.
void one_question_at_a_time(void**) {
  Session session([] {
    const pid_t other = fork();
    host();
    if (other == 0) _exit(0);
    waitpid(other, nullptr, 0);
  });
  session.wait_for(pin_prompt);
  for (int secret = 0; secret < 4; ++secret) {
    const bool pin = session.screen().ends_with(pin_prompt);
    for (const char key : std::string(pin ? "1234" : "123456")) {
      session.type({key});
      session.wait_for("*");
    }
    session.type("\n");
    if (secret < 3) session.wait_for_question();
  }
  // They may end in either order, the first of them before the last question.
  const std::string& screen = session.screen();
  while (screen.find("result: done") == screen.rfind("result: done")) session.wait_for("result: done");
}

void what_is_no_secret_is_asked_again(void**) {
  Session session(host);
  for (const char* keys : {"123\n", "123456789\n", "\n"}) {
    session.wait_for(pin_prompt);
    session.type(keys);
    session.wait_for("A signature PIN has 4 to 8 digits.");
  }
  session.wait_for(result(Errc::invalid_secret));
  assert_string_equal(home->log().c_str(), "");
}

void wrong_pin_is_not_sent_twice(void**) {
  Session session(host);
  session.wait_for(pin_prompt);
  session.type("0000\n");
  session.wait_for(result(Errc::wrong_pin));
  assert_string_equal(home->log().c_str(), "start\n  document contract.pdf\n  document annex.pdf\n");
}

void background_has_no_terminal(void**) {
  Session session([] {
    const pid_t background = fork();
    if (background == 0) {
      setpgid(0, 0);
      host();
      _exit(0);
    }
    waitpid(background, nullptr, 0);
  });
  session.wait_for("result: error " + std::to_string(static_cast<int>(Errc::no_prompt)));
}

// The agent outlives the host for a moment; the session's leader inherits it and waits for its end.
void killed_host_leaves_the_terminal_in_order(void**) {
  Session session([] {
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    const pid_t killed = fork();
    if (killed == 0) {
      sign();
      _exit(0);
    }
    printf("host %d;\n", killed);
    fflush(stdout);
    while (wait(nullptr) > 0) {
    }
    print_result([] {});
  });
  session.wait_for("host ");
  session.wait_for(";");
  const pid_t killed = std::stoi(session.screen().substr(session.screen().find("host ") + 5));
  if (!contains(session.screen(), pin_prompt)) session.wait_for(pin_prompt);
  assert_int_equal(kill(killed, SIGKILL), 0);
  session.wait_for(done);
}

// As with a DISPLAY that is gone.
void window_that_does_not_open_leaves_it_to_the_terminal(void**) {
  home->set_pinentry(
      "echo OK; while read -r line; do case $line in GETPIN) echo ERR 83918950 Inappropriate ioctl for device;; "
      "*) echo OK;; esac; done");
  Session session([] {
    setenv("DISPLAY", ":99", 1);
    host();
  });
  session.wait_for(pin_prompt);
  session.type("1234\n");
  session.wait_for(otp_prompt);
  session.type("123456\n");
  session.wait_for(done);
  setenv("SMARTCMD_PINENTRY", "none", 1);
}

// It may be behind others. But whoever does not look at the terminal is not told there.
void a_window_is_pointed_at(void**) {
  home->set_pinentry(
      "echo OK; while read -r line; do case $line in GETPIN) echo ERR 83886179 Operation cancelled;; *) echo OK;; "
      "esac; "
      "done");
  for (const bool at_terminal : {true, false}) {
    Session session([at_terminal] {
      setenv("DISPLAY", ":99", 1);
      print_result([at_terminal] { sign_all({{"a.pdf", {Hash::sha256, Bytes(32, 1)}}}, at_terminal); });
    });
    session.wait_for(result(Errc::cancelled));
    assert_int_equal(contains(session.screen(), "Waiting for you in a window (pinentry).\r\n"), at_terminal);
  }
  setenv("SMARTCMD_PINENTRY", "none", 1);
}

void question_ends_in_time(void**) {
  Session session([] {
    print_result([] {
      int ends[2];
      if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) _exit(1);
      const Config config = Config::load();
      const std::vector<Document> none;
      make_terminal_prompter(config, ends[0])
          ->ask({Purpose::pin, config.account(), "test", none, {}, false, std::chrono::seconds(1)});
    });
  });
  session.wait_for(result(Errc::prompt_failed));
}

}  // namespace

int main() {
  alarm(100);
  const CMUnitTest tests[] = {
      cmocka_unit_test_setup(secrets_are_typed_masked, set_up),
      cmocka_unit_test_setup(prompts_say_what_is_signed, set_up),
      cmocka_unit_test_setup(prompts_speak_the_persons_language, set_up),
      cmocka_unit_test_setup(keys_cancel, set_up),
      cmocka_unit_test_setup(otp_can_be_cancelled, set_up),
      cmocka_unit_test_setup(signals_restore_the_terminal, set_up),
      cmocka_unit_test_setup(what_is_to_outlive_the_terminal_does, set_up),
      cmocka_unit_test_setup(ctrl_c_cancels_also_where_it_is_ignored, set_up),
      cmocka_unit_test_setup(ctrl_z_is_a_key_like_any_other, set_up),
      cmocka_unit_test_setup(new_password_can_be_sent_once, set_up),
      cmocka_unit_test_setup(more_than_the_screen_has_comes_in_pages, set_up),
      cmocka_unit_test_setup(pages_can_be_cancelled, set_up),
      cmocka_unit_test_setup(a_wrong_password_is_asked_again, set_up),
      cmocka_unit_test_setup(one_question_at_a_time, set_up),
      cmocka_unit_test_setup(what_is_no_secret_is_asked_again, set_up),
      cmocka_unit_test_setup(wrong_pin_is_not_sent_twice, set_up),
      cmocka_unit_test_setup(background_has_no_terminal, set_up),
      cmocka_unit_test_setup(killed_host_leaves_the_terminal_in_order, set_up),
      cmocka_unit_test_setup(window_that_does_not_open_leaves_it_to_the_terminal, set_up),
      cmocka_unit_test_setup(a_window_is_pointed_at, set_up),
      cmocka_unit_test_setup(question_ends_in_time, set_up),
  };
  return cmocka_run_group_tests(tests, make_home, remove_home);
}
