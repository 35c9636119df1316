// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// Timestamps (RFC 3161) over a text, by anybody.

#include "documents/timestamp.h"

#include "cli/console/time_text.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace smartcmd;
  fuzz::taken([&] {
    const Timestamp timestamp = read_timestamp({data, size}, bytes_of("text"));
    fuzz::require(time_text(timestamp.time) != "?" && rfc3339(timestamp.time) != "?", "a time is shown");
  });
  return 0;
}
