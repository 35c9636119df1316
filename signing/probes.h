// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include "signing/certificate.h"

namespace smartcmd {

/// Whether the digest is that of a probe: a signature that a program asks for and throws away, unseen. It means nothing
/// to anybody, so nobody has to be asked for it, and zeros answer it: the one signature that leaves us unverified. A
/// probe is known by its content, the signed attributes that the program makes of the signer's certificate and of a few
/// fixed octets, so no document can be taken for one.
bool is_probe(const Certificate& signer, const Digest& digest);

}  // namespace smartcmd
