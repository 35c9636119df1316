// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "p11kit-module/attributes.h"

#include <algorithm>
#include <bit>
#include <iterator>

#include "p11kit-module/mechanisms.h"

namespace smartcmd::p11 {

namespace {

template <class T>
Bytes raw(const T& value) {
  const auto* start = reinterpret_cast<const unsigned char*>(&value);
  return Bytes(start, start + sizeof value);
}

Bytes text(std::string_view value) {
  const ByteView view = bytes_of(value);
  return Bytes(view.begin(), view.end());
}

Bytes yes(const Source&) {
  return {CK_TRUE};
}

Bytes no(const Source&) {
  return {CK_FALSE};
}

Bytes none(const Source&) {
  return {};
}

template <CK_ULONG number>
Bytes is(const Source&) {
  return raw(number);
}

Bytes modulus_bits(const Source& source) {
  const Bytes modulus = source.certificate->modulus();
  return raw(static_cast<CK_ULONG>(modulus.size() * 8 - static_cast<std::size_t>(std::countl_zero(modulus.front()))));
}

Bytes category(const Source& source) {
  return raw(source.is_authority ? CK_CERTIFICATE_CATEGORY_AUTHORITY : CK_CERTIFICATE_CATEGORY_TOKEN_USER);
}

Bytes allowed_mechanisms(const Source& source) {
  const std::vector<CK_MECHANISM_TYPE> types = mechanism_types(source.hashes, CKF_SIGN);
  const auto* start = reinterpret_cast<const unsigned char*>(types.data());
  return Bytes(start, start + types.size() * sizeof(CK_MECHANISM_TYPE));
}

// One for each object of a token: its class and the certificate it belongs to, or the profile.
Bytes unique_id(const Source& source) {
  const Bytes about = source.certificate ? source.certificate->fingerprint() : raw(source.profile);
  return text(std::to_string(source.object_class) + "-" + to_hex(about));
}

// ---- the table ------------------------------------------------------------------------------------------------------

constexpr unsigned certificates = 1U << CKO_CERTIFICATE;
constexpr unsigned public_keys = 1U << CKO_PUBLIC_KEY;
constexpr unsigned private_keys = 1U << CKO_PRIVATE_KEY;
constexpr unsigned profiles = 1U << CKO_PROFILE;
constexpr unsigned keys = public_keys | private_keys;
constexpr unsigned all = certificates | keys | profiles;

struct Rule {
  CK_ATTRIBUTE_TYPE type;
  unsigned classes;
  Bytes (*value)(const Source&);
};

constexpr Rule rules[] = {
    // 4.3 objects, 4.4 storage objects
    {CKA_CLASS, all, [](const Source& s) { return raw(s.object_class); }},
    {CKA_UNIQUE_ID, all, unique_id},
    {CKA_TOKEN, all, yes},
    {CKA_PRIVATE, all, [](const Source& s) { return s.is_private ? yes(s) : no(s); }},
    {CKA_MODIFIABLE, all, no},
    {CKA_COPYABLE, all, no},
    {CKA_DESTROYABLE, all, no},
    {CKA_LABEL, all, [](const Source& s) { return text(s.label); }},
    // 4.6 certificates
    {CKA_CERTIFICATE_TYPE, certificates, is<CKC_X_509>},
    {CKA_CERTIFICATE_CATEGORY, certificates, category},
    {CKA_TRUSTED, certificates, [](const Source& s) { return s.is_authority ? yes(s) : no(s); }},
    {CKA_ISSUER, certificates, [](const Source& s) { return s.certificate->issuer(); }},
    {CKA_SERIAL_NUMBER, certificates, [](const Source& s) { return s.certificate->serial_number(); }},
    {CKA_VALUE, certificates, [](const Source& s) { return s.certificate->der(); }},
    // 4.6 certificates, 4.7 keys
    {CKA_SUBJECT, certificates | keys, [](const Source& s) { return s.certificate->subject(); }},
    {CKA_ID, certificates | keys, [](const Source& s) { return s.id; }},
    {CKA_PUBLIC_KEY_INFO, certificates | keys, [](const Source& s) { return s.certificate->public_key_info(); }},
    {CKA_START_DATE, certificates | keys, none},
    {CKA_END_DATE, certificates | keys, none},
    // 4.7 keys, 6.1.2 and 6.1.3 RSA keys
    {CKA_KEY_TYPE, keys, is<CKK_RSA>},
    {CKA_DERIVE, keys, no},
    {CKA_LOCAL, public_keys, no},
    {CKA_LOCAL, private_keys, yes},
    {CKA_KEY_GEN_MECHANISM, public_keys, is<CK_UNAVAILABLE_INFORMATION>},
    {CKA_KEY_GEN_MECHANISM, private_keys, is<CKM_RSA_PKCS_KEY_PAIR_GEN>},
    {CKA_ALLOWED_MECHANISMS, keys, allowed_mechanisms},
    {CKA_MODULUS, keys, [](const Source& s) { return s.certificate->modulus(); }},
    {CKA_MODULUS_BITS, keys, modulus_bits},
    {CKA_PUBLIC_EXPONENT, keys, [](const Source& s) { return s.certificate->public_exponent(); }},
    // 4.8 public keys
    {CKA_ENCRYPT, public_keys, no},
    {CKA_VERIFY, public_keys, yes},
    {CKA_VERIFY_RECOVER, public_keys, no},
    {CKA_WRAP, public_keys, no},
    {CKA_TRUSTED, public_keys, no},
    // 4.9 private keys
    {CKA_SENSITIVE, private_keys, yes},
    {CKA_ALWAYS_SENSITIVE, private_keys, yes},
    {CKA_EXTRACTABLE, private_keys, no},
    {CKA_NEVER_EXTRACTABLE, private_keys, yes},
    {CKA_SIGN, private_keys, yes},
    {CKA_SIGN_RECOVER, private_keys, no},
    {CKA_DECRYPT, private_keys, no},
    {CKA_UNWRAP, private_keys, no},
    {CKA_WRAP_WITH_TRUSTED, private_keys, no},
    // Never true, although each signature is authenticated: Java and NSS cannot handle it.
    {CKA_ALWAYS_AUTHENTICATE, private_keys, no},
    // 4.13 profiles
    {CKA_PROFILE_ID, profiles, [](const Source& s) { return raw(s.profile); }},
};

constexpr CK_ATTRIBUTE_TYPE secrets[] = {CKA_PRIVATE_EXPONENT, CKA_PRIME_1,    CKA_PRIME_2,
                                         CKA_EXPONENT_1,       CKA_EXPONENT_2, CKA_COEFFICIENT};

}  // namespace

std::vector<Attribute> attributes_of(const Source& source) {
  std::vector<Attribute> attributes;
  for (const Rule& rule : rules) {
    if ((rule.classes & (1U << source.object_class)) != 0) attributes.push_back({rule.type, rule.value(source)});
  }
  return attributes;
}

bool is_secret(CK_OBJECT_CLASS object_class, CK_ATTRIBUTE_TYPE type) {
  return object_class == CKO_PRIVATE_KEY &&
         std::find(std::begin(secrets), std::end(secrets), type) != std::end(secrets);
}

}  // namespace smartcmd::p11
