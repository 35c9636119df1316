// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "signing/config_values.h"

#include <glib.h>

#include <algorithm>

#include "base/c_ptr.h"
#include "base/file_trust.h"
#include "base/text.h"
#include "base/user.h"

namespace smartcmd {

namespace fs = std::filesystem;

namespace {

using Strings = CPtr<char*, g_strfreev>;

}  // namespace

std::chrono::seconds to_seconds(const ConfigEntry& entry) {
  guint64 seconds = 0;
  if (!g_ascii_string_to_unsigned(entry.value.c_str(), 10, 1, 3600, &seconds, nullptr)) {
    entry.refuse(N_("'{value}' is not a number of seconds from 1 to 3600."));
  }
  return std::chrono::seconds(seconds);
}

fs::path to_path(const ConfigEntry& entry) {
  if (entry.value.empty()) entry.refuse(N_("'{value}' is not the path of a file."));
  if (entry.value.starts_with("~/")) return home_directory() / entry.value.substr(2);
  return entry.file.parent_path() / entry.value;  // an absolute value stands alone
}

fs::path to_file(const ConfigEntry& entry) {
  const fs::path file = to_path(entry);
  const std::string reason = entry.file.empty() ? "" : reason_to_distrust(file);
  if (!reason.empty()) refuse_at(entry.file, entry.group, entry.key, reason);
  return file;
}

std::vector<fs::path> to_files(const ConfigEntry& entry) {
  std::vector<fs::path> files;
  const Strings parts(g_strsplit(entry.value.c_str(), ";", -1));  // a path may well have a comma
  for (char** part = parts.get(); *part != nullptr; ++part) {
    ConfigEntry one = entry;
    one.value = g_strstrip(*part);
    if (!one.value.empty()) files.push_back(to_file(one));
  }
  if (files.empty()) entry.refuse(N_("'{value}' is not the path of a file."));
  return files;
}

fs::path to_program(const ConfigEntry& entry) {
  return entry.value == no_program ? fs::path() : to_file(entry);
}

std::string to_text(const ConfigEntry& entry) {
  if (entry.value.empty()) entry.refuse(N_("'{value}' is not a text of at least one character."));
  return entry.value;
}

std::string to_endpoint(const ConfigEntry& entry) {
  const CPtr<GUri, g_uri_unref> uri(g_uri_parse(entry.value.c_str(), G_URI_FLAGS_NONE, nullptr));
  const char* host = uri ? g_uri_get_host(uri.get()) : nullptr;
  if (host == nullptr || *host == '\0' || std::string_view(g_uri_get_scheme(uri.get())) != "https") {
    entry.refuse(N_("'{value}' is not an https:// address."));
  }
  return entry.value;
}

std::string to_application_id(const ConfigEntry& entry) {
  if (!g_uuid_string_is_valid(entry.value.c_str())) {
    entry.refuse(N_("'{value}' is not an application id of the form 00000000-0000-0000-0000-000000000000."));
  }
  return entry.value;
}

HashSet to_hashes(const ConfigEntry& entry) {
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

std::string to_user_id(const ConfigEntry& entry) {
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

Login to_login(const ConfigEntry& entry) {
  if (entry.value == "none") return Login::none;
  if (entry.value == "pin") return Login::pin;
  if (entry.value == "protected") return Login::protected_path;
  entry.refuse(N_("'{value}' is not 'none', 'pin' or 'protected'."));
}

bool to_yes(const ConfigEntry& entry) {
  if (entry.value != "yes" && entry.value != "no") entry.refuse(N_("'{value}' is not 'yes' or 'no'."));
  return entry.value == "yes";
}

// Letters of every language, with the marks that some consist of.
bool is_account_name(const std::string& text) {
  if (text.empty() || g_utf8_validate(text.c_str(), -1, nullptr) == FALSE) return false;
  if (text.starts_with('.') || text.starts_with('-')) return false;
  for (const char* next = text.c_str(); *next != '\0'; next = g_utf8_next_char(next)) {
    const gunichar point = g_utf8_get_char(next);
    const bool is_sign = point == '_' || point == '.' || point == '-';
    if (!is_sign && g_unichar_isalnum(point) == FALSE && g_unichar_ismark(point) == FALSE) return false;
  }
  return true;
}

}  // namespace smartcmd
