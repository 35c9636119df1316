// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "signing/batches.h"

#include <algorithm>
#include <iterator>

#include "base/text.h"

namespace smartcmd {

namespace {

Error cancelled_error() {
  return {Errc::cancelled, _("Signing was cancelled.")};
}

bool is_cancelled(const Cancellation* cancellation) {
  return cancellation != nullptr && cancellation->cancelled();
}

}  // namespace

/// The turn of a batch, from when it is asked for. However it ends, also by a cancelled thread, the batch is done and
/// the next one may have its turn. Constructed and destroyed with the lock held; the holder lets go of it in between.
class Batches::Turn {
 public:
  Turn(Batches& batches, std::unique_lock<std::mutex>& lock, Queue& queue, Batch& batch)
      : batches_(batches), lock_(lock), queue_(queue), batch_(batch) {
    queue_.asking = true;
    batch_.begun = true;
    if (queue_.collecting.get() == &batch_) queue_.collecting.reset();  // later ones form the next batch
  }
  ~Turn() {
    if (!lock_.owns_lock()) lock_.lock();
    queue_.asking = false;
    if (!signed_ && !batch_.failure) batch_.failure = cancelled_error();
    batch_.done = true;
    batches_.changed_.notify_all();
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

  void signatures_came() { signed_ = true; }
  void failed(const Error& error) {
    if (!lock_.owns_lock()) lock_.lock();
    batch_.failure = error;
  }

 private:
  Batches& batches_;
  std::unique_lock<std::mutex>& lock_;
  Queue& queue_;
  Batch& batch_;
  bool signed_ = false;
};

/// A share's place in a batch. Leaving it before the batch is asked for, also by being cancelled, takes the share
/// along. Constructed and destroyed with the lock held.
class Batches::Seat {
 public:
  Seat(Batch& batch, const std::shared_ptr<Share>& share) : batch_(batch), share_(share) {
    batch_.shares.push_back(share_);
    batch_.documents += share_->documents.size();
  }
  ~Seat() {
    if (batch_.begun) return;
    batch_.shares.remove(share_);
    batch_.documents -= share_->documents.size();
  }
  Seat(const Seat&) = delete;
  Seat& operator=(const Seat&) = delete;

 private:
  Batch& batch_;
  const std::shared_ptr<Share> share_;
};

std::vector<Signature> Batches::sign(const std::string& account, std::vector<Document> documents, SecureString pin,
                                     Cancellation* cancellation, const Ask& ask) {
  const Cancellation::Scope wake(cancellation, [this] {
    const std::lock_guard lock(mutex_);  // whoever is about to wait has either seen the cancellation or hears this
    changed_.notify_all();
  });
  const auto share = std::make_shared<Share>(Share{std::move(documents), std::move(pin), {}});
  std::unique_lock lock(mutex_);
  Queue& queue = queues_[account];
  const std::shared_ptr<Batch> batch = room_locked(queue, share->documents.size());
  const Seat seat(*batch, share);
  changed_.wait(lock, [&] { return batch->done || is_cancelled(cancellation) || (!batch->begun && !queue.asking); });
  if (!batch->done) {
    if (is_cancelled(cancellation)) throw cancelled_error();
    lead(lock, queue, *batch, ask);
  }
  if (batch->failure) throw Error(*batch->failure);
  return std::move(share->signatures);
}

std::shared_ptr<Batches::Batch> Batches::room_locked(Queue& queue, std::size_t documents) {
  if (!queue.collecting || queue.collecting->documents + documents > max_batch) {
    queue.collecting = std::make_shared<Batch>();
  }
  return queue.collecting;
}

void Batches::lead(std::unique_lock<std::mutex>& lock, Queue& queue, Batch& batch, const Ask& ask) {
  Turn turn(*this, lock, queue, batch);
  std::vector<Document> documents;
  SecureString pin;
  for (const auto& share : batch.shares) {
    documents.insert(documents.end(), share->documents.begin(), share->documents.end());
    if (pin.empty()) pin = std::move(share->pin);
  }
  lock.unlock();
  try {
    std::vector<Signature> signatures = ask(std::move(documents), std::move(pin));
    lock.lock();
    auto next = std::make_move_iterator(signatures.begin());
    for (const auto& share : batch.shares) {
      const auto end = next + static_cast<std::ptrdiff_t>(share->documents.size());
      share->signatures.assign(next, end);
      next = end;
    }
    turn.signatures_came();
  } catch (const Error& error) {
    turn.failed(error);
  } catch (const std::exception& error) {
    turn.failed(Error(Errc::internal, filled(_("SmartCMD failed: {reason}."), {{"reason", sentence_of(error)}})));
  }
}

}  // namespace smartcmd
