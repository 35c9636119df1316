// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <string>

#include "cli/doctor/examination.h"

namespace smartcmd {

/// A text to send to whoever helps: versions, findings, configuration. What tells who somebody is or lets somebody in –
/// names, phone numbers, application ids, paths at home – stands in none of it.
std::string support_text(const Examination& examination);

/// How a finding is shown, in one line.
std::string line_of(const Finding& finding);

}  // namespace smartcmd
