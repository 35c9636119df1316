// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// provider-storemgmt(7): the loader of cmd: URIs. Everything comes from the configuration and the account's cache on
// disk; opening and reading a store asks nobody but the application, for a PIN it has, and touches no network.

#include <openssl/core_names.h>
#include <openssl/core_object.h>
#include <openssl/params.h>
#include <openssl/store.h>

#include <vector>

#include "base/text.h"
#include "provider/errors.h"
#include "provider/key.h"
#include "provider/operations.h"
#include "provider/passphrase.h"
#include "provider/search.h"

namespace smartcmd::provider::store {

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
  Search search;
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

void add_certificates(Store& store, std::span<const Certificate> certificates) {
  for (const Certificate& certificate : certificates) {
    if (store.search.matches(store.key->account, certificate)) store.objects.push_back({{}, certificate.der()});
  }
}

void add(Store& store, int kind) {
  const CertificateChain& chain = store.key->chain;
  if (kind == OSSL_STORE_INFO_CERT) {
    add_certificates(store, store.type == CmdUri::Type::chain ? chain.authorities() : chain.all().first(1));
  } else if (store.search.matches(store.key->account, chain.signer())) {
    store.objects.push_back(
        {{&store.provider, kind == OSSL_STORE_INFO_PKEY ? store.key : public_half(*store.key), {}}, {}});
  }
}

int list(Store& store) {
  if (store.listed) return 1;
  for (const Offer& offer : offers) {
    const bool wanted = store.expected == 0 ? offer.always : offer.kind == store.expected;
    if (offer.type == store.type && wanted) add(store, offer.kind);
  }
  store.listed = true;
  return 1;
}

}  // namespace

// ---- opening --------------------------------------------------------------------------------------------------------

void* open(void* provctx, const char* text) {
  const Provider& provider = *static_cast<const Provider*>(provctx);
  return guarded(provider, static_cast<Store*>(nullptr), [&] {
    const CmdUri uri = CmdUri::parse(text);
    return new Store{provider, uri.type, find_key(provider, uri)};
  });
}

// OpenSSL calls it without asking whether it is there.
void* attach(void* provctx, OSSL_CORE_BIO*) {
  return guarded(*static_cast<const Provider*>(provctx), static_cast<void*>(nullptr), []() -> void* {
    throw Error(Errc::unsupported, _("A cmd: URI names an account; it cannot be read from a stream."));
  });
}

const OSSL_PARAM* settable_ctx_params(void*) {
  static const OSSL_PARAM params[] = {OSSL_PARAM_int(OSSL_STORE_PARAM_EXPECT, nullptr),
                                      OSSL_PARAM_octet_string(OSSL_STORE_PARAM_SUBJECT, nullptr, 0),
                                      OSSL_PARAM_octet_string(OSSL_STORE_PARAM_ISSUER, nullptr, 0),
                                      OSSL_PARAM_BN(OSSL_STORE_PARAM_SERIAL, nullptr, 0),
                                      OSSL_PARAM_utf8_string(OSSL_STORE_PARAM_DIGEST, nullptr, 0),
                                      OSSL_PARAM_octet_string(OSSL_STORE_PARAM_FINGERPRINT, nullptr, 0),
                                      OSSL_PARAM_utf8_string(OSSL_STORE_PARAM_ALIAS, nullptr, 0),
                                      OSSL_PARAM_END};
  return params;
}

int set_ctx_params(void* loaderctx, const OSSL_PARAM params[]) {
  auto* store = static_cast<Store*>(loaderctx);
  return guarded(store->provider, 0, [&] {
    store->search.set(params);
    const OSSL_PARAM* expect = OSSL_PARAM_locate_const(params, OSSL_STORE_PARAM_EXPECT);
    return expect == nullptr ? 1 : OSSL_PARAM_get_int(expect, &store->expected);
  });
}

// ---- reading --------------------------------------------------------------------------------------------------------

namespace {

int hand_over_certificate(const Bytes& der, OSSL_CALLBACK* callback, void* callback_argument) {
  int kind = OSSL_OBJECT_CERT;
  const OSSL_PARAM params[] = {
      OSSL_PARAM_construct_int(OSSL_OBJECT_PARAM_TYPE, &kind),
      OSSL_PARAM_construct_octet_string(OSSL_OBJECT_PARAM_DATA, const_cast<unsigned char*>(der.data()), der.size()),
      OSSL_PARAM_construct_end()};
  return callback(params, callback_argument);
}

}  // namespace

int load(void* loaderctx, OSSL_CALLBACK* callback, void* callback_argument, OSSL_PASSPHRASE_CALLBACK* passphrase,
         void* passphrase_argument) {
  auto* store = static_cast<Store*>(loaderctx);
  if (guarded(store->provider, 0, [store] { return list(*store); }) != 1) return 0;
  if (store->next >= store->objects.size()) return 1;  // nothing, which is no error
  const Object& object = store->objects[store->next++];
  if (!object.key.key) return hand_over_certificate(object.certificate, callback, callback_argument);
  // Only who asks for a private key is about to sign.
  if (store->expected == OSSL_STORE_INFO_PKEY) {
    const int offered = guarded(store->provider, 0, [&] {
      offer_pin(*object.key.key, KeySource::uri, passphrase, passphrase_argument);
      return 1;
    });
    if (offered != 1) return 0;
  }
  return hand_over_key(object.key, callback, callback_argument);
}

int eof(void* loaderctx) {
  const auto* store = static_cast<Store*>(loaderctx);
  return store->listed && store->next >= store->objects.size() ? 1 : 0;
}

int close(void* loaderctx) {
  delete static_cast<Store*>(loaderctx);
  return 1;
}

}  // namespace smartcmd::provider::store
