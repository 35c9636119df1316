// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <chrono>
#include <string>

#include "signing/certificate.h"

namespace smartcmd {

/// The subject's and the issuer's name for people, in UTF-8: "CN=Joana,O=…". Whoever made the certificate chose its
/// characters, so the text is printable().
std::string subject_text(const Certificate& certificate);
std::string issuer_text(const Certificate& certificate);

/// The serial number, and the SHA-256 fingerprint over the DER encoding: "0A:1B:…".
std::string serial_text(const Certificate& certificate);
std::string fingerprint_text(const Certificate& certificate);

/// The certificate as PEM (RFC 7468).
std::string to_pem(const Certificate& certificate);

/// The first and the last day it is valid: "2025-01-01 to 2030-12-31".
std::string validity_text(const Certificate& certificate);

/// Whether its last moment has passed, or will have when `period` has.
bool has_expired(const Certificate& certificate);
bool expires_within(const Certificate& certificate, std::chrono::seconds period);

}  // namespace smartcmd
