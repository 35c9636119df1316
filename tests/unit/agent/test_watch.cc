// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// What ends the wait for a person.

#include "agent/watch.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "tests/support/expect.h"

using namespace smartcmd;

namespace {

using std::chrono::seconds;

/// The agent's end of the host's socket, and the host's.
struct Host {
  Host() {
    int ends[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    agent = FileDescriptor(ends[0]);
    host = FileDescriptor(ends[1]);
  }
  FileDescriptor agent, host;
};

struct Pipe {
  Pipe() {
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    reader = FileDescriptor(ends[0]);
    writer = FileDescriptor(ends[1]);
  }
  FileDescriptor reader, writer;
};

bool is_blocked(int signal) {
  sigset_t blocked;
  sigprocmask(SIG_BLOCK, nullptr, &blocked);
  return sigismember(&blocked, signal) == 1;
}

void a_descriptor_ends_it(void**) {
  const Host host;
  const Pipe pipe;
  Watch watch(host.agent.get(), seconds(20));
  assert_true(watch.wait(pipe.writer.get(), POLLOUT) == Watch::Event::ready);
  assert_int_equal(write(pipe.writer.get(), "a", 1), 1);
  assert_true(watch.wait(pipe.reader.get()) == Watch::Event::ready);
}

void the_end_of_a_child_ends_it(void**) {
  const Host host;
  Watch watch(host.agent.get(), seconds(20));
  const pid_t child = fork();
  if (child == 0) _exit(0);
  assert_true(watch.wait(-1) == Watch::Event::child);
  assert_int_equal(waitpid(child, nullptr, 0), child);
}

void the_hosts_end_ends_it(void**) {
  Host host;
  Watch watch(host.agent.get(), seconds(20));
  assert_false(is_host_gone(host.agent.get()));
  require_host(host.agent.get());
  host.host.close();
  assert_true(is_host_gone(host.agent.get()));
  expect_error(Errc::cancelled, [&] { watch.wait(-1); });
  expect_error(Errc::cancelled, [&] { require_host(host.agent.get()); });
}

// A host sends nothing after its request.
void a_host_that_says_more_is_taken_for_gone(void**) {
  const Host host;
  assert_int_equal(write(host.host.get(), "a", 1), 1);
  assert_true(is_host_gone(host.agent.get()));
}

void time_ends_it_also_where_there_is_always_something(void**) {
  const Host host;
  const Pipe pipe;
  Watch watch(host.agent.get(), seconds(1));
  expect_error(Errc::prompt_failed, [&] { watch.wait(pipe.reader.get()); });
  expect_error(Errc::prompt_failed, [&] { watch.wait(pipe.writer.get(), POLLOUT); });
}

void signals_end_it(void**) {
  for (const int signal : {SIGHUP, SIGINT, SIGQUIT, SIGTERM}) {
    const Host host;
    Watch watch(host.agent.get(), seconds(20));
    raise(signal);
    expect_error(Errc::cancelled, [&] { watch.wait(-1); });
  }
}

void ctrl_c_ends_it_also_where_it_is_ignored_but_no_hangup(void**) {
  std::signal(SIGINT, SIG_IGN);
  std::signal(SIGHUP, SIG_IGN);
  {
    const Host host;
    const Pipe pipe;
    Watch watch(host.agent.get(), seconds(20));
    raise(SIGHUP);
    assert_true(watch.wait(pipe.writer.get(), POLLOUT) == Watch::Event::ready);
    raise(SIGINT);
    expect_error(Errc::cancelled, [&] { watch.wait(-1); });
  }
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGHUP, SIG_DFL);
}

void signals_are_held_back_as_long_as_it_lives(void**) {
  constexpr int held[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGCHLD, SIGTSTP, SIGTTIN, SIGTTOU};
  {
    const Host host;
    const Watch watch(host.agent.get(), seconds(20));
    for (const int signal : held) assert_true(is_blocked(signal));
  }
  for (const int signal : held) assert_false(is_blocked(signal));
}

}  // namespace

int main() {
  alarm(60);
  const CMUnitTest tests[] = {
      cmocka_unit_test(a_descriptor_ends_it),
      cmocka_unit_test(the_end_of_a_child_ends_it),
      cmocka_unit_test(the_hosts_end_ends_it),
      cmocka_unit_test(a_host_that_says_more_is_taken_for_gone),
      cmocka_unit_test(time_ends_it_also_where_there_is_always_something),
      cmocka_unit_test(signals_end_it),
      cmocka_unit_test(ctrl_c_ends_it_also_where_it_is_ignored_but_no_hangup),
      cmocka_unit_test(signals_are_held_back_as_long_as_it_lives),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
