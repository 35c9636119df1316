// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <filesystem>
#include <string>

#include "base/bytes.h"

namespace smartcmd {

/// A signature, which has cost a one-time password, and cannot be written where it belongs.
struct PaidSignature {
  const std::filesystem::path& file;    ///< what it is of
  const std::filesystem::path& output;  ///< where it belongs
  ByteView octets;
  int mode;  ///< subject to the umask
};

/// Writes it under a name that is free, "contract.pdf.2.p7s": where it belongs, else beside the file, else in the
/// person's data directory, else in that for temporary files. Answers the place. Throws Errc::invalid_argument where
/// none of them takes it.
std::filesystem::path keep_aside(const PaidSignature& signature, const char* extension);

/// The last resort: prints it on standard error, as PEM, which anybody can paste into a file.
void print_signature(const std::filesystem::path& file, ByteView octets);

}  // namespace smartcmd
