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
    queue_.waiting.pop_front();  // later ones form the next batch
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

/// A share's place in a batch: in one that waits, or in a new one. Leaving it before the batch is asked for, also by
/// being cancelled, takes the share along, and the last one takes the batch. Constructed and destroyed with the lock
/// held.
class Batches::Seat {
 public:
  Seat(Batches& batches, Queue& queue, const Certificate& signer, SecureString pin, std::vector<Document> documents)
      : batches_(batches), queue_(queue), share_(std::make_shared<Share>(Share{std::move(documents), {}})) {
    const auto found = std::find_if(queue.waiting.begin(), queue.waiting.end(), [&](const auto& waiting) {
      return waiting->takes(signer, pin, share_->documents.size());
    });
    if (found != queue.waiting.end()) {
      batch_ = *found;
    } else {
      batch_ = std::make_shared<Batch>(Batch{.signer = signer, .pin = std::move(pin)});
      queue.waiting.push_back(batch_);
    }
    batch_->shares.push_back(share_);
    batch_->documents += share_->documents.size();
  }
  ~Seat() {
    if (batch_->begun) return;
    batch_->shares.remove(share_);
    batch_->documents -= share_->documents.size();
    if (!batch_->shares.empty()) return;
    queue_.waiting.remove(batch_);
    batches_.changed_.notify_all();  // it may have been the next one's turn
  }
  Seat(const Seat&) = delete;
  Seat& operator=(const Seat&) = delete;

  Batch& batch() const { return *batch_; }
  Share& share() const { return *share_; }
  bool has_turn() const { return !queue_.asking && !batch_->begun && queue_.waiting.front() == batch_; }

 private:
  Batches& batches_;
  Queue& queue_;
  const std::shared_ptr<Share> share_;
  std::shared_ptr<Batch> batch_;
};

bool Batches::Batch::takes(const Certificate& their_signer, const SecureString& their_pin, std::size_t count) const {
  return documents + count <= max_batch && pin == their_pin && signer == their_signer;
}

std::vector<Signature> Batches::sign(const std::string& account, const Certificate& signer,
                                     std::vector<Document> documents, SecureString pin, Cancellation* cancellation,
                                     const Ask& ask) {
  const Cancellation::Scope wake(cancellation, [this] {
    const std::lock_guard lock(mutex_);  // whoever is about to wait has either seen the cancellation or hears this
    changed_.notify_all();
  });
  std::unique_lock lock(mutex_);
  Queue& queue = queues_[account];
  const Seat seat(*this, queue, signer, std::move(pin), std::move(documents));
  Batch& batch = seat.batch();
  changed_.wait(lock, [&] { return batch.done || is_cancelled(cancellation) || seat.has_turn(); });
  if (!batch.done) {
    if (is_cancelled(cancellation)) throw cancelled_error();
    lead(lock, queue, batch, ask);
  }
  if (batch.failure) throw Error(*batch.failure);
  return std::move(seat.share().signatures);
}

void Batches::lead(std::unique_lock<std::mutex>& lock, Queue& queue, Batch& batch, const Ask& ask) {
  Turn turn(*this, lock, queue, batch);
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
    turn.failed(error);
  } catch (const std::exception& error) {
    turn.failed(Error(Errc::internal, filled(_("SmartCMD failed: {reason}."), {{"reason", sentence_of(error)}})));
  }
}

}  // namespace smartcmd
