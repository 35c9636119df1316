// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "service/x509.h"

#include <openssl/bn.h>
#include <openssl/conf.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "base/crypto_context.h"
#include "base/error.h"
#include "service/random.h"

namespace smartcmd::service {

namespace {

using KeyContext = CPtr<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using Number = CPtr<BIGNUM, BN_free>;
using Bio = CPtr<BIO, BIO_free_all>;

void check(bool good, const char* what) {
  if (!good) throw Error(Errc::internal, std::string("OpenSSL failed to ") + what + ".");
}

KeyContext new_context(const char* type) {
  KeyContext context(EVP_PKEY_CTX_new_from_name(crypto_context(), type, nullptr));
  check(context != nullptr, "find a kind of key");
  return context;
}

Key generate(const KeyContext& context) {
  EVP_PKEY* key = nullptr;
  check(EVP_PKEY_generate(context.get(), &key) == 1, "make a key");
  return Key(key);
}

Number to_number(ByteView octets) {
  return Number(BN_bin2bn(octets.data(), static_cast<int>(octets.size()), nullptr));
}

void set_serial_number(X509* certificate) {
  Bytes octets = random_bytes(16);
  octets[0] = static_cast<unsigned char>((octets[0] & 0x7FU) | 0x40U);
  check(BN_to_ASN1_INTEGER(to_number(octets).get(), X509_get_serialNumber(certificate)) != nullptr, "number");
}

void set_validity(X509* certificate, int days) {
  constexpr long tolerance = -300;  // clocks differ
  check(X509_gmtime_adj(X509_getm_notBefore(certificate), tolerance) != nullptr &&
            X509_time_adj_ex(X509_getm_notAfter(certificate), days, 0, nullptr) != nullptr,
        "set a date");
}

void add_extensions(X509* certificate, X509* issuer, std::span<const Extension> extensions) {
  // Certificate policies are not made without a configuration, be it empty.
  const CPtr<CONF, NCONF_free> no_sections(NCONF_new_ex(crypto_context(), nullptr));
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509V3_set_nconf(&context, no_sections.get());
  for (const Extension& extension : extensions) {
    const CPtr<X509_EXTENSION, X509_EXTENSION_free> made(
        X509V3_EXT_nconf_nid(nullptr, &context, extension.nid, extension.value));
    check(made && X509_add_ext(certificate, made.get(), -1) == 1, "add an extension to a certificate");
  }
}

/// What was written to a memory BIO.
std::string_view content(const Bio& bio) {
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

[[noreturn]] void refuse(const std::filesystem::path& file, const char* wanted) {
  throw Error(Errc::configuration, file.string() + " holds no " + wanted + " in PEM.");
}

Bio open(const std::filesystem::path& file) {
  Bio bio(BIO_new_file(file.c_str(), "r"));
  if (!bio) throw Error(Errc::configuration, file.string() + " cannot be read.");
  return bio;
}

}  // namespace

Key new_rsa_key(unsigned bits) {
  const KeyContext context = new_context("RSA");
  check(EVP_PKEY_keygen_init(context.get()) == 1, "make a key");
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_uint(OSSL_PKEY_PARAM_RSA_BITS, &bits),
                                   OSSL_PARAM_construct_end()};
  check(EVP_PKEY_CTX_set_params(context.get(), parameters) == 1, "make a key");
  return generate(context);
}

Key new_p256_key() {
  const KeyContext context = new_context("EC");
  char curve[] = "P-256";
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, curve, 0),
                                   OSSL_PARAM_construct_end()};
  check(EVP_PKEY_keygen_init(context.get()) == 1 && EVP_PKEY_CTX_set_params(context.get(), parameters) == 1,
        "make a key");
  return generate(context);
}

Key to_key(const RsaPublicKey& numbers) {
  const CPtr<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free> builder(OSSL_PARAM_BLD_new());
  const Number modulus = to_number(numbers.modulus), exponent = to_number(numbers.exponent);
  check(OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get()) == 1 &&
            OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get()) == 1,
        "take a key");
  const CPtr<OSSL_PARAM, OSSL_PARAM_free> parameters(OSSL_PARAM_BLD_to_param(builder.get()));
  const KeyContext context = new_context("RSA");
  EVP_PKEY* key = nullptr;
  check(EVP_PKEY_fromdata_init(context.get()) == 1 &&
            EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) == 1,
        "take a key");
  return Key(key);
}

NamePtr to_name(const Name& entries) {
  NamePtr name(X509_NAME_new());
  for (const auto& [attribute, value] : entries) {
    if (X509_NAME_add_entry_by_txt(name.get(), attribute, MBSTRING_UTF8,
                                   reinterpret_cast<const unsigned char*>(value.data()), static_cast<int>(value.size()),
                                   -1, 0) != 1) {
      throw Error(Errc::invalid_argument, std::string("A certificate cannot carry the value given for ") + attribute +
                                              ": it is too long or not UTF-8.");
    }
  }
  return name;
}

X509Ptr certify(const X509_NAME* subject, EVP_PKEY* key, const Profile& profile, const Identity* issuer) {
  X509Ptr certificate(X509_new_ex(crypto_context(), nullptr));
  check(certificate != nullptr, "make a certificate");
  X509* issuing = issuer ? issuer->certificate.get() : certificate.get();
  set_serial_number(certificate.get());
  set_validity(certificate.get(), profile.days);
  check(X509_set_version(certificate.get(), X509_VERSION_3) == 1 && X509_set_pubkey(certificate.get(), key) == 1 &&
            X509_set_subject_name(certificate.get(), subject) == 1 &&
            X509_set_issuer_name(certificate.get(), X509_get_subject_name(issuing)) == 1,
        "make a certificate");
  add_extensions(certificate.get(), issuing, profile.extensions);
  const CPtr<EVP_MD, EVP_MD_free> sha256(EVP_MD_fetch(crypto_context(), "SHA256", nullptr));
  check(X509_sign(certificate.get(), issuer ? issuer->key.get() : key, sha256.get()) > 0, "sign a certificate");
  return certificate;
}

std::string to_pem(const X509* certificate) {
  const Bio bio(BIO_new(BIO_s_mem()));
  check(bio && PEM_write_bio_X509(bio.get(), certificate) == 1, "write a certificate");
  return std::string(content(bio));
}

SecureString to_pem(const EVP_PKEY* key) {
  const Bio bio(BIO_new(BIO_s_secmem()));
  check(bio && PEM_write_bio_PKCS8PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1,
        "write a key");
  return SecureString(content(bio));
}

Key read_key(const std::filesystem::path& file) {
  Key key(PEM_read_bio_PrivateKey_ex(open(file).get(), nullptr, nullptr, nullptr, crypto_context(), nullptr));
  if (!key) refuse(file, "private key");
  return key;
}

X509Ptr read_certificate(const std::filesystem::path& file) {
  X509Ptr certificate(PEM_read_bio_X509(open(file).get(), nullptr, nullptr, nullptr));
  if (!certificate) refuse(file, "certificate");
  return certificate;
}

}  // namespace smartcmd::service
