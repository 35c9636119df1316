// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "base/file_version.h"
#include "p11kit-module/login.h"
#include "p11kit-module/objects.h"
#include "signing/signing_service.h"

namespace smartcmd::p11 {

/// The slot of an account, with a token that is always present. Certificates are read when somebody asks for the
/// token's objects, and again when their file has changed.
class Slot {
 public:
  Slot(const SigningService& service, const Account& account, CK_SLOT_ID id, std::string_view label);

  CK_SLOT_ID id() const { return id_; }
  const Account& account() const { return account_; }
  const SigningService& service() const { return service_; }
  HashSet hashes() const { return account_.service.hashes; }
  TokenLogin& login() { return login_; }
  const TokenLogin& login() const { return login_; }

  /// Section 5.5.2, C_GetSlotInfo.
  CK_SLOT_INFO info() const;
  /// Section 5.5.3, C_GetTokenInfo.
  CK_TOKEN_INFO token_info() const;
  /// What the token holds now; nothing when the account is not enrolled.
  std::shared_ptr<const Objects> objects();

  /// Open sessions, kept by Sessions.
  std::atomic<CK_ULONG> session_count = 0;
  std::atomic<CK_ULONG> rw_session_count = 0;

 private:
  FileVersion cached() const { return FileVersion(chain_file_.c_str()); }
  void load(bool complain);

  const SigningService& service_;
  const Account& account_;
  const CK_SLOT_ID id_;
  const CK_TOKEN_INFO info_;
  const std::string chain_file_;
  TokenLogin login_;
  std::mutex mutex_;
  FileVersion seen_;
  std::shared_ptr<const Objects> objects_;
  std::shared_ptr<const Objects> last_;  ///< also when there are none now
};

/// One slot for each account, in the configuration's order. A slot's id comes from the account's name, so that it stays
/// when other accounts come and go.
class Slots {
 public:
  explicit Slots(const SigningService& service);

  const std::deque<Slot>& all() const { return slots_; }
  /// Throws CKR_SLOT_ID_INVALID.
  Slot& at(CK_SLOT_ID id);

 private:
  std::deque<Slot> slots_;
  std::unordered_map<CK_SLOT_ID, Slot*> by_id_;
};

}  // namespace smartcmd::p11
