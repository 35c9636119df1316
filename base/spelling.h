// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string_view>

namespace smartcmd {

/// How many letters must be added, removed or replaced to make one of the other (Levenshtein's distance).
std::size_t distance(std::string_view a, std::string_view b);

/// Whether one may have been meant where the other was typed: two slips at most, because more make another word.
bool is_near(std::string_view typed, std::string_view meant);

/// The item whose name, name(item), is nearest to what was typed, when it may have been meant; else null.
template <class Items, class Name>
auto nearest(const Items& items, std::string_view typed, Name name) -> decltype(&*std::begin(items)) {
  const auto found = std::min_element(std::begin(items), std::end(items), [&](const auto& a, const auto& b) {
    return distance(typed, name(a)) < distance(typed, name(b));
  });
  return found != std::end(items) && is_near(typed, name(*found)) ? &*found : nullptr;
}

}  // namespace smartcmd
