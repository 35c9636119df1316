// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// What OSSL_STORE_find(3) looks for, as parameters of the store.

#include "provider/search.h"

#include <openssl/core_names.h>
#include <openssl/params.h>

#include <algorithm>

#include "signing/hasher.h"
#include "tests/support/expect.h"
#include "tests/support/identity.h"

namespace smartcmd::provider {
namespace {

Account joana() {
  Account account;
  account.name = "joana";
  account.label = "Joana Teste";
  return account;
}

OSSL_PARAM octets(const char* name, Bytes& value) {
  return OSSL_PARAM_construct_octet_string(name, value.data(), value.size());
}

OSSL_PARAM text(const char* name, std::string value) {
  static std::vector<std::string> kept(16);
  static std::size_t next = 0;
  std::string& place = kept[next++ % kept.size()] = std::move(value);
  return OSSL_PARAM_construct_utf8_string(name, place.data(), 0);
}

bool finds(const Certificate& certificate, std::vector<OSSL_PARAM> criteria) {
  criteria.push_back(OSSL_PARAM_construct_end());
  Search search;
  search.set(criteria.data());
  return search.matches(joana(), certificate);
}

void without_criteria_everything_matches(void**) {
  const TestHome home;
  assert_true(finds(CertificateChain::from_pem(home.read("chain.pem")).signer(), {}));
}

void names_and_numbers_are_compared(void**) {
  const TestHome home;
  const CertificateChain chain = CertificateChain::from_pem(home.read("chain.pem"));
  const Certificate& signer = chain.signer();
  Bytes subject = signer.subject(), issuer = signer.issuer();
  assert_true(finds(signer, {octets(OSSL_STORE_PARAM_SUBJECT, subject), octets(OSSL_STORE_PARAM_ISSUER, issuer)}));
  assert_false(finds(signer, {octets(OSSL_STORE_PARAM_SUBJECT, issuer)}));
  assert_false(finds(signer, {octets(OSSL_STORE_PARAM_ISSUER, subject)}));
  // One of two that does not hold is enough.
  assert_false(finds(signer, {octets(OSSL_STORE_PARAM_SUBJECT, subject), octets(OSSL_STORE_PARAM_ISSUER, subject)}));

  const Bytes der = signer.serial_number();    // tag, length, big-endian number
  Bytes number(der.rbegin(), der.rend() - 2);  // native, little-endian here
  const auto serial = [&] { return OSSL_PARAM_construct_BN(OSSL_STORE_PARAM_SERIAL, number.data(), number.size()); };
  assert_true(finds(signer, {serial()}));
  number.front() ^= 1;
  assert_false(finds(signer, {serial()}));
}

void an_account_is_found_by_its_name_or_label(void**) {
  const TestHome home;
  const CertificateChain chain = CertificateChain::from_pem(home.read("chain.pem"));
  for (const char* alias : {"joana", "Joana Teste"}) {
    assert_true(finds(chain.signer(), {text(OSSL_STORE_PARAM_ALIAS, alias)}));
  }
  for (const char* alias : {"", "Joana", "maria"}) {
    assert_false(finds(chain.signer(), {text(OSSL_STORE_PARAM_ALIAS, alias)}));
  }
}

void a_fingerprint_is_of_the_certificate_or_the_key(void**) {
  const TestHome home;
  const CertificateChain chain = CertificateChain::from_pem(home.read("chain.pem"));
  const Certificate& signer = chain.signer();
  Bytes of_certificate = signer.fingerprint(), of_key = sha256(signer.public_key_info());
  for (Bytes* fingerprint : {&of_certificate, &of_key}) {
    const auto criteria = [&](const char* hash) {
      return std::vector{octets(OSSL_STORE_PARAM_FINGERPRINT, *fingerprint), text(OSSL_STORE_PARAM_DIGEST, hash)};
    };
    assert_true(finds(signer, criteria("SHA256")));
    assert_false(finds(signer, criteria("SHA512")));
    assert_false(finds(chain.authorities().front(), criteria("SHA256")));
    expect_error(Errc::hash_not_allowed, [&] { finds(signer, criteria("RUBBISH")); });
    fingerprint->back() ^= 1;
    assert_false(finds(signer, criteria("SHA256")));
  }
}

}  // namespace
}  // namespace smartcmd::provider

int main() {
  using namespace smartcmd::provider;
  const CMUnitTest tests[] = {
      cmocka_unit_test(without_criteria_everything_matches),
      cmocka_unit_test(names_and_numbers_are_compared),
      cmocka_unit_test(an_account_is_found_by_its_name_or_label),
      cmocka_unit_test(a_fingerprint_is_of_the_certificate_or_the_key),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
