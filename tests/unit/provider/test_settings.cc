// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// What our section of openssl.cnf says, as the core hands it over.

#include "provider/settings.h"

#include <openssl/params.h>

#include "tests/support/expect.h"

namespace smartcmd::provider {
namespace {

struct Section {
  const char* account;
  const char* config;
  const char* log;
};

int say(const OSSL_CORE_HANDLE* handle, OSSL_PARAM params[]) {
  const auto& section = *reinterpret_cast<const Section*>(handle);
  const std::pair<const char*, const char*> rows[] = {
      {"account", section.account}, {"config", section.config}, {"log", section.log}};
  for (const auto& [key, value] : rows) {
    OSSL_PARAM* param = OSSL_PARAM_locate(params, key);
    if (value != nullptr) assert_int_equal(OSSL_PARAM_set_utf8_ptr(param, value), 1);
  }
  return 1;
}

int say_nothing(const OSSL_CORE_HANDLE*, OSSL_PARAM[]) {
  return 0;
}

Settings said(const Section& section, OSSL_FUNC_core_get_params_fn* get_params = say) {
  Provider provider{};
  provider.handle = reinterpret_cast<const OSSL_CORE_HANDLE*>(&section);
  provider.get_params = get_params;
  return settings(provider);
}

void what_the_section_says_is_heeded(void**) {
  const Settings all = said({"joana", "/etc/smartcmd.conf", "/var/log/smartcmd"});
  assert_string_equal(all.account.c_str(), "joana");
  assert_string_equal(all.config.c_str(), "/etc/smartcmd.conf");
  assert_string_equal(all.log.c_str(), "/var/log/smartcmd");
}

void what_it_does_not_say_is_empty(void**) {
  const Settings one = said({nullptr, "/etc/smartcmd.conf", nullptr});
  assert_true(one.account.empty() && one.log.empty());
  assert_string_equal(one.config.c_str(), "/etc/smartcmd.conf");
}

void a_core_that_says_nothing_is_no_error(void**) {
  for (auto* get_params : {&say_nothing, static_cast<OSSL_FUNC_core_get_params_fn*>(nullptr)}) {
    const Settings none = said({"joana", "a", "b"}, get_params);
    assert_true(none.account.empty() && none.config.empty() && none.log.empty());
  }
}

}  // namespace
}  // namespace smartcmd::provider

int main() {
  using namespace smartcmd::provider;
  const CMUnitTest tests[] = {
      cmocka_unit_test(what_the_section_says_is_heeded),
      cmocka_unit_test(what_it_does_not_say_is_empty),
      cmocka_unit_test(a_core_that_says_nothing_is_no_error),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
