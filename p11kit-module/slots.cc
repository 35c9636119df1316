// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "p11kit-module/slots.h"

#include "base/log.h"
#include "p11kit-module/errors.h"
#include "p11kit-module/fill.h"

namespace smartcmd::p11 {

namespace {

constexpr CK_VERSION version = {SMARTCMD_VERSION_MAJOR, SMARTCMD_VERSION_MINOR};

constexpr CK_FLAGS login_flags(Login mode) {
  switch (mode) {
    case Login::none:
      return 0;
    case Login::pin:
      return CKF_LOGIN_REQUIRED;
    case Login::protected_path:
      return CKF_LOGIN_REQUIRED | CKF_PROTECTED_AUTHENTICATION_PATH;
  }
  return 0;
}

// What stays as it is from one call to the next, for an account that is enrolled.
CK_TOKEN_INFO lasting_info(const Account& account, std::string_view label) {
  CK_TOKEN_INFO info{};
  fill(info.label, label);
  fill(info.manufacturerID, token_manufacturer);
  fill(info.model, token_model);
  fill(info.serialNumber, token_serial_number(account));
  info.flags = CKF_RNG | CKF_WRITE_PROTECTED | CKF_USER_PIN_INITIALIZED | login_flags(account.login);
  info.ulMaxSessionCount = CK_EFFECTIVELY_INFINITE;
  info.ulMaxRwSessionCount = CK_EFFECTIVELY_INFINITE;
  info.ulMaxPinLen = max_pin_length;
  info.ulMinPinLen = min_pin_length;
  info.ulTotalPublicMemory = CK_UNAVAILABLE_INFORMATION;
  info.ulFreePublicMemory = CK_UNAVAILABLE_INFORMATION;
  info.ulTotalPrivateMemory = CK_UNAVAILABLE_INFORMATION;
  info.ulFreePrivateMemory = CK_UNAVAILABLE_INFORMATION;
  info.hardwareVersion = version;
  info.firmwareVersion = version;
  fill(info.utcTime, "");  // the token has no clock
  return info;
}

}  // namespace

Slot::Slot(const SigningService& service, const Account& account, CK_SLOT_ID id, std::string_view label)
    : service_(service),
      account_(account),
      id_(id),
      info_(lasting_info(account, label)),
      chain_file_(service.config().chain_file(account)),
      login_(account.login) {}

CK_SLOT_INFO Slot::info() const {
  CK_SLOT_INFO info{};
  fill(info.slotDescription, "SmartCMD account " + account_.name);
  fill(info.manufacturerID, token_manufacturer);
  info.flags = CKF_TOKEN_PRESENT;
  info.hardwareVersion = version;
  info.firmwareVersion = version;
  return info;
}

CK_TOKEN_INFO Slot::token_info() const {
  CK_TOKEN_INFO info = info_;
  if (cached().exists()) {
    info.flags |= CKF_TOKEN_INITIALIZED;
  } else {
    // Without certificates there is nothing to sign with, and the one thing to know is what to do about it.
    fill(info.label, "smartcmd enrol " + account_.name);
  }
  info.ulSessionCount = session_count;
  info.ulRwSessionCount = rw_session_count;
  return info;
}

std::shared_ptr<const Objects> Slot::objects() {
  const std::lock_guard lock(mutex_);
  // Before reading, so that what changes meanwhile is read next time.
  const FileVersion now = cached();
  const bool changed = !(now == seen_);
  seen_ = now;
  // What could not be read is tried again each time, and complained about once.
  if (changed || (!objects_ && now.exists())) load(changed);
  return objects_;
}

void Slot::load(bool complain) {
  objects_.reset();
  try {
    CertificateChain chain = service_.certificates(account_);
    // Certificates that come back have the handles they had.
    if (!last_ || !last_->belong_to(chain)) last_ = std::make_shared<const Objects>(std::move(chain), account_);
    objects_ = last_;
  } catch (const Error& error) {
    // A token that cannot be read is shown empty: programs ask all tokens and must not fail for one.
    if (complain && error.code() != Errc::not_enrolled) log_error("the token", error);
  }
}

Slots::Slots(const SigningService& service) {
  const std::vector<std::string> labels = token_labels(service.config());
  for (const Account& account : service.config().accounts()) {
    // Programs keep slot ids in signed integers of 32 bits.
    CK_SLOT_ID id = token_number(account) & 0x7fffffff;
    while (by_id_.contains(id)) ++id;
    Slot& slot = slots_.emplace_back(service, account, id, labels[slots_.size()]);
    by_id_.emplace(id, &slot);
  }
}

Slot& Slots::at(CK_SLOT_ID id) {
  const auto found = by_id_.find(id);
  require(found != by_id_.end(), CKR_SLOT_ID_INVALID);
  return *found->second;
}

}  // namespace smartcmd::p11
