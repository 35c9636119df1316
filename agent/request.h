// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include "signing/agent_protocol.h"

namespace smartcmd {

/// Carries a request out: reads the configuration, asks the person, talks to the service. `host` is the socket of who
/// asked; nothing is sent to the service once it has hung up. Throws Error.
AgentReply carry_out(AgentRequest request, int host);

}  // namespace smartcmd
