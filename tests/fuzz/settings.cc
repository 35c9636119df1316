// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// smartcmdd.conf.

#include "service/settings.h"

#include "tests/fuzz/memory_file.h"

int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace smartcmd;
  using service::Settings;
  const fuzz::MemoryFile file(fuzz::text_of(data, size));
  Settings settings;
  if (!fuzz::taken([&] { settings = Settings::load(file.path()); })) return 0;
  const fuzz::MemoryFile written(settings.to_text());
  fuzz::require(Settings::load(written.path()).to_text() == settings.to_text(), "what is written is read again");
  return 0;
}
