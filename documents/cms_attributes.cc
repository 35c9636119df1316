// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "documents/cms_attributes.h"

#include <openssl/objects.h>

#include <algorithm>
#include <string>

#include "base/crypto_context.h"
#include "base/text.h"
#include "documents/cms_openssl.h"

namespace smartcmd {
namespace {

constexpr Commitment commitments[] = {
    {"origin", N_("Proof of origin"), "1.2.840.113549.1.9.16.6.1"},
    {"receipt", N_("Proof of receipt"), "1.2.840.113549.1.9.16.6.2"},
    {"delivery", N_("Proof of delivery"), "1.2.840.113549.1.9.16.6.3"},
    {"sender", N_("Proof of sender"), "1.2.840.113549.1.9.16.6.4"},
    {"approval", N_("Proof of approval"), "1.2.840.113549.1.9.16.6.5"},
    {"creation", N_("Proof of creation"), "1.2.840.113549.1.9.16.6.6"},
};

void free_sequence(ASN1_SEQUENCE_ANY* sequence) {
  sk_ASN1_TYPE_pop_free(sequence, ASN1_TYPE_free);
}
using Sequence = CPtr<ASN1_SEQUENCE_ANY, free_sequence>;

// Both attributes are a SEQUENCE that begins with an OID, and what follows is optional.
void add(CMS_SignerInfo* signer, int attribute, const char* oid) {
  const Sequence sequence(sk_ASN1_TYPE_new_null());
  CPtr<ASN1_TYPE, ASN1_TYPE_free> item(ASN1_TYPE_new());
  require_openssl(sequence && item);
  ASN1_TYPE_set(item.get(), V_ASN1_OBJECT, OBJ_txt2obj(oid, 1));
  require_openssl(item->value.object != nullptr && sk_ASN1_TYPE_push(sequence.get(), item.get()) > 0);
  (void)item.release();
  const Bytes der = to_der<const ASN1_SEQUENCE_ANY*>(i2d_ASN1_SEQUENCE_ANY, sequence.get());
  require_openssl(
      CMS_signed_add1_attr_by_NID(signer, attribute, V_ASN1_SEQUENCE, der.data(), static_cast<int>(der.size())) == 1);
}

// Empty when the value is no such SEQUENCE.
std::string first_oid(const ASN1_TYPE* value) {
  if (value == nullptr || value->type != V_ASN1_SEQUENCE) return {};
  const ErrorQueueMark mark;
  const unsigned char* der = ASN1_STRING_get0_data(value->value.sequence);
  const Sequence sequence(d2i_ASN1_SEQUENCE_ANY(nullptr, &der, ASN1_STRING_length(value->value.sequence)));
  const ASN1_TYPE* first = sk_ASN1_TYPE_value(sequence.get(), 0);
  return first != nullptr && first->type == V_ASN1_OBJECT ? to_oid(first->value.object) : std::string();
}

/// Every value of every signed attribute of that kind.
std::vector<std::string> signed_oids(const CMS_SignerInfo* signer, int kind) {
  std::vector<std::string> oids;
  for (int at = -1; (at = CMS_signed_get_attr_by_NID(signer, kind, at)) >= 0;) {
    X509_ATTRIBUTE* attribute = CMS_signed_get_attr(signer, at);
    for (int i = 0; i < X509_ATTRIBUTE_count(attribute); ++i) {
      std::string oid = first_oid(X509_ATTRIBUTE_get0_type(attribute, i));
      if (!oid.empty()) oids.push_back(std::move(oid));
    }
  }
  return oids;
}

const Commitment* with_oid(const std::string& oid) {
  const auto* found = std::find_if(std::begin(commitments), std::end(commitments),
                                   [&oid](const Commitment& one) { return one.oid == oid; });
  return found != std::end(commitments) ? found : nullptr;
}

}  // namespace

std::span<const Commitment> all_commitments() {
  return commitments;
}

const Commitment* find_commitment(std::string_view name) {
  const auto* found = std::find_if(std::begin(commitments), std::end(commitments),
                                   [name](const Commitment& one) { return one.name == name; });
  return found != std::end(commitments) ? found : nullptr;
}

std::string commitment_name(const std::string& oid) {
  const Commitment* known = with_oid(oid);
  return known != nullptr ? known->name : oid;
}

std::string commitment_title(const std::string& oid) {
  const Commitment* known = with_oid(oid);
  return known != nullptr ? _(known->title) : oid;
}

void add_policy(CMS_SignerInfo* signer, const char* oid) {
  add(signer, NID_id_smime_aa_ets_sigPolicyId, oid);
}

void add_commitment(CMS_SignerInfo* signer, const Commitment& commitment) {
  add(signer, NID_id_smime_aa_ets_commitmentType, commitment.oid);
}

std::string policy_of(const CMS_SignerInfo* signer) {
  const auto oids = signed_oids(signer, NID_id_smime_aa_ets_sigPolicyId);
  return oids.empty() ? std::string() : oids.front();
}

std::vector<std::string> commitments_of(const CMS_SignerInfo* signer) {
  return signed_oids(signer, NID_id_smime_aa_ets_commitmentType);
}

std::optional<Bytes> timestamp_of(const CMS_SignerInfo* signer) {
  const int at = CMS_unsigned_get_attr_by_NID(signer, NID_id_smime_aa_timeStampToken, -1);
  if (at < 0) return std::nullopt;
  const ASN1_TYPE* value = X509_ATTRIBUTE_get0_type(CMS_unsigned_get_attr(signer, at), 0);
  if (value == nullptr || value->type != V_ASN1_SEQUENCE) return Bytes();
  const ByteView token = octets_of(value->value.sequence);
  return Bytes(token.begin(), token.end());
}

}  // namespace smartcmd
