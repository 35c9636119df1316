// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <string>

namespace smartcmd {

/// The name of this process, as prompts and the log show it.
std::string program_name();

}  // namespace smartcmd
