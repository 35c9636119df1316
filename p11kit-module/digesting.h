// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include "p11kit-module/sessions.h"

namespace smartcmd::p11 {

/// Section 5.12, message digesting: one function for each of the standard's, which throws what the section lists. Every
/// exit of a call that ends an operation ends it, but for those that only tell the size.
void digest_init(Session& session, const CK_MECHANISM* mechanism);
void digest(Session& session, const CK_BYTE* data, CK_ULONG length, CK_BYTE* digest, CK_ULONG* digest_length);
void digest_update(Session& session, const CK_BYTE* part, CK_ULONG length);
void digest_final(Session& session, CK_BYTE* digest, CK_ULONG* digest_length);

}  // namespace smartcmd::p11
