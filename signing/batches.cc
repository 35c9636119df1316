// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "signing/batches.h"

#include <algorithm>
#include <iterator>

#include "signing/text.h"

namespace smartcmd {

namespace {

Error cancelled_error() {
  return {Errc::cancelled, _("Signing was cancelled.")};
}

bool is_cancelled(const Cancellation* cancellation) {
  return cancellation != nullptr && cancellation->cancelled();
}

}  // namespace

/// The turn of a batch to be asked for. However it ends, also by a cancelled thread, the batch is done and the next one
/// may have its turn. Constructed and destroyed with the lock held; the holder lets go of it in between.
class Batches::Turn {
 public:
  Turn(Batches& batches, std::unique_lock<std::mutex>& lock, Queue& queue, Batch& batch)
      : batches_(batches), lock_(lock), queue_(queue), batch_(batch) {}
  ~Turn() {
    if (!lock_.owns_lock()) lock_.lock();
    if (began_) queue_.asking = false;
    if (queue_.collecting.get() == &batch_) queue_.collecting.reset();
    if (!signed_ && !batch_.failure) batch_.failure = cancelled_error();
    batch_.done = true;
    batches_.changed_.notify_all();
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

  void begin() {
    began_ = queue_.asking = true;
    if (queue_.collecting.get() == &batch_) queue_.collecting.reset();  // later ones form the next batch
  }
  void signatures_came() { signed_ = true; }

 private:
  Batches& batches_;
  std::unique_lock<std::mutex>& lock_;
  Queue& queue_;
  Batch& batch_;
  bool began_ = false;
  bool signed_ = false;
};

/// A follower's place in a batch. Leaving it while the batch still collects, also by being cancelled, takes its
/// documents along. Constructed and destroyed with the lock held.
class Batches::Seat {
 public:
  Seat(const Queue& queue, Batch& batch, const std::shared_ptr<Share>& share)
      : queue_(queue), batch_(batch), share_(share) {}
  ~Seat() {
    if (queue_.collecting.get() != &batch_) return;
    batch_.shares.remove(share_);
    batch_.documents -= share_->documents.size();
  }
  Seat(const Seat&) = delete;
  Seat& operator=(const Seat&) = delete;

 private:
  const Queue& queue_;
  Batch& batch_;
  const std::shared_ptr<Share> share_;
};

std::vector<Signature> Batches::sign(const std::string& account, std::vector<Document> documents, SecureString pin,
                                     Cancellation* cancellation, const Ask& ask) {
  const Cancellation::Scope wake(cancellation, [this] {
    const std::lock_guard lock(mutex_);  // whoever is about to wait has either seen the cancellation or hears this
    changed_.notify_all();
  });
  const auto share = std::make_shared<Share>(Share{std::move(documents), {}});
  std::unique_lock lock(mutex_);
  Queue& queue = queues_[account];
  bool first = false;
  const std::shared_ptr<Batch> batch = join_locked(queue, share, std::move(pin), first);
  if (first) {
    lead(lock, queue, *batch, cancellation, ask);
  } else {
    follow(lock, queue, *batch, share, cancellation);
  }
  if (batch->failure) throw Error(*batch->failure);
  return std::move(share->signatures);
}

std::shared_ptr<Batches::Batch> Batches::join_locked(Queue& queue, const std::shared_ptr<Share>& share,
                                                     SecureString pin, bool& first) {
  first = !queue.collecting || queue.collecting->documents + share->documents.size() > max_batch;
  if (first) queue.collecting = std::make_shared<Batch>();
  Batch& batch = *queue.collecting;
  batch.shares.push_back(share);
  batch.documents += share->documents.size();
  if (batch.pin.empty()) batch.pin = std::move(pin);
  return queue.collecting;
}

void Batches::lead(std::unique_lock<std::mutex>& lock, Queue& queue, Batch& batch, Cancellation* cancellation,
                   const Ask& ask) {
  Turn turn(*this, lock, queue, batch);
  changed_.wait(lock, [&] { return !queue.asking || is_cancelled(cancellation); });
  if (is_cancelled(cancellation)) return;
  turn.begin();
  std::vector<Document> documents;
  for (const auto& share : batch.shares) {
    documents.insert(documents.end(), share->documents.begin(), share->documents.end());
  }
  lock.unlock();
  try {
    std::vector<Signature> signatures = ask(std::move(documents), std::move(batch.pin));
    lock.lock();
    auto next = std::make_move_iterator(signatures.begin());
    for (const auto& share : batch.shares) {
      const auto end = next + static_cast<std::ptrdiff_t>(share->documents.size());
      share->signatures.assign(next, end);
      next = end;
    }
    turn.signatures_came();
  } catch (const Error& error) {
    if (!lock.owns_lock()) lock.lock();
    batch.failure = error;
  }
}

void Batches::follow(std::unique_lock<std::mutex>& lock, Queue& queue, Batch& batch,
                     const std::shared_ptr<Share>& share, Cancellation* cancellation) {
  const Seat seat(queue, batch, share);
  changed_.wait(lock, [&] { return batch.done || is_cancelled(cancellation); });
  if (!batch.done) throw cancelled_error();
}

}  // namespace smartcmd
