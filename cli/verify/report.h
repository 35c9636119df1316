// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "documents/verify_signature.h"

namespace smartcmd {

/// What came of a file.
struct VerifiedFile {
  std::filesystem::path signature;  ///< the CMS message
  std::filesystem::path content;    ///< what the signatures were held against; empty for what is inside
  std::string fault;                ///< why nothing could be verified; empty when it could
  std::vector<VerifiedSignature> signatures;

  /// The worst of its signatures.
  Verdict verdict() const;
  bool good() const { return verdict() == Verdict::trusted; }
};

/// Tells a person, on standard output; or a program, as one JSON document.
void print_report(const std::vector<VerifiedFile>& files);
void print_json(const std::vector<VerifiedFile>& files);

}  // namespace smartcmd
