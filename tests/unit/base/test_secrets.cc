// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "base/log.h"
#include "base/secret_file.h"
#include "base/secure_string.h"
#include "tests/support/expect.h"
#include "tests/support/temporary_directory.h"

namespace smartcmd {
namespace {

void a_secret_is_moved_not_copied(void**) {
  SecureString pin("1234");
  SecureString taken(std::move(pin));
  assert_true(pin.empty());
  assert_true(taken.view() == "1234");
  taken.push_back('5');
  taken.pop_back();
  taken.pop_back();
  assert_true(taken.view() == "123");
  pin = std::move(taken);
  assert_true(taken.empty() && pin.view() == "123");
  assert_true(pin.copy().view() == "123");
  pin.clear();
  assert_true(pin.empty());
}

void secrets_are_compared(void**) {
  assert_true(SecureString("1234") == SecureString("1234"));
  assert_true(SecureString() == SecureString(""));
  for (const char* other : {"", "123", "1235", "2234", "12345"}) {
    assert_false(SecureString("1234") == SecureString(other));
  }
}

void a_secret_has_an_end(void**) {
  SecureString secret(std::string(SecureString::capacity, 'x'));
  expect_error(Errc::invalid_secret, [&] { secret.push_back('x'); });
}

// The kernel's own word on the page: smaps shows "dd" (not in core dumps) and "wf" (wiped on fork).
void the_page_stays_out_of_cores_and_children(void**) {
  const SecureString secret("1234");
  std::ifstream smaps("/proc/self/smaps");
  const auto address = reinterpret_cast<unsigned long>(secret.view().data());
  std::string line;
  bool inside = false;
  bool seen = false;
  while (std::getline(smaps, line)) {
    unsigned long from = 0;
    unsigned long to = 0;
    if (sscanf(line.c_str(), "%lx-%lx ", &from, &to) == 2) inside = from <= address && address < to;
    if (inside && line.starts_with("VmFlags:")) {
      assert_true(contains(line, " dd"));
      assert_true(contains(line, " wf"));
      seen = true;
    }
  }
  assert_true(seen);
}

void a_child_finds_nothing(void**) {
  const SecureString secret("1234");
  const pid_t child = fork();
  if (child == 0) _exit(secret.view().data()[0] == '\0' && secret.empty() ? 0 : 1);
  int status = -1;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_int_equal(status, 0);
}

void the_first_line_of_a_file_is_the_secret(void**) {
  const TemporaryDirectory directory;
  assert_true(read_secret_file(directory.write("a", "1234\nrest\n")).view() == "1234");
  assert_true(read_secret_file(directory.write("b", "1234\r\n")).view() == "1234");
  assert_true(read_secret_file(directory.write("c", "pass word")).view() == "pass word");
}

void a_secret_file_is_for_its_owner_alone(void**) {
  const TemporaryDirectory directory;
  const auto open_file = directory.write("open", "1234\n", 0644);
  const Error error = error_of([&] { read_secret_file(open_file); });
  assert_true(error.code() == Errc::configuration);
  assert_true(contains(error.what(), "chmod 600"));
  assert_false(contains(error.what(), "1234"));
  expect_error(Errc::configuration, [&] { read_secret_file(directory.path() / "missing"); });
  expect_error(Errc::configuration, [&] { read_secret_file(directory.path()); });
  expect_error(Errc::configuration, [&] { read_secret_file(directory.write("empty", "\n1234\n")); });
}

void a_pipe_may_hold_a_secret(void**) {
  int ends[2];
  assert_int_equal(pipe(ends), 0);
  const std::string path = "/dev/fd/" + std::to_string(ends[0]);
  const pid_t writer = fork();
  if (writer == 0) {
    const bool written = write(ends[1], "12", 2) == 2 && usleep(1000) == 0 && write(ends[1], "34\n", 3) == 3;
    _exit(written ? 0 : 1);
  }
  close(ends[1]);
  assert_true(read_secret_file(path).view() == "1234");
  assert_int_equal(waitpid(writer, nullptr, 0), writer);
  expect_error(Errc::configuration, [&] { read_secret_file(path); });  // its end
  close(ends[0]);
}

void a_pipe_without_a_writer_is_not_waited_for_long(void**) {
  const TemporaryDirectory directory;
  const auto pipe = directory.path() / "pipe";
  assert_int_equal(mkfifo(pipe.c_str(), 0600), 0);
  const Error error = error_of([&] { read_secret_file(pipe); });
  assert_true(error.code() == Errc::configuration);
  assert_true(contains(error.what(), "in time"));
}

std::string content_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

void a_log_may_be_a_file_or_a_pipe(void**) {
  const TemporaryDirectory directory;
  const Error error(Errc::internal, "Something happened.");
  const auto file = directory.path() / "log";
  log_error("f", error, file);
  log_error("f", error, file);
  const std::string lines = content_of(file);
  assert_int_equal(std::count(lines.begin(), lines.end(), '\n'), 2);
  int ends[2];
  assert_int_equal(pipe(ends), 0);
  log_error("f", error, "/dev/fd/" + std::to_string(ends[1]));
  char line[256] = "";
  assert_true(read(ends[0], line, sizeof line - 1) > 0);
  assert_true(contains(line, "Something happened."));
  close(ends[0]);
  log_error("f", error, "/dev/fd/" + std::to_string(ends[1]));  // SIGPIPE would end the test
  close(ends[1]);
  sigset_t pending;
  sigpending(&pending);
  assert_int_equal(sigismember(&pending, SIGPIPE), 0);
}

void a_log_that_nobody_reads_keeps_nobody_waiting(void**) {
  const TemporaryDirectory directory;
  const auto pipe = directory.path() / "pipe";
  assert_int_equal(mkfifo(pipe.c_str(), 0600), 0);
  log_error("f", Error(Errc::internal, "Something happened."), pipe);
}

}  // namespace
}  // namespace smartcmd

int main() {
  using namespace smartcmd;
  alarm(60);
  const CMUnitTest tests[] = {
      cmocka_unit_test(a_secret_is_moved_not_copied),
      cmocka_unit_test(secrets_are_compared),
      cmocka_unit_test(a_secret_has_an_end),
      cmocka_unit_test(the_page_stays_out_of_cores_and_children),
      cmocka_unit_test(a_child_finds_nothing),
      cmocka_unit_test(the_first_line_of_a_file_is_the_secret),
      cmocka_unit_test(a_secret_file_is_for_its_owner_alone),
      cmocka_unit_test(a_pipe_may_hold_a_secret),
      cmocka_unit_test(a_pipe_without_a_writer_is_not_waited_for_long),
      cmocka_unit_test(a_log_may_be_a_file_or_a_pipe),
      cmocka_unit_test(a_log_that_nobody_reads_keeps_nobody_waiting),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
