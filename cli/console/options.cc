// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "cli/console/options.h"

#include <algorithm>
#include <string>

#include "base/c_ptr.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/console/completion.h"
#include "cli/console/output.h"

namespace smartcmd {

std::optional<std::vector<std::string>> parse_options(std::span<char*> arguments, const GOptionEntry* entries,
                                                      Help help) {
  if (arguments.size() > 1 && arguments[1] == complete_option) {
    complete_arguments(arguments.subspan(2), entries, help);
    return std::nullopt;
  }
  g_set_prgname((std::string("smartcmd ") + arguments[0]).c_str());
  CPtr<GOptionContext, g_option_context_free> context(g_option_context_new(help.usage));
  g_option_context_add_main_entries(context.get(), entries, nullptr);
  // The context translates its own texts, and the group those of the options.
  const GTranslateFunc translate = [](const char* english, gpointer) { return _(english); };
  g_option_context_set_translate_func(context.get(), translate, nullptr, nullptr);
  g_option_group_set_translate_func(g_option_context_get_main_group(context.get()), translate, nullptr, nullptr);
  g_option_context_set_description(context.get(), help.description);
  g_option_context_set_strict_posix(context.get(), help.runs_command);

  char** argv = arguments.data();
  int argc = static_cast<int>(arguments.size());
  GError* error = nullptr;
  if (!g_option_context_parse(context.get(), &argc, &argv, &error)) {
    CPtr<GError, g_error_free> owned(error);
    usage_error(owned->message);
    return std::nullopt;
  }
  std::vector<std::string> operands(argv + 1, argv + argc);
  // GLib leaves the separator where what follows could be taken for an option.
  const auto end = help.runs_command && !operands.empty() ? operands.begin() + 1 : operands.end();
  const auto separator = std::find(operands.begin(), end, "--");
  if (separator != end) operands.erase(separator);
  return operands;
}

std::optional<std::string> parse_account(std::span<char*> arguments, const GOptionEntry* entries, Help help) {
  const auto operands = parse_options(arguments, entries, help);
  if (!operands) return std::nullopt;
  if (operands->size() > 1) {
    usage_error(_("One account at a time."));
    return std::nullopt;
  }
  return operands->empty() ? "" : operands->front();
}

const Account& account_of_operand(const Config& config, const std::string& name) {
  return config.account(name, std::string(g_get_prgname()) + " ");
}

int usage_error(const std::string& sentence) {
  complain(sentence);
  g_printerr("%s\n", filled(_("{command} --help says more."), {{"command", g_get_prgname()}}).c_str());
  return exit_usage;
}

}  // namespace smartcmd
