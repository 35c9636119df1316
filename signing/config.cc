// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "signing/config.h"

#include <glib.h>
#include <stdlib.h>

#include <algorithm>
#include <map>
#include <utility>

#include "signing/c_ptr.h"
#include "signing/error.h"
#include "signing/spelling.h"
#include "signing/text.h"

namespace smartcmd {

namespace fs = std::filesystem;

namespace {

using KeyFile = CPtr<GKeyFile, g_key_file_unref>;
using Strings = CPtr<char*, g_strfreev>;
using Text = CPtr<char, g_free>;

constexpr const char* general_group = "smartcmd";
constexpr std::string_view service_prefix = "service ";
constexpr std::string_view account_prefix = "account ";

/// One value and where it stands: what a sentence about a mistake needs.
struct Entry {
  fs::path file;
  std::string group;
  std::string key;
  std::string value;

  [[noreturn]] void refuse(const char* sentence) const;  // with {value}
};

/// Where `key` of `[group]` stands in the file, or the group itself for an empty key; 0 when it cannot be found.
/// GKeyFile does not tell.
unsigned line_of(const fs::path& file, const std::string& group, const std::string& key) {
  char* text = nullptr;
  if (!g_file_get_contents(file.c_str(), &text, nullptr, nullptr)) return 0;
  const Text owner(text);
  const Strings lines(g_strsplit(text, "\n", -1));
  bool inside = false;
  for (unsigned i = 0; lines.get()[i] != nullptr; ++i) {
    const std::string line = g_strstrip(lines.get()[i]);
    if (line.starts_with('[')) inside = line == "[" + group + "]";
    const bool at_key = line.starts_with(key) && line.find_first_not_of(" \t", key.size()) == line.find('=');
    if (inside && (key.empty() || at_key)) return i + 1;
  }
  return 0;
}

[[noreturn]] void refuse_at(const fs::path& file, const std::string& group, const std::string& key,
                            const std::string& what) {
  if (file.empty()) throw Error(Errc::configuration, what);  // a value that stands nowhere yet
  const unsigned line = line_of(file, group, key);
  std::string where = file.string();
  if (line > 0) where += filled(_(", line {number}"), {{"number", std::to_string(line)}});
  where += ", [" + group + "]";
  if (!key.empty()) where += " " + key;
  throw Error(Errc::configuration, filled(_("Configuration: {where}: {what}"), {{"where", where}, {"what", what}}));
}

void Entry::refuse(const char* sentence) const {
  refuse_at(file, group, key, filled(_(sentence), {{"value", value}}));
}

// ---- values ---------------------------------------------------------------------------------------------------------

std::chrono::seconds to_seconds(const Entry& entry) {
  guint64 seconds = 0;
  if (!g_ascii_string_to_unsigned(entry.value.c_str(), 10, 1, 3600, &seconds, nullptr)) {
    entry.refuse(N_("'{value}' is not a number of seconds from 1 to 3600."));
  }
  return std::chrono::seconds(seconds);
}

fs::path to_path(const Entry& entry) {
  if (entry.value.empty()) entry.refuse(N_("'{value}' is not the path of a file."));
  if (entry.value.starts_with("~/")) return fs::path(g_get_home_dir()) / entry.value.substr(2);
  return entry.file.parent_path() / entry.value;  // an absolute value stands alone
}

// What stands for a program that is not to be used.
constexpr std::string_view no_program = "none";

fs::path to_program(const Entry& entry) {
  return entry.value == no_program ? fs::path() : to_path(entry);
}

std::string to_text(const Entry& entry) {
  if (entry.value.empty()) entry.refuse(N_("'{value}' is not a text of at least one character."));
  return entry.value;
}

std::string to_endpoint(const Entry& entry) {
  const CPtr<GUri, g_uri_unref> uri(g_uri_parse(entry.value.c_str(), G_URI_FLAGS_NONE, nullptr));
  const char* host = uri ? g_uri_get_host(uri.get()) : nullptr;
  if (host == nullptr || *host == '\0' || std::string_view(g_uri_get_scheme(uri.get())) != "https") {
    entry.refuse(N_("'{value}' is not an https:// address."));
  }
  return entry.value;
}

std::string to_application_id(const Entry& entry) {
  if (!g_uuid_string_is_valid(entry.value.c_str())) {
    entry.refuse(N_("'{value}' is not an application id of the form 00000000-0000-0000-0000-000000000000."));
  }
  return entry.value;
}

HashSet to_hashes(const Entry& entry) {
  HashSet set;
  const Strings names(g_strsplit_set(entry.value.c_str(), ",; ", -1));
  for (char** name = names.get(); *name != nullptr; ++name) {
    if (**name == '\0') continue;
    const HashInfo* hash = find_hash(*name);
    if (hash == nullptr) {
      std::string known;
      for (const HashInfo& one : all_hashes()) known += (known.empty() ? "" : ", ") + std::string(one.name);
      refuse_at(
          entry.file, entry.group, entry.key,
          filled(_("'{value}' is not a list of hashes among {known}."), {{"value", entry.value}, {"known", known}}));
    }
    set.add(hash->hash);
  }
  if (set == HashSet()) entry.refuse(N_("'{value}' is not a list of at least one hash."));
  return set;
}

std::string to_user_id(const Entry& entry) {
  const auto digits =
      std::count_if(entry.value.begin(), entry.value.end(), [](char c) { return c >= '0' && c <= '9'; });
  const bool known = entry.value.find_first_not_of("+0123456789 ") == std::string::npos;
  if (!entry.value.starts_with('+') || !known || digits < 6 || entry.value.size() > 20) {
    // A phone number is personal data: the sentence does not repeat it.
    refuse_at(entry.file, entry.group, entry.key,
              _("this is no phone number with '+' and the code of its country, as in '+351 910000000'."));
  }
  return entry.value;
}

Login to_login(const Entry& entry) {
  if (entry.value == "none") return Login::none;
  if (entry.value == "pin") return Login::pin;
  if (entry.value == "protected") return Login::protected_path;
  entry.refuse(N_("'{value}' is not 'none', 'pin' or 'protected'."));
}

bool to_yes(const Entry& entry) {
  if (entry.value != "yes" && entry.value != "no") entry.refuse(N_("'{value}' is not 'yes' or 'no'."));
  return entry.value == "yes";
}

// ---- the keys, one table for each group -----------------------------------------------------------------------------

template <class Target>
struct KeyRule {
  const char* key;
  bool required;
  void (*set)(Target&, const Entry&);
};

struct General {
  std::string default_account;
  fs::path askpass;
  fs::path pinentry = default_pinentry;
  bool probes = true;
  fs::path state_directory;
};

const KeyRule<General> general_keys[] = {
    {"default-account", false, [](General& g, const Entry& e) { g.default_account = to_text(e); }},
    {"askpass", false, [](General& g, const Entry& e) { g.askpass = to_path(e); }},
    {"pinentry", false, [](General& g, const Entry& e) { g.pinentry = to_program(e); }},
    {"probes", false, [](General& g, const Entry& e) { g.probes = to_yes(e); }},
    {"state-directory", false, [](General& g, const Entry& e) { g.state_directory = to_path(e); }},
};

const KeyRule<Service> service_keys[] = {
    {"driver", false, [](Service& s, const Entry& e) { s.driver = to_text(e); }},
    {"endpoint", true, [](Service& s, const Entry& e) { s.endpoint = to_endpoint(e); }},
    {"application-id", true, [](Service& s, const Entry& e) { s.application_id = to_application_id(e); }},
    {"username", true, [](Service& s, const Entry& e) { s.username = to_text(e); }},
    {"password-file", true, [](Service& s, const Entry& e) { s.password_file = to_path(e); }},
    {"encryption-certificate", true, [](Service& s, const Entry& e) { s.encryption_certificate = to_path(e); }},
    {"ca-file", false, [](Service& s, const Entry& e) { s.ca_file = to_path(e); }},
    {"proxy", false, [](Service& s, const Entry& e) { s.proxy = to_text(e); }},
    {"connect-timeout", false, [](Service& s, const Entry& e) { s.connect_timeout = to_seconds(e); }},
    {"request-timeout", false, [](Service& s, const Entry& e) { s.request_timeout = to_seconds(e); }},
    {"otp-lifetime", false, [](Service& s, const Entry& e) { s.otp_lifetime = to_seconds(e); }},
    {"hashes", false, [](Service& s, const Entry& e) { s.hashes = to_hashes(e); }},
};

/// An account before its service is known.
struct PlainAccount {
  Account account;
  Entry service;
};

const KeyRule<PlainAccount> account_keys[] = {
    {"service", true, [](PlainAccount& a, const Entry& e) { a.service = e; }},
    {"user-id", true, [](PlainAccount& a, const Entry& e) { a.account.user_id = to_user_id(e); }},
    {"label", false, [](PlainAccount& a, const Entry& e) { a.account.label = to_text(e); }},
    {"login", false, [](PlainAccount& a, const Entry& e) { a.account.login = to_login(e); }},
};

// The name becomes a group of the configuration, a file name, a URI and an argument.
bool is_name(const std::string& text) {
  return !text.empty() && text.find_first_of("/:;?=%&\\[] ") == std::string::npos && !text.starts_with('.') &&
         !text.starts_with('-') && std::none_of(text.begin(), text.end(), [](char c) { return g_ascii_iscntrl(c); });
}

/// The first line that GKeyFile does not understand, which it does not tell: the end of the shortest beginning of the
/// file that it refuses. 0 when there is none.
std::size_t misunderstood_line(const fs::path& file) {
  char* text = nullptr;
  gsize size = 0;
  if (!g_file_get_contents(file.c_str(), &text, &size, nullptr)) return 0;
  const Text owner(text);
  const std::string_view all(text, size);
  const KeyFile keys(g_key_file_new());
  std::size_t end = 0;
  for (std::size_t line = 1; end < size; ++line) {
    end = std::min(all.find('\n', end), size - 1) + 1;
    if (!g_key_file_load_from_data(keys.get(), text, end, G_KEY_FILE_NONE, nullptr)) return line;
  }
  return 0;
}

KeyFile load_key_file(const fs::path& file) {
  KeyFile keys(g_key_file_new());
  GError* error = nullptr;
  if (!g_key_file_load_from_file(keys.get(), file.c_str(), G_KEY_FILE_NONE, &error)) {
    const CPtr<GError, g_error_free> failure(error);
    const std::size_t line = error->domain == G_KEY_FILE_ERROR ? misunderstood_line(file) : 0;
    if (line > 0) {
      throw Error(Errc::configuration,
                  filled(_("Configuration: {file}, line {number}: this is neither a group like [account NAME], nor "
                           "'key=value' below one, nor a comment, which begins with '#'."),
                         {{"file", file.native()}, {"number", std::to_string(line)}}));
    }
    throw Error(Errc::configuration, filled(_("Configuration: {file} cannot be read: {reason}."),
                                            {{"file", file.native()}, {"reason", error->message}}));
  }
  return keys;
}

/// Where the configuration is looked for, the later over the earlier; `must_exist` when somebody named the file.
struct Source {
  fs::path file;
  bool must_exist;
};

constexpr const char* system_configuration = "/etc/smartcmd/smartcmd.conf";

fs::path users_file() {
  return fs::path(g_get_user_config_dir()) / "smartcmd/smartcmd.conf";
}

std::vector<Source> sources(const fs::path& given) {
  if (!given.empty()) return {{given, true}};
  if (const char* named = secure_getenv("SMARTCMD_CONFIG"); named != nullptr && *named != '\0') return {{named, true}};
  return {{system_configuration, false}, {users_file(), false}};
}

fs::path default_state_directory() {
  return fs::path(g_get_user_data_dir()) / "smartcmd";
}

}  // namespace

/// Collects the groups of all files, each key from the last file that has it, then makes values of them.
class ConfigReader {
 public:
  void add(const fs::path& file) {
    const KeyFile keys = load_key_file(file);
    gsize count = 0;
    const Strings groups(g_key_file_get_groups(keys.get(), &count));
    const std::size_t known = groups_.size();  // a file has each group once
    for (gsize i = 0; i < count; ++i) add_group(keys.get(), file, groups.get()[i], known);
  }

  Config finish(const fs::path& given) const {
    General general;
    general.state_directory = default_state_directory();
    std::map<std::string, Service> services;
    std::vector<PlainAccount> accounts;
    for (const Group& group : groups_) {
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
  struct Group {
    std::string title;
    fs::path file;  // of its first appearance
    std::vector<Entry> entries;
  };

  void add_group(GKeyFile* keys, const fs::path& file, const char* title, std::size_t known) {
    const auto end = groups_.begin() + static_cast<std::ptrdiff_t>(known);
    auto group = std::find_if(groups_.begin(), end, [title](const Group& g) { return g.title == title; });
    if (group == end) group = groups_.insert(groups_.end(), Group{title, file, {}});
    gsize count = 0;
    const Strings names(g_key_file_get_keys(keys, title, &count, nullptr));
    for (gsize i = 0; i < count; ++i) {
      const char* name = names.get()[i];
      const Text value(g_key_file_get_string(keys, title, name, nullptr));
      if (!value) refuse_at(file, title, name, _("the value has a '\\' that begins no escape, or is not UTF-8."));
      Entry entry{file, title, name, g_strstrip(value.get())};
      auto& entries = group->entries;
      const auto old = std::find_if(entries.begin(), entries.end(), [&](const Entry& e) { return e.key == entry.key; });
      if (old == entries.end()) {
        entries.push_back(std::move(entry));
      } else {
        *old = std::move(entry);
      }
    }
  }

  template <class Target, std::size_t n>
  static void read(const Group& group, const KeyRule<Target> (&rules)[n], Target& target) {
    for (const Entry& entry : group.entries) {
      const auto rule = std::find_if(std::begin(rules), std::end(rules),
                                     [&entry](const KeyRule<Target>& r) { return entry.key == r.key; });
      if (rule == std::end(rules)) refuse_unknown(entry, rules);
      rule->set(target, entry);
    }
    for (const KeyRule<Target>& rule : rules) {
      const bool given = std::any_of(group.entries.begin(), group.entries.end(),
                                     [&rule](const Entry& e) { return e.key == rule.key; });
      if (rule.required && !given)
        refuse_at(group.file, group.title, "", filled(_("'{key}=' is missing."), {{"key", rule.key}}));
    }
  }

  template <class Target, std::size_t n>
  [[noreturn]] static void refuse_unknown(const Entry& entry, const KeyRule<Target> (&rules)[n]) {
    const auto& known = nearest(rules, entry.key, [](const KeyRule<Target>& rule) { return rule.key; });
    refuse_at(entry.file, entry.group, entry.key,
              filled(_("nobody knows this key. Did you mean '{key}'?"), {{"key", known.key}}));
  }

  static PlainAccount read_account(const Group& group) {
    PlainAccount plain;
    plain.account.name = group.title.substr(account_prefix.size());
    if (!is_name(plain.account.name))
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

  std::vector<Group> groups_;
};

Config Config::load(const fs::path& file) {
  ConfigReader reader;
  for (const Source& source : sources(file)) {
    if (source.must_exist || fs::exists(source.file)) reader.add(source.file);
  }
  return reader.finish(file);
}

fs::path Config::persons_file() {
  return sources({}).back().file;
}

fs::path Config::system_file() {
  return sources({}).size() > 1 ? system_configuration : "";
}

void Config::check(std::string_view group, std::string_view key, const std::string& value) {
  if (key.empty() && !is_name(value))
    throw Error(Errc::configuration, _("A name has letters, digits, '_', '.' and '-'."));
  const Entry entry{{}, std::string(group), std::string(key), value};
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
  if (accounts_.empty()) {
    throw Error(Errc::unknown_account,
                services_.empty()
                    ? _("No account is configured. Run 'smartcmd setup' and 'smartcmd enrol NAME', or name another "
                        "file in SMARTCMD_CONFIG.")
                    : _("No account is configured. Run 'smartcmd enrol NAME', or name another file in "
                        "SMARTCMD_CONFIG."));
  }
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

fs::path Config::chain_file(const Account& account) const {
  return state_directory_ / (account.name + ".pem");
}

}  // namespace smartcmd
