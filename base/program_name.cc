// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "base/program_name.h"

#include <errno.h>

namespace smartcmd {

std::string program_name() {
  const char* name = program_invocation_short_name;
  return name != nullptr ? name : "";
}

}  // namespace smartcmd
