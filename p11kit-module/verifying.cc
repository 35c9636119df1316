// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "p11kit-module/verifying.h"

#include "p11kit-module/buffers.h"

namespace smartcmd::p11 {

namespace {

void require_valid(const Session& session, const Digest& digest, ByteView signature) {
  const Certificate& signer = session.objects->signer();
  require(signature.size() == signer.signature_size(), CKR_SIGNATURE_LEN_RANGE);
  require(signer.verify(digest, signature), CKR_SIGNATURE_INVALID);
}

}  // namespace

void verify_init(Session& session, const CK_MECHANISM* mechanism, CK_OBJECT_HANDLE key) {
  if (mechanism == nullptr && session.verifying) return session.verifying.reset();
  const Mechanism& chosen = mechanism_for(session.slot.hashes(), mechanism, CKF_VERIFY);
  const Object* object = session.find(key);
  require(object != nullptr, CKR_KEY_HANDLE_INVALID);
  require(object->object_class() != CKO_PRIVATE_KEY, CKR_KEY_FUNCTION_NOT_PERMITTED);
  require(object->object_class() == CKO_PUBLIC_KEY, CKR_KEY_HANDLE_INVALID);
  require(!session.verifying, CKR_OPERATION_ACTIVE);
  session.verifying =
      SignatureOperation{Message(chosen, session.slot.hashes(), session.objects->signer().signature_size())};
}

void verify(Session& session, const CK_BYTE* data, CK_ULONG length, const CK_BYTE* signature,
            CK_ULONG signature_length) {
  SignatureOperation operation = take(session.verifying);
  const ByteView given = input(signature, signature_length);
  follow(operation, Course::at_once);
  operation.message.add(input(data, length));
  require_valid(session, operation.message.digest(CKR_DATA_INVALID), given);
}

void verify_update(Session& session, const CK_BYTE* part, CK_ULONG length) {
  SignatureOperation operation = take(session.verifying);
  follow(operation, Course::in_parts);
  operation.message.add(input(part, length));
  session.verifying = std::move(operation);
}

void verify_final(Session& session, const CK_BYTE* signature, CK_ULONG signature_length) {
  SignatureOperation operation = take(session.verifying);
  const ByteView given = input(signature, signature_length);
  follow(operation, Course::in_parts);
  // The standard has no CKR_DATA_INVALID here.
  require_valid(session, operation.message.digest(CKR_DATA_LEN_RANGE), given);
}

}  // namespace smartcmd::p11
