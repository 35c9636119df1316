// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <string>

#include "provider/provider.h"

namespace smartcmd::provider {

/// What our section of openssl.cnf says beside `module` and `activate`.
struct Settings {
  std::string account;  ///< `account`: the default account in place of the configuration's
  std::string config;   ///< `config`: the configuration file
  std::string log;      ///< `log`: the file to which errors are added
};

/// Asks the core; what the section does not say stays empty.
Settings settings(const Provider& provider);

}  // namespace smartcmd::provider
