// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "cli/configuration/config_file.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/error.h"
#include "base/file_lock.h"
#include "base/files.h"
#include "base/signals.h"
#include "base/text.h"

namespace smartcmd {
namespace fs = std::filesystem;
namespace {

[[noreturn]] void refuse(const fs::path& file) {
  throw Error(Errc::configuration, filled(_("{file} could not be written: {reason}."),
                                          {{"file", file.native()}, {"reason", g_strerror(errno)}}));
}

/// While it lives no other process has one for that file. It is on a file of its own: the other is replaced when it is
/// written.
FileLock lock_of(const fs::path& file) {
  const fs::path name = file.native() + ".lock";
  make_directory(file.parent_path());
  FileLock lock(name, FileLock::Of::own_file);
  if (lock.take() != FileLock::State::held) refuse(name);
  return lock;
}

/// The file that a link leads to, so that the link stays one.
fs::path behind_links(const fs::path& file) {
  std::error_code error;
  const fs::path real = fs::weakly_canonical(fs::absolute(file), error);
  return error ? file : real;
}

}  // namespace

ConfigFile::ConfigFile() : path_(behind_links(Config::persons_file())), keys_(g_key_file_new()) {
  before_ = read_file_if_any(path_);
  if (!before_) return;
  GError* error = nullptr;
  if (g_key_file_load_from_data(keys_.get(), before_->data(), before_->size(), G_KEY_FILE_KEEP_COMMENTS, &error))
    return;
  const CPtr<GError, g_error_free> failure(error);
  Config::load(path_);  // says which line is wrong
  throw Error(Errc::configuration, filled(_("Configuration: {file} cannot be read: {reason}."),
                                          {{"file", path_.native()}, {"reason", error->message}}));
}

bool ConfigFile::has(const std::string& group) const {
  return g_key_file_has_group(keys_.get(), group.c_str()) != 0;
}

std::string ConfigFile::value(const std::string& group, const std::string& key) const {
  const CPtr<gchar, g_free> text(g_key_file_get_string(keys_.get(), group.c_str(), key.c_str(), nullptr));
  return text ? text.get() : "";
}

void ConfigFile::set(const std::string& group, const std::string& key, const std::string& value) {
  g_key_file_set_string(keys_.get(), group.c_str(), key.c_str(), value.c_str());
}

void ConfigFile::remove(const std::string& group) {
  g_key_file_remove_group(keys_.get(), group.c_str(), nullptr);
}

void ConfigFile::remove(const std::string& group, const std::string& key) {
  g_key_file_remove_key(keys_.get(), group.c_str(), key.c_str(), nullptr);
}

fs::path ConfigFile::change(const std::function<void(ConfigFile&)>& edit, const std::function<void()>& use) {
  const FileLock lock = lock_of(behind_links(Config::persons_file()));
  const SignalsHeld held(signal_set(ending_signals));  // what was begun is finished or put back
  ConfigFile file;
  edit(file);
  file.save();
  try {
    Config::load();
    use();
  } catch (...) {
    file.restore();
    throw;
  }
  return file.path();
}

void ConfigFile::save() const {
  gsize size = 0;
  const CPtr<gchar, g_free> text(g_key_file_to_data(keys_.get(), &size, nullptr));
  write_private(path_, {text.get(), size});
}

void ConfigFile::restore() const {
  if (before_) {
    write_private(path_, *before_);
  } else {
    fs::remove(path_);
  }
}

// ---- a configuration to be tried ------------------------------------------------------------------------------------

TrialConfig::TrialConfig() : keys_(g_key_file_new()), memory_(memfd_create("smartcmd.conf", MFD_CLOEXEC)) {
  for (const fs::path& file : {Config::system_file(), Config::persons_file()})
    if (!file.empty() && fs::exists(file)) add(file);
}

// A path is relative to the file it stands in.
void TrialConfig::add(const fs::path& file) {
  constexpr std::string_view paths[] = {"password-file", "encryption-certificate", "ca-file", "askpass",
                                        "pinentry",      "state-directory"};
  const CPtr<GKeyFile, g_key_file_unref> from(g_key_file_new());
  g_key_file_load_from_file(from.get(), file.c_str(), G_KEY_FILE_NONE, nullptr);
  const CPtr<gchar*, g_strfreev> groups(g_key_file_get_groups(from.get(), nullptr));
  for (gchar** group = groups.get(); *group != nullptr; ++group) {
    const CPtr<gchar*, g_strfreev> keys(g_key_file_get_keys(from.get(), *group, nullptr, nullptr));
    for (gchar** key = keys.get(); *key != nullptr; ++key) {
      const CPtr<gchar, g_free> text(g_key_file_get_string(from.get(), *group, *key, nullptr));
      std::string value = text ? text.get() : "";
      const bool is_path = std::find(std::begin(paths), std::end(paths), *key) != std::end(paths);
      if (is_path && !value.starts_with("~/") && value != "none") value = fs::absolute(file).parent_path() / value;
      set(*group, *key, value);
    }
  }
}

void TrialConfig::set(const std::string& group, const std::string& key, const std::string& value) {
  g_key_file_set_string(keys_.get(), group.c_str(), key.c_str(), value.c_str());
}

Config TrialConfig::load() const {
  gsize size = 0;
  const CPtr<gchar, g_free> text(g_key_file_to_data(keys_.get(), &size, nullptr));
  const fs::path place = "/proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(memory_.get());
  if (!memory_ || fchmod(memory_.get(), 0600) != 0 || ftruncate(memory_.get(), 0) != 0 ||
      pwrite(memory_.get(), text.get(), size, 0) != static_cast<ssize_t>(size))
    refuse(place);
  return Config::load(place);
}

}  // namespace smartcmd
