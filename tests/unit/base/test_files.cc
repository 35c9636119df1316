// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "base/files.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <iterator>

#include "base/file_lock.h"
#include "tests/support/expect.h"
#include "tests/support/temporary_directory.h"

namespace smartcmd {
namespace {

namespace fs = std::filesystem;

mode_t mode_of(const fs::path& file) {
  struct stat status = {};
  assert_int_equal(stat(file.c_str(), &status), 0);
  return status.st_mode & 07777;
}

std::ptrdiff_t entries(const fs::path& directory) {
  return std::distance(fs::directory_iterator(directory), fs::directory_iterator());
}

void a_file_is_read_whole(void**) {
  const TemporaryDirectory directory;
  const std::string text = std::string(200'000, 'x') + '\0' + "end";
  const fs::path file = directory.write("file", text);
  assert_true(read_file(file) == text);
  assert_true(text_of(read_octets(file)) == text);
  assert_true(read_file(directory.write("empty", "")).empty());
  assert_false(read_file("/proc/self/status").empty());  // which says that it has no octet
}

void a_file_that_is_too_large_is_refused(void**) {
  const TemporaryDirectory directory;
  const fs::path file = directory.write("file", "12345");
  assert_true(read_file(file, Errc::configuration, 5) == "12345");
  const Error error = error_of([&] { read_file(file, Errc::answer_too_large, 4); });
  assert_true(error.code() == Errc::answer_too_large);
  assert_true(contains(error.what(), file.native()));
  expect_error(Errc::invalid_argument, [] { read_file("/dev/zero", Errc::invalid_argument, 100'000); });
}

void what_cannot_be_read_is_named(void**) {
  const TemporaryDirectory directory;
  const fs::path missing = directory.path() / "missing";
  const Error error = error_of([&] { read_octets(missing, Errc::invalid_argument); });
  assert_true(error.code() == Errc::invalid_argument);
  assert_string_equal(error.what(), (missing.native() + " cannot be read: No such file or directory.").c_str());
  expect_error(Errc::configuration, [&] { read_file(directory.path()); });
  assert_false(read_file_if_any(missing).has_value());
  assert_false(read_file_if_any(directory.write("file", "") / "below").has_value());
  expect_error(Errc::configuration, [&] { read_file_if_any(directory.path()); });
}

void a_file_is_written_over_another(void**) {
  const TemporaryDirectory directory;
  const fs::path file = directory.write("file", "former contents", 0644);
  write_file(file, "new", 0640);
  assert_true(read_file(file) == "new");
  assert_int_equal(mode_of(file), 0640);
  write_durably(file, "newer");
  assert_true(read_file(file) == "newer");
  assert_int_equal(mode_of(file), 0600);
  assert_int_equal(entries(directory.path()), 1);
}

void what_cannot_be_written_leaves_the_old_one(void**) {
  const TemporaryDirectory directory;
  const fs::path file = directory.write("file", "old");
  const rlimit small{4096, RLIM_INFINITY};
  rlimit former{};
  getrlimit(RLIMIT_FSIZE, &former);
  const auto action = signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &small);
  const Error error = error_of([&] { write_file(file, std::string(10'000, 'x')); });
  setrlimit(RLIMIT_FSIZE, &former);
  signal(SIGXFSZ, action);
  assert_string_equal(error.what(), (file.native() + " cannot be written: File too large.").c_str());
  assert_true(read_file(file) == "old");
  assert_int_equal(entries(directory.path()), 1);
  expect_error(Errc::internal, [&] { write_file(directory.path() / "no/file", "x", 0600, Errc::internal); });
}

void a_new_file_is_over_no_other(void**) {
  const TemporaryDirectory directory;
  const fs::path file = directory.path() / "file", link = directory.path() / "link";
  write_new(file, "first");
  expect_error(Errc::invalid_argument, [&] { write_new(file, "second"); });
  assert_true(read_file(file) == "first");
  fs::create_symlink(directory.path() / "nowhere", link);
  expect_error(Errc::invalid_argument, [&] { write_new(link, "second"); });
  assert_int_equal(entries(directory.path()), 2);
}

void a_pending_file_takes_a_free_place_only(void**) {
  const TemporaryDirectory directory;
  const fs::path file = directory.path() / "file";
  {
    const PendingFile pending(file, 0644);
    pending.reserve(100'000);
    assert_false(fs::exists(file));
  }
  assert_int_equal(entries(directory.path()), 0);
  const PendingFile one(file), other(file);
  one.write("one");
  other.write("other");
  assert_true(one.take_free_place());
  assert_false(other.take_free_place());
  assert_true(read_file(file) == "one");
  other.take_place();
  assert_true(read_file(file) == "other");
}

void a_private_file_makes_private_directories(void**) {
  const TemporaryDirectory directory;
  const fs::path file = directory.path() / "a/b/file";
  write_private(file, "x");
  assert_int_equal(mode_of(file), 0600);
  assert_int_equal(mode_of(file.parent_path()), 0700);
  assert_int_equal(mode_of(directory.path() / "a"), 0700);
  expect_error(Errc::configuration, [&] { write_private(file / "below", "x"); });
}

void a_lock_is_held_by_one(void**) {
  const TemporaryDirectory directory;
  const fs::path file = directory.path() / "lock";
  {
    FileLock one(file, FileLock::Of::own_file), other(file, FileLock::Of::existing);
    assert_true(one.take() == FileLock::State::held);
    assert_true(other.try_take() == FileLock::State::others);
  }
  FileLock later(file, FileLock::Of::own_file);
  assert_true(later.try_take() == FileLock::State::held);
  assert_int_equal(mode_of(file), 0600);
}

void what_cannot_be_locked_is_told(void**) {
  const TemporaryDirectory directory;
  FileLock missing(directory.path() / "missing", FileLock::Of::existing);
  assert_true(missing.try_take() == FileLock::State::impossible);
  const fs::path link = directory.path() / "link";
  fs::create_symlink(directory.path() / "elsewhere", link);
  FileLock through_link(link, FileLock::Of::own_file);
  assert_true(through_link.take() == FileLock::State::impossible);
  assert_int_equal(errno, ELOOP);
  assert_false(fs::exists(directory.path() / "elsewhere"));
  FileLock of_directory(directory.path(), FileLock::Of::existing);
  assert_true(of_directory.take() == FileLock::State::held);
}

}  // namespace
}  // namespace smartcmd

int main() {
  using namespace smartcmd;
  umask(022);
  const CMUnitTest tests[] = {
      cmocka_unit_test(a_file_is_read_whole),
      cmocka_unit_test(a_file_that_is_too_large_is_refused),
      cmocka_unit_test(what_cannot_be_read_is_named),
      cmocka_unit_test(a_file_is_written_over_another),
      cmocka_unit_test(what_cannot_be_written_leaves_the_old_one),
      cmocka_unit_test(a_new_file_is_over_no_other),
      cmocka_unit_test(a_pending_file_takes_a_free_place_only),
      cmocka_unit_test(a_private_file_makes_private_directories),
      cmocka_unit_test(a_lock_is_held_by_one),
      cmocka_unit_test(what_cannot_be_locked_is_told),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
