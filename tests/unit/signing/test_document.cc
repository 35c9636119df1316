// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "signing/document.h"

#include <glib.h>

#include "tests/support/expect.h"

namespace smartcmd {
namespace {

void a_short_name_is_kept(void**) {
  assert_string_equal(presentable_name("contrato.pdf").c_str(), "contrato.pdf");
  assert_string_equal(presentable_name("Declaração n.º 3 <final> & \"última\".pdf").c_str(),
                      "Declaração n.º 3 <final> & \"última\".pdf");
}

void a_long_name_keeps_its_extension(void**) {
  const std::string name = presentable_name(std::string(60, 'x') + ".pdf");
  assert_int_equal(name.size(), max_name_length);
  assert_true(name.ends_with("x.pdf"));
}

void length_is_counted_in_code_points(void**) {
  std::string accents;
  for (int i = 0; i < 60; ++i) accents += "ç";
  const std::string name = presentable_name(accents);
  assert_int_equal(g_utf8_strlen(name.c_str(), -1), max_name_length);
  assert_true(g_utf8_validate(name.c_str(), -1, nullptr));
}

void what_xml_cannot_carry_is_taken_out(void**) {
  assert_string_equal(presentable_name("a\x01\n\tb").c_str(), "a   b");
  assert_string_equal(presentable_name(" \x02 ").c_str(), "");
  assert_string_equal(presentable_name("").c_str(), "");
  assert_true(g_utf8_validate(presentable_name("caf\xe9.pdf").c_str(), -1, nullptr));
  // A line of its own would look like one of ours.
  assert_string_equal(presentable_name("a\u2028b\u2029c\u0085d").c_str(), "a b c d");
  // Turning the reading direction would let a name look like another.
  assert_false(contains(presentable_name("a\u202Efdp.exe"), "\u202E"));
}

void a_nameless_document_is_named_after_program_and_digest(void**) {
  const Digest digest{Hash::sha256, Bytes(32, 0xab)};
  assert_string_equal(default_name("openssl", digest).c_str(), "openssl abababab");
  assert_string_equal(default_name("", digest).c_str(), "document abababab");
  const std::string name = default_name(std::string(100, 'p'), digest);
  assert_int_equal(name.size(), max_name_length);
  assert_true(name.ends_with(" abababab"));
}

void equal_names_are_told_apart(void**) {
  const Digest digest{Hash::sha256, Bytes(32, 1)};
  std::vector<Document> documents = {{"a.pdf", digest}, {"a.pdf", digest}, {"a 2.pdf", digest},
                                     {"a.pdf", digest}, {"", digest},      {"", digest}};
  settle_names(documents, "openssl");
  const char* expected[] = {"a.pdf", "a 2.pdf", "a 2 2.pdf", "a 3.pdf", "openssl 01010101", "openssl 01010101 2"};
  for (std::size_t i = 0; i < documents.size(); ++i) assert_string_equal(documents[i].name.c_str(), expected[i]);
}

void a_hundred_long_equal_names_stay_short_and_unique(void**) {
  std::vector<Document> documents(max_batch, {std::string(80, 'n') + ".pdf", {Hash::sha256, Bytes(32)}});
  settle_names(documents, "openssl");
  for (std::size_t i = 0; i < documents.size(); ++i) {
    assert_true(documents[i].name.size() <= max_name_length);
    for (std::size_t j = 0; j < i; ++j) assert_string_not_equal(documents[i].name.c_str(), documents[j].name.c_str());
  }
}

}  // namespace
}  // namespace smartcmd

int main() {
  using namespace smartcmd;
  const CMUnitTest tests[] = {
      cmocka_unit_test(a_short_name_is_kept),
      cmocka_unit_test(a_long_name_keeps_its_extension),
      cmocka_unit_test(length_is_counted_in_code_points),
      cmocka_unit_test(what_xml_cannot_carry_is_taken_out),
      cmocka_unit_test(a_nameless_document_is_named_after_program_and_digest),
      cmocka_unit_test(equal_names_are_told_apart),
      cmocka_unit_test(a_hundred_long_equal_names_stay_short_and_unique),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
