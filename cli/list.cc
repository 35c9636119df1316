// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include <glib.h>

#include <string>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/console/options.h"
#include "cli/console/output.h"
#include "documents/certificate_text.h"
#include "signing/signing_service.h"

namespace smartcmd {
namespace {

constexpr Help list_help = {nullptr, N_("Reads the configuration and the kept certificates; asks no service.")};

using Row = std::vector<std::string>;

/// What is known of the account's certificate; a file that cannot be read is told on standard error and clears `sound`.
Row describe(const SigningService& signing, const Account& account, bool& sound) {
  Row row{account.name, account.label, account.service.name};
  try {
    const Certificate signer = signing.certificates(account).signer();
    const std::string until = signer.valid_until();
    row.push_back(signer.common_name());
    row.push_back(has_expired(signer) ? filled(_("expired {day}"), {{"day", until}}) : until);
  } catch (const Error& error) {
    const bool missing = error.code() == Errc::not_enrolled;
    row.push_back(missing ? filled(_("not enrolled: smartcmd enrol {account}"), {{"account", account.name}})
                          : _("unreadable"));
    if (missing) return row;
    sound = false;
    complain(error.what());
  }
  return row;
}

}  // namespace

int list(std::span<char*> arguments) {
  const GOptionEntry entries[] = {{}};
  const auto operands = parse_options(arguments, entries, list_help);
  if (!operands) return exit_usage;
  if (!operands->empty()) return usage_error(_("list takes no arguments."));

  const SigningService signing(Config::load());
  const std::vector<Account>& accounts = signing.config().accounts();
  if (accounts.empty()) {
    say(signing.config().services().empty() ? _("No account is configured: smartcmd setup makes a configuration.\n"
                                                "To try without an account: smartcmd sandbox -- sh")
                                            : _("No account is configured: smartcmd enrol NAME adds one."));
    return exit_ok;
  }
  bool sound = true;
  std::vector<Row> rows{{_("ACCOUNT"), _("LABEL"), _("SERVICE"), _("CERTIFICATE"), _("VALID UNTIL")}};
  for (const Account& account : accounts) rows.push_back(describe(signing, account, sound));
  print_table(rows);
  return sound ? exit_ok : exit_error;
}

}  // namespace smartcmd
