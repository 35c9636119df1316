// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include <unistd.h>

#include "base/text.h"
#include "cli/doctor/examination.h"
#include "signing/agent_client.h"

namespace smartcmd {
namespace {

AgentReply ask(AgentRequest::Verb verb) {
  AgentRequest request{};
  request.verb = verb;
  return ask_agent(request);
}

void check_version(Examination& examination) {
  try {
    const AgentReply reply = ask(AgentRequest::Verb::tell_version);
    const auto* version = std::get_if<std::string>(&reply);
    if (version != nullptr && *version == SMARTCMD_VERSION) {
      examination.agent_works = true;
      examination.sound(filled(_("Agent: smartcmd-agent {version} starts."), {{"version", *version}}));
    } else {
      examination.problem(filled(_("Agent: smartcmd-agent is version {theirs}, not {ours}. Install SmartCMD again."),
                                 {{"theirs", version == nullptr ? "?" : *version}, {"ours", SMARTCMD_VERSION}}));
    }
  } catch (const Error& error) {
    examination.problem(filled(_("Agent: {reason}"), {{"reason", error.what()}}));
  }
}

void check_askpass(Examination& examination) {
  if (!examination.config || examination.config->askpass().empty()) return;
  const std::filesystem::path& program = examination.config->askpass();
  if (access(program.c_str(), X_OK) != 0)
    examination.problem(
        filled(_("Prompts: the program {file} that is to answer for you cannot be run. Correct 'askpass' "
                 "in the configuration, or $SMARTCMD_ASKPASS."),
               {{"file", program.native()}}));
}

void check_prompter(Examination& examination) {
  if (!examination.config) return;
  try {
    ask(AgentRequest::Verb::check_prompter);
    const std::filesystem::path& askpass = examination.config->askpass();
    examination.sound(askpass.empty() ? _("Prompts: a window or the terminal can ask for PIN and one-time password.")
                                      : filled(_("Prompts: {file} answers for you, before a window or the terminal."),
                                               {{"file", askpass.native()}}));
  } catch (const Error& error) {
    if (error.code() == Errc::no_prompt)
      examination.problem(filled(_("Prompts: {reason}"), {{"reason", error.what()}}));
  }
}

constexpr Check checks[] = {check_version, check_askpass, check_prompter};

}  // namespace

std::span<const Check> agent_checks() {
  return checks;
}

}  // namespace smartcmd
