// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "base/spelling.h"

#include <utility>
#include <vector>

namespace smartcmd {

// Names here are short.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = std::exchange(row[j], std::min({row[j - 1] + 1, row[j] + 1, changed}));
    }
  }
  return row[b.size()];
}

bool is_near(std::string_view typed, std::string_view meant) {
  constexpr std::size_t slips = 2;
  return distance(typed, meant) <= slips;
}

}  // namespace smartcmd
