// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "cli/config_file.h"

#include <csignal>

#include "cli/private_files.h"
#include "signing/config.h"
#include "signing/error.h"
#include "signing/text.h"

namespace smartcmd {
namespace fs = std::filesystem;
namespace {

/// While it lives Ctrl-C does not end this process, but those it has started; so what was begun is put back.
class InterruptsIgnored {
 public:
  InterruptsIgnored() : before_(std::signal(SIGINT, SIG_IGN)) {}
  ~InterruptsIgnored() { std::signal(SIGINT, before_); }
  InterruptsIgnored(const InterruptsIgnored&) = delete;
  InterruptsIgnored& operator=(const InterruptsIgnored&) = delete;

 private:
  void (*before_)(int);
};

/// The file that a link leads to, so that the link stays one.
fs::path behind_links(const fs::path& file) {
  std::error_code error;
  const fs::path real = fs::weakly_canonical(file, error);
  return error ? file : real;
}

}  // namespace

ConfigFile::ConfigFile() : path_(behind_links(Config::persons_file())), keys_(g_key_file_new()) {
  gchar* text = nullptr;
  gsize size = 0;
  GError* error = nullptr;
  if (g_file_get_contents(path_.c_str(), &text, &size, &error)) {
    before_.emplace(text, size);
    const CPtr<gchar, g_free> owned(text);
    g_key_file_load_from_data(keys_.get(), text, size, G_KEY_FILE_KEEP_COMMENTS, &error);
  }
  const CPtr<GError, g_error_free> failure(error);
  if (!failure || g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOENT)) return;
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

void ConfigFile::save(const std::function<void()>& use) {
  gsize size = 0;
  const CPtr<gchar, g_free> text(g_key_file_to_data(keys_.get(), &size, nullptr));
  const InterruptsIgnored ignored;
  write_private_file(path_, {text.get(), size});
  try {
    use();
  } catch (...) {
    restore();
    throw;
  }
}

void ConfigFile::restore() const {
  if (before_) {
    write_private_file(path_, *before_);
  } else {
    fs::remove(path_);
  }
}

}  // namespace smartcmd
