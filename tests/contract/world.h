// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <string>

#include "signing/remote_signer.h"

namespace smartcmd {

/// A service that a driver of agent/drivers.h reaches, and somebody it knows. Each program of this folder has its own.
class World {
 public:
  /// Nothing of an earlier test is left in it.
  World();
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  const Account& account() const;
  std::string pin() const;
  /// The one-time password in the last message to the person.
  std::string otp(const Ticket& ticket) const;

 private:
  struct State;
  State* state_;
};

}  // namespace smartcmd
