// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// smartcmd, the person's tool: one file for each command.

#include <glib.h>

#include <clocale>
#include <iterator>
#include <span>
#include <string_view>

#include "cli/commands.h"
#include "cli/layout.h"
#include "signing/error.h"

namespace smartcmd {
namespace {

struct Command {
  const char* name;
  const char* summary;
  int (*run)(std::span<char*> arguments);
};

extern const std::span<const Command> commands;

int help() {
  g_print("Usage:\n  smartcmd COMMAND [OPTION…] [ARGUMENT…]\n\nCommands:\n");
  for (const Command& command : commands) g_print("  %-10s%s\n", command.name, command.summary);
  g_print("\nsmartcmd COMMAND --help says more about each.\n");
  return exit_ok;
}

int run(std::span<char*> arguments) {
  const std::string_view name = arguments.empty() ? "" : arguments[0];
  if (name == "--help" || name == "-h" || name == "help") return help();
  if (name == "--version") {
    g_print("smartcmd %s\n", SMARTCMD_VERSION);
    return exit_ok;
  }
  for (const Command& command : commands)
    if (name == command.name) return command.run(arguments);
  if (name.empty())
    g_printerr("smartcmd: Say what to do: smartcmd --help lists the commands.\n");
  else
    g_printerr("smartcmd: There is no command \"%s\": smartcmd --help lists them.\n", arguments[0]);
  return exit_usage;
}

constexpr Command table[] = {
    {"enrol", "Fetch an account's certificates, so that programs find its key", enrol},
    {"key-file", "Print a file that stands for an account's key, for programs that read files only", key_file},
    {"list", "Show the accounts and their certificates", list},
    {"sandbox", "Run a command with a signing service of its own, to try and to test", sandbox},
};
constinit const std::span<const Command> commands(table);

}  // namespace
}  // namespace smartcmd

int main(int argc, char** argv) {
  setlocale(LC_ALL, "");
  try {
    smartcmd::prefer_build_tree();
    return smartcmd::run(std::span(argv, static_cast<std::size_t>(argc)).subspan(argc > 0 ? 1 : 0));
  } catch (const std::exception& error) {
    g_printerr("smartcmd: %s\n", error.what());
    return smartcmd::exit_error;
  }
}
