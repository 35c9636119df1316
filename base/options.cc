// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "base/options.h"

#include <algorithm>

#include "base/c_ptr.h"
#include "base/text.h"

namespace smartcmd {

std::vector<std::string> read_options(const std::string& command, std::span<char*> arguments,
                                      const GOptionEntry* entries, const Help& help) {
  g_set_prgname(command.c_str());
  const CPtr<GOptionContext, g_option_context_free> context(g_option_context_new(help.usage));
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
    const CPtr<GError, g_error_free> owned(error);
    throw UsageError{owned->message};
  }
  std::vector<std::string> operands(argv + 1, argv + argc);
  // GLib leaves the separator where what follows could be taken for an option.
  const auto end = help.runs_command && !operands.empty() ? operands.begin() + 1 : operands.end();
  const auto separator = std::find(operands.begin(), end, "--");
  if (separator != end) operands.erase(separator);
  return operands;
}

}  // namespace smartcmd
