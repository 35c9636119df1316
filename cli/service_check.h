// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <string>

namespace smartcmd {

/// Makes sure that the configured service of that name is reached, proves who it is and accepts the credentials; no
/// account is needed, and nobody is sent a message. Throws Error.
void check_service(const std::string& name);

}  // namespace smartcmd
