// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <openssl/types.h>

#include <string>

namespace smartcmd {

/// Our own libcrypto context with the default provider only: inside a host we must not meet the host's providers, of
/// which one may be ours. Made at a process's first call (also a forked one's), kept for its life. Throws
/// Errc::internal after OPENSSL_cleanup(3), when libcrypto must be left alone.
OSSL_LIB_CTX* crypto_context();

/// The same without any algorithm, for what is read and not used: in other contexts OpenSSL makes a key of what it
/// finds in a certificate, for which it first collects every decoder there is.
OSSL_LIB_CTX* reading_context();

/// Leaves the host's OpenSSL error queue as it was found.
class ErrorQueueMark {
 public:
  ErrorQueueMark();
  ~ErrorQueueMark();
  ErrorQueueMark(const ErrorQueueMark&) = delete;
  ErrorQueueMark& operator=(const ErrorQueueMark&) = delete;
};

}  // namespace smartcmd
