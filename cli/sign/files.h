// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <cstdint>
#include <filesystem>

#include "base/bytes.h"
#include "signing/digest.h"

namespace smartcmd {

/// The digest of a file, read piece by piece. Throws Errc::invalid_argument with the system's reason.
Digest hash_file(const std::filesystem::path& file, Hash hash);

/// Writes a file beside its place, has it reach the disk and moves it there, over one that may be there. `mode` is
/// subject to the umask. Throws Errc::invalid_argument with the system's reason.
void write_durably(const std::filesystem::path& file, ByteView octets, int mode = 0666);

/// Makes sure that a file of so many octets can be written so, by making room for one beside its place and giving it
/// back. Throws the same.
void require_room(const std::filesystem::path& file, std::uintmax_t octets);

/// Makes a directory and those above it that are missing. Throws the same.
void make_directory(const std::filesystem::path& directory, int mode = 0777);

}  // namespace smartcmd
