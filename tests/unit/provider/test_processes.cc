// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// Threads, forks, unloading and exits.

#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "tests/support/provider_program.h"

namespace smartcmd {
namespace {

void many_threads_sign_at_once(void**) {
  const Key key = load_key();
  std::atomic<unsigned> good{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 64; ++i) {
    threads.emplace_back([&] {
      const std::string text = new_text();
      if (verifies(digest_sign(key.get(), text), text)) ++good;
    });
  }
  for (std::thread& thread : threads) thread.join();
  assert_int_equal(good, 64);
  assert_true(signatures_asked() < 64);
}

void a_child_signs_with_the_parents_key(void**) {
  const Key key = load_key();
  const std::string text = new_text();
  const pid_t child = fork();
  if (child == 0) _exit(verifies(digest_sign(key.get(), text), text) ? 0 : 1);
  int status = -1;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_int_equal(status, 0);
}

}  // namespace
}  // namespace smartcmd

int main() {
  using namespace smartcmd;
  const CMUnitTest tests[] = {
      cmocka_unit_test(many_threads_sign_at_once),
      cmocka_unit_test(a_child_signs_with_the_parents_key),
  };
  return run_in_both_orders(tests);
}
