// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "provider/signature_context.h"

#include <openssl/core_names.h>
#include <openssl/objects.h>
#include <openssl/params.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <cstring>

#include "base/c_ptr.h"
#include "base/text.h"
#include "provider/errors.h"
#include "provider/operations.h"

namespace smartcmd::provider {

namespace {

void set_padding(const OSSL_PARAM& param) {
  int mode = 0;
  const char* name = nullptr;
  const bool is_pkcs1 =
      param.data_type == OSSL_PARAM_UTF8_STRING
          ? OSSL_PARAM_get_utf8_string_ptr(&param, &name) == 1 && std::strcmp(name, OSSL_PKEY_RSA_PAD_MODE_PKCSV15) == 0
          : OSSL_PARAM_get_int(&param, &mode) == 1 && mode == RSA_PKCS1_PADDING;
  if (!is_pkcs1) refuse_padding();
}

// DER AlgorithmIdentifier, sha256WithRSAEncryption and its kin (RFC 8017 appendix A.2.4).
Bytes algorithm_id(Hash hash) {
  int nid = NID_undef;
  if (OBJ_find_sigid_by_algs(&nid, OBJ_txt2nid(info(hash).oid), NID_rsaEncryption) != 1) {
    throw Error(Errc::unsupported,
                filled(_("No signature algorithm joins RSA and {hash}."), {{"hash", info(hash).name}}));
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

}  // namespace

void set_hash(SignatureContext& ctx, const char* name) {
  const HashInfo* hash = name != nullptr ? find_hash(name) : nullptr;
  if (hash == nullptr) {
    throw Error(Errc::hash_not_allowed,
                filled(_("{hash} is no hash the remote key can sign."), {{"hash", name != nullptr ? name : "NULL"}}));
  }
  require_allowed(ctx.key->account.service.hashes, hash->hash);
  ctx.hash = hash->hash;
}

void set_params(SignatureContext& ctx, const OSSL_PARAM params[]) {
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

namespace signature {

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
  return guarded(context_of(ctx).provider, 0, [&] {
    set_params(context_of(ctx), params);
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

int get_ctx_params(void* ctx, OSSL_PARAM params[]) {
  const SignatureContext& self = context_of(ctx);
  return guarded(self.provider, 0, [&] {
    const auto at = [params](const char* name) { return OSSL_PARAM_locate(params, name); };
    OSSL_PARAM* const id = at(OSSL_SIGNATURE_PARAM_ALGORITHM_ID);
    OSSL_PARAM* const digest = at(OSSL_SIGNATURE_PARAM_DIGEST);
    OSSL_PARAM* const padding = at(OSSL_SIGNATURE_PARAM_PAD_MODE);
    const Hash hash = self.hash.value_or(self.key ? self.key->account.service.hashes.preferred() : Hash::sha256);
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

}  // namespace signature

}  // namespace smartcmd::provider
