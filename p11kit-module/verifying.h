// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include "p11kit-module/sessions.h"

namespace smartcmd::p11 {

/// Section 5.15, verifying signatures with the public key, which needs nobody: one function for each of the standard's,
/// which throws what the section lists.
void verify_init(Session& session, const CK_MECHANISM* mechanism, CK_OBJECT_HANDLE key);
void verify(Session& session, const CK_BYTE* data, CK_ULONG length, const CK_BYTE* signature,
            CK_ULONG signature_length);
void verify_update(Session& session, const CK_BYTE* part, CK_ULONG length);
void verify_final(Session& session, const CK_BYTE* signature, CK_ULONG signature_length);

}  // namespace smartcmd::p11
