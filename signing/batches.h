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
#include "signing/document.h"

namespace smartcmd {

/// Joins what several threads sign for one account into batches, so that the person is asked once. The first thread
/// asks; those that come while it does form the next batch together, of at most max_batch documents, for which one of
/// them asks. No thread is made for this, the callers wait.
class Batches {
 public:
  /// Gets the signatures of a whole batch; `pin` may be empty.
  using Ask = std::function<std::vector<Signature>(std::vector<Document> documents, SecureString pin)>;

  /// The signatures of `documents` (at most max_batch), got by this thread's `ask` or by that of another thread that
  /// signs for the same `account`. What an `ask` throws, every thread of its batch is told. A cancelled thread leaves
  /// its batch; when it is the one that asks, the batch ends with it.
  std::vector<Signature> sign(const std::string& account, std::vector<Document> documents, SecureString pin,
                              Cancellation* cancellation, const Ask& ask);

 private:
  /// What one thread brought, and what it gets. A thread that leaves while the batch is asked for leaves it behind.
  struct Share {
    std::vector<Document> documents;
    SecureString pin;
    std::vector<Signature> signatures;
  };
  struct Batch {
    std::list<std::shared_ptr<Share>> shares;
    std::size_t documents = 0;
    bool begun = false;  ///< somebody asks, or has asked
    bool done = false;
    std::optional<Error> failure;
  };
  /// The batches of one account: one being asked for, one that collects.
  struct Queue {
    std::shared_ptr<Batch> collecting;
    bool asking = false;
  };
  class Turn;
  class Seat;

  std::shared_ptr<Batch> room_locked(Queue& queue, std::size_t documents);
  void lead(std::unique_lock<std::mutex>& lock, Queue& queue, Batch& batch, const Ask& ask);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, Queue> queues_;
};

}  // namespace smartcmd
