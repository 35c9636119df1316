// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include "base/cancellation.h"
#include "signing/agent_protocol.h"

namespace smartcmd {

/// Starts smartcmd-agent, sends it the request, waits for its answer and reaps it. The agent inherits nothing but its
/// socket, the terminal and a clean environment. Leaving this function in any way, also by cancelling the thread,
/// closes the socket, which ends the agent; so does `cancellation`, then Errc::cancelled is thrown. Throws the agent's
/// error, or Errc::agent_failed.
AgentReply ask_agent(const AgentRequest& request, Cancellation* cancellation = nullptr);

}  // namespace smartcmd
