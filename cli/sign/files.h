// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <cstdint>
#include <filesystem>

#include "base/cancellation.h"
#include "signing/digest.h"

namespace smartcmd {

/// The digest of a file, read piece by piece. Throws Errc::invalid_argument with the system's reason, and
/// Errc::cancelled once `cancellation` comes.
Digest hash_file(const std::filesystem::path& file, Hash hash, const Cancellation* cancellation = nullptr);

/// Writes a file as write_durably() does (base/files.h), but never over another, not even over one that appears in this
/// very moment: false where the name is taken. Throws Errc::invalid_argument with the system's reason.
bool write_new_durably(const std::filesystem::path& file, ByteView octets, int mode);

/// Makes sure that a file of so many octets can be written, by making room for one beside its place and giving it
/// back. Throws Errc::invalid_argument with the system's reason.
void require_room(const std::filesystem::path& file, std::uintmax_t octets);

}  // namespace smartcmd
