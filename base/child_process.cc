// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "base/child_process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>

namespace smartcmd {

namespace {

void check(int code, const char* what) {
  if (code != 0) throw std::system_error(code, std::generic_category(), what);
}

class FileActions {
 public:
  FileActions(int descriptor, const std::vector<int>& numbers) {
    check(posix_spawn_file_actions_init(&actions_), "posix_spawn_file_actions_init");
    // First, for /dev/null may take our descriptor's place. Where both numbers are one, dup2 keeps it open on exec.
    for (const int number : numbers) check(posix_spawn_file_actions_adddup2(&actions_, descriptor, number), "adddup2");
    int last = STDERR_FILENO;
    for (const int number : numbers) last = std::max(last, number);
    for (int standard = STDIN_FILENO; standard <= STDERR_FILENO; ++standard) {
      if (std::find(numbers.begin(), numbers.end(), standard) != numbers.end()) continue;
      const int mode = standard == STDIN_FILENO ? O_RDONLY : O_WRONLY;
      check(posix_spawn_file_actions_addopen(&actions_, standard, "/dev/null", mode, 0), "addopen");
    }
    check(posix_spawn_file_actions_addclosefrom_np(&actions_, last + 1), "addclosefrom");
  }
  ~FileActions() { posix_spawn_file_actions_destroy(&actions_); }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;

  const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_;
};

// Who starts a program with one of these ignored (nohup, a job of a script) means all that it starts in its turn.
constexpr int inherited_if_ignored[] = {SIGHUP, SIGINT, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU};

sigset_t signals_to_reset() {
  sigset_t signals;
  sigfillset(&signals);
  for (const int signal : inherited_if_ignored) {
    struct sigaction now = {};
    if (sigaction(signal, nullptr, &now) == 0 && now.sa_handler == SIG_IGN) sigdelset(&signals, signal);
  }
  return signals;
}

class Attributes {
 public:
  explicit Attributes(bool own_group) {
    check(posix_spawnattr_init(&attributes_), "posix_spawnattr_init");
    const sigset_t reset = signals_to_reset();
    sigset_t none;
    sigemptyset(&none);
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

}  // namespace

pid_t spawn(const Program& program) {
  const FileActions actions(program.descriptor, program.descriptor_numbers);
  const Attributes attributes(program.own_group);
  std::vector<char*> arguments{const_cast<char*>(program.path.c_str())};
  add_pointers(arguments, program.arguments);
  std::vector<char*> environment;
  add_pointers(environment, program.environment);
  pid_t child = -1;
  check(
      posix_spawn(&child, program.path.c_str(), actions.get(), attributes.get(), arguments.data(), environment.data()),
      "posix_spawn");
  return child;
}

}  // namespace smartcmd
