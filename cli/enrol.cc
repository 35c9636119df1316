// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "cli/certificate_text.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/output.h"
#include "signing/error.h"
#include "signing/signing_service.h"
#include "signing/text.h"

namespace smartcmd {
namespace {

constexpr Help enrol_help = {"[ACCOUNT]",
                             N_("Fetches the certificates of ACCOUNT, or of the default account, and keeps them where\n"
                                "programs find them. Do this once, and again when the certificate was renewed.")};

bool is_default(const Config& config, const Account& account) {
  try {
    return &config.account() == &account;
  } catch (const Error&) {
    return false;  // several, and none is the default
  }
}

void report(const SigningService& signing, const Account& account, const CertificateChain& chain) {
  const Certificate& signer = chain.signer();
  const std::string uri = "cmd:" + account.name;
  say(filled(_("{label} is enrolled."), {{"label", account.label}}));
  print_table(
      {{_("Subject"), subject_text(signer)},
       {_("Issuer"), issuer_text(signer)},
       {_("Valid"), validity_text(signer)},
       {_("Kept in"), signing.config().chain_file(account)},
       {_("Key"), is_default(signing.config(), account) ? filled(_("{uri}, or just cmd:"), {{"uri", uri}}) : uri}},
      "  ");
}

}  // namespace

int enrol(std::span<char*> arguments) {
  gboolean with_pin = FALSE;
  const GOptionEntry entries[] = {
      {"with-pin", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &with_pin,
       N_("Ask for PIN and one-time password; for services that give certificates only so"), nullptr},
      {}};
  const auto name = parse_account(arguments, entries, enrol_help);
  if (!name) return exit_usage;

  const SigningService signing(Config::load());
  const Account& account = signing.config().account(*name);
  report(signing, account, signing.enrol(account, with_pin != FALSE));
  return exit_ok;
}

}  // namespace smartcmd
