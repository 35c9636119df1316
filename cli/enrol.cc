// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include <glib.h>

#include "cli/certificate_text.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "signing/error.h"
#include "signing/signing_service.h"

namespace smartcmd {
namespace {

constexpr Help enrol_help = {"[ACCOUNT]",
                             "Fetches the certificates of ACCOUNT, or of the default account, and keeps them where\n"
                             "programs find them. Do this once, and again when the certificate was renewed."};

bool is_default(const Config& config, const Account& account) {
  try {
    return &config.account() == &account;
  } catch (const Error&) {
    return false;  // several, and none is the default
  }
}

void report(const SigningService& signing, const Account& account, const CertificateChain& chain) {
  const Certificate& signer = chain.signer();
  g_print("%s is enrolled.\n", account.label.c_str());
  g_print("  Subject  %s\n", subject_text(signer).c_str());
  g_print("  Issuer   %s\n", issuer_text(signer).c_str());
  g_print("  Valid    %s to %s\n", valid_from(signer).c_str(), valid_until(signer).c_str());
  g_print("  Kept in  %s\n", signing.config().chain_file(account).c_str());
  g_print("  Key      cmd:%s%s\n", account.name.c_str(), is_default(signing.config(), account) ? ", or just cmd:" : "");
}

}  // namespace

int enrol(std::span<char*> arguments) {
  gboolean with_pin = FALSE;
  const GOptionEntry entries[] = {
      {"with-pin", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &with_pin,
       "Ask for PIN and one-time password; for services that give certificates only so", nullptr},
      {}};
  const auto operands = parse_options(arguments, entries, enrol_help);
  if (!operands) return exit_usage;
  if (operands->size() > 1) return usage_error("One account at a time.");

  const SigningService signing(Config::load());
  const Account& account = signing.config().account(operands->empty() ? "" : operands->front());
  report(signing, account, signing.enrol(account, with_pin != FALSE));
  return exit_ok;
}

}  // namespace smartcmd
