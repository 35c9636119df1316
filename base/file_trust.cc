// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "base/file_trust.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <charconv>
#include <deque>
#include <fstream>
#include <string_view>
#include <system_error>
#include <vector>

#include "base/error.h"
#include "base/text.h"

namespace smartcmd {

namespace fs = std::filesystem;

namespace {

// As many links as the kernel follows (path_resolution(7)).
constexpr int most_links = 40;

/// Who called sudo, which makes root of them.
bool is_caller_of_sudo(uid_t user) {
  const char* caller = geteuid() == 0 ? secure_getenv("SUDO_UID") : nullptr;
  if (caller == nullptr) return false;
  const std::string_view text(caller);
  uid_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  return failure == std::errc() && end == text.data() + text.size() && number == user;
}

/// Whether a user id stands for everybody whom this user namespace does not know.
bool is_of_outside(uid_t user) {
  uid_t overflow = 0;
  unsigned long first = 1, outside = 1, count = 0;
  std::ifstream("/proc/sys/kernel/overflowuid") >> overflow;
  std::ifstream("/proc/self/uid_map") >> first >> outside >> count;
  const bool knows_all = first == 0 && outside == 0 && count == 0xffffffffUL;
  return user == overflow && count > 0 && !knows_all;
}

/// The person, or who commands everything.
bool is_person_or_root(uid_t user) {
  return user == 0 || user == geteuid() || is_caller_of_sudo(user);
}

// ---- groups ---------------------------------------------------------------------------------------------------------

/// An entry of the users' or the groups' database, and the octets it points into.
template <class Entry>
class Found {
 public:
  template <class Get, class Key>
  Found(Get get, Key key) {
    int failure = ERANGE;
    for (; failure == ERANGE && octets_.size() < most_octets;
         failure = get(key, &entry_, octets_.data(), octets_.size(), &found_))
      octets_.resize(4 * octets_.size() + 1024);
  }
  Found(const Found&) = delete;
  Found& operator=(const Found&) = delete;

  explicit operator bool() const { return found_ != nullptr; }
  const Entry* operator->() const { return found_; }
  const Entry& operator*() const { return *found_; }

 private:
  static constexpr std::size_t most_octets = 1U << 20;

  std::vector<char> octets_;
  Entry entry_ = {};
  Entry* found_ = nullptr;
};

bool has_no_member_but(const char* user, const group& group) {
  for (char** member = group.gr_mem; member != nullptr && *member != nullptr; ++member) {
    if (std::string_view(*member) != user) return false;
  }
  return true;
}

bool is_private_to(const Found<passwd>& user, const group& group) {
  return user && user->pw_gid == group.gr_gid && is_person_or_root(user->pw_uid) &&
         has_no_member_but(user->pw_name, group);
}

/// Whether a group is the private one of the person or of root, as useradd(8) makes one for each user: it has the
/// user's name or number and no other member. With those the umask is 002 in many systems.
bool is_private_group(gid_t number) {
  const Found<group> group(getgrgid_r, number);
  if (!group) return number == geteuid();  // as in a container that knows nobody by name
  return is_private_to({getpwnam_r, group->gr_name}, *group) ||
         is_private_to({getpwuid_r, static_cast<uid_t>(number)}, *group);
}

/// Whether somebody else may write. Where there is an access control list, the group's bits are its mask (acl(5)).
bool may_others_write(const fs::path& path, const struct stat& status) {
  if ((status.st_mode & S_IWOTH) != 0) return true;
  if ((status.st_mode & S_IWGRP) == 0) return false;
  return !is_private_group(status.st_gid) || getxattr(path.c_str(), "system.posix_acl_access", nullptr, 0) > 0;
}

// ---- the way to a file ----------------------------------------------------------------------------------------------

bool is_same(const struct stat& one, const struct stat& other) {
  return one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

/// Walks along a path as the kernel does, and stops at the first thing that others could change.
class Walk {
 public:
  explicit Walk(const fs::path& file) : file_(file) {
    std::error_code unknown;
    prepend(fs::absolute(file, unknown));
  }

  std::string reason() {
    while (reason_.empty() && !left_.empty()) {
      const fs::path name = left_.front();
      left_.pop_front();
      if (name == "..") {
        here_ = here_.parent_path();
      } else if (name != "." && !step(here_ / name)) {
        return {};
      }
    }
    return reason_;
  }

 private:
  void prepend(const fs::path& path) { left_.insert(left_.begin(), path.begin(), path.end()); }

  /// False where there is nothing.
  bool step(const fs::path& next) {
    struct stat status = {};
    if (lstat(next.c_str(), &status) != 0) return false;
    if (!S_ISLNK(status.st_mode)) {
      here_ = next;
      examine(next, status);
      return true;
    }
    if (++links_ > most_links) return false;
    examine_owner(next, status);
    return follow(next);
  }

  bool follow(const fs::path& link) {
    std::error_code failure;
    const fs::path target = fs::read_symlink(link, failure);
    struct stat there = {}, named = {};
    if (failure || stat(link.c_str(), &there) != 0) return false;
    // Those of /proc/PID/fd lead to what is open, whatever name they give.
    if (stat((here_ / target).c_str(), &named) != 0 || !is_same(there, named)) {
      here_ = link;
      examine(link, there);
    } else {
      prepend(target);
    }
    return true;
  }

  void examine_owner(const fs::path& path, const struct stat& status) {
    if (is_trusted_owner(status.st_uid)) return;
    reason_ = filled(_("{file} is not used, because {path} belongs to another user. Have it belong to you or to root."),
                     {{"file", file_.native()}, {"path", path.native()}});
  }

  void examine(const fs::path& path, const struct stat& status) {
    examine_owner(path, status);
    const bool keeps_others_files = S_ISDIR(status.st_mode) && (status.st_mode & S_ISVTX) != 0;
    const bool has_contents = S_ISREG(status.st_mode) || S_ISDIR(status.st_mode) || S_ISFIFO(status.st_mode);
    if (!reason_.empty() || keeps_others_files || !has_contents || !may_others_write(path, status)) return;
    reason_ = filled(_("{file} is not used, because others may change {path}. Run 'chmod go-w {path}'."),
                     {{"file", file_.native()}, {"path", path.native()}});
  }

  const fs::path& file_;
  fs::path here_;
  std::deque<fs::path> left_;
  int links_ = 0;
  std::string reason_;
};

}  // namespace

bool is_trusted_owner(uid_t user) {
  return is_person_or_root(user) || is_of_outside(user);
}

std::string reason_to_distrust(const fs::path& file) {
  return Walk(file).reason();
}

void require_trusted(const fs::path& file) {
  const std::string reason = reason_to_distrust(file);
  if (!reason.empty()) throw Error(Errc::configuration, reason);
}

}  // namespace smartcmd
