// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// Digesting, signing and verifying with the PKCS#11 module, and who is asked for what.

#include <sys/stat.h>

#include <algorithm>
#include <optional>
#include <thread>

#include "signing/certificate.h"
#include "signing/hasher.h"
#include "tests/support/cryptoki.h"
#include "tests/support/expect.h"

namespace smartcmd {
namespace {

std::optional<TokenHome> home;
unsigned next_document = 0;

int set_up(void**) {
  home.emplace();
  return 0;
}

int tear_down(void**) {
  home.reset();
  return 0;
}

struct Keys {
  CK_SESSION_HANDLE session;
  CK_OBJECT_HANDLE key;
  CK_OBJECT_HANDLE public_key;
};

Keys initialise(const std::string& configuration = "") {
  home->configure(configuration);
  assert_int_equal(p11().C_Initialize(nullptr), CKR_OK);
  const CK_SESSION_HANDLE session = open_session();
  return {session, find_one(session, CKO_PRIVATE_KEY), find_one(session, CKO_PUBLIC_KEY)};
}

int finalise(void**) {
  p11().C_Finalize(nullptr);
  std::filesystem::remove(home->file("log"));
  std::filesystem::remove(home->file("module.log"));
  unsetenv("SMARTCMD_FAKE_FAULT");
  unsetenv("SMARTCMD_FAKE_PIN");
  home->enrol();
  return 0;
}

// What was signed a moment ago is remembered, so each test signs something new.
Bytes new_document() {
  return octets("document " + std::to_string(++next_document));
}

Digest digest_of(Hash hash, const Bytes& data) {
  Hasher hasher(hash);
  hasher.update(data);
  return hasher.digest();
}

Certificate signer() {
  return chain_in(home->file("chain.pem")).signer();
}

CK_RV sign_init(const Keys& keys, CK_MECHANISM_TYPE type) {
  CK_MECHANISM mechanism{type, nullptr, 0};
  return p11().C_SignInit(keys.session, &mechanism, keys.key);
}

CK_RV verify_init(const Keys& keys, CK_MECHANISM_TYPE type) {
  CK_MECHANISM mechanism{type, nullptr, 0};
  return p11().C_VerifyInit(keys.session, &mechanism, keys.public_key);
}

CK_RV sign(const Keys& keys, Bytes data, Bytes& signature) {
  signature.resize(256);
  CK_ULONG size = signature.size();
  return p11().C_Sign(keys.session, data.data(), data.size(), signature.data(), &size);
}

// C_SignInit and C_Sign in one, of a new document.
CK_RV sign_new(const Keys& keys) {
  Bytes signature;
  const CK_RV rv = sign_init(keys, CKM_SHA256_RSA_PKCS);
  return rv == CKR_OK ? sign(keys, new_document(), signature) : rv;
}

// ---- digesting ------------------------------------------------------------------------------------------------------

CK_RV digest_init(const Keys& keys, CK_MECHANISM_TYPE type) {
  CK_MECHANISM mechanism{type, nullptr, 0};
  return p11().C_DigestInit(keys.session, &mechanism);
}

void digests_are_those_of_the_hash(void**) {
  const Keys keys = initialise();
  const struct {
    CK_MECHANISM_TYPE type;
    Hash hash;
  } cases[] = {{CKM_SHA_1, Hash::sha1},    {CKM_SHA224, Hash::sha224}, {CKM_SHA256, Hash::sha256},
               {CKM_SHA384, Hash::sha384}, {CKM_SHA512, Hash::sha512}, {CKM_RIPEMD160, Hash::ripemd160}};
  Bytes data = octets("abc");
  for (const auto& one : cases) {
    const Digest expected = digest_of(one.hash, data);
    Bytes whole(64), parts(64);
    CK_ULONG size = 64;
    assert_int_equal(digest_init(keys, one.type), CKR_OK);
    assert_int_equal(p11().C_Digest(keys.session, data.data(), 3, whole.data(), &size), CKR_OK);
    whole.resize(size);
    assert_true(whole == expected.value);

    size = 64;
    assert_int_equal(digest_init(keys, one.type), CKR_OK);
    assert_int_equal(p11().C_DigestUpdate(keys.session, data.data(), 1), CKR_OK);
    assert_int_equal(p11().C_DigestUpdate(keys.session, nullptr, 0), CKR_OK);
    assert_int_equal(p11().C_DigestUpdate(keys.session, data.data() + 1, 2), CKR_OK);
    assert_int_equal(p11().C_DigestFinal(keys.session, parts.data(), &size), CKR_OK);
    parts.resize(size);
    assert_true(parts == expected.value);
  }
}

void a_digest_goes_on_after_asking_for_its_size(void**) {
  const Keys keys = initialise();
  Bytes data = octets("abc"), digest(32);
  CK_ULONG size = 0;
  assert_int_equal(digest_init(keys, CKM_SHA256), CKR_OK);
  assert_int_equal(p11().C_Digest(keys.session, data.data(), 3, nullptr, &size), CKR_OK);
  assert_int_equal(size, 32);
  size = 31;
  assert_int_equal(p11().C_Digest(keys.session, data.data(), 3, digest.data(), &size), CKR_BUFFER_TOO_SMALL);
  assert_int_equal(size, 32);
  assert_int_equal(p11().C_Digest(keys.session, data.data(), 3, digest.data(), &size), CKR_OK);
  assert_true(digest == digest_of(Hash::sha256, data).value);
  assert_int_equal(p11().C_Digest(keys.session, data.data(), 3, digest.data(), &size), CKR_OPERATION_NOT_INITIALIZED);
}

// "At once" or "in parts" is decided by the first call, also by one that only asks for a size: else the pair of a query
// would be the digest of nothing.
void a_digest_stays_on_its_course(void**) {
  const Keys keys = initialise();
  Bytes data = octets("abc"), digest(32);
  CK_ULONG size = 0;
  assert_int_equal(digest_init(keys, CKM_SHA256), CKR_OK);
  assert_int_equal(p11().C_Digest(keys.session, data.data(), 3, nullptr, &size), CKR_OK);
  assert_int_equal(p11().C_DigestFinal(keys.session, digest.data(), &size), CKR_OPERATION_NOT_INITIALIZED);

  assert_int_equal(digest_init(keys, CKM_SHA256), CKR_OK);
  assert_int_equal(p11().C_Digest(keys.session, data.data(), 3, nullptr, &size), CKR_OK);
  assert_int_equal(p11().C_DigestUpdate(keys.session, data.data(), 3), CKR_OPERATION_NOT_INITIALIZED);

  assert_int_equal(digest_init(keys, CKM_SHA256), CKR_OK);
  assert_int_equal(p11().C_DigestFinal(keys.session, nullptr, &size), CKR_OK);
  assert_int_equal(p11().C_Digest(keys.session, data.data(), 3, digest.data(), &size), CKR_OPERATION_NOT_INITIALIZED);

  // Nothing at all is a document, too.
  assert_int_equal(digest_init(keys, CKM_SHA256), CKR_OK);
  assert_int_equal(p11().C_DigestFinal(keys.session, nullptr, &size), CKR_OK);
  assert_int_equal(p11().C_DigestUpdate(keys.session, nullptr, 0), CKR_OK);
  assert_int_equal(p11().C_DigestFinal(keys.session, digest.data(), &size), CKR_OK);
  assert_true(digest == digest_of(Hash::sha256, {}).value);
}

void a_digest_that_fails_has_ended(void**) {
  const Keys keys = initialise();
  unsigned char data[3]{}, digest[64];
  CK_ULONG size = sizeof digest;
  assert_int_equal(digest_init(keys, CKM_RSA_PKCS), CKR_MECHANISM_INVALID);
  assert_int_equal(p11().C_DigestInit(keys.session, nullptr), CKR_ARGUMENTS_BAD);
  CK_MECHANISM with_parameter{CKM_SHA256, data, 3};
  assert_int_equal(p11().C_DigestInit(keys.session, &with_parameter), CKR_MECHANISM_PARAM_INVALID);

  assert_int_equal(digest_init(keys, CKM_SHA256), CKR_OK);
  assert_int_equal(digest_init(keys, CKM_SHA256), CKR_OPERATION_ACTIVE);
  assert_int_equal(p11().C_Digest(keys.session, nullptr, 3, digest, &size), CKR_ARGUMENTS_BAD);
  assert_int_equal(digest_init(keys, CKM_SHA256), CKR_OK);
  assert_int_equal(p11().C_Digest(keys.session, data, 3, digest, nullptr), CKR_ARGUMENTS_BAD);
  assert_int_equal(digest_init(keys, CKM_SHA256), CKR_OK);
  assert_int_equal(p11().C_DigestUpdate(keys.session, nullptr, 3), CKR_ARGUMENTS_BAD);
  assert_int_equal(digest_init(keys, CKM_SHA256), CKR_OK);
  assert_int_equal(p11().C_DigestUpdate(keys.session, data, 3), CKR_OK);
  assert_int_equal(p11().C_Digest(keys.session, data, 3, digest, &size), CKR_OPERATION_NOT_INITIALIZED);
  assert_int_equal(digest_init(keys, CKM_SHA256), CKR_OK);
  assert_int_equal(p11().C_DigestInit(keys.session, nullptr), CKR_OK);  // gives it up
  assert_int_equal(digest_init(keys, CKM_SHA256), CKR_OK);
  assert_int_equal(p11().C_SessionCancel(keys.session, CKF_DIGEST), CKR_OK);
  assert_int_equal(p11().C_DigestFinal(keys.session, digest, &size), CKR_OPERATION_NOT_INITIALIZED);
}

// ---- signing and verifying ------------------------------------------------------------------------------------------

const struct SignatureCase {
  CK_MECHANISM_TYPE type;
  Hash hash;
} signature_cases[] = {
    {CKM_SHA1_RSA_PKCS, Hash::sha1},     {CKM_SHA224_RSA_PKCS, Hash::sha224}, {CKM_SHA256_RSA_PKCS, Hash::sha256},
    {CKM_SHA384_RSA_PKCS, Hash::sha384}, {CKM_SHA512_RSA_PKCS, Hash::sha512}, {CKM_RIPEMD160_RSA_PKCS, Hash::ripemd160},
};
const char* const all_hashes_allowed = "[service fake]\nhashes=SHA1,SHA224,SHA256,SHA384,SHA512,RIPEMD160\n";

void signatures_are_those_of_the_key(void**) {
  const Keys keys = initialise(all_hashes_allowed);
  for (const auto& one : signature_cases) {
    Bytes data = new_document(), signature;
    const Digest digest = digest_of(one.hash, data);
    assert_int_equal(sign_init(keys, one.type), CKR_OK);
    assert_int_equal(sign(keys, data, signature), CKR_OK);
    assert_true(signer().verify(digest, signature));

    // A DigestInfo, made by the program
    Bytes same;
    assert_int_equal(sign_init(keys, CKM_RSA_PKCS), CKR_OK);
    assert_int_equal(sign(keys, to_digest_info(digest), same), CKR_OK);
    assert_true(same == signature);

    assert_int_equal(verify_init(keys, one.type), CKR_OK);
    assert_int_equal(p11().C_Verify(keys.session, data.data(), data.size(), signature.data(), 256), CKR_OK);
    data[0] ^= 1;
    assert_int_equal(verify_init(keys, one.type), CKR_OK);
    assert_int_equal(p11().C_Verify(keys.session, data.data(), data.size(), signature.data(), 256),
                     CKR_SIGNATURE_INVALID);
  }
}

void signatures_are_made_in_parts(void**) {
  const Keys keys = initialise();
  const Bytes document = new_document();
  const Bytes digest_info = to_digest_info(digest_of(Hash::sha256, document));
  for (const auto& [type, message] : {std::pair(CKM_SHA256_RSA_PKCS, document), std::pair(CKM_RSA_PKCS, digest_info)}) {
    Bytes data = message, signature(256);
    CK_ULONG size = 0;
    assert_int_equal(sign_init(keys, type), CKR_OK);
    assert_int_equal(p11().C_SignUpdate(keys.session, data.data(), 3), CKR_OK);
    assert_int_equal(p11().C_SignUpdate(keys.session, data.data() + 3, data.size() - 3), CKR_OK);
    assert_int_equal(p11().C_SignFinal(keys.session, nullptr, &size), CKR_OK);
    assert_int_equal(size, 256);
    size = 255;
    assert_int_equal(p11().C_SignFinal(keys.session, signature.data(), &size), CKR_BUFFER_TOO_SMALL);
    size = 256;
    assert_int_equal(p11().C_SignFinal(keys.session, signature.data(), &size), CKR_OK);
    assert_true(signer().verify(digest_of(Hash::sha256, document), signature));
    assert_int_equal(p11().C_SignFinal(keys.session, signature.data(), &size), CKR_OPERATION_NOT_INITIALIZED);

    assert_int_equal(verify_init(keys, type), CKR_OK);
    assert_int_equal(p11().C_VerifyUpdate(keys.session, data.data(), data.size()), CKR_OK);
    assert_int_equal(p11().C_VerifyFinal(keys.session, signature.data(), 256), CKR_OK);
    signature[100] ^= 1;
    assert_int_equal(verify_init(keys, type), CKR_OK);
    assert_int_equal(p11().C_VerifyUpdate(keys.session, data.data(), data.size()), CKR_OK);
    assert_int_equal(p11().C_VerifyFinal(keys.session, signature.data(), 256), CKR_SIGNATURE_INVALID);
  }
}

void asking_for_the_size_asks_nobody(void**) {
  const Keys keys = initialise();
  Bytes data = new_document(), signature(256);
  CK_ULONG size = 0;
  assert_int_equal(sign_init(keys, CKM_SHA256_RSA_PKCS), CKR_OK);
  assert_int_equal(p11().C_Sign(keys.session, data.data(), data.size(), nullptr, &size), CKR_OK);
  assert_int_equal(size, 256);
  for (const CK_ULONG small : {0UL, 1UL, 255UL}) {
    size = small;
    assert_int_equal(p11().C_Sign(keys.session, data.data(), data.size(), signature.data(), &size),
                     CKR_BUFFER_TOO_SMALL);
    assert_int_equal(size, 256);
  }
  assert_string_equal(home->log().c_str(), "");
  assert_int_equal(p11().C_Sign(keys.session, data.data(), data.size(), signature.data(), &size), CKR_OK);
  assert_true(signer().verify(digest_of(Hash::sha256, data), signature));
  assert_int_equal(home->batches(), 1);
}

// Without an error the pair of a query would sign the empty document, for a one-time password.
void a_signature_stays_on_its_course(void**) {
  const Keys keys = initialise();
  Bytes data = new_document(), signature(256);
  CK_ULONG size = 0;
  const auto ask_size_at_once = [&] {
    assert_int_equal(sign_init(keys, CKM_SHA256_RSA_PKCS), CKR_OK);
    assert_int_equal(p11().C_Sign(keys.session, data.data(), data.size(), nullptr, &size), CKR_OK);
  };
  ask_size_at_once();
  assert_int_equal(p11().C_SignFinal(keys.session, signature.data(), &size), CKR_OPERATION_NOT_INITIALIZED);
  ask_size_at_once();
  assert_int_equal(p11().C_SignUpdate(keys.session, data.data(), data.size()), CKR_OPERATION_NOT_INITIALIZED);
  ask_size_at_once();
  size = 1;
  assert_int_equal(p11().C_Sign(keys.session, data.data(), data.size(), signature.data(), &size), CKR_BUFFER_TOO_SMALL);
  assert_int_equal(p11().C_SignFinal(keys.session, signature.data(), &size), CKR_OPERATION_NOT_INITIALIZED);

  assert_int_equal(sign_init(keys, CKM_SHA256_RSA_PKCS), CKR_OK);
  assert_int_equal(p11().C_SignFinal(keys.session, nullptr, &size), CKR_OK);
  assert_int_equal(p11().C_Sign(keys.session, data.data(), data.size(), signature.data(), &size),
                   CKR_OPERATION_NOT_INITIALIZED);
  assert_int_equal(home->batches(), 0);

  assert_int_equal(sign_init(keys, CKM_SHA256_RSA_PKCS), CKR_OK);
  assert_int_equal(p11().C_SignFinal(keys.session, nullptr, &size), CKR_OK);
  assert_int_equal(p11().C_SignUpdate(keys.session, data.data(), data.size()), CKR_OK);
  assert_int_equal(p11().C_SignFinal(keys.session, signature.data(), &size), CKR_OK);
  assert_true(signer().verify(digest_of(Hash::sha256, data), signature));
}

// A person who wanted it would look for the reason in the log; a program that only asks what there is leaves no line.
void what_the_key_cannot_do_is_told_in_the_log(void**) {
  const Keys keys = initialise();
  const auto refused = [&](CK_RV expected, CK_RV rv, const std::string& words) {
    assert_int_equal(rv, expected);
    const std::string log = home->read("module.log");
    std::filesystem::remove(home->file("module.log"));
    if (!contains(log, words) || std::count(log.begin(), log.end(), '\n') != 1) fail_msg("log: %s", log.c_str());
  };
  for (const CK_MECHANISM_TYPE type : {CKM_RSA_PKCS_PSS, CKM_SHA256_RSA_PKCS_PSS, CKM_RSA_X_509}) {
    refused(CKR_MECHANISM_INVALID, sign_init(keys, type), "C_SignInit: The remote key signs with PKCS#1 v1.5 padding");
  }
  refused(CKR_MECHANISM_INVALID, verify_init(keys, CKM_RSA_PKCS_PSS), "C_VerifyInit: The remote key signs with PKCS#1");
  refused(CKR_MECHANISM_INVALID, sign_init(keys, CKM_SHA1_RSA_PKCS), "C_SignInit: SHA1 is not among the hashes");
  refused(CKR_MECHANISM_INVALID, sign_init(keys, CKM_ECDSA),
          "C_SignInit: The remote key does not sign with the mechanism 0x1041 ");
  const auto sign_plain = [&](const Bytes& data) {
    Bytes signature;
    assert_int_equal(sign_init(keys, CKM_RSA_PKCS), CKR_OK);
    return sign(keys, data, signature);
  };
  refused(CKR_DATA_INVALID, sign_plain(to_digest_info(digest_of(Hash::sha1, {}))),
          "C_Sign: SHA1 is not among the hashes");
  refused(CKR_DATA_INVALID, sign_plain(Bytes(32)), "C_Sign: The remote key signs digests, not raw data.");
  refused(CKR_DATA_LEN_RANGE, sign_plain(Bytes(1000)), "C_Sign: The remote key signs digests, not raw data.");
  unsigned char no_pin[] = "none";
  refused(CKR_PIN_INCORRECT, p11().C_Login(keys.session, CKU_USER, no_pin, 4), "C_Login: A signature PIN has 4 to 8");
  refused(CKR_PIN_LEN_RANGE, p11().C_Login(keys.session, CKU_USER, no_pin, 3), "C_Login: A signature PIN has 4 to 8");

  CK_MECHANISM_INFO info{};
  assert_int_equal(p11().C_GetMechanismInfo(first_slot(), CKM_RSA_PKCS_PSS, &info), CKR_MECHANISM_INVALID);
  assert_int_equal(p11().C_GetMechanismInfo(first_slot(), CKM_SHA1_RSA_PKCS, &info), CKR_MECHANISM_INVALID);
  CK_ULONG size = 1;
  unsigned char octet = 0;
  assert_int_equal(sign_init(keys, CKM_RSA_PKCS), CKR_OK);
  assert_int_equal(p11().C_Sign(keys.session, &octet, 1, &octet, &size), CKR_BUFFER_TOO_SMALL);
  assert_string_equal(home->read("module.log").c_str(), "");
  assert_string_equal(home->log().c_str(), "");
}

void only_digest_infos_of_allowed_hashes_are_signed(void**) {
  const Keys keys = initialise();
  const Bytes good = to_digest_info(digest_of(Hash::sha256, new_document()));
  Bytes cut = good, longer = good, bare(good.begin() + 19, good.end()), wrong_der = good;
  cut.pop_back();
  longer.push_back(0);
  wrong_der[1] ^= 1;
  const Bytes refused[] = {{},
                           cut,
                           longer,
                           bare,
                           wrong_der,
                           to_digest_info(digest_of(Hash::sha1, good)),
                           to_digest_info(digest_of(Hash::md5, good))};
  for (const Bytes& data : refused) {
    Bytes signature;
    assert_int_equal(sign_init(keys, CKM_RSA_PKCS), CKR_OK);
    assert_int_equal(sign(keys, data, signature), CKR_DATA_INVALID);
    // In parts the standard knows no CKR_DATA_INVALID.
    Bytes part = data;
    CK_ULONG size = 256;
    assert_int_equal(sign_init(keys, CKM_RSA_PKCS), CKR_OK);
    assert_int_equal(p11().C_SignUpdate(keys.session, part.data(), part.size()), CKR_OK);
    assert_int_equal(p11().C_SignFinal(keys.session, signature.data(), &size), CKR_DATA_LEN_RANGE);
  }
  Bytes signature;
  assert_int_equal(sign_init(keys, CKM_RSA_PKCS), CKR_OK);
  assert_int_equal(sign(keys, Bytes(246), signature), CKR_DATA_LEN_RANGE);
  assert_int_equal(sign_init(keys, CKM_RSA_PKCS), CKR_OK);
  assert_int_equal(sign(keys, Bytes(1000000), signature), CKR_DATA_LEN_RANGE);
  assert_string_equal(home->log().c_str(), "");
}

void signing_begins_by_the_rules(void**) {
  const Keys keys = initialise();
  CK_MECHANISM mechanism{CKM_SHA256_RSA_PKCS, nullptr, 0};
  const CK_OBJECT_HANDLE certificate = find_one(keys.session, CKO_CERTIFICATE);
  assert_int_equal(p11().C_SignInit(keys.session, nullptr, keys.key), CKR_ARGUMENTS_BAD);
  assert_int_equal(sign_init(keys, CKM_SHA1_RSA_PKCS), CKR_MECHANISM_INVALID);
  assert_int_equal(sign_init(keys, CKM_RSA_PKCS_PSS), CKR_MECHANISM_INVALID);
  assert_int_equal(sign_init(keys, CKM_RSA_X_509), CKR_MECHANISM_INVALID);
  assert_int_equal(sign_init(keys, CKM_SHA256), CKR_MECHANISM_INVALID);
  int parameter = 0;
  CK_MECHANISM with_parameter{CKM_SHA256_RSA_PKCS, &parameter, sizeof parameter};
  assert_int_equal(p11().C_SignInit(keys.session, &with_parameter, keys.key), CKR_MECHANISM_PARAM_INVALID);
  for (const CK_OBJECT_HANDLE no_key : {0UL, ~0UL, keys.key + 1000, certificate}) {
    assert_int_equal(p11().C_SignInit(keys.session, &mechanism, no_key), CKR_KEY_HANDLE_INVALID);
    assert_int_equal(p11().C_VerifyInit(keys.session, &mechanism, no_key), CKR_KEY_HANDLE_INVALID);
  }
  assert_int_equal(p11().C_SignInit(keys.session, &mechanism, keys.public_key), CKR_KEY_FUNCTION_NOT_PERMITTED);
  assert_int_equal(p11().C_VerifyInit(keys.session, &mechanism, keys.key), CKR_KEY_FUNCTION_NOT_PERMITTED);

  assert_int_equal(sign_init(keys, CKM_SHA256_RSA_PKCS), CKR_OK);
  assert_int_equal(sign_init(keys, CKM_SHA256_RSA_PKCS), CKR_OPERATION_ACTIVE);
  assert_int_equal(p11().C_SignInit(keys.session, nullptr, 0), CKR_OK);  // gives it up
  assert_int_equal(verify_init(keys, CKM_SHA256_RSA_PKCS), CKR_OK);
  assert_int_equal(verify_init(keys, CKM_SHA256_RSA_PKCS), CKR_OPERATION_ACTIVE);
  assert_int_equal(p11().C_VerifyInit(keys.session, nullptr, 0), CKR_OK);
  assert_int_equal(sign_init(keys, CKM_SHA256_RSA_PKCS), CKR_OK);
  assert_int_equal(p11().C_SessionCancel(keys.session, CKF_SIGN), CKR_OK);
  Bytes signature;
  assert_int_equal(sign(keys, new_document(), signature), CKR_OPERATION_NOT_INITIALIZED);
}

void a_signature_that_fails_has_ended(void**) {
  const Keys keys = initialise();
  unsigned char data[3]{}, signature[256];
  CK_ULONG size = sizeof signature;
  const auto begin = [&keys] { assert_int_equal(sign_init(keys, CKM_SHA256_RSA_PKCS), CKR_OK); };
  begin();
  assert_int_equal(p11().C_Sign(keys.session, nullptr, 3, signature, &size), CKR_ARGUMENTS_BAD);
  begin();
  assert_int_equal(p11().C_Sign(keys.session, data, 3, signature, nullptr), CKR_ARGUMENTS_BAD);
  begin();
  assert_int_equal(p11().C_SignUpdate(keys.session, nullptr, 3), CKR_ARGUMENTS_BAD);
  begin();
  assert_int_equal(p11().C_SignUpdate(keys.session, data, 3), CKR_OK);
  assert_int_equal(p11().C_Sign(keys.session, data, 3, signature, &size), CKR_OPERATION_NOT_INITIALIZED);
  begin();
  setenv("SMARTCMD_FAKE_FAULT", "no-connection", 1);
  assert_int_equal(p11().C_Sign(keys.session, data, 3, signature, &size), CKR_DEVICE_ERROR);
  begin();
  assert_int_equal(p11().C_SessionCancel(keys.session, CKF_SIGN), CKR_OK);
}

void a_verification_that_fails_has_ended(void**) {
  const Keys keys = initialise();
  unsigned char data[3]{}, signature[256]{};
  const auto begin = [&keys] { assert_int_equal(verify_init(keys, CKM_SHA256_RSA_PKCS), CKR_OK); };
  begin();
  assert_int_equal(p11().C_Verify(keys.session, nullptr, 3, signature, 256), CKR_ARGUMENTS_BAD);
  begin();
  assert_int_equal(p11().C_Verify(keys.session, data, 3, nullptr, 256), CKR_ARGUMENTS_BAD);
  begin();
  assert_int_equal(p11().C_Verify(keys.session, data, 3, signature, 255), CKR_SIGNATURE_LEN_RANGE);
  begin();
  assert_int_equal(p11().C_Verify(keys.session, data, 3, signature, 256), CKR_SIGNATURE_INVALID);
  assert_int_equal(p11().C_Verify(keys.session, data, 3, signature, 256), CKR_OPERATION_NOT_INITIALIZED);
  begin();
  assert_int_equal(p11().C_VerifyUpdate(keys.session, data, 3), CKR_OK);
  assert_int_equal(p11().C_Verify(keys.session, data, 3, signature, 256), CKR_OPERATION_NOT_INITIALIZED);
  begin();
  assert_int_equal(p11().C_VerifyFinal(keys.session, signature, 0), CKR_SIGNATURE_LEN_RANGE);
  begin();
  assert_int_equal(p11().C_SessionCancel(keys.session, CKF_VERIFY), CKR_OK);
}

// ---- who is asked ---------------------------------------------------------------------------------------------------

void errors_answer_with_a_code_and_a_sentence(void**) {
  const struct {
    const char* fault;
    CK_RV rv;
  } cases[] = {{"wrong-pin", CKR_FUNCTION_REJECTED},    {"wrong-otp", CKR_FUNCTION_REJECTED},
               {"otp-expired", CKR_FUNCTION_REJECTED},  {"must-change-pin", CKR_FUNCTION_REJECTED},
               {"inactive", CKR_DEVICE_ERROR},          {"no-connection", CKR_DEVICE_ERROR},
               {"garbage-signature", CKR_DEVICE_ERROR}, {"die", CKR_DEVICE_ERROR}};
  const Keys keys = initialise();
  for (const auto& one : cases) {
    std::filesystem::remove(home->file("module.log"));
    setenv("SMARTCMD_FAKE_FAULT", one.fault, 1);
    const CK_RV rv = sign_new(keys);
    if (rv != one.rv) fail_msg("%s: 0x%lx instead of 0x%lx", one.fault, rv, one.rv);
    assert_true(contains(home->read("module.log"), " C_Sign: "));
  }
  unsetenv("SMARTCMD_FAKE_FAULT");
  home->set_askpass("exit 1");  // the person says no
  assert_int_equal(sign_new(keys), CKR_FUNCTION_CANCELED);
  home->set_askpass("case $1 in pin) echo 1234;; otp) echo 123456;; esac");
  assert_int_equal(sign_new(keys), CKR_OK);
}

void a_pin_given_by_the_program_serves_one_signature(void**) {
  for (const char* mode : {"none", "pin"}) {
    Keys keys = initialise(std::string("[account joana]\nlogin=") + mode + "\n");
    home->set_askpass("case $1 in pin) echo 9999;; otp) echo 123456;; esac");
    setenv("SMARTCMD_FAKE_PIN", "4321", 1);
    unsigned char pin[] = {'4', '3', '2', '1'};
    assert_int_equal(p11().C_Login(keys.session, CKU_USER, pin, 4), CKR_OK);
    keys.key = find_one(keys.session, CKO_PRIVATE_KEY);
    assert_int_equal(sign_new(keys), CKR_OK);
    assert_int_equal(sign_new(keys), CKR_FUNCTION_REJECTED);  // the person is asked, who gives another
    assert_int_equal(p11().C_Login(keys.session, CKU_USER, pin, 4), CKR_OK);
    assert_int_equal(sign_new(keys), CKR_OK);

    assert_int_equal(sign_init(keys, CKM_SHA256_RSA_PKCS), CKR_OK);
    assert_int_equal(p11().C_Login(keys.session, CKU_CONTEXT_SPECIFIC, pin, 4), CKR_OK);
    Bytes signature;
    assert_int_equal(sign(keys, new_document(), signature), CKR_OK);

    // Forgotten at the end
    assert_int_equal(p11().C_Login(keys.session, CKU_USER, pin, 4), CKR_OK);
    assert_int_equal(p11().C_Logout(keys.session), CKR_OK);
    assert_int_equal(sign_new(keys), std::string(mode) == "pin" ? CKR_USER_NOT_LOGGED_IN : CKR_FUNCTION_REJECTED);
    finalise(nullptr);
  }
  home->set_askpass("case $1 in pin) echo 1234;; otp) echo 123456;; esac");
}

void logging_out_ends_what_has_begun(void**) {
  Keys keys = initialise("[account joana]\nlogin=protected\n");
  assert_int_equal(p11().C_Login(keys.session, CKU_USER, nullptr, 0), CKR_OK);
  keys.key = find_one(keys.session, CKO_PRIVATE_KEY);
  assert_int_equal(sign_init(keys, CKM_SHA256_RSA_PKCS), CKR_OK);
  assert_int_equal(p11().C_Logout(keys.session), CKR_OK);
  Bytes signature;
  assert_int_equal(sign(keys, new_document(), signature), CKR_USER_NOT_LOGGED_IN);
}

void the_same_signature_is_asked_for_once(void**) {
  const Keys keys = initialise();
  const Bytes data = new_document();
  Bytes first, second;
  assert_int_equal(sign_init(keys, CKM_SHA256_RSA_PKCS), CKR_OK);
  assert_int_equal(sign(keys, data, first), CKR_OK);
  assert_int_equal(sign_init(keys, CKM_RSA_PKCS), CKR_OK);
  assert_int_equal(sign(keys, to_digest_info(digest_of(Hash::sha256, data)), second), CKR_OK);
  assert_true(first == second);
  assert_int_equal(home->batches(), 1);
}

void another_certificate_is_not_signed_for_unseen(void**) {
  const Keys keys = initialise();
  std::filesystem::copy_file(home->file("renewed-chain.pem"), home->file("state/joana.pem"),
                             std::filesystem::copy_options::overwrite_existing);
  assert_int_equal(sign_new(keys), CKR_DEVICE_REMOVED);
  assert_true(contains(home->read("module.log"), "changed"));
  assert_string_equal(home->log().c_str(), "");

  // The next session sees the new objects, under handles of their own.
  const CK_SESSION_HANDLE next = open_session();
  const CK_OBJECT_HANDLE key = find_one(next, CKO_PRIVATE_KEY);
  assert_int_not_equal(key, keys.key);
  CK_ULONG size = 0;
  assert_int_equal(p11().C_GetObjectSize(next, keys.key, &size), CKR_OBJECT_HANDLE_INVALID);
  assert_int_equal(p11().C_GetObjectSize(keys.session, keys.key, &size), CKR_OK);
}

// The service has given the account another key; the cache does not know yet.
void a_renewed_certificate_is_fetched_and_told_of(void**) {
  const Keys keys = initialise();
  const std::string key = home->file("key.pem"), chain = home->file("chain.pem");
  setenv("SMARTCMD_FAKE_KEY", home->file("renewed-key.pem").c_str(), 1);
  setenv("SMARTCMD_FAKE_CHAIN", home->file("renewed-chain.pem").c_str(), 1);
  assert_int_equal(sign_new(keys), CKR_DEVICE_REMOVED);
  assert_true(contains(home->read("module.log"), "C_Sign: The service now signs for account 'joana' with a new"));
  assert_true(chain_in(home->file("state/joana.pem")) == chain_in(home->file("renewed-chain.pem")));

  // What is open keeps what it has seen and asks nobody any more; the next session sees the new objects and signs.
  assert_int_equal(home->batches(), 1);
  assert_int_equal(sign_new(keys), CKR_DEVICE_REMOVED);
  assert_int_equal(home->batches(), 1);
  const CK_SESSION_HANDLE session = open_session();
  const Keys fresh{session, find_one(session, CKO_PRIVATE_KEY), find_one(session, CKO_PUBLIC_KEY)};
  assert_true(attribute(session, fresh.key, CKA_ID) != attribute(keys.session, keys.key, CKA_ID));
  assert_int_equal(sign_new(fresh), CKR_OK);
  setenv("SMARTCMD_FAKE_KEY", key.c_str(), 1);
  setenv("SMARTCMD_FAKE_CHAIN", chain.c_str(), 1);
}

// ---- giving up ------------------------------------------------------------------------------------------------------

// A signature that waits for its service in another thread ends with `rv` when `give_up` is called.
void expect_given_up(const Keys& keys, CK_RV expected, void (*give_up)(const Keys&)) {
  setenv("SMARTCMD_FAKE_FAULT", "hang", 1);
  assert_int_equal(mkfifo(home->file("log").c_str(), 0600), 0);
  assert_int_equal(sign_init(keys, CKM_SHA256_RSA_PKCS), CKR_OK);
  CK_RV rv = CKR_OK;
  std::thread waiting([&] {
    Bytes signature;
    rv = sign(keys, new_document(), signature);
  });
  std::string line;
  std::getline(std::ifstream(home->file("log")), line);
  assert_string_equal(line.c_str(), "start");
  give_up(keys);
  waiting.join();
  assert_int_equal(rv, expected);
  std::filesystem::remove(home->file("log"));
}

void a_waiting_signature_can_be_cancelled(void**) {
  const Keys keys = initialise();
  expect_given_up(keys, CKR_FUNCTION_CANCELED, [](const Keys& busy) {
    // The session is at work, but not locked.
    assert_int_equal(sign_init(busy, CKM_SHA256_RSA_PKCS), CKR_OPERATION_ACTIVE);
    assert_int_equal(find_one(busy.session, CKO_PRIVATE_KEY), busy.key);
    assert_int_equal(p11().C_SessionCancel(busy.session, CKF_SIGN), CKR_OK);
  });
  unsetenv("SMARTCMD_FAKE_FAULT");
  assert_int_equal(sign_new(keys), CKR_OK);
}

void a_new_beginning_cancels_what_waits(void**) {
  expect_given_up(initialise(), CKR_FUNCTION_CANCELED, [](const Keys& busy) {
    assert_int_equal(p11().C_SignInit(busy.session, nullptr, busy.key), CKR_OK);
  });
}

void closing_a_session_gives_its_signature_up(void**) {
  const Keys keys = initialise();
  expect_given_up(keys, CKR_FUNCTION_CANCELED,
                  [](const Keys& busy) { assert_int_equal(p11().C_CloseSession(busy.session), CKR_OK); });
  assert_int_equal(sign_init(keys, CKM_SHA256_RSA_PKCS), CKR_SESSION_HANDLE_INVALID);
}

void finalising_gives_all_signatures_up(void**) {
  expect_given_up(initialise(), CKR_FUNCTION_CANCELED,
                  [](const Keys&) { assert_int_equal(p11().C_Finalize(nullptr), CKR_OK); });
}

}  // namespace
}  // namespace smartcmd

int main() {
  using namespace smartcmd;
  const CMUnitTest tests[] = {
      cmocka_unit_test_teardown(digests_are_those_of_the_hash, finalise),
      cmocka_unit_test_teardown(a_digest_goes_on_after_asking_for_its_size, finalise),
      cmocka_unit_test_teardown(a_digest_stays_on_its_course, finalise),
      cmocka_unit_test_teardown(a_digest_that_fails_has_ended, finalise),
      cmocka_unit_test_teardown(signatures_are_those_of_the_key, finalise),
      cmocka_unit_test_teardown(signatures_are_made_in_parts, finalise),
      cmocka_unit_test_teardown(asking_for_the_size_asks_nobody, finalise),
      cmocka_unit_test_teardown(a_signature_stays_on_its_course, finalise),
      cmocka_unit_test_teardown(what_the_key_cannot_do_is_told_in_the_log, finalise),
      cmocka_unit_test_teardown(only_digest_infos_of_allowed_hashes_are_signed, finalise),
      cmocka_unit_test_teardown(signing_begins_by_the_rules, finalise),
      cmocka_unit_test_teardown(a_signature_that_fails_has_ended, finalise),
      cmocka_unit_test_teardown(a_verification_that_fails_has_ended, finalise),
      cmocka_unit_test_teardown(errors_answer_with_a_code_and_a_sentence, finalise),
      cmocka_unit_test_teardown(a_pin_given_by_the_program_serves_one_signature, finalise),
      cmocka_unit_test_teardown(logging_out_ends_what_has_begun, finalise),
      cmocka_unit_test_teardown(the_same_signature_is_asked_for_once, finalise),
      cmocka_unit_test_teardown(another_certificate_is_not_signed_for_unseen, finalise),
      cmocka_unit_test_teardown(a_renewed_certificate_is_fetched_and_told_of, finalise),
      cmocka_unit_test_teardown(a_waiting_signature_can_be_cancelled, finalise),
      cmocka_unit_test_teardown(a_new_beginning_cancels_what_waits, finalise),
      cmocka_unit_test_teardown(closing_a_session_gives_its_signature_up, finalise),
      cmocka_unit_test_teardown(finalising_gives_all_signatures_up, finalise),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
