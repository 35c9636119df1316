// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include <glib.h>

#include <array>
#include <string>
#include <vector>

#include "cli/certificate_text.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "signing/error.h"
#include "signing/signing_service.h"

namespace smartcmd {
namespace {

constexpr Help list_help = {nullptr, "Reads the configuration and the kept certificates; asks no service."};

using Row = std::array<std::string, 5>;

/// What is known of the account's certificate; a file that cannot be read is told on standard error and clears `sound`.
Row describe(const SigningService& signing, const Account& account, bool& sound) {
  Row row{account.name, account.label, account.service.name};
  try {
    const CertificateChain chain = signing.certificates(account);
    row[3] = chain.signer().common_name();
    row[4] = (has_expired(chain.signer()) ? "expired " : "") + valid_until(chain.signer());
  } catch (const Error& error) {
    const bool missing = error.code() == Errc::not_enrolled;
    row[3] = missing ? "not enrolled: smartcmd enrol " + account.name : "unreadable";
    if (missing) return row;
    sound = false;
    g_printerr("smartcmd: %s\n", error.what());
  }
  return row;
}

void print(const std::vector<Row>& rows) {
  std::array<long, 5> widths{};
  for (const Row& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], g_utf8_strlen(row[i].c_str(), -1));
  for (const Row& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += row[i];
      line.append(static_cast<std::size_t>(widths[i] - g_utf8_strlen(row[i].c_str(), -1) + 2), ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    g_print("%s\n", line.c_str());
  }
}

}  // namespace

int list(std::span<char*> arguments) {
  const GOptionEntry entries[] = {{}};
  const auto operands = parse_options(arguments, entries, list_help);
  if (!operands) return exit_usage;
  if (!operands->empty()) return usage_error("list takes no arguments.");

  const SigningService signing(Config::load());
  const std::vector<Account>& accounts = signing.config().accounts();
  if (accounts.empty()) {
    g_print(
        "No account is configured. Add an [account NAME] group to ~/.config/smartcmd/smartcmd.conf, then run "
        "smartcmd enrol NAME.\nTo try without an account: smartcmd sandbox -- sh\n");
    return exit_ok;
  }
  bool sound = true;
  std::vector<Row> rows{{"ACCOUNT", "LABEL", "SERVICE", "CERTIFICATE", "VALID UNTIL"}};
  for (const Account& account : accounts) rows.push_back(describe(signing, account, sound));
  print(rows);
  return sound ? exit_ok : exit_error;
}

}  // namespace smartcmd
