// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "tests/support/certificate.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <stdexcept>
#include <string_view>

namespace smartcmd {

namespace {

void require(bool done, const char* what) {
  if (!done) throw std::runtime_error(what);
}

void add_extension(X509* certificate, int nid, const char* value) {
  X509V3_CTX context{};
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  const CPtr<X509_EXTENSION, X509_EXTENSION_free> extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value));
  require(extension && X509_add_ext(certificate, extension.get(), -1) == 1, "X509_add_ext");
}

}  // namespace

TestCertificate TestCertificate::make(const Options& options) {
  constexpr long day = 24L * 60 * 60;
  const bool rsa = std::string_view(options.key_type) == "RSA";
  TestCertificate made;
  made.key.reset(rsa ? EVP_RSA_gen(options.bits) : EVP_EC_gen("P-256"));
  made.certificate.reset(X509_new());
  require(made.key && made.certificate, "key generation");
  X509* x509 = made.certificate.get();
  X509_set_version(x509, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
  X509_gmtime_adj(X509_getm_notBefore(x509), options.from_days * day);
  X509_gmtime_adj(X509_getm_notAfter(x509), options.to_days * day);
  const auto* name = reinterpret_cast<const unsigned char*>(options.name.c_str());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_UTF8, name, -1, -1, 0);
  const TestCertificate& issuer = options.issuer != nullptr ? *options.issuer : made;
  X509_set_issuer_name(x509, X509_get_subject_name(issuer.certificate.get()));
  X509_set_pubkey(x509, made.key.get());
  add_extension(x509, NID_subject_alt_name, options.alternative_name);
  if (options.authority) add_extension(x509, NID_basic_constraints, "critical,CA:TRUE");
  const TestCertificate& hand = options.signed_by != nullptr ? *options.signed_by : issuer;
  require(X509_sign(x509, hand.key.get(), EVP_sha256()) > 0, "X509_sign");
  return made;
}

std::string TestCertificate::pem() const {
  const CPtr<BIO, BIO_free_all> output(BIO_new(BIO_s_mem()));
  require(PEM_write_bio_X509(output.get(), certificate.get()) == 1, "PEM_write_bio_X509");
  char* text = nullptr;
  const long length = BIO_get_mem_data(output.get(), &text);
  return {text, static_cast<std::size_t>(length)};
}

}  // namespace smartcmd
