// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// Messages in the outbox: whole, private, and gone when they are of no use.

#include "service/otp.h"

#include <sys/stat.h>

#include "base/files.h"
#include "tests/support/expect.h"
#include "tests/support/temporary_directory.h"

namespace smartcmd::service {
namespace {

namespace fs = std::filesystem;

constexpr const char* id = "1f0c2c0e-0000-4000-8000-000000000001";

struct World {
  TemporaryDirectory directory;
  fs::path place = directory.path() / "outbox";
  World() { fs::create_directory(place); }

  bool is_empty() const { return fs::is_empty(place); }
};

void deliver(Outbox& outbox, const char* text = "123456") {
  const SecureString code{std::string_view(text)};
  outbox.deliver({id, "+351 910000000", code, "Assinatura de documento."});
}

void a_message_is_a_private_file(void**) {
  World world;
  Outbox outbox(world.place);
  deliver(outbox);
  assert_string_equal(read_file(world.place / id).c_str(),
                      "to: +351 910000000\ncode: 123456\n"
                      "text: Código de segurança: 123456. Assinatura de documento.\n");
  struct stat status = {};
  assert_int_equal(stat((world.place / id).c_str(), &status), 0);
  assert_int_equal(status.st_mode & 0777, 0600);
  deliver(outbox, "654321");
  assert_true(contains(read_file(world.place / id), "654321"));
  outbox.withdraw(id);
  outbox.withdraw(id);
  assert_true(world.is_empty());
}

void an_outbox_begins_and_ends_empty(void**) {
  World world;
  const fs::path draft = world.place.string() + "." + id, other = world.place.string() + ".txt";
  write_file(world.place / "old", "a message of a former run");
  write_file(draft, "a draft");
  write_file(other, "of somebody else");
  {
    Outbox outbox(world.place);
    assert_true(world.is_empty());
    assert_false(fs::exists(draft));
    deliver(outbox);
  }
  assert_true(world.is_empty());
  assert_true(fs::exists(other));
}

void an_outbox_has_one_service(void**) {
  World world;
  {
    const Outbox first(world.place);
    const Error error = error_of([&] { Outbox{world.place}; });
    assert_int_equal(error.code(), Errc::configuration);
    assert_true(contains(error.what(), "Another smartcmdd"));
  }
  const Outbox next(world.place);
  expect_error(Errc::configuration, [&] { Outbox{world.directory.path() / "none"}; });
}

void what_is_not_delivered_is_an_error(void**) {
  World world;
  Outbox outbox(world.place);
  fs::remove(world.place);
  expect_error(Errc::internal, [&] { deliver(outbox); });
  assert_true(fs::is_empty(world.directory.path()));
}

}  // namespace
}  // namespace smartcmd::service

int main() {
  using namespace smartcmd::service;
  const CMUnitTest tests[] = {
      cmocka_unit_test(a_message_is_a_private_file),
      cmocka_unit_test(an_outbox_begins_and_ends_empty),
      cmocka_unit_test(an_outbox_has_one_service),
      cmocka_unit_test(what_is_not_delivered_is_an_error),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
