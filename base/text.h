// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace smartcmd {

/// A text for people in their language, in UTF-8 (gettext(3)); the English one where there is no other. The locale is
/// the host's. The texts are the literals; po/ has the translations.
[[nodiscard]] const char* _(const char* english) noexcept;

/// The same, of two for one and for several of something.
[[nodiscard]] const char* plural(const char* one, const char* several, unsigned long count) noexcept;

/// Marks a literal in a table as a text; it is translated where it is used.
constexpr const char* N_(const char* english) noexcept {
  return english;
}

/// A value and its name.
using Value = std::pair<std::string_view, std::string_view>;

/// The text with the value in the place of each "{name}". What a value holds is never taken for a name, and reaches the
/// text as printable() makes it, because it may come from anybody.
[[nodiscard]] std::string filled(std::string_view text, std::initializer_list<Value> values);

// ---- what others wrote ----------------------------------------------------------------------------------------------

/// Whether a character keeps to its line and to its place in it: no control (C0, DEL, C1), none that turns the
/// direction of a text or is invisible otherwise (Cf), no end of a line or paragraph, none that is not assigned. Such
/// characters make a terminal or a log say what nobody wrote.
[[nodiscard]] bool is_printable(char32_t point) noexcept;

/// More characters than any value has that is worth reading.
inline constexpr std::size_t longest_value = 2000;

/// A text of others as one line that may be shown: valid UTF-8, a space for each end of a line and tabulator, U+FFFD
/// for each other character that is not printable, and of a text with more than `most` characters the beginning and
/// '…'.
[[nodiscard]] std::string printable(std::string_view text, std::size_t most = longest_value);

/// The same of a text of ours, whose line feeds and tabulators stay.
[[nodiscard]] std::string printable_lines(std::string_view text);

}  // namespace smartcmd
