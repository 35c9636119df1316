// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "signing/certificate_file.h"

#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>

#include "base/crypto_context.h"
#include "base/error.h"
#include "base/files.h"
#include "base/openssl.h"
#include "base/text.h"

namespace smartcmd {
namespace {

constexpr std::string_view pem_begin = "-----BEGIN ";

[[noreturn]] void refuse(const std::filesystem::path& file, const char* sentence) {
  throw Error(Errc::configuration, filled(_(sentence), {{"file", file.native()}}));
}

/// The DER of the first certificate in a PEM text; empty when there is none.
Bytes first_of_pem(const std::string& pem) {
  const ErrorQueueMark mark;
  const Bio bio = reading_bio(bytes_of(pem));
  while (std::optional<PemBlock> block = next_pem_block(bio))
    if (block->label == PEM_STRING_X509) return std::move(block->content);
  return {};
}

Certificate read_certificate(const std::filesystem::path& file) {
  const std::string text = read_file(file);
  const bool is_pem = text.find(pem_begin) != std::string::npos;
  const Bytes pem = is_pem ? first_of_pem(text) : Bytes();
  try {
    return Certificate::from_der(is_pem ? ByteView(pem) : bytes_of(text));
  } catch (const Error&) {
    refuse(file, N_("{file} holds no certificate."));
  }
}

bool is_valid_now(const Certificate& certificate) {
  return X509_cmp_current_time(X509_get0_notBefore(certificate.x509())) < 0 &&
         X509_cmp_current_time(X509_get0_notAfter(certificate.x509())) > 0;
}

bool is_older(const Certificate& one, const Certificate& other) {
  if (is_valid_now(one) != is_valid_now(other)) return is_valid_now(other);
  return ASN1_TIME_compare(X509_get0_notBefore(one.x509()), X509_get0_notBefore(other.x509())) < 0;
}

}  // namespace

Certificate read_encryption_certificate(const std::filesystem::path& file) {
  const ErrorQueueMark mark;
  Certificate certificate = read_certificate(file);
  try {
    certificate.modulus();
  } catch (const Error&) {
    refuse(file, N_("The certificate in {file} has no RSA key, so it cannot encrypt for the service."));
  }
  return certificate;
}

std::vector<Certificate> read_encryption_certificates(const std::vector<std::filesystem::path>& files) {
  std::vector<Certificate> all;
  for (const std::filesystem::path& file : files) all.push_back(read_encryption_certificate(file));
  return all;
}

const Certificate& newest_valid(const std::vector<Certificate>& certificates) {
  return *std::max_element(certificates.begin(), certificates.end(), is_older);
}

void require_certificates(const std::filesystem::path& file) {
  if (first_of_pem(read_file(file)).empty()) refuse(file, N_("{file} holds no certificate in PEM."));
}

}  // namespace smartcmd
