// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "cli/service_check.h"

#include "base/program_name.h"
#include "signing/agent_client.h"

namespace smartcmd {

void check_service(const std::string& name) {
  AgentRequest request{};
  request.verb = AgentRequest::Verb::check_service;
  request.account = name;
  request.program = program_name();
  ask_agent(request);
}

}  // namespace smartcmd
