// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <span>

namespace smartcmd {

/// Exit statuses of smartcmd, but for `sandbox`, which ends with its command's. `exit_unproved` is one of `verify`.
enum Exit : int { exit_ok = 0, exit_error = 1, exit_usage = 2, exit_unproved = 3 };

/// The commands: each takes its own arguments (the first is the command's name) and answers with the exit status.
/// Errors are thrown.
int doctor(std::span<char*> arguments);
int enrol(std::span<char*> arguments);
int forget(std::span<char*> arguments);
int java_config(std::span<char*> arguments);
int key_file(std::span<char*> arguments);
int list(std::span<char*> arguments);
int nss(std::span<char*> arguments);
int sandbox(std::span<char*> arguments);
int setup(std::span<char*> arguments);
int show(std::span<char*> arguments);
int sign(std::span<char*> arguments);
int uri(std::span<char*> arguments);
int verify(std::span<char*> arguments);

}  // namespace smartcmd
