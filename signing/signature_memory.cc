// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "signing/signature_memory.h"

namespace smartcmd {

void SignatureMemory::remember(const Certificate& signer, const Digest& digest, const Signature& signature,
                               Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  if (entries_.size() == capacity) entries_.pop_front();
  entries_.push_back({now, signer, digest, signature});
}

std::optional<Signature> SignatureMemory::recall(const Certificate& signer, const Digest& digest,
                                                 Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  while (!entries_.empty() && now - entries_.front().since >= lifetime) entries_.pop_front();
  for (const Entry& entry : entries_) {
    if (entry.digest == digest && entry.signer == signer) return entry.signature;
  }
  return std::nullopt;
}

}  // namespace smartcmd
