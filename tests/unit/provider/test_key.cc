// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// The key: what it is equal to, what leaves it, what it cannot do.

#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <algorithm>

#include "tests/support/provider_program.h"

namespace smartcmd {
namespace {

bool gettable(EVP_PKEY* key, std::initializer_list<const char*> names) {
  const OSSL_PARAM* params = EVP_PKEY_gettable_params(key);
  return std::all_of(names.begin(), names.end(),
                     [params](const char* name) { return OSSL_PARAM_locate_const(params, name) != nullptr; });
}

// The public half alone, in the hands of the default provider.
Key software_half() {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(X509_get0_pubkey(load_certificate().get()), &der);
  const unsigned char* start = der;
  Key half(d2i_PUBKEY(nullptr, &start, size));
  OPENSSL_free(der);
  assert_string_equal(OSSL_PROVIDER_get0_name(EVP_PKEY_get0_provider(half.get())), "default");
  return half;
}

void the_key_matches_its_certificate_and_no_other(void**) {
  const Key key = load_key(), half = software_half(), public_half = load_key("cmd:", OSSL_STORE_INFO_PUBKEY);
  const X509Ptr certificate = load_certificate();
  assert_int_equal(X509_check_private_key(certificate.get(), key.get()), 1);
  assert_int_equal(EVP_PKEY_eq(key.get(), load_key().get()), 1);
  for (EVP_PKEY* other : {half.get(), public_half.get(), X509_get0_pubkey(certificate.get())}) {
    assert_int_equal(EVP_PKEY_eq(other, key.get()), 1);
    assert_int_equal(EVP_PKEY_eq(key.get(), other), 1);
  }
  expect_no_error_left();
  const Key stranger(EVP_RSA_gen(2048));
  for (EVP_PKEY* ours : {key.get(), public_half.get()}) {
    assert_int_not_equal(EVP_PKEY_eq(ours, stranger.get()), 1);
    assert_int_not_equal(EVP_PKEY_eq(stranger.get(), ours), 1);
  }
  assert_int_equal(X509_check_private_key(certificate.get(), stranger.get()), 0);
  ERR_clear_error();  // key values mismatch
}

void the_key_tells_what_it_is(void**) {
  const Key key = load_key();
  assert_int_equal(EVP_PKEY_is_a(key.get(), "RSA"), 1);
  assert_int_equal(EVP_PKEY_get_bits(key.get()), 2048);
  assert_int_equal(EVP_PKEY_get_size(key.get()), 256);
  assert_int_equal(EVP_PKEY_get_security_bits(key.get()), 112);
  char digest[32] = "";
  assert_int_equal(EVP_PKEY_get_default_digest_name(key.get(), digest, sizeof digest), 1);
  assert_string_equal(digest, "SHA256");
  assert_true(gettable(key.get(), {"bits", "security-bits", "max-size", "default-digest", "n", "e"}));
}

void a_copy_of_the_key_outlives_it(void**) {
  Key key = load_key();
  const Key copy(EVP_PKEY_dup(key.get()));
  assert_non_null(copy.get());
  assert_int_equal(EVP_PKEY_eq(copy.get(), key.get()), 1);
  key.reset();
  const std::string text = new_text();
  assert_true(verifies(digest_sign(copy.get(), text), text));
}

std::string written(int (*write)(BIO*, const EVP_PKEY*), EVP_PKEY* key) {
  const Memory memory(BIO_new(BIO_s_mem()));
  if (write(memory.get(), key) != 1) return "";
  char* text = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

void the_public_half_can_be_written(void**) {
  const Key key = load_key(), half = software_half();
  for (const auto write : {i2d_PUBKEY_bio, PEM_write_bio_PUBKEY}) {
    const std::string ours = written(write, key.get());
    assert_false(ours.empty());
    assert_true(ours == written(write, half.get()));
  }
  const Memory memory(BIO_new(BIO_s_mem()));
  assert_int_equal(EVP_PKEY_print_public(memory.get(), key.get(), 0, nullptr), 1);
}

void the_private_half_cannot_be_written(void**) {
  const Key key = load_key();
  const Memory memory(BIO_new(BIO_s_mem()));
  assert_true(i2d_PrivateKey(key.get(), nullptr) <= 0);
  expect_our_error(Errc::unsupported, "never leaves");
  assert_int_equal(PEM_write_bio_PrivateKey(memory.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr), 0);
  expect_our_error(Errc::unsupported, "never leaves");
  assert_int_equal(
      PEM_write_bio_PKCS8PrivateKey(memory.get(), key.get(), EVP_aes_256_cbc(), "1234", 4, nullptr, nullptr), 0);
  expect_our_error(Errc::unsupported, "never leaves");
  assert_int_not_equal(EVP_PKEY_print_private(memory.get(), key.get(), 0, nullptr), 1);
  expect_our_error(Errc::unsupported, "never leaves");
  BIGNUM* exponent = nullptr;
  assert_int_equal(EVP_PKEY_get_bn_param(key.get(), "d", &exponent), 0);
  ERR_clear_error();
}

void nothing_is_decrypted_or_encrypted(void**) {
  const Key key = load_key();
  const KeyContext context(EVP_PKEY_CTX_new(key.get(), nullptr));
  assert_int_not_equal(EVP_PKEY_decrypt_init(context.get()), 1);
  expect_our_error(Errc::unsupported, "only signs");
  assert_int_not_equal(EVP_PKEY_encrypt_init(context.get()), 1);
  expect_our_error(Errc::unsupported, "only signs");
}

void the_public_half_cannot_sign(void**) {
  const Key half = load_key("cmd:", OSSL_STORE_INFO_PUBKEY);
  assert_true(digest_sign(half.get(), new_text()).empty());
  ERR_clear_error();  // ours, or the default provider's, which may take a public half over
  assert_int_equal(signatures_asked(), 0);
}

}  // namespace
}  // namespace smartcmd

int main() {
  using namespace smartcmd;
  const CMUnitTest tests[] = {
      cmocka_unit_test(the_key_matches_its_certificate_and_no_other),
      cmocka_unit_test(the_key_tells_what_it_is),
      cmocka_unit_test(a_copy_of_the_key_outlives_it),
      cmocka_unit_test(the_public_half_can_be_written),
      cmocka_unit_test(the_private_half_cannot_be_written),
      cmocka_unit_test(nothing_is_decrypted_or_encrypted),
      cmocka_unit_test(the_public_half_cannot_sign),
  };
  return run_in_both_orders(tests);
}
