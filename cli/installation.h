// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <filesystem>

namespace smartcmd {

/// Where the parts of SmartCMD are: beside this program in a build tree, or where they were installed.
struct Installation {
  std::filesystem::path smartcmd;       ///< this program
  std::filesystem::path service;        ///< smartcmdd
  std::filesystem::path agent;          ///< smartcmd-agent
  std::filesystem::path provider;       ///< OpenSSL provider
  std::filesystem::path pkcs11_module;  ///< PKCS#11 module
  std::filesystem::path translations;   ///< where a build tree has them; empty when they are installed
  bool build_tree = false;              ///< whether nothing of this is installed

  /// Where they should be.
  static Installation expected();

  /// Throws Errc::internal with the part that is missing.
  static Installation find();
};

/// Lets this process and its children use the agent and the translations of the build tree this program is in, where
/// the environment names no others. Does nothing for an installed program.
void prefer_build_tree();

}  // namespace smartcmd
