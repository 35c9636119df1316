// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// Signing and verifying through EVP, and what is refused.

#include <openssl/rsa.h>

#include <set>

#include "signing/hasher.h"
#include "signing/signing_service.h"
#include "tests/support/provider_program.h"

namespace smartcmd {
namespace {

void a_document_is_signed_with_one_password(void**) {
  const Key key = load_key();
  for (const char* hash : {"SHA256", "SHA384", "SHA512"}) {
    const std::string text = new_text();
    const std::size_t before = signatures_asked();
    const Bytes signature = digest_sign(key.get(), text, hash);
    assert_int_equal(signature.size(), 256);
    assert_true(verifies(signature, text, hash));
    assert_int_equal(signatures_asked(), before + 1);
  }
  expect_no_error_left();
}

void signing_at_once_gives_the_same(void**) {
  const Key key = load_key();
  const std::string text = new_text();
  const DigestContext context(EVP_MD_CTX_new());
  std::size_t size = 0;
  assert_int_equal(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()), 1);
  assert_int_equal(EVP_DigestSign(context.get(), nullptr, &size, bytes_of(text).data(), text.size()), 1);
  assert_int_equal(signatures_asked(), 0);
  Bytes signature(size);
  assert_int_equal(EVP_DigestSign(context.get(), signature.data(), &size, bytes_of(text).data(), text.size()), 1);
  assert_true(verifies(signature, text));
  assert_int_equal(signatures_asked(), 1);
}

void the_size_is_known_without_asking(void**) {
  const Key key = load_key();
  const KeyContext context(EVP_PKEY_CTX_new(key.get(), nullptr));
  const Bytes digest(32, 7);
  std::size_t size = 0;
  assert_int_equal(EVP_PKEY_sign_init(context.get()), 1);
  assert_int_equal(EVP_PKEY_CTX_set_signature_md(context.get(), EVP_sha256()), 1);
  assert_int_equal(EVP_PKEY_sign(context.get(), nullptr, &size, digest.data(), digest.size()), 1);
  assert_int_equal(size, 256);
  Bytes small(255);
  size = small.size();
  assert_int_not_equal(EVP_PKEY_sign(context.get(), small.data(), &size, digest.data(), digest.size()), 1);
  expect_our_error(Errc::invalid_argument, "256 octets; there is room for 255");
  assert_int_equal(signatures_asked(), 0);
}

void a_digest_or_a_digest_info_is_signed(void**) {
  const Key key = load_key();
  const std::string text = new_text();
  Hasher hasher(Hash::sha256);
  hasher.update(bytes_of(text));
  const Bytes digest = hasher.digest().value, digest_info = to_digest_info(hasher.digest());
  for (const bool named : {true, false}) {
    const KeyContext context(EVP_PKEY_CTX_new(key.get(), nullptr));
    const Bytes& given = named ? digest : digest_info;
    assert_int_equal(EVP_PKEY_sign_init(context.get()), 1);
    if (named) assert_int_equal(EVP_PKEY_CTX_set_signature_md(context.get(), EVP_sha256()), 1);
    const KeyContext copy(EVP_PKEY_CTX_dup(context.get()));
    assert_non_null(copy.get());
    std::size_t size = 256;
    Bytes signature(size);
    assert_int_equal(EVP_PKEY_sign(copy.get(), signature.data(), &size, given.data(), given.size()), 1);
    assert_true(verifies(signature, text));
  }
}

void both_halves_verify(void**) {
  const Key key = load_key();
  const std::string text = new_text();
  Bytes signature = digest_sign(key.get(), text);
  Hasher hasher(Hash::sha256);
  hasher.update(bytes_of(text));
  const Bytes digest = hasher.digest().value;
  const Key half = load_key("cmd:", OSSL_STORE_INFO_PUBKEY);
  for (const bool right : {true, false}) {
    for (EVP_PKEY* one : {key.get(), half.get()}) {
      const DigestContext document(EVP_MD_CTX_new());
      assert_int_equal(EVP_DigestVerifyInit(document.get(), nullptr, EVP_sha256(), nullptr, one), 1);
      assert_int_equal(EVP_DigestVerifyUpdate(document.get(), text.data(), text.size()), 1);
      assert_int_equal(EVP_DigestVerifyFinal(document.get(), signature.data(), signature.size()) == 1, right);
      const KeyContext bare(EVP_PKEY_CTX_new(one, nullptr));
      assert_int_equal(EVP_PKEY_verify_init(bare.get()), 1);
      assert_int_equal(EVP_PKEY_CTX_set_signature_md(bare.get(), EVP_sha256()), 1);
      assert_int_equal(
          EVP_PKEY_verify(bare.get(), signature.data(), signature.size(), digest.data(), digest.size()) == 1, right);
    }
    if (right) expect_no_error_left();
    signature[7] ^= 1;
  }
  ERR_clear_error();  // why the wrong ones do not verify
  assert_int_equal(signatures_asked(), 1);
}

void what_is_no_digest_is_refused(void**) {
  const Key key = load_key();
  const KeyContext context(EVP_PKEY_CTX_new(key.get(), nullptr));
  std::size_t size = 256;
  Bytes signature(size);
  const Bytes bare(32, 1);
  assert_int_equal(EVP_PKEY_sign_init(context.get()), 1);
  assert_int_not_equal(EVP_PKEY_sign(context.get(), signature.data(), &size, bare.data(), bare.size()), 1);
  expect_our_error(Errc::unsupported, "digest:sha256");
  assert_int_equal(EVP_PKEY_CTX_set_signature_md(context.get(), EVP_sha384()), 1);
  assert_int_not_equal(EVP_PKEY_sign(context.get(), signature.data(), &size, bare.data(), bare.size()), 1);
  expect_our_error(Errc::invalid_argument, "48 octets");
  assert_int_equal(signatures_asked(), 0);
}

void what_the_key_cannot_do_is_refused_with_the_reason(void**) {
  const Key key = load_key();
  const KeyContext context(EVP_PKEY_CTX_new(key.get(), nullptr));
  assert_int_equal(EVP_PKEY_sign_init(context.get()), 1);
  assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING), 1);
  for (const int padding : {RSA_PKCS1_PSS_PADDING, RSA_NO_PADDING, RSA_X931_PADDING}) {
    assert_int_not_equal(EVP_PKEY_CTX_set_rsa_padding(context.get(), padding), 1);
    expect_our_error(Errc::unsupported, "PKCS#1 v1.5");
  }
  assert_int_not_equal(EVP_PKEY_CTX_set_signature_md(context.get(), EVP_sha1()), 1);
  expect_our_error(Errc::hash_not_allowed, "SHA1");
  const DigestContext digest(EVP_MD_CTX_new());
  assert_int_not_equal(EVP_DigestSignInit(digest.get(), nullptr, EVP_sha3_256(), nullptr, key.get()), 1);
  expect_our_error(Errc::hash_not_allowed, "SHA3-256");
}

int set_text(EVP_PKEY_CTX* context, const char* name, std::string value) {
  const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(name, value.data(), 0), OSSL_PARAM_construct_end()};
  return EVP_PKEY_CTX_set_params(context, params);
}

void parameters_are_taken_by_name(void**) {
  const Key key = load_key();
  const KeyContext context(EVP_PKEY_CTX_new(key.get(), nullptr));
  assert_int_equal(EVP_PKEY_sign_init(context.get()), 1);
  for (const char* name : {"digest", "properties", "pad-mode", "saltlen", "mgf1-digest"}) {
    assert_non_null(OSSL_PARAM_locate_const(EVP_PKEY_CTX_settable_params(context.get()), name));
  }
  for (const char* name : {"algorithm-id", "digest", "pad-mode"}) {
    assert_non_null(OSSL_PARAM_locate_const(EVP_PKEY_CTX_gettable_params(context.get()), name));
  }
  for (const char* name : {"SHA384", "SHA2-384", "sha384", "2.16.840.1.101.3.4.2.2"}) {
    assert_int_equal(set_text(context.get(), "digest", name), 1);
    char digest[16] = "", padding[16] = "";
    OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string("digest", digest, sizeof digest),
                           OSSL_PARAM_construct_utf8_string("pad-mode", padding, sizeof padding),
                           OSSL_PARAM_construct_end()};
    assert_int_equal(EVP_PKEY_CTX_get_params(context.get(), params), 1);
    assert_string_equal(digest, "SHA384");
    assert_string_equal(padding, "pkcs1");
    assert_int_equal(set_text(context.get(), "digest", "SHA256"), 1);
  }
  assert_int_equal(set_text(context.get(), "properties", "provider=default"), 1);
  assert_int_equal(set_text(context.get(), "pad-mode", "pkcs1"), 1);
  expect_no_error_left();
  for (const char* padding : {"pss", "none", "oaep", "x931"}) {
    assert_int_not_equal(set_text(context.get(), "pad-mode", padding), 1);
    expect_our_error(Errc::unsupported, "PKCS#1 v1.5");
  }
  assert_int_not_equal(set_text(context.get(), "saltlen", "digest"), 1);
  expect_our_error(Errc::unsupported, "PKCS#1 v1.5");
  assert_int_not_equal(set_text(context.get(), "digest", "nonsense"), 1);
  expect_our_error(Errc::hash_not_allowed, "nonsense");
}

void a_copied_context_goes_its_own_way(void**) {
  const Key key = load_key();
  const std::string start = new_text();
  const DigestContext one(EVP_MD_CTX_new()), other(EVP_MD_CTX_new());
  assert_int_equal(EVP_DigestSignInit(one.get(), nullptr, EVP_sha256(), nullptr, key.get()), 1);
  assert_int_equal(EVP_DigestSignUpdate(one.get(), start.data(), start.size()), 1);
  assert_int_equal(EVP_MD_CTX_copy_ex(other.get(), one.get()), 1);
  assert_int_equal(EVP_DigestSignUpdate(other.get(), "!", 1), 1);
  std::size_t size = 256;
  Bytes signature(size);
  assert_int_equal(EVP_DigestSignFinal(other.get(), signature.data(), &size), 1);
  assert_true(verifies(signature, start + "!"));
  assert_int_equal(EVP_DigestSignFinal(one.get(), signature.data(), &size), 1);
  assert_true(verifies(signature, start));
}

void the_algorithm_identifier_is_der(void**) {
  const Key key = load_key();
  const DigestContext context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* parameters = nullptr;
  assert_int_equal(EVP_DigestSignInit(context.get(), &parameters, EVP_sha384(), nullptr, key.get()), 1);
  unsigned char id[32];
  std::size_t size = 0;
  OSSL_PARAM params[] = {OSSL_PARAM_construct_octet_string("algorithm-id", id, sizeof id), OSSL_PARAM_construct_end()};
  assert_int_equal(EVP_PKEY_CTX_get_params(parameters, params), 1);
  size = params[0].return_size;
  // SEQUENCE { sha384WithRSAEncryption, NULL }
  assert_string_equal(to_hex({id, size}).c_str(), "300d06092a864886f70d01010c0500");
  int padding = 0;
  assert_true(EVP_PKEY_CTX_get_rsa_padding(parameters, &padding) > 0);
  assert_int_equal(padding, RSA_PKCS1_PADDING);
}

// ---- failures -------------------------------------------------------------------------------------------------------

void a_refusal_reaches_the_queue(void**) {
  const Key key = load_key();
  setenv("SMARTCMD_FAKE_FAULT", "wrong-pin", 1);
  assert_true(digest_sign(key.get(), new_text()).empty());
  const unsigned long error = ERR_peek_last_error();
  assert_string_equal(ERR_reason_error_string(error), "wrong PIN");
  expect_our_error(Errc::wrong_pin, "[801]");
  home->set_askpass("exit 1");
  assert_true(digest_sign(key.get(), new_text()).empty());
  expect_our_error(Errc::cancelled, "");
}

void every_error_has_a_reason(void**) {
  std::set<std::string> reasons;
  const int library = [] {
    open_store("cmd:maria");
    const int number = ERR_GET_LIB(ERR_peek_last_error());
    ERR_clear_error();
    return number;
  }();
  for (unsigned code = 1; code <= static_cast<unsigned>(last_errc); ++code) {
    const char* reason = ERR_reason_error_string(ERR_PACK(library, 0, static_cast<int>(code)));
    assert_non_null(reason);
    assert_string_not_equal(reason, "unknown error");
    assert_true(reasons.insert(reason).second);
  }
}

}  // namespace
}  // namespace smartcmd

int main() {
  using namespace smartcmd;
  const CMUnitTest tests[] = {
      cmocka_unit_test(a_document_is_signed_with_one_password),
      cmocka_unit_test(signing_at_once_gives_the_same),
      cmocka_unit_test(the_size_is_known_without_asking),
      cmocka_unit_test(a_digest_or_a_digest_info_is_signed),
      cmocka_unit_test(both_halves_verify),
      cmocka_unit_test(what_is_no_digest_is_refused),
      cmocka_unit_test(what_the_key_cannot_do_is_refused_with_the_reason),
      cmocka_unit_test(parameters_are_taken_by_name),
      cmocka_unit_test(a_copied_context_goes_its_own_way),
      cmocka_unit_test(the_algorithm_identifier_is_der),
      cmocka_unit_test(a_refusal_reaches_the_queue),
      cmocka_unit_test(every_error_has_a_reason),
  };
  return run_in_both_orders(tests);
}
