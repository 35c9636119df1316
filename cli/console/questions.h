// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <optional>
#include <string>

#include "base/secure_string.h"

namespace smartcmd {

// Questions to the person: asked on standard error, answered by a line on standard input, which may be a file or a
// pipe.

/// The answer without blanks around it; nothing at the end of the input.
std::optional<std::string> ask(const std::string& question);

/// The same, not shown while it is typed; empty at the end of the input.
SecureString ask_secret(const std::string& question);

/// Whether the answer is yes; the end of the input is none.
bool confirmed(const std::string& question);

}  // namespace smartcmd
