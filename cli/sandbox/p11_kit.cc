// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "cli/sandbox/p11_kit.h"

#include <glib.h>
#include <unistd.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/file_lock.h"
#include "base/files.h"
#include "base/text.h"
#include "cli/console/output.h"
#include "cli/sandbox/files.h"

namespace smartcmd {
namespace fs = std::filesystem;
namespace {

std::string module_file(const fs::path& module) {
  return "module: " + module.string() + "\n";
}

/// Fills `to` with links to what is in `from`, except for the entry that is made anew.
void link_entries(const fs::path& from, const fs::path& to, const fs::path& except) {
  fs::create_directories(to);
  std::error_code unreadable;
  for (const fs::directory_entry& entry : fs::directory_iterator(from, unreadable))
    if (entry.path().filename() != except) fs::create_symlink(fs::absolute(entry.path()), to / entry.path().filename());
}

fs::path private_config_home(const fs::path& module, const fs::path& home) {
  const fs::path persons = g_get_user_config_dir();
  link_entries(persons, home, "pkcs11");
  link_entries(persons / "pkcs11", home / "pkcs11", "modules");
  link_entries(persons / "pkcs11/modules", home / "pkcs11/modules", "smartcmd.module");
  write_file(home / "pkcs11/modules/smartcmd.module", module_file(module));
  return home;
}

/// Removes what sandboxes have left that were killed.
void sweep(const fs::path& modules) {
  std::error_code unreadable;
  for (const fs::directory_entry& entry : fs::directory_iterator(modules, unreadable))
    if (is_left_by_sandbox(entry.path())) fs::remove(entry.path());
}

}  // namespace

bool is_module_of_sandbox(const fs::path& file) {
  return file.filename().native().starts_with(sandbox_prefix) && file.extension() == ".module";
}

bool is_left_by_sandbox(const fs::path& file) {
  return is_module_of_sandbox(file) && !is_locked(file);
}

/// Our module among those of the system.
class P11KitConfiguration::SystemRegistration {
 public:
  SystemRegistration(const fs::path& module, const std::string& name) : file_(modules_ / (name + ".module")) {
    const FileLock others = lock_directory();
    for (const fs::path& directory : {modules_.parent_path(), modules_})
      if (fs::create_directory(directory)) made_.insert(made_.begin(), directory);
    sweep(modules_);
    write_file(file_, module_file(module), 0644);
    alive_.emplace(file_, FileLock::Of::existing).take();
  }
  ~SystemRegistration() {
    const FileLock others = lock_directory();
    std::error_code ignored;  // a directory that others have begun to use stays
    fs::remove(file_, ignored);
    for (const fs::path& directory : made_) fs::remove(directory, ignored);
  }
  SystemRegistration(const SystemRegistration&) = delete;
  SystemRegistration& operator=(const SystemRegistration&) = delete;

  const fs::path& file() const { return file_; }

 private:
  /// One sandbox at a time begins or ends.
  FileLock lock_directory() const {
    FileLock lock(modules_.parent_path().parent_path(), FileLock::Of::existing);
    lock.take();
    return lock;
  }

  const fs::path modules_ = SMARTCMD_P11_SYSTEM_MODULES;
  const fs::path file_;
  std::vector<fs::path> made_;
  std::optional<FileLock> alive_;
};

P11KitConfiguration::P11KitConfiguration(const fs::path& module, const fs::path& directory) {
  try {
    if (getuid() != 0) {
      config_home_ = private_config_home(module, directory);
      return;
    }
    registration_ = std::make_unique<SystemRegistration>(module, directory.parent_path().filename());
    complain(filled(_("p11-kit ignores root's own configuration, so the sandbox's module is registered for the whole "
                      "system, in {file}, until the sandbox ends."),
                    {{"file", registration_->file().native()}}));
  } catch (const std::exception& error) {
    complain(
        filled(_("The module could not be registered with p11-kit; programs that look there will not find it, those "
                 "that are given $SMARTCMD_PKCS11_MODULE will. {reason}"),
               {{"reason", sentence_of(error)}}));
  }
}

P11KitConfiguration::~P11KitConfiguration() = default;

void P11KitConfiguration::add_to(Environment& environment) const {
  if (config_home_.empty()) return;
  environment.reset(g_environ_setenv(environment.release(), "XDG_CONFIG_HOME", config_home_.c_str(), TRUE));
}

}  // namespace smartcmd
