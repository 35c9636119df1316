// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// A program that keeps the module of $SMARTCMD_PKCS11_MODULE open while its account changes. With each line on standard
// input it looks at the first token or signs with it and answers with a line:
//
//   look    the token's label and the number of its certificates
//   sign    the return value, 0x0 for a signature that verifies with the public key that is shown
//   again   the same in the session that was opened at the start, where the others open a new one

#include <iostream>

#include "tests/support/cryptoki.h"

namespace smartcmd {
namespace {

std::string look() {
  CK_TOKEN_INFO info{};
  p11().C_GetTokenInfo(first_slot(), &info);
  const std::string label(std::begin(info.label), std::end(info.label));
  CK_OBJECT_CLASS certificate = CKO_CERTIFICATE;
  const auto found = find(open_session(), {{CKA_CLASS, &certificate, sizeof certificate}});
  return label.substr(0, label.find_last_not_of(' ') + 1) + ": " + std::to_string(found.size());
}

CK_RV sign(CK_SESSION_HANDLE session) {
  CK_MECHANISM mechanism{CKM_SHA256_RSA_PKCS, nullptr, 0};
  CK_BYTE data[16], signature[1024];
  CK_ULONG size = sizeof signature;
  p11().C_GenerateRandom(session, data, sizeof data);  // as no signature is made twice
  CK_RV rv = p11().C_SignInit(session, &mechanism, find_one(session, CKO_PRIVATE_KEY));
  if (rv == CKR_OK) rv = p11().C_Sign(session, data, sizeof data, signature, &size);
  if (rv == CKR_OK) rv = p11().C_VerifyInit(session, &mechanism, find_one(session, CKO_PUBLIC_KEY));
  if (rv == CKR_OK) rv = p11().C_Verify(session, data, sizeof data, signature, size);
  return rv;
}

}  // namespace
}  // namespace smartcmd

int main() {
  using namespace smartcmd;
  if (p11().C_Initialize(nullptr) != CKR_OK) return 2;
  const CK_SESSION_HANDLE kept = open_session();
  for (std::string order; std::getline(std::cin, order);) {
    if (order == "sign" || order == "again") {
      std::cout << "0x" << std::hex << sign(order == "again" ? kept : open_session()) << std::dec << std::endl;
    } else {
      std::cout << look() << std::endl;
    }
  }
  return p11().C_Finalize(nullptr) == CKR_OK ? 0 : 1;
}
