// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "documents/certificate_text.h"

#include <openssl/bn.h>

#include <cstdio>
#include <ctime>

#include "base/c_ptr.h"
#include "base/error.h"
#include "base/text.h"
#include "signing/x509.h"

namespace smartcmd {
namespace {

/// What `write` writes into a BIO.
template <class Write>
std::string text_of(Write&& write) {
  const Bio text = writing_bio();
  if (!write(text.get())) throw Error(Errc::out_of_memory, _("There is not enough memory."));
  return std::string(written(text));
}

std::string with_colons(const Bytes& octets) {
  std::string text;
  for (const unsigned char octet : octets) {
    char digits[] = ":00";
    std::snprintf(digits, sizeof digits, ":%02X", octet);
    text += text.empty() ? digits + 1 : digits;
  }
  return text;
}

// RFC 2253, with every character as it is: what may not reach a terminal is taken out by printable() alone, which knows
// C1 and the turns of direction, too.
std::string name_text(const X509_NAME* name) {
  constexpr unsigned long style =
      XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB | ASN1_STRFLGS_ESC_CTRL);
  return printable(text_of([&](BIO* text) { return X509_NAME_print_ex(text, name, 0, style) >= 0; }));
}

}  // namespace

std::string subject_text(const Certificate& certificate) {
  return name_text(X509_get_subject_name(certificate.x509()));
}

std::string issuer_text(const Certificate& certificate) {
  return name_text(X509_get_issuer_name(certificate.x509()));
}

std::string serial_text(const Certificate& certificate) {
  const CPtr<BIGNUM, BN_free> number(ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate.x509()), nullptr));
  if (!number) throw Error(Errc::out_of_memory, _("There is not enough memory."));
  Bytes octets(static_cast<std::size_t>(BN_num_bytes(number.get())));
  BN_bn2bin(number.get(), octets.data());
  return with_colons(octets);
}

std::string fingerprint_text(const Certificate& certificate) {
  return with_colons(certificate.fingerprint());
}

std::string to_pem(const Certificate& certificate) {
  return text_of([&](BIO* text) { return PEM_write_bio_X509(text, certificate.x509()) == 1; });
}

std::string validity_text(const Certificate& certificate) {
  return filled(_("{first} to {last}"), {{"first", certificate.valid_from()}, {"last", certificate.valid_until()}});
}

bool has_expired(const Certificate& certificate) {
  return expires_within(certificate, std::chrono::seconds(0));
}

bool expires_within(const Certificate& certificate, std::chrono::seconds period) {
  std::time_t then = std::time(nullptr) + period.count();
  return X509_cmp_time(X509_get0_notAfter(certificate.x509()), &then) < 0;
}

}  // namespace smartcmd
