// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "cli/sandbox/files.h"

#include <fcntl.h>
#include <glib.h>
#include <openssl/conf.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "base/c_ptr.h"
#include "base/error.h"
#include "base/file_descriptor.h"
#include "base/openssl.h"
#include "base/text.h"
#include "cli/console/output.h"

namespace smartcmd {
namespace fs = std::filesystem;
namespace {

/// A value of config(5), in which backslash, quotes, '$' and '#' mean something.
std::string escaped(const std::string& value) {
  std::string text;
  for (const char c : value) {
    if (std::string_view("\\\"'$#").find(c) != std::string_view::npos) text += '\\';
    text += c;
  }
  return text;
}

std::string quoted(const fs::path& path) {
  return CPtr<gchar, g_free>(g_shell_quote(path.c_str())).get();
}

/// The name a section's key refers to, or `otherwise`.
std::string value_of(const CONF* conf, const char* section, const char* key, const char* otherwise) {
  const char* const value = conf == nullptr ? nullptr : NCONF_get_string(conf, section, key);
  return value == nullptr ? otherwise : value;
}

/// The file in a sandbox's directory that says: whoever lives here holds a lock on the directory. The sandboxes of
/// versions that held none lack it.
constexpr const char* locks = "locks";

/// Removes the directories of our sandboxes that were killed.
void sweep_directories(const fs::path& where) {
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(where, ignored)) {
    const std::string name = entry.path().filename();
    struct stat status {};
    if (!name.starts_with(sandbox_prefix) || lstat(entry.path().c_str(), &status) != 0) continue;
    if (!S_ISDIR(status.st_mode) || status.st_uid != getuid() || !fs::exists(entry.path() / locks, ignored)) continue;
    if (!is_locked(entry.path())) fs::remove_all(entry.path(), ignored);
  }
}

}  // namespace

fs::path surrounding_sandbox() {
  const char* const authorities = secure_getenv("SMARTCMD_SANDBOX_CA");
  return authorities == nullptr ? fs::path() : fs::path(authorities).parent_path();
}

bool is_locked(const fs::path& file) {
  return FileLock(file, FileLock::Of::existing).try_take() != FileLock::State::held;
}

PrivateDirectory::PrivateDirectory() {
  sweep_directories(g_get_tmp_dir());
  GError* error = nullptr;
  const CPtr<gchar, g_free> made(g_dir_make_tmp((std::string(sandbox_prefix) + "XXXXXX").c_str(), &error));
  const CPtr<GError, g_error_free> owned(error);
  if (!made)
    throw Error(Errc::internal,
                filled(_("There is no place for the sandbox: {reason}."), {{"reason", error->message}}));
  path_ = made.get();
  // The lock comes first: whoever sees the file finds the directory locked.
  if (alive_.emplace(path_, FileLock::Of::existing).take() == FileLock::State::held)
    FileDescriptor(open((path_ / locks).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
}

PrivateDirectory::~PrivateDirectory() {
  std::error_code error;
  fs::remove_all(path_, error);
  if (error)
    complain(
        filled(_("{file} could not be removed: {reason}."), {{"file", path_.native()}, {"reason", error.message()}}));
}

// The sections are reopened under the names they already have: in config(5) a section given twice is one section, and
// the later of two values counts.
std::string openssl_configuration(const fs::path& provider) {
  const OpenSslMemory<char> file(CONF_get1_default_config_file());
  CPtr<CONF, NCONF_free> conf(NCONF_new(nullptr));
  if (!file || !conf || NCONF_load(conf.get(), file.get(), nullptr) != 1) conf.reset();
  const std::string initialisation = value_of(conf.get(), nullptr, "openssl_conf", "sandbox_initialisation");
  const std::string providers = value_of(conf.get(), initialisation.c_str(), "providers", "sandbox_providers");
  const std::string default_provider = value_of(conf.get(), providers.c_str(), "default", "sandbox_default_provider");

  std::string text;
  if (conf) text += ".include " + escaped(fs::absolute(file.get())) + "\n";
  text += "[default]\nopenssl_conf = " + initialisation + "\n";
  text += "[" + initialisation + "]\nproviders = " + providers + "\n";
  text += "[" + providers + "]\ndefault = " + default_provider + "\nsmartcmd = sandbox_smartcmd_provider\n";
  text += "[" + default_provider + "]\nactivate = 1\n";
  text += "[sandbox_smartcmd_provider]\nmodule = " + escaped(provider) + "\nactivate = 1\n";
  return text;
}

std::string accounts_configuration(const fs::path& service_file, const std::vector<SandboxAccount>& accounts,
                                   const fs::path& state_directory, const fs::path& askpass) {
  const CPtr<GKeyFile, g_key_file_unref> keys(g_key_file_new());
  GError* error = nullptr;
  if (g_key_file_load_from_file(keys.get(), service_file.c_str(), G_KEY_FILE_NONE, &error) == 0) {
    const CPtr<GError, g_error_free> owned(error);
    throw Error(Errc::internal, filled(_("What the signing service says of itself cannot be read: {file}: {reason}."),
                                       {{"file", service_file.native()}, {"reason", error->message}}));
  }
  const auto set = [&](const std::string& group, const char* key, const std::string& value) {
    g_key_file_set_string(keys.get(), group.c_str(), key, value.c_str());
  };
  set("smartcmd", "default-account", accounts.front().name);
  set("smartcmd", "state-directory", state_directory);
  if (!askpass.empty()) set("smartcmd", "askpass", askpass);
  for (const SandboxAccount& account : accounts) {
    const std::string group = "account " + account.name;
    set(group, "service", "local");
    set(group, "user-id", account.user_id);
    set(group, "label", account.label);
  }
  const CPtr<gchar, g_free> text(g_key_file_to_data(keys.get(), nullptr, nullptr));
  return text.get();
}

std::string askpass_script(const fs::path& pin_file, const fs::path& outbox) {
  return "#!/bin/sh\n"
         "case $1 in\n"
         "  pin) cat " +
         quoted(pin_file) +
         " ;;\n"
         "  otp) sed -n 's/^code: //p' " +
         quoted(outbox) +
         "/\"$SMARTCMD_PROCESS_ID\" ;;\n"
         "  *) exit 1 ;;\n"
         "esac\n";
}

}  // namespace smartcmd
