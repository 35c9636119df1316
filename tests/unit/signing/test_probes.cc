// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "signing/probes.h"

#include <stdlib.h>

#include <filesystem>

#include "tests/support/expect.h"
#include "tests/support/identity.h"

namespace smartcmd {
namespace {

// What poppler asks a token to sign for this certificate, reckoned without our code.
constexpr const char* size_probe = "d48f9f88e2de8faf90baed1f09ffbef122afa24aed5e6049e7cbcc4d4d95cb27";      // "PDF\0"
constexpr const char* password_probe = "7ed032c38aa2bc39aed32d1207ab5cdd592569627d3955759fb20eb358d872d4";  // "test\0"

Certificate signer() {
  return chain_in(std::filesystem::path(getenv("SMARTCMD_TEST_DATA")) / "probes/signer.pem").signer();
}

Digest digest(std::string hex, Hash hash = Hash::sha256) {
  Bytes value;
  for (; !hex.empty(); hex.erase(0, 2)) {
    value.push_back(static_cast<unsigned char>(std::stoi(hex.substr(0, 2), nullptr, 16)));
  }
  return {hash, value};
}

void probes_of_the_signer_are_known(void**) {
  assert_true(is_probe(signer(), digest(size_probe)));
  assert_true(is_probe(signer(), digest(password_probe)));
}

// A document's digest must never be answered with zeros.
void nothing_else_is_a_probe(void**) {
  for (const std::string probe : {size_probe, password_probe}) {
    for (std::size_t octet = 0; octet < 32; ++octet) {
      Digest other = digest(probe);
      other.value[octet] ^= 1;
      assert_false(is_probe(signer(), other));
    }
    assert_false(is_probe(signer(), digest(probe + probe, Hash::sha512)));
    assert_false(is_probe(signer(), digest(probe, Hash::sha512)));
    assert_false(is_probe(signer(), digest(probe.substr(2))));
    assert_false(is_probe(signer(), digest(probe + "00")));
    const auto other = std::filesystem::path(getenv("SMARTCMD_TEST_IDENTITY")) / "renewed-chain.pem";
    assert_false(is_probe(chain_in(other).signer(), digest(probe)));
  }
  assert_false(is_probe(signer(), digest("")));
}

}  // namespace
}  // namespace smartcmd

int main() {
  using namespace smartcmd;
  const CMUnitTest tests[] = {
      cmocka_unit_test(probes_of_the_signer_are_known),
      cmocka_unit_test(nothing_else_is_a_probe),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
