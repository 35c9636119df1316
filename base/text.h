// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

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

/// The text with the value in the place of each "{name}". What a value holds is never taken for a name.
[[nodiscard]] std::string filled(std::string_view text, std::initializer_list<Value> values);

}  // namespace smartcmd
