// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "cli/console/time_text.h"

namespace smartcmd {
namespace {

std::string formatted(std::time_t time, const char* format) {
  std::tm moment{};
  char text[64];
  gmtime_r(&time, &moment);
  return std::strftime(text, sizeof text, format, &moment) > 0 ? text : "?";
}

}  // namespace

std::string time_text(std::time_t time) {
  return formatted(time, "%F %T UTC");
}

std::string rfc3339(std::time_t time) {
  return formatted(time, "%FT%TZ");
}

}  // namespace smartcmd
