// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include <string>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/console/json.h"
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

void add_certificate(Json& json, const char* name, const Certificate& certificate) {
  json.begin_object(name).add("subject", subject_text(certificate)).add("issuer", issuer_text(certificate));
  json.add("serial-number", serial_text(certificate)).add("valid-from", certificate.valid_from());
  json.add("valid-until", certificate.valid_until()).add("expired", has_expired(certificate));
  json.add("key-bits", static_cast<std::int64_t>(certificate.signature_size() * 8));
  json.add("sha256", fingerprint_text(certificate)).end_object();
}

void print_json(const SigningService& signing, const Account& account) {
  const CertificateChain chain = signing.certificates(account);
  Json json;
  json.add("name", account.name).add("label", account.label).add("service", account.service.name);
  json.add("endpoint", account.service.endpoint).add("kept-in", signing.config().chain_file(account).native());
  add_certificate(json, "certificate", chain.signer());
  json.begin_array("authorities");
  for (const Certificate& authority : chain.authorities()) add_certificate(json, nullptr, authority);
  json.end_array().begin_array("uris");
  for (const auto& all : {cmd_uris(account), pkcs11_uris(signing.config(), account, &chain)})
    for (const Uri& uri : all) json.begin_object().add("what", uri.what).add("uri", uri.text).end_object();
  g_print("%s", json.end_array().text().c_str());
}

}  // namespace

int show(std::span<char*> arguments) {
  gboolean as_json = FALSE;
  const GOptionEntry entries[] = {
      {"json", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &as_json, N_("Print one JSON document"), nullptr}, {}};
  const auto name = parse_account(arguments, entries, show_help);
  if (!name) return exit_usage;

  const SigningService signing(Config::load());
  const Account& account = account_of_operand(signing.config(), *name);
  if (as_json != FALSE) {
    print_json(signing, account);
    return exit_ok;
  }
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
