// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include <filesystem>
#include <string>

#include "base/error.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/configuration/config_file.h"
#include "cli/console/options.h"
#include "cli/console/output.h"
#include "cli/console/questions.h"
#include "signing/signing_service.h"

namespace smartcmd {
namespace {

constexpr Help forget_help = {
    N_("ACCOUNT"),
    N_("Removes the certificates of ACCOUNT that are kept here, so that programs no longer find its key.\n"
       "Nothing changes at the service.")};

void remove_certificates(const std::filesystem::path& file) {
  std::error_code error;
  const bool removed = std::filesystem::remove(file, error);
  if (error)
    throw Error(Errc::configuration, filled(_("{file} could not be removed: {reason}."),
                                            {{"file", file.native()}, {"reason", error.message()}}));
  say(filled(removed ? _("{file} was removed.") : _("{file} was not there."), {{"file", file.native()}}));
}

void require_own(const std::string& account) {
  const ConfigFile file;
  const std::string group = "account " + account;
  if (!file.has(group))
    throw Error(
        Errc::configuration,
        filled(_("The account '{account}' stands in the system's configuration, not in {file}. Remove its group "
                 "[{group}] there."),
               {{"account", account}, {"file", file.path().native()}, {"group", group}}));
}

void remove_from_configuration(const std::string& account) {
  const std::string group = "account " + account;
  const auto place = ConfigFile::change([&](ConfigFile& file) {
    file.remove(group);
    if (file.value("smartcmd", "default-account") == account) file.remove("smartcmd", "default-account");
  });
  say(filled(_("[{group}] was removed from {file}."), {{"group", group}, {"file", place.native()}}));
}

}  // namespace

int forget(std::span<char*> arguments) {
  gboolean yes = FALSE;
  gboolean all = FALSE;
  const GOptionEntry entries[] = {
      {"all", 'a', G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &all, N_("Remove the account from the configuration too"),
       nullptr},
      {"yes", 'y', G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &yes, N_("Do not ask whether you are sure"), nullptr},
      {}};
  const auto name = parse_account(arguments, entries, forget_help);
  if (!name) return exit_usage;
  if (name->empty()) return usage_error(_("Say which account to forget."));

  const Config config = Config::load();
  const Account& account = account_of_operand(config, *name);
  if (all) require_own(account.name);
  if (!yes && !confirmed(filled(_("Forget the account '{account}' ({label})?"),
                                {{"account", account.name}, {"label", account.label}}))) {
    complain(_("Nothing was removed. With --yes nobody is asked."));
    return exit_error;
  }
  remove_certificates(config.chain_file(account));
  if (all) remove_from_configuration(account.name);
  say(filled(_("The key and its certificate stay at the service '{service}'; only its operator can revoke them."),
             {{"service", account.service.name}}));
  return exit_ok;
}

}  // namespace smartcmd
