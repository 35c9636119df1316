// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// What `smartcmd doctor` hands to a stranger of a configuration, be it sound or damaged.

#include "cli/doctor/support_file.h"

#include "tests/fuzz/memory_file.h"

int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace smartcmd;
  const fuzz::MemoryFile file(fuzz::text_of(data, size));
  setenv("SMARTCMD_CONFIG", file.path().c_str(), 1);
  Examination examination{};
  fuzz::taken([&] { examination.config = Config::load(); });
  const std::string text = support_text(examination);
  if (!examination.config) return 0;
  constexpr std::size_t surely_a_number = 12;  // shorter ones may be part of something else
  for (const Account& account : examination.config->accounts()) {
    const bool hidden = account.user_id.size() < surely_a_number || text.find(account.user_id) == std::string::npos;
    fuzz::require(hidden, "a phone number stays at home");
  }
  return 0;
}
