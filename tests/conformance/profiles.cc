// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// The mandatory test cases of OASIS PKCS #11 Profiles v3.1 (BL-M-1-31, EXT-M-1-31, AUTH-M-1-31, CERT-M-1-31), step by
// step, with the first token of the module that $SMARTCMD_PKCS11_MODULE names. A step is a call, the return value the
// test case wants and what must hold of the answer. Where the test case quotes its own sample token, the same is asked
// of ours: blank-padded names, flags, a key whose signature verifies.
//
//   profiles PIN

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <stdio.h>

#include <algorithm>
#include <iterator>
#include <span>

#include "base/c_ptr.h"
#include "signing/certificate.h"
#include "tests/support/cryptoki.h"

namespace smartcmd {
namespace {

/// What a test case knows after the steps it has taken.
struct Run {
  std::string pin;
  CK_INFO info{};
  CK_ULONG count = 0;
  std::vector<CK_SLOT_ID> slots{};
  CK_SLOT_INFO slot_info{};
  CK_TOKEN_INFO token_info{};
  std::vector<CK_MECHANISM_TYPE> mechanisms{};
  CK_MECHANISM_INFO mechanism_info{};
  CK_SESSION_HANDLE session = 0;
  std::vector<CK_OBJECT_HANDLE> objects{};
  Bytes modulus{}, exponent{}, value{}, signature{};
};

struct Step {
  const char* call;
  CK_RV (*perform)(Run& run);
  CK_RV rv = CKR_OK;
  bool (*holds)(const Run& run) = [](const Run&) { return true; };
};

// ---- what the answers must be like ----------------------------------------------------------------------------------

// "Padded with the blank character, not null-terminated" (section 3 of the specification)
template <std::size_t size>
bool is_padded(const unsigned char (&field)[size]) {
  return std::find(field, field + size, '\0') == field + size;
}

bool info_is_sound(const Run& run) {
  return run.info.cryptokiVersion.major == 3 && run.info.flags == 0 && is_padded(run.info.manufacturerID) &&
         is_padded(run.info.libraryDescription);
}

bool slot_info_is_sound(const Run& run) {
  return is_padded(run.slot_info.slotDescription) && is_padded(run.slot_info.manufacturerID) &&
         run.slot_info.flags == CKF_TOKEN_PRESENT;
}

bool token_info_is_sound(const Run& run) {
  const CK_TOKEN_INFO& info = run.token_info;
  constexpr CK_FLAGS wanted = CKF_RNG | CKF_USER_PIN_INITIALIZED | CKF_TOKEN_INITIALIZED;
  return is_padded(info.label) && is_padded(info.manufacturerID) && is_padded(info.model) &&
         is_padded(info.serialNumber) && is_padded(info.utcTime) && (info.flags & wanted) == wanted &&
         info.ulSessionCount == 0 && info.ulRwSessionCount == 0 && info.ulMinPinLen <= info.ulMaxPinLen;
}

bool has_mechanism(const Run& run, CK_MECHANISM_TYPE type) {
  return std::count(run.mechanisms.begin(), run.mechanisms.end(), type) == 1;
}

bool is_certificate(const Bytes& der) {
  return !der.empty() && !Certificate::from_der(der).subject().empty();
}

const std::string message = "What the token shall sign to show that it can.";

// With libcrypto, from the attributes alone
bool signature_verifies(const Run& run) {
  const CPtr<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free> builder(OSSL_PARAM_BLD_new());
  const CPtr<BIGNUM, BN_free> n(BN_bin2bn(run.modulus.data(), static_cast<int>(run.modulus.size()), nullptr));
  const CPtr<BIGNUM, BN_free> e(BN_bin2bn(run.exponent.data(), static_cast<int>(run.exponent.size()), nullptr));
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get());
  const CPtr<OSSL_PARAM, OSSL_PARAM_free> params(OSSL_PARAM_BLD_to_param(builder.get()));
  const CPtr<EVP_PKEY_CTX, EVP_PKEY_CTX_free> maker(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
  EVP_PKEY* made = nullptr;
  EVP_PKEY_fromdata_init(maker.get());
  EVP_PKEY_fromdata(maker.get(), &made, EVP_PKEY_PUBLIC_KEY, params.get());
  const CPtr<EVP_PKEY, EVP_PKEY_free> key(made);
  const CPtr<EVP_MD_CTX, EVP_MD_CTX_free> context(EVP_MD_CTX_new());
  const ByteView data = bytes_of(message);
  return EVP_DigestVerifyInit_ex(context.get(), nullptr, "SHA256", nullptr, nullptr, key.get(), nullptr) == 1 &&
         EVP_DigestVerify(context.get(), run.signature.data(), run.signature.size(), data.data(), data.size()) == 1;
}

// ---- calls with arguments -------------------------------------------------------------------------------------------

template <CK_MECHANISM_TYPE type>
CK_RV get_mechanism_info(Run& run) {
  return p11().C_GetMechanismInfo(run.slots[0], type, &run.mechanism_info);
}

template <CK_FLAGS flags>
CK_RV open(Run& run) {
  return p11().C_OpenSession(run.slots[0], flags, nullptr, nullptr, &run.session);
}

CK_RV find_init(Run& run) {
  CK_BBOOL yes = CK_TRUE;
  CK_ATTRIBUTE wanted[] = {{CKA_TOKEN, &yes, sizeof yes}};
  return p11().C_FindObjectsInit(run.session, wanted, std::size(wanted));
}

// By the label of the token, which is also that of the key.
template <CK_OBJECT_CLASS object_class>
CK_RV find_key_init(Run& run) {
  CK_BBOOL yes = CK_TRUE;
  CK_OBJECT_CLASS wanted_class = object_class;
  p11().C_GetTokenInfo(run.slots[0], &run.token_info);
  std::string label(std::begin(run.token_info.label), std::end(run.token_info.label));
  label.erase(label.find_last_not_of(' ') + 1);
  CK_ATTRIBUTE wanted[] = {{CKA_TOKEN, &yes, sizeof yes},
                           {CKA_LABEL, label.data(), label.size()},
                           {CKA_CLASS, &wanted_class, sizeof wanted_class}};
  return p11().C_FindObjectsInit(run.session, wanted, std::size(wanted));
}

template <std::size_t at_most>
CK_RV find_objects(Run& run) {
  CK_ULONG count = 0;
  run.objects.resize(at_most);
  const CK_RV rv = p11().C_FindObjects(run.session, run.objects.data(), at_most, &count);
  run.objects.resize(count);
  return rv;
}

template <std::size_t count>
bool found(const Run& run) {
  return run.objects.size() == count && std::count(run.objects.begin(), run.objects.end(), 0UL) == 0;
}

template <std::size_t object, CK_ATTRIBUTE_TYPE type>
CK_RV get_size(Run& run) {
  CK_ATTRIBUTE wanted{type, nullptr, 0};
  const CK_RV rv = p11().C_GetAttributeValue(run.session, run.objects[object], &wanted, 1);
  run.count = wanted.ulValueLen;
  return rv;
}

template <std::size_t object, CK_ATTRIBUTE_TYPE type>
CK_RV get_value(Run& run) {
  run.value.resize(run.count);
  CK_ATTRIBUTE wanted{type, run.value.data(), run.value.size()};
  return p11().C_GetAttributeValue(run.session, run.objects[object], &wanted, 1);
}

CK_RV get_public_key(Run& run) {
  run.modulus.resize(1024);
  run.exponent.resize(1024);
  CK_ATTRIBUTE wanted[] = {{CKA_MODULUS, run.modulus.data(), run.modulus.size()},
                           {CKA_PUBLIC_EXPONENT, run.exponent.data(), run.exponent.size()}};
  const CK_RV rv = p11().C_GetAttributeValue(run.session, run.objects[0], wanted, std::size(wanted));
  run.modulus.resize(std::min<CK_ULONG>(wanted[0].ulValueLen, 1024));
  run.exponent.resize(std::min<CK_ULONG>(wanted[1].ulValueLen, 1024));
  return rv;
}

CK_RV log_in(Run& run) {
  return p11().C_Login(run.session, CKU_USER, reinterpret_cast<CK_UTF8CHAR*>(run.pin.data()), run.pin.size());
}

CK_RV sign_init(Run& run) {
  CK_MECHANISM mechanism{CKM_SHA256_RSA_PKCS, nullptr, 0};
  return p11().C_SignInit(run.session, &mechanism, run.objects[0]);
}

CK_RV sign(Run& run) {
  std::string data = message;
  run.signature.resize(run.modulus.size());
  CK_ULONG size = run.signature.size();
  const CK_RV rv =
      p11().C_Sign(run.session, reinterpret_cast<CK_BYTE*>(data.data()), data.size(), run.signature.data(), &size);
  run.signature.resize(size);
  return rv;
}

// ---- the test cases -------------------------------------------------------------------------------------------------

using Steps = std::vector<Step>;

const Steps begin = {
    {"C_Initialize", [](Run&) { return p11().C_Initialize(nullptr); }},
    {"C_GetInfo", [](Run& run) { return p11().C_GetInfo(&run.info); }, CKR_OK, info_is_sound},
    {"C_GetSlotList, how many", [](Run& run) { return p11().C_GetSlotList(CK_TRUE, nullptr, &run.count); }, CKR_OK,
     [](const Run& run) { return run.count > 0; }},
    {"C_GetSlotList",
     [](Run& run) {
       run.slots.resize(run.count);
       return p11().C_GetSlotList(CK_TRUE, run.slots.data(), &run.count);
     },
     CKR_OK, [](const Run& run) { return run.count == run.slots.size(); }},
};

const Steps slot_and_token = {
    {"C_GetSlotInfo", [](Run& run) { return p11().C_GetSlotInfo(run.slots[0], &run.slot_info); }, CKR_OK,
     slot_info_is_sound},
    {"C_GetTokenInfo", [](Run& run) { return p11().C_GetTokenInfo(run.slots[0], &run.token_info); }, CKR_OK,
     token_info_is_sound},
};

const Steps mechanisms = {
    {"C_GetMechanismList, how many",
     [](Run& run) { return p11().C_GetMechanismList(run.slots[0], nullptr, &run.count); }, CKR_OK,
     [](const Run& run) { return run.count > 0; }},
    {"C_GetMechanismList",
     [](Run& run) {
       run.mechanisms.resize(run.count);
       return p11().C_GetMechanismList(run.slots[0], run.mechanisms.data(), &run.count);
     },
     CKR_OK,
     [](const Run& run) {
       return run.count == run.mechanisms.size() && has_mechanism(run, CKM_SHA512) && has_mechanism(run, CKM_RSA_PKCS);
     }},
    {"C_GetMechanismInfo of CKM_SHA512", get_mechanism_info<CKM_SHA512>, CKR_OK,
     [](const Run& run) { return run.mechanism_info.flags == CKF_DIGEST; }},
    // The keys of this token are made elsewhere.
    {"C_GetMechanismInfo of CKM_RSA_PKCS_KEY_PAIR_GEN", get_mechanism_info<CKM_RSA_PKCS_KEY_PAIR_GEN>,
     CKR_MECHANISM_INVALID, [](const Run& run) { return !has_mechanism(run, CKM_RSA_PKCS_KEY_PAIR_GEN); }},
    {"C_GetMechanismInfo of CKM_RSA_PKCS", get_mechanism_info<CKM_RSA_PKCS>, CKR_OK,
     [](const Run& run) {
       return (run.mechanism_info.flags & CKF_SIGN) != 0 &&
              run.mechanism_info.ulMinKeySize <= run.mechanism_info.ulMaxKeySize;
     }},
};

const Steps open_to_read = {
    {"C_OpenSession to read", open<CKF_SERIAL_SESSION>, CKR_OK, [](const Run& run) { return run.session != 0; }}};
const Steps open_to_write = {{"C_OpenSession to write", open<CKF_SERIAL_SESSION | CKF_RW_SESSION>, CKR_OK,
                              [](const Run& run) { return run.session != 0; }}};
const Steps login = {{"C_Login", log_in}};
const Steps logout = {{"C_Logout", [](Run& run) { return p11().C_Logout(run.session); }}};
const Steps find_final = {{"C_FindObjectsFinal", [](Run& run) { return p11().C_FindObjectsFinal(run.session); }}};
const Steps find_any = {{"C_FindObjectsInit", find_init}, {"C_FindObjects, one", find_objects<1>, CKR_OK, found<1>}};

const Steps end = {
    {"C_CloseSession", [](Run& run) { return p11().C_CloseSession(run.session); }},
    {"C_CloseAllSessions", [](Run& run) { return p11().C_CloseAllSessions(run.slots[0]); }},
    {"C_Finalize", [](Run&) { return p11().C_Finalize(nullptr); }},
};

const Steps use_the_key = {
    {"C_FindObjectsInit of the public key", find_key_init<CKO_PUBLIC_KEY>},
    {"C_FindObjects, one", find_objects<1>, CKR_OK, found<1>},
    {"C_FindObjectsFinal", [](Run& run) { return p11().C_FindObjectsFinal(run.session); }},
    {"C_GetAttributeValue of modulus and exponent", get_public_key, CKR_OK,
     [](const Run& run) {
       return run.modulus.size() >= 256 && run.exponent == Bytes{1, 0, 1};
     }},
    {"C_FindObjectsInit of the private key", find_key_init<CKO_PRIVATE_KEY>},
    {"C_FindObjects, one", find_objects<1>, CKR_OK, found<1>},
    {"C_FindObjectsFinal", [](Run& run) { return p11().C_FindObjectsFinal(run.session); }},
    {"C_SignInit", sign_init},
    {"C_Sign", sign, CKR_OK, signature_verifies},
};

const Steps read_certificates = {
    {"C_FindObjectsInit", find_init},
    {"C_FindObjects, five", find_objects<5>, CKR_OK, found<5>},
    {"C_GetAttributeValue, size of the first label", get_size<0, CKA_LABEL>, CKR_OK,
     [](const Run& run) { return run.count > 0; }},
    {"C_GetAttributeValue, the first label", get_value<0, CKA_LABEL>, CKR_OK,
     [](const Run& run) { return run.count == run.value.size(); }},
    {"C_GetAttributeValue, size of the second value", get_size<1, CKA_VALUE>, CKR_OK,
     [](const Run& run) { return run.count > 0; }},
    {"C_GetAttributeValue, the second value", get_value<1, CKA_VALUE>, CKR_OK,
     [](const Run& run) { return is_certificate(run.value); }},
};

const struct {
  const char* name;
  std::vector<const Steps*> steps;
} test_cases[] = {
    {"BL-M-1-31", {&begin, &slot_and_token, &open_to_read, &find_any, &find_final, &end}},
    {"EXT-M-1-31",
     {&begin, &slot_and_token, &mechanisms, &open_to_write, &login, &find_any, &find_final, &logout, &end}},
    {"AUTH-M-1-31", {&begin, &open_to_write, &login, &use_the_key, &logout, &end}},
    {"CERT-M-1-31", {&begin, &open_to_read, &read_certificates, &find_final, &end}},
};

bool passes(const Step& step, Run& run) {
  const CK_RV rv = step.perform(run);
  const bool good = rv == step.rv && step.holds(run);
  printf("  %s %s: 0x%lx\n", good ? "ok    " : "not ok", step.call, rv);
  return good;
}

}  // namespace
}  // namespace smartcmd

int main(int argc, char** argv) {
  using namespace smartcmd;
  if (argc != 2) return 2;
  for (const auto& test_case : test_cases) {
    printf("%s\n", test_case.name);
    Run run{.pin = argv[1]};
    for (const Steps* steps : test_case.steps) {
      for (const Step& step : *steps) {
        if (!passes(step, run)) return 1;
      }
    }
  }
  return 0;
}
