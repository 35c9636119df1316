// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// DigestInfo, which programs have signed and clients send to the service, and the names of hashes.

#include <algorithm>

#include "signing/digest.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace smartcmd;
  (void)find_hash(fuzz::text_of(data, size));
  const ByteView der(data, size);
  const auto digest = from_digest_info(der);
  if (!digest) return 0;
  const Bytes written = to_digest_info(*digest);
  fuzz::require(std::equal(der.begin(), der.end(), written.begin(), written.end()), "what is read is written again");
  return 0;
}
