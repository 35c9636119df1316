// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// Keys in a real HSM, the PINs that open them, and the certificates for them.

#include "signing/certificate.h"
#include "tests/support/expect.h"
#include "tests/support/signing_house.h"

namespace smartcmd::service {
namespace {

const SecureString& pin() {
  static const SecureString pin("2468");
  return pin;
}

void a_key_opens_with_its_pin(void**) {
  SigningHouse house;
  const Keystore::NewKey key = house.keystore.create("RUI", pin());
  assert_true(house.keystore.open(&key.record, pin()).has_value());
  assert_false(house.keystore.open(&key.record, SecureString("2469")).has_value());
  assert_false(house.keystore.open(nullptr, pin()).has_value());
  assert_false(house.keystore.open(nullptr, SecureString("nobody")).has_value());
  for (const char* wrong : {"", "123", "123456789", "12a4", "+351 910000000"}) {
    expect_error(Errc::invalid_secret, [&] { house.keystore.create("RUI", SecureString(wrong)); });
  }
  house.keystore.destroy(key.record);
}

void a_key_signs_until_it_is_destroyed(void**) {
  SigningHouse house;
  const Keystore::NewKey key = house.keystore.create("RUI", pin());
  const OpenKey open = house.keystore.open(&key.record, pin()).value();
  house.keystore.require(open);
  const Bytes digest_info(51, 0x5a);
  const Bytes signature = house.keystore.sign(open, digest_info);
  assert_int_equal(signature.size(), 384);

  // What OpenSSL recovers from it with the public half is what was signed.
  const Key public_key = to_key(key.public_key);
  const CPtr<EVP_PKEY_CTX, EVP_PKEY_CTX_free> context(EVP_PKEY_CTX_new(public_key.get(), nullptr));
  Bytes recovered(384);
  std::size_t size = recovered.size();
  assert_int_equal(EVP_PKEY_verify_recover_init(context.get()), 1);
  assert_int_equal(EVP_PKEY_verify_recover(context.get(), recovered.data(), &size, signature.data(), signature.size()),
                   1);
  recovered.resize(size);
  assert_true(recovered == digest_info);

  house.keystore.destroy(key.record);
  house.keystore.destroy(key.record);
  expect_error(Errc::internal, [&] { house.keystore.require(open); });
  expect_error(Errc::internal, [&] { house.keystore.sign(open, digest_info); });
}

void what_an_hsm_lacks_is_named(void**) {
  SigningHouse house;
  const auto error = [&](const char* module, const char* token) {
    return error_of([&] { Hsm(module, token, SecureString("1234")); });
  };
  const std::string good = house.settings.hsm_module.string();
  const Error no_module = error("/no/such/module.so", "smartcmd");
  assert_int_equal(no_module.code(), Errc::configuration);
  assert_true(contains(no_module.what(), "/no/such/module.so") && contains(no_module.what(), "hsm-module="));
  const Error no_token = error(good.c_str(), "another");
  assert_int_equal(no_token.code(), Errc::configuration);
  assert_true(contains(no_token.what(), "'another'") && contains(no_token.what(), "hsm-token="));
  expect_error(Errc::configuration, [&] { Hsm(good, std::string(33, 'x'), SecureString("1234")); });
}

void a_person_has_a_certificate_of_the_key(void**) {
  SigningHouse house;
  const Keystore::NewKey key = house.keystore.create("RUI", pin());
  const Keystore::NewKey next = house.keystore.create("RUI", pin());
  const std::string pem = house.authority.issue("RUI ÉVORA SÁ", key.public_key);
  const CertificateChain chain = CertificateChain::from_pem(house.authority.chain(pem));
  assert_int_equal(chain.all().size(), 3);
  const Certificate& signer = chain.signer();
  assert_true(signer.modulus() == key.public_key.modulus);

  const CertificateChain renewed = CertificateChain::from_pem(house.authority.renew(pem, next.public_key));
  assert_true(renewed.signer().modulus() == next.public_key.modulus);
  assert_int_equal(X509_NAME_cmp(X509_get_subject_name(renewed.signer().x509()), X509_get_subject_name(signer.x509())),
                   0);
  expect_error(Errc::invalid_argument, [&] { house.authority.issue(std::string(80, 'A'), key.public_key); });
  house.keystore.destroy(key.record);
  house.keystore.destroy(next.record);
}

}  // namespace
}  // namespace smartcmd::service

int main() {
  using namespace smartcmd::service;
  const MadeDirectory directory;
  const CMUnitTest tests[] = {
      cmocka_unit_test(a_key_opens_with_its_pin),
      cmocka_unit_test(a_key_signs_until_it_is_destroyed),
      cmocka_unit_test(what_an_hsm_lacks_is_named),
      cmocka_unit_test(a_person_has_a_certificate_of_the_key),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
