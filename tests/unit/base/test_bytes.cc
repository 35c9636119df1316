// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "base/bytes.h"

#include "tests/support/expect.h"

namespace smartcmd {
namespace {

void base64_of_rfc_4648(void**) {
  const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, encoded] : vectors) {
    assert_string_equal(to_base64(bytes_of(plain)).c_str(), encoded);
    const auto decoded = from_base64(encoded);
    assert_true(decoded.has_value());
    assert_string_equal(std::string(decoded->begin(), decoded->end()).c_str(), plain);
  }
}

void base64_stays_on_one_line(void**) {
  const Bytes long_enough(300, 0x55);
  assert_false(contains(to_base64(long_enough), "\n"));
  assert_true(from_base64(to_base64(long_enough)) == long_enough);
}

void base64_may_hold_white_space(void**) {
  const auto decoded = from_base64(" Zm9v\r\nYmFy\t");
  assert_true(decoded.has_value());
  assert_int_equal(decoded->size(), 6);
}

void what_is_no_base64_is_refused(void**) {
  for (const char* text : {"Zg", "Zg=", "Z===", "====", "Zm9v!mFy", "Zg==Zg==", "Zm=v", "Zm9v----", "Zm9vZg--"}) {
    if (from_base64(text).has_value()) fail_msg("'%s' was taken for base64", text);
  }
}

void hexadecimal_has_two_digits_an_octet(void**) {
  const Bytes octets = {0x00, 0x0f, 0xa0, 0xff};
  assert_string_equal(to_hex(octets).c_str(), "000fa0ff");
}

}  // namespace
}  // namespace smartcmd

int main() {
  using namespace smartcmd;
  const CMUnitTest tests[] = {
      cmocka_unit_test(base64_of_rfc_4648),
      cmocka_unit_test(base64_stays_on_one_line),
      cmocka_unit_test(base64_may_hold_white_space),
      cmocka_unit_test(what_is_no_base64_is_refused),
      cmocka_unit_test(hexadecimal_has_two_digits_an_octet),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
