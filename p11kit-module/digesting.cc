// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "p11kit-module/digesting.h"

#include "p11kit-module/buffers.h"

namespace smartcmd::p11 {

namespace {

// Puts the operation back and tells the size when the digest is not wanted yet or has no room.
bool is_wanted(Session& session, DigestOperation& operation, Output<CK_BYTE>& digest) {
  const std::size_t size = info(operation.hasher.hash()).size;
  if (digest.has_room(size)) return true;
  session.digesting = std::move(operation);
  digest.announce(size);
  return false;
}

}  // namespace

void digest_init(Session& session, const CK_MECHANISM* mechanism) {
  // "pMechanism can be set to NULL_PTR to terminate an active message-digesting operation."
  if (mechanism == nullptr && session.digesting) return session.digesting.reset();
  const Mechanism& chosen = mechanism_for(session.slot.hashes(), mechanism, CKF_DIGEST);
  require(!session.digesting, CKR_OPERATION_ACTIVE);
  session.digesting = DigestOperation{Hasher(*chosen.hash)};
}

void digest(Session& session, const CK_BYTE* data, CK_ULONG length, CK_BYTE* digest, CK_ULONG* digest_length) {
  DigestOperation operation = take(session.digesting);
  Output<CK_BYTE> output(digest, digest_length);
  const ByteView message = input(data, length);
  follow(operation, Course::at_once);
  if (!is_wanted(session, operation, output)) return;
  operation.hasher.update(message);
  output.write(operation.hasher.digest().value);
}

void digest_update(Session& session, const CK_BYTE* part, CK_ULONG length) {
  DigestOperation operation = take(session.digesting);
  follow(operation, Course::in_parts);
  operation.hasher.update(input(part, length));
  session.digesting = std::move(operation);
}

void digest_final(Session& session, CK_BYTE* digest, CK_ULONG* digest_length) {
  DigestOperation operation = take(session.digesting);
  Output<CK_BYTE> output(digest, digest_length);
  follow(operation, Course::in_parts);
  if (is_wanted(session, operation, output)) output.write(operation.hasher.digest().value);
}

}  // namespace smartcmd::p11
