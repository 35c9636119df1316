// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "agent/prompter.h"
#include "base/error.h"

namespace smartcmd {

/// What a terminal of that width shows above the line where the secret is typed, line by line. Every document is named.
std::vector<std::string> terminal_lines(const Question& question, std::size_t columns);

/// How much of a name that is not a document's a window shows, in code points.
inline constexpr std::size_t longest_in_window = 24;

/// The same for a window, which must fit on the screen: `most_documents` are named and the others counted, and of each
/// other name there are the first `longest` code points, of the signer's twice as many.
std::string window_text(const Question& question, std::size_t most_documents, std::size_t longest = longest_in_window);

/// What a window says that offers the names of all documents, of which the question has only the first `named`.
std::string offer_text(const Question& question, std::size_t named);
/// Some of the documents, from the one with that index on, for a window that shows nothing else.
std::string page_text(const Question& question, std::size_t first, std::size_t count);

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
