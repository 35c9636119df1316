// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// Other people's RSA keys, and TLS, stay with the default provider.

#include <openssl/rsa.h>
#include <openssl/ssl.h>

#include "tests/support/provider_program.h"

namespace smartcmd {
namespace {

constexpr const char* preferences[] = {"", "?provider=smartcmd"};

Key make_key(const char* properties) {
  const KeyContext maker(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", properties));
  EVP_PKEY* made = nullptr;
  assert_int_equal(EVP_PKEY_keygen_init(maker.get()), 1);
  assert_int_equal(EVP_PKEY_CTX_set_rsa_keygen_bits(maker.get(), 2048), 1);
  assert_int_equal(EVP_PKEY_generate(maker.get(), &made), 1);
  Key key(made);
  assert_string_equal(OSSL_PROVIDER_get0_name(EVP_PKEY_get0_provider(key.get())), "default");
  return key;
}

void keys_are_made_and_sign(void**) {
  load_key();  // ours has been met
  for (const char* properties : preferences) {
    for (const int padding : {RSA_PKCS1_PADDING, RSA_PKCS1_PSS_PADDING}) {
      const Key key = make_key(properties);
      const std::string text = new_text();
      const DigestContext context(EVP_MD_CTX_new()), check(EVP_MD_CTX_new());
      EVP_PKEY_CTX* parameters = nullptr;
      Bytes signature(256);
      std::size_t size = signature.size();
      assert_int_equal(
          EVP_DigestSignInit_ex(context.get(), &parameters, "SHA256", nullptr, properties, key.get(), nullptr), 1);
      assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(parameters, padding), 1);
      assert_int_equal(EVP_DigestSign(context.get(), signature.data(), &size, bytes_of(text).data(), text.size()), 1);
      assert_int_equal(
          EVP_DigestVerifyInit_ex(check.get(), &parameters, "SHA256", nullptr, properties, key.get(), nullptr), 1);
      assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(parameters, padding), 1);
      assert_int_equal(EVP_DigestVerify(check.get(), signature.data(), size, bytes_of(text).data(), text.size()), 1);
    }
  }
  assert_int_equal(signatures_asked(), 0);
}

void what_is_encrypted_is_decrypted(void**) {
  load_key();
  for (const char* properties : preferences) {
    const Key key = make_key(properties);
    const KeyContext one(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), properties));
    const KeyContext other(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), properties));
    const Bytes secret(20, 7);
    Bytes hidden(256), shown(256);
    std::size_t hidden_size = hidden.size(), shown_size = shown.size();
    assert_int_equal(EVP_PKEY_encrypt_init(one.get()), 1);
    assert_int_equal(EVP_PKEY_encrypt(one.get(), hidden.data(), &hidden_size, secret.data(), secret.size()), 1);
    assert_int_equal(EVP_PKEY_decrypt_init(other.get()), 1);
    assert_int_equal(EVP_PKEY_decrypt(other.get(), shown.data(), &shown_size, hidden.data(), hidden_size), 1);
    shown.resize(shown_size);
    assert_true(shown == secret);
  }
}

void a_key_is_written_and_read_again(void**) {
  load_key();
  const Key key = make_key("");
  const Memory memory(BIO_new(BIO_s_mem()));
  assert_int_equal(PEM_write_bio_PrivateKey(memory.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr), 1);
  const Key read(PEM_read_bio_PrivateKey(memory.get(), nullptr, nullptr, nullptr));
  assert_int_equal(EVP_PKEY_eq(read.get(), key.get()), 1);
}

// ---- TLS ------------------------------------------------------------------------------------------------------------

using SslContext = CPtr<SSL_CTX, SSL_CTX_free>;
using Connection = CPtr<SSL, SSL_free>;

X509Ptr certificate_of(EVP_PKEY* key) {
  X509Ptr certificate(X509_new());
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_ASC, bytes_of("server").data(),
                             -1, -1, 0);
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate.get()));
  X509_set_pubkey(certificate.get(), key);
  assert_true(X509_sign(certificate.get(), key, EVP_sha256()) > 0);
  return certificate;
}

void shake_hands(int version, const char* properties) {
  const Key key = make_key(properties);
  const X509Ptr certificate = certificate_of(key.get());
  const SslContext server(SSL_CTX_new_ex(nullptr, properties, TLS_server_method()));
  const SslContext client(SSL_CTX_new_ex(nullptr, properties, TLS_client_method()));
  assert_int_equal(SSL_CTX_use_certificate(server.get(), certificate.get()), 1);
  assert_int_equal(SSL_CTX_use_PrivateKey(server.get(), key.get()), 1);
  assert_int_equal(SSL_CTX_set_max_proto_version(client.get(), version), 1);
  SSL_CTX_set_verify(client.get(), SSL_VERIFY_PEER, nullptr);
  assert_int_equal(X509_STORE_add_cert(SSL_CTX_get_cert_store(client.get()), certificate.get()), 1);

  const Connection here(SSL_new(server.get())), there(SSL_new(client.get()));
  BIO *one = nullptr, *other = nullptr;
  assert_int_equal(BIO_new_bio_pair(&one, 0, &other, 0), 1);
  SSL_set_bio(here.get(), one, one);
  SSL_set_bio(there.get(), other, other);
  SSL_set_accept_state(here.get());
  SSL_set_connect_state(there.get());
  for (int turn = 0; turn < 10; ++turn) {
    SSL_do_handshake(there.get());
    SSL_do_handshake(here.get());
  }
  assert_true(SSL_is_init_finished(here.get()) && SSL_is_init_finished(there.get()));
  assert_int_equal(SSL_version(there.get()), version);
  assert_int_equal(SSL_get_verify_result(there.get()), X509_V_OK);
}

void hands_are_shaken(void**) {
  load_key();
  for (const char* properties : preferences) {
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) shake_hands(version, properties);
  }
  assert_int_equal(signatures_asked(), 0);
}

}  // namespace
}  // namespace smartcmd

int main() {
  using namespace smartcmd;
  const CMUnitTest tests[] = {
      cmocka_unit_test(keys_are_made_and_sign),
      cmocka_unit_test(what_is_encrypted_is_decrypted),
      cmocka_unit_test(a_key_is_written_and_read_again),
      cmocka_unit_test(hands_are_shaken),
  };
  return run_in_both_orders(tests);
}
