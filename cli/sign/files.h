// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <cstdint>
#include <filesystem>

#include "signing/digest.h"

namespace smartcmd {

/// The digest of a file, read piece by piece. Throws Errc::invalid_argument with the system's reason.
Digest hash_file(const std::filesystem::path& file, Hash hash);

/// Makes sure that a file of so many octets can be written, by making room for one beside its place and giving it
/// back. Throws Errc::invalid_argument with the system's reason.
void require_room(const std::filesystem::path& file, std::uintmax_t octets);

}  // namespace smartcmd
