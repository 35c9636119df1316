// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "documents/cms_openssl.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>

#include "base/crypto_context.h"
#include "base/error.h"
#include "base/text.h"

namespace smartcmd {

void require_openssl(bool done) {
  if (done) return;
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  throw Error(Errc::internal, filled(_("OpenSSL failed: {reason}. Check the OpenSSL installation."),
                                     {{"reason", reason != nullptr ? reason : "?"}}));
}

X509Ptr usable(const Certificate& certificate) {
  const Bytes der = certificate.der();
  const unsigned char* next = der.data();
  X509* x509 = X509_new_ex(crypto_context(), nullptr);
  require_openssl(x509 != nullptr && d2i_X509(&x509, &next, static_cast<long>(der.size())) != nullptr);
  return X509Ptr(x509);
}

Certificates usable(const std::vector<Certificate>& certificates) {
  Certificates all(sk_X509_new_null());
  require_openssl(all != nullptr);
  for (const Certificate& certificate : certificates) {
    require_openssl(X509_add_cert(all.get(), usable(certificate).get(), X509_ADD_FLAG_UP_REF) == 1);
  }
  return all;
}

Certificate to_certificate(const X509* x509) {
  return Certificate::from_der(to_der<const X509*>(i2d_X509, x509));
}

Cms read_cms(ByteView der) {
  if (der.empty()) return nullptr;
  const ErrorQueueMark mark;
  const unsigned char* next = der.data();
  CMS_ContentInfo* cms = CMS_ContentInfo_new_ex(crypto_context(), nullptr);
  require_openssl(cms != nullptr);
  if (d2i_CMS_ContentInfo(&cms, &next, static_cast<long>(der.size())) == nullptr) return nullptr;  // it was released
  Cms owner(cms);
  return next == der.data() + der.size() ? std::move(owner) : nullptr;
}

ByteView octets_of(const ASN1_STRING* string) {
  return {ASN1_STRING_get0_data(string), static_cast<std::size_t>(ASN1_STRING_length(string))};
}

std::optional<std::time_t> to_time(const ASN1_TIME* time) {
  std::tm moment{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &moment) != 1) return std::nullopt;
  return timegm(&moment);
}

std::string to_oid(const ASN1_OBJECT* object) {
  char text[128];
  return OBJ_obj2txt(text, sizeof text, object, 1) > 0 ? text : "?";
}

bool is_strong_hash(const X509_ALGOR* algorithm) {
  constexpr int least = 2 * 112 / 8;  // octets: a collision takes half the bits
  const ErrorQueueMark mark;
  const char* name = OBJ_nid2sn(OBJ_obj2nid(algorithm->algorithm));
  const CPtr<EVP_MD, EVP_MD_free> hash(EVP_MD_fetch(crypto_context(), name, nullptr));
  return hash && EVP_MD_get_size(hash.get()) >= least;
}

}  // namespace smartcmd
