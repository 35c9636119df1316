// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// The tables of functions and how a program finds them: all the module exports.

#include <cstring>
#include <iterator>

#include "p11kit-module/buffers.h"
#include "p11kit-module/guard.h"

using namespace smartcmd::p11;

namespace {

/// Becomes a function of whatever arguments a table wants, which is not supported: the one answer for all of them.
template <CK_RV answer>
struct Missing {
  template <class... Arguments>
  using Function = CK_RV (*)(Arguments...);

  template <class... Arguments>
  constexpr operator Function<Arguments...>() const {
    return [](Arguments...) { return with_library("", [](Library&) { throw Refusal{answer}; }); };
  }
};

constexpr Missing<CKR_FUNCTION_NOT_SUPPORTED> unsupported;
// 5.20: "should simply return the value CKR_FUNCTION_NOT_PARALLEL".
constexpr Missing<CKR_FUNCTION_NOT_PARALLEL> not_parallel;

/// The functions of version 2.40, which both tables begin with.
template <class List>
constexpr List functions(CK_VERSION version) {
  List list{};
  list.version = version;
  list.C_Initialize = C_Initialize;
  list.C_Finalize = C_Finalize;
  list.C_GetInfo = C_GetInfo;
  list.C_GetFunctionList = C_GetFunctionList;
  list.C_GetSlotList = C_GetSlotList;
  list.C_GetSlotInfo = C_GetSlotInfo;
  list.C_GetTokenInfo = C_GetTokenInfo;
  list.C_GetMechanismList = C_GetMechanismList;
  list.C_GetMechanismInfo = C_GetMechanismInfo;
  list.C_InitToken = unsupported;
  list.C_InitPIN = unsupported;
  list.C_SetPIN = unsupported;
  list.C_OpenSession = C_OpenSession;
  list.C_CloseSession = C_CloseSession;
  list.C_CloseAllSessions = C_CloseAllSessions;
  list.C_GetSessionInfo = C_GetSessionInfo;
  list.C_GetOperationState = unsupported;
  list.C_SetOperationState = unsupported;
  list.C_Login = C_Login;
  list.C_Logout = C_Logout;
  list.C_CreateObject = unsupported;
  list.C_CopyObject = unsupported;
  list.C_DestroyObject = unsupported;
  list.C_GetObjectSize = C_GetObjectSize;
  list.C_GetAttributeValue = C_GetAttributeValue;
  list.C_SetAttributeValue = unsupported;
  list.C_FindObjectsInit = C_FindObjectsInit;
  list.C_FindObjects = C_FindObjects;
  list.C_FindObjectsFinal = C_FindObjectsFinal;
  list.C_EncryptInit = unsupported;
  list.C_Encrypt = unsupported;
  list.C_EncryptUpdate = unsupported;
  list.C_EncryptFinal = unsupported;
  list.C_DecryptInit = unsupported;
  list.C_Decrypt = unsupported;
  list.C_DecryptUpdate = unsupported;
  list.C_DecryptFinal = unsupported;
  list.C_DigestInit = C_DigestInit;
  list.C_Digest = C_Digest;
  list.C_DigestUpdate = C_DigestUpdate;
  list.C_DigestKey = unsupported;
  list.C_DigestFinal = C_DigestFinal;
  list.C_SignInit = C_SignInit;
  list.C_Sign = C_Sign;
  list.C_SignUpdate = C_SignUpdate;
  list.C_SignFinal = C_SignFinal;
  list.C_SignRecoverInit = unsupported;
  list.C_SignRecover = unsupported;
  list.C_VerifyInit = C_VerifyInit;
  list.C_Verify = C_Verify;
  list.C_VerifyUpdate = C_VerifyUpdate;
  list.C_VerifyFinal = C_VerifyFinal;
  list.C_VerifyRecoverInit = unsupported;
  list.C_VerifyRecover = unsupported;
  list.C_DigestEncryptUpdate = unsupported;
  list.C_DecryptDigestUpdate = unsupported;
  list.C_SignEncryptUpdate = unsupported;
  list.C_DecryptVerifyUpdate = unsupported;
  list.C_GenerateKey = unsupported;
  list.C_GenerateKeyPair = unsupported;
  list.C_WrapKey = unsupported;
  list.C_UnwrapKey = unsupported;
  list.C_DeriveKey = unsupported;
  list.C_SeedRandom = C_SeedRandom;
  list.C_GenerateRandom = C_GenerateRandom;
  list.C_GetFunctionStatus = not_parallel;
  list.C_CancelFunction = not_parallel;
  list.C_WaitForSlotEvent = C_WaitForSlotEvent;
  return list;
}

constexpr CK_FUNCTION_LIST_3_0 functions_3_0() {
  auto list = functions<CK_FUNCTION_LIST_3_0>({3, 0});
  list.C_GetInterfaceList = C_GetInterfaceList;
  list.C_GetInterface = C_GetInterface;
  list.C_LoginUser = C_LoginUser;
  list.C_SessionCancel = C_SessionCancel;
  list.C_MessageEncryptInit = unsupported;
  list.C_EncryptMessage = unsupported;
  list.C_EncryptMessageBegin = unsupported;
  list.C_EncryptMessageNext = unsupported;
  list.C_MessageEncryptFinal = unsupported;
  list.C_MessageDecryptInit = unsupported;
  list.C_DecryptMessage = unsupported;
  list.C_DecryptMessageBegin = unsupported;
  list.C_DecryptMessageNext = unsupported;
  list.C_MessageDecryptFinal = unsupported;
  list.C_MessageSignInit = unsupported;
  list.C_SignMessage = unsupported;
  list.C_SignMessageBegin = unsupported;
  list.C_SignMessageNext = unsupported;
  list.C_MessageSignFinal = unsupported;
  list.C_MessageVerifyInit = unsupported;
  list.C_VerifyMessage = unsupported;
  list.C_VerifyMessageBegin = unsupported;
  list.C_VerifyMessageNext = unsupported;
  list.C_MessageVerifyFinal = unsupported;
  return list;
}

// Programs get pointers to these that are not const.
constinit CK_FUNCTION_LIST list_2_40 = functions<CK_FUNCTION_LIST>({2, 40});
constinit CK_FUNCTION_LIST_3_0 list_3_0 = functions_3_0();

char standard_name[] = "PKCS 11";

// The first is what C_GetInterface gives to those who do not choose. No flags: a fork is a new process.
constinit CK_INTERFACE interfaces[] = {
    {standard_name, &list_3_0, 0},
    {standard_name, &list_2_40, 0},
};

bool is_wanted(const CK_INTERFACE& interface, const CK_UTF8CHAR* name, const CK_VERSION* version, CK_FLAGS flags) {
  const auto* own = static_cast<const CK_VERSION*>(interface.pFunctionList);  // its first member
  return (name == nullptr || std::strcmp(reinterpret_cast<const char*>(name), interface.pInterfaceName) == 0) &&
         (version == nullptr || (version->major == own->major && version->minor == own->minor)) &&
         (interface.flags & flags) == flags;
}

}  // namespace

// 5.4.4
[[gnu::visibility("default")]] CK_RV C_GetFunctionList(CK_FUNCTION_LIST** list) {
  return guarded(__func__, [&] {
    require(list != nullptr, CKR_ARGUMENTS_BAD);
    *list = &list_2_40;
  });
}

// 5.4.5
[[gnu::visibility("default")]] CK_RV C_GetInterfaceList(CK_INTERFACE* list, CK_ULONG* count) {
  return guarded(__func__, [&] { Output<CK_INTERFACE>(list, count).write(interfaces); });
}

// 5.4.6
[[gnu::visibility("default")]] CK_RV C_GetInterface(CK_UTF8CHAR* name, CK_VERSION* version, CK_INTERFACE** interface,
                                                    CK_FLAGS flags) {
  return guarded(__func__, [&] {
    require(interface != nullptr, CKR_ARGUMENTS_BAD);
    for (CK_INTERFACE& one : interfaces) {
      if (is_wanted(one, name, version, flags)) {
        *interface = &one;
        return;
      }
    }
    throw Refusal{CKR_FUNCTION_FAILED};
  });
}
