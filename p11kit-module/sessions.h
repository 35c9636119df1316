// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "p11kit-module/errors.h"
#include "p11kit-module/message.h"
#include "p11kit-module/slots.h"

namespace smartcmd::p11 {

/// How an operation is carried out: the first call after its beginning decides, also one that only asks for a size.
enum class Course { open, at_once, in_parts };

/// A digest that C_DigestInit has begun.
struct DigestOperation {
  Hasher hasher;
  Course course = Course::open;
};

/// A signature or verification that C_SignInit or C_VerifyInit has begun.
struct SignatureOperation {
  Message message;
  Course course = Course::open;
  SecureString pin{};  ///< of C_Login with CKU_CONTEXT_SPECIFIC
};

/// The results of a search that C_FindObjects has not told yet.
struct Search {
  std::vector<CK_OBJECT_HANDLE> found;
  std::size_t told = 0;
};

/// What a session remembers between calls (section 5.6); to be touched with its lock held.
struct Session {
  Session(Slot& its_slot, CK_FLAGS its_flags) : slot(its_slot), flags(its_flags), objects(its_slot.objects()) {}

  /// The object of that handle, whoever may see it; nothing when there is none.
  const Object* find(CK_OBJECT_HANDLE handle) const { return objects ? objects->find(handle) : nullptr; }
  /// Section 5.6.4, C_GetSessionInfo.
  CK_SESSION_INFO info() const;
  /// Section 5.7.7, C_FindObjectsInit. Programs keep sessions for as long as they live, so it looks at what the token
  /// holds now, except in the middle of an operation.
  void begin_search(std::span<const CK_ATTRIBUTE> wanted);
  /// Section 5.6.5, C_SessionCancel, for the operations of those flags.
  void cancel(CK_FLAGS operations);
  bool is_rw() const { return (flags & CKF_RW_SESSION) != 0; }

  std::mutex mutex;
  Slot& slot;
  const CK_FLAGS flags;
  /// What the token held when the session was opened or last searched; nothing when the account was not enrolled.
  std::shared_ptr<const Objects> objects;

  std::optional<Search> search;
  std::optional<DigestOperation> digesting;
  std::optional<SignatureOperation> signing;
  std::optional<SignatureOperation> verifying;
  /// Gives up the signature another thread waits for, without the lock; nothing when there is none or it was given up.
  Cancellation* waiting = nullptr;
};

/// Takes an operation out of its session, which ends it unless it is put back. Throws CKR_OPERATION_NOT_INITIALIZED.
template <class Operation>
Operation take(std::optional<Operation>& operation) {
  require(operation.has_value(), CKR_OPERATION_NOT_INITIALIZED);
  Operation taken = std::move(*operation);
  operation.reset();
  return taken;
}

/// Has the operation go on in that way. Throws CKR_OPERATION_NOT_INITIALIZED when it went another: no operation of that
/// kind has begun, and what was meant to be signed would not be what is.
template <class Operation>
void follow(Operation& operation, Course course) {
  require(operation.course == Course::open || operation.course == course, CKR_OPERATION_NOT_INITIALIZED);
  operation.course = course;
}

/// A session that nobody else can touch meanwhile. It stays alive, also when another thread closes it.
class LockedSession {
 public:
  explicit LockedSession(std::shared_ptr<Session> session) : session_(std::move(session)), lock_(session_->mutex) {}

  Session& operator*() const { return *session_; }
  Session* operator->() const { return session_.get(); }
  /// For the time in which a person or a service is asked.
  void unlock() { lock_.unlock(); }
  void lock() { lock_.lock(); }

 private:
  std::shared_ptr<Session> session_;
  std::unique_lock<std::mutex> lock_;
};

/// The open sessions, by handles that are never used again.
class Sessions {
 public:
  /// Section 5.6.1, C_OpenSession.
  CK_SESSION_HANDLE open(Slot& slot, CK_FLAGS flags);
  /// Throws CKR_SESSION_HANDLE_INVALID.
  LockedSession at(CK_SESSION_HANDLE handle);
  /// Section 5.6.2, C_CloseSession. The last session of a token takes its login along.
  void close(CK_SESSION_HANDLE handle);
  /// Section 5.6.3, C_CloseAllSessions.
  void close_all(const Slot& slot);
  /// At C_Finalize: no thread may wait any longer.
  void close_all();

 private:
  using Map = std::unordered_map<CK_SESSION_HANDLE, std::shared_ptr<Session>>;
  Map::iterator close_locked(Map::iterator session);

  std::mutex mutex_;
  CK_SESSION_HANDLE next_ = 1;
  Map sessions_;
};

}  // namespace smartcmd::p11
