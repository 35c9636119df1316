// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// provider-signature(7): RSASSA-PKCS1-v1_5 by the remote service (RFC 8017 section 8.2). Documents are hashed here;
// only the digest travels. OpenSSL asks for the size first and signs on a copy of the context, so asking for the size
// sends nothing and a context holds no signature.

#include <openssl/core_names.h>
#include <openssl/objects.h>
#include <openssl/params.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <algorithm>
#include <cstring>

#include "provider/errors.h"
#include "provider/key.h"
#include "provider/operations.h"
#include "signing/c_ptr.h"
#include "signing/hasher.h"
#include "signing/secret_file.h"

namespace smartcmd::provider {

namespace {

/// A signature in the making: the `ctx`. Copies share nothing but the key.
struct Signature {
  const Provider& provider;
  std::shared_ptr<const Key> key;
  std::optional<Hash> hash;      // set by the caller, or SHA-256 once a document is hashed
  std::optional<Hasher> hasher;  // while a document is hashed
};

Signature& signature(void* ctx) {
  return *static_cast<Signature*>(ctx);
}

// ---- life -----------------------------------------------------------------------------------------------------------

void* new_context(void* provctx, const char*) {
  const Provider& provider = *static_cast<const Provider*>(provctx);
  return guarded(provider, static_cast<Signature*>(nullptr), [&] { return new Signature{provider, {}, {}, {}}; });
}

void free_context(void* ctx) {
  delete static_cast<Signature*>(ctx);
}

void* duplicate_context(void* ctx) {
  return guarded(signature(ctx).provider, static_cast<Signature*>(nullptr),
                 [&] { return new Signature(signature(ctx)); });
}

// ---- parameters -----------------------------------------------------------------------------------------------------

[[noreturn]] void refuse_padding() {
  throw Error(
      Errc::unsupported,
      "The remote key signs with PKCS#1 v1.5 padding only: the service takes a digest and pads it itself, so PSS "
      "and raw RSA cannot be had.");
}

void set_padding(const OSSL_PARAM& param) {
  int mode = 0;
  const char* name = nullptr;
  const bool is_pkcs1 =
      param.data_type == OSSL_PARAM_UTF8_STRING
          ? OSSL_PARAM_get_utf8_string_ptr(&param, &name) == 1 && std::strcmp(name, OSSL_PKEY_RSA_PAD_MODE_PKCSV15) == 0
          : OSSL_PARAM_get_int(&param, &mode) == 1 && mode == RSA_PKCS1_PADDING;
  if (!is_pkcs1) refuse_padding();
}

void set_hash(Signature& ctx, const char* name) {
  const HashInfo* hash = name != nullptr ? find_hash(name) : nullptr;
  if (hash == nullptr) {
    throw Error(Errc::hash_not_allowed,
                std::string(name != nullptr ? name : "The given digest") + " is no hash the remote key can sign.");
  }
  require_allowed(ctx.key->account.service.hashes, hash->hash);
  ctx.hash = hash->hash;
}

void set_params(Signature& ctx, const OSSL_PARAM params[]) {
  if (params == nullptr) return;
  const auto at = [params](const char* name) { return OSSL_PARAM_locate_const(params, name); };
  if (const OSSL_PARAM* padding = at(OSSL_SIGNATURE_PARAM_PAD_MODE)) set_padding(*padding);
  if (at(OSSL_SIGNATURE_PARAM_PSS_SALTLEN) != nullptr || at(OSSL_SIGNATURE_PARAM_MGF1_DIGEST) != nullptr) {
    refuse_padding();
  }
  if (const OSSL_PARAM* digest = at(OSSL_SIGNATURE_PARAM_DIGEST)) {
    const char* name = nullptr;
    OSSL_PARAM_get_utf8_string_ptr(digest, &name);
    set_hash(ctx, name);
  }
}

const OSSL_PARAM* settable_ctx_params(void*, void*) {
  static const OSSL_PARAM params[] = {OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_DIGEST, nullptr, 0),
                                      OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PROPERTIES, nullptr, 0),
                                      OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PAD_MODE, nullptr, 0),
                                      OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PSS_SALTLEN, nullptr, 0),
                                      OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_MGF1_DIGEST, nullptr, 0),
                                      OSSL_PARAM_END};
  return params;
}

int set_ctx_params(void* ctx, const OSSL_PARAM params[]) {
  return guarded(signature(ctx).provider, 0, [&] {
    set_params(signature(ctx), params);
    return 1;
  });
}

const OSSL_PARAM* gettable_ctx_params(void*, void*) {
  static const OSSL_PARAM params[] = {OSSL_PARAM_octet_string(OSSL_SIGNATURE_PARAM_ALGORITHM_ID, nullptr, 0),
                                      OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_DIGEST, nullptr, 0),
                                      OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PAD_MODE, nullptr, 0),
                                      OSSL_PARAM_END};
  return params;
}

// DER AlgorithmIdentifier, sha256WithRSAEncryption and its kin (RFC 8017 appendix A.2.4).
Bytes algorithm_id(Hash hash) {
  int nid = NID_undef;
  if (OBJ_find_sigid_by_algs(&nid, OBJ_txt2nid(info(hash).oid), NID_rsaEncryption) != 1) {
    throw Error(Errc::unsupported, std::string("No signature algorithm joins RSA and ") + info(hash).name + ".");
  }
  const CPtr<X509_ALGOR, X509_ALGOR_free> algorithm(X509_ALGOR_new());
  if (!algorithm || X509_ALGOR_set0(algorithm.get(), OBJ_nid2obj(nid), V_ASN1_NULL, nullptr) != 1) {
    throw std::bad_alloc();
  }
  Bytes der(static_cast<std::size_t>(i2d_X509_ALGOR(algorithm.get(), nullptr)));
  unsigned char* end = der.data();
  i2d_X509_ALGOR(algorithm.get(), &end);
  return der;
}

int get_ctx_params(void* ctx, OSSL_PARAM params[]) {
  const Signature& self = signature(ctx);
  return guarded(self.provider, 0, [&] {
    const auto at = [params](const char* name) { return OSSL_PARAM_locate(params, name); };
    OSSL_PARAM* const id = at(OSSL_SIGNATURE_PARAM_ALGORITHM_ID);
    OSSL_PARAM* const digest = at(OSSL_SIGNATURE_PARAM_DIGEST);
    OSSL_PARAM* const padding = at(OSSL_SIGNATURE_PARAM_PAD_MODE);
    const Hash hash = self.hash.value_or(Hash::sha256);
    bool done = true;
    if (id != nullptr) {
      const Bytes der = algorithm_id(hash);
      done = OSSL_PARAM_set_octet_string(id, der.data(), der.size()) == 1;
    }
    if (digest != nullptr) done = done && OSSL_PARAM_set_utf8_string(digest, info(hash).name) == 1;
    if (padding != nullptr && padding->data_type == OSSL_PARAM_UTF8_STRING) {
      done = done && OSSL_PARAM_set_utf8_string(padding, OSSL_PKEY_RSA_PAD_MODE_PKCSV15) == 1;
    } else if (padding != nullptr) {
      done = done && OSSL_PARAM_set_int(padding, RSA_PKCS1_PADDING) == 1;
    }
    return done ? 1 : 0;
  });
}

// ---- signing --------------------------------------------------------------------------------------------------------

void begin(Signature& ctx, void* keydata, const OSSL_PARAM params[]) {
  if (keydata != nullptr) ctx.key = static_cast<KeyData*>(keydata)->key;
  if (!ctx.key || !ctx.key->is_private) {
    throw Error(Errc::invalid_argument, "Signing needs the private key, 'cmd:' or 'cmd:type=private'.");
  }
  ctx.hasher.reset();
  set_params(ctx, params);
}

/// Answers a question about the size; otherwise makes sure that the signature fits.
bool only_size(const Signature& ctx, const unsigned char* out, std::size_t* length, std::size_t room) {
  const std::size_t size = ctx.key->certificate().signature_size();
  *length = size;
  if (out == nullptr) return true;
  if (room < size) {
    throw Error(Errc::invalid_argument, "A signature by this key has " + std::to_string(size) +
                                            " octets; there is room for " + std::to_string(room) + ".");
  }
  return false;
}

int sign_digest(const Signature& ctx, const Digest& digest, unsigned char* out) {
  const Key& key = *ctx.key;
  SecureString pin = key.pin_source.empty() ? key.given_pin->take() : read_secret_file(key.pin_source);
  const std::vector<Bytes> signatures = key.service->sign(key.account, {{key.document_name, digest}}, std::move(pin));
  std::copy(signatures.front().begin(), signatures.front().end(), out);
  return 1;
}

int sign_init(void* ctx, void* keydata, const OSSL_PARAM params[]) {
  return guarded(signature(ctx).provider, 0, [&] {
    begin(signature(ctx), keydata, params);
    return 1;
  });
}

// What EVP_PKEY_sign is given: a digest when the caller named the hash, else a whole DigestInfo.
Digest given_digest(const Signature& ctx, ByteView tbs) {
  if (!ctx.hash) {
    if (auto digest = from_digest_info(tbs)) return *digest;
    throw Error(Errc::unsupported,
                "The remote key signs digests, not raw data. Name the hash of what you give it, as in '-pkeyopt "
                "digest:sha256', or give it a DER DigestInfo.");
  }
  if (tbs.size() != info(*ctx.hash).size) {
    throw Error(Errc::invalid_argument, std::string("A ") + info(*ctx.hash).name + " digest has " +
                                            std::to_string(info(*ctx.hash).size) + " octets, not " +
                                            std::to_string(tbs.size()) + ".");
  }
  return {*ctx.hash, Bytes(tbs.begin(), tbs.end())};
}

int sign(void* ctx, unsigned char* out, std::size_t* length, std::size_t room, const unsigned char* tbs,
         std::size_t tbs_length) {
  const Signature& self = signature(ctx);
  return guarded(self.provider, 0, [&] {
    if (only_size(self, out, length, room)) return 1;
    return sign_digest(self, given_digest(self, {tbs, tbs_length}), out);
  });
}

int digest_sign_init(void* ctx, const char* hash_name, void* keydata, const OSSL_PARAM params[]) {
  Signature& self = signature(ctx);
  return guarded(self.provider, 0, [&] {
    begin(self, keydata, params);
    if (hash_name != nullptr && *hash_name != '\0') set_hash(self, hash_name);
    if (!self.hash) set_hash(self, info(Hash::sha256).name);
    self.hasher.emplace(*self.hash);
    return 1;
  });
}

int digest_sign_update(void* ctx, const unsigned char* data, std::size_t size) {
  Signature& self = signature(ctx);
  return guarded(self.provider, 0, [&] {
    if (!self.hasher) throw Error(Errc::invalid_argument, "No document is being signed.");
    self.hasher->update({data, size});
    return 1;
  });
}

int digest_sign_final(void* ctx, unsigned char* out, std::size_t* length, std::size_t room) {
  const Signature& self = signature(ctx);
  return guarded(self.provider, 0, [&] {
    if (!self.hasher) throw Error(Errc::invalid_argument, "No document is being signed.");
    if (only_size(self, out, length, room)) return 1;
    return sign_digest(self, self.hasher->digest(), out);
  });
}

int digest_sign(void* ctx, unsigned char* out, std::size_t* length, std::size_t room, const unsigned char* data,
                std::size_t size) {
  if (out != nullptr && digest_sign_update(ctx, data, size) != 1) return 0;
  return digest_sign_final(ctx, out, length, room);
}

}  // namespace

const OSSL_DISPATCH signature_functions[] = {
    dispatch<OSSL_FUNC_signature_newctx_fn>(OSSL_FUNC_SIGNATURE_NEWCTX, new_context),
    dispatch<OSSL_FUNC_signature_freectx_fn>(OSSL_FUNC_SIGNATURE_FREECTX, free_context),
    dispatch<OSSL_FUNC_signature_dupctx_fn>(OSSL_FUNC_SIGNATURE_DUPCTX, duplicate_context),
    dispatch<OSSL_FUNC_signature_sign_init_fn>(OSSL_FUNC_SIGNATURE_SIGN_INIT, sign_init),
    dispatch<OSSL_FUNC_signature_sign_fn>(OSSL_FUNC_SIGNATURE_SIGN, sign),
    dispatch<OSSL_FUNC_signature_digest_sign_init_fn>(OSSL_FUNC_SIGNATURE_DIGEST_SIGN_INIT, digest_sign_init),
    dispatch<OSSL_FUNC_signature_digest_sign_update_fn>(OSSL_FUNC_SIGNATURE_DIGEST_SIGN_UPDATE, digest_sign_update),
    dispatch<OSSL_FUNC_signature_digest_sign_final_fn>(OSSL_FUNC_SIGNATURE_DIGEST_SIGN_FINAL, digest_sign_final),
    dispatch<OSSL_FUNC_signature_digest_sign_fn>(OSSL_FUNC_SIGNATURE_DIGEST_SIGN, digest_sign),
    dispatch<OSSL_FUNC_signature_get_ctx_params_fn>(OSSL_FUNC_SIGNATURE_GET_CTX_PARAMS, get_ctx_params),
    dispatch<OSSL_FUNC_signature_gettable_ctx_params_fn>(OSSL_FUNC_SIGNATURE_GETTABLE_CTX_PARAMS, gettable_ctx_params),
    dispatch<OSSL_FUNC_signature_set_ctx_params_fn>(OSSL_FUNC_SIGNATURE_SET_CTX_PARAMS, set_ctx_params),
    dispatch<OSSL_FUNC_signature_settable_ctx_params_fn>(OSSL_FUNC_SIGNATURE_SETTABLE_CTX_PARAMS, settable_ctx_params),
    {}};

}  // namespace smartcmd::provider
