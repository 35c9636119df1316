// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "base/text.h"

#include <filesystem>

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

void what_others_wrote_keeps_to_its_place(void**) {
  const struct {
    const char* text;
    const char* shown;
  } rows[] = {
      {"João “Ω” 漢字 👍", "João “Ω” 漢字 👍"},
      {"a\nb\r\tc", "a b  c"},
      {"\033[31m\a\177", "\uFFFD[31m\uFFFD\uFFFD"},
      {"\u009B31m\u0085", "\uFFFD31m\uFFFD"},                                  // CSI and NEL in C1
      {"\u202Efdp.exe\u2069\u200F\u061C", "\uFFFDfdp.exe\uFFFD\uFFFD\uFFFD"},  // RLO, PDI, RLM, ALM
      {"a\u200Bb\uFEFF\u00AD\u2028", "a\uFFFDb\uFFFD\uFFFD\uFFFD"},            // invisible, and the end of a line
      {"\uFFFE\U000E0041\U000F0000", "\uFFFD\uFFFD\U000F0000"},      // private use is for those who agree on it
      {"\xff\xc3(\xed\xa0\x80", "\uFFFD\uFFFD(\uFFFD\uFFFD\uFFFD"},  // no UTF-8, and a surrogate
      {"", ""},
  };
  for (const auto& row : rows) {
    assert_string_equal(printable(row.text).c_str(), row.shown);
    assert_string_equal(filled("{value}", {{"value", row.text}}).c_str(), row.shown);
  }
  assert_string_equal(printable(std::string_view("a\0b", 3)).c_str(), "a\uFFFDb");
  assert_string_equal(printable_lines("a\n\tb\033").c_str(), "a\n\tb\uFFFD");
}

void a_long_value_is_cut(void**) {
  assert_string_equal(printable("ação", 4).c_str(), "ação");
  assert_string_equal(printable("ações", 4).c_str(), "açõ…");
  const std::string text = filled("<{value}>", {{"value", std::string(300'000, 'x')}});
  assert_int_equal(text.size(), longest_value - 1 + std::string("<…>").size());
}

void an_error_says_nothing_that_is_not_printable(void**) {
  const Error error(Errc::unknown_status, "Our words:\n\u009B2J", "9\033[2J\n99" + std::string(300'000, '9'));
  assert_string_equal(error.message().c_str(), "Our words:\n\uFFFD2J");
  assert_true(error.service_code().starts_with("9\uFFFD[2J 99"));
  assert_true(error.service_code().size() < 100);
  assert_string_equal(error.what(), (error.message() + " [" + error.service_code() + "]").c_str());
}

void a_failure_of_the_file_system_is_a_sentence(void**) {
  const auto code = std::make_error_code(std::errc::no_such_file_or_directory);
  const std::filesystem::filesystem_error error("cannot get file size", "a\nb", code);
  assert_string_equal(sentence_of(error).c_str(), "a b: No such file or directory.");
  assert_string_equal(sentence_of(Error(Errc::internal, "It is so.", "5")).c_str(), "It is so. [5]");
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
      cmocka_unit_test(what_others_wrote_keeps_to_its_place),
      cmocka_unit_test(a_long_value_is_cut),
      cmocka_unit_test(an_error_says_nothing_that_is_not_printable),
      cmocka_unit_test(a_failure_of_the_file_system_is_a_sentence),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
