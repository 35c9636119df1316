// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <sched.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace smartcmd {

/// The state of each thread of this process but the caller, and how often it has gone to sleep of its own accord; empty
/// when one of them is not asleep.
inline std::string sleepers() {
  std::string all;
  for (const auto& thread : std::filesystem::directory_iterator("/proc/self/task")) {
    if (thread.path().filename() == std::to_string(gettid())) continue;
    std::ifstream status(thread.path() / "status");
    for (std::string line; std::getline(status, line);) {
      if (line.starts_with("State:") && line.find("sleeping") == std::string::npos) return "";
      if (line.starts_with("voluntary_ctxt_switches:")) all += thread.path().filename().string() + line + "\n";
    }
  }
  return all;
}

/// Returns when every other thread of the process waits for something that comes from outside: all sleep, and none has
/// woken while the others were looked at.
inline void wait_until_all_others_wait() {
  for (std::string before; before.empty() || sleepers() != before; before = sleepers()) sched_yield();
}

}  // namespace smartcmd
