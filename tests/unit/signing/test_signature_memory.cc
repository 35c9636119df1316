// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "signing/signature_memory.h"

#include <stdlib.h>

#include "tests/support/expect.h"
#include "tests/support/identity.h"

namespace smartcmd {
namespace {

Certificate signer(const std::string& chain = "chain.pem") {
  return chain_in(std::filesystem::path(getenv("SMARTCMD_TEST_IDENTITY")) / chain).signer();
}

Digest digest(std::size_t n) {
  Bytes value(32);
  value[0] = static_cast<unsigned char>(n);
  return {Hash::sha256, value};
}

Signature signature(std::size_t n) {
  return {Bytes(256, static_cast<unsigned char>(n)), "process " + std::to_string(n)};
}

void what_was_signed_is_recalled_for_its_signer_and_digest(void**) {
  SignatureMemory memory;
  memory.remember(signer(), digest(1), signature(1));
  memory.remember(signer(), digest(2), signature(2));
  assert_true(memory.recall(signer(), digest(1)) == signature(1));
  assert_true(memory.recall(signer(), digest(1)) == signature(1));
  assert_true(memory.recall(signer(), digest(2)) == signature(2));
  assert_false(memory.recall(signer(), digest(3)).has_value());
  assert_false(memory.recall(signer(), {Hash::sha512, digest(1).value}).has_value());
  assert_false(memory.recall(signer("renewed-chain.pem"), digest(1)).has_value());
}

void a_signature_is_forgotten_in_time(void**) {
  SignatureMemory memory;
  const SignatureMemory::Clock::time_point start{};
  const std::chrono::milliseconds moment{1};
  memory.remember(signer(), digest(1), signature(1), start);
  memory.remember(signer(), digest(2), signature(2), start + moment);
  assert_true(memory.recall(signer(), digest(1), start + SignatureMemory::lifetime - moment) == signature(1));
  assert_false(memory.recall(signer(), digest(1), start + SignatureMemory::lifetime).has_value());
  assert_true(memory.recall(signer(), digest(2), start + SignatureMemory::lifetime) == signature(2));
}

void the_oldest_make_room(void**) {
  SignatureMemory memory;
  for (std::size_t n = 0; n <= SignatureMemory::capacity; ++n) memory.remember(signer(), digest(n), signature(n));
  assert_false(memory.recall(signer(), digest(0)).has_value());
  for (std::size_t n = 1; n <= SignatureMemory::capacity; ++n) {
    assert_true(memory.recall(signer(), digest(n)) == signature(n));
  }
}

}  // namespace
}  // namespace smartcmd

int main() {
  using namespace smartcmd;
  const CMUnitTest tests[] = {
      cmocka_unit_test(what_was_signed_is_recalled_for_its_signer_and_digest),
      cmocka_unit_test(a_signature_is_forgotten_in_time),
      cmocka_unit_test(the_oldest_make_room),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
