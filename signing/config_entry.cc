// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "signing/config_entry.h"

#include <glib.h>

#include <algorithm>
#include <optional>

#include "base/c_ptr.h"
#include "base/error.h"
#include "base/file_trust.h"
#include "base/files.h"
#include "base/text.h"

namespace smartcmd {

namespace fs = std::filesystem;

namespace {

using KeyFile = CPtr<GKeyFile, g_key_file_unref>;
using Strings = CPtr<char*, g_strfreev>;
using Text = CPtr<char, g_free>;

/// Where `key` of `[group]` stands in the file, or the group itself for an empty key; 0 when it cannot be found.
/// GKeyFile does not tell.
unsigned line_of(const fs::path& file, const std::string& group, const std::string& key) {
  const std::optional<std::string> text = read_file_if_any(file);
  if (!text) return 0;
  const Strings lines(g_strsplit(text->c_str(), "\n", -1));
  bool inside = false;
  for (unsigned i = 0; lines.get()[i] != nullptr; ++i) {
    const std::string line = g_strstrip(lines.get()[i]);
    if (line.starts_with('[')) inside = line == "[" + group + "]";
    const bool at_key = line.starts_with(key) && line.find_first_not_of(" \t", key.size()) == line.find('=');
    if (inside && (key.empty() || at_key)) return i + 1;
  }
  return 0;
}

/// The first line that GKeyFile does not understand, which it does not tell: the end of the shortest beginning of the
/// file that it refuses. 0 when there is none.
std::size_t misunderstood_line(const std::string& text) {
  std::vector<std::size_t> ends;  // of the lines
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] == '\n' || i + 1 == text.size()) ends.push_back(i + 1);
  const KeyFile keys(g_key_file_new());
  const auto first = std::partition_point(ends.begin(), ends.end(), [&](std::size_t end) {
    return g_key_file_load_from_data(keys.get(), text.data(), end, G_KEY_FILE_NONE, nullptr) != FALSE;
  });
  return first == ends.end() ? 0 : static_cast<std::size_t>(first - ends.begin()) + 1;
}

std::string contents_of(const fs::path& file) {
  try {
    require_trusted(file);
    return read_file(file);
  } catch (const Error& error) {
    throw Error(error.code(), filled(_("Configuration: {reason}"), {{"reason", error.message()}}));
  }
}

KeyFile load_key_file(const fs::path& file) {
  const std::string text = contents_of(file);
  KeyFile keys(g_key_file_new());
  GError* error = nullptr;
  if (!g_key_file_load_from_data(keys.get(), text.data(), text.size(), G_KEY_FILE_NONE, &error)) {
    const CPtr<GError, g_error_free> failure(error);
    const std::size_t line = misunderstood_line(text);
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

void add_entries(ConfigGroup& group, GKeyFile* keys, const fs::path& file) {
  const char* title = group.title.c_str();
  std::vector<ConfigEntry>& entries = group.entries;
  const std::size_t known = entries.size();  // a group has each key once
  gsize count = 0;
  const Strings names(g_key_file_get_keys(keys, title, &count, nullptr));
  for (gsize i = 0; i < count; ++i) {
    const char* name = names.get()[i];
    const Text value(g_key_file_get_string(keys, title, name, nullptr));
    if (!value) refuse_at(file, title, name, _("the value has a '\\' that begins no escape, or is not UTF-8."));
    ConfigEntry entry{file, title, name, g_strstrip(value.get())};
    const auto new_ones = entries.begin() + static_cast<std::ptrdiff_t>(known);
    const auto old = std::find_if(entries.begin(), new_ones, [&](const ConfigEntry& e) { return e.key == entry.key; });
    if (old == new_ones) {
      entries.push_back(std::move(entry));
    } else {
      *old = std::move(entry);
    }
  }
}

}  // namespace

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

void ConfigEntry::refuse(const char* sentence) const {
  refuse_at(file, group, key, filled(_(sentence), {{"value", value}}));
}

void add_groups(std::vector<ConfigGroup>& groups, const fs::path& file) {
  const KeyFile keys = load_key_file(file);
  gsize count = 0;
  const Strings titles(g_key_file_get_groups(keys.get(), &count));
  const std::size_t known = groups.size();  // a file has each group once
  for (gsize i = 0; i < count; ++i) {
    const std::string title = titles.get()[i];
    const auto end = groups.begin() + static_cast<std::ptrdiff_t>(known);
    auto group = std::find_if(groups.begin(), end, [&](const ConfigGroup& g) { return g.title == title; });
    if (group == end) group = groups.insert(groups.end(), ConfigGroup{title, file, {}});
    add_entries(*group, keys.get(), file);
  }
}

}  // namespace smartcmd
