// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "signing/config.h"

#include <glib.h>
#include <stdlib.h>

#include <algorithm>
#include <map>
#include <utility>

#include "base/error.h"
#include "base/spelling.h"
#include "base/text.h"
#include "base/user.h"
#include "signing/config_entry.h"
#include "signing/config_values.h"

namespace smartcmd {

namespace fs = std::filesystem;

namespace {

constexpr const char* general_group = "smartcmd";
constexpr std::string_view service_prefix = "service ";
constexpr std::string_view account_prefix = "account ";

// ---- the keys, one table for each group -----------------------------------------------------------------------------

template <class Target>
struct KeyRule {
  const char* key;
  bool required;
  void (*set)(Target&, const ConfigEntry&);
};

struct General {
  std::string default_account;
  fs::path askpass;
  fs::path pinentry = default_pinentry;
  bool probes = true;
  fs::path state_directory;
};

const KeyRule<General> general_keys[] = {
    {"default-account", false, [](General& g, const ConfigEntry& e) { g.default_account = to_text(e); }},
    {"askpass", false, [](General& g, const ConfigEntry& e) { g.askpass = to_file(e); }},
    {"pinentry", false, [](General& g, const ConfigEntry& e) { g.pinentry = to_program(e); }},
    {"probes", false, [](General& g, const ConfigEntry& e) { g.probes = to_yes(e); }},
    {"state-directory", false, [](General& g, const ConfigEntry& e) { g.state_directory = to_path(e); }},
};

const KeyRule<Service> service_keys[] = {
    {"driver", false, [](Service& s, const ConfigEntry& e) { s.driver = to_text(e); }},
    {"endpoint", true, [](Service& s, const ConfigEntry& e) { s.endpoint = to_endpoint(e); }},
    {"application-id", true, [](Service& s, const ConfigEntry& e) { s.application_id = to_application_id(e); }},
    {"username", true, [](Service& s, const ConfigEntry& e) { s.username = to_text(e); }},
    {"password-file", true, [](Service& s, const ConfigEntry& e) { s.password_file = to_file(e); }},
    {"encryption-certificate", true, [](Service& s, const ConfigEntry& e) { s.encryption_certificates = to_files(e); }},
    {"ca-file", false, [](Service& s, const ConfigEntry& e) { s.ca_file = to_file(e); }},
    {"proxy", false, [](Service& s, const ConfigEntry& e) { s.proxy = to_text(e); }},
    {"connect-timeout", false, [](Service& s, const ConfigEntry& e) { s.connect_timeout = to_seconds(e); }},
    {"request-timeout", false, [](Service& s, const ConfigEntry& e) { s.request_timeout = to_seconds(e); }},
    {"otp-lifetime", false, [](Service& s, const ConfigEntry& e) { s.otp_lifetime = to_seconds(e); }},
    {"hashes", false, [](Service& s, const ConfigEntry& e) { s.hashes = to_hashes(e); }},
};

/// An account before its service is known.
struct PlainAccount {
  Account account;
  ConfigEntry service;
};

const KeyRule<PlainAccount> account_keys[] = {
    {"service", true, [](PlainAccount& a, const ConfigEntry& e) { a.service = e; }},
    {"user-id", true, [](PlainAccount& a, const ConfigEntry& e) { a.account.user_id = to_user_id(e); }},
    {"label", false, [](PlainAccount& a, const ConfigEntry& e) { a.account.label = to_text(e); }},
    {"login", false, [](PlainAccount& a, const ConfigEntry& e) { a.account.login = to_login(e); }},
};

/// Where the configuration is looked for, the later over the earlier; `must_exist` when somebody named the file.
struct Source {
  fs::path file;
  bool must_exist;
};

constexpr const char* system_configuration = "/etc/smartcmd/smartcmd.conf";

/// What the program or the environment names; it stays the same file when the program changes its directory.
fs::path named_file(const fs::path& given) {
  const char* variable = secure_getenv("SMARTCMD_CONFIG");
  const fs::path named = !given.empty() || variable == nullptr ? given : fs::path(variable);
  std::error_code unknown;
  return named.empty() ? named : fs::absolute(named, unknown);
}

std::vector<Source> sources(const fs::path& named) {
  if (!named.empty()) return {{named, true}};
  if (!trusts_environment()) return {{system_configuration, false}};
  return {{system_configuration, false}, {fs::path(g_get_user_config_dir()) / "smartcmd/smartcmd.conf", false}};
}

}  // namespace

/// Collects the groups of all files, each key from the last file that has it, then makes values of them.
class ConfigReader {
 public:
  void add(const fs::path& file) { add_groups(groups_, file); }

  Config finish(const fs::path& given) const {
    General general;
    general.state_directory = data_directory() / "smartcmd";
    std::map<std::string, Service> services;
    std::vector<PlainAccount> accounts;
    for (const ConfigGroup& group : groups_) {
      const std::string_view title = group.title;
      if (title == general_group) {
        read(group, general_keys, general);
      } else if (title.starts_with(service_prefix)) {
        Service& service = services[group.title.substr(service_prefix.size())];
        service.name = group.title.substr(service_prefix.size());
        read(group, service_keys, service);
      } else if (title.starts_with(account_prefix)) {
        accounts.push_back(read_account(group));
      } else {
        refuse_at(group.file, group.title, "", _("a group is [smartcmd], [service NAME] or [account NAME]."));
      }
    }
    return assemble(general, services, std::move(accounts), given);
  }

 private:
  template <class Target, std::size_t n>
  static void read(const ConfigGroup& group, const KeyRule<Target> (&rules)[n], Target& target) {
    for (const ConfigEntry& entry : group.entries) {
      const auto rule = std::find_if(std::begin(rules), std::end(rules),
                                     [&entry](const KeyRule<Target>& r) { return entry.key == r.key; });
      if (rule == std::end(rules)) refuse_unknown(entry, rules);
      rule->set(target, entry);
    }
    for (const KeyRule<Target>& rule : rules) {
      const bool given = std::any_of(group.entries.begin(), group.entries.end(),
                                     [&rule](const ConfigEntry& e) { return e.key == rule.key; });
      if (rule.required && !given)
        refuse_at(group.file, group.title, "", filled(_("'{key}=' is missing."), {{"key", rule.key}}));
    }
  }

  template <class Target, std::size_t n>
  [[noreturn]] static void refuse_unknown(const ConfigEntry& entry, const KeyRule<Target> (&rules)[n]) {
    const auto* meant = nearest(rules, entry.key, [](const KeyRule<Target>& rule) { return rule.key; });
    if (meant != nullptr)
      refuse_at(entry.file, entry.group, entry.key,
                filled(_("nobody knows this key. Did you mean '{key}'?"), {{"key", meant->key}}));
    std::string known;
    for (const KeyRule<Target>& rule : rules) known += (known.empty() ? "" : ", ") + std::string(rule.key);
    refuse_at(entry.file, entry.group, entry.key,
              filled(_("nobody knows this key. The group takes: {known}."), {{"known", known}}));
  }

  static PlainAccount read_account(const ConfigGroup& group) {
    PlainAccount plain;
    plain.account.name = group.title.substr(account_prefix.size());
    if (!is_account_name(plain.account.name))
      refuse_at(group.file, group.title, "", _("an account's name has letters, digits, '_', '.' and '-'."));
    plain.account.label = plain.account.name;
    read(group, account_keys, plain);
    return plain;
  }

  static Config assemble(const General& general, const std::map<std::string, Service>& services,
                         std::vector<PlainAccount> accounts, const fs::path& given) {
    Config config;
    for (PlainAccount& plain : accounts) {
      const auto service = services.find(plain.service.value);
      if (service == services.end()) plain.service.refuse(N_("'{value}' is not the name of a [service …] group."));
      plain.account.service = service->second;
      config.accounts_.push_back(std::move(plain.account));
    }
    for (const auto& [name, service] : services) config.services_.push_back(service);
    config.default_account_ = general.default_account;
    config.askpass_ = general.askpass;
    if (const char* program = secure_getenv("SMARTCMD_ASKPASS"); program != nullptr && *program != '\0') {
      config.askpass_ = program;
    }
    config.pinentry_ = general.pinentry;
    if (const char* program = secure_getenv("SMARTCMD_PINENTRY"); program != nullptr && *program != '\0') {
      config.pinentry_ = program == no_program ? "" : program;
    }
    config.answers_probes_ = general.probes;
    config.state_directory_ = general.state_directory;
    config.file_ = given;
    return config;
  }

  std::vector<ConfigGroup> groups_;
};

Config Config::load(const fs::path& file) {
  const fs::path named = named_file(file);
  ConfigReader reader;
  for (const Source& source : sources(named)) {
    std::error_code unknown;  // where nobody may look, there is nothing for us
    if (source.must_exist || fs::exists(source.file, unknown)) reader.add(source.file);
  }
  return reader.finish(named);
}

fs::path Config::persons_file() {
  return sources(named_file({})).back().file;
}

fs::path Config::system_file() {
  return sources(named_file({})).size() > 1 ? system_configuration : "";
}

void Config::check(std::string_view group, std::string_view key, const std::string& value) {
  if (key.empty() && !is_account_name(value))
    throw Error(Errc::configuration, _("A name has letters, digits, '_', '.' and '-'."));
  const ConfigEntry entry{{}, std::string(group), std::string(key), value};
  const auto check_in = [&](const auto& rules, auto&& target) {
    for (const auto& rule : rules)
      if (key == rule.key) rule.set(target, entry);
  };
  if (group == "account") {
    check_in(account_keys, PlainAccount{});
  } else {
    check_in(service_keys, Service{});
  }
}

const Account& Config::account(std::string_view name, std::string_view prefix) const {
  if (accounts_.empty()) throw Error(Errc::unknown_account, why_no_account());
  const std::string_view wanted = name.empty() ? std::string_view(default_account_) : name;
  if (wanted.empty() && accounts_.size() == 1) return accounts_.front();
  std::string known;
  for (const Account& account : accounts_) {
    if (account.name == wanted) return account;
    known += (known.empty() ? "" : ", ") + account.name;
  }
  if (wanted.empty()) {
    throw Error(Errc::unknown_account,
                filled(_("Several accounts are configured ({known}) and none is the default. "
                         "Name one, as in '{example}', or set "
                         "'default-account=' in [smartcmd]."),
                       {{"known", known}, {"example", std::string(prefix) + accounts_.front().name}}));
  }
  throw Error(Errc::unknown_account, filled(_("There is no account '{account}'. The configuration has: {known}."),
                                            {{"account", wanted}, {"known", known}}));
}

std::string Config::why_no_account() const {
  if (!accounts_.empty()) return {};
  if (!services_.empty())
    return _("No account is configured. Run 'smartcmd enrol NAME', or name another file in SMARTCMD_CONFIG.");
  std::string places;
  for (const Source& source : sources(named_file(file_))) places += (places.empty() ? "" : ", ") + source.file.native();
  return filled(_("No account is configured for user {user}, for whom {files} was looked at. Run 'smartcmd setup' and "
                  "'smartcmd enrol NAME', or name another file in SMARTCMD_CONFIG."),
                {{"user", g_get_user_name()}, {"files", places}});
}

fs::path Config::chain_file(const Account& account) const {
  return state_directory_ / (account.name + ".pem");
}

}  // namespace smartcmd
