// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include "p11kit-module/sessions.h"

namespace smartcmd::p11 {

/// Section 5.13, signing: one function for each of the standard's, which throws what the section lists. Every exit of a
/// call that ends an operation ends it, but for those that only tell the size, which comes from the key. The lock of
/// the session is released while a person is asked and the service signs.
void sign_init(Session& session, const CK_MECHANISM* mechanism, CK_OBJECT_HANDLE key);
void sign(LockedSession& session, const CK_BYTE* data, CK_ULONG length, CK_BYTE* signature, CK_ULONG* signature_length);
void sign_update(Session& session, const CK_BYTE* part, CK_ULONG length);
void sign_final(LockedSession& session, CK_BYTE* signature, CK_ULONG* signature_length);

}  // namespace smartcmd::p11
