// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// smartcmd-agent: takes one request from the socket it was started with, carries it out, answers, ends.

#include <locale.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "agent/request.h"
#include "base/abi_guard.h"
#include "base/text.h"

namespace smartcmd {

namespace {

// No other process may look into this one, and no secret may reach a core file.
void harden() {
  prctl(PR_SET_DUMPABLE, 0);
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  umask(077);
}

bool is_started_by_us() {
  struct stat status {};
  return fstat(agent_socket, &status) == 0 && S_ISSOCK(status.st_mode);
}

AgentReply reply_to_host() {
  return abi_guard([] { return carry_out(receive_request(agent_socket), agent_socket); },
                   [](const Error& error) { return AgentReply(error); }, AgentReply());
}

}  // namespace

}  // namespace smartcmd

int main() {
  using namespace smartcmd;
  harden();
  setlocale(LC_CTYPE, "");
  setlocale(LC_MESSAGES, "");
  if (!is_started_by_us()) {
    fprintf(stderr, "%s\n", _("smartcmd-agent is started by SmartCMD's provider, module and tool, not by hand."));
    return 2;
  }
  const AgentReply reply = reply_to_host();
  return abi_guard([&reply] { return send_reply(agent_socket, reply), 0; }, [](const Error&) { return 1; }, 1);
}
