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
      {"file:x", "begins with 'cmd:'"},    {"cmd:type=key", "private, public, cert or chain"},
      {"cmd:object=x", "not 'object'"},    {"cmd:joana;maria", "has no value"},
      {"cmd:?pin-value=1", "'pin-value'"}, {"cmd:jo%zz", "hexadecimal"},
      {"cmd:?name", "has no value"}};
  for (const auto& [text, part] : cases) {
    const Error error = error_of([text = text] { CmdUri::parse(text); });
    assert_true(error.code() == Errc::invalid_argument);
    if (!contains(error.what(), part)) fail_msg("'%s' gave: %s", text, error.what());
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
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
