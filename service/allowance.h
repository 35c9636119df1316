// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <algorithm>
#include <chrono>

namespace smartcmd::service {

/// So many of something in an hour: what was not used is kept for later, up to an hour's share.
class Allowance {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  Allowance(unsigned an_hour, TimePoint now) : an_hour_(an_hour), left_(an_hour), since_(now) {}

  /// Whether one more is allowed now.
  bool has_one(TimePoint now) const { return left(now) >= 1; }
  /// Uses one up, be it there or not.
  void take(TimePoint now) { change(-1, now); }
  /// Gives so many back that were taken.
  void give_back(unsigned count, TimePoint now) { change(count, now); }
  /// Whether nothing of it is used, so that a new one would be the same.
  bool is_full(TimePoint now) const { return left(now) == an_hour_; }

 private:
  double left(TimePoint now) const {
    const std::chrono::duration<double, std::ratio<3600>> hours = now - since_;
    return std::min(an_hour_, left_ + hours.count() * an_hour_);
  }
  void change(double by, TimePoint now) {
    left_ = std::min(an_hour_, left(now) + by);
    since_ = now;
  }

  double an_hour_;
  double left_;
  TimePoint since_;
};

}  // namespace smartcmd::service
