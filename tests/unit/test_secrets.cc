// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "signing/secret_file.h"
#include "signing/secure_string.h"
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
  if (child == 0) _exit(secret.view()[0] == '\0' ? 0 : 1);
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
  const auto open_file = directory.write("open", "1234\n", 0640);
  const Error error = error_of([&] { read_secret_file(open_file); });
  assert_true(error.code() == Errc::configuration);
  assert_true(contains(error.what(), "chmod 600"));
  assert_false(contains(error.what(), "1234"));
  expect_error(Errc::configuration, [&] { read_secret_file(directory.path() / "missing"); });
  expect_error(Errc::configuration, [&] { read_secret_file(directory.path()); });
  expect_error(Errc::configuration, [&] { read_secret_file(directory.write("empty", "\n1234\n")); });
}

}  // namespace
}  // namespace smartcmd

int main() {
  using namespace smartcmd;
  const CMUnitTest tests[] = {
      cmocka_unit_test(a_secret_is_moved_not_copied),
      cmocka_unit_test(a_secret_has_an_end),
      cmocka_unit_test(the_page_stays_out_of_cores_and_children),
      cmocka_unit_test(a_child_finds_nothing),
      cmocka_unit_test(the_first_line_of_a_file_is_the_secret),
      cmocka_unit_test(a_secret_file_is_for_its_owner_alone),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
