// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/x509.h>

#include <ctime>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/c_ptr.h"
#include "signing/certificate.h"

namespace smartcmd {

using Cms = CPtr<CMS_ContentInfo, CMS_ContentInfo_free>;
using X509Ptr = CPtr<X509, X509_free>;
using Bio = CPtr<BIO, BIO_free_all>;

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

/// What one of OpenSSL's i2d functions writes.
template <class T>
Bytes to_der(int (*i2d)(T, unsigned char**), T object) {
  const int size = i2d(object, nullptr);
  require_openssl(size > 0);
  Bytes der(static_cast<std::size_t>(size));
  unsigned char* end = der.data();
  i2d(object, &end);
  return der;
}

}  // namespace smartcmd
