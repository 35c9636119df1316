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

/// The item whose name, name(item), is nearest to what was typed; there is at least one.
template <class Items, class Name>
const auto& nearest(const Items& items, std::string_view typed, Name name) {
  return *std::min_element(std::begin(items), std::end(items), [&](const auto& a, const auto& b) {
    return distance(typed, name(a)) < distance(typed, name(b));
  });
}

}  // namespace smartcmd
