// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include <string>

#include "base/files.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/console/options.h"
#include "cli/console/output.h"
#include "cli/installation.h"
#include "signing/config.h"

namespace smartcmd {
namespace {

constexpr Help java_config_help = {
    N_("[ACCOUNT]"),
    N_("Prints a configuration for Java's SunPKCS11 provider, which then signs with the key of ACCOUNT, or of\n"
       "the default account: smartcmd java-config --out p11.cfg\n"
       "  keytool -list -keystore NONE -storetype PKCS11 -addprovider SunPKCS11 -providerArg p11.cfg\n"
       "A keystore password is asked for; where the account needs no login, any will do.")};

/// The account's place among the slots, which come in the order of the configuration.
std::size_t slot_of(const Config& config, const Account& account) {
  return static_cast<std::size_t>(&account - config.accounts().data());
}

/// A value of SunPKCS11's configuration, where a backslash and quotation marks mean something.
std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + "\"";
}

}  // namespace

int java_config(std::span<char*> arguments) {
  OptionText out;
  const GOptionEntry entries[] = {
      {"out", 'o', G_OPTION_FLAG_NONE, G_OPTION_ARG_FILENAME, out.slot(), N_("Write it into a file"), N_("FILE")}, {}};
  const auto name = parse_account(arguments, entries, java_config_help);
  if (!name) return exit_usage;

  const Config config = Config::load();
  const Account& account = account_of_operand(config, *name);
  // A Java that does not know a word refuses the whole file, so the last line waits for who needs it.
  const std::string text = "name = SmartCMD\nlibrary = " + quoted(Installation::expected().pkcs11_module) +
                           "\nslotListIndex = " + std::to_string(slot_of(config, account)) +
                           "\n# Java 17.0.15 or later signs NONEwithRSA with this line; older ones do not know it.\n"
                           "#allowLegacy = true\n";
  if (!out.given()) {
    say(text.substr(0, text.size() - 1));
    return exit_ok;
  }
  write_new(out.text(), text);
  return exit_ok;
}

}  // namespace smartcmd
