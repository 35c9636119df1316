// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// What a signal does while files are signed.

#include "cli/sign/interruption.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <future>

#include "tests/support/expect.h"

namespace smartcmd {
namespace {

/// Sends the signal to this process and returns when it has cancelled.
void interrupt(Interruption& interruption, int signal) {
  std::promise<void> cancelled;
  const Cancellation::Scope scope(&interruption.cancellation(), [&] { cancelled.set_value(); });
  kill(getpid(), signal);
  cancelled.get_future().wait();
}

void a_signal_cancels_and_is_remembered(void**) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    Interruption interruption;
    assert_false(interruption.came());
    interrupt(interruption, signal);
    assert_true(interruption.came());
    assert_int_equal(interruption.signal(), signal);
  }
}

void a_hangup_that_was_ignored_stays_so(void**) {
  signal(SIGHUP, SIG_IGN);
  {
    Interruption interruption;
    kill(getpid(), SIGHUP);
    interrupt(interruption, SIGTERM);
    assert_int_equal(interruption.signal(), SIGTERM);
  }
  signal(SIGHUP, SIG_DFL);
}

void the_process_ends_as_by_the_signal(void**) {
  const pid_t child = fork();
  if (child == 0) {
    int first = 0;
    {
      Interruption interruption;
      interrupt(interruption, SIGTERM);
      first = interruption.signal();
    }
    end_by(first);
  }
  int status = 0;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_true(WIFSIGNALED(status));
  assert_int_equal(WTERMSIG(status), SIGTERM);
}

}  // namespace
}  // namespace smartcmd

int main() {
  using namespace smartcmd;
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) ::signal(signal, SIG_DFL);  // a shell's job may ignore some
  const CMUnitTest tests[] = {
      cmocka_unit_test(a_signal_cancels_and_is_remembered),
      cmocka_unit_test(a_hangup_that_was_ignored_stays_so),
      cmocka_unit_test(the_process_ends_as_by_the_signal),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
