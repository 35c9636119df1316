// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// provider-signature(7): RSASSA-PKCS1-v1_5 by the remote service (RFC 8017 section 8.2). Documents are hashed here;
// only the digest travels. OpenSSL asks for the size first and signs on a copy of the context, so asking for the size
// sends nothing and a context holds
// no signature. Verifying needs the public half only and is done here.

#include <algorithm>

#include "base/secret_file.h"
#include "base/text.h"
#include "provider/errors.h"
#include "provider/operations.h"
#include "provider/signature_context.h"

namespace smartcmd::provider::signature {

// ---- life -----------------------------------------------------------------------------------------------------------

void* new_context(void* provctx, const char*) {
  const Provider& provider = *static_cast<const Provider*>(provctx);
  return guarded(provider, static_cast<SignatureContext*>(nullptr), [&] {
    return new SignatureContext{provider, {}, {}, {}};
  });
}

void free_context(void* ctx) {
  delete static_cast<SignatureContext*>(ctx);
}

void* duplicate_context(void* ctx) {
  return guarded(context_of(ctx).provider, static_cast<SignatureContext*>(nullptr),
                 [&] { return new SignatureContext(context_of(ctx)); });
}

// ---- with a digest --------------------------------------------------------------------------------------------------

namespace {

enum class Use { sign, verify };

void begin(SignatureContext& ctx, Use use, void* keydata, const OSSL_PARAM params[]) {
  if (keydata != nullptr) ctx.key = static_cast<KeyData*>(keydata)->key;
  if (!ctx.key || (use == Use::sign && !ctx.key->is_private)) {
    throw Error(Errc::invalid_argument, _("Signing needs the private key, 'cmd:' or 'cmd:type=private'."));
  }
  ctx.hasher.reset();
  set_params(ctx, params);
}

void require_room(std::size_t size, std::size_t room) {
  if (room >= size) return;
  throw Error(Errc::invalid_argument, filled(_("A signature by this key has {size} octets; there is room for {room}."),
                                             {{"size", std::to_string(size)}, {"room", std::to_string(room)}}));
}

/// Answers a question about the size; otherwise makes sure that the signature fits.
bool only_size(const SignatureContext& ctx, const unsigned char* out, std::size_t* length, std::size_t room) {
  const std::size_t size = ctx.key->certificate().signature_size();
  *length = size;
  if (out == nullptr) return true;
  require_room(size, room);
  return false;
}

int sign_digest(const SignatureContext& ctx, const Digest& digest, unsigned char* out, std::size_t* length,
                std::size_t room) {
  const Key& key = *ctx.key;
  SecureString pin = key.pin_source.empty() ? key.given_pin->take() : read_secret_file(key.pin_source);
  const Bytes signature =
      key.service->sign(key.account, key.certificate(), {{key.document_name, digest}}, std::move(pin)).front().value;
  require_room(signature.size(), room);
  std::copy(signature.begin(), signature.end(), out);
  *length = signature.size();
  return 1;
}

// Without a document: the caller gives a digest.
int init(void* ctx, Use use, void* keydata, const OSSL_PARAM params[]) {
  return guarded(context_of(ctx).provider, 0, [&] {
    begin(context_of(ctx), use, keydata, params);
    return 1;
  });
}

}  // namespace

int sign_init(void* ctx, void* keydata, const OSSL_PARAM params[]) {
  return init(ctx, Use::sign, keydata, params);
}

int verify_init(void* ctx, void* keydata, const OSSL_PARAM params[]) {
  return init(ctx, Use::verify, keydata, params);
}

namespace {

// What EVP_PKEY_sign and EVP_PKEY_verify are given: a digest when the caller named the hash, else a whole DigestInfo.
Digest given_digest(const SignatureContext& ctx, ByteView tbs) {
  if (!ctx.hash) {
    if (auto digest = from_digest_info(tbs)) return *digest;
    throw Error(Errc::unsupported,
                _("The remote key signs digests, not raw data. Name the hash of what you give it, as in '-pkeyopt "
                  "digest:sha256', or give it a DER DigestInfo."));
  }
  if (tbs.size() != info(*ctx.hash).size) {
    throw Error(Errc::invalid_argument, filled(_("A {hash} digest has {size} octets, not {given}."),
                                               {{"hash", info(*ctx.hash).name},
                                                {"size", std::to_string(info(*ctx.hash).size)},
                                                {"given", std::to_string(tbs.size())}}));
  }
  return {*ctx.hash, Bytes(tbs.begin(), tbs.end())};
}

}  // namespace

int sign(void* ctx, unsigned char* out, std::size_t* length, std::size_t room, const unsigned char* tbs,
         std::size_t tbs_length) {
  const SignatureContext& self = context_of(ctx);
  return guarded(self.provider, 0, [&] {
    if (only_size(self, out, length, room)) return 1;
    return sign_digest(self, given_digest(self, {tbs, tbs_length}), out, length, room);
  });
}

int verify(void* ctx, const unsigned char* octets, std::size_t size, const unsigned char* tbs, std::size_t tbs_length) {
  const SignatureContext& self = context_of(ctx);
  return guarded(self.provider, 0, [&] {
    return self.key->certificate().verify(given_digest(self, {tbs, tbs_length}), {octets, size}) ? 1 : 0;
  });
}

// ---- with a document, hashed here -----------------------------------------------------------------------------------

namespace {

int digest_init(void* ctx, Use use, const char* hash_name, void* keydata, const OSSL_PARAM params[]) {
  SignatureContext& self = context_of(ctx);
  return guarded(self.provider, 0, [&] {
    begin(self, use, keydata, params);
    if (hash_name != nullptr && *hash_name != '\0') set_hash(self, hash_name);
    if (!self.hash) set_hash(self, info(self.key->account.service.hashes.preferred()).name);
    self.hasher.emplace(*self.hash);
    return 1;
  });
}

}  // namespace

int digest_sign_init(void* ctx, const char* hash_name, void* keydata, const OSSL_PARAM params[]) {
  return digest_init(ctx, Use::sign, hash_name, keydata, params);
}

int digest_verify_init(void* ctx, const char* hash_name, void* keydata, const OSSL_PARAM params[]) {
  return digest_init(ctx, Use::verify, hash_name, keydata, params);
}

namespace {

Hasher& hasher_of(SignatureContext& ctx) {
  if (!ctx.hasher) throw Error(Errc::invalid_argument, _("No document is being signed or verified."));
  return *ctx.hasher;
}

}  // namespace

int digest_update(void* ctx, const unsigned char* data, std::size_t size) {
  SignatureContext& self = context_of(ctx);
  return guarded(self.provider, 0, [&] {
    hasher_of(self).update({data, size});
    return 1;
  });
}

int digest_sign_final(void* ctx, unsigned char* out, std::size_t* length, std::size_t room) {
  SignatureContext& self = context_of(ctx);
  return guarded(self.provider, 0, [&] {
    if (only_size(self, out, length, room)) return 1;
    return sign_digest(self, hasher_of(self).digest(), out, length, room);
  });
}

int digest_sign(void* ctx, unsigned char* out, std::size_t* length, std::size_t room, const unsigned char* data,
                std::size_t size) {
  if (out != nullptr && digest_update(ctx, data, size) != 1) return 0;
  return digest_sign_final(ctx, out, length, room);
}

int digest_verify_final(void* ctx, const unsigned char* octets, std::size_t size) {
  SignatureContext& self = context_of(ctx);
  return guarded(self.provider, 0, [&] {
    return self.key->certificate().verify(hasher_of(self).digest(), {octets, size}) ? 1 : 0;
  });
}

int digest_verify(void* ctx, const unsigned char* octets, std::size_t size, const unsigned char* data,
                  std::size_t data_size) {
  return digest_update(ctx, data, data_size) == 1 ? digest_verify_final(ctx, octets, size) : 0;
}

}  // namespace smartcmd::provider::signature
