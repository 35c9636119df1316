// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// Slots, tokens, sessions, logins and objects of the PKCS#11 module: everything that only looks.

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <new>
#include <optional>
#include <set>

#include "signing/certificate.h"
#include "tests/support/cryptoki.h"
#include "tests/support/expect.h"

namespace {
bool has_memory = true;
bool was_asked = false;
}  // namespace

// GCC 12 takes them for mismatched once they are inlined.
[[gnu::noinline]] void* operator new(std::size_t size) {
  was_asked = true;
  void* const memory = has_memory ? malloc(size) : nullptr;
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

[[gnu::noinline]] void operator delete(void* memory) noexcept {
  free(memory);
}

[[gnu::noinline]] void operator delete(void* memory, std::size_t /*size*/) noexcept {
  free(memory);
}

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

void initialise(const std::string& configuration = "") {
  home->configure(configuration);
  assert_int_equal(p11().C_Initialize(nullptr), CKR_OK);
}

// Looking has started no agent, whatever a test has done.
int finalise(void**) {
  p11().C_Finalize(nullptr);
  home->enrol();
  assert_string_equal(home->log().c_str(), "");
  return 0;
}

template <std::size_t size>
std::string text(const unsigned char (&field)[size]) {
  std::string value(field, field + size);
  value.erase(value.find_last_not_of(' ') + 1);
  return value;
}

CK_TOKEN_INFO token_info(CK_SLOT_ID slot) {
  CK_TOKEN_INFO info{};
  assert_int_equal(p11().C_GetTokenInfo(slot, &info), CKR_OK);
  return info;
}

std::vector<CK_SLOT_ID> slots() {
  CK_ULONG count = 0;
  assert_int_equal(p11().C_GetSlotList(CK_TRUE, nullptr, &count), CKR_OK);
  std::vector<CK_SLOT_ID> all(count);
  assert_int_equal(p11().C_GetSlotList(CK_TRUE, all.data(), &count), CKR_OK);
  return all;
}

CK_STATE state_of(CK_SESSION_HANDLE session) {
  CK_SESSION_INFO info{};
  assert_int_equal(p11().C_GetSessionInfo(session, &info), CKR_OK);
  return info.state;
}

CK_RV log_in(CK_SESSION_HANDLE session, CK_USER_TYPE user, const char* pin) {
  std::string copy = pin != nullptr ? pin : "";
  return p11().C_Login(session, user, pin != nullptr ? reinterpret_cast<CK_UTF8CHAR*>(copy.data()) : nullptr,
                       copy.size());
}

// ---- slots and tokens -----------------------------------------------------------------------------------------------

void an_account_is_a_slot_with_a_token(void**) {
  initialise();
  CK_INFO info{};
  assert_int_equal(p11().C_GetInfo(&info), CKR_OK);
  assert_int_equal(info.cryptokiVersion.major, 3);
  assert_int_equal(info.flags, 0);
  assert_string_equal(text(info.libraryDescription).c_str(), "SmartCMD remote signatures");

  const auto all = slots();
  assert_int_equal(all.size(), 1);
  CK_SLOT_INFO slot{};
  assert_int_equal(p11().C_GetSlotInfo(all[0], &slot), CKR_OK);
  assert_int_equal(slot.flags, CKF_TOKEN_PRESENT);

  const CK_TOKEN_INFO token = token_info(all[0]);
  assert_string_equal(text(token.label).c_str(), "Joana Teste");
  assert_int_equal(token.flags, CKF_RNG | CKF_WRITE_PROTECTED | CKF_USER_PIN_INITIALIZED | CKF_TOKEN_INITIALIZED);
  assert_int_equal(token.ulMinPinLen, 4);
  assert_int_equal(token.ulMaxPinLen, 8);
}

void slot_lists_follow_the_convention_on_lengths(void**) {
  initialise("[account rui]\nservice=fake\nuser-id=+351 910000001\n");
  CK_SLOT_ID list[2] = {0, 0};
  CK_ULONG count = 1;
  assert_int_equal(p11().C_GetSlotList(CK_FALSE, list, &count), CKR_BUFFER_TOO_SMALL);
  assert_int_equal(count, 2);
  assert_int_equal(p11().C_GetSlotList(CK_FALSE, list, &count), CKR_OK);
  assert_int_equal(p11().C_GetSlotList(CK_FALSE, list, nullptr), CKR_ARGUMENTS_BAD);
}

void a_slot_keeps_its_id_when_others_come(void**) {
  initialise();
  const CK_SLOT_ID joana = slots()[0];
  const std::string serial = text(token_info(joana).serialNumber);
  p11().C_Finalize(nullptr);
  initialise("[smartcmd]\ndefault-account=joana\n[account ana]\nservice=fake\nuser-id=+351 910000001\n");
  const auto all = slots();
  assert_int_equal(all.size(), 2);
  assert_true(std::find(all.begin(), all.end(), joana) != all.end());
  assert_string_equal(text(token_info(joana).serialNumber).c_str(), serial.c_str());
  assert_true(all[0] != all[1]);
}

void labels_are_unique_and_can_be_used_by_all(void**) {
  initialise(
      "[account a]\nservice=fake\nuser-id=+351 910000001\nlabel=Joana Teste\n"
      "[account b]\nservice=fake\nuser-id=+351 910000002\nlabel=Seal: of a house\n"
      "[account c]\nservice=fake\nuser-id=+351 910000003\nlabel=Dom Sebastião José de Carvalho e Melo\n"
      "[account d]\nservice=fake\nuser-id=+351 910000004\nlabel=Dom Sebastião José de Carvalho e Melo, 2\n");
  std::set<std::string> labels;
  for (const char* name : {"joana", "a", "b", "c", "d"}) {
    std::filesystem::copy_file(home->file("chain.pem"), home->file(std::string("state/") + name + ".pem"),
                               std::filesystem::copy_options::overwrite_existing);
  }
  for (const CK_SLOT_ID slot : slots()) labels.insert(text(token_info(slot).label));
  const std::set<std::string> expected = {"Joana Teste", "Joana Teste 2", "Seal  of a house",
                                          "Dom Sebastião José de Carvalho", "Dom Sebastião José de Carval 2"};
  for (const std::string& label : labels) print_message("%s\n", label.c_str());
  assert_true(labels == expected);
}

void a_thousand_accounts_are_told_apart(void**) {
  std::string accounts;
  for (int i = 1; i < 1000; ++i) {
    accounts += "[account a" + std::to_string(i) + "]\nservice=fake\nuser-id=+351 910000001\nlabel=Joana Teste\n";
  }
  initialise(accounts);
  const auto all = slots();
  assert_int_equal(std::set(all.begin(), all.end()).size(), 1000);
  std::set<std::string> labels, serials;
  for (const CK_SLOT_ID slot : all) {
    labels.insert(text(token_info(slot).label));
    serials.insert(text(token_info(slot).serialNumber));
  }
  assert_int_equal(labels.size(), 1000);
  assert_int_equal(serials.size(), 1000);
}

void a_token_without_certificates_says_what_to_do(void**) {
  std::filesystem::remove(home->file("state/joana.pem"));
  initialise();
  CK_TOKEN_INFO token = token_info(first_slot());
  assert_string_equal(text(token.label).c_str(), "smartcmd enrol joana");
  assert_int_equal(token.flags & CKF_TOKEN_INITIALIZED, 0);
  const CK_SESSION_HANDLE before = open_session();
  assert_int_equal(find(before, {}).size(), 0);

  home->enrol();
  token = token_info(first_slot());
  assert_string_equal(text(token.label).c_str(), "Joana Teste");
  assert_int_not_equal(find(open_session(), {}).size(), 0);
  assert_int_not_equal(find(before, {}).size(), 0);
}

void a_broken_configuration_leaves_no_slot_and_a_sentence(void**) {
  for (const char* broken : {"[account joana]\nuser=me\n", "[nothing of ours]\n", "[account joana]\nlogin=maybe\n",
                             "[smartcmd]\nprobes=perhaps\n"}) {
    std::filesystem::remove(home->file("module.log"));
    initialise(broken);
    assert_int_equal(slots().size(), 0);
    const std::string log = home->read("module.log");
    assert_true(contains(log, "C_Initialize: Configuration: "));
    assert_int_equal(std::count(log.begin(), log.end(), '\n'), 1);
    p11().C_Finalize(nullptr);
  }
  std::filesystem::remove(home->file("module.log"));
}

// Whoever starts a program as another user finds no token: the log says whose files were looked for, once.
void no_configuration_leaves_no_slot_and_a_sentence(void**) {
  std::filesystem::remove(home->file("module.log"));
  const std::string file = getenv("SMARTCMD_CONFIG");
  setenv("HOME", home->file("").c_str(), 1);
  unsetenv("XDG_CONFIG_HOME");
  unsetenv("SMARTCMD_CONFIG");
  for (int times = 0; times < 2; ++times) {
    assert_int_equal(p11().C_Initialize(nullptr), CKR_OK);
    assert_int_equal(slots().size(), 0);
    assert_int_equal(p11().C_Finalize(nullptr), CKR_OK);
  }
  setenv("SMARTCMD_CONFIG", file.c_str(), 1);
  const std::string log = home->read("module.log");
  assert_int_equal(std::count(log.begin(), log.end(), '\n'), 1);
  assert_true(contains(log, "C_Initialize: No account is configured for the user with the number " +
                                std::to_string(geteuid()) +
                                "; looked in: " + home->file(".config/smartcmd/smartcmd.conf").native() +
                                ", /etc/smartcmd/smartcmd.conf"));
  std::filesystem::remove(home->file("module.log"));
}

void a_broken_cache_leaves_an_empty_token_and_a_sentence(void**) {
  std::ofstream(home->file("state/joana.pem")) << "no certificate\n";
  initialise();
  const CK_SESSION_HANDLE session = open_session();
  assert_int_not_equal(session, 0);
  assert_int_equal(find(session, {}).size(), 0);
  assert_true(contains(home->read("module.log"), "smartcmd enrol joana"));
}

void mechanisms_are_those_the_service_allows(void**) {
  initialise("[service fake]\nhashes=SHA256,SHA1\n");
  const CK_SLOT_ID slot = first_slot();
  CK_ULONG count = 0;
  assert_int_equal(p11().C_GetMechanismList(slot, nullptr, &count), CKR_OK);
  std::vector<CK_MECHANISM_TYPE> types(count);
  assert_int_equal(p11().C_GetMechanismList(slot, types.data(), &count), CKR_OK);
  const std::set<CK_MECHANISM_TYPE> offered(types.begin(), types.end());
  const std::set<CK_MECHANISM_TYPE> expected = {CKM_SHA256_RSA_PKCS, CKM_SHA1_RSA_PKCS, CKM_RSA_PKCS,
                                                CKM_SHA256,          CKM_SHA384,        CKM_SHA512,
                                                CKM_SHA224,          CKM_SHA_1,         CKM_RIPEMD160};
  assert_true(offered == expected);

  CK_MECHANISM_INFO info{};
  for (const CK_MECHANISM_TYPE type : types) assert_int_equal(p11().C_GetMechanismInfo(slot, type, &info), CKR_OK);
  for (const CK_MECHANISM_TYPE type : {CKM_SHA512_RSA_PKCS, CKM_RSA_PKCS_PSS, CKM_RSA_X_509, CKM_RSA_PKCS_KEY_PAIR_GEN,
                                       CKM_MD5, CKM_SHA256_HMAC, 0x80000001UL}) {
    assert_int_equal(p11().C_GetMechanismInfo(slot, type, &info), CKR_MECHANISM_INVALID);
  }
  assert_int_equal(p11().C_GetMechanismInfo(slot, CKM_RSA_PKCS, &info), CKR_OK);
  assert_int_equal(info.flags, CKF_HW | CKF_SIGN | CKF_VERIFY);
  assert_int_equal(p11().C_GetMechanismInfo(slot, CKM_SHA256, &info), CKR_OK);
  assert_int_equal(info.flags, CKF_DIGEST);
}

void no_slot_has_an_event(void**) {
  initialise();
  CK_SLOT_ID slot = 0;
  int reserved = 0;
  assert_int_equal(p11().C_WaitForSlotEvent(CKF_DONT_BLOCK, &slot, nullptr), CKR_NO_EVENT);
  assert_int_equal(p11().C_WaitForSlotEvent(0, &slot, nullptr), CKR_FUNCTION_NOT_SUPPORTED);
  assert_int_equal(p11().C_WaitForSlotEvent(CKF_DONT_BLOCK, &slot, &reserved), CKR_ARGUMENTS_BAD);
}

// ---- sessions and logins --------------------------------------------------------------------------------------------

void sessions_open_and_close(void**) {
  initialise();
  CK_SESSION_HANDLE session = 0;
  const CK_SLOT_ID slot = first_slot();
  assert_int_equal(p11().C_OpenSession(slot, 0, nullptr, nullptr, &session), CKR_SESSION_PARALLEL_NOT_SUPPORTED);
  assert_int_equal(p11().C_OpenSession(slot, CKF_SERIAL_SESSION, nullptr, nullptr, nullptr), CKR_ARGUMENTS_BAD);
  assert_int_equal(p11().C_OpenSession(slot + 1, CKF_SERIAL_SESSION, nullptr, nullptr, &session), CKR_SLOT_ID_INVALID);

  const CK_SESSION_HANDLE reading = open_session(), writing = open_session(CKF_RW_SESSION);
  assert_int_equal(state_of(reading), CKS_RO_PUBLIC_SESSION);
  assert_int_equal(state_of(writing), CKS_RW_PUBLIC_SESSION);
  assert_int_equal(token_info(slot).ulSessionCount, 2);
  assert_int_equal(token_info(slot).ulRwSessionCount, 1);

  assert_int_equal(p11().C_CloseSession(reading), CKR_OK);
  assert_int_equal(p11().C_CloseSession(reading), CKR_SESSION_HANDLE_INVALID);
  assert_int_equal(p11().C_FindObjectsInit(reading, nullptr, 0), CKR_SESSION_HANDLE_INVALID);
  assert_int_equal(p11().C_CloseAllSessions(slot), CKR_OK);
  assert_int_equal(p11().C_CloseSession(writing), CKR_SESSION_HANDLE_INVALID);
  assert_int_equal(token_info(slot).ulSessionCount, 0);
  assert_int_equal(p11().C_CloseAllSessions(slot), CKR_OK);
}

void many_sessions_may_be_open(void**) {
  initialise();
  for (int i = 0; i < 10000; ++i) assert_int_not_equal(open_session(), 0);
  assert_int_equal(token_info(first_slot()).ulSessionCount, 10000);
}

void a_token_that_needs_no_login_takes_each(void**) {
  initialise();
  const CK_SESSION_HANDLE session = open_session();
  assert_int_equal(p11().C_Logout(session), CKR_USER_NOT_LOGGED_IN);
  assert_int_equal(log_in(session, CKU_USER, "1234"), CKR_OK);
  assert_int_equal(log_in(session, CKU_USER, "1234"), CKR_OK);
  assert_int_equal(log_in(session, CKU_USER, nullptr), CKR_OK);
  assert_int_equal(state_of(session), CKS_RO_USER_FUNCTIONS);
  assert_int_equal(p11().C_Logout(session), CKR_OK);
  assert_int_equal(state_of(session), CKS_RO_PUBLIC_SESSION);
}

void what_cannot_be_a_pin_is_not_taken_for_one(void**) {
  initialise();
  const CK_SESSION_HANDLE session = open_session();
  assert_int_equal(log_in(session, CKU_USER, "123"), CKR_PIN_LEN_RANGE);
  assert_int_equal(log_in(session, CKU_USER, "123456789"), CKR_PIN_LEN_RANGE);
  assert_int_equal(log_in(session, CKU_USER, "12a4"), CKR_PIN_INCORRECT);
  assert_int_equal(p11().C_Login(session, CKU_USER, nullptr, 4), CKR_ARGUMENTS_BAD);
  assert_int_equal(log_in(session, CKU_SO, "1234"), CKR_USER_TYPE_INVALID);
  assert_int_equal(log_in(session, 77, "1234"), CKR_USER_TYPE_INVALID);
  assert_int_equal(log_in(session, CKU_SO, "the officer's"), CKR_USER_TYPE_INVALID);
  assert_int_equal(log_in(session, CKU_SO, "1"), CKR_USER_TYPE_INVALID);
  assert_int_equal(log_in(session, CKU_CONTEXT_SPECIFIC, "1"), CKR_OPERATION_NOT_INITIALIZED);
  assert_int_equal(log_in(session, CKU_CONTEXT_SPECIFIC, "1234"), CKR_OPERATION_NOT_INITIALIZED);
  assert_int_equal(state_of(session), CKS_RO_PUBLIC_SESSION);
}

void a_user_may_be_named(void**) {
  initialise();
  const CK_SESSION_HANDLE session = open_session();
  unsigned char pin[] = {'1', '2', '3', '4'};
  unsigned char joana[] = {'j', 'o', 'a', 'n', 'a'};
  assert_int_equal(p11().C_LoginUser(session, CKU_USER, pin, 4, joana, 4), CKR_ARGUMENTS_BAD);
  assert_int_equal(p11().C_LoginUser(session, CKU_USER, pin, 4, nullptr, 5), CKR_ARGUMENTS_BAD);
  assert_int_equal(p11().C_LoginUser(session, CKU_USER, pin, 4, joana, 5), CKR_OK);
  assert_int_equal(state_of(session), CKS_RO_USER_FUNCTIONS);
}

void a_token_with_login_hides_its_key_until_then(void**) {
  initialise("[account joana]\nlogin=pin\n");
  assert_int_equal(token_info(first_slot()).flags & (CKF_LOGIN_REQUIRED | CKF_PROTECTED_AUTHENTICATION_PATH),
                   CKF_LOGIN_REQUIRED);
  const CK_SESSION_HANDLE session = open_session(), other = open_session();
  assert_int_equal(find_one(session, CKO_PRIVATE_KEY), 0);
  assert_int_not_equal(find_one(session, CKO_PUBLIC_KEY), 0);
  assert_int_not_equal(find_one(session, CKO_CERTIFICATE), 0);
  assert_int_equal(log_in(session, CKU_USER, nullptr), CKR_PIN_LEN_RANGE);
  assert_int_equal(log_in(session, CKU_USER, "1234"), CKR_OK);
  assert_int_equal(log_in(session, CKU_USER, "1234"), CKR_USER_ALREADY_LOGGED_IN);
  const CK_OBJECT_HANDLE key = find_one(other, CKO_PRIVATE_KEY);
  assert_int_not_equal(key, 0);
  assert_true(attribute(other, key, CKA_PRIVATE) == Bytes{CK_TRUE});

  assert_int_equal(p11().C_Logout(other), CKR_OK);
  CK_ULONG size = 0;
  assert_int_equal(p11().C_GetObjectSize(session, key, &size), CKR_OBJECT_HANDLE_INVALID);
  CK_MECHANISM mechanism{CKM_SHA256_RSA_PKCS, nullptr, 0};
  assert_int_equal(p11().C_SignInit(session, &mechanism, key), CKR_USER_NOT_LOGGED_IN);

  // "Even if a user is later logged back into the token, those handles remain invalid" – until they are told again.
  assert_int_equal(log_in(session, CKU_USER, "1234"), CKR_OK);
  assert_int_equal(p11().C_GetObjectSize(session, key, &size), CKR_OBJECT_HANDLE_INVALID);
  assert_int_equal(p11().C_SignInit(session, &mechanism, key), CKR_KEY_HANDLE_INVALID);
  assert_int_equal(p11().C_SignInit(session, &mechanism, find_one(session, CKO_PRIVATE_KEY)), CKR_OK);
}

void certificates_that_could_not_be_read_are_read_later(void**) {
  initialise();
  rlimit descriptors{};
  getrlimit(RLIMIT_NOFILE, &descriptors);
  const rlimit none{0, descriptors.rlim_max};
  setrlimit(RLIMIT_NOFILE, &none);
  const CK_SESSION_HANDLE session = open_session();
  const CK_OBJECT_HANDLE without = find_one(session, CKO_CERTIFICATE);
  setrlimit(RLIMIT_NOFILE, &descriptors);
  assert_int_equal(without, 0);
  assert_int_not_equal(find_one(session, CKO_CERTIFICATE), 0);
}

// A program keeps its session for as long as it lives; certificates that come back have the handles they had.
void a_session_finds_what_the_token_holds_now(void**) {
  initialise();
  const CK_SESSION_HANDLE session = open_session();
  const CK_OBJECT_HANDLE certificate = find_one(session, CKO_CERTIFICATE);
  std::filesystem::remove(home->file("state/joana.pem"));
  assert_int_equal(find_one(session, CKO_CERTIFICATE), 0);
  home->enrol();
  assert_int_equal(find_one(session, CKO_CERTIFICATE), certificate);
}

void a_host_without_memory_is_told(void**) {
  initialise();
  const CK_SESSION_HANDLE session = open_session();
  was_asked = false;
  operator delete(operator new(1));
  if (!was_asked) skip();  // valgrind has put its own in their place
  has_memory = false;
  const CK_RV rv = p11().C_FindObjectsInit(session, nullptr, 0);
  has_memory = true;
  assert_int_equal(rv, CKR_HOST_MEMORY);
  assert_int_equal(p11().C_FindObjectsInit(session, nullptr, 0), CKR_OK);
}

void labels_differ_in_more_than_blanks(void**) {
  initialise("[account rui]\nservice=fake\nuser-id=+351 910000001\nlabel=Joana Teste:\n");
  const auto all = slots();
  assert_int_equal(all.size(), 2);
  assert_string_not_equal(text(token_info(all[0]).label).c_str(), text(token_info(all[1]).label).c_str());
}

void the_last_session_takes_the_login_along(void**) {
  initialise("[account joana]\nlogin=pin\n");
  const CK_SESSION_HANDLE first = open_session(), second = open_session();
  assert_int_equal(log_in(first, CKU_USER, "1234"), CKR_OK);
  assert_int_equal(p11().C_CloseSession(first), CKR_OK);
  assert_int_equal(state_of(second), CKS_RO_USER_FUNCTIONS);
  assert_int_equal(p11().C_CloseSession(second), CKR_OK);
  assert_int_equal(state_of(open_session()), CKS_RO_PUBLIC_SESSION);
}

void a_protected_path_needs_no_pin(void**) {
  initialise("[account joana]\nlogin=protected\n");
  assert_int_equal(token_info(first_slot()).flags & (CKF_LOGIN_REQUIRED | CKF_PROTECTED_AUTHENTICATION_PATH),
                   CKF_LOGIN_REQUIRED | CKF_PROTECTED_AUTHENTICATION_PATH);
  const CK_SESSION_HANDLE session = open_session();
  assert_int_equal(find_one(session, CKO_PRIVATE_KEY), 0);
  assert_int_equal(log_in(session, CKU_USER, nullptr), CKR_OK);
  assert_int_not_equal(find_one(session, CKO_PRIVATE_KEY), 0);
}

// ---- objects --------------------------------------------------------------------------------------------------------

Bytes number(CK_ULONG value) {
  const auto* start = reinterpret_cast<const unsigned char*>(&value);
  return Bytes(start, start + sizeof value);
}

void objects_hold_what_the_certificates_say(void**) {
  initialise();
  const CertificateChain chain = CertificateChain::from_pem(home->read("chain.pem"));
  const Certificate& signer = chain.signer();
  const CK_SESSION_HANDLE session = open_session();
  const CK_OBJECT_HANDLE key = find_one(session, CKO_PRIVATE_KEY), public_key = find_one(session, CKO_PUBLIC_KEY),
                         certificate = find_one(session, CKO_CERTIFICATE);
  const struct {
    CK_OBJECT_HANDLE object;
    CK_ATTRIBUTE_TYPE type;
    Bytes value;
  } expected[] = {
      {certificate, CKA_VALUE, signer.der()},
      {certificate, CKA_SUBJECT, signer.subject()},
      {certificate, CKA_ISSUER, signer.issuer()},
      {certificate, CKA_SERIAL_NUMBER, signer.serial_number()},
      {certificate, CKA_CERTIFICATE_TYPE, number(CKC_X_509)},
      {certificate, CKA_CERTIFICATE_CATEGORY, number(CK_CERTIFICATE_CATEGORY_TOKEN_USER)},
      {certificate, CKA_TRUSTED, {CK_FALSE}},
      {certificate, CKA_LABEL, octets("Joana Teste")},
      {certificate, CKA_PRIVATE, {CK_FALSE}},
      {public_key, CKA_MODULUS, signer.modulus()},
      {public_key, CKA_MODULUS_BITS, number(2048)},
      {public_key, CKA_PUBLIC_EXPONENT, signer.public_exponent()},
      {public_key, CKA_PUBLIC_KEY_INFO, signer.public_key_info()},
      {public_key, CKA_VERIFY, {CK_TRUE}},
      {public_key, CKA_ENCRYPT, {CK_FALSE}},
      {public_key, CKA_WRAP, {CK_FALSE}},
      {key, CKA_KEY_TYPE, number(CKK_RSA)},
      {key, CKA_MODULUS, signer.modulus()},
      {key, CKA_PUBLIC_EXPONENT, signer.public_exponent()},
      {key, CKA_SUBJECT, signer.subject()},
      {key, CKA_TOKEN, {CK_TRUE}},
      {key, CKA_PRIVATE, {CK_FALSE}},
      {key, CKA_SIGN, {CK_TRUE}},
      {key, CKA_DECRYPT, {CK_FALSE}},
      {key, CKA_UNWRAP, {CK_FALSE}},
      {key, CKA_DERIVE, {CK_FALSE}},
      {key, CKA_SENSITIVE, {CK_TRUE}},
      {key, CKA_ALWAYS_SENSITIVE, {CK_TRUE}},
      {key, CKA_EXTRACTABLE, {CK_FALSE}},
      {key, CKA_NEVER_EXTRACTABLE, {CK_TRUE}},
      {key, CKA_LOCAL, {CK_TRUE}},
      {key, CKA_WRAP_WITH_TRUSTED, {CK_FALSE}},
      {key, CKA_ALWAYS_AUTHENTICATE, {CK_FALSE}},
      {key, CKA_MODIFIABLE, {CK_FALSE}},
  };
  for (const auto& one : expected) {
    if (attribute(session, one.object, one.type) != one.value) fail_msg("attribute 0x%lx is wrong", one.type);
  }
  const Bytes id = attribute(session, key, CKA_ID);
  assert_int_equal(id.size(), 20);
  assert_true(attribute(session, certificate, CKA_ID) == id);
  assert_true(attribute(session, public_key, CKA_ID) == id);
}

void authorities_can_be_told_apart(void**) {
  initialise();
  const CK_SESSION_HANDLE session = open_session();
  CK_OBJECT_CLASS certificate = CKO_CERTIFICATE;
  CK_BBOOL yes = CK_TRUE;
  const auto found = find(session, {{CKA_CLASS, &certificate, sizeof certificate}, {CKA_TRUSTED, &yes, sizeof yes}});
  assert_int_equal(found.size(), 2);
  std::set<Bytes> ids, labels, unique_ids;
  for (const CK_OBJECT_HANDLE one : find(session, {{CKA_CLASS, &certificate, sizeof certificate}})) {
    ids.insert(attribute(session, one, CKA_ID));
    labels.insert(attribute(session, one, CKA_LABEL));
  }
  assert_int_equal(ids.size(), 3);
  assert_int_equal(labels.size(), 3);
  const auto all = find(session, {});
  for (const CK_OBJECT_HANDLE one : all) unique_ids.insert(attribute(session, one, CKA_UNIQUE_ID));
  assert_int_equal(unique_ids.size(), all.size());
}

void attributes_are_read_by_the_rules(void**) {
  initialise();
  const CK_SESSION_HANDLE session = open_session();
  const CK_OBJECT_HANDLE key = find_one(session, CKO_PRIVATE_KEY);
  unsigned char modulus[256], exponent[1], secret[256];
  CK_ATTRIBUTE wanted[] = {{CKA_MODULUS, modulus, sizeof modulus},
                           {CKA_PRIVATE_EXPONENT, secret, sizeof secret},
                           {CKA_VALUE, nullptr, 0},
                           {CKA_PUBLIC_EXPONENT, exponent, sizeof exponent},
                           {CKA_MODULUS, nullptr, 0}};
  // One of the reasons is given, and each attribute has its own length.
  assert_int_equal(p11().C_GetAttributeValue(session, key, wanted, 5), CKR_ATTRIBUTE_SENSITIVE);
  assert_int_equal(wanted[0].ulValueLen, 256);
  assert_true(wanted[1].ulValueLen == CK_UNAVAILABLE_INFORMATION);
  assert_true(wanted[2].ulValueLen == CK_UNAVAILABLE_INFORMATION);
  assert_true(wanted[3].ulValueLen == CK_UNAVAILABLE_INFORMATION);
  assert_int_equal(wanted[4].ulValueLen, 256);
  wanted[2] = {CKA_VALUE, nullptr, 0};
  assert_int_equal(p11().C_GetAttributeValue(session, key, wanted + 2, 1), CKR_ATTRIBUTE_TYPE_INVALID);
  wanted[3] = {CKA_PUBLIC_EXPONENT, exponent, sizeof exponent};
  assert_int_equal(p11().C_GetAttributeValue(session, key, wanted + 3, 1), CKR_BUFFER_TOO_SMALL);

  assert_int_equal(p11().C_GetAttributeValue(session, key, nullptr, 1), CKR_ARGUMENTS_BAD);
  assert_int_equal(p11().C_GetAttributeValue(session, key, wanted, ~0UL), CKR_ARGUMENTS_BAD);
  assert_int_equal(p11().C_GetAttributeValue(session, key, wanted, 0), CKR_OK);
  for (const CK_OBJECT_HANDLE no_object : {0UL, key + 1000, ~0UL}) {
    assert_int_equal(p11().C_GetAttributeValue(session, no_object, wanted, 1), CKR_OBJECT_HANDLE_INVALID);
  }
  CK_ULONG size = 0;
  assert_int_equal(p11().C_GetObjectSize(session, key, &size), CKR_OK);
  assert_true(size > 512);
  assert_int_equal(p11().C_GetObjectSize(session, key, nullptr), CKR_ARGUMENTS_BAD);
}

void searches_find_by_all_attributes(void**) {
  initialise();
  const CK_SESSION_HANDLE session = open_session();
  const auto all = find(session, {});
  assert_int_equal(all.size(), 9);
  CK_OBJECT_CLASS no_class = 0xce534354;  // NSS asks for its trust objects
  assert_int_equal(find(session, {{CKA_CLASS, &no_class, sizeof no_class}}).size(), 0);
  Bytes id = attribute(session, all[0], CKA_ID);
  assert_int_equal(find(session, {{CKA_ID, id.data(), id.size()}}).size(), 3);
  id.back() ^= 1;
  assert_int_equal(find(session, {{CKA_ID, id.data(), id.size()}}).size(), 0);
  assert_int_equal(find(session, {{CKA_ID, id.data(), 5}}).size(), 0);
  CK_OBJECT_CLASS profile = CKO_PROFILE;
  CK_ULONG profile_id = CKP_PUBLIC_CERTIFICATES_TOKEN;
  CK_BBOOL yes = CK_TRUE;
  assert_int_equal(find(session, {{CKA_CLASS, &profile, sizeof profile},
                                  {CKA_TOKEN, &yes, sizeof yes},
                                  {CKA_PROFILE_ID, &profile_id, sizeof profile_id}})
                       .size(),
                   1);
}

void searches_have_an_order(void**) {
  initialise();
  const CK_SESSION_HANDLE session = open_session();
  CK_OBJECT_HANDLE found[4];
  CK_ULONG count = 0;
  CK_ATTRIBUTE nothing{CKA_ID, nullptr, 20};
  assert_int_equal(p11().C_FindObjects(session, found, 4, &count), CKR_OPERATION_NOT_INITIALIZED);
  assert_int_equal(p11().C_FindObjectsFinal(session), CKR_OPERATION_NOT_INITIALIZED);
  assert_int_equal(p11().C_FindObjectsInit(session, nullptr, 1), CKR_ARGUMENTS_BAD);
  assert_int_equal(p11().C_FindObjectsInit(session, &nothing, ~0UL), CKR_ARGUMENTS_BAD);
  assert_int_equal(p11().C_FindObjectsInit(session, &nothing, 1), CKR_ATTRIBUTE_VALUE_INVALID);

  assert_int_equal(p11().C_FindObjectsInit(session, nullptr, 0), CKR_OK);
  assert_int_equal(p11().C_FindObjectsInit(session, nullptr, 0), CKR_OPERATION_ACTIVE);
  assert_int_equal(p11().C_FindObjects(session, nullptr, 4, &count), CKR_ARGUMENTS_BAD);
  assert_int_equal(p11().C_FindObjects(session, found, 4, nullptr), CKR_ARGUMENTS_BAD);
  std::size_t total = 0;
  do {
    assert_int_equal(p11().C_FindObjects(session, found, 4, &count), CKR_OK);
    total += count;
  } while (count > 0);
  assert_int_equal(total, 9);
  assert_int_equal(p11().C_FindObjectsFinal(session), CKR_OK);

  assert_int_equal(p11().C_FindObjectsInit(session, nullptr, 0), CKR_OK);
  assert_int_equal(p11().C_SessionCancel(session, CKF_FIND_OBJECTS), CKR_OK);
  assert_int_equal(p11().C_FindObjectsFinal(session), CKR_OPERATION_NOT_INITIALIZED);
}

void random_numbers_come_from_the_token(void**) {
  initialise();
  const CK_SESSION_HANDLE session = open_session();
  Bytes first(32), second(32);
  assert_int_equal(p11().C_GenerateRandom(session, first.data(), 32), CKR_OK);
  assert_int_equal(p11().C_GenerateRandom(session, second.data(), 32), CKR_OK);
  assert_true(first != second && first != Bytes(32));
  assert_int_equal(p11().C_GenerateRandom(session, nullptr, 32), CKR_ARGUMENTS_BAD);
  assert_int_equal(p11().C_SeedRandom(session, first.data(), 32), CKR_RANDOM_SEED_NOT_SUPPORTED);
  assert_int_equal(p11().C_SeedRandom(session, nullptr, 32), CKR_ARGUMENTS_BAD);
}

}  // namespace
}  // namespace smartcmd

int main() {
  using namespace smartcmd;
  const CMUnitTest tests[] = {
      cmocka_unit_test_teardown(an_account_is_a_slot_with_a_token, finalise),
      cmocka_unit_test_teardown(slot_lists_follow_the_convention_on_lengths, finalise),
      cmocka_unit_test_teardown(a_slot_keeps_its_id_when_others_come, finalise),
      cmocka_unit_test_teardown(labels_are_unique_and_can_be_used_by_all, finalise),
      cmocka_unit_test_teardown(a_thousand_accounts_are_told_apart, finalise),
      cmocka_unit_test_teardown(a_token_without_certificates_says_what_to_do, finalise),
      cmocka_unit_test_teardown(a_broken_configuration_leaves_no_slot_and_a_sentence, finalise),
      cmocka_unit_test_teardown(no_configuration_leaves_no_slot_and_a_sentence, finalise),
      cmocka_unit_test_teardown(a_broken_cache_leaves_an_empty_token_and_a_sentence, finalise),
      cmocka_unit_test_teardown(mechanisms_are_those_the_service_allows, finalise),
      cmocka_unit_test_teardown(no_slot_has_an_event, finalise),
      cmocka_unit_test_teardown(sessions_open_and_close, finalise),
      cmocka_unit_test_teardown(many_sessions_may_be_open, finalise),
      cmocka_unit_test_teardown(a_token_that_needs_no_login_takes_each, finalise),
      cmocka_unit_test_teardown(what_cannot_be_a_pin_is_not_taken_for_one, finalise),
      cmocka_unit_test_teardown(a_user_may_be_named, finalise),
      cmocka_unit_test_teardown(a_token_with_login_hides_its_key_until_then, finalise),
      cmocka_unit_test_teardown(certificates_that_could_not_be_read_are_read_later, finalise),
      cmocka_unit_test_teardown(a_session_finds_what_the_token_holds_now, finalise),
      cmocka_unit_test_teardown(labels_differ_in_more_than_blanks, finalise),
      cmocka_unit_test_teardown(a_host_without_memory_is_told, finalise),
      cmocka_unit_test_teardown(the_last_session_takes_the_login_along, finalise),
      cmocka_unit_test_teardown(a_protected_path_needs_no_pin, finalise),
      cmocka_unit_test_teardown(objects_hold_what_the_certificates_say, finalise),
      cmocka_unit_test_teardown(authorities_can_be_told_apart, finalise),
      cmocka_unit_test_teardown(attributes_are_read_by_the_rules, finalise),
      cmocka_unit_test_teardown(searches_find_by_all_attributes, finalise),
      cmocka_unit_test_teardown(searches_have_an_order, finalise),
      cmocka_unit_test_teardown(random_numbers_come_from_the_token, finalise),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
