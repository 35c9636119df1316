// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <mutex>

#include "base/secure_string.h"
#include "p11kit-module/cryptoki.h"
#include "signing/config.h"

namespace smartcmd::p11 {

/// A PIN as C_Login gives it: 4 to 8 digits, or none. Throws CKR_ARGUMENTS_BAD, CKR_PIN_LEN_RANGE or CKR_PIN_INCORRECT;
/// what cannot be a PIN would cost the person one of three attempts.
SecureString read_pin(const CK_UTF8CHAR* pin, CK_ULONG length);

inline constexpr CK_ULONG min_pin_length = 4;
inline constexpr CK_ULONG max_pin_length = 8;

/// Who is logged in to a token: the program, for all its sessions (section 5.6.8), and the PIN it has given, which
/// serves one signature or batch. Whether the PIN is right only shows when the service is asked to sign.
class TokenLogin {
 public:
  explicit TokenLogin(Login mode) : mode_(mode) {}

  /// Section 5.6.8, C_Login. A token that needs no login, or whose PIN is used up, takes it again and again; clients
  /// stumble over CKR_USER_ALREADY_LOGGED_IN.
  void log_in(SecureString pin);
  /// Section 5.6.10, C_Logout. Throws CKR_USER_NOT_LOGGED_IN.
  void log_out();
  /// The end of the last session: forgets everything.
  void forget() noexcept;

  bool is_logged_in() const;
  /// Whether private objects may be seen and used.
  bool allows_private() const { return mode_ == Login::none || is_logged_in(); }
  /// A search has told the handles of private objects.
  void tell_private();
  /// Whether those handles are good: not before a search, and not after C_Logout, also for who logs in again.
  bool has_told_private() const;
  /// The PIN for the signature that is about to be made; empty when the person is to be asked.
  SecureString take_pin();

 private:
  void forget_locked() noexcept;

  const Login mode_;
  mutable std::mutex mutex_;
  bool logged_in_ = false;
  bool told_private_ = false;
  SecureString pin_;
};

}  // namespace smartcmd::p11
