// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "soap-client/field_cipher.h"

#include <openssl/rsa.h>

#include "base/bytes.h"
#include "base/crypto_context.h"
#include "base/error.h"
#include "base/text.h"
#include "signing/x509.h"

namespace smartcmd {

namespace {

[[noreturn]] void refuse(const std::filesystem::path& file, const char* why) {
  throw Error(Errc::configuration, filled(_(why), {{"file", file.native()}}) + " " +
                                       _("Get it from the operator of the service and name it in "
                                         "'encryption-certificate'."));
}

X509Ptr read_certificate(const std::filesystem::path& file) {
  const Bio input(BIO_new_file(file.c_str(), "r"));
  if (!input) refuse(file, N_("The certificate that encrypts PIN and phone number, {file}, cannot be read."));
  X509Ptr certificate = next_pem_certificate(input, crypto_context());
  if (!certificate) refuse(file, N_("The certificate that encrypts PIN and phone number, {file}, is not in PEM."));
  return certificate;
}

}  // namespace

FieldCipher::FieldCipher(const std::filesystem::path& certificate) {
  const ErrorQueueMark mark;
  key_.reset(X509_get_pubkey(read_certificate(certificate).get()));
  if (!key_ || EVP_PKEY_is_a(key_.get(), "RSA") == 0)
    refuse(certificate, N_("The certificate that encrypts PIN and phone number, {file}, has no RSA key."));
}

std::string FieldCipher::encrypt(std::string_view value) const {
  const ErrorQueueMark mark;
  const CPtr<EVP_PKEY_CTX, EVP_PKEY_CTX_free> context(
      EVP_PKEY_CTX_new_from_pkey(crypto_context(), key_.get(), nullptr));
  const ByteView plain = bytes_of(value);
  Bytes encrypted(static_cast<std::size_t>(EVP_PKEY_get_size(key_.get())));
  std::size_t size = encrypted.size();
  if (!context || EVP_PKEY_encrypt_init(context.get()) <= 0 ||
      EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) <= 0 ||
      EVP_PKEY_encrypt(context.get(), encrypted.data(), &size, plain.data(), plain.size()) <= 0) {
    throw Error(Errc::internal, _("A field could not be encrypted for the service."));
  }
  encrypted.resize(size);
  return to_base64(encrypted);
}

}  // namespace smartcmd
