// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "signing/qualified.h"

#include <openssl/asn1.h>
#include <openssl/obj_mac.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/c_ptr.h"
#include "base/crypto_context.h"

namespace smartcmd {

namespace {

constexpr const char* qualified_certificate = "0.4.0.1862.1.1";  // id-etsi-qcs-QcCompliance
constexpr const char* qualified_device = "0.4.0.1862.1.4";       // id-etsi-qcs-QcSSCD

void free_sequence(ASN1_SEQUENCE_ANY* sequence) {
  sk_ASN1_TYPE_pop_free(sequence, ASN1_TYPE_free);
}
using Sequence = CPtr<ASN1_SEQUENCE_ANY, free_sequence>;

Sequence sequence_of(const ASN1_STRING* der) {
  const unsigned char* start = ASN1_STRING_get0_data(der);
  return Sequence(d2i_ASN1_SEQUENCE_ANY(nullptr, &start, ASN1_STRING_length(der)));
}

std::string oid_of(const ASN1_TYPE* type) {
  char text[64] = "";
  if (type != nullptr && type->type == V_ASN1_OBJECT) OBJ_obj2txt(text, sizeof text, type->value.object, 1);
  return text;
}

// RFC 3739 section 3.2.6: QCStatements ::= SEQUENCE OF SEQUENCE { statementId OBJECT IDENTIFIER, statementInfo ANY }
std::vector<std::string> statements_of(const X509* x509) {
  const int at = X509_get_ext_by_NID(x509, NID_qcStatements, -1);
  if (at < 0) return {};
  const Sequence all = sequence_of(X509_EXTENSION_get_data(X509_get_ext(x509, at)));
  std::vector<std::string> statements;
  for (int i = 0; i < sk_ASN1_TYPE_num(all.get()); ++i) {
    const ASN1_TYPE* statement = sk_ASN1_TYPE_value(all.get(), i);
    if (statement->type != V_ASN1_SEQUENCE) continue;
    const Sequence parts = sequence_of(statement->value.sequence);
    statements.push_back(oid_of(sk_ASN1_TYPE_value(parts.get(), 0)));
  }
  return statements;
}

}  // namespace

bool states_qualified_signatures(const Certificate& certificate) {
  const ErrorQueueMark mark;
  const std::vector<std::string> statements = statements_of(certificate.x509());
  const auto states = [&statements](const char* what) {
    return std::find(statements.begin(), statements.end(), what) != statements.end();
  };
  return states(qualified_certificate) && states(qualified_device);
}

}  // namespace smartcmd
