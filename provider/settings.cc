// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "provider/settings.h"

#include <openssl/params.h>

namespace smartcmd::provider {

Settings settings(const Provider& provider) {
  char *account = nullptr, *config = nullptr, *log = nullptr;
  OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_ptr("account", &account, 0),
                         OSSL_PARAM_construct_utf8_ptr("config", &config, 0),
                         OSSL_PARAM_construct_utf8_ptr("log", &log, 0), OSSL_PARAM_construct_end()};
  if (provider.get_params == nullptr || provider.get_params(provider.handle, params) != 1) return {};
  const auto text = [](const char* value) { return std::string(value != nullptr ? value : ""); };
  return {text(account), text(config), text(log)};
}

}  // namespace smartcmd::provider
