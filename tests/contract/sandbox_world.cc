// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// The driver of the product against smartcmdd, inside of `smartcmd sandbox`; the sandbox's askpass program knows the
// person's PIN and reads the messages.

#include <stdio.h>
#include <stdlib.h>

#include "base/c_ptr.h"
#include "tests/contract/world.h"

namespace smartcmd {

namespace {

std::string answer_of(const std::filesystem::path& askpass, const char* purpose) {
  const CPtr<FILE, pclose> program(popen(("'" + askpass.native() + "' " + purpose).c_str(), "re"));
  char line[64] = "";
  if (!program || fgets(line, sizeof line, program.get()) == nullptr) return {};
  const std::string text = line;
  return text.substr(0, text.find('\n'));
}

}  // namespace

struct World::State {
  Config config = Config::load();
};

World::World() : state_(new State) {}

World::~World() {
  delete state_;
}

const Account& World::account() const {
  return state_->config.account();
}

std::string World::pin() const {
  return answer_of(state_->config.askpass(), "pin");
}

std::string World::otp(const Ticket& ticket) const {
  setenv("SMARTCMD_PROCESS_ID", ticket.process_id.c_str(), 1);
  return answer_of(state_->config.askpass(), "otp");
}

}  // namespace smartcmd
