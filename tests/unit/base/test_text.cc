// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "base/text.h"

#include "tests/support/expect.h"

namespace smartcmd {
namespace {

void values_take_the_places_of_their_names(void**) {
  assert_string_equal(filled("{a} and {b}, {a}", {{"a", "one"}, {"b", "two"}}).c_str(), "one and two, one");
  assert_string_equal(filled("", {{"a", "one"}}).c_str(), "");
}

void what_is_no_name_stays(void**) {
  assert_string_equal(filled("{c} {} {a", {{"a", "one"}}).c_str(), "{c} {} {a");
  assert_string_equal(filled("{{a}}", {{"a", "one"}}).c_str(), "{one}");
}

void a_value_is_no_text(void**) {
  assert_string_equal(filled("{a} {b}", {{"a", "{b}"}, {"b", "two"}}).c_str(), "{b} two");
}

void without_a_translation_a_text_is_english(void**) {
  assert_string_equal(_("No such text is translated."), "No such text is translated.");
  assert_string_equal(plural("one", "several", 1), "one");
  assert_string_equal(plural("one", "several", 2), "several");
}

}  // namespace
}  // namespace smartcmd

int main() {
  using namespace smartcmd;
  const CMUnitTest tests[] = {
      cmocka_unit_test(values_take_the_places_of_their_names),
      cmocka_unit_test(what_is_no_name_stays),
      cmocka_unit_test(a_value_is_no_text),
      cmocka_unit_test(without_a_translation_a_text_is_english),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
