// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// People in the database, their phone numbers and their PINs.

#include "service/accounts.h"
#include "service/keystore.h"
#include "tests/support/expect.h"
#include "tests/support/temporary_directory.h"

namespace smartcmd::service {
namespace {

void a_phone_number_has_one_form(void**) {
  for (const char* phone : {"+351 910000000", "+351910000000", "+351 910 000 000", "+3 51910000000 "}) {
    assert_string_equal(canonical_phone(phone).c_str(), "+351910000000");
  }
  assert_string_equal(canonical_phone("+1 340 123456").c_str(), "+1340123456");
}

void what_is_no_phone_number(void**) {
  for (const char* phone : {"", "+", "351910000000", "+12345", "+1234567890123456", "+351 91000000a", "++351910000000",
                            "+351-910000000", "+351 910000000        "}) {
    assert_string_equal(canonical_phone(phone).c_str(), "");
  }
}

std::string in(const TemporaryDirectory& directory) {
  return "sqlite3://db=" + (directory.path() / "database").string();
}

void a_name_is_trimmed_and_seen(void**) {
  assert_string_equal(proper_name("RUI ÉVORA SÁ").c_str(), "RUI ÉVORA SÁ");
  assert_string_equal(proper_name("  RUI SÁ ").c_str(), "RUI SÁ");
  for (const char* name : {"", "  ", "A\tB", "A\n+351 911111111\tB", "A\x1b[2K",
                           "A\xe2\x80\xa8"
                           "B",
                           "A\xe2\x80\xae"
                           "B",
                           "\xff"}) {
    expect_error(Errc::invalid_argument, [&] { proper_name(name); });
  }
}

void people_are_found_again(void**) {
  const TemporaryDirectory directory;
  const Person joana{"+351 910000000", "JOANA D'ARC; DROP TABLE accounts", {"id", "pin"}, "PEM\n", 0};
  Accounts(in(directory)).add(joana);
  Accounts accounts(in(directory));
  accounts.add({"+351911111111", "RUI SÁ", {"id 2", "pin 2"}, "PEM 2\n", 0});
  const std::optional<Person> found = accounts.find("+351910000000");
  assert_true(found.has_value());
  assert_string_equal(found->phone.c_str(), joana.phone.c_str());
  assert_string_equal(found->name.c_str(), joana.name.c_str());
  assert_string_equal(found->key.id.c_str(), "id");
  assert_string_equal(found->key.pin.c_str(), "pin");
  assert_string_equal(found->certificate.c_str(), "PEM\n");
  assert_int_equal(accounts.all().size(), 2);
  assert_false(accounts.find("+351 912222222").has_value());
  assert_false(accounts.find("").has_value());
  assert_false(accounts.find("' OR '1'='1").has_value());
}

void a_phone_number_has_one_account(void**) {
  const TemporaryDirectory directory;
  Accounts accounts(in(directory));
  accounts.add({"+351 910000000", "JOANA", {}, {}, 0});
  const Error error = error_of([&] { accounts.add({"+351910000000", "RUI", {}, {}, 0}); });
  assert_int_equal(error.code(), Errc::invalid_argument);
  assert_false(contains(error.what(), "910000000"));
  expect_error(Errc::invalid_argument, [&] { accounts.add({"joana", "JOANA", {}, {}, 0}); });
}

void attempts_are_counted_for_each_person(void**) {
  const TemporaryDirectory directory;
  Accounts accounts(in(directory));
  accounts.add({"+351 910000000", "JOANA", {}, {}, 0});
  accounts.add({"+351 911111111", "RUI", {}, {}, 0});
  const auto expect_wrong = [&accounts](int joana, int rui) {
    assert_int_equal(accounts.find("+351 910000000")->wrong_attempts, joana);
    assert_int_equal(accounts.find("+351 911111111")->wrong_attempts, rui);
  };
  for (const char* phone : {"+351910000000", "+351 910000000", "+351 910000000", "+351 912222222", ""}) {
    accounts.count_attempt(phone);
  }
  expect_wrong(3, 0);
  accounts.forgive_attempt("+351910000000");
  accounts.forgive_attempt("+351911111111");
  expect_wrong(2, 0);
  accounts.forget_attempts("+351 910000000");
  expect_wrong(0, 0);
}

void an_account_locks_at_the_last_attempt(void**) {
  Person joana;
  joana.wrong_attempts = 4;
  assert_false(is_locked(joana, 5));
  joana.wrong_attempts = 5;
  assert_true(is_locked(joana, 5));
}

void what_cannot_be_counted_is_an_error(void**) {
  const TemporaryDirectory directory;
  Accounts(in(directory)).add({"+351 910000000", "JOANA", {}, {}, 0});
  Accounts accounts(in(directory) + " readonly=true");
  for (const char* phone : {"+351 910000000", "+351 912222222"}) {
    expect_error(Errc::internal, [&] { accounts.count_attempt(phone); });
  }
}

void a_broken_database_tells_no_values(void**) {
  const TemporaryDirectory directory;
  Accounts accounts(in(directory));
  directory.write("database", std::string(8192, 'x'));
  const Error error = error_of([&] { accounts.find("+351 910000000"); });
  assert_int_equal(error.code(), Errc::internal);
  assert_false(contains(error.what(), "910000000"));
}

void a_pin_is_recognised(void**) {
  const std::string check = pin_check(SecureString("1234"));
  assert_false(contains(check, "1234:"));
  assert_true(pin_matches(check, SecureString("1234")));
  for (const char* pin : {"", "1235", "12345", "123", "01234"}) assert_false(pin_matches(check, SecureString(pin)));
  assert_true(pin_check(SecureString("1234")) != check);
  expect_error(Errc::internal, [] { pin_matches("argon2:1:2:3:aa:bb", SecureString("1234")); });
}

void a_pin_check_keeps_its_own_cost(void**) {
  // RFC 7914 section 12 hashes "password" with the salt "NaCl"; here the cost is its own and the salt as we write it.
  const std::string check = "scrypt:1024:8:16:NaCl:fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162";
  assert_true(pin_matches(check, SecureString("password")));
  assert_false(pin_matches(check, SecureString("passwore")));
}

}  // namespace
}  // namespace smartcmd::service

int main() {
  using namespace smartcmd::service;
  const CMUnitTest tests[] = {
      cmocka_unit_test(a_phone_number_has_one_form),          cmocka_unit_test(what_is_no_phone_number),
      cmocka_unit_test(a_name_is_trimmed_and_seen),           cmocka_unit_test(people_are_found_again),
      cmocka_unit_test(a_phone_number_has_one_account),       cmocka_unit_test(attempts_are_counted_for_each_person),
      cmocka_unit_test(an_account_locks_at_the_last_attempt), cmocka_unit_test(what_cannot_be_counted_is_an_error),
      cmocka_unit_test(a_broken_database_tells_no_values),    cmocka_unit_test(a_pin_is_recognised),
      cmocka_unit_test(a_pin_check_keeps_its_own_cost),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
