// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// Texts in the columns of a terminal.

#include "base/columns.h"

#include "tests/support/expect.h"

using namespace smartcmd;

namespace {

void expect_lines(const std::vector<std::string>& lines, const std::vector<std::string>& expected) {
  std::string all;
  for (const std::string& line : lines) all += line + "|";
  if (lines != expected) fail_msg("the lines are %s", all.c_str());
}

void a_character_takes_its_columns(void**) {
  assert_int_equal(columns_of(""), 0);
  assert_int_equal(columns_of("Segurança"), 9);
  assert_int_equal(columns_of("c\u0327"), 1);  // a cedilla of its own
  assert_int_equal(columns_of("契約書"), 6);
}

void lines_end_between_words(void**) {
  expect_lines(wrapped("one two three", 7), {"one two", "three"});
  expect_lines(wrapped("one two three", 8), {"one two", "three"});
  expect_lines(wrapped("one two  three", 9), {"one two", "three"});
  expect_lines(wrapped("one two three", 13), {"one two three"});
  expect_lines(wrapped("código de segurança", 9), {"código de", "segurança"});
  expect_lines(wrapped("契約 契約", 7), {"契約", "契約"});
}

void what_is_longer_than_a_line_is_broken(void**) {
  expect_lines(wrapped("abcdefgh ij", 5), {"abcde", "fgh", "ij"});
  expect_lines(wrapped("契約契約", 5), {"契約", "契約"});
  expect_lines(wrapped("  abcdefgh", 5), {"  abc", "defgh"});
}

void what_goes_on_is_indented(void**) {
  expect_lines(wrapped("  To sign  a contract of a hundred words", 24, 4),
               {"  To sign  a contract of", "    a hundred words"});
  expect_lines(wrapped("one two three four five", 21, 4), {"one two three four", "five"});  // no room for that
}

void line_feeds_stay(void**) {
  expect_lines(wrapped("one\n\ntwo three\n", 8, 2), {"one", "", "two", "three"});
  expect_lines(wrapped("", 8), {""});
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(a_character_takes_its_columns),
      cmocka_unit_test(lines_end_between_words),
      cmocka_unit_test(what_is_longer_than_a_line_is_broken),
      cmocka_unit_test(what_goes_on_is_indented),
      cmocka_unit_test(line_feeds_stay),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
