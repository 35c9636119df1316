// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <p11-kit/pkcs11.h>

// The words of PKCS #11 v3.1 that p11-kit's header does not have: 0.24 ends at version 2.40, 0.25 at 3.0.

#ifndef CKA_UNIQUE_ID
inline constexpr CK_ATTRIBUTE_TYPE CKA_UNIQUE_ID = 0x4;
#endif

#ifndef CK_CERTIFICATE_CATEGORY_TOKEN_USER
inline constexpr CK_ULONG CK_CERTIFICATE_CATEGORY_TOKEN_USER = 1;
inline constexpr CK_ULONG CK_CERTIFICATE_CATEGORY_AUTHORITY = 2;
#endif

#if CRYPTOKI_VERSION_MAJOR < 3

inline constexpr CK_OBJECT_CLASS CKO_PROFILE = 9;
inline constexpr CK_ATTRIBUTE_TYPE CKA_PROFILE_ID = 0x601;
inline constexpr CK_ULONG CKP_BASELINE_PROVIDER = 1;
inline constexpr CK_ULONG CKP_EXTENDED_PROVIDER = 2;
inline constexpr CK_ULONG CKP_AUTHENTICATION_TOKEN = 3;
inline constexpr CK_ULONG CKP_PUBLIC_CERTIFICATES_TOKEN = 4;
inline constexpr CK_FLAGS CKF_FIND_OBJECTS = 0x40;

extern "C" {

struct CK_INTERFACE {
  char* pInterfaceName;
  void* pFunctionList;
  CK_FLAGS flags;
};

CK_RV C_GetInterfaceList(CK_INTERFACE* interfaces, CK_ULONG* count);
CK_RV C_GetInterface(CK_UTF8CHAR* name, CK_VERSION* version, CK_INTERFACE** interface, CK_FLAGS flags);
CK_RV C_LoginUser(CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_UTF8CHAR* pin, CK_ULONG pin_length,
                  CK_UTF8CHAR* username, CK_ULONG username_length);
CK_RV C_SessionCancel(CK_SESSION_HANDLE session, CK_FLAGS flags);

/// Section 3.6 of PKCS #11 v3.1: the functions of 2.40, then those of 3.0.
struct CK_FUNCTION_LIST_3_0 : CK_FUNCTION_LIST {
  using MessageInit = CK_RV (*)(CK_SESSION_HANDLE, CK_MECHANISM*, CK_OBJECT_HANDLE);
  using MessageFinal = CK_RV (*)(CK_SESSION_HANDLE);
  using CryptMessage = CK_RV (*)(CK_SESSION_HANDLE, void*, CK_ULONG, CK_BYTE*, CK_ULONG, CK_BYTE*, CK_ULONG, CK_BYTE*,
                                 CK_ULONG*);
  using CryptMessageBegin = CK_RV (*)(CK_SESSION_HANDLE, void*, CK_ULONG, CK_BYTE*, CK_ULONG);
  using CryptMessageNext = CK_RV (*)(CK_SESSION_HANDLE, void*, CK_ULONG, CK_BYTE*, CK_ULONG, CK_BYTE*, CK_ULONG*,
                                     CK_FLAGS);
  using SignMessage = CK_RV (*)(CK_SESSION_HANDLE, void*, CK_ULONG, CK_BYTE*, CK_ULONG, CK_BYTE*, CK_ULONG*);
  using VerifyMessage = CK_RV (*)(CK_SESSION_HANDLE, void*, CK_ULONG, CK_BYTE*, CK_ULONG, CK_BYTE*, CK_ULONG);
  using MessageBegin = CK_RV (*)(CK_SESSION_HANDLE, void*, CK_ULONG);

  CK_RV (*C_GetInterfaceList)(CK_INTERFACE*, CK_ULONG*);
  CK_RV (*C_GetInterface)(CK_UTF8CHAR*, CK_VERSION*, CK_INTERFACE**, CK_FLAGS);
  CK_RV (*C_LoginUser)(CK_SESSION_HANDLE, CK_USER_TYPE, CK_UTF8CHAR*, CK_ULONG, CK_UTF8CHAR*, CK_ULONG);
  CK_RV (*C_SessionCancel)(CK_SESSION_HANDLE, CK_FLAGS);
  MessageInit C_MessageEncryptInit;
  CryptMessage C_EncryptMessage;
  CryptMessageBegin C_EncryptMessageBegin;
  CryptMessageNext C_EncryptMessageNext;
  MessageFinal C_MessageEncryptFinal;
  MessageInit C_MessageDecryptInit;
  CryptMessage C_DecryptMessage;
  CryptMessageBegin C_DecryptMessageBegin;
  CryptMessageNext C_DecryptMessageNext;
  MessageFinal C_MessageDecryptFinal;
  MessageInit C_MessageSignInit;
  SignMessage C_SignMessage;
  MessageBegin C_SignMessageBegin;
  SignMessage C_SignMessageNext;
  MessageFinal C_MessageSignFinal;
  MessageInit C_MessageVerifyInit;
  VerifyMessage C_VerifyMessage;
  MessageBegin C_VerifyMessageBegin;
  VerifyMessage C_VerifyMessageNext;
  MessageFinal C_MessageVerifyFinal;
};

}  // extern "C"

#endif
