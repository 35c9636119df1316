// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <chrono>
#include <deque>
#include <mutex>
#include <optional>

#include "signing/certificate.h"
#include "signing/document.h"

namespace smartcmd {

/// The signatures this process has just got. What a program calls one signature may ask for the same one several times,
/// and RSASSA-PKCS1-v1_5 gives the same octets each time: within `lifetime` the person is not asked again.
class SignatureMemory {
 public:
  static constexpr std::chrono::seconds lifetime{60};
  static constexpr std::size_t capacity = 100;

  using Clock = std::chrono::steady_clock;

  void remember(const Certificate& signer, const Digest& digest, const Signature& signature,
                Clock::time_point now = Clock::now());
  /// The signature of `digest` by the signer's key, when it was remembered less than `lifetime` ago.
  std::optional<Signature> recall(const Certificate& signer, const Digest& digest,
                                  Clock::time_point now = Clock::now());

 private:
  struct Entry {
    Clock::time_point since;
    Certificate signer;
    Digest digest;
    Signature signature;
  };
  std::mutex mutex_;
  std::deque<Entry> entries_;  // oldest first
};

}  // namespace smartcmd
