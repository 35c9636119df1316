// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <string>
#include <vector>

namespace smartcmd {

/// A line on standard output.
void say(const std::string& line);

/// A sentence on standard error, after "smartcmd: ".
void complain(const std::string& sentence);

/// Rows in columns, each as wide as its widest cell, every row after `indent`.
void print_table(const std::vector<std::vector<std::string>>& rows, const std::string& indent = "");

}  // namespace smartcmd
