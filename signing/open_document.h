// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <string>

namespace smartcmd {

/// The name, without its folder, of the one document that this process has open to read: a guess at what a host signs
/// that cannot say so. Empty where there is none, or more than one. Looks at /proc/self/fd only.
std::string open_document();

}  // namespace smartcmd
