// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "service/hsm.h"

#include <p11-kit/p11-kit.h>
#include <p11-kit/pkcs11.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/c_ptr.h"
#include "base/error.h"

namespace smartcmd::service {

namespace {

constexpr CK_ULONG modulus_bits = 3072;
constexpr const char* accept_pin = "accept its PIN";

/// What the HSM does not know any more, which starting it anew may bring back.
struct Lost {
  Error error;
};

constexpr CK_RV losses[] = {
    CKR_SESSION_HANDLE_INVALID, CKR_SESSION_CLOSED,       CKR_USER_NOT_LOGGED_IN, CKR_OBJECT_HANDLE_INVALID,
    CKR_KEY_HANDLE_INVALID,     CKR_DEVICE_ERROR,         CKR_DEVICE_MEMORY,      CKR_DEVICE_REMOVED,
    CKR_TOKEN_NOT_PRESENT,      CKR_TOKEN_NOT_RECOGNIZED, CKR_SLOT_ID_INVALID,    CKR_CRYPTOKI_NOT_INITIALIZED,
    CKR_GENERAL_ERROR,
};

void check(CK_RV rv, const char* what, const std::string& whose = "The HSM") {
  if (rv == CKR_OK) return;
  const Error error(Errc::internal, whose + " failed to " + what + ": " + p11_kit_strerror(rv) + ".");
  if (std::find(std::begin(losses), std::end(losses), rv) != std::end(losses)) throw Lost{error};
  throw error;
}

/// Runs what is not tried again: a loss is an error like any other.
template <class Body>
auto at_last(Body body) {
  try {
    return body();
  } catch (const Lost& lost) {
    throw lost.error;
  }
}

/// Cryptoki takes what it only reads through pointers to non-const.
CK_BYTE* octets(ByteView bytes) {
  return const_cast<CK_BYTE*>(bytes.data());
}

CK_UTF8CHAR* octets(const SecureString& secret) {
  return octets(bytes_of(secret.view()));
}

template <class T>
CK_ATTRIBUTE attribute(CK_ATTRIBUTE_TYPE type, const T& value) {
  return {type, const_cast<T*>(&value), sizeof value};
}

CK_ATTRIBUTE attribute(CK_ATTRIBUTE_TYPE type, ByteView bytes) {
  return {type, octets(bytes), static_cast<CK_ULONG>(bytes.size())};
}

/// A token's label, padded with blanks to 32 octets (PKCS #11 v3.1 section 5.5.7).
using Label = std::array<CK_UTF8CHAR, 32>;

Label padded(const std::string& text) {
  if (text.size() > Label().size()) throw Error(Errc::configuration, "A token's label has at most 32 octets.");
  Label label;
  label.fill(' ');
  std::copy(text.begin(), text.end(), label.begin());
  return label;
}

void unload(CK_FUNCTION_LIST* module) {
  p11_kit_module_finalize(module);
  p11_kit_module_release(module);
}
using Module = CPtr<CK_FUNCTION_LIST, unload>;

/// Loads and starts a module, in which a token of that label is wanted.
Module load(const std::filesystem::path& file, const std::string& label) {
  CPtr<CK_FUNCTION_LIST, p11_kit_module_release> module(p11_kit_module_load(file.c_str(), P11_KIT_MODULE_CRITICAL));
  if (!module) {
    throw Error(Errc::configuration, "The HSM's module " + file.string() + " cannot be loaded: " + p11_kit_message() +
                                         ". Set 'hsm-module=' in smartcmdd.conf.");
  }
  check(p11_kit_module_initialize(module.get()), "start",
        "The HSM's module " + file.string() + ", for the token '" + label + "',");
  return Module(module.release());
}

std::vector<CK_SLOT_ID> slots(const Module& module) {
  CK_ULONG count = 0;
  check(module->C_GetSlotList(CK_TRUE, nullptr, &count), "list its slots");
  std::vector<CK_SLOT_ID> found(count);
  check(module->C_GetSlotList(CK_TRUE, found.data(), &count), "list its slots");
  found.resize(count);
  return found;
}

CK_TOKEN_INFO token_info(const Module& module, CK_SLOT_ID slot) {
  CK_TOKEN_INFO info{};
  check(module->C_GetTokenInfo(slot, &info), "describe a token");
  return info;
}

CK_SLOT_ID find_token(const Module& module, const std::string& label) {
  const Label wanted = padded(label);
  for (const CK_SLOT_ID slot : slots(module)) {
    const CK_TOKEN_INFO info = token_info(module, slot);
    const bool ready = (info.flags & CKF_TOKEN_INITIALIZED) != 0;
    if (ready && std::equal(wanted.begin(), wanted.end(), info.label)) return slot;
  }
  throw Error(Errc::configuration, "The HSM has no token '" + label + "'. Set 'hsm-token=' in smartcmdd.conf.");
}

CK_SLOT_ID find_free_slot(const Module& module) {
  for (const CK_SLOT_ID slot : slots(module)) {
    if ((token_info(module, slot).flags & CKF_TOKEN_INITIALIZED) == 0) return slot;
  }
  throw Error(Errc::configuration, "The HSM has no slot for another token.");
}

}  // namespace

/// A session, closed at its end.
class Hsm::Session {
 public:
  Session(const Module& module, CK_SLOT_ID slot, CK_FLAGS access = 0) : module_(module) {
    check(module_->C_OpenSession(slot, CKF_SERIAL_SESSION | access, nullptr, nullptr, &handle_), "open a session");
  }
  ~Session() { module_->C_CloseSession(handle_); }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  CK_SESSION_HANDLE handle() const { return handle_; }

  CK_RV login(CK_USER_TYPE user, const SecureString& pin) const {
    return module_->C_Login(handle_, user, octets(pin), pin.size());
  }

  /// The one object of that class and CKA_ID, or CK_INVALID_HANDLE.
  CK_OBJECT_HANDLE find(CK_OBJECT_CLASS object_class, ByteView id) const {
    std::array<CK_ATTRIBUTE, 2> wanted{attribute(CKA_CLASS, object_class), attribute(CKA_ID, id)};
    CK_OBJECT_HANDLE object = CK_INVALID_HANDLE;
    CK_ULONG count = 0;
    check(module_->C_FindObjectsInit(handle_, wanted.data(), wanted.size()), "search");
    const CK_RV found = module_->C_FindObjects(handle_, &object, 1, &count);
    check(module_->C_FindObjectsFinal(handle_), "search");
    check(found, "search");
    return count == 0 ? CK_INVALID_HANDLE : object;
  }

  CK_OBJECT_HANDLE private_key(ByteView id) const {
    const CK_OBJECT_HANDLE key = find(CKO_PRIVATE_KEY, id);
    if (key == CK_INVALID_HANDLE) throw Lost{Error(Errc::internal, "The HSM does not have the key of this account.")};
    return key;
  }

  Bytes value(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) const {
    CK_ATTRIBUTE wanted{type, nullptr, 0};
    check(module_->C_GetAttributeValue(handle_, object, &wanted, 1), "describe a key");
    Bytes value(wanted.ulValueLen);
    wanted.pValue = value.data();
    check(module_->C_GetAttributeValue(handle_, object, &wanted, 1), "describe a key");
    return value;
  }

 private:
  const Module& module_;
  CK_SESSION_HANDLE handle_ = CK_INVALID_HANDLE;
};

/// A login belongs to all sessions of the process and ends with the last: `login` keeps it.
struct Hsm::Token {
  Module module;
  CK_SLOT_ID slot;
  Session login;

  Token(Module loaded, const std::string& label)
      : module(std::move(loaded)), slot(find_token(module, label)), login(module, slot, CKF_RW_SESSION) {}
};

void Hsm::initialise_token(const std::filesystem::path& file, const std::string& label, const SecureString& so_pin,
                           const SecureString& pin) {
  at_last([&] {
    const Module module = load(file, label);
    Label name = padded(label);
    check(module->C_InitToken(find_free_slot(module), octets(so_pin), so_pin.size(), name.data()), "make a token");
    const Session session(module, find_token(module, label), CKF_RW_SESSION);
    check(session.login(CKU_SO, so_pin), accept_pin);
    check(module->C_InitPIN(session.handle(), octets(pin), pin.size()), "set the token's PIN");
  });
}

Hsm::Hsm(std::filesystem::path module, std::string label, SecureString pin)
    : module_(std::move(module)), label_(std::move(label)), pin_(std::move(pin)) {
  at_last([this] { connect(); });
}

Hsm::~Hsm() = default;

/// A PIN that was refused is given up: tokens lock after a few.
void Hsm::connect() {
  if (pin_.empty()) throw Error(Errc::internal, "The HSM refused its PIN. Set 'hsm-pin-file=' in smartcmdd.conf.");
  auto token = std::make_unique<Token>(load(module_, label_), label_);
  const CK_RV rv = token->login.login(CKU_USER, pin_);
  if (rv == CKR_PIN_INCORRECT) pin_.clear();
  check(rv, accept_pin);
  token_ = std::move(token);
}

/// Uses the token, and once more after starting it anew when something of it is lost.
template <class Use>
auto Hsm::with_token(Use use) {
  try {
    if (token_) return use(*token_);
  } catch (const Lost&) {
    token_.reset();  // before the module is loaded again: it is started by its first user and ended by its last
  }
  return at_last([&] {
    connect();
    return use(*token_);
  });
}

RsaPublicKey Hsm::generate_key(ByteView id, const std::string& label) {
  const CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
  const CK_ULONG bits = modulus_bits;
  static constexpr std::array<CK_BYTE, 3> f4{1, 0, 1};
  const ByteView name = bytes_of(label);
  std::array<CK_ATTRIBUTE, 8> for_all{attribute(CKA_TOKEN, yes),         attribute(CKA_VERIFY, yes),
                                      attribute(CKA_ENCRYPT, no),        attribute(CKA_WRAP, no),
                                      attribute(CKA_MODULUS_BITS, bits), attribute(CKA_ID, id),
                                      attribute(CKA_LABEL, name),        attribute(CKA_PUBLIC_EXPONENT, ByteView(f4))};
  std::array<CK_ATTRIBUTE, 9> for_us{
      attribute(CKA_TOKEN, yes), attribute(CKA_PRIVATE, yes), attribute(CKA_SENSITIVE, yes),
      attribute(CKA_SIGN, yes),  attribute(CKA_DECRYPT, no),  attribute(CKA_UNWRAP, no),
      attribute(CKA_ID, id),     attribute(CKA_LABEL, name),  attribute(CKA_EXTRACTABLE, no)};
  CK_MECHANISM mechanism{CKM_RSA_PKCS_KEY_PAIR_GEN, nullptr, 0};
  CK_OBJECT_HANDLE public_key = CK_INVALID_HANDLE, private_key = CK_INVALID_HANDLE;
  return with_token([&](const Token& token) -> RsaPublicKey {
    const Session session(token.module, token.slot, CKF_RW_SESSION);
    check(token.module->C_GenerateKeyPair(session.handle(), &mechanism, for_all.data(), for_all.size(), for_us.data(),
                                          for_us.size(), &public_key, &private_key),
          "make a key");
    return {session.value(public_key, CKA_MODULUS), session.value(public_key, CKA_PUBLIC_EXPONENT)};
  });
}

void Hsm::destroy_key(ByteView id) {
  with_token([&](const Token& token) {
    const Session session(token.module, token.slot, CKF_RW_SESSION);
    for (const CK_OBJECT_CLASS half : {CKO_PRIVATE_KEY, CKO_PUBLIC_KEY}) {
      const CK_OBJECT_HANDLE object = session.find(half, id);
      if (object != CK_INVALID_HANDLE) check(token.module->C_DestroyObject(session.handle(), object), "destroy a key");
    }
  });
}

void Hsm::require_key(ByteView id) {
  with_token([&](const Token& token) { Session(token.module, token.slot).private_key(id); });
}

Bytes Hsm::sign(ByteView id, ByteView digest_info) {
  return with_token([&](const Token& token) {
    const Session session(token.module, token.slot);
    CK_MECHANISM mechanism{CKM_RSA_PKCS, nullptr, 0};
    check(token.module->C_SignInit(session.handle(), &mechanism, session.private_key(id)), "begin to sign");
    Bytes signature(modulus_bits / 8);
    CK_ULONG size = signature.size();
    check(token.module->C_Sign(session.handle(), octets(digest_info), digest_info.size(), signature.data(), &size),
          "sign");
    signature.resize(size);
    return signature;
  });
}

}  // namespace smartcmd::service
