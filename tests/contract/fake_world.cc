// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// The fake driver, with a key from a file.

#include <stdlib.h>

#include "tests/contract/world.h"
#include "tests/support/identity.h"

namespace smartcmd {

struct World::State {
  TestHome home;
  Config config = Config::load();
};

World::World() : state_(new State) {
  setenv("SMARTCMD_FAKE_PIN", "1234", 1);
  setenv("SMARTCMD_FAKE_OTP", "111111", 1);
  setenv("SMARTCMD_FAKE_NEXT_OTP", "222222", 1);
  setenv("SMARTCMD_FAKE_USER", account().user_id.c_str(), 1);
}

World::~World() {
  delete state_;
}

const Account& World::account() const {
  return state_->config.account();
}

std::string World::pin() const {
  return "1234";
}

std::string World::otp(const Ticket&) const {
  return getenv("SMARTCMD_FAKE_OTP");
}

}  // namespace smartcmd
