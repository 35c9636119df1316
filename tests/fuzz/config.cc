// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// smartcmd.conf.

#include "signing/config.h"

#include "signing/uri.h"
#include "tests/fuzz/memory_file.h"

namespace smartcmd {
namespace {

// An account's name becomes a file and a URI.
void expect_usable(const Config& config, const Account& account) {
  fuzz::require(config.account(account.name).name == account.name, "an account is found by its name");
  fuzz::require(config.chain_file(account).filename() == account.name + ".pem", "a name is no path");
  fuzz::require(CmdUri::parse("cmd:" + account.name).account == account.name, "a name stands in a URI as it is");
  fuzz::require(fuzz::is_utf8(account.label), "what is shown is UTF-8");
  Config::check("account", "", account.name);
  Config::check("account", "user-id", account.user_id);
  Config::check("service", "endpoint", account.service.endpoint);
}

}  // namespace
}  // namespace smartcmd

int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace smartcmd;
  const fuzz::MemoryFile file(fuzz::text_of(data, size));
  std::optional<Config> config;
  if (!fuzz::taken([&] { config = Config::load(file.path()); })) return 0;
  for (const Account& account : config->accounts()) expect_usable(*config, account);
  fuzz::taken([&] { (void)config->account(); });
  return 0;
}
