// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// Every function of PKCS #11 v3.1, called with nothing and with too much: before C_Initialize, between, afterwards and
// in a child.

#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <optional>
#include <type_traits>

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

/// A function, called with null pointers wherever it wants some, and what it answers to that once C_Initialize has been
/// called.
struct Row {
  const char* name;
  std::function<CK_RV(CK_ULONG handle, CK_ULONG number)> call;
  CK_RV to_nothing;      ///< no such session or slot, and zeros
  CK_RV to_handle_only;  ///< a session or slot that is there, and zeros
  CK_RV to_huge;         ///< a session or slot that is there, and the greatest number everywhere else
};

template <class Argument>
Argument argument(CK_ULONG number) {
  if constexpr (std::is_pointer_v<Argument>) {
    return nullptr;
  } else {
    return static_cast<Argument>(number);
  }
}

template <class First, class... Rest>
std::function<CK_RV(CK_ULONG, CK_ULONG)> with(CK_RV (*function)(First, Rest...)) {
  assert_non_null(function);
  return [function](CK_ULONG handle, [[maybe_unused]] CK_ULONG number) {
    return function(argument<First>(handle), argument<Rest>(number)...);
  };
}

std::vector<Row> rows() {
  const CK_FUNCTION_LIST_3_0& f = p11();
  constexpr CK_RV no_slot = CKR_SLOT_ID_INVALID, no_session = CKR_SESSION_HANDLE_INVALID,
                  unsupported = CKR_FUNCTION_NOT_SUPPORTED, parallel = CKR_FUNCTION_NOT_PARALLEL,
                  bad = CKR_ARGUMENTS_BAD, not_begun = CKR_OPERATION_NOT_INITIALIZED;
  return {
      {"C_GetInfo", with(f.C_GetInfo), bad, bad, bad},
      {"C_GetSlotList", with(f.C_GetSlotList), bad, bad, bad},
      {"C_GetSlotInfo", with(f.C_GetSlotInfo), no_slot, bad, bad},
      {"C_GetTokenInfo", with(f.C_GetTokenInfo), no_slot, bad, bad},
      {"C_WaitForSlotEvent", with(f.C_WaitForSlotEvent), bad, bad, bad},
      {"C_GetMechanismList", with(f.C_GetMechanismList), no_slot, bad, bad},
      {"C_GetMechanismInfo", with(f.C_GetMechanismInfo), no_slot, bad, bad},
      {"C_InitToken", with(f.C_InitToken), unsupported, unsupported, unsupported},
      {"C_InitPIN", with(f.C_InitPIN), unsupported, unsupported, unsupported},
      {"C_SetPIN", with(f.C_SetPIN), unsupported, unsupported, unsupported},
      {"C_OpenSession", with(f.C_OpenSession), no_slot, bad, bad},
      {"C_CloseSession", with(f.C_CloseSession), no_session, CKR_OK, CKR_OK},
      {"C_CloseAllSessions", with(f.C_CloseAllSessions), no_slot, CKR_OK, CKR_OK},
      {"C_GetSessionInfo", with(f.C_GetSessionInfo), no_session, bad, bad},
      {"C_SessionCancel", with(f.C_SessionCancel), no_session, CKR_OK, CKR_OK},
      {"C_GetOperationState", with(f.C_GetOperationState), unsupported, unsupported, unsupported},
      {"C_SetOperationState", with(f.C_SetOperationState), unsupported, unsupported, unsupported},
      {"C_Login", with(f.C_Login), no_session, CKR_USER_TYPE_INVALID, CKR_USER_TYPE_INVALID},
      {"C_LoginUser", with(f.C_LoginUser), no_session, CKR_USER_TYPE_INVALID, bad},
      {"C_Logout", with(f.C_Logout), no_session, CKR_USER_NOT_LOGGED_IN, CKR_USER_NOT_LOGGED_IN},
      {"C_CreateObject", with(f.C_CreateObject), unsupported, unsupported, unsupported},
      {"C_CopyObject", with(f.C_CopyObject), unsupported, unsupported, unsupported},
      {"C_DestroyObject", with(f.C_DestroyObject), unsupported, unsupported, unsupported},
      {"C_GetObjectSize", with(f.C_GetObjectSize), no_session, bad, bad},
      {"C_GetAttributeValue", with(f.C_GetAttributeValue), no_session, CKR_OBJECT_HANDLE_INVALID, bad},
      {"C_SetAttributeValue", with(f.C_SetAttributeValue), unsupported, unsupported, unsupported},
      {"C_FindObjectsInit", with(f.C_FindObjectsInit), no_session, CKR_OK, bad},
      {"C_FindObjects", with(f.C_FindObjects), no_session, not_begun, not_begun},
      {"C_FindObjectsFinal", with(f.C_FindObjectsFinal), no_session, not_begun, not_begun},
      {"C_EncryptInit", with(f.C_EncryptInit), unsupported, unsupported, unsupported},
      {"C_Encrypt", with(f.C_Encrypt), unsupported, unsupported, unsupported},
      {"C_EncryptUpdate", with(f.C_EncryptUpdate), unsupported, unsupported, unsupported},
      {"C_EncryptFinal", with(f.C_EncryptFinal), unsupported, unsupported, unsupported},
      {"C_MessageEncryptInit", with(f.C_MessageEncryptInit), unsupported, unsupported, unsupported},
      {"C_EncryptMessage", with(f.C_EncryptMessage), unsupported, unsupported, unsupported},
      {"C_EncryptMessageBegin", with(f.C_EncryptMessageBegin), unsupported, unsupported, unsupported},
      {"C_EncryptMessageNext", with(f.C_EncryptMessageNext), unsupported, unsupported, unsupported},
      {"C_MessageEncryptFinal", with(f.C_MessageEncryptFinal), unsupported, unsupported, unsupported},
      {"C_DecryptInit", with(f.C_DecryptInit), unsupported, unsupported, unsupported},
      {"C_Decrypt", with(f.C_Decrypt), unsupported, unsupported, unsupported},
      {"C_DecryptUpdate", with(f.C_DecryptUpdate), unsupported, unsupported, unsupported},
      {"C_DecryptFinal", with(f.C_DecryptFinal), unsupported, unsupported, unsupported},
      {"C_MessageDecryptInit", with(f.C_MessageDecryptInit), unsupported, unsupported, unsupported},
      {"C_DecryptMessage", with(f.C_DecryptMessage), unsupported, unsupported, unsupported},
      {"C_DecryptMessageBegin", with(f.C_DecryptMessageBegin), unsupported, unsupported, unsupported},
      {"C_DecryptMessageNext", with(f.C_DecryptMessageNext), unsupported, unsupported, unsupported},
      {"C_MessageDecryptFinal", with(f.C_MessageDecryptFinal), unsupported, unsupported, unsupported},
      {"C_DigestInit", with(f.C_DigestInit), no_session, bad, bad},
      {"C_Digest", with(f.C_Digest), no_session, not_begun, not_begun},
      {"C_DigestUpdate", with(f.C_DigestUpdate), no_session, not_begun, not_begun},
      {"C_DigestKey", with(f.C_DigestKey), unsupported, unsupported, unsupported},
      {"C_DigestFinal", with(f.C_DigestFinal), no_session, not_begun, not_begun},
      {"C_SignInit", with(f.C_SignInit), no_session, bad, bad},
      {"C_Sign", with(f.C_Sign), no_session, not_begun, not_begun},
      {"C_SignUpdate", with(f.C_SignUpdate), no_session, not_begun, not_begun},
      {"C_SignFinal", with(f.C_SignFinal), no_session, not_begun, not_begun},
      {"C_SignRecoverInit", with(f.C_SignRecoverInit), unsupported, unsupported, unsupported},
      {"C_SignRecover", with(f.C_SignRecover), unsupported, unsupported, unsupported},
      {"C_MessageSignInit", with(f.C_MessageSignInit), unsupported, unsupported, unsupported},
      {"C_SignMessage", with(f.C_SignMessage), unsupported, unsupported, unsupported},
      {"C_SignMessageBegin", with(f.C_SignMessageBegin), unsupported, unsupported, unsupported},
      {"C_SignMessageNext", with(f.C_SignMessageNext), unsupported, unsupported, unsupported},
      {"C_MessageSignFinal", with(f.C_MessageSignFinal), unsupported, unsupported, unsupported},
      {"C_VerifyInit", with(f.C_VerifyInit), no_session, bad, bad},
      {"C_Verify", with(f.C_Verify), no_session, not_begun, not_begun},
      {"C_VerifyUpdate", with(f.C_VerifyUpdate), no_session, not_begun, not_begun},
      {"C_VerifyFinal", with(f.C_VerifyFinal), no_session, not_begun, not_begun},
      {"C_VerifyRecoverInit", with(f.C_VerifyRecoverInit), unsupported, unsupported, unsupported},
      {"C_VerifyRecover", with(f.C_VerifyRecover), unsupported, unsupported, unsupported},
      {"C_MessageVerifyInit", with(f.C_MessageVerifyInit), unsupported, unsupported, unsupported},
      {"C_VerifyMessage", with(f.C_VerifyMessage), unsupported, unsupported, unsupported},
      {"C_VerifyMessageBegin", with(f.C_VerifyMessageBegin), unsupported, unsupported, unsupported},
      {"C_VerifyMessageNext", with(f.C_VerifyMessageNext), unsupported, unsupported, unsupported},
      {"C_MessageVerifyFinal", with(f.C_MessageVerifyFinal), unsupported, unsupported, unsupported},
      {"C_DigestEncryptUpdate", with(f.C_DigestEncryptUpdate), unsupported, unsupported, unsupported},
      {"C_DecryptDigestUpdate", with(f.C_DecryptDigestUpdate), unsupported, unsupported, unsupported},
      {"C_SignEncryptUpdate", with(f.C_SignEncryptUpdate), unsupported, unsupported, unsupported},
      {"C_DecryptVerifyUpdate", with(f.C_DecryptVerifyUpdate), unsupported, unsupported, unsupported},
      {"C_GenerateKey", with(f.C_GenerateKey), unsupported, unsupported, unsupported},
      {"C_GenerateKeyPair", with(f.C_GenerateKeyPair), unsupported, unsupported, unsupported},
      {"C_WrapKey", with(f.C_WrapKey), unsupported, unsupported, unsupported},
      {"C_UnwrapKey", with(f.C_UnwrapKey), unsupported, unsupported, unsupported},
      {"C_DeriveKey", with(f.C_DeriveKey), unsupported, unsupported, unsupported},
      {"C_SeedRandom", with(f.C_SeedRandom), no_session, CKR_RANDOM_SEED_NOT_SUPPORTED, bad},
      {"C_GenerateRandom", with(f.C_GenerateRandom), no_session, CKR_OK, bad},
      {"C_GetFunctionStatus", with(f.C_GetFunctionStatus), parallel, parallel, parallel},
      {"C_CancelFunction", with(f.C_CancelFunction), parallel, parallel, parallel},
  };
}

// What is not a row: C_Initialize, C_Finalize, C_GetFunctionList, C_GetInterfaceList, C_GetInterface.
void the_rows_are_all_functions(void**) {
  constexpr std::size_t others = 5;
  assert_int_equal((rows().size() + others) * sizeof(void*) + sizeof(void*), sizeof(CK_FUNCTION_LIST_3_0));
}

bool answers(const Row& row, CK_RV rv, CK_RV expected) {
  if (rv != expected) print_error("%s answers 0x%lx, not 0x%lx\n", row.name, rv, expected);
  return rv == expected;
}

/// How many functions do not answer as they should to nothing.
int wrong_answers(CK_RV (*expected)(const Row&), CK_SESSION_HANDLE no_handle = 0) {
  int wrong = 0;
  for (const Row& row : rows()) {
    if (!answers(row, row.call(no_handle, 0), expected(row))) ++wrong;
  }
  return wrong;
}

CK_RV not_initialized(const Row&) {
  return CKR_CRYPTOKI_NOT_INITIALIZED;
}

CK_RV to_nothing(const Row& row) {
  return row.to_nothing;
}

void all_want_to_be_initialised_first(void**) {
  assert_int_equal(wrong_answers(not_initialized), 0);
  assert_int_equal(p11().C_Finalize(nullptr), CKR_CRYPTOKI_NOT_INITIALIZED);

  assert_int_equal(p11().C_Initialize(nullptr), CKR_OK);
  assert_int_equal(wrong_answers(to_nothing), 0);
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
    wrong += wrong_answers(to_nothing);
    if (p11().C_Finalize(nullptr) != CKR_OK) ++wrong;
    _exit(wrong);
  }
  int status = 0;
  waitpid(child, &status, 0);
  assert_int_equal(status, 0);
  assert_int_equal(wrong_answers(to_nothing), 0);
  assert_int_equal(p11().C_Finalize(nullptr), CKR_OK);
}

bool wants_slot(const Row& row) {
  return row.to_nothing == CKR_SLOT_ID_INVALID;
}

void sessions_that_are_not_there_are_refused(void**) {
  assert_int_equal(p11().C_Initialize(nullptr), CKR_OK);
  const CK_SESSION_HANDLE closed = open_session();
  assert_int_equal(p11().C_CloseSession(closed), CKR_OK);
  for (const CK_SESSION_HANDLE handle : {closed, closed + 1, ~0UL}) {
    assert_int_equal(wrong_answers(to_nothing, handle), 0);
  }
  assert_int_equal(p11().C_Finalize(nullptr), CKR_OK);
}

void missing_pointers_and_huge_numbers_are_refused(void**) {
  assert_int_equal(p11().C_Initialize(nullptr), CKR_OK);
  int wrong = 0;
  for (const Row& row : rows()) {
    const CK_ULONG only = wants_slot(row) ? first_slot() : open_session();
    if (!answers(row, row.call(only, 0), row.to_handle_only)) ++wrong;
    const CK_ULONG huge = wants_slot(row) ? first_slot() : open_session();
    if (!answers(row, row.call(huge, ~0UL), row.to_huge)) ++wrong;
  }
  assert_int_equal(wrong, 0);
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
  assert_int_equal(get_interface(nullptr, {}, &found, 1 /* CKF_INTERFACE_FORK_SAFE */), CKR_FUNCTION_FAILED);
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
      cmocka_unit_test(sessions_that_are_not_there_are_refused),
      cmocka_unit_test(missing_pointers_and_huge_numbers_are_refused),
      cmocka_unit_test(initialise_takes_the_arguments_the_standard_allows),
      cmocka_unit_test(interfaces_are_found_by_name_and_version),
      cmocka_unit_test(interfaces_are_listed),
      cmocka_unit_test(old_programs_find_the_list_of_2_40),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
