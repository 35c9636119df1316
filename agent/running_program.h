// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <sys/types.h>

#include "base/child_process.h"

namespace smartcmd {

/// A program that asks for us. A Watch must live longer than it, for it blocks SIGCHLD. Destroying it ends the program:
/// SIGTERM, SIGKILL two seconds later, and it is reaped; where it has a process group of its own, that is ended whole.
class RunningProgram {
 public:
  /// Throws std::system_error when the program cannot be executed.
  explicit RunningProgram(const Program& program) : pid_(spawn(program)), own_group_(program.own_group) {}
  ~RunningProgram();
  RunningProgram(const RunningProgram&) = delete;
  RunningProgram& operator=(const RunningProgram&) = delete;

  /// Whether the program has ended; then was_killed() and status() are final.
  bool has_ended();
  /// The same, but gives it two seconds to do so.
  bool ends_by_itself();
  bool was_killed() const { return was_killed_; }
  /// The exit status, or the signal that killed it.
  int status() const { return status_; }

 private:
  void send(int signal) const;

  pid_t pid_;
  bool own_group_;
  bool ended_ = false;
  bool was_killed_ = false;
  int status_ = 0;
};

}  // namespace smartcmd
