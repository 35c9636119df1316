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
  /// Its certificate is valid for so many days from now.
  explicit StampingAuthority(int days = 1);

  Certificate certificate() const;
  /// A token over the octets.
  Bytes stamp(ByteView stamped) const;

 private:
  TestCertificate own_;
};

}  // namespace smartcmd
