// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include <algorithm>
#include <iterator>

#include "base/program_name.h"
#include "base/text.h"
#include "cli/doctor/examination.h"
#include "cli/service_check.h"
#include "signing/agent_client.h"
#include "signing/signing_service.h"

namespace smartcmd {
namespace {

/// What an error of the request tells about; the rest is the service's own business.
struct Meaning {
  Errc code;
  const char* sentence;  ///< with {reason}, and where that does not say it all, what to do
};

constexpr Meaning meanings[] = {
    {Errc::host_not_found, N_("DNS: {reason}")},
    {Errc::connection_failed, N_("Network: {reason}")},
    {Errc::timed_out, N_("Network: {reason}")},
    {Errc::proxy_authentication, N_("Proxy: {reason}")},
    {Errc::untrusted_service,
     N_("TLS: {reason} Where your organisation opens secure connections, put its authority into a file of its own and "
        "name that in 'ca-file', if its rules allow that.")},
    {Errc::credentials_refused, N_("Credentials: {reason}")},
    {Errc::request_refused, N_("Application: {reason}")},
    {Errc::no_certificate,
     N_("Account: {reason} A service may answer the same where it does not know the application: check "
        "'application-id' too.")},
    {Errc::agent_failed, N_("Agent: {reason}")},
    {Errc::configuration, N_("Configuration: {reason}")},
};

constexpr const char* otherwise = N_("Service: {reason}");

std::string explain(const Error& error) {
  const auto* meaning = std::find_if(std::begin(meanings), std::end(meanings),
                                     [&](const Meaning& one) { return one.code == error.code(); });
  return filled(_(meaning == std::end(meanings) ? otherwise : meaning->sentence), {{"reason", error.what()}});
}

/// The chain as the service gives it; nothing is kept, and no message is sent.
CertificateChain fetch(const Account& account) {
  AgentRequest request{};
  request.verb = AgentRequest::Verb::fetch_certificates;
  request.account = account.name;
  request.program = program_name();
  const AgentReply reply = ask_agent(request);
  const auto* pem = std::get_if<std::string>(&reply);
  return CertificateChain::from_pem(pem == nullptr ? "" : *pem);
}

void compare(Examination& examination, const Account& account, const CertificateChain& fresh) {
  try {
    if (SigningService(*examination.config).certificates(account).signer() == fresh.signer()) return;
    examination.problem(
        filled(_("Certificate: the service has another one for account '{account}' than is kept here. Run "
                 "'smartcmd enrol {account}'."),
               {{"account", account.name}}));
  } catch (const Error&) {
    // Without a chain that can be read there is nothing to compare, and that has been said.
  }
}

bool may_ask(const Examination& examination) {
  return examination.config && !examination.offline && examination.agent_works;
}

void check_accounts(Examination& examination) {
  if (!may_ask(examination)) return;
  for (const Account& account : examination.config->accounts()) {
    if (examination.unusable.contains(account.service.name)) continue;
    try {
      const CertificateChain fresh = fetch(account);
      examination.sound(filled(_("Service: {service} is reached, is who it says, accepts the credentials and knows the "
                                 "account '{account}'."),
                               {{"service", account.service.name}, {"account", account.name}}));
      compare(examination, account, fresh);
    } catch (const Error& error) {
      examination.problem(explain(error));
    }
  }
}

/// Those that no account was asked for.
void check_other_services(Examination& examination) {
  if (!may_ask(examination)) return;
  const auto& accounts = examination.config->accounts();
  for (const Service& service : examination.config->services()) {
    const bool has_account = std::any_of(accounts.begin(), accounts.end(),
                                         [&](const Account& one) { return one.service.name == service.name; });
    if (has_account || examination.unusable.contains(service.name)) continue;
    try {
      check_service(service.name);
      examination.sound(filled(_("Service: {service} is reached, is who it says and accepts the credentials."),
                               {{"service", service.name}}));
    } catch (const Error& error) {
      examination.problem(explain(error));
    }
  }
}

constexpr Check checks[] = {check_accounts, check_other_services};

}  // namespace

std::span<const Check> service_checks() {
  return checks;
}

}  // namespace smartcmd
