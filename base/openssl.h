// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/c_ptr.h"

namespace smartcmd {

using Bio = CPtr<BIO, BIO_free_all>;
using EvpKey = CPtr<EVP_PKEY, EVP_PKEY_free>;

/// Gives back what OpenSSL has allocated, for which OPENSSL_free() is a macro.
struct OpenSslFree {
  void operator()(void* memory) const noexcept { OPENSSL_free(memory); }
};
/// The owner of memory that OpenSSL has allocated.
template <class T>
using OpenSslMemory = std::unique_ptr<T, OpenSslFree>;

/// Octets to be read; they must outlive it. Throws std::bad_alloc.
Bio reading_bio(ByteView octets);
/// Memory to be written. Throws std::bad_alloc.
Bio writing_bio();
/// What was written into a writing_bio(), not copied.
std::string_view written(const Bio& bio);

/// A block of PEM (RFC 7468), whatever its label.
struct PemBlock {
  std::string label;
  Bytes content;
};
/// The next block, with what stands before it skipped; nothing at the end. It may leave an error in the queue.
std::optional<PemBlock> next_pem_block(const Bio& bio);

}  // namespace smartcmd
