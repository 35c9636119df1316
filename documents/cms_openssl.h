// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <openssl/asn1.h>
#include <openssl/cms.h>

#include <ctime>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "signing/certificate.h"
#include "signing/x509.h"

namespace smartcmd {

using Cms = CPtr<CMS_ContentInfo, CMS_ContentInfo_free>;

inline void free_certificates(STACK_OF(X509) * certificates) {
  sk_X509_pop_free(certificates, X509_free);
}
using Certificates = CPtr<STACK_OF(X509), free_certificates>;

/// Throws Errc::internal with OpenSSL's own reason unless `done`.
void require_openssl(bool done);

/// The certificate in our context (crypto_context.h), where its key can be used.
X509Ptr usable(const Certificate& certificate);
Certificates usable(const std::vector<Certificate>& certificates);

Certificate to_certificate(const X509* x509);

/// Nothing when the octets are no CMS message (RFC 5652) in DER or BER, or more than one.
Cms read_cms(ByteView der);

ByteView octets_of(const ASN1_STRING* string);

/// Seconds since 1970; nothing for what is no time.
std::optional<std::time_t> to_time(const ASN1_TIME* time);

/// "1.2.840.113549.1.7.1"
std::string to_oid(const ASN1_OBJECT* object);

/// Whether a hash is as strong as 112 bits (level 2 of X509_VERIFY_PARAM_set_auth_level): MD5 and SHA-1 are not.
bool is_strong_hash(const X509_ALGOR* algorithm);

}  // namespace smartcmd
