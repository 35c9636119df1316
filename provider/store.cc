// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// provider-storemgmt(7): the loader of cmd: URIs. Everything comes from the configuration and the account's cache on
// disk; opening and reading a store asks nobody and touches no network.

#include <openssl/core_names.h>
#include <openssl/core_object.h>
#include <openssl/params.h>
#include <openssl/store.h>

#include <vector>

#include "provider/errors.h"
#include "provider/key.h"
#include "provider/provider.h"
#include "signing/uri.h"

namespace smartcmd::provider {

namespace {

/// One object the store yields: a key, or a certificate.
struct Object {
  KeyData key;        // without a key it is a certificate
  Bytes certificate;  // DER
};

/// An open store: the `loaderctx`.
struct Store {
  const Provider& provider;
  CmdUri::Type type;
  std::shared_ptr<const Key> key;  // the private one; what else there is derives from it
  int expected = 0;                // OSSL_STORE_INFO_*; 0 for all
  std::vector<Object> objects;
  std::size_t next = 0;
  bool listed = false;
};

// ---- what a URI names -----------------------------------------------------------------------------------------------

struct Offer {
  CmdUri::Type type;
  int kind;     // OSSL_STORE_INFO_*
  bool always;  // or only when asked for by OSSL_STORE_expect
};

// Without a type, key and certificate are enough for "-signer cmd:"; OpenSSL 3.0 refuses a signer given twice, so the
// authorities come with type=chain only.
constexpr Offer offers[] = {
    {CmdUri::Type::any, OSSL_STORE_INFO_PKEY, true},          {CmdUri::Type::any, OSSL_STORE_INFO_CERT, true},
    {CmdUri::Type::any, OSSL_STORE_INFO_PUBKEY, false},       {CmdUri::Type::private_key, OSSL_STORE_INFO_PKEY, true},
    {CmdUri::Type::public_key, OSSL_STORE_INFO_PUBKEY, true}, {CmdUri::Type::certificate, OSSL_STORE_INFO_CERT, true},
    {CmdUri::Type::chain, OSSL_STORE_INFO_CERT, true},
};

std::shared_ptr<const Key> public_half(const Key& key) {
  auto half = std::make_shared<Key>(key);
  half->is_private = false;
  return half;
}

void add(Store& store, int kind) {
  if (kind == OSSL_STORE_INFO_PKEY) {
    store.objects.push_back({{store.key}, {}});
  } else if (kind == OSSL_STORE_INFO_PUBKEY) {
    store.objects.push_back({{public_half(*store.key)}, {}});
  } else if (store.type == CmdUri::Type::chain) {
    for (const Certificate& authority : store.key->chain.authorities()) {
      store.objects.push_back({{}, authority.der()});
    }
  } else {
    store.objects.push_back({{}, store.key->certificate().der()});
  }
}

void list(Store& store) {
  for (const Offer& offer : offers) {
    const bool wanted = store.expected == 0 ? offer.always : offer.kind == store.expected;
    if (offer.type == store.type && wanted) add(store, offer.kind);
  }
  store.listed = true;
}

// ---- opening and reading --------------------------------------------------------------------------------------------

void* open(void* provctx, const char* text) {
  const Provider& provider = *static_cast<const Provider*>(provctx);
  return guarded(provider, static_cast<Store*>(nullptr), [&] {
    const CmdUri uri = CmdUri::parse(text);
    auto service = std::make_shared<const SigningService>(Config::load());
    const Account& account = service->config().account(uri.account);
    CertificateChain chain = service->certificates(account);
    auto key = std::make_shared<const Key>(
        Key{provider, service, account, std::move(chain), /*is_private=*/true, uri.pin_source, uri.name});
    return new Store{provider, uri.type, std::move(key)};
  });
}

const OSSL_PARAM* settable_ctx_params(void*) {
  static const OSSL_PARAM params[] = {OSSL_PARAM_int(OSSL_STORE_PARAM_EXPECT, nullptr), OSSL_PARAM_END};
  return params;
}

int set_ctx_params(void* loaderctx, const OSSL_PARAM params[]) {
  auto* store = static_cast<Store*>(loaderctx);
  const OSSL_PARAM* expect = OSSL_PARAM_locate_const(params, OSSL_STORE_PARAM_EXPECT);
  return expect == nullptr ? 1 : OSSL_PARAM_get_int(expect, &store->expected);
}

int hand_over(const Object& object, OSSL_CALLBACK* callback, void* callback_argument) {
  int kind = object.key.key ? OSSL_OBJECT_PKEY : OSSL_OBJECT_CERT;
  char rsa[] = "RSA";
  auto* reference = const_cast<KeyData*>(&object.key);
  auto* der = const_cast<unsigned char*>(object.certificate.data());
  const OSSL_PARAM key_params[] = {
      OSSL_PARAM_construct_int(OSSL_OBJECT_PARAM_TYPE, &kind),
      OSSL_PARAM_construct_utf8_string(OSSL_OBJECT_PARAM_DATA_TYPE, rsa, 0),
      OSSL_PARAM_construct_octet_string(OSSL_OBJECT_PARAM_REFERENCE, reference, sizeof(KeyData)),
      OSSL_PARAM_construct_end()};
  const OSSL_PARAM certificate_params[] = {
      OSSL_PARAM_construct_int(OSSL_OBJECT_PARAM_TYPE, &kind),
      OSSL_PARAM_construct_octet_string(OSSL_OBJECT_PARAM_DATA, der, object.certificate.size()),
      OSSL_PARAM_construct_end()};
  return callback(object.key.key ? key_params : certificate_params, callback_argument);
}

int load(void* loaderctx, OSSL_CALLBACK* callback, void* callback_argument, OSSL_PASSPHRASE_CALLBACK*, void*) {
  auto* store = static_cast<Store*>(loaderctx);
  const bool ready = guarded(store->provider, false, [store] {
    if (!store->listed) list(*store);
    return store->next < store->objects.size();
  });
  return ready ? hand_over(store->objects[store->next++], callback, callback_argument) : 0;
}

int eof(void* loaderctx) {
  const auto* store = static_cast<Store*>(loaderctx);
  return store->listed && store->next >= store->objects.size() ? 1 : 0;
}

int close(void* loaderctx) {
  delete static_cast<Store*>(loaderctx);
  return 1;
}

}  // namespace

// No OSSL_FUNC_STORE_EXPORT_OBJECT: with one that exports the public half, private keys no longer load when the default
// provider is listed first.
const OSSL_DISPATCH store_functions[] = {
    dispatch<OSSL_FUNC_store_open_fn>(OSSL_FUNC_STORE_OPEN, open),
    dispatch<OSSL_FUNC_store_settable_ctx_params_fn>(OSSL_FUNC_STORE_SETTABLE_CTX_PARAMS, settable_ctx_params),
    dispatch<OSSL_FUNC_store_set_ctx_params_fn>(OSSL_FUNC_STORE_SET_CTX_PARAMS, set_ctx_params),
    dispatch<OSSL_FUNC_store_load_fn>(OSSL_FUNC_STORE_LOAD, load),
    dispatch<OSSL_FUNC_store_eof_fn>(OSSL_FUNC_STORE_EOF, eof),
    dispatch<OSSL_FUNC_store_close_fn>(OSSL_FUNC_STORE_CLOSE, close),
    {}};

}  // namespace smartcmd::provider
