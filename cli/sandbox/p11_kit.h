// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <filesystem>
#include <memory>

#include "cli/processes.h"

namespace smartcmd {

/// Whether a module's file is that of root's sandbox, and no installation.
bool is_module_of_sandbox(const std::filesystem::path& file);
/// Whether it is one's that was killed, and left it behind.
bool is_left_by_sandbox(const std::filesystem::path& file);

/// Registers our PKCS#11 module with p11-kit (pkcs11.conf(5)) while it lives: for those alone who have its environment,
/// where p11-kit allows that.
///
/// p11-kit reads a user's modules from $XDG_CONFIG_HOME/pkcs11, so the sandbox gets a configuration home of its own, in
/// which everything else is a link to the person's. For root p11-kit ignores all of that: then the module goes among
/// the system's for the sandbox's life, which is said on standard error. Other programs may load it there, but without
/// the sandbox's configuration it has no token.
class P11KitConfiguration {
 public:
  /// `directory` is for the private configuration home; it must go after this object.
  P11KitConfiguration(const std::filesystem::path& module, const std::filesystem::path& directory);
  ~P11KitConfiguration();
  P11KitConfiguration(const P11KitConfiguration&) = delete;
  P11KitConfiguration& operator=(const P11KitConfiguration&) = delete;

  /// Adds what a program needs to see the module.
  void add_to(Environment& environment) const;

 private:
  class SystemRegistration;
  std::filesystem::path config_home_;                 ///< empty for root
  std::unique_ptr<SystemRegistration> registration_;  ///< root's
};

}  // namespace smartcmd
