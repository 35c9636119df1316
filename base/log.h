// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <filesystem>

#include "base/error.h"

namespace smartcmd {

/// Adds a line with time, program, `function` and the error's sentence to `file`, or without one to the file that
/// $SMARTCMD_LOG names; does nothing when neither is given. An edge has hardly a word for people, and a library must
/// not write to its host's terminal. The file is created with mode 0600.
void log_error(const char* function, const Error& error, const std::filesystem::path& file = {});

}  // namespace smartcmd
