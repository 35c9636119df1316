// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "cli/p11_kit_configuration.h"

#include <glib.h>
#include <unistd.h>

#include <string>

#include "cli/sandbox_files.h"
#include "signing/error.h"

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

/// Registers the module with the system; what it made, the innermost first, goes into `made`.
void register_with_system(const fs::path& module, const std::string& name, std::vector<fs::path>& made) {
  const fs::path modules = SMARTCMD_P11_SYSTEM_MODULES;
  for (const fs::path& directory : {modules.parent_path(), modules})
    if (fs::create_directory(directory)) made.insert(made.begin(), directory);
  const fs::path file = modules / (name + ".module");
  write_file(file, module_file(module), 0644);
  made.insert(made.begin(), file);
  g_printerr(
      "smartcmd: p11-kit ignores root's own configuration, so the sandbox's module is registered for the "
      "whole system, in %s, until the sandbox ends.\n",
      file.c_str());
}

}  // namespace

P11KitConfiguration::P11KitConfiguration(const fs::path& module, const fs::path& directory) {
  try {
    if (getuid() == 0)
      register_with_system(module, directory.parent_path().filename(), remove_);
    else
      config_home_ = private_config_home(module, directory);
  } catch (const std::exception& error) {
    g_printerr(
        "smartcmd: The module could not be registered with p11-kit; programs that look there will not find it, "
        "those that are given $SMARTCMD_PKCS11_MODULE will. %s\n",
        error.what());
  }
}

P11KitConfiguration::~P11KitConfiguration() {
  for (const fs::path& made : remove_) {
    // A directory that another program has begun to use stays.
    std::error_code error;
    fs::remove(made, error);
  }
}

void P11KitConfiguration::add_to(Environment& environment) const {
  if (config_home_.empty()) return;
  environment.reset(g_environ_setenv(environment.release(), "XDG_CONFIG_HOME", config_home_.c_str(), TRUE));
}

}  // namespace smartcmd
