// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <filesystem>

namespace smartcmd {

/// What OpenSSL's configuration (config(5)) says of providers to the programs of this environment.
struct OpensslConfiguration {
  std::filesystem::path file;     ///< $OPENSSL_CONF, else the one this OpenSSL was built for
  bool readable = false;          ///< whether it is there and without mistakes
  bool smartcmd = false;          ///< whether it activates our provider
  bool default_provider = false;  ///< whether it activates the default one
  bool default_first = false;     ///< which of the two comes first
  std::filesystem::path module;   ///< what it says our provider's module is

  static OpensslConfiguration read();
};

}  // namespace smartcmd
