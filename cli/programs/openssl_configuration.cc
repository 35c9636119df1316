// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "cli/programs/openssl_configuration.h"

#include <openssl/conf.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "base/c_ptr.h"
#include "base/crypto_context.h"
#include "base/openssl.h"

namespace smartcmd {
namespace {

std::string value(const CONF* conf, const char* section, const char* key) {
  const char* const text = NCONF_get_string(conf, section, key);
  return text == nullptr ? "" : text;
}

/// OpenSSL 3.0 takes any value for yes, later ones do not: what both understand counts.
bool is_active(const CONF* conf, const std::string& section) {
  constexpr std::string_view yes[] = {"1", "yes", "true", "on"};
  std::string text = value(conf, section.c_str(), "activate");
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? char(c | 0x20) : c; });
  return std::find(std::begin(yes), std::end(yes), text) != std::end(yes);
}

void read_providers(const CONF* conf, const std::string& section, OpensslConfiguration& result) {
  const STACK_OF(CONF_VALUE)* const providers = NCONF_get_section(conf, section.c_str());
  for (int i = 0; i < sk_CONF_VALUE_num(providers); ++i) {
    const CONF_VALUE* const provider = sk_CONF_VALUE_value(providers, i);
    const std::string_view name = provider->name;
    if (!is_active(conf, provider->value)) continue;
    if (name == "default") {
      result.default_provider = true;
      result.default_first = !result.smartcmd;
    }
    const std::filesystem::path module = value(conf, provider->value, "module");
    if (name == "smartcmd" || module.filename() == "smartcmd.so") {
      result.smartcmd = true;
      result.module = module;
    }
  }
}

}  // namespace

OpensslConfiguration OpensslConfiguration::read() {
  const ErrorQueueMark mark;
  OpensslConfiguration result;
  const OpenSslMemory<char> file(CONF_get1_default_config_file());
  const CPtr<CONF, NCONF_free> conf(NCONF_new(nullptr));
  if (!file || !conf) return result;
  result.file = file.get();
  result.readable = NCONF_load(conf.get(), file.get(), nullptr) == 1;
  if (!result.readable) return result;
  const std::string initialisation = value(conf.get(), nullptr, "openssl_conf");
  const std::string providers = value(conf.get(), initialisation.c_str(), "providers");
  if (!initialisation.empty() && !providers.empty()) read_providers(conf.get(), providers, result);
  return result;
}

}  // namespace smartcmd
