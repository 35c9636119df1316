// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <filesystem>
#include <string>

namespace smartcmd::service {

/// Makes a complete service in a new or empty directory, private to its owner: settings, certificate authority, TLS and
/// field keys, a SoftHSM2 token, database, outbox and what a client needs. Throws Errc::configuration and leaves
/// nothing behind when it cannot. An empty `hsm_module` means SoftHSM2 wherever it is installed.
void set_up(const std::filesystem::path& directory, const std::string& listen, const std::filesystem::path& hsm_module);

/// Makes a service's directory the working directory, where its relative paths start. Throws Errc::configuration when
/// it is none.
void enter(const std::filesystem::path& directory);

}  // namespace smartcmd::service
