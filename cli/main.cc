// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// smartcmd, the person's tool: one file for each command.

#include <glib.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <clocale>
#include <cstdio>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/spelling.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/console/completion.h"
#include "cli/console/output.h"
#include "cli/installation.h"

namespace smartcmd {
namespace {

struct Command {
  const char* name;
  const char* summary;
  int (*run)(std::span<char*> arguments);
};

extern const std::span<const Command> commands;

int general_help() {
  std::vector<std::vector<std::string>> rows;
  for (const Command& command : commands) rows.push_back({command.name, _(command.summary)});
  say(_("Usage:\n  smartcmd COMMAND [OPTION…] [ARGUMENT…]\n\nCommands:"));
  print_table(rows, "  ");
  say("");
  say(_("smartcmd COMMAND --help says more about each."));
  return exit_ok;
}

const Command* find_command(std::string_view name) {
  const auto found =
      std::find_if(commands.begin(), commands.end(), [&](const Command& one) { return one.name == name; });
  return found != commands.end() ? &*found : nullptr;
}

std::string unknown_command(std::string_view name) {
  const Command* meant = nearest(commands, name, [](const Command& one) { return one.name; });
  if (meant == nullptr)
    return filled(_("There is no command \"{name}\": smartcmd --help lists them."), {{"name", name}});
  return filled(_("There is no command \"{name}\". Did you mean '{command}'?"),
                {{"name", name}, {"command", meant->name}});
}

/// "help", or "help COMMAND", which is that command's own.
int help(std::span<char*> arguments) {
  if (arguments.size() < 2) return general_help();
  const Command* const command = find_command(arguments[1]);
  if (command == nullptr) {
    complain(unknown_command(arguments[1]));
    return exit_usage;
  }
  std::string option = "--help";
  char* words[] = {arguments[1], option.data()};
  return command->run(std::span<char*>(words));
}

/// Answers a shell; the arguments are complete_option and the words. A command has the options that parse_options()
/// finds with it, so it is asked itself.
int complete(std::span<char*> arguments) {
  if (arguments.size() < 2) return exit_usage;
  if (arguments.size() == 2) {
    for (const Command& command : commands) offer(command.name, _(command.summary));
    if (*arguments[1] == '-')
      for (const char* option : {"--help", "--version"}) offer(option, "");
  } else if (std::string_view(arguments[1]) == "help") {
    for (const Command& command : commands) offer(command.name, _(command.summary));
  } else if (const Command* command = find_command(arguments[1]); command != nullptr) {
    std::swap(arguments[0], arguments[1]);
    command->run(arguments);
  }
  return exit_ok;
}

int run(std::span<char*> arguments) {
  const std::string_view name = arguments.empty() ? "" : arguments[0];
  if (name == "--help" || name == "-h" || name == "help") return help(arguments);
  if (name == "--version" || name == "-V" || name == "-v" || name == "version") {
    g_print("smartcmd %s\n", SMARTCMD_VERSION);
    return exit_ok;
  }
  if (name == complete_option) return complete(arguments);
  if (const Command* command = find_command(name); command != nullptr) return command->run(arguments);
  complain(name.empty() ? _("Say what to do: smartcmd --help lists the commands.") : unknown_command(name));
  return exit_usage;
}

int run_to_an_end(std::span<char*> arguments) {
  try {
    prefer_build_tree();
    return run(arguments);
  } catch (const std::exception& error) {
    complain(sentence_of(error));
    return exit_error;
  }
}

/// Whether all that was printed has arrived. Who has stopped reading, as head(1) does, wanted no more.
bool is_output_written() {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return true;
  pollfd output{STDOUT_FILENO, POLLOUT, 0};
  return poll(&output, 1, 0) == 1 && (output.revents & POLLERR) != 0;
}

constexpr Command table[] = {
    {"doctor", N_("Find out what keeps you from signing, and what to do about it"), doctor},
    {"enrol", N_("Fetch an account's certificates, so that programs find its key"), enrol},
    {"forget", N_("Remove an account's certificates, and with --all the account"), forget},
    {"java-config", N_("Print a configuration for Java's SunPKCS11 provider"), java_config},
    {"key-file", N_("Print a file that stands for an account's key, for programs that read files only"), key_file},
    {"list", N_("Show the accounts and their certificates"), list},
    {"nss", N_("Add the PKCS #11 module to Firefox, Thunderbird and others, or remove it"), nss},
    {"sandbox", N_("Run a command with a signing service of its own, to try and to test"), sandbox},
    {"setup", N_("Configure how a signing service is reached"), setup},
    {"show", N_("Show all that is known of an account"), show},
    {"sign", N_("Sign files"), sign},
    {"uri", N_("Show the URIs of an account's key and certificates, to paste"), uri},
    {"verify", N_("Verify signatures of files"), verify},
};
constinit const std::span<const Command> commands(table);

}  // namespace
}  // namespace smartcmd

int main(int argc, char** argv) {
  using namespace smartcmd;
  setlocale(LC_ALL, "");
  open_mouth();
  const int status = run_to_an_end(std::span(argv, static_cast<std::size_t>(argc)).subspan(argc > 0 ? 1 : 0));
  if (status != exit_ok || is_output_written()) return status;
  complain(_("What was to be printed could not be written. Is the disk full?"));
  return exit_error;
}
