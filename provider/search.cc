// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "provider/search.h"

#include <openssl/asn1.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/params.h>

#include "base/c_ptr.h"
#include "base/error.h"
#include "base/text.h"
#include "signing/hasher.h"

namespace smartcmd::provider {

namespace {

std::optional<Bytes> octets(const OSSL_PARAM params[], const char* name) {
  const OSSL_PARAM* param = OSSL_PARAM_locate_const(params, name);
  const void* data = nullptr;
  std::size_t size = 0;
  if (param == nullptr || OSSL_PARAM_get_octet_string_ptr(param, &data, &size) != 1) return std::nullopt;
  const auto* start = static_cast<const unsigned char*>(data);
  return Bytes(start, start + size);
}

std::optional<std::string> text(const OSSL_PARAM params[], const char* name) {
  const OSSL_PARAM* param = OSSL_PARAM_locate_const(params, name);
  const char* value = nullptr;
  if (param == nullptr || OSSL_PARAM_get_utf8_string_ptr(param, &value) != 1) return std::nullopt;
  return value;
}

std::optional<Bytes> serial_number(const OSSL_PARAM params[]) {
  const OSSL_PARAM* param = OSSL_PARAM_locate_const(params, OSSL_STORE_PARAM_SERIAL);
  BIGNUM* number = nullptr;
  if (param == nullptr || OSSL_PARAM_get_BN(param, &number) != 1) return std::nullopt;
  const CPtr<BIGNUM, BN_free> owner(number);
  const CPtr<ASN1_INTEGER, ASN1_INTEGER_free> integer(BN_to_ASN1_INTEGER(number, nullptr));
  Bytes der(static_cast<std::size_t>(i2d_ASN1_INTEGER(integer.get(), nullptr)));
  unsigned char* end = der.data();
  i2d_ASN1_INTEGER(integer.get(), &end);
  return der;
}

bool has_fingerprint(const Bytes& der, const Digest& fingerprint) {
  Hasher hasher(fingerprint.hash);
  hasher.update(der);
  return hasher.digest() == fingerprint;
}

template <class T>
void take(std::optional<T>& target, std::optional<T> value) {
  if (value) target = std::move(value);
}

}  // namespace

void Search::set(const OSSL_PARAM params[]) {
  take(subject_, octets(params, OSSL_STORE_PARAM_SUBJECT));
  take(issuer_, octets(params, OSSL_STORE_PARAM_ISSUER));
  take(serial_, serial_number(params));
  take(alias_, text(params, OSSL_STORE_PARAM_ALIAS));
  if (auto value = octets(params, OSSL_STORE_PARAM_FINGERPRINT)) {
    const std::string name = text(params, OSSL_STORE_PARAM_DIGEST).value_or("SHA1");
    const HashInfo* hash = find_hash(name);
    if (hash == nullptr)
      throw Error(Errc::hash_not_allowed, filled(_("Fingerprints by {hash} are not known here."), {{"hash", name}}));
    fingerprint_ = {hash->hash, std::move(*value)};
  }
}

bool Search::matches(const Account& account, const Certificate& certificate) const {
  return (!subject_ || *subject_ == certificate.subject()) && (!issuer_ || *issuer_ == certificate.issuer()) &&
         (!serial_ || *serial_ == certificate.serial_number()) &&
         (!alias_ || *alias_ == account.name || *alias_ == account.label) &&
         (!fingerprint_ || has_fingerprint(certificate.der(), *fingerprint_) ||
          has_fingerprint(certificate.public_key_info(), *fingerprint_));
}

}  // namespace smartcmd::provider
