// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace smartcmd {

/// How many columns of a terminal a text in UTF-8 takes: a wide character takes two, one that combines none.
std::size_t columns_of(std::string_view text);

/// The text in lines of at most `columns`, broken between words, or within one that is longer than a line. What goes on
/// below begins with `indent` spaces; a line feed of the text begins a line that does not.
std::vector<std::string> wrapped(std::string_view text, std::size_t columns, std::size_t indent = 0);

}  // namespace smartcmd
