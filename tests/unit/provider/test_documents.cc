// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// What programs make with the key: CMS, PKCS #7, certificates, requests, time stamps.

#include <openssl/cms.h>
#include <openssl/pkcs7.h>
#include <openssl/ts.h>
#include <openssl/x509v3.h>

#include "tests/support/provider_program.h"

namespace smartcmd {
namespace {

// ---- messages, requests, certificates -------------------------------------------------------------------------------

void cms_is_signed_and_verifies(void**) {
  const Key key = load_key();
  const X509Ptr certificate = load_certificate();
  const std::string text = new_text();
  for (const unsigned flags : {0U, unsigned{CMS_NOATTR}, unsigned{CMS_CADES}}) {
    const Memory document(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
    const CPtr<CMS_ContentInfo, CMS_ContentInfo_free> cms(
        CMS_sign(certificate.get(), key.get(), nullptr, document.get(), CMS_BINARY | flags));
    assert_non_null(cms.get());
    // With the key that signed, and with the certificate's alone.
    assert_int_equal(CMS_verify(cms.get(), nullptr, nullptr, nullptr, nullptr, CMS_NO_SIGNER_CERT_VERIFY), 1);
    unsigned char* der = nullptr;
    const int size = i2d_CMS_ContentInfo(cms.get(), &der);
    const unsigned char* start = der;
    const CPtr<CMS_ContentInfo, CMS_ContentInfo_free> read(d2i_CMS_ContentInfo(nullptr, &start, size));
    OPENSSL_free(der);
    assert_int_equal(CMS_verify(read.get(), nullptr, nullptr, nullptr, nullptr, CMS_NO_SIGNER_CERT_VERIFY), 1);
    expect_no_error_left();
  }
}

void pkcs7_is_signed_and_verifies(void**) {
  const Key key = load_key();
  const X509Ptr certificate = load_certificate();
  for (const int flags : {0, PKCS7_DETACHED, PKCS7_NOATTR}) {
    const std::string text = new_text();
    const Memory document(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
    const CPtr<PKCS7, PKCS7_free> message(
        PKCS7_sign(certificate.get(), key.get(), nullptr, document.get(), PKCS7_BINARY | flags));
    assert_non_null(message.get());
    const Memory again(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
    assert_int_equal(PKCS7_verify(message.get(), nullptr, nullptr, flags == PKCS7_DETACHED ? again.get() : nullptr,
                                  nullptr, PKCS7_NOVERIFY),
                     1);
    expect_no_error_left();
  }
  assert_int_equal(signatures_asked(), 3);
}

void requests_are_signed(void**) {
  const Key key = load_key();
  const CPtr<X509_REQ, X509_REQ_free> request(X509_REQ_new());
  assert_int_equal(X509_REQ_set_version(request.get(), X509_REQ_VERSION_1), 1);
  assert_int_equal(X509_REQ_set_pubkey(request.get(), key.get()), 1);
  assert_true(X509_REQ_sign(request.get(), key.get(), EVP_sha256()) > 0);
  assert_int_equal(X509_REQ_verify(request.get(), X509_get0_pubkey(load_certificate().get())), 1);
  expect_no_error_left();
}

void certificates_are_signed(void**) {
  const Key key = load_key();
  const X509Ptr certificate(X509_dup(load_certificate().get()));
  assert_true(X509_sign(certificate.get(), key.get(), EVP_sha256()) > 0);
  assert_int_equal(X509_verify(certificate.get(), X509_get0_pubkey(load_certificate().get())), 1);
}

// ---- time stamps ----------------------------------------------------------------------------------------------------

// By itself, for our accounts' certificates are not for time stamping.
X509Ptr time_stamping_certificate(EVP_PKEY* key) {
  X509Ptr certificate(X509_dup(load_certificate().get()));
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate.get()));
  const CPtr<X509_EXTENSION, X509_EXTENSION_free> usage(
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_ext_key_usage, "critical,timeStamping"));
  assert_int_equal(X509_add_ext(certificate.get(), usage.get(), -1), 1);
  assert_true(X509_sign(certificate.get(), key, EVP_sha256()) > 0);
  return certificate;
}

ASN1_INTEGER* serial_number(TS_resp_ctx*, void*) {
  ASN1_INTEGER* number = ASN1_INTEGER_new();
  ASN1_INTEGER_set(number, 7);
  return number;
}

Bytes sha256(const std::string& text) {
  Bytes digest(32);
  EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
  return digest;
}

Memory time_stamp_request(const std::string& text) {
  const CPtr<TS_REQ, TS_REQ_free> request(TS_REQ_new());
  const CPtr<TS_MSG_IMPRINT, TS_MSG_IMPRINT_free> imprint(TS_MSG_IMPRINT_new());
  const CPtr<X509_ALGOR, X509_ALGOR_free> algorithm(X509_ALGOR_new());
  Bytes digest = sha256(text);
  X509_ALGOR_set_md(algorithm.get(), EVP_sha256());
  TS_MSG_IMPRINT_set_algo(imprint.get(), algorithm.get());
  TS_MSG_IMPRINT_set_msg(imprint.get(), digest.data(), static_cast<int>(digest.size()));
  TS_REQ_set_version(request.get(), 1);
  TS_REQ_set_msg_imprint(request.get(), imprint.get());
  TS_REQ_set_cert_req(request.get(), 1);
  Memory memory(BIO_new(BIO_s_mem()));
  assert_int_equal(i2d_TS_REQ_bio(memory.get(), request.get()), 1);
  return memory;
}

void time_stamps_are_made(void**) {
  const Key key = load_key();
  const X509Ptr certificate = time_stamping_certificate(key.get());
  const CPtr<TS_RESP_CTX, TS_RESP_CTX_free> authority(TS_RESP_CTX_new());
  const CPtr<ASN1_OBJECT, ASN1_OBJECT_free> policy(OBJ_txt2obj("1.2.3.4", 1));
  assert_int_equal(TS_RESP_CTX_set_signer_cert(authority.get(), certificate.get()), 1);
  assert_int_equal(TS_RESP_CTX_set_signer_key(authority.get(), key.get()), 1);
  assert_int_equal(TS_RESP_CTX_set_signer_digest(authority.get(), EVP_sha256()), 1);
  assert_int_equal(TS_RESP_CTX_set_ess_cert_id_digest(authority.get(), EVP_sha256()), 1);
  assert_int_equal(TS_RESP_CTX_set_def_policy(authority.get(), policy.get()), 1);
  assert_int_equal(TS_RESP_CTX_add_md(authority.get(), EVP_sha256()), 1);
  TS_RESP_CTX_set_serial_cb(authority.get(), serial_number, nullptr);
  const std::size_t before = signatures_asked();
  const std::string text = new_text();
  const CPtr<TS_RESP, TS_RESP_free> response(TS_RESP_create_response(authority.get(), time_stamp_request(text).get()));
  assert_non_null(response.get());
  assert_int_equal(signatures_asked(), before + 1);

  const CPtr<X509_STORE, X509_STORE_free> trusted(X509_STORE_new());
  assert_int_equal(X509_STORE_add_cert(trusted.get(), certificate.get()), 1);
  assert_int_equal(TS_RESP_verify_signature(TS_RESP_get_token(response.get()), nullptr, trusted.get(), nullptr), 1);
  TS_MSG_IMPRINT* imprint = TS_TST_INFO_get_msg_imprint(TS_RESP_get_tst_info(response.get()));
  const ASN1_OCTET_STRING* stamped = TS_MSG_IMPRINT_get_msg(imprint);
  const Bytes digest = sha256(text);
  assert_int_equal(ASN1_STRING_length(stamped), digest.size());
  assert_memory_equal(ASN1_STRING_get0_data(stamped), digest.data(), digest.size());
}

}  // namespace
}  // namespace smartcmd

int main() {
  using namespace smartcmd;
  const CMUnitTest tests[] = {
      cmocka_unit_test(cms_is_signed_and_verifies), cmocka_unit_test(pkcs7_is_signed_and_verifies),
      cmocka_unit_test(requests_are_signed),        cmocka_unit_test(certificates_are_signed),
      cmocka_unit_test(time_stamps_are_made),
  };
  return run_in_both_orders(tests);
}
