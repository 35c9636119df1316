// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "base/file_trust.h"

#include <endian.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cstdint>
#include <string>

#include "base/file_descriptor.h"
#include "base/log.h"
#include "base/secret_file.h"
#include "tests/support/expect.h"
#include "tests/support/temporary_directory.h"

namespace smartcmd {
namespace {

namespace fs = std::filesystem;

constexpr uid_t stranger = 54321;

void mode(const fs::path& path, mode_t bits) {
  assert_int_equal(chmod(path.c_str(), bits), 0);
}

/// Only root may give files away.
void needs_root() {
  if (geteuid() != 0) skip();
}

void give(const fs::path& path, uid_t user) {
  assert_int_equal(lchown(path.c_str(), user, static_cast<gid_t>(-1)), 0);
}

void expect_distrust(const fs::path& file, const fs::path& culprit, const char* words) {
  const std::string reason = reason_to_distrust(file);
  assert_true(contains(reason, file.native()));
  assert_true(contains(reason, culprit.native() + ". Run 'chmod go-w " + culprit.native() + "'") ||
              contains(reason, culprit.native() + " belongs"));
  assert_true(contains(reason, words));
  const Error error = error_of([&] { require_trusted(file); });
  assert_true(error.code() == Errc::configuration);
  assert_string_equal(error.what(), reason.c_str());
}

void expect_trust(const fs::path& file) {
  assert_string_equal(reason_to_distrust(file).c_str(), "");
  require_trusted(file);
}

void what_only_its_owner_writes_is_trusted(void**) {
  const TemporaryDirectory directory;  // in /tmp, which is for everybody and sticky
  expect_trust(directory.write("file", "x"));
  expect_trust(directory.write("readable", "x", 0644));
  expect_trust(directory.path() / "missing");
  expect_trust("/etc/passwd");
  expect_trust("/dev/null");
}

void what_others_write_is_not(void**) {
  const TemporaryDirectory directory;
  for (const mode_t bits : {0602U, 0666U})
    expect_distrust(directory.write("file", "x", bits), directory.path() / "file", "others may change");
  const fs::path place = directory.path() / "place", file = place / "sub/file";
  fs::create_directories(place / "sub");
  directory.write("place/sub/file", "x");
  expect_trust(file);
  mode(place, 0777);
  expect_distrust(file, place, "chmod go-w");
  mode(place, 01777);
  expect_trust(file);
}

/// Expects something of a process of its own, which is another user's.
template <class Test>
void as_user(uid_t user, gid_t group, Test test) {
  const pid_t child = fork();
  if (child == 0) {
    const bool changed = setgid(group) == 0 && setuid(user) == 0;
    _exit(changed && test() ? 0 : 1);
  }
  int status = -1;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_int_equal(status, 0);
}

// As with the umask 002 of those who have a group of their own.
void a_group_of_ones_own_is_nobody_else(void**) {
  needs_root();
  const TemporaryDirectory directory;
  const fs::path place = directory.path() / "place", file = place / "file";
  fs::create_directory(place);
  directory.write("place/file", "x", 0664);
  mode(place, 0775);
  expect_trust(file);  // root:root
  assert_int_equal(chown(file.c_str(), 0, stranger), 0);
  expect_distrust(file, file, "chmod go-w");  // a group that nobody knows
  assert_int_equal(chown(file.c_str(), 0, 1), 0);
  expect_distrust(file, file, "chmod go-w");  // daemon's

  mode(directory.path(), 0755);
  assert_int_equal(chown(place.c_str(), 1, 1), 0);
  assert_int_equal(chown(file.c_str(), 1, 1), 0);
  as_user(1, 1, [&] { return reason_to_distrust(file).empty(); });
  assert_int_equal(chown(file.c_str(), 1, 2), 0);
  as_user(1, 1, [&] { return contains(reason_to_distrust(file), "others may change"); });
  for (const fs::path& each : {place, file}) assert_int_equal(chown(each.c_str(), stranger, stranger), 0);
  as_user(stranger, stranger, [&] { return reason_to_distrust(file).empty(); });  // whom no database knows
  assert_int_equal(chown(file.c_str(), stranger, stranger + 1), 0);
  as_user(stranger, stranger, [&] { return contains(reason_to_distrust(file), "others may change"); });
}

// Its mask stands where the group's bits do: acl(5), and linux/posix_acl_xattr.h for the octets.
void whom_a_list_lets_write_is_another(void**) {
  needs_root();
  struct Item {
    std::uint16_t tag, permissions;
    std::uint32_t id;
  };
  const struct {
    std::uint32_t version = htole32(2);
    Item items[5] = {{htole16(1), htole16(6), htole32(0xffffffff)},
                     {htole16(2), htole16(6), htole32(stranger)},
                     {htole16(4), htole16(4), htole32(0xffffffff)},
                     {htole16(0x10), htole16(6), htole32(0xffffffff)},
                     {htole16(0x20), htole16(4), htole32(0xffffffff)}};
  } list;
  const TemporaryDirectory directory;
  const fs::path file = directory.write("file", "x", 0644);
  if (setxattr(file.c_str(), "system.posix_acl_access", &list, sizeof list, 0) != 0) skip();
  expect_distrust(file, file, "chmod go-w");
  mode(file, 0644);
  expect_trust(file);
}

void links_are_followed_as_the_kernel_does(void**) {
  const TemporaryDirectory directory;
  fs::create_directories(directory.path() / "open");
  fs::create_directories(directory.path() / "own");
  directory.write("open/file", "x");
  directory.write("own/file", "x");
  mode(directory.path() / "open", 0777);
  fs::create_symlink("../own/file", directory.path() / "open/link");
  fs::create_symlink("open/file", directory.path() / "link");
  fs::create_symlink(directory.path() / "own", directory.path() / "way");
  expect_trust(directory.path() / "way/file");
  expect_distrust(directory.path() / "open/link", directory.path() / "open", "others may change");
  expect_distrust(directory.path() / "link", directory.path() / "open", "others may change");
  expect_trust(directory.path() / "own/../own/missing");
  fs::create_symlink("loop", directory.path() / "loop");
  expect_trust(directory.path() / "loop");  // nothing is there
}

void what_is_open_has_no_way(void**) {
  const FileDescriptor memory(memfd_create("smartcmd-test", MFD_CLOEXEC));
  const fs::path file = "/proc/self/fd/" + std::to_string(memory.get());
  assert_int_equal(fchmod(memory.get(), 0600), 0);
  expect_trust(file);
  assert_int_equal(fchmod(memory.get(), 0666), 0);
  assert_true(contains(reason_to_distrust(file), "others may change"));
}

// Below the link, as what is mounted where its name says hides it.
void a_way_through_what_is_open_is_walked_to_its_end(void**) {
  needs_root();
  const TemporaryDirectory directory;
  directory.write("file", "x", 0666);
  const FileDescriptor opened(open(directory.path().c_str(), O_PATH | O_CLOEXEC));
  const fs::path file = "/proc/self/fd/" + std::to_string(opened.get()) + "/file";
  as_user(0, 0, [&] {
    if (unshare(CLONE_NEWNS) != 0) return true;  // as in a container
    const bool hidden = mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                        mount("none", directory.path().c_str(), "tmpfs", 0, nullptr) == 0;
    return !hidden || contains(reason_to_distrust(file), "others may change");
  });
}

void what_is_another_users_is_not_trusted(void**) {
  needs_root();
  const TemporaryDirectory directory;
  const fs::path file = directory.write("file", "1234\n");
  give(file, stranger);
  expect_distrust(file, file, "belongs to another user");
  assert_true(contains(error_of([&] { read_secret_file(file); }).what(), "belongs to another user"));
  setenv("SUDO_UID", std::to_string(stranger).c_str(), 1);
  expect_trust(file);
  assert_true(read_secret_file(file).view() == "1234");
  setenv("SUDO_UID", "54321x", 1);
  expect_distrust(file, file, "belongs to another user");
  unsetenv("SUDO_UID");
  const fs::path link = directory.path() / "link";
  fs::create_symlink(directory.write("own", "x"), link);
  give(link, stranger);
  expect_distrust(link, link, "belongs to another user");
}

void root_may_share_a_secret_with_a_group(void**) {
  needs_root();
  const TemporaryDirectory directory;
  mode(directory.path(), 0755);
  const fs::path file = directory.write("file", "1234\n", 0640);
  assert_true(read_secret_file(file).view() == "1234");
  for (const mode_t bits : {0644U, 0660U, 0650U}) {
    mode(file, bits);
    expect_error(Errc::configuration, [&] { read_secret_file(file); });
  }
  mode(file, 0640);
  assert_int_equal(chown(file.c_str(), 0, stranger), 0);  // of which we are no member
  expect_error(Errc::configuration, [&] { read_secret_file(file); });
}

void a_log_is_not_led_astray(void**) {
  const TemporaryDirectory directory;
  const Error error(Errc::internal, "First.\n2026-01-01T00:00:00Z forged: line\033[2J");
  const fs::path log = directory.path() / "log", target = directory.write("target", ""),
                 link = directory.path() / "link";
  log_error("f", error, log);
  std::ifstream lines(log);
  std::string line;
  assert_true(std::getline(lines, line) && contains(line, "First. 2026-01-01T00:00:00Z forged: line\uFFFD[2J"));
  assert_false(static_cast<bool>(std::getline(lines, line)));
  fs::create_symlink(target, link);
  log_error("f", error, link);
  assert_true(fs::file_size(target) > 0);
  needs_root();
  give(link, stranger);
  fs::resize_file(target, 0);
  log_error("f", error, link);
  give(target, stranger);
  log_error("f", error, target);
  assert_int_equal(fs::file_size(target), 0);
}

}  // namespace
}  // namespace smartcmd

int main() {
  using namespace smartcmd;
  unsetenv("SUDO_UID");
  const CMUnitTest tests[] = {
      cmocka_unit_test(what_only_its_owner_writes_is_trusted),
      cmocka_unit_test(what_others_write_is_not),
      cmocka_unit_test(a_group_of_ones_own_is_nobody_else),
      cmocka_unit_test(whom_a_list_lets_write_is_another),
      cmocka_unit_test(links_are_followed_as_the_kernel_does),
      cmocka_unit_test(what_is_open_has_no_way),
      cmocka_unit_test(a_way_through_what_is_open_is_walked_to_its_end),
      cmocka_unit_test(what_is_another_users_is_not_trusted),
      cmocka_unit_test(root_may_share_a_secret_with_a_group),
      cmocka_unit_test(a_log_is_not_led_astray),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
