// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// A program whose threads sign at the same time, each a text of its own in a session of its own, with the first token
// of the module that $SMARTCMD_PKCS11_MODULE names. The person answers to the first when all threads wait.
//
//   threads COUNT GATE    GATE is the pipe from which the askpass program reads before its first answer

#include <stdio.h>

#include <atomic>
#include <thread>

#include "tests/support/cryptoki.h"
#include "tests/support/threads.h"

namespace smartcmd {
namespace {

bool signs(std::string text) {
  const CK_SESSION_HANDLE session = open_session();
  CK_MECHANISM mechanism{CKM_SHA256_RSA_PKCS, nullptr, 0};
  auto* data = reinterpret_cast<CK_BYTE*>(text.data());
  Bytes signature(1024);
  CK_ULONG size = signature.size();
  return p11().C_SignInit(session, &mechanism, find_one(session, CKO_PRIVATE_KEY)) == CKR_OK &&
         p11().C_Sign(session, data, text.size(), signature.data(), &size) == CKR_OK &&
         p11().C_VerifyInit(session, &mechanism, find_one(session, CKO_PUBLIC_KEY)) == CKR_OK &&
         p11().C_Verify(session, data, text.size(), signature.data(), size) == CKR_OK &&
         p11().C_CloseSession(session) == CKR_OK;
}

}  // namespace
}  // namespace smartcmd

int main(int argc, char** argv) {
  using namespace smartcmd;
  if (argc != 3 || p11().C_Initialize(nullptr) != CKR_OK) return 2;
  const int count = atoi(argv[1]);
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) {
    threads.emplace_back([&good, i] { good += signs("thread " + std::to_string(i)) ? 1 : 0; });
  }
  {
    const std::ofstream gate(argv[2]);  // a pipe opens when it is read
    wait_until_all_others_wait();
  }
  for (std::thread& thread : threads) thread.join();
  printf("%d of %d signed\n", good.load(), count);
  return p11().C_Finalize(nullptr) == CKR_OK && good == count ? 0 : 1;
}
