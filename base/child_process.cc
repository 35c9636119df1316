// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "base/child_process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <system_error>

#include "base/signals.h"

namespace smartcmd {

namespace {

using Clock = std::chrono::steady_clock;

// How often a program is looked at where there is no descriptor to wait for.
constexpr std::chrono::milliseconds step{10};

void check(int code, const char* what) {
  if (code != 0) throw std::system_error(code, std::generic_category(), what);
}

// ---- what it gets ---------------------------------------------------------------------------------------------------

class FileActions {
 public:
  explicit FileActions(const Program& program) {
    check(posix_spawn_file_actions_init(&actions_), "posix_spawn_file_actions_init");
    try {
      add(program);
    } catch (...) {
      posix_spawn_file_actions_destroy(&actions_);
      throw;
    }
  }
  ~FileActions() { posix_spawn_file_actions_destroy(&actions_); }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;

  const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  void add(const Program& program) {
    int last = STDERR_FILENO;
    for (const auto& one : program.descriptors) last = std::max(last, one.number);
    // Where both numbers are one, dup2 keeps it open on exec.
    for (const auto& one : program.descriptors)
      check(posix_spawn_file_actions_adddup2(&actions_, out_of_the_way(one, program), one.number), "adddup2");
    if (program.inherits_standard) return;
    for (int standard = STDIN_FILENO; standard <= STDERR_FILENO; ++standard) {
      const auto is_standard = [standard](const auto& one) { return one.number == standard; };
      if (std::any_of(program.descriptors.begin(), program.descriptors.end(), is_standard)) continue;
      const int mode = standard == STDIN_FILENO ? O_RDONLY : O_WRONLY;
      check(posix_spawn_file_actions_addopen(&actions_, standard, "/dev/null", mode, 0), "addopen");
    }
    check(posix_spawn_file_actions_addclosefrom_np(&actions_, last + 1), "addclosefrom");
  }

  // One of ours that has the number another one is to have is duplicated first.
  int out_of_the_way(const Program::Descriptor& one, const Program& program) {
    int last = STDERR_FILENO;
    bool taken = false;
    for (const auto& other : program.descriptors) {
      last = std::max(last, other.number);
      taken = taken || (other.number == one.ours && other.ours != one.ours);
    }
    if (!taken) return one.ours;
    moved_.emplace_back(fcntl(one.ours, F_DUPFD_CLOEXEC, last + 1));
    check(moved_.back() ? 0 : errno, "fcntl");
    return moved_.back().get();
  }

  posix_spawn_file_actions_t actions_;
  std::vector<FileDescriptor> moved_;
};

sigset_t signals_to_reset() {
  sigset_t signals;
  sigfillset(&signals);
  for (const int signal : {SIGHUP, SIGINT, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU}) {
    if (is_ignored(signal)) sigdelset(&signals, signal);
  }
  return signals;
}

class Attributes {
 public:
  explicit Attributes(bool own_group) {
    check(posix_spawnattr_init(&attributes_), "posix_spawnattr_init");
    const sigset_t reset = signals_to_reset(), none = signal_set({});
    posix_spawnattr_setsigdefault(&attributes_, &reset);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setpgroup(&attributes_, 0);
    const int group = own_group ? POSIX_SPAWN_SETPGROUP : 0;
    posix_spawnattr_setflags(&attributes_, static_cast<short>(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | group));
  }
  ~Attributes() { posix_spawnattr_destroy(&attributes_); }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;

  const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_;
};

// posix_spawn takes char* and changes nothing.
void add_pointers(std::vector<char*>& pointers, const std::vector<std::string>& texts) {
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
}

/// The place of a program in a PATH; the name itself where it has a '/' or is nowhere.
std::string found(const std::string& name, const std::vector<std::string>& environment) {
  constexpr std::string_view variable = "PATH=";
  if (name.find('/') != std::string::npos) return name;
  for (std::string_view entry : environment) {
    if (!entry.starts_with(variable)) continue;
    for (entry.remove_prefix(variable.size()); !entry.empty();) {
      const std::string_view directory = entry.substr(0, entry.find(':'));
      const std::string file = std::string(directory.empty() ? "." : directory) + "/" + name;
      if (access(file.c_str(), X_OK) == 0) return file;
      entry.remove_prefix(std::min(directory.size() + 1, entry.size()));
    }
  }
  throw std::system_error(ENOENT, std::generic_category(), name);
}

pid_t spawn(const Program& program) {
  const FileActions actions(program);
  const Attributes attributes(program.own_group);
  const std::string path = found(program.path, program.environment);
  std::vector<char*> arguments{const_cast<char*>(program.path.c_str())};
  add_pointers(arguments, program.arguments);
  std::vector<char*> environment;
  add_pointers(environment, program.environment);
  pid_t child = -1;
  check(posix_spawn(&child, path.c_str(), actions.get(), attributes.get(), arguments.data(), environment.data()),
        "posix_spawn");
  return child;
}

/// waitid(2), told of a signal or not.
int wait_for(pid_t pid, const FileDescriptor& descriptor, siginfo_t* info, int options) {
  int result = 0;
  do {
    result = descriptor ? waitid(P_PIDFD, static_cast<id_t>(descriptor.get()), info, options)
                        : waitid(P_PID, static_cast<id_t>(pid), info, options);
  } while (result < 0 && errno == EINTR);
  return result;
}

}  // namespace

std::vector<std::string> own_environment() {
  std::vector<std::string> all;
  for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable) all.emplace_back(*variable);
  return all;
}

// ---- the process ----------------------------------------------------------------------------------------------------

ChildProcess::ChildProcess(const Program& program)
    : pid_(spawn(program)),
      own_group_(program.own_group),
      descriptor_(static_cast<int>(syscall(SYS_pidfd_open, pid_, 0))) {}

ChildProcess::~ChildProcess() {
  const CancellationOff off;
  end_and_reap();
}

// It is reaped last, so that until then its numbers are nobody else's.
void ChildProcess::end_and_reap() {
  if (!has_ended()) send(SIGTERM);
  if (!ends_within(grace) || own_group_) send(SIGKILL);
  ends_within(grace);  // one that waits for a disk that does not answer is left to init
  wait_for(pid_, descriptor_, nullptr, WEXITED | WNOHANG);
}

// Without a descriptor a host that has reaped it a moment ago may have another child of that number by now.
void ChildProcess::send(int signal) {
  if (own_group_) {
    kill(-pid_, signal);
  } else if (descriptor_) {
    syscall(SYS_pidfd_send_signal, descriptor_.get(), signal, nullptr, 0);
  } else if (!has_ended()) {
    kill(pid_, signal);
  }
}

bool ChildProcess::has_ended() {
  if (ended_) return true;
  siginfo_t info{};
  const bool known = wait_for(pid_, descriptor_, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
  if (known && info.si_pid == 0) return false;
  ended_ = true;  // where it is not known somebody else has reaped it
  was_killed_ = known && info.si_code != CLD_EXITED;
  status_ = info.si_status;
  return true;
}

bool ChildProcess::ends_within(std::chrono::milliseconds limit) {
  const auto deadline = Clock::now() + limit;
  while (!has_ended()) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    if (left.count() <= 0) return false;
    pollfd end{descriptor_.get(), POLLIN, 0};  // none is no fault of poll(2)
    poll(&end, 1, static_cast<int>(descriptor_ ? left.count() : std::min(left, step).count()));
  }
  return true;
}

}  // namespace smartcmd
