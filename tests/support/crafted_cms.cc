// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "tests/support/crafted_cms.h"

#include <openssl/evp.h>
#include <openssl/objects.h>

#include "documents/cms_signature.h"
#include "signing/hasher.h"

namespace smartcmd {
namespace {

Bytes der(unsigned char tag, const Bytes& content) {
  const auto octet = [&content](unsigned shift) { return static_cast<unsigned char>(content.size() >> shift); };
  Bytes all = content.size() < 128 ? Bytes{tag, octet(0)} : Bytes{tag, 0x82, octet(8), octet(0)};
  all.insert(all.end(), content.begin(), content.end());
  return all;
}

}  // namespace

CraftedCms::CraftedCms(const TestCertificate& signer, ByteView content, const char* content_type)
    : signer_(signer),
      content_(content.begin(), content.end()),
      content_type_(content_type),
      cms_(CMS_sign(nullptr, nullptr, nullptr, nullptr, CMS_PARTIAL | CMS_BINARY)) {
  const CPtr<ASN1_OBJECT, ASN1_OBJECT_free> type(OBJ_txt2obj(content_type, 1));
  require_openssl(cms_ && type && CMS_set1_eContentType(cms_.get(), type.get()) == 1 &&
                  CMS_set_detached(cms_.get(), 0) == 1);
  require_openssl(ASN1_STRING_set(*CMS_get0_content(cms_.get()), content_.data(), static_cast<int>(content_.size())) ==
                  1);
  info_ = CMS_add1_signer(cms_.get(), signer.certificate.get(), signer.key.get(), EVP_sha256(),
                          CMS_PARTIAL | CMS_BINARY | CMS_NOSMIMECAP);
  require_openssl(info_ != nullptr);
}

CraftedCms& CraftedCms::add(int kind, const Values& values) {
  CPtr<X509_ATTRIBUTE, X509_ATTRIBUTE_free> attribute(X509_ATTRIBUTE_new());
  require_openssl(attribute && X509_ATTRIBUTE_set1_object(attribute.get(), OBJ_nid2obj(kind)) == 1);
  for (const Value& value : values) {
    if (value.type == V_ASN1_OBJECT) {
      const unsigned char* begin = value.octets.data();
      const CPtr<ASN1_OBJECT, ASN1_OBJECT_free> oid(
          d2i_ASN1_OBJECT(nullptr, &begin, static_cast<long>(value.octets.size())));
      require_openssl(X509_ATTRIBUTE_set1_data(attribute.get(), V_ASN1_OBJECT, oid.get(), -1) == 1);
    } else {
      require_openssl(X509_ATTRIBUTE_set1_data(attribute.get(), value.type, value.octets.data(),
                                               static_cast<int>(value.octets.size())) == 1);
    }
  }
  require_openssl(CMS_signed_add1_attr(info_, attribute.get()) == 1);
  return *this;
}

CraftedCms& CraftedCms::add_usual() {
  return add_content_type(content_type_).add_message_digest();
}

CraftedCms& CraftedCms::add_message_digest() {
  return add(NID_pkcs9_messageDigest, {{V_ASN1_OCTET_STRING, sha256(content_)}});
}

CraftedCms::Value CraftedCms::oid_value(const char* oid) {
  const CPtr<ASN1_OBJECT, ASN1_OBJECT_free> object(OBJ_txt2obj(oid, 1));
  return {V_ASN1_OBJECT, to_der<const ASN1_OBJECT*>(i2d_ASN1_OBJECT, object.get())};
}

CraftedCms::Value CraftedCms::signing_certificate(const X509* certificate, const char* hash) {
  const Bytes whole = to_der<const X509*>(i2d_X509, certificate);
  Bytes digest(EVP_MAX_MD_SIZE);
  std::size_t size = 0;
  require_openssl(EVP_Q_digest(nullptr, hash, nullptr, whole.data(), whole.size(), digest.data(), &size) == 1);
  digest.resize(size);
  return {V_ASN1_SEQUENCE, der(0x30, der(0x30, der(0x30, der(0x04, digest))))};
}

Bytes CraftedCms::sign() const {
  CmsSignature message = CmsSignature::from_der(to_der<const CMS_ContentInfo*>(i2d_CMS_ContentInfo, cms_.get()));
  const Digest digest = message.digest();
  const CPtr<EVP_PKEY_CTX, EVP_PKEY_CTX_free> context(EVP_PKEY_CTX_new(signer_.key.get(), nullptr));
  Bytes signature(static_cast<std::size_t>(EVP_PKEY_get_size(signer_.key.get())));
  std::size_t size = signature.size();
  require_openssl(context && EVP_PKEY_sign_init(context.get()) == 1 &&
                  EVP_PKEY_CTX_set_signature_md(context.get(), EVP_sha256()) == 1 &&
                  EVP_PKEY_sign(context.get(), signature.data(), &size, digest.value.data(), digest.value.size()) == 1);
  signature.resize(size);
  message.set_value(signature);
  return message.der();
}

}  // namespace smartcmd
