// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <pthread.h>
#include <unistd.h>

#include <atomic>

namespace smartcmd {

/// How many forks lie between this process and the one that loaded us. The process id does not tell alone: in a
/// namespace of its own a child may have its parent's.
inline std::atomic<unsigned> forks{0};
inline const int forks_are_counted = pthread_atfork(nullptr, nullptr, [] { ++forks; });

/// The one T of this process. A fork is a new process: a child gets a T of its own, for the parent's may be locked by a
/// thread the child does not have. Never destroyed, so that it outlives every exit handler of the host.
template <class T>
T& process_wide() {
  struct Instance {
    pid_t process;
    unsigned generation;
    Instance* parents;  ///< kept in sight of leak checkers, and otherwise left alone
    T value;
  };
  static std::atomic<Instance*> current{nullptr};
  Instance* instance = current.load();
  while (instance == nullptr || instance->process != getpid() || instance->generation != forks) {
    auto* fresh = new Instance{getpid(), forks, instance, {}};
    if (current.compare_exchange_strong(instance, fresh)) return fresh->value;
    delete fresh;
  }
  return instance->value;
}

}  // namespace smartcmd
