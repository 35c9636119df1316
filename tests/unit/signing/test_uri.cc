// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "signing/uri.h"

#include "tests/support/expect.h"

namespace smartcmd {
namespace {

void the_bare_scheme_is_the_default_account(void**) {
  const CmdUri uri = CmdUri::parse("cmd:");
  assert_true(uri.account.empty());
  assert_true(uri.type == CmdUri::Type::any);
  assert_true(uri.pin_source.empty());
}

void an_account_may_stand_alone_or_as_attribute(void**) {
  assert_string_equal(CmdUri::parse("cmd:joana").account.c_str(), "joana");
  assert_string_equal(CmdUri::parse("cmd:account=joana").account.c_str(), "joana");
  const CmdUri uri = CmdUri::parse("cmd:joana;type=cert");
  assert_string_equal(uri.account.c_str(), "joana");
  assert_true(uri.type == CmdUri::Type::certificate);
}

void every_type_has_a_name(void**) {
  assert_true(CmdUri::parse("cmd:type=private").type == CmdUri::Type::private_key);
  assert_true(CmdUri::parse("cmd:type=public").type == CmdUri::Type::public_key);
  assert_true(CmdUri::parse("cmd:type=cert").type == CmdUri::Type::certificate);
  assert_true(CmdUri::parse("cmd:type=chain").type == CmdUri::Type::chain);
}

void queries_and_percent_signs_are_read(void**) {
  const CmdUri uri = CmdUri::parse("cmd:jo%C3%A3o;type=private?pin-source=file:/run/a%20pin&name=contrato%20%26.pdf");
  assert_string_equal(uri.account.c_str(), "joão");
  assert_string_equal(uri.pin_source.c_str(), "/run/a pin");
  assert_string_equal(uri.name.c_str(), "contrato &.pdf");
  assert_string_equal(CmdUri::parse("cmd:?pin-source=/run/pin").pin_source.c_str(), "/run/pin");
}

void what_is_wrong_is_named(void**) {
  const std::pair<const char*, const char*> cases[] = {
      {"file:x", "begins with 'cmd:'"}, {"cmd:type=key", "private, public, cert or chain"},
      {"cmd:object=x", "not 'object'"}, {"cmd:joana;maria", "has no value"},
      {"cmd:jo%zz", "hexadecimal"},     {"cmd:?name", "has no value"}};
  for (const auto& [text, part] : cases) {
    const Error error = error_of([text = text] { CmdUri::parse(text); });
    assert_true(error.code() == Errc::invalid_argument);
    if (!contains(error.what(), part)) fail_msg("'%s' gave: %s", text, error.what());
  }
}

void a_pin_is_never_repeated(void**) {
  for (const char* text : {"cmd:joana?pin-value=709112", "cmd:pin-value=709112", "cmd:joana;pin-value=709112",
                           "cmd:joana?709112", "cmd:joana;x?709112", "cmd:jo%zz?pin-value=709112",
                           "cmd:type=x?pin-value=709112", "cmd:%zz;pin-value=709112"}) {
    const Error error = error_of([text] { CmdUri::parse(text); });
    if (contains(error.what(), "709112")) fail_msg("'%s' gave: %s", text, error.what());
  }
  const Error error = error_of([] { CmdUri::parse("cmd:joana?pin-value=709112"); });
  assert_true(contains(error.what(), "'cmd:joana'") && contains(error.what(), "pin-source"));
}

void what_moves_a_cursor_is_never_repeated(void**) {
  for (const char* text : {"cmd:\033[2Jjoana;type=x", "cmd:jo\nana;type=x",
                           "cmd:jo\xc2\x9b"
                           "2J;type=x",
                           "cmd:\033[2J=1"}) {
    const std::string message = error_of([text] { CmdUri::parse(text); }).what();
    assert_false(contains(message, "\033") || contains(message, "\n") || contains(message, "\xc2\x9b"));
  }
}

}  // namespace
}  // namespace smartcmd

int main() {
  using namespace smartcmd;
  const CMUnitTest tests[] = {
      cmocka_unit_test(the_bare_scheme_is_the_default_account),
      cmocka_unit_test(an_account_may_stand_alone_or_as_attribute),
      cmocka_unit_test(every_type_has_a_name),
      cmocka_unit_test(queries_and_percent_signs_are_read),
      cmocka_unit_test(what_is_wrong_is_named),
      cmocka_unit_test(a_pin_is_never_repeated),
      cmocka_unit_test(what_moves_a_cursor_is_never_repeated),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
