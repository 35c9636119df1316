// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace smartcmd {

/// A program to start, and all it gets from us.
struct Program {
  std::string path;                      ///< executed as it is, PATH is not searched
  std::vector<std::string> arguments;    ///< without the program's own name
  std::vector<std::string> environment;  ///< NAME=value
  int descriptor;                        ///< the one descriptor it inherits,
  std::vector<int> descriptor_numbers;   ///< and the numbers it has there
  bool own_group = false;                ///< it leads a process group of its own, in the background; else it is in ours
};

/// Starts the program: of descriptors 0, 1 and 2 those it does not inherit are /dev/null, all others are closed; every
/// signal is unblocked and has its default action, but for those of the terminal that are ignored here; the session is
/// ours. Throws std::system_error when the program cannot be executed. The caller reaps the child.
pid_t spawn(const Program& program);

}  // namespace smartcmd
