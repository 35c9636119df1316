// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// smartcmdd, the operator's tool and the service itself: the table of its commands.

#include <glib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <clocale>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/spelling.h"
#include "service/commands.h"
#include "service/serve.h"
#include "service/settings.h"
#include "service/setup.h"

namespace smartcmd::service {

std::filesystem::path Invocation::read(std::vector<GOptionEntry> entries) const {
  entries.emplace_back();
  const std::string command = std::string("smartcmdd ") + words;
  const std::vector<std::string> operands = read_options(command, arguments, entries.data(), {"DIR", summary});
  if (operands.size() != 1) throw UsageError{"The command wants one directory, DIR."};
  return operands.front();
}

GOptionEntry text_option(const char* name, OptionText& value, const char* help, const char* form) {
  return {name, 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, value.slot(), help, form};
}

std::string required(const OptionText& value, const char* option) {
  if (!value.given()) throw UsageError{std::string("The option ") + option + " is missing."};
  return value.text();
}

namespace {

constexpr int exit_usage = 2;

void init_directory(const Invocation& invocation) {
  OptionText listen, hsm_module;
  const std::filesystem::path directory =
      invocation.read({text_option("listen", listen, "Where to listen (127.0.0.1:0)", "ADDRESS:PORT"),
                       text_option("hsm-module", hsm_module, "PKCS#11 module of the HSM (SoftHSM2)", "FILE")});
  set_up(directory, listen.given() ? listen.text() : Settings().listen, hsm_module.text());
}

void serve_directory(const Invocation& invocation) {
  gboolean die_with_parent = FALSE;
  const std::filesystem::path directory =
      invocation.read({{"die-with-parent", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &die_with_parent,
                        "End when the process that started the service ends", nullptr}});
  if (die_with_parent) {
    const pid_t parent = getppid();
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent) return;  // it was faster
  }
  enter(directory);
  serve();
}

struct Command {
  const char* words;
  const char* summary;
  void (*run)(const Invocation& invocation);
};

constexpr Command command_table[] = {
    {"init", "Make a service in a new or empty directory.", init_directory},
    {"account add", "Give a person an account: a key in the HSM and a certificate.", add_account},
    {"account renew",
     "Give an account a new key and certificate, before the old one expires or when the PIN is forgotten.",
     renew_account},
    {"account list",
     "List the accounts: phone number, name, the last day of the certificate, and whether it is locked.",
     list_accounts},
    {"account unlock", "Forget the wrong PINs and one-time passwords that locked an account.", unlock_account},
    {"serve", "Serve until SIGTERM; prints the service's address and writes DIR/client/service.conf.", serve_directory},
};

/// The commands whose words begin so.
std::string overview(std::string_view beginning = {}) {
  std::string usage = "Usage:\n", summaries;
  for (const Command& command : command_table) {
    if (!std::string_view(command.words).starts_with(beginning)) continue;
    usage += std::string("  smartcmdd ") + command.words + " DIR [OPTION…]\n";
    summaries += std::string(command.words) + "\n    " + command.summary + "\n";
  }
  return usage + "\n" + summaries + "\n'smartcmdd COMMAND --help' describes the options.\n";
}

/// What was typed are one word or two, of which the second may be no command's but an operand.
std::string unknown_command(const std::string& first, const std::string& both) {
  for (const std::string& typed : {first, both}) {
    const Command* meant = nearest(command_table, typed, [](const Command& one) { return one.words; });
    if (meant != nullptr) return "There is no command '" + typed + "'. Did you mean '" + meant->words + "'?";
  }
  return "There is no command '" + (first == "account" ? both : first) + "'.";
}

/// The words of a command are one or two; a second is none when it is an option.
void dispatch(std::span<char*> arguments) {
  const std::string first = arguments.empty() ? "" : arguments[0];
  const bool has_second = arguments.size() > 1 && *arguments[1] != '-';
  const std::string both = has_second ? first + " " + arguments[1] : first;
  for (const Command& command : command_table) {
    if (first == command.words) return command.run({command.words, command.summary, arguments});
    if (both == command.words) return command.run({command.words, command.summary, arguments.subspan(1)});
  }
  if (first == "--help" || first == "-h" || first == "help") {
    std::fputs(overview().c_str(), stdout);
  } else if (first == "--version" || first == "-V") {
    std::printf("smartcmdd %s\n", SMARTCMD_VERSION);
  } else if (first == "account" && !has_second) {
    std::fputs(overview("account ").c_str(), stdout);
  } else {
    throw UsageError{first.empty() ? "A command is missing." : unknown_command(first, both)};
  }
}

}  // namespace

}  // namespace smartcmd::service

int main(int argc, char** argv) {
  using namespace smartcmd::service;
  std::setlocale(LC_ALL, "");
  umask(S_IRWXG | S_IRWXO);  // all a service writes is its own
  try {
    dispatch(std::span(argv, static_cast<std::size_t>(argc)).subspan(argc > 0 ? 1 : 0));
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
      throw smartcmd::Error(smartcmd::Errc::internal, "The standard output cannot be written.");
    }
    return EXIT_SUCCESS;
  } catch (const smartcmd::UsageError& error) {
    g_printerr("smartcmdd: %s\n%s", error.message.c_str(), "Try 'smartcmdd --help'.\n");
    return exit_usage;
  } catch (const std::filesystem::filesystem_error& error) {
    g_printerr("smartcmdd: %s: %s.\n", error.path1().c_str(), error.code().message().c_str());
    return EXIT_FAILURE;
  } catch (const std::exception& error) {
    g_printerr("smartcmdd: %s\n", error.what());
    return EXIT_FAILURE;
  }
}
