// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// Programs that ask for the agent, and how they end.

#include "agent/running_program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <optional>
#include <string>
#include <system_error>

#include "base/file_descriptor.h"
#include "tests/support/expect.h"

using namespace smartcmd;

namespace {

/// A shell script that writes into a pipe: its end is that of everybody who holds it.
class Script {
 public:
  explicit Script(const std::string& text, bool own_group = false) {
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    output_ = FileDescriptor(ends[0]);
    const FileDescriptor theirs(ends[1]);
    program.emplace(Program{"/bin/sh", {"-c", text}, {"PATH=/usr/bin:/bin"}, theirs.get(), {STDOUT_FILENO}, own_group});
  }
  /// Waits for a line.
  void wait_for_output() const {
    char octet = 0;
    assert_int_equal(read(output_.get(), &octet, 1), 1);
  }
  /// Whether nobody holds the other end any more, at the latest in a while.
  bool output_ends() const {
    pollfd end{output_.get(), 0, 0};
    return poll(&end, 1, 20000) == 1 && (end.revents & POLLHUP) != 0;
  }

  std::optional<RunningProgram> program;

 private:
  FileDescriptor output_;
};

/// A Watch blocks SIGCHLD as long as a program runs.
int block_children(void**) {
  sigset_t child;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  return sigprocmask(SIG_BLOCK, &child, nullptr);
}

int expect_no_child(void**) {
  return waitpid(-1, nullptr, WNOHANG) == -1 && errno == ECHILD ? 0 : -1;
}

void its_end_is_told(void**) {
  Script script("exit 3");
  assert_true(script.program->ends_by_itself());
  assert_true(script.program->has_ended());
  assert_false(script.program->was_killed());
  assert_int_equal(script.program->status(), 3);
}

void a_signal_is_told(void**) {
  Script script("kill -KILL $$");
  assert_true(script.program->ends_by_itself());
  assert_true(script.program->was_killed());
  assert_int_equal(script.program->status(), SIGKILL);
}

void what_goes_on_has_not_ended(void**) {
  Script script("echo; exec sleep 600");
  script.wait_for_output();
  assert_false(script.program->has_ended());
  assert_false(script.program->ends_by_itself());  // it is given two seconds
  script.program.reset();
  assert_true(script.output_ends());
}

void it_is_told_to_end_and_may_do_so_in_order(void**) {
  Script script("trap 'echo told; exit' TERM; echo; while :; do sleep 0.1; done");
  script.wait_for_output();
  script.program.reset();
  script.wait_for_output();
  assert_true(script.output_ends());
}

void who_does_not_is_killed(void**) {
  Script script("trap '' TERM; echo; exec sleep 600");
  script.wait_for_output();
  script.program.reset();
  assert_true(script.output_ends());
}

void its_group_ends_with_it(void**) {
  Script script("trap '' TERM; sleep 600 & echo; exit", true);
  script.wait_for_output();
  assert_true(script.program->ends_by_itself());
  assert_true(script.program->has_ended());
  script.program.reset();
  assert_true(script.output_ends());
}

void what_cannot_be_executed_is_an_error(void**) {
  try {
    const RunningProgram program({"/nonexistent/program", {}, {}, STDOUT_FILENO, {STDOUT_FILENO}});
    fail_msg("it runs");
  } catch (const std::system_error& error) {
    assert_int_equal(error.code().value(), ENOENT);
  }
}

}  // namespace

int main() {
  alarm(60);
  const CMUnitTest tests[] = {
      cmocka_unit_test_teardown(its_end_is_told, expect_no_child),
      cmocka_unit_test_teardown(a_signal_is_told, expect_no_child),
      cmocka_unit_test_teardown(what_goes_on_has_not_ended, expect_no_child),
      cmocka_unit_test_teardown(it_is_told_to_end_and_may_do_so_in_order, expect_no_child),
      cmocka_unit_test_teardown(who_does_not_is_killed, expect_no_child),
      cmocka_unit_test_teardown(its_group_ends_with_it, expect_no_child),
      cmocka_unit_test_teardown(what_cannot_be_executed_is_an_error, expect_no_child),
  };
  return cmocka_run_group_tests(tests, block_children, nullptr);
}
