// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

#include "base/file_descriptor.h"

namespace smartcmd {

/// A program to start, and all it gets from us.
struct Program {
  /// A descriptor of ours, and the number it has there.
  struct Descriptor {
    int ours;
    int number;
  };

  std::string path;                      ///< a name without '/' is looked for in the PATH of `environment`
  std::vector<std::string> arguments;    ///< without the program's own name
  std::vector<std::string> environment;  ///< NAME=value
  std::vector<Descriptor> descriptors;   ///< what it inherits
  bool own_group = false;                ///< it leads a process group of its own, in the background; else it is in ours
  bool inherits_standard = false;  ///< and our standard input, output and error, where `descriptors` has no other,
                                   ///< with every descriptor that is open across exec
};

/// The environment of this process.
std::vector<std::string> own_environment();

/// A program that runs. Of its descriptors 0, 1 and 2 those it does not inherit are /dev/null, all others are closed;
/// every signal is unblocked and has its default action, but for those of the terminal that are ignored here; the
/// session is ours. Destroying it ends the program – SIGTERM, SIGKILL two seconds later – and reaps it; where it has a
/// process group of its own, that is ended whole. All of this is bounded in time, and neither disturbs a host that
/// ignores SIGCHLD or reaps every child itself, nor is disturbed by it.
class ChildProcess {
 public:
  /// Throws std::system_error when the program cannot be executed.
  explicit ChildProcess(const Program& program);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  /// How long a program may take to end, told to or not.
  static constexpr std::chrono::seconds grace{2};

  /// Whether the program has ended; then was_killed() and status() are final.
  bool has_ended();
  /// The same, but waits for it so long.
  bool ends_within(std::chrono::milliseconds limit);
  bool was_killed() const { return was_killed_; }
  /// The exit status, or the signal that killed it.
  int status() const { return status_; }
  /// What can be read once the program has ended (pidfd_open(2)); -1 where the kernel or the process has none to give.
  int descriptor() const { return descriptor_.get(); }

  /// To its process group, where it has one of its own.
  void send(int signal);

 private:
  void end_and_reap();

  pid_t pid_;
  bool own_group_;
  /// Unlike the number, it is the program's also after the host has reaped it.
  FileDescriptor descriptor_;
  bool ended_ = false;
  bool was_killed_ = false;
  int status_ = 0;
};

}  // namespace smartcmd
