// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include <glib.h>

#include <string>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/console/json.h"
#include "cli/console/options.h"
#include "cli/console/output.h"
#include "documents/certificate_text.h"
#include "signing/signing_service.h"

namespace smartcmd {
namespace {

constexpr Help list_help = {nullptr, N_("Reads the configuration and the kept certificates; asks no service.")};

/// As print_table() does it for people: what is known of each account's certificate.
bool print_json(const SigningService& signing) {
  bool sound = true;
  Json json;
  json.begin_array("accounts");
  for (const Account& account : signing.config().accounts()) {
    json.begin_object().add("name", account.name).add("label", account.label).add("service", account.service.name);
    try {
      const Certificate signer = signing.certificates(account).signer();
      json.add("state", has_expired(signer) ? "expired" : "enrolled").add("certificate", signer.common_name());
      json.add("valid-until", signer.valid_until());
    } catch (const Error& error) {
      const bool missing = error.code() == Errc::not_enrolled;
      json.add("state", missing ? "not-enrolled" : "unreadable").add("reason", error.what());
      sound = sound && missing;
    }
    json.end_object();
  }
  g_print("%s", json.end_array().text().c_str());
  return sound;
}

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
  gboolean as_json = FALSE;
  const GOptionEntry entries[] = {
      {"json", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &as_json, N_("Print one JSON document"), nullptr}, {}};
  const auto operands = parse_options(arguments, entries, list_help);
  if (!operands) return exit_usage;
  if (!operands->empty()) return usage_error(_("list takes no arguments."));

  const SigningService signing(Config::load());
  if (as_json != FALSE) return print_json(signing) ? exit_ok : exit_error;
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
