// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// smartcmdd.conf, and what the random generator makes.

#include <map>

#include "service/random.h"
#include "service/settings.h"
#include "tests/support/expect.h"
#include "tests/support/temporary_directory.h"

namespace smartcmd::service {
namespace {

constexpr const char* least = "[service]\nhsm-module=/module.so\napplication-id=id\n";

Settings load(const std::string& text) {
  const TemporaryDirectory directory;
  return Settings::load(directory.write("smartcmdd.conf", text));
}

void what_is_written_is_read_again(void**) {
  Settings settings;
  settings.listen = "[::1]:8443";
  settings.hsm_module = "/usr/lib/with a blank/module.so";
  settings.database = "postgresql://dbname=smartcmd user='x'";
  settings.application_id = "00000000-1111-2222-3333-444444444444";
  settings.otp_attempts = 7;
  settings.hashes = {};
  settings.hashes.add(Hash::sha512);
  const Settings again = load(settings.to_text());
  assert_string_equal(again.to_text().c_str(), settings.to_text().c_str());
  assert_string_equal(again.listen.c_str(), "[::1]:8443");
  assert_string_equal(again.hsm_module.c_str(), "/usr/lib/with a blank/module.so");
  assert_int_equal(again.otp_attempts, 7);
  assert_false(again.hashes.has(Hash::sha256));
}

void what_is_not_said_has_a_default(void**) {
  const Settings settings = load(least);
  assert_string_equal(settings.listen.c_str(), "127.0.0.1:0");
  assert_int_equal(settings.otp_lifetime.count(), 120);
  assert_int_equal(settings.otp_attempts, 3);
  assert_true(settings.hashes == HashSet::sha2());
}

void mistakes_are_named(void**) {
  const struct {
    std::string line;
    const char* key;
  } mistakes[] = {
      {"otp-lifetime=soon", "otp-lifetime"},
      {"otp-lifetime=0", "otp-lifetime"},
      {"otp-lifetime=3601", "otp-lifetime"},
      {"otp-attempts=-1", "otp-attempts"},
      {"otp-attempts=101", "otp-attempts"},
      {"hashes=", "hashes"},
      {"hashes=SHA256, CRC32", "hashes"},
      {"listen=", "listen"},
      {"colour=red", "colour"},
  };
  for (const auto& mistake : mistakes) {
    const Error error = error_of([&] { load(least + mistake.line + "\n"); });
    assert_int_equal(error.code(), Errc::configuration);
    assert_true(contains(error.what(), std::string("'") + mistake.key));
  }
  for (const char* text : {"", "nothing", "[other]\nx=1\n", "[service]\n", "[service]\nhsm-module=x\n"}) {
    expect_error(Errc::configuration, [&] { load(text); });
  }
  expect_error(Errc::configuration, [] { Settings::load("/no/such/file"); });
}

void digits_are_equally_likely(void**) {
  constexpr int rounds = 100;
  constexpr double expected = rounds * SecureString::capacity / 10.0;
  std::map<char, int> count;
  for (int i = 0; i < rounds; ++i) {
    const SecureString digits = random_digits(SecureString::capacity);
    for (const char digit : digits.view()) ++count[digit];
  }
  assert_int_equal(count.size(), 10);
  // Chi squared with nine degrees of freedom passes 70 once in 10^11 times; octets modulo ten bring it to 150.
  double chi_squared = 0;
  for (const auto& [digit, times] : count) chi_squared += (times - expected) * (times - expected) / expected;
  assert_true(chi_squared < 70);
}

void a_uuid_is_random_and_of_version_4(void**) {
  const std::string uuid = random_uuid();
  assert_int_equal(uuid.size(), 36);
  assert_int_equal(uuid[14], '4');
  assert_true(contains("89ab", uuid.substr(19, 1)));
  assert_true(uuid != random_uuid());
}

}  // namespace
}  // namespace smartcmd::service

int main() {
  using namespace smartcmd::service;
  const CMUnitTest tests[] = {
      cmocka_unit_test(what_is_written_is_read_again),
      cmocka_unit_test(what_is_not_said_has_a_default),
      cmocka_unit_test(mistakes_are_named),
      cmocka_unit_test(digits_are_equally_likely),
      cmocka_unit_test(a_uuid_is_random_and_of_version_4),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
