// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "p11kit-module/sessions.h"

#include <utility>

#include "p11kit-module/errors.h"

namespace smartcmd::p11 {

CK_SESSION_INFO Session::info() const {
  const bool in = slot.login().is_logged_in();
  const CK_STATE state = is_rw() ? (in ? CKS_RW_USER_FUNCTIONS : CKS_RW_PUBLIC_SESSION)
                                 : (in ? CKS_RO_USER_FUNCTIONS : CKS_RO_PUBLIC_SESSION);
  return {slot.id(), state, flags, 0};
}

void Session::begin_search(std::span<const CK_ATTRIBUTE> wanted) {
  require(!search, CKR_OPERATION_ACTIVE);
  if (!signing && !verifying && waiting == nullptr) objects = slot.objects();
  const bool with_private = slot.login().allows_private();
  if (with_private) slot.login().tell_private();
  search = objects ? Search{objects->search(wanted, with_private)} : Search{};
}

void Session::cancel(CK_FLAGS operations) {
  if ((operations & CKF_FIND_OBJECTS) != 0) search.reset();
  if ((operations & CKF_DIGEST) != 0) digesting.reset();
  if ((operations & CKF_VERIFY) != 0) verifying.reset();
  if ((operations & CKF_SIGN) == 0) return;
  signing.reset();
  if (waiting != nullptr) std::exchange(waiting, nullptr)->cancel();
}

CK_SESSION_HANDLE Sessions::open(Slot& slot, CK_FLAGS flags) {
  require((flags & CKF_SERIAL_SESSION) != 0, CKR_SESSION_PARALLEL_NOT_SUPPORTED);
  auto session = std::make_shared<Session>(slot, flags & (CKF_SERIAL_SESSION | CKF_RW_SESSION));
  const std::lock_guard lock(mutex_);
  const CK_SESSION_HANDLE handle = next_++;
  ++slot.session_count;
  if (session->is_rw()) ++slot.rw_session_count;
  sessions_.emplace(handle, std::move(session));
  return handle;
}

LockedSession Sessions::at(CK_SESSION_HANDLE handle) {
  std::unique_lock lock(mutex_);
  const auto found = sessions_.find(handle);
  require(found != sessions_.end(), CKR_SESSION_HANDLE_INVALID);
  std::shared_ptr<Session> session = found->second;
  lock.unlock();  // before waiting for the session's own
  return LockedSession(std::move(session));
}

Sessions::Map::iterator Sessions::close_locked(Map::iterator closed) {
  Slot& slot = closed->second->slot;
  LockedSession(closed->second)->cancel(CKF_SIGN);
  if (closed->second->is_rw()) --slot.rw_session_count;
  if (--slot.session_count == 0) slot.login().forget();
  return sessions_.erase(closed);
}

void Sessions::close(CK_SESSION_HANDLE handle) {
  const std::lock_guard lock(mutex_);
  const auto found = sessions_.find(handle);
  require(found != sessions_.end(), CKR_SESSION_HANDLE_INVALID);
  close_locked(found);
}

void Sessions::close_all(const Slot& slot) {
  const std::lock_guard lock(mutex_);
  for (auto session = sessions_.begin(); session != sessions_.end();) {
    session = &session->second->slot == &slot ? close_locked(session) : std::next(session);
  }
}

void Sessions::close_all() {
  const std::lock_guard lock(mutex_);
  for (auto session = sessions_.begin(); session != sessions_.end();) session = close_locked(session);
}

}  // namespace smartcmd::p11
