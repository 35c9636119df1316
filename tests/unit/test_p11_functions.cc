// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// Every function of PKCS #11 v3.1, called with nothing: before C_Initialize, between, afterwards and in a child.

#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <optional>

#include "tests/support/cryptoki.h"
#include "tests/support/expect.h"

namespace smartcmd {
namespace {

std::optional<TokenHome> home;

int set_up(void**) {
  home.emplace();
  return 0;
}

int tear_down(void**) {
  home.reset();
  return 0;
}

/// A function, called with null pointers and zeros, and what it answers to that once C_Initialize has been called.
struct Row {
  const char* name;
  std::function<CK_RV()> call;
  CK_RV answer;
};

template <class... Arguments>
std::function<CK_RV()> with_nothing(CK_RV (*function)(Arguments...)) {
  assert_non_null(function);
  return [function] { return function(Arguments{}...); };
}

std::vector<Row> rows() {
  const CK_FUNCTION_LIST_3_0& f = p11();
  constexpr CK_RV no_slot = CKR_SLOT_ID_INVALID, no_session = CKR_SESSION_HANDLE_INVALID,
                  unsupported = CKR_FUNCTION_NOT_SUPPORTED, parallel = CKR_FUNCTION_NOT_PARALLEL;
  return {
      {"C_GetInfo", with_nothing(f.C_GetInfo), CKR_ARGUMENTS_BAD},
      {"C_GetSlotList", with_nothing(f.C_GetSlotList), CKR_ARGUMENTS_BAD},
      {"C_GetSlotInfo", with_nothing(f.C_GetSlotInfo), no_slot},
      {"C_GetTokenInfo", with_nothing(f.C_GetTokenInfo), no_slot},
      {"C_WaitForSlotEvent", with_nothing(f.C_WaitForSlotEvent), CKR_ARGUMENTS_BAD},
      {"C_GetMechanismList", with_nothing(f.C_GetMechanismList), no_slot},
      {"C_GetMechanismInfo", with_nothing(f.C_GetMechanismInfo), no_slot},
      {"C_InitToken", with_nothing(f.C_InitToken), unsupported},
      {"C_InitPIN", with_nothing(f.C_InitPIN), unsupported},
      {"C_SetPIN", with_nothing(f.C_SetPIN), unsupported},
      {"C_OpenSession", with_nothing(f.C_OpenSession), no_slot},
      {"C_CloseSession", with_nothing(f.C_CloseSession), no_session},
      {"C_CloseAllSessions", with_nothing(f.C_CloseAllSessions), no_slot},
      {"C_GetSessionInfo", with_nothing(f.C_GetSessionInfo), no_session},
      {"C_SessionCancel", with_nothing(f.C_SessionCancel), no_session},
      {"C_GetOperationState", with_nothing(f.C_GetOperationState), unsupported},
      {"C_SetOperationState", with_nothing(f.C_SetOperationState), unsupported},
      {"C_Login", with_nothing(f.C_Login), no_session},
      {"C_LoginUser", with_nothing(f.C_LoginUser), no_session},
      {"C_Logout", with_nothing(f.C_Logout), no_session},
      {"C_CreateObject", with_nothing(f.C_CreateObject), unsupported},
      {"C_CopyObject", with_nothing(f.C_CopyObject), unsupported},
      {"C_DestroyObject", with_nothing(f.C_DestroyObject), unsupported},
      {"C_GetObjectSize", with_nothing(f.C_GetObjectSize), no_session},
      {"C_GetAttributeValue", with_nothing(f.C_GetAttributeValue), no_session},
      {"C_SetAttributeValue", with_nothing(f.C_SetAttributeValue), unsupported},
      {"C_FindObjectsInit", with_nothing(f.C_FindObjectsInit), no_session},
      {"C_FindObjects", with_nothing(f.C_FindObjects), no_session},
      {"C_FindObjectsFinal", with_nothing(f.C_FindObjectsFinal), no_session},
      {"C_EncryptInit", with_nothing(f.C_EncryptInit), unsupported},
      {"C_Encrypt", with_nothing(f.C_Encrypt), unsupported},
      {"C_EncryptUpdate", with_nothing(f.C_EncryptUpdate), unsupported},
      {"C_EncryptFinal", with_nothing(f.C_EncryptFinal), unsupported},
      {"C_MessageEncryptInit", with_nothing(f.C_MessageEncryptInit), unsupported},
      {"C_EncryptMessage", with_nothing(f.C_EncryptMessage), unsupported},
      {"C_EncryptMessageBegin", with_nothing(f.C_EncryptMessageBegin), unsupported},
      {"C_EncryptMessageNext", with_nothing(f.C_EncryptMessageNext), unsupported},
      {"C_MessageEncryptFinal", with_nothing(f.C_MessageEncryptFinal), unsupported},
      {"C_DecryptInit", with_nothing(f.C_DecryptInit), unsupported},
      {"C_Decrypt", with_nothing(f.C_Decrypt), unsupported},
      {"C_DecryptUpdate", with_nothing(f.C_DecryptUpdate), unsupported},
      {"C_DecryptFinal", with_nothing(f.C_DecryptFinal), unsupported},
      {"C_MessageDecryptInit", with_nothing(f.C_MessageDecryptInit), unsupported},
      {"C_DecryptMessage", with_nothing(f.C_DecryptMessage), unsupported},
      {"C_DecryptMessageBegin", with_nothing(f.C_DecryptMessageBegin), unsupported},
      {"C_DecryptMessageNext", with_nothing(f.C_DecryptMessageNext), unsupported},
      {"C_MessageDecryptFinal", with_nothing(f.C_MessageDecryptFinal), unsupported},
      {"C_DigestInit", with_nothing(f.C_DigestInit), no_session},
      {"C_Digest", with_nothing(f.C_Digest), no_session},
      {"C_DigestUpdate", with_nothing(f.C_DigestUpdate), no_session},
      {"C_DigestKey", with_nothing(f.C_DigestKey), unsupported},
      {"C_DigestFinal", with_nothing(f.C_DigestFinal), no_session},
      {"C_SignInit", with_nothing(f.C_SignInit), no_session},
      {"C_Sign", with_nothing(f.C_Sign), no_session},
      {"C_SignUpdate", with_nothing(f.C_SignUpdate), no_session},
      {"C_SignFinal", with_nothing(f.C_SignFinal), no_session},
      {"C_SignRecoverInit", with_nothing(f.C_SignRecoverInit), unsupported},
      {"C_SignRecover", with_nothing(f.C_SignRecover), unsupported},
      {"C_MessageSignInit", with_nothing(f.C_MessageSignInit), unsupported},
      {"C_SignMessage", with_nothing(f.C_SignMessage), unsupported},
      {"C_SignMessageBegin", with_nothing(f.C_SignMessageBegin), unsupported},
      {"C_SignMessageNext", with_nothing(f.C_SignMessageNext), unsupported},
      {"C_MessageSignFinal", with_nothing(f.C_MessageSignFinal), unsupported},
      {"C_VerifyInit", with_nothing(f.C_VerifyInit), no_session},
      {"C_Verify", with_nothing(f.C_Verify), no_session},
      {"C_VerifyUpdate", with_nothing(f.C_VerifyUpdate), no_session},
      {"C_VerifyFinal", with_nothing(f.C_VerifyFinal), no_session},
      {"C_VerifyRecoverInit", with_nothing(f.C_VerifyRecoverInit), unsupported},
      {"C_VerifyRecover", with_nothing(f.C_VerifyRecover), unsupported},
      {"C_MessageVerifyInit", with_nothing(f.C_MessageVerifyInit), unsupported},
      {"C_VerifyMessage", with_nothing(f.C_VerifyMessage), unsupported},
      {"C_VerifyMessageBegin", with_nothing(f.C_VerifyMessageBegin), unsupported},
      {"C_VerifyMessageNext", with_nothing(f.C_VerifyMessageNext), unsupported},
      {"C_MessageVerifyFinal", with_nothing(f.C_MessageVerifyFinal), unsupported},
      {"C_DigestEncryptUpdate", with_nothing(f.C_DigestEncryptUpdate), unsupported},
      {"C_DecryptDigestUpdate", with_nothing(f.C_DecryptDigestUpdate), unsupported},
      {"C_SignEncryptUpdate", with_nothing(f.C_SignEncryptUpdate), unsupported},
      {"C_DecryptVerifyUpdate", with_nothing(f.C_DecryptVerifyUpdate), unsupported},
      {"C_GenerateKey", with_nothing(f.C_GenerateKey), unsupported},
      {"C_GenerateKeyPair", with_nothing(f.C_GenerateKeyPair), unsupported},
      {"C_WrapKey", with_nothing(f.C_WrapKey), unsupported},
      {"C_UnwrapKey", with_nothing(f.C_UnwrapKey), unsupported},
      {"C_DeriveKey", with_nothing(f.C_DeriveKey), unsupported},
      {"C_SeedRandom", with_nothing(f.C_SeedRandom), no_session},
      {"C_GenerateRandom", with_nothing(f.C_GenerateRandom), no_session},
      {"C_GetFunctionStatus", with_nothing(f.C_GetFunctionStatus), parallel},
      {"C_CancelFunction", with_nothing(f.C_CancelFunction), parallel},
  };
}

// What is not a row: C_Initialize, C_Finalize, C_GetFunctionList, C_GetInterfaceList, C_GetInterface.
void the_rows_are_all_functions(void**) {
  constexpr std::size_t others = 5;
  assert_int_equal((rows().size() + others) * sizeof(void*) + sizeof(void*), sizeof(CK_FUNCTION_LIST_3_0));
}

/// How many functions do not answer as they should.
int wrong_answers(const std::function<CK_RV(const Row&)>& expected) {
  int wrong = 0;
  for (const Row& row : rows()) {
    const CK_RV rv = row.call();
    if (rv == expected(row)) continue;
    print_error("%s answers 0x%lx, not 0x%lx\n", row.name, rv, expected(row));
    ++wrong;
  }
  return wrong;
}

CK_RV not_initialized(const Row&) {
  return CKR_CRYPTOKI_NOT_INITIALIZED;
}

void all_want_to_be_initialised_first(void**) {
  assert_int_equal(wrong_answers(not_initialized), 0);
  assert_int_equal(p11().C_Finalize(nullptr), CKR_CRYPTOKI_NOT_INITIALIZED);

  assert_int_equal(p11().C_Initialize(nullptr), CKR_OK);
  assert_int_equal(wrong_answers([](const Row& row) { return row.answer; }), 0);
  assert_int_equal(p11().C_Finalize(nullptr), CKR_OK);

  assert_int_equal(wrong_answers(not_initialized), 0);
  assert_int_equal(p11().C_Finalize(nullptr), CKR_CRYPTOKI_NOT_INITIALIZED);
}

void a_child_has_to_initialise_for_itself(void**) {
  assert_int_equal(p11().C_Initialize(nullptr), CKR_OK);
  const pid_t child = fork();
  if (child == 0) {
    int wrong = wrong_answers(not_initialized);
    if (p11().C_Finalize(nullptr) != CKR_CRYPTOKI_NOT_INITIALIZED) ++wrong;
    if (p11().C_Initialize(nullptr) != CKR_OK) ++wrong;
    wrong += wrong_answers([](const Row& row) { return row.answer; });
    if (p11().C_Finalize(nullptr) != CKR_OK) ++wrong;
    _exit(wrong);
  }
  int status = 0;
  waitpid(child, &status, 0);
  assert_int_equal(status, 0);
  assert_int_equal(wrong_answers([](const Row& row) { return row.answer; }), 0);
  assert_int_equal(p11().C_Finalize(nullptr), CKR_OK);
}

void initialise_takes_the_arguments_the_standard_allows(void**) {
  const auto create = [](void**) -> CK_RV { return CKR_OK; };
  const auto other = [](void*) -> CK_RV { return CKR_OK; };
  int rest = 0;
  const struct {
    CK_C_INITIALIZE_ARGS arguments;
    CK_RV rv;
  } cases[] = {
      {{nullptr, nullptr, nullptr, nullptr, 0, nullptr}, CKR_OK},
      {{nullptr, nullptr, nullptr, nullptr, CKF_OS_LOCKING_OK | CKF_LIBRARY_CANT_CREATE_OS_THREADS, nullptr}, CKR_OK},
      {{create, other, other, other, CKF_OS_LOCKING_OK, nullptr}, CKR_OK},
      {{create, other, other, other, 0, nullptr}, CKR_CANT_LOCK},
      {{create, nullptr, other, other, CKF_OS_LOCKING_OK, nullptr}, CKR_ARGUMENTS_BAD},
      {{nullptr, nullptr, nullptr, other, 0, nullptr}, CKR_ARGUMENTS_BAD},
      {{nullptr, nullptr, nullptr, nullptr, CKF_OS_LOCKING_OK, &rest}, CKR_ARGUMENTS_BAD},
  };
  for (auto one : cases) {
    assert_int_equal(p11().C_Initialize(&one.arguments), one.rv);
    assert_int_equal(p11().C_Finalize(nullptr), one.rv == CKR_OK ? CKR_OK : CKR_CRYPTOKI_NOT_INITIALIZED);
  }
  assert_int_equal(p11().C_Initialize(nullptr), CKR_OK);
  assert_int_equal(p11().C_Initialize(nullptr), CKR_CRYPTOKI_ALREADY_INITIALIZED);
  assert_int_equal(p11().C_Finalize(&rest), CKR_ARGUMENTS_BAD);
  assert_int_equal(p11().C_Finalize(nullptr), CKR_OK);
}

// ---- interfaces -----------------------------------------------------------------------------------------------------

const auto get_interface = [](const char* name, std::optional<CK_VERSION> version, CK_INTERFACE** interface,
                              CK_FLAGS flags = 0) {
  std::string copy = name != nullptr ? name : "";
  return p11().C_GetInterface(name != nullptr ? reinterpret_cast<CK_UTF8CHAR*>(copy.data()) : nullptr,
                              version ? &*version : nullptr, interface, flags);
};

CK_VERSION version_of(const CK_INTERFACE& interface) {
  return *static_cast<const CK_VERSION*>(interface.pFunctionList);
}

void interfaces_are_found_by_name_and_version(void**) {
  CK_INTERFACE* found = nullptr;
  assert_int_equal(get_interface(nullptr, {}, &found), CKR_OK);
  assert_string_equal(found->pInterfaceName, "PKCS 11");
  assert_int_equal(version_of(*found).major, 3);
  assert_int_equal(get_interface("PKCS 11", CK_VERSION{2, 40}, &found), CKR_OK);
  assert_int_equal(version_of(*found).major, 2);
  assert_int_equal(version_of(*found).minor, 40);
  assert_int_equal(get_interface("PKCS 11", CK_VERSION{3, 0}, &found), CKR_OK);
  assert_int_equal(version_of(*found).major, 3);

  assert_int_equal(get_interface("PKCS 11", CK_VERSION{4, 0}, &found), CKR_FUNCTION_FAILED);
  assert_int_equal(get_interface("Vendor", {}, &found), CKR_FUNCTION_FAILED);
  assert_int_equal(get_interface(nullptr, {}, &found, CKF_INTERFACE_FORK_SAFE), CKR_FUNCTION_FAILED);
  assert_int_equal(get_interface(nullptr, {}, nullptr), CKR_ARGUMENTS_BAD);
}

void interfaces_are_listed(void**) {
  CK_ULONG count = 0;
  assert_int_equal(p11().C_GetInterfaceList(nullptr, nullptr), CKR_ARGUMENTS_BAD);
  assert_int_equal(p11().C_GetInterfaceList(nullptr, &count), CKR_OK);
  assert_int_equal(count, 2);
  CK_INTERFACE all[2];
  count = 1;
  assert_int_equal(p11().C_GetInterfaceList(all, &count), CKR_BUFFER_TOO_SMALL);
  assert_int_equal(count, 2);
  assert_int_equal(p11().C_GetInterfaceList(all, &count), CKR_OK);
  assert_int_equal(version_of(all[0]).major, 3);
  assert_int_equal(version_of(all[1]).major, 2);
}

void old_programs_find_the_list_of_2_40(void**) {
  const auto get_list = exported<CK_RV (*)(CK_FUNCTION_LIST**)>("C_GetFunctionList");
  CK_FUNCTION_LIST* list = nullptr;
  assert_int_equal(get_list(nullptr), CKR_ARGUMENTS_BAD);
  assert_int_equal(get_list(&list), CKR_OK);
  assert_int_equal(list->version.major, 2);
  assert_int_equal(list->version.minor, 40);
  assert_true(list->C_Sign == p11().C_Sign);
  assert_true(list->C_GetFunctionList == p11().C_GetFunctionList);
}

}  // namespace
}  // namespace smartcmd

int main() {
  using namespace smartcmd;
  const CMUnitTest tests[] = {
      cmocka_unit_test(the_rows_are_all_functions),
      cmocka_unit_test(all_want_to_be_initialised_first),
      cmocka_unit_test(a_child_has_to_initialise_for_itself),
      cmocka_unit_test(initialise_takes_the_arguments_the_standard_allows),
      cmocka_unit_test(interfaces_are_found_by_name_and_version),
      cmocka_unit_test(interfaces_are_listed),
      cmocka_unit_test(old_programs_find_the_list_of_2_40),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
