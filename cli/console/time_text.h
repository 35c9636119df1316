// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <ctime>
#include <string>

namespace smartcmd {

/// "2030-12-31 23:59:59 UTC"
std::string time_text(std::time_t time);
/// "2030-12-31T23:59:59Z"
std::string rfc3339(std::time_t time);

}  // namespace smartcmd
