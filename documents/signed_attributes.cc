// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "documents/signed_attributes.h"

#include <openssl/ess.h>
#include <openssl/evp.h>
#include <openssl/objects.h>

#include <array>
#include <set>

#include "base/crypto_context.h"
#include "base/text.h"
#include "documents/cms_openssl.h"

namespace smartcmd {
namespace {

/// An attribute that has one value.
struct Single {
  int kind;
  bool demanded;
};

constexpr Single singles[] = {
    {NID_pkcs9_contentType, true},
    {NID_pkcs9_messageDigest, true},
    {NID_pkcs9_signingTime, false},
    {NID_id_smime_aa_signingCertificate, false},
    {NID_id_smime_aa_signingCertificateV2, false},
    {NID_id_smime_aa_ets_sigPolicyId, false},
};

std::string name_of(const ASN1_OBJECT* kind) {
  const char* name = OBJ_nid2ln(OBJ_obj2nid(kind));
  return OBJ_obj2nid(kind) != NID_undef && name != nullptr ? name : to_oid(kind);
}

std::string there_twice(const ASN1_OBJECT* kind) {
  return filled(_("The signed attribute {attribute} is there more than once, so it is open what was signed."),
                {{"attribute", name_of(kind)}});
}

// In both places a second one hides: another attribute of the kind, another value in it.
std::string fault_of_counts(const CMS_SignerInfo* signer) {
  std::set<std::string> kinds;
  for (int i = 0; i < CMS_signed_get_attr_count(signer); ++i) {
    const ASN1_OBJECT* kind = X509_ATTRIBUTE_get0_object(CMS_signed_get_attr(signer, i));
    if (!kinds.insert(to_oid(kind)).second) return there_twice(kind);
  }
  for (const Single& single : singles) {
    const int at = CMS_signed_get_attr_by_NID(signer, single.kind, -1);
    const int values = at < 0 ? 0 : X509_ATTRIBUTE_count(CMS_signed_get_attr(signer, at));
    if (values > 1) return there_twice(OBJ_nid2obj(single.kind));
    if (values == 0 && (single.demanded || at >= 0)) {
      return filled(_("The signed attribute {attribute} is missing, so it is open what was signed."),
                    {{"attribute", OBJ_nid2ln(single.kind)}});
    }
  }
  return {};
}

/// The only value; nothing where there is none.
const ASN1_TYPE* value_of(const CMS_SignerInfo* signer, int kind) {
  const int at = CMS_signed_get_attr_by_NID(signer, kind, -1);
  return at < 0 ? nullptr : X509_ATTRIBUTE_get0_type(CMS_signed_get_attr(signer, at), 0);
}

void free_parts(ASN1_SEQUENCE_ANY* parts) {
  sk_ASN1_TYPE_pop_free(parts, ASN1_TYPE_free);
}
using Parts = CPtr<ASN1_SEQUENCE_ANY, free_parts>;

/// Nothing for what is no SEQUENCE.
Parts parts_of(const ASN1_TYPE* value) {
  if (value == nullptr || value->type != V_ASN1_SEQUENCE) return nullptr;
  const unsigned char* der = ASN1_STRING_get0_data(value->value.sequence);
  return Parts(d2i_ASN1_SEQUENCE_ANY(nullptr, &der, ASN1_STRING_length(value->value.sequence)));
}

template <class T, T* (*decode)(T**, const unsigned char**, long), void (*release)(T*)>
bool decodes(const ASN1_TYPE* value) {
  if (value->type != V_ASN1_SEQUENCE) return false;
  const unsigned char* der = ASN1_STRING_get0_data(value->value.sequence);
  return CPtr<T, release>(decode(nullptr, &der, ASN1_STRING_length(value->value.sequence))) != nullptr;
}

/// The two forms of the attribute (RFC 5035 sections 3 and 4).
struct Form {
  int kind;
  const char* hash;  ///< where none is named
  bool (*decodes)(const ASN1_TYPE* value);
};

constexpr Form forms[] = {
    {NID_id_smime_aa_signingCertificate, "SHA1",
     decodes<ESS_SIGNING_CERT, d2i_ESS_SIGNING_CERT, ESS_SIGNING_CERT_free>},
    {NID_id_smime_aa_signingCertificateV2, "SHA256",
     decodes<ESS_SIGNING_CERT_V2, d2i_ESS_SIGNING_CERT_V2, ESS_SIGNING_CERT_V2_free>},
};

/// Whether the first that is named is the certificate; those after it are its authorities'. OpenSSL's own comparison
/// hashes in the process's default context, and takes any place for the first.
bool names(const ASN1_TYPE* value, const char* hash, const X509* certificate) {
  const Parts attribute = parts_of(value);
  const Parts all = parts_of(sk_ASN1_TYPE_value(attribute.get(), 0));
  const Parts first = parts_of(sk_ASN1_TYPE_value(all.get(), 0));
  const ASN1_TYPE* digest = sk_ASN1_TYPE_value(first.get(), 0);
  if (const Parts algorithm = parts_of(digest)) {
    const ASN1_TYPE* named = sk_ASN1_TYPE_value(algorithm.get(), 0);
    if (named == nullptr || named->type != V_ASN1_OBJECT) return false;
    hash = OBJ_nid2sn(OBJ_obj2nid(named->value.object));
    digest = sk_ASN1_TYPE_value(first.get(), 1);
  }
  if (digest == nullptr || digest->type != V_ASN1_OCTET_STRING) return false;
  const Bytes der = to_der<const X509*>(i2d_X509, certificate);
  std::array<unsigned char, EVP_MAX_MD_SIZE> computed;
  std::size_t size = 0;
  const ErrorQueueMark mark;
  if (EVP_Q_digest(crypto_context(), hash, nullptr, der.data(), der.size(), computed.data(), &size) != 1) return false;
  const ByteView given = octets_of(digest->value.octet_string), expected = ByteView(computed).first(size);
  return Bytes(given.begin(), given.end()) == Bytes(expected.begin(), expected.end());
}

}  // namespace

std::string fault_of_attributes(const CMS_SignerInfo* signer, const std::string& content_type,
                                const X509* certificate) {
  if (std::string fault = fault_of_counts(signer); !fault.empty()) return fault;
  const ASN1_TYPE* type = value_of(signer, NID_pkcs9_contentType);
  const std::string said = type->type == V_ASN1_OBJECT ? to_oid(type->value.object) : "?";
  if (said != content_type) {
    return filled(_("What was signed is of another type ({signed}) than what is here ({here}), so it means something "
                    "else."),
                  {{"signed", said}, {"here", content_type}});
  }
  for (const Form& form : forms) {
    const ASN1_TYPE* value = value_of(signer, form.kind);
    if (value == nullptr) continue;
    if (!form.decodes(value)) return _("Which certificate the signature names cannot be read.");
    if (!names(value, form.hash, certificate)) {
      return _("The signature names another certificate than the one it carries.");
    }
  }
  return {};
}

bool names_certificate(const CMS_SignerInfo* signer) {
  return value_of(signer, NID_id_smime_aa_signingCertificate) != nullptr ||
         value_of(signer, NID_id_smime_aa_signingCertificateV2) != nullptr;
}

}  // namespace smartcmd
