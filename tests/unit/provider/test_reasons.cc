// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// The reasons by which OpenSSL prints our errors.

#include "provider/reasons.h"

#include <set>
#include <string>

#include "base/errc.h"
#include "tests/support/expect.h"

namespace smartcmd::provider {
namespace {

void every_error_has_a_reason_of_its_own(void**) {
  const OSSL_ITEM* item = reason_strings();
  std::set<std::string> reasons;
  for (unsigned id = 1; id <= static_cast<unsigned>(last_errc); ++id, ++item) {
    assert_int_equal(item->id, id);
    assert_string_not_equal(static_cast<const char*>(item->ptr), "unknown error");
    reasons.insert(static_cast<const char*>(item->ptr));
  }
  assert_int_equal(reasons.size(), static_cast<unsigned>(last_errc));
  assert_int_equal(item->id, 0);
  assert_null(item->ptr);
}

}  // namespace
}  // namespace smartcmd::provider

int main() {
  using namespace smartcmd::provider;
  const CMUnitTest tests[] = {cmocka_unit_test(every_error_has_a_reason_of_its_own)};
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
