// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "p11kit-module/login.h"

#include <algorithm>

#include "base/text.h"
#include "p11kit-module/errors.h"

namespace smartcmd::p11 {

namespace {

[[noreturn]] void refuse_pin() {
  throw Error(Errc::invalid_secret, _("A signature PIN has 4 to 8 digits; what the program gave is none, and was not "
                                      "sent."));
}

}  // namespace

SecureString read_pin(const CK_UTF8CHAR* pin, CK_ULONG length) {
  if (length == 0) return {};
  require(pin != nullptr, CKR_ARGUMENTS_BAD);
  if (length < min_pin_length || length > max_pin_length) refusing(CKR_PIN_LEN_RANGE, refuse_pin);
  const bool all_digits = std::all_of(pin, pin + length, [](CK_UTF8CHAR c) { return c >= '0' && c <= '9'; });
  if (!all_digits) refusing(CKR_PIN_INCORRECT, refuse_pin);
  return SecureString({reinterpret_cast<const char*>(pin), length});
}

void TokenLogin::log_in(SecureString pin) {
  require(mode_ != Login::pin || !pin.empty(), CKR_PIN_LEN_RANGE);
  const std::lock_guard lock(mutex_);
  require(mode_ != Login::pin || pin_.empty(), CKR_USER_ALREADY_LOGGED_IN);
  logged_in_ = true;
  pin_ = std::move(pin);
}

void TokenLogin::log_out() {
  const std::lock_guard lock(mutex_);
  require(logged_in_, CKR_USER_NOT_LOGGED_IN);
  forget_locked();
}

void TokenLogin::forget() noexcept {
  const std::lock_guard lock(mutex_);
  forget_locked();
}

void TokenLogin::forget_locked() noexcept {
  logged_in_ = false;
  told_private_ = false;
  pin_.clear();
}

void TokenLogin::tell_private() {
  const std::lock_guard lock(mutex_);
  told_private_ = true;
}

bool TokenLogin::has_told_private() const {
  const std::lock_guard lock(mutex_);
  return mode_ == Login::none || (logged_in_ && told_private_);
}

bool TokenLogin::is_logged_in() const {
  const std::lock_guard lock(mutex_);
  return logged_in_;
}

SecureString TokenLogin::take_pin() {
  const std::lock_guard lock(mutex_);
  return std::move(pin_);
}

}  // namespace smartcmd::p11
