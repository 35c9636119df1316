// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "service/settings.h"

#include <glib.h>

#include <charconv>

#include "base/c_ptr.h"
#include "base/error.h"
#include "base/files.h"

namespace smartcmd::service {

namespace {

using KeyFile = CPtr<GKeyFile, g_key_file_unref>;
using GText = CPtr<char, g_free>;
using Texts = CPtr<char*, g_strfreev>;

constexpr const char* group = "service";

/// What a key's reader throws: what was expected.
struct Expected {
  std::string what;
};

unsigned number(const std::string& text, unsigned most) {
  unsigned value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc() || end != text.data() + text.size() || value == 0 || value > most) {
    throw Expected{"a number from 1 to " + std::to_string(most)};
  }
  return value;
}

std::string filled(const std::string& text) {
  if (text.empty()) throw Expected{"a value"};
  return text;
}

HashSet hashes(const std::string& text) {
  HashSet set;
  const Texts names(g_strsplit_set(text.c_str(), ",; ", -1));
  for (char** name = names.get(); *name; ++name) {
    if (**name == '\0') continue;
    const HashInfo* hash = find_hash(*name);
    if (!hash) throw Expected{"names of hashes, as in SHA256, SHA384, SHA512"};
    set.add(hash->hash);
  }
  if (set == HashSet()) throw Expected{"at least one hash"};
  return set;
}

std::string names(HashSet set) {
  std::string text;
  for (const HashInfo& one : all_hashes()) {
    if (set.has(one.hash)) text += (text.empty() ? "" : ", ") + std::string(one.name);
  }
  return text;
}

/// A key of the group, in both directions.
struct Key {
  const char* name;
  const char* comment;
  void (*read)(Settings&, const std::string&);
  std::string (*write)(const Settings&);
};

std::span<const Key> all_keys();

const Key& find_key(const std::filesystem::path& file, const char* name) {
  for (const Key& key : all_keys()) {
    if (std::string_view(key.name) == name) return key;
  }
  throw Error(Errc::configuration, file.string() + ": there is no key '" + name + "' in [" + group + "].");
}

void read(const std::filesystem::path& file, GKeyFile* keys, const char* name, Settings& settings) {
  const Key& key = find_key(file, name);
  const GText text(g_key_file_get_string(keys, group, name, nullptr));
  try {
    if (!text) throw Expected{"text in UTF-8"};
    key.read(settings, text.get());
  } catch (const Expected& expected) {
    throw Error(Errc::configuration, file.string() + ": '" + name + "=' needs " + expected.what + ".");
  }
}

}  // namespace

Settings Settings::load(const std::filesystem::path& file) {
  const std::string text = read_file(file);
  const KeyFile keys(g_key_file_new());
  GError* error = nullptr;
  if (!g_key_file_load_from_data(keys.get(), text.data(), text.size(), G_KEY_FILE_NONE, &error)) {
    const CPtr<GError, g_error_free> failure(error);
    throw Error(Errc::configuration, file.string() + ": " + failure->message + ".");
  }
  const Texts present(g_key_file_get_keys(keys.get(), group, nullptr, nullptr));
  if (!present) throw Error(Errc::configuration, file.string() + " has no group [" + group + "].");
  Settings settings;
  for (char** name = present.get(); *name; ++name) read(file, keys.get(), *name, settings);
  if (settings.application_id.empty() || settings.hsm_module.empty()) {
    throw Error(Errc::configuration, file.string() + " needs 'application-id=' and 'hsm-module='.");
  }
  return settings;
}

std::string Settings::to_text() const {
  const KeyFile keys(g_key_file_new());
  for (const Key& key : all_keys()) {
    const std::string value = key.write(*this);
    if (value.empty()) continue;
    g_key_file_set_string(keys.get(), group, key.name, value.c_str());
    g_key_file_set_comment(keys.get(), group, key.name, key.comment, nullptr);
  }
  const GText text(g_key_file_to_data(keys.get(), nullptr, nullptr));
  return text.get();
}

namespace {

const Key key_table[] = {
    {"listen", " Address and port; port 0 takes any free one.",
     [](Settings& s, const std::string& v) { s.listen = filled(v); }, [](const Settings& s) { return s.listen; }},
    {"host", " The name clients reach the service under; the TLS certificate has to carry it.",
     [](Settings& s, const std::string& v) { s.host = v; }, [](const Settings& s) { return s.host; }},
    {"hsm-module", " The PKCS#11 module of the HSM, its token and the file with the token's PIN.",
     [](Settings& s, const std::string& v) { s.hsm_module = filled(v); },
     [](const Settings& s) { return s.hsm_module.string(); }},
    {"hsm-token", nullptr, [](Settings& s, const std::string& v) { s.hsm_token = filled(v); },
     [](const Settings& s) { return s.hsm_token; }},
    {"hsm-pin-file", nullptr, [](Settings& s, const std::string& v) { s.hsm_pin_file = filled(v); },
     [](const Settings& s) { return s.hsm_pin_file.string(); }},
    {"database", " A SOCI connection string.", [](Settings& s, const std::string& v) { s.database = filled(v); },
     [](const Settings& s) { return s.database; }},
    {"otp-lifetime", " Seconds a one-time password is good for, and how many wrong ones end a process.",
     [](Settings& s, const std::string& v) { s.otp_lifetime = std::chrono::seconds(number(v, 3600)); },
     [](const Settings& s) { return std::to_string(s.otp_lifetime.count()); }},
    {"otp-attempts", nullptr, [](Settings& s, const std::string& v) { s.otp_attempts = number(v, 100); },
     [](const Settings& s) { return std::to_string(s.otp_attempts); }},
    {"pin-attempts", " How many wrong PINs and one-time passwords in a row lock an account.",
     [](Settings& s, const std::string& v) { s.pin_attempts = number(v, 1000); },
     [](const Settings& s) { return std::to_string(s.pin_attempts); }},
    {"unknown-users", " How many requests in an hour may name a user that does not exist, from each address.",
     [](Settings& s, const std::string& v) { s.unknown_users = number(v, 1000000000); },
     [](const Settings& s) { return std::to_string(s.unknown_users); }},
    {"application-id", " What a client has to present: application id, and user name and password for HTTP.",
     [](Settings& s, const std::string& v) { s.application_id = filled(v); },
     [](const Settings& s) { return s.application_id; }},
    {"username", nullptr, [](Settings& s, const std::string& v) { s.username = filled(v); },
     [](const Settings& s) { return s.username; }},
    {"password-file", nullptr, [](Settings& s, const std::string& v) { s.password_file = filled(v); },
     [](const Settings& s) { return s.password_file.string(); }},
    {"hashes", " The hashes that may be signed.", [](Settings& s, const std::string& v) { s.hashes = hashes(v); },
     [](const Settings& s) { return names(s.hashes); }},
};

std::span<const Key> all_keys() {
  return key_table;
}

}  // namespace

}  // namespace smartcmd::service
