// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <dlfcn.h>
#include <stdlib.h>

#include <fstream>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "p11kit-module/cryptoki.h"
#include "tests/support/identity.h"

namespace smartcmd {

/// A function our PKCS#11 module exports; the module is the file that $SMARTCMD_PKCS11_MODULE names.
template <class Function>
Function exported(const char* name) {
  void* module = dlopen(getenv("SMARTCMD_PKCS11_MODULE"), RTLD_NOW | RTLD_LOCAL);
  void* symbol = module != nullptr ? dlsym(module, name) : nullptr;
  if (symbol == nullptr) abort();
  return reinterpret_cast<Function>(symbol);
}

/// The module as a program that knows version 3.0 finds it.
inline const CK_FUNCTION_LIST_3_0& p11() {
  static const CK_FUNCTION_LIST_3_0* const functions = [] {
    CK_INTERFACE* interface = nullptr;
    const auto get_interface =
        exported<CK_RV (*)(CK_UTF8CHAR*, CK_VERSION*, CK_INTERFACE**, CK_FLAGS)>("C_GetInterface");
    if (get_interface(nullptr, nullptr, &interface, 0) != CKR_OK) abort();
    return static_cast<const CK_FUNCTION_LIST_3_0*>(interface->pFunctionList);
  }();
  return *functions;
}

/// A home whose account is enrolled and whose person answers, with lines added to its configuration.
class TokenHome : public TestHome {
 public:
  TokenHome() {
    set_askpass("case $1 in pin) echo 1234;; otp) echo 123456;; esac");
    setenv("SMARTCMD_LOG", file("module.log").c_str(), 1);
    plain_ = read("smartcmd.conf");
    enrol();
  }
  /// Caches the certificates.
  void enrol() const {
    std::filesystem::create_directories(file("state"));
    std::filesystem::copy_file(file("chain.pem"), file("state/joana.pem"),
                               std::filesystem::copy_options::overwrite_existing);
  }
  /// Takes the configuration of the constructor and adds to it.
  void configure(const std::string& added) const { std::ofstream(file("smartcmd.conf")) << plain_ << added; }
  /// How often the service has been asked for signatures.
  std::size_t batches() const {
    const std::string all = log();
    std::size_t count = 0;
    for (auto at = all.find("start\n"); at != std::string::npos; at = all.find("start\n", at + 1)) ++count;
    return count;
  }

 private:
  std::string plain_;
};

inline CK_SLOT_ID first_slot() {
  CK_SLOT_ID slots[8];
  CK_ULONG count = 8;
  return p11().C_GetSlotList(CK_TRUE, slots, &count) == CKR_OK && count > 0 ? slots[0] : 0;
}

/// A session with the first token; 0 when there is none.
inline CK_SESSION_HANDLE open_session(CK_FLAGS flags = 0) {
  CK_SESSION_HANDLE session = 0;
  p11().C_OpenSession(first_slot(), CKF_SERIAL_SESSION | flags, nullptr, nullptr, &session);
  return session;
}

/// What a search finds.
inline std::vector<CK_OBJECT_HANDLE> find(CK_SESSION_HANDLE session, std::vector<CK_ATTRIBUTE> wanted) {
  std::vector<CK_OBJECT_HANDLE> found(100);
  CK_ULONG count = 0;
  p11().C_FindObjectsInit(session, wanted.data(), wanted.size());
  p11().C_FindObjects(session, found.data(), found.size(), &count);
  p11().C_FindObjectsFinal(session);
  found.resize(count);
  return found;
}

/// The first object of a class; 0 when there is none.
inline CK_OBJECT_HANDLE find_one(CK_SESSION_HANDLE session, CK_OBJECT_CLASS object_class) {
  const auto found = find(session, {{CKA_CLASS, &object_class, sizeof object_class}});
  return found.empty() ? 0 : found.front();
}

/// An attribute's value; empty when there is none.
inline Bytes attribute(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) {
  Bytes value(10000);
  CK_ATTRIBUTE wanted{type, value.data(), value.size()};
  const CK_RV rv = p11().C_GetAttributeValue(session, object, &wanted, 1);
  value.resize(rv == CKR_OK ? wanted.ulValueLen : 0);
  return value;
}

inline Bytes octets(const std::string& text) {
  return Bytes(text.begin(), text.end());
}

}  // namespace smartcmd
