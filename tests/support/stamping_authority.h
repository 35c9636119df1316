// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include "base/bytes.h"
#include "signing/certificate.h"
#include "tests/support/certificate.h"

namespace smartcmd {

/// A timestamping authority (RFC 3161) that stamps whatever it is given, and whom nobody trusts.
class StampingAuthority {
 public:
  StampingAuthority();

  Certificate certificate() const;
  /// A token over the octets.
  Bytes stamp(ByteView stamped) const;

 private:
  TestCertificate own_;
};

}  // namespace smartcmd
