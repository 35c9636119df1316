// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <filesystem>

#include "base/bytes.h"

namespace smartcmd {

/// Whether the octets, of which the first 1024 will do, begin a PDF document (ISO 32000-1 annex H.3.4.1: the header may
/// have something before it).
bool is_pdf(ByteView octets);
/// The same of a file; not of one that cannot be read.
bool is_pdf(const std::filesystem::path& file);

/// Whether a PDF document has a signature inside: a dictionary with /ByteRange and /Contents, which must stand in the
/// file as they are, because the first counts its octets (ISO 32000-1 section 12.8.1).
bool is_signed_pdf(ByteView octets);

}  // namespace smartcmd
