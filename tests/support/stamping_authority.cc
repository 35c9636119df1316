// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "tests/support/stamping_authority.h"

#include <openssl/objects.h>
#include <openssl/ts.h>
#include <openssl/x509v3.h>

#include "documents/cms_openssl.h"
#include "signing/hasher.h"

namespace smartcmd {

namespace {

void write_query(BIO* bio, ByteView stamped) {
  const CPtr<TS_REQ, TS_REQ_free> request(TS_REQ_new());
  const CPtr<TS_MSG_IMPRINT, TS_MSG_IMPRINT_free> imprint(TS_MSG_IMPRINT_new());
  const CPtr<X509_ALGOR, X509_ALGOR_free> algorithm(X509_ALGOR_new());
  Bytes digest = sha256(stamped);
  X509_ALGOR_set0(algorithm.get(), OBJ_nid2obj(NID_sha256), V_ASN1_NULL, nullptr);
  TS_MSG_IMPRINT_set_algo(imprint.get(), algorithm.get());
  TS_MSG_IMPRINT_set_msg(imprint.get(), digest.data(), static_cast<int>(digest.size()));
  TS_REQ_set_version(request.get(), 1);
  TS_REQ_set_msg_imprint(request.get(), imprint.get());
  TS_REQ_set_cert_req(request.get(), 1);
  require_openssl(i2d_TS_REQ_bio(bio, request.get()) == 1);
}

}  // namespace

StampingAuthority::StampingAuthority(int days) : own_(TestCertificate::make({"EC", "IP:127.0.0.1", -1, days})) {
  X509* x509 = own_.certificate.get();
  const CPtr<X509_EXTENSION, X509_EXTENSION_free> usage(
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_ext_key_usage, "critical,timeStamping"));
  require_openssl(X509_add_ext(x509, usage.get(), -1) == 1);
  require_openssl(X509_sign(x509, own_.key.get(), EVP_sha256()) > 0);
}

Certificate StampingAuthority::certificate() const {
  return to_certificate(own_.certificate.get());
}

Bytes StampingAuthority::stamp(ByteView stamped) const {
  const CPtr<TS_RESP_CTX, TS_RESP_CTX_free> context(TS_RESP_CTX_new());
  const CPtr<ASN1_OBJECT, ASN1_OBJECT_free> policy(OBJ_txt2obj("1.2.3.4", 1));
  require_openssl(TS_RESP_CTX_set_signer_cert(context.get(), own_.certificate.get()) == 1 &&
                  TS_RESP_CTX_set_signer_key(context.get(), own_.key.get()) == 1 &&
                  TS_RESP_CTX_set_def_policy(context.get(), policy.get()) == 1 &&
                  TS_RESP_CTX_add_md(context.get(), EVP_sha256()) == 1 &&
                  TS_RESP_CTX_set_signer_digest(context.get(), EVP_sha256()) == 1);
  const Bio query(BIO_new(BIO_s_mem()));
  write_query(query.get(), stamped);
  const CPtr<TS_RESP, TS_RESP_free> response(TS_RESP_create_response(context.get(), query.get()));
  require_openssl(response && TS_RESP_get_token(response.get()) != nullptr);
  return to_der<const PKCS7*>(i2d_PKCS7, TS_RESP_get_token(response.get()));
}

}  // namespace smartcmd
