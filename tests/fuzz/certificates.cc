// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// Certificates in PEM, as services glue them together and as they are kept on disk.

#include "documents/certificate_text.h"
#include "signing/certificate.h"
#include "tests/fuzz/fuzz.h"

namespace smartcmd {
namespace {

void show(const Certificate& certificate) {
  fuzz::taken([&] {
    for (const std::string& text : {subject_text(certificate), issuer_text(certificate), serial_text(certificate),
                                    fingerprint_text(certificate), validity_text(certificate)})
      fuzz::require(fuzz::is_printable(text), "what is shown of a certificate is text");
  });
  fuzz::require(fuzz::is_utf8(certificate.common_name()), "a common name is UTF-8");
  fuzz::require(Certificate::from_der(certificate.der()) == certificate, "a certificate is read again");
  (void)has_expired(certificate);
}

void use(const Certificate& signer) {
  const Bytes modulus = signer.modulus(), exponent = signer.public_exponent();
  fuzz::require(!modulus.empty() && modulus.front() != 0, "a modulus has no leading zero");
  fuzz::require(!exponent.empty() && exponent.front() != 0, "an exponent has no leading zero");
  Bytes signature(signer.signature_size(), 0x5a);
  signature.front() = 0;
  (void)signer.verify({Hash::sha256, Bytes(32)}, signature);
}

}  // namespace
}  // namespace smartcmd

int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace smartcmd;
  std::optional<CertificateChain> chain;
  if (!fuzz::taken([&] { chain = CertificateChain::from_pem(fuzz::text_of(data, size)); })) return 0;
  use(chain->signer());
  for (const Certificate& certificate : chain->all()) show(certificate);
  fuzz::require(CertificateChain::from_pem(chain->to_pem()) == *chain, "a chain is read again");
  return 0;
}
