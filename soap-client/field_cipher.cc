// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "soap-client/field_cipher.h"

#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "base/bytes.h"
#include "base/crypto_context.h"
#include "base/error.h"
#include "base/text.h"

namespace smartcmd {

FieldCipher::FieldCipher(const Certificate& certificate) {
  const ErrorQueueMark mark;
  // Certificates are read in a context without algorithms; the key is wanted in the one that has them.
  const Bytes info = certificate.public_key_info();
  const unsigned char* der = info.data();
  key_.reset(d2i_PUBKEY_ex(nullptr, &der, static_cast<long>(info.size()), crypto_context(), nullptr));
  if (!key_ || EVP_PKEY_is_a(key_.get(), "RSA") == 0)
    throw Error(Errc::configuration, _("The certificate that encrypts PIN and phone number has no RSA key."));
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
