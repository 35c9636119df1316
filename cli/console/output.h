// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <string>
#include <vector>

namespace smartcmd {

/// Has what is printed reach a terminal as it is meant: in the locale's character set, and in UTF-8 where the locale
/// has none (C, POSIX). To be called once, before anything is printed.
void open_mouth();

// What is not printable (base/text.h) goes through none of these.

/// A line on standard output; line feeds in it stay.
void say(const std::string& line);

/// A sentence on standard error, after "smartcmd: ".
void complain(const std::string& sentence);

/// Rows in columns, each as wide as its widest cell, which is one line, every row after `indent`.
void print_table(std::vector<std::vector<std::string>> rows, const std::string& indent = "");

}  // namespace smartcmd
