// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include <optional>

#include "base/error.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/console/options.h"
#include "cli/console/output.h"
#include "cli/uris.h"

namespace smartcmd {
namespace {

constexpr Help uri_help = {N_("[ACCOUNT]"),
                           N_("Prints the URIs of ACCOUNT, or of the default account, to paste: cmd: for OpenSSL,\n"
                              "pkcs11: for PKCS #11.")};

void print(const char* title, const std::vector<Uri>& uris) {
  std::vector<std::vector<std::string>> rows;
  for (const Uri& uri : uris) rows.push_back({uri.what, uri.text});
  say(title);
  print_table(rows, "  ");
}

}  // namespace

int uri(std::span<char*> arguments) {
  const GOptionEntry entries[] = {{}};
  const auto name = parse_account(arguments, entries, uri_help);
  if (!name) return exit_usage;

  const SigningService signing(Config::load());
  const Account& account = account_of_operand(signing.config(), *name);
  const CertificateChain chain = signing.certificates(account);
  print(_("OpenSSL"), cmd_uris(account));
  print(_("PKCS #11"), pkcs11_uris(signing.config(), account, &chain));
  return exit_ok;
}

}  // namespace smartcmd
