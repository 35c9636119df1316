// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "cli/sign/progress.h"

#include <glib.h>
#include <unistd.h>

#include "signing/document.h"

namespace smartcmd {
namespace {

constexpr std::size_t bar_width = 20;

constexpr const char* erase_line = "\r\033[K";  // ECMA-48: EL

}  // namespace

Progress::Progress(std::size_t total) : total_(total), visible_(isatty(STDERR_FILENO) == 1) {}

void Progress::show(std::size_t done, const std::string& what) {
  if (!visible_) return;
  const std::size_t filled = total_ == 0 ? 0 : bar_width * done / total_;
  const std::string bar = std::string(filled, '#') + std::string(bar_width - filled, '.');
  // A file's name must not control the terminal.
  g_printerr("%s[%s] %zu/%zu  %s", erase_line, bar.c_str(), done, total_, presentable_name(what).c_str());
  shown_ = true;
}

void Progress::clear() {
  if (shown_) g_printerr("%s", erase_line);
  shown_ = false;
}

}  // namespace smartcmd
