// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/configuration/config_file.h"
#include "cli/console/options.h"
#include "cli/console/output.h"
#include "cli/console/questions.h"
#include "documents/certificate_text.h"
#include "signing/signing_service.h"

namespace smartcmd {
namespace {

constexpr Help enrol_help = {
    N_("[ACCOUNT]"), N_("Fetches the certificates of ACCOUNT, or of the default account, and keeps them where\n"
                        "programs find them. Do this once, and again when the certificate was renewed.\n"
                        "\n"
                        "If ACCOUNT is not configured yet, you are asked for its phone number. ACCOUNT is added to\n"
                        "your configuration if the service knows that number. --phone gives the number as well,\n"
                        "but every user of the machine sees it while the command runs.\n"
                        "\n"
                        "The URI cmd: without a name stands for your first account, also when you have added others.\n"
                        "'default-account' in the configuration then says so, and you can change it there.")};

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

/// The phone number as the configuration has it: nine digits are one of Portugal's.
std::string international(const std::string& typed) {
  std::string number;
  std::copy_if(typed.begin(), typed.end(), std::back_inserter(number),
               [](char c) { return std::string_view(" -.()").find(c) == std::string_view::npos; });
  const bool digits = number.find_first_not_of("0123456789") == std::string::npos;
  if (digits && number.size() == 9) return "+351 " + number;
  if (digits && number.starts_with("00")) return std::string("+").append(number, 2);
  return typed;
}

std::string checked_phone(const std::string& typed) {
  const std::string number = international(typed);
  Config::check("account", "user-id", number);
  return number;
}

std::string ask_phone() {
  for (;;) {
    const auto answer = ask(_("Phone number (+351 is assumed for nine digits):"));
    if (!answer) throw Error(Errc::invalid_argument, _("There is no phone number. Run this in a terminal."));
    try {
      return checked_phone(*answer);
    } catch (const Error& error) {
      complain(error.what());
    }
  }
}

struct Given {
  OptionText phone;
  OptionText service;
  OptionText label;
  gboolean with_pin = FALSE;
};

/// The service of a new account: the one that was named, or the only one there is.
std::string service_for(const Config& config, const std::string& named) {
  std::string known;
  for (const Service& service : config.services()) {
    if (service.name == named) return named;
    known += (known.empty() ? "" : ", ") + service.name;
  }
  if (named.empty() && config.services().size() == 1) return known;
  if (known.empty()) throw Error(Errc::configuration, _("No service is configured yet. Run 'smartcmd setup' first."));
  throw Error(Errc::configuration,
              filled(named.empty() ? _("Several services are configured. Name one with --service: {known}.")
                                   : _("There is no service '{name}'. The configuration has: {known}."),
                     {{"name", named}, {"known", known}}));
}

void enrol_known(const std::string& name, bool with_pin) {
  const SigningService signing(Config::load());
  const Account& account = account_of_operand(signing.config(), name);
  report(signing, account, signing.enrol(account, with_pin));
}

/// What stood for the only account keeps doing so when there are two: its name, empty where nothing had to be done.
std::string keep_default(ConfigFile& file, const Config& config) {
  if (config.accounts().size() != 1 || !is_default(config, config.accounts().front())) return {};
  if (!file.value("smartcmd", "default-account").empty()) return {};
  file.set("smartcmd", "default-account", config.accounts().front().name);
  return config.accounts().front().name;
}

using Values = std::vector<std::pair<std::string, std::string>>;

/// The group of a new account.
Values values_of(const std::string& service, const Given& given) {
  Values values{{"service", service},
                {"user-id", given.phone.given() ? checked_phone(given.phone.text()) : ask_phone()}};
  if (given.label.given()) values.emplace_back("label", given.label.text());
  return values;
}

/// The number is not in the configuration yet, and so that cannot be wrong.
void enrol_in_service(const std::string& name, const Values& values, bool with_pin) {
  TrialConfig trial;
  for (const auto& [key, value] : values) trial.set("account " + name, key, value);
  const SigningService signing(trial.load());
  const Account& account = signing.config().account(name);
  try {
    signing.enrol(account, with_pin);
  } catch (const Error& error) {
    if (error.code() != Errc::no_certificate) throw;
    throw Error(
        error.code(),
        filled(_("The service '{service}' has no certificate for this phone number: it does not know it, or the "
                 "signature is not active. Check the number, and whether the signature was activated. The "
                 "account was not added."),
               {{"service", account.service.name}}));
  }
}

void enrol_new(const Config& config, const std::string& name, const Given& given) {
  Config::check("account", "", name);
  const std::string service = service_for(config, given.service.text());
  complain(filled(_("The account '{account}' is new. It will sign with the service '{service}'."),
                  {{"account", name}, {"service", service}}));
  const Values values = values_of(service, given);
  enrol_in_service(name, values, given.with_pin != FALSE);
  std::string kept;
  const auto place = ConfigFile::change([&](ConfigFile& file) {
    kept = keep_default(file, Config::load());
    for (const auto& [key, value] : values) file.set("account " + name, key, value);
  });
  const SigningService signing(Config::load());
  const Account& account = signing.config().account(name);
  report(signing, account, signing.certificates(account));
  if (kept.empty()) return;
  say(filled(
      _("'cmd:' alone still stands for the account '{account}'. You can name another in {file}: 'default-account' in "
        "[smartcmd]."),
      {{"account", kept}, {"file", place.native()}}));
}

bool is_configured(const Config& config, const std::string& name) {
  const auto& accounts = config.accounts();
  return std::any_of(accounts.begin(), accounts.end(), [&](const Account& account) { return account.name == name; });
}

}  // namespace

int enrol(std::span<char*> arguments) {
  Given given;
  const GOptionEntry entries[] = {
      {"with-pin", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &given.with_pin,
       N_("Ask for PIN and one-time password, because some services give certificates only then"), nullptr},
      {"phone", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, given.phone.slot(), N_("A new account's phone number"),
       N_("NUMBER")},
      {"service", 's', G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, given.service.slot(),
       N_("A new account's service, where several are configured"), N_("SERVICE")},
      {"label", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, given.label.slot(), N_("What prompts call a new account"),
       N_("TEXT")},
      {}};
  const auto name = parse_account(arguments, entries, enrol_help);
  if (!name) return exit_usage;

  const Config config = Config::load();
  if (!name->empty() && !is_configured(config, *name)) {
    enrol_new(config, *name, given);
    return exit_ok;
  }
  if (given.phone.given() || given.service.given() || given.label.given())
    return usage_error(_("--phone, --service and --label are for an account that is not configured yet."));
  enrol_known(*name, given.with_pin != FALSE);
  return exit_ok;
}

}  // namespace smartcmd
