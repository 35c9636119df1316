// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "cli/options.h"

#include <string>

#include "cli/commands.h"
#include "signing/c_ptr.h"
#include "signing/text.h"

namespace smartcmd {

std::optional<std::vector<std::string>> parse_options(std::span<char*> arguments, const GOptionEntry* entries,
                                                      Help help) {
  g_set_prgname((std::string("smartcmd ") + arguments[0]).c_str());
  CPtr<GOptionContext, g_option_context_free> context(g_option_context_new(help.usage));
  g_option_context_add_main_entries(context.get(), entries, nullptr);
  g_option_context_set_translate_func(
      context.get(), [](const char* english, gpointer) { return _(english); }, nullptr, nullptr);
  g_option_context_set_description(context.get(), help.description);
  g_option_context_set_strict_posix(context.get(), TRUE);

  char** argv = arguments.data();
  int argc = static_cast<int>(arguments.size());
  GError* error = nullptr;
  if (!g_option_context_parse(context.get(), &argc, &argv, &error)) {
    CPtr<GError, g_error_free> owned(error);
    usage_error(owned->message);
    return std::nullopt;
  }
  std::vector<std::string> operands(argv + 1, argv + argc);
  if (!operands.empty() && operands.front() == "--") operands.erase(operands.begin());
  return operands;
}

int usage_error(const std::string& sentence) {
  g_printerr("smartcmd: %s\n%s\n", sentence.c_str(),
             filled(_("{command} --help says more."), {{"command", g_get_prgname()}}).c_str());
  return exit_usage;
}

}  // namespace smartcmd
