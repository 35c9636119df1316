// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <cstddef>
#include <string>

#include "agent/prompter.h"
#include "base/error.h"

namespace smartcmd {

/// What a terminal shows above the line where the secret is typed: lines that end with a line feed. Every document is
/// named.
std::string terminal_text(const Question& question);

/// The same for a window, which must fit on the screen: `most_documents` are named and the others counted.
std::string window_text(const Question& question, std::size_t most_documents);

/// "Signature PIN (4 to 8 digits)"
const char* request_text(Purpose purpose);
/// "A signature PIN has 4 to 8 digits.", for who has typed something else and may try again.
const char* format_text(Purpose purpose);
/// The same, for who may not.
const char* refused_text(Purpose purpose);

/// "That one-time password is wrong…", and what to do now.
const char* wrong_text();

/// The person cancelled the question.
Error question_cancelled(Purpose purpose);
/// Nobody answered in time.
Error time_over();

}  // namespace smartcmd
