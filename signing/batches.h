// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <condition_variable>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/cancellation.h"
#include "base/error.h"
#include "base/secure_string.h"
#include "signing/certificate.h"
#include "signing/document.h"

namespace smartcmd {

/// Joins what several threads sign for one account into batches, so that the person is asked once. The first thread
/// asks; those that come while it does form the next batch together, of at most max_batch documents, for which one of
/// them asks. No thread is made for this, the callers wait.
///
/// A PIN is consent to what its giver brought, and no certificate but the caller's says whether a signature is right:
/// so threads are joined only when all brought the same PIN, or none, and the same certificate. Others form batches of
/// their own, which have their turns in the order in which they came.
class Batches {
 public:
  /// Gets the signatures of a whole batch; `pin` may be empty.
  using Ask = std::function<std::vector<Signature>(std::vector<Document> documents, SecureString pin)>;

  /// The signatures of `documents` (at most max_batch), got by this thread's `ask` or by that of another thread that
  /// signs for the same `account` with the same certificate. What an `ask` throws, every thread of its batch is told. A
  /// cancelled thread leaves its batch; when it is the one that asks, the batch ends with it.
  std::vector<Signature> sign(const std::string& account, const Certificate& signer, std::vector<Document> documents,
                              SecureString pin, Cancellation* cancellation, const Ask& ask);

 private:
  /// What one thread brought, and what it gets. A thread that leaves while the batch is asked for leaves it behind.
  struct Share {
    std::vector<Document> documents;
    std::vector<Signature> signatures;
  };
  struct Batch {
    Certificate signer;
    SecureString pin;
    std::list<std::shared_ptr<Share>> shares;
    std::size_t documents = 0;
    bool begun = false;  ///< somebody asks, or has asked
    bool done = false;
    std::optional<Error> failure;

    bool takes(const Certificate& their_signer, const SecureString& their_pin, std::size_t count) const;
  };
  /// The batches of one account: one being asked for, those that wait for their turns.
  struct Queue {
    std::list<std::shared_ptr<Batch>> waiting;
    bool asking = false;
  };
  class Turn;
  class Seat;

  void lead(std::unique_lock<std::mutex>& lock, Queue& queue, Batch& batch, const Ask& ask);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, Queue> queues_;
};

}  // namespace smartcmd
