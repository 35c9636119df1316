// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "p11kit-module/signing.h"

#include "p11kit-module/buffers.h"
#include "signing/probes.h"

namespace smartcmd::p11 {

namespace {

/// Lets others at the session while its signature is being made, also to give it up.
class Waiting {
 public:
  explicit Waiting(LockedSession& session) : session_(session) {
    session_->waiting = &cancellation_;
    session_.unlock();
  }
  ~Waiting() {
    session_.lock();
    if (session_->waiting == &cancellation_) session_->waiting = nullptr;  // else it was given up, and may be another's
  }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;

  Cancellation& cancellation() { return cancellation_; }

 private:
  LockedSession& session_;
  Cancellation cancellation_;
};

// The one place where the key is used.
Bytes make_signature(LockedSession& session, Digest digest, SecureString pin) {
  Slot& slot = session->slot;
  require(slot.login().allows_private(), CKR_USER_NOT_LOGGED_IN);
  const Certificate signer = session->objects->signer();
  if (slot.service().config().answers_probes() && is_probe(signer, digest)) {
    return Bytes(signer.signature_size());
  }
  if (pin.empty()) pin = slot.login().take_pin();
  std::vector<Document> documents;
  documents.push_back({"", std::move(digest)});
  Waiting waiting(session);
  return slot.service()
      .sign(slot.account(), signer, std::move(documents), std::move(pin), &waiting.cancellation())
      .front()
      .value;
}

// Puts the operation back and tells the size when the signature is not wanted yet or has no room.
bool is_wanted(Session& session, SignatureOperation& operation, Output<CK_BYTE>& signature) {
  const std::size_t size = session.objects->signer().signature_size();
  if (signature.has_room(size)) return true;
  session.signing = std::move(operation);
  signature.announce(size);
  return false;
}

}  // namespace

void sign_init(Session& session, const CK_MECHANISM* mechanism, CK_OBJECT_HANDLE key) {
  // "pMechanism can be set to NULL_PTR to terminate an active signature operation."
  if (mechanism == nullptr && (session.signing || session.waiting != nullptr)) return session.cancel(CKF_SIGN);
  const Mechanism& chosen = mechanism_for(session.slot.hashes(), mechanism, CKF_SIGN);
  const Object* object = session.find(key);
  require(object != nullptr, CKR_KEY_HANDLE_INVALID);
  require(object->object_class() != CKO_PUBLIC_KEY, CKR_KEY_FUNCTION_NOT_PERMITTED);
  require(object->object_class() == CKO_PRIVATE_KEY, CKR_KEY_HANDLE_INVALID);
  require(session.slot.login().allows_private(), CKR_USER_NOT_LOGGED_IN);
  require(session.slot.login().has_told_private(), CKR_KEY_HANDLE_INVALID);
  require(!session.signing && session.waiting == nullptr, CKR_OPERATION_ACTIVE);
  session.signing =
      SignatureOperation{Message(chosen, session.slot.hashes(), session.objects->signer().signature_size())};
}

void sign(LockedSession& session, const CK_BYTE* data, CK_ULONG length, CK_BYTE* signature,
          CK_ULONG* signature_length) {
  SignatureOperation operation = take(session->signing);
  Output<CK_BYTE> output(signature, signature_length);
  follow(operation, Course::at_once);
  if (!is_wanted(*session, operation, output)) return;
  operation.message.add(input(data, length));
  output.write(make_signature(session, operation.message.digest(CKR_DATA_INVALID), std::move(operation.pin)));
}

void sign_update(Session& session, const CK_BYTE* part, CK_ULONG length) {
  SignatureOperation operation = take(session.signing);
  follow(operation, Course::in_parts);
  operation.message.add(input(part, length));
  session.signing = std::move(operation);
}

void sign_final(LockedSession& session, CK_BYTE* signature, CK_ULONG* signature_length) {
  SignatureOperation operation = take(session->signing);
  Output<CK_BYTE> output(signature, signature_length);
  follow(operation, Course::in_parts);
  if (!is_wanted(*session, operation, output)) return;
  // The standard has no CKR_DATA_INVALID here.
  output.write(make_signature(session, operation.message.digest(CKR_DATA_LEN_RANGE), std::move(operation.pin)));
}

}  // namespace smartcmd::p11
