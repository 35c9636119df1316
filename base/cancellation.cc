// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "base/cancellation.h"

#include <utility>

namespace smartcmd {

void Cancellation::cancel() {
  const std::lock_guard lock(mutex_);
  if (cancelled_.exchange(true)) return;
  if (wake_) wake_();
}

Cancellation::Scope::Scope(Cancellation* cancellation, std::function<void()> wake) : cancellation_(cancellation) {
  if (cancellation_ == nullptr) return;
  const std::lock_guard lock(cancellation_->mutex_);
  outer_ = std::exchange(cancellation_->wake_, std::move(wake));
  if (cancellation_->cancelled_) cancellation_->wake_();
}

Cancellation::Scope::~Scope() {
  if (cancellation_ == nullptr) return;
  const std::lock_guard lock(cancellation_->mutex_);
  cancellation_->wake_ = std::move(outer_);
}

}  // namespace smartcmd
