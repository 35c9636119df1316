// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "documents/cms_signature.h"

#include <openssl/evp.h>
#include <openssl/objects.h>

#include "base/crypto_context.h"
#include "base/error.h"
#include "base/text.h"
#include "signing/hasher.h"

namespace smartcmd {
namespace {

void free_attributes(ASN1_SEQUENCE_ANY* attributes) {
  sk_ASN1_TYPE_pop_free(attributes, ASN1_TYPE_free);
}

void add(CMS_SignerInfo* signer, int attribute, int type, ByteView value) {
  require_openssl(CMS_signed_add1_attr_by_NID(signer, attribute, type, value.data(), static_cast<int>(value.size())) ==
                  1);
}

void add_signing_time(CMS_SignerInfo* signer, std::time_t time) {
  const CPtr<ASN1_TIME, ASN1_TIME_free> moment(ASN1_TIME_set(nullptr, time));  // UTCTime until 2049, as RFC 5652 wants
  require_openssl(moment != nullptr);
  add(signer, NID_pkcs9_signingTime, ASN1_STRING_type(moment.get()), octets_of(moment.get()));
}

// Only the public half of the key is here; OpenSSL is never told to sign.
CMS_SignerInfo* add_signer(CMS_ContentInfo* cms, const CertificateChain& chain, Hash hash) {
  constexpr unsigned flags = CMS_PARTIAL | CMS_BINARY | CMS_DETACHED | CMS_CADES | CMS_NOSMIMECAP;
  const CPtr<EVP_MD, EVP_MD_free> md(EVP_MD_fetch(crypto_context(), info(hash).name, nullptr));
  const X509Ptr certificate = usable(chain.signer());
  CMS_SignerInfo* signer =
      CMS_add1_signer(cms, certificate.get(), X509_get0_pubkey(certificate.get()), md.get(), flags);
  require_openssl(signer != nullptr);
  return signer;
}

}  // namespace

CmsSignature::CmsSignature(const CertificateChain& chain, const Digest& document,
                           const SignatureProperties& properties) {
  const ErrorQueueMark mark;
  const auto authorities = chain.authorities();
  const Certificates above = usable({authorities.begin(), authorities.end()});
  cms_.reset(CMS_sign_ex(nullptr, nullptr, above.get(), nullptr, CMS_PARTIAL | CMS_BINARY | CMS_DETACHED,
                         crypto_context(), nullptr));
  require_openssl(cms_ != nullptr);
  CMS_SignerInfo* one = add_signer(cms_.get(), chain, document.hash);
  require_openssl(
      CMS_signed_add1_attr_by_NID(one, NID_pkcs9_contentType, V_ASN1_OBJECT, OBJ_nid2obj(NID_pkcs7_data), -1) == 1);
  add(one, NID_pkcs9_messageDigest, V_ASN1_OCTET_STRING, document.value);
  add_signing_time(one, properties.signing_time);
  if (properties.with_policy) add_policy(one, cmd_policy);
  if (properties.commitment != nullptr) add_commitment(one, *properties.commitment);
}

CmsSignature CmsSignature::from_der(ByteView der) {
  Cms cms = read_cms(der);
  if (!cms || sk_CMS_SignerInfo_num(CMS_get0_SignerInfos(cms.get())) != 1) {
    throw Error(Errc::invalid_argument, _("A CMS message with one signature was expected."));
  }
  return CmsSignature(std::move(cms));
}

CMS_SignerInfo* CmsSignature::signer() const {
  return sk_CMS_SignerInfo_value(CMS_get0_SignerInfos(cms_.get()), 0);
}

Digest CmsSignature::digest() const {
  const CPtr<ASN1_SEQUENCE_ANY, free_attributes> attributes(sk_ASN1_TYPE_new_null());
  require_openssl(attributes != nullptr);
  for (int i = 0; i < CMS_signed_get_attr_count(signer()); ++i) {
    const Bytes der = to_der<const X509_ATTRIBUTE*>(i2d_X509_ATTRIBUTE, CMS_signed_get_attr(signer(), i));
    CPtr<ASN1_STRING, ASN1_STRING_free> sequence(ASN1_STRING_type_new(V_ASN1_SEQUENCE));
    CPtr<ASN1_TYPE, ASN1_TYPE_free> attribute(ASN1_TYPE_new());
    require_openssl(sequence && attribute &&
                    ASN1_STRING_set(sequence.get(), der.data(), static_cast<int>(der.size())) == 1);
    ASN1_TYPE_set(attribute.get(), V_ASN1_SEQUENCE, sequence.release());
    require_openssl(sk_ASN1_TYPE_push(attributes.get(), attribute.get()) > 0);
    (void)attribute.release();
  }
  X509_ALGOR* algorithm = nullptr;
  CMS_SignerInfo_get0_algs(signer(), nullptr, nullptr, &algorithm, nullptr);
  const HashInfo* hash = find_hash(OBJ_nid2sn(OBJ_obj2nid(algorithm->algorithm)));
  require_openssl(hash != nullptr);
  Hasher hasher(hash->hash);
  hasher.update(to_der<const ASN1_SEQUENCE_ANY*>(i2d_ASN1_SET_ANY, attributes.get()));
  return hasher.digest();
}

void CmsSignature::set_value(ByteView signature) {
  require_openssl(ASN1_STRING_set(CMS_SignerInfo_get0_signature(signer()), signature.data(),
                                  static_cast<int>(signature.size())) == 1);
}

ByteView CmsSignature::value() const {
  return octets_of(CMS_SignerInfo_get0_signature(signer()));
}

void CmsSignature::set_timestamp(ByteView token) {
  for (int at = 0; (at = CMS_unsigned_get_attr_by_NID(signer(), NID_id_smime_aa_timeStampToken, -1)) >= 0;)
    X509_ATTRIBUTE_free(CMS_unsigned_delete_attr(signer(), at));
  require_openssl(CMS_unsigned_add1_attr_by_NID(signer(), NID_id_smime_aa_timeStampToken, V_ASN1_SEQUENCE, token.data(),
                                                static_cast<int>(token.size())) == 1);
}

void CmsSignature::embed(ByteView document) {
  if (document.size() > max_embedded) {
    throw Error(Errc::invalid_argument, _("The file is too large to be put into its signature. Sign it without "
                                          "--attached."));
  }
  require_openssl(CMS_set_detached(cms_.get(), 0) == 1);
  require_openssl(ASN1_STRING_set(*CMS_get0_content(cms_.get()), document.data(), static_cast<int>(document.size())) ==
                  1);
}

Bytes CmsSignature::der() const {
  return to_der<const CMS_ContentInfo*>(i2d_CMS_ContentInfo, cms_.get());
}

}  // namespace smartcmd
