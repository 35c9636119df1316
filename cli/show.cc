// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include <string>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/console/options.h"
#include "cli/console/output.h"
#include "cli/uris.h"
#include "documents/certificate_text.h"

namespace smartcmd {
namespace {

constexpr Help show_help = {
    N_("[ACCOUNT]"), N_("Shows what is known of ACCOUNT, or of the default account: its service, its certificates\n"
                        "and the URIs of its key. Asks no service.")};

using Rows = std::vector<std::vector<std::string>>;

void print(const char* title, const Rows& rows) {
  say(title);
  print_table(rows, "  ");
}

Rows describe(const Certificate& certificate) {
  const std::string bits = std::to_string(certificate.signature_size() * 8);
  return {{_("Subject"), subject_text(certificate)},
          {_("Issuer"), issuer_text(certificate)},
          {_("Serial number"), serial_text(certificate)},
          {_("Valid"), validity_text(certificate)},
          {_("Key"), filled(_("RSA, {bits} bits"), {{"bits", bits}})},
          {_("SHA-256"), fingerprint_text(certificate)}};
}

void print_chain(const CertificateChain& chain) {
  print(_("Certificate"), describe(chain.signer()));
  if (has_expired(chain.signer())) say(_("  The certificate has expired."));
  for (const Certificate& authority : chain.authorities()) print(_("Authority"), describe(authority));
}

}  // namespace

int show(std::span<char*> arguments) {
  const GOptionEntry entries[] = {{}};
  const auto name = parse_account(arguments, entries, show_help);
  if (!name) return exit_usage;

  const SigningService signing(Config::load());
  const Account& account = account_of_operand(signing.config(), *name);
  print(_("Account"), {{_("Name"), account.name},
                       {_("Label"), account.label},
                       {_("Service"), account.service.name + " (" + account.service.endpoint + ")"},
                       {_("Kept in"), signing.config().chain_file(account)}});
  const CertificateChain chain = signing.certificates(account);
  print_chain(chain);
  Rows uris;
  for (const auto& all : {cmd_uris(account), pkcs11_uris(signing.config(), account, &chain)})
    for (const Uri& uri : all) uris.push_back({uri.what, uri.text});
  print(_("URIs"), uris);
  return exit_ok;
}

}  // namespace smartcmd
