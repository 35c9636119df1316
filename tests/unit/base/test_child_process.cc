// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "base/child_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <optional>
#include <string>
#include <system_error>

#include "base/signals.h"
#include "tests/support/expect.h"

namespace smartcmd {
namespace {

using namespace std::chrono_literals;

/// More than any of these programs needs, on a busy machine.
constexpr auto plenty = 30s;

struct Pipe {
  Pipe() {
    int both[2];
    assert_int_equal(pipe2(both, O_CLOEXEC), 0);
    read_end = FileDescriptor(both[0]);
    write_end = FileDescriptor(both[1]);
  }
  /// All that is written until every writer has gone.
  std::string text() {
    write_end.close();
    std::string all;
    char octets[256];
    for (ssize_t got = 0; (got = read(read_end.get(), octets, sizeof octets)) > 0;)
      all.append(octets, static_cast<std::size_t>(got));
    return all;
  }
  FileDescriptor read_end, write_end;
};

Program shell(const std::string& script) {
  return {"/bin/sh", {"-c", script}, {"PATH=/usr/bin:/bin"}, {}};
}

Program shell(const std::string& script, const Pipe& output) {
  Program program = shell(script);
  program.descriptors = {{output.write_end.get(), STDOUT_FILENO}};
  return program;
}

bool has_no_child() {
  return waitpid(-1, nullptr, WNOHANG) < 0 && errno == ECHILD;
}

void a_program_gets_what_it_is_given(void**) {
  Pipe output;
  Program program =
      shell("echo $NAME $0 $*; ls /proc/$$/fd | tr '\\n' ' '; cat; readlink /proc/$$/fd/0 /proc/$$/fd/2", output);
  program.arguments.insert(program.arguments.end(), {"zero", "one", "two"});
  program.environment.emplace_back("NAME=value");
  const FileDescriptor stranger(open("/dev/null", O_RDONLY));  // open across exec, and none of its business
  ChildProcess child(program);
  assert_string_equal(output.text().c_str(), "value zero one two\n0 1 2 /dev/null\n/dev/null\n");
  assert_true(child.ends_within(plenty));
  assert_false(child.was_killed());
  assert_int_equal(child.status(), 0);
}

void descriptors_may_change_places(void**) {
  Pipe one, other;
  const int first = one.write_end.get(), second = other.write_end.get();
  Program program = shell("echo first >&" + std::to_string(second) + "; echo second >&" + std::to_string(first));
  program.descriptors = {{first, second}, {second, first}};
  const ChildProcess child(program);
  assert_string_equal(one.text().c_str(), "first\n");
  assert_string_equal(other.text().c_str(), "second\n");
}

void a_program_may_share_all_of_ours(void**) {
  const Pipe ours;
  const int number = fcntl(ours.write_end.get(), F_DUPFD, 10);
  Program program = shell("test -e /proc/$$/fd/" + std::to_string(number));
  program.inherits_standard = true;
  ChildProcess child(program);
  close(number);
  assert_true(child.ends_within(plenty));
  assert_int_equal(child.status(), 0);
}

void a_name_is_looked_for_in_its_path(void**) {
  ChildProcess child({"true", {}, {"PATH=/nowhere:/usr/bin:/bin"}, {}});
  assert_true(child.ends_within(plenty));
  assert_int_equal(child.status(), 0);
  for (const Program& program : {Program{"true", {}, {"PATH=/nowhere"}, {}}, Program{"true", {}, {}, {}},
                                 Program{"/nowhere/true", {}, {"PATH=/bin"}, {}}}) {
    try {
      ChildProcess none(program);
      fail();
    } catch (const std::system_error& error) {
      assert_true(error.code() == std::errc::no_such_file_or_directory);
    }
  }
}

void how_it_ended_is_known(void**) {
  ChildProcess exits(shell("exit 7"));
  assert_true(exits.ends_within(plenty));
  assert_int_equal(exits.status(), 7);
  ChildProcess killed(shell("kill -USR1 $$"));
  assert_true(killed.ends_within(plenty));
  assert_true(killed.was_killed());
  assert_int_equal(killed.status(), SIGUSR1);
  ChildProcess runs(shell("exec sleep 600"));
  assert_false(runs.has_ended());
  assert_false(runs.ends_within(1ms));
  runs.send(SIGINT);
  assert_true(runs.ends_within(plenty));
  assert_int_equal(runs.status(), SIGINT);
}

void signals_are_as_a_program_expects_them(void**) {
  const SignalsHeld held(signal_set({SIGUSR1, SIGINT}));
  const auto former = signal(SIGPIPE, SIG_IGN);
  const auto nohup = signal(SIGHUP, SIG_IGN);
  Pipe output;
  ChildProcess child(shell("grep -E 'Sig(Blk|Ign)' /proc/$$/status | tr -d '\\n\\t'", output));
  signal(SIGPIPE, former);
  signal(SIGHUP, nohup);
  const std::string text = output.text();
  constexpr unsigned long long standard = 0x7fffffff;  // without those that are glibc's own
  assert_true(text.starts_with("SigBlk:0000000000000000SigIgn:"));
  assert_int_equal(std::stoull(text.substr(text.rfind(':') + 1), nullptr, 16) & standard, 1);  // SIGHUP alone
}

void nobody_outlives_its_owner(void**) {
  Pipe output;
  {
    Program program = shell("trap '' TERM; echo here; sleep 600 & wait; wait", output);
    program.own_group = true;
    ChildProcess child(program);
    char octet = 0;
    assert_int_equal(read(output.read_end.get(), &octet, 1), 1);
  }
  assert_string_equal(output.text().c_str(), "ere\n");  // which ends: of the group nobody is left
  assert_true(has_no_child());
}

/// As long as it lives the process has no descriptor left, and so none to wait for a child with; as on a kernel
/// without.
class NoDescriptors {
 public:
  NoDescriptors() {
    getrlimit(RLIMIT_NOFILE, &former_);
    const rlimit small{32, former_.rlim_max};
    setrlimit(RLIMIT_NOFILE, &small);
    do {
      all_.emplace_back(open("/dev/null", O_RDONLY | O_CLOEXEC));
    } while (all_.back());
  }
  ~NoDescriptors() { setrlimit(RLIMIT_NOFILE, &former_); }

 private:
  rlimit former_{};
  std::vector<FileDescriptor> all_;
};

void without_a_descriptor_all_is_the_same(void**) {
  const NoDescriptors none;
  ChildProcess exits(shell("exit 7"));
  assert_int_equal(exits.descriptor(), -1);
  assert_true(exits.ends_within(plenty));
  assert_int_equal(exits.status(), 7);
  { ChildProcess stuck(shell("trap '' TERM; while :; do sleep 1; done")); }
  assert_true(exits.has_ended());
}

void a_host_may_reap_it(void**) {
  for (const bool with_descriptor : {true, false}) {
    std::optional<NoDescriptors> none;
    if (!with_descriptor) none.emplace();
    const auto former = signal(SIGCHLD, SIG_IGN);  // then the kernel reaps
    {
      ChildProcess child(shell("exit 7"));
      assert_true(child.ends_within(plenty));
      assert_false(child.was_killed());
    }
    signal(SIGCHLD, former);
  }
}

}  // namespace
}  // namespace smartcmd

int main() {
  using namespace smartcmd;
  alarm(100);
  const CMUnitTest tests[] = {
      cmocka_unit_test(a_program_gets_what_it_is_given),
      cmocka_unit_test(descriptors_may_change_places),
      cmocka_unit_test(a_program_may_share_all_of_ours),
      cmocka_unit_test(a_name_is_looked_for_in_its_path),
      cmocka_unit_test(how_it_ended_is_known),
      cmocka_unit_test(signals_are_as_a_program_expects_them),
      cmocka_unit_test(nobody_outlives_its_owner),
      cmocka_unit_test(without_a_descriptor_all_is_the_same),
      cmocka_unit_test(a_host_may_reap_it),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
