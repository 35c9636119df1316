// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <openssl/pem.h>
#include <openssl/x509.h>

#include <new>

#include "base/bytes.h"
#include "base/c_ptr.h"
#include "base/openssl.h"

namespace smartcmd {

using X509Ptr = CPtr<X509, X509_free>;

/// The next certificate of a PEM text, for `context`; nothing at the end, or where it is broken. It may leave an error
/// in the queue.
inline X509Ptr next_pem_certificate(const Bio& bio, OSSL_LIB_CTX* context) {
  X509* x509 = X509_new_ex(context, nullptr);
  if (PEM_read_bio_X509(bio.get(), &x509, nullptr, nullptr) != nullptr) return X509Ptr(x509);
  X509_free(x509);  // null when the parser has released it
  return nullptr;
}

/// What one of OpenSSL's i2d functions writes. Throws std::bad_alloc.
template <class T>
Bytes to_der(int (*i2d)(T, unsigned char**), T object) {
  const int size = i2d(object, nullptr);
  if (size < 0) throw std::bad_alloc();
  Bytes der(static_cast<std::size_t>(size));
  unsigned char* end = der.data();
  i2d(object, &end);
  return der;
}

}  // namespace smartcmd
