// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// What is too small for a file of its own: cancellation, process_wide, user, spelling.

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>
#include <vector>

#include "base/cancellation.h"
#include "base/process_wide.h"
#include "base/spelling.h"
#include "base/user.h"
#include "tests/support/expect.h"

namespace smartcmd {
namespace {

void who_waits_is_woken_once(void**) {
  Cancellation cancellation;
  int outer = 0, inner = 0;
  {
    const Cancellation::Scope first(&cancellation, [&] { ++outer; });
    {
      const Cancellation::Scope second(&cancellation, [&] { ++inner; });
      std::thread([&] { cancellation.cancel(); }).join();
      cancellation.cancel();
      assert_int_equal(inner, 1);
    }
    assert_int_equal(outer, 0);
  }
  assert_true(cancellation.cancelled());
  int late = 0;
  const Cancellation::Scope later(&cancellation, [&] { ++late; });
  assert_int_equal(late, 1);  // at once
  const Cancellation::Scope nothing(nullptr, [] { fail(); });
}

struct Number {
  int value = 0;
};

void a_fork_is_a_new_process(void**) {
  process_wide<Number>().value = 7;
  assert_int_equal(process_wide<Number>().value, 7);
  const pid_t child = fork();
  if (child == 0) _exit(process_wide<Number>().value);
  int status = -1;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_int_equal(status, 0);
  assert_int_equal(process_wide<Number>().value, 7);
}

void threads_share_the_one_of_their_process(void**) {
  struct Shared {
    int value = 0;
  };
  std::vector<const Shared*> seen(8);
  std::vector<std::thread> threads;
  for (const Shared*& place : seen) threads.emplace_back([&place] { place = &process_wide<Shared>(); });
  for (std::thread& thread : threads) thread.join();
  for (const Shared* one : seen) assert_ptr_equal(one, seen.front());
}

void the_environment_says_where_home_is(void**) {
  assert_true(trusts_environment());
  setenv("HOME", "/nowhere", 1);
  assert_string_equal(home_directory().c_str(), "/nowhere");
}

void a_slip_is_no_other_word(void**) {
  assert_int_equal(distance("kitten", "sitting"), 3);
  assert_int_equal(distance("", "abc"), 3);
  assert_int_equal(distance("same", "same"), 0);
  const std::string_view keys[] = {"login", "label", "endpoint"};
  const auto name = [](std::string_view key) { return key; };
  assert_true(*nearest(keys, "lable", name) == "label");
  assert_true(*nearest(keys, "endpiont", name) == "endpoint");
  assert_null(nearest(keys, "foo", name));
  assert_null(nearest(std::vector<std::string>(), "foo", name));
}

}  // namespace
}  // namespace smartcmd

int main() {
  using namespace smartcmd;
  const CMUnitTest tests[] = {
      cmocka_unit_test(who_waits_is_woken_once),
      cmocka_unit_test(a_fork_is_a_new_process),
      cmocka_unit_test(threads_share_the_one_of_their_process),
      cmocka_unit_test(the_environment_says_where_home_is),
      cmocka_unit_test(a_slip_is_no_other_word),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
