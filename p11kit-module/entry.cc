// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// The functions of PKCS #11 v3.1 that the module offers, each with its section. What they have in common is in guard.h,
// what they do in the file of its name; function_list.cc answers for those that are missing here.

#include "p11kit-module/buffers.h"
#include "p11kit-module/digesting.h"
#include "p11kit-module/fill.h"
#include "p11kit-module/guard.h"
#include "p11kit-module/mechanisms.h"
#include "p11kit-module/signing.h"
#include "p11kit-module/verifying.h"
#include "signing/hasher.h"

using namespace smartcmd;
using namespace smartcmd::p11;

namespace {

/// What `value` returns, which is called when there is a place for it.
template <class T, class Value>
void give(T* place, Value&& value) {
  require(place != nullptr, CKR_ARGUMENTS_BAD);
  *place = value();
}

CK_INFO library_info() {
  CK_INFO info{};
  info.cryptokiVersion = {3, 1};
  fill(info.manufacturerID, "SmartCMD");
  fill(info.libraryDescription, "SmartCMD remote signatures");
  info.libraryVersion = {SMARTCMD_VERSION_MAJOR, SMARTCMD_VERSION_MINOR};
  return info;
}

// Nobody has a security officer's PIN, so none is judged.
void log_in(Session& session, CK_USER_TYPE user, const CK_UTF8CHAR* pin, CK_ULONG length) {
  require(user == CKU_USER || user == CKU_CONTEXT_SPECIFIC, CKR_USER_TYPE_INVALID);
  if (user == CKU_USER) return session.slot.login().log_in(read_pin(pin, length));
  require(session.signing.has_value(), CKR_OPERATION_NOT_INITIALIZED);
  session.signing->pin = read_pin(pin, length);
}

const Object& visible_object(const Session& session, CK_OBJECT_HANDLE handle) {
  const Object* object = session.find(handle);
  require(object != nullptr, CKR_OBJECT_HANDLE_INVALID);
  require(!object->is_private() || session.slot.login().has_told_private(), CKR_OBJECT_HANDLE_INVALID);
  return *object;
}

}  // namespace

// ---- 5.4 general-purpose functions ----------------------------------------------------------------------------------

// 5.4.1
CK_RV C_Initialize(void* arguments) {
  return guarded(__func__, [&] { initialise(static_cast<CK_C_INITIALIZE_ARGS*>(arguments)); });
}

// 5.4.2
CK_RV C_Finalize(void* reserved) {
  return guarded(__func__, [&] {
    require(reserved == nullptr, CKR_ARGUMENTS_BAD);
    finalise();
  });
}

// 5.4.3
CK_RV C_GetInfo(CK_INFO* info) {
  return with_library(__func__, [&](Library&) { give(info, library_info); });
}

// ---- 5.5 slot and token management functions ------------------------------------------------------------------------

// 5.5.1; a token is present in every slot.
CK_RV C_GetSlotList(CK_BBOOL /*token_present*/, CK_SLOT_ID* list, CK_ULONG* count) {
  return with_library(__func__, [&](Library& library) {
    std::vector<CK_SLOT_ID> ids;
    for (const Slot& slot : library.slots.all()) ids.push_back(slot.id());
    Output<CK_SLOT_ID>(list, count).write(ids);
  });
}

// 5.5.2
CK_RV C_GetSlotInfo(CK_SLOT_ID slot_id, CK_SLOT_INFO* info) {
  return with_slot(__func__, slot_id, [&](Slot& slot) { give(info, [&] { return slot.info(); }); });
}

// 5.5.3
CK_RV C_GetTokenInfo(CK_SLOT_ID slot_id, CK_TOKEN_INFO* info) {
  return with_slot(__func__, slot_id, [&](Slot& slot) { give(info, [&] { return slot.token_info(); }); });
}

// 5.5.4; no token comes or goes, and waiting for one is left to programs' own polling.
CK_RV C_WaitForSlotEvent(CK_FLAGS flags, CK_SLOT_ID* slot, void* reserved) {
  return with_library(__func__, [&](Library&) {
    require(slot != nullptr && reserved == nullptr, CKR_ARGUMENTS_BAD);
    throw Refusal{(flags & CKF_DONT_BLOCK) != 0 ? CKR_NO_EVENT : CKR_FUNCTION_NOT_SUPPORTED};
  });
}

// 5.5.5
CK_RV C_GetMechanismList(CK_SLOT_ID slot_id, CK_MECHANISM_TYPE* list, CK_ULONG* count) {
  return with_slot(__func__, slot_id,
                   [&](Slot& slot) { Output<CK_MECHANISM_TYPE>(list, count).write(mechanism_types(slot.hashes())); });
}

// 5.5.6
CK_RV C_GetMechanismInfo(CK_SLOT_ID slot_id, CK_MECHANISM_TYPE type, CK_MECHANISM_INFO* info) {
  return with_slot(__func__, slot_id,
                   [&](Slot& slot) { give(info, [&] { return mechanism_info(slot.hashes(), type); }); });
}

// ---- 5.6 session management functions -------------------------------------------------------------------------------

// 5.6.1; we have nothing to notify of.
CK_RV C_OpenSession(CK_SLOT_ID slot_id, CK_FLAGS flags, void* /*application*/, CK_NOTIFY /*notify*/,
                    CK_SESSION_HANDLE* handle) {
  return with_library(__func__, [&](Library& library) {
    Slot& slot = library.slots.at(slot_id);
    require(handle != nullptr, CKR_ARGUMENTS_BAD);
    *handle = library.sessions.open(slot, flags);
  });
}

// 5.6.2
CK_RV C_CloseSession(CK_SESSION_HANDLE handle) {
  return with_library(__func__, [&](Library& library) { library.sessions.close(handle); });
}

// 5.6.3
CK_RV C_CloseAllSessions(CK_SLOT_ID slot_id) {
  return with_library(__func__, [&](Library& library) { library.sessions.close_all(library.slots.at(slot_id)); });
}

// 5.6.4
CK_RV C_GetSessionInfo(CK_SESSION_HANDLE handle, CK_SESSION_INFO* info) {
  return with_session(__func__, handle, [&](LockedSession& session) { give(info, [&] { return session->info(); }); });
}

// 5.6.5
CK_RV C_SessionCancel(CK_SESSION_HANDLE handle, CK_FLAGS flags) {
  return with_session(__func__, handle, [&](LockedSession& session) { session->cancel(flags); });
}

// 5.6.8
CK_RV C_Login(CK_SESSION_HANDLE handle, CK_USER_TYPE user, CK_UTF8CHAR* pin, CK_ULONG pin_length) {
  return with_session(__func__, handle, [&](LockedSession& session) { log_in(*session, user, pin, pin_length); });
}

// 5.6.9; the one user of a token is its account, who may be named.
CK_RV C_LoginUser(CK_SESSION_HANDLE handle, CK_USER_TYPE user, CK_UTF8CHAR* pin, CK_ULONG pin_length,
                  CK_UTF8CHAR* username, CK_ULONG username_length) {
  return with_session(__func__, handle, [&](LockedSession& session) {
    const ByteView name = input(username, username_length);
    const ByteView own = bytes_of(session->slot.account().name);
    require(name.empty() || std::equal(name.begin(), name.end(), own.begin(), own.end()), CKR_ARGUMENTS_BAD);
    log_in(*session, user, pin, pin_length);
  });
}

// 5.6.10
CK_RV C_Logout(CK_SESSION_HANDLE handle) {
  return with_session(__func__, handle, [](LockedSession& session) { session->slot.login().log_out(); });
}

// ---- 5.7 object management functions --------------------------------------------------------------------------------

// 5.7.4
CK_RV C_GetObjectSize(CK_SESSION_HANDLE handle, CK_OBJECT_HANDLE object, CK_ULONG* size) {
  return with_session(__func__, handle, [&](LockedSession& session) {
    give(size, [&] { return visible_object(*session, object).size(); });
  });
}

// 5.7.5
CK_RV C_GetAttributeValue(CK_SESSION_HANDLE handle, CK_OBJECT_HANDLE object, CK_ATTRIBUTE* wanted, CK_ULONG count) {
  return with_session(__func__, handle, [&](LockedSession& session) {
    const std::span<CK_ATTRIBUTE> attributes = input_list(wanted, count);
    const CK_RV rv = visible_object(*session, object).read(attributes);
    require(rv == CKR_OK, rv);
  });
}

// 5.7.7
CK_RV C_FindObjectsInit(CK_SESSION_HANDLE handle, CK_ATTRIBUTE* wanted, CK_ULONG count) {
  return with_session(__func__, handle, [&](LockedSession& session) {
    const std::span<const CK_ATTRIBUTE> all = input_list(wanted, count);
    for (const CK_ATTRIBUTE& one : all) {
      require(one.pValue != nullptr || one.ulValueLen == 0, CKR_ATTRIBUTE_VALUE_INVALID);
    }
    session->begin_search(all);
  });
}

// 5.7.8
CK_RV C_FindObjects(CK_SESSION_HANDLE handle, CK_OBJECT_HANDLE* objects, CK_ULONG max_count, CK_ULONG* count) {
  return with_session(__func__, handle, [&](LockedSession& session) {
    require(session->search.has_value(), CKR_OPERATION_NOT_INITIALIZED);
    require(count != nullptr && (objects != nullptr || max_count == 0), CKR_ARGUMENTS_BAD);
    Search& search = *session->search;
    *count = std::min<CK_ULONG>(max_count, search.found.size() - search.told);
    std::copy_n(search.found.data() + search.told, *count, objects);
    search.told += *count;
  });
}

// 5.7.9
CK_RV C_FindObjectsFinal(CK_SESSION_HANDLE handle) {
  return with_session(__func__, handle, [](LockedSession& session) { take(session->search); });
}

// ---- 5.12 message digesting functions -------------------------------------------------------------------------------

// 5.12.1
CK_RV C_DigestInit(CK_SESSION_HANDLE handle, CK_MECHANISM* mechanism) {
  return with_session(__func__, handle, [&](LockedSession& session) { digest_init(*session, mechanism); });
}

// 5.12.2
CK_RV C_Digest(CK_SESSION_HANDLE handle, CK_BYTE* data, CK_ULONG length, CK_BYTE* result, CK_ULONG* result_length) {
  return with_session(__func__, handle,
                      [&](LockedSession& session) { digest(*session, data, length, result, result_length); });
}

// 5.12.3
CK_RV C_DigestUpdate(CK_SESSION_HANDLE handle, CK_BYTE* part, CK_ULONG length) {
  return with_session(__func__, handle, [&](LockedSession& session) { digest_update(*session, part, length); });
}

// 5.12.5
CK_RV C_DigestFinal(CK_SESSION_HANDLE handle, CK_BYTE* result, CK_ULONG* result_length) {
  return with_session(__func__, handle, [&](LockedSession& session) { digest_final(*session, result, result_length); });
}

// ---- 5.13 signing functions -----------------------------------------------------------------------------------------

// 5.13.1
CK_RV C_SignInit(CK_SESSION_HANDLE handle, CK_MECHANISM* mechanism, CK_OBJECT_HANDLE key) {
  return with_session(__func__, handle, [&](LockedSession& session) { sign_init(*session, mechanism, key); });
}

// 5.13.2
CK_RV C_Sign(CK_SESSION_HANDLE handle, CK_BYTE* data, CK_ULONG length, CK_BYTE* signature, CK_ULONG* signature_length) {
  return with_session(__func__, handle,
                      [&](LockedSession& session) { sign(session, data, length, signature, signature_length); });
}

// 5.13.3
CK_RV C_SignUpdate(CK_SESSION_HANDLE handle, CK_BYTE* part, CK_ULONG length) {
  return with_session(__func__, handle, [&](LockedSession& session) { sign_update(*session, part, length); });
}

// 5.13.4
CK_RV C_SignFinal(CK_SESSION_HANDLE handle, CK_BYTE* signature, CK_ULONG* signature_length) {
  return with_session(__func__, handle,
                      [&](LockedSession& session) { sign_final(session, signature, signature_length); });
}

// ---- 5.15 functions for verifying signatures and MACs ---------------------------------------------------------------

// 5.15.1
CK_RV C_VerifyInit(CK_SESSION_HANDLE handle, CK_MECHANISM* mechanism, CK_OBJECT_HANDLE key) {
  return with_session(__func__, handle, [&](LockedSession& session) { verify_init(*session, mechanism, key); });
}

// 5.15.2
CK_RV C_Verify(CK_SESSION_HANDLE handle, CK_BYTE* data, CK_ULONG length, CK_BYTE* signature,
               CK_ULONG signature_length) {
  return with_session(__func__, handle,
                      [&](LockedSession& session) { verify(*session, data, length, signature, signature_length); });
}

// 5.15.3
CK_RV C_VerifyUpdate(CK_SESSION_HANDLE handle, CK_BYTE* part, CK_ULONG length) {
  return with_session(__func__, handle, [&](LockedSession& session) { verify_update(*session, part, length); });
}

// 5.15.4
CK_RV C_VerifyFinal(CK_SESSION_HANDLE handle, CK_BYTE* signature, CK_ULONG signature_length) {
  return with_session(__func__, handle,
                      [&](LockedSession& session) { verify_final(*session, signature, signature_length); });
}

// ---- 5.19 random number generation functions ------------------------------------------------------------------------

// 5.19.1; the generator seeds itself.
CK_RV C_SeedRandom(CK_SESSION_HANDLE handle, CK_BYTE* seed, CK_ULONG length) {
  return with_session(__func__, handle, [&](LockedSession&) {
    input(seed, length);
    throw Refusal{CKR_RANDOM_SEED_NOT_SUPPORTED};
  });
}

// 5.19.2
CK_RV C_GenerateRandom(CK_SESSION_HANDLE handle, CK_BYTE* random, CK_ULONG length) {
  return with_session(__func__, handle, [&](LockedSession&) {
    input(random, length);
    random_bytes({random, length});
  });
}
