// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <cstddef>
#include <string>

namespace smartcmd {

/// How far it is, on the last line of a terminal; nothing where standard error is none.
class Progress {
 public:
  explicit Progress(std::size_t total);
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// `done` of the total, and what is being done: a whole text.
  void show(std::size_t done, const std::string& what);
  /// Frees the line, for whoever writes next.
  void clear();

 private:
  const std::size_t total_;
  const bool visible_;
  bool shown_ = false;
};

}  // namespace smartcmd
