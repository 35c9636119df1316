// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <string>
#include <vector>

#include "cli/sign/job.h"

namespace smartcmd {

/// Tells a person on standard error which jobs have failed already, before they are asked for anything.
void print_failures(std::vector<SignJob>& jobs);

/// Tells a person what became of the jobs: on standard output what is there, on standard error what is missing and why,
/// where it was not told before.
/// `ended` is why the run ended early, a sentence, or empty.
void print_summary(const std::vector<SignJob>& jobs, const std::string& ended);

/// Tells a program, as one JSON document.
void print_summary_json(const std::vector<SignJob>& jobs, const std::string& ended);

/// Whether every job was done as it was asked for.
bool all_done(const std::vector<SignJob>& jobs);

}  // namespace smartcmd
