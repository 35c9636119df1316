// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include "signing/certificate.h"

namespace smartcmd {

/// A signature that a program asks for and throws away. It means nothing to anybody, so nobody has to be asked for it.
struct Probe {
  const char* application;
  const char* purpose;
  ByteView content;  ///< what the program signs
};

/// The probe whose signed attributes have that digest, for this signer; nothing for any other digest.
const Probe* find_probe(const Certificate& signer, const Digest& digest);

}  // namespace smartcmd
