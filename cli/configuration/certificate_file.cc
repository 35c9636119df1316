// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "cli/configuration/certificate_file.h"

#include <openssl/pem.h>

#include "base/crypto_context.h"
#include "base/error.h"
#include "base/files.h"
#include "base/openssl.h"
#include "base/text.h"
#include "documents/certificate_text.h"

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

}  // namespace

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

Certificate read_encryption_certificate(const std::filesystem::path& file) {
  Certificate certificate = read_certificate(file);
  try {
    certificate.modulus();
  } catch (const Error&) {
    refuse(file, N_("The certificate in {file} has no RSA key, so it cannot encrypt for the service."));
  }
  if (has_expired(certificate))
    throw Error(Errc::configuration, filled(_("The certificate in {file} expired on {day}."),
                                            {{"file", file.native()}, {"day", certificate.valid_until()}}));
  return certificate;
}

void require_certificates(const std::filesystem::path& file) {
  if (first_of_pem(read_file(file)).empty()) refuse(file, N_("{file} holds no certificate in PEM."));
}

}  // namespace smartcmd
