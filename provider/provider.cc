// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/params.h>
#include <stdlib.h>

#include "provider/forward.h"
#include "provider/operations.h"
#include "provider/precedence.h"
#include "provider/provider.h"
#include "provider/reasons.h"

namespace smartcmd::provider {

namespace {

OSSL_FUNC_provider_teardown_fn teardown;
OSSL_FUNC_provider_gettable_params_fn gettable_params;
OSSL_FUNC_provider_get_params_fn get_params;
OSSL_FUNC_provider_query_operation_fn query_operation;
OSSL_FUNC_provider_get_reason_strings_fn get_reason_strings;

void teardown(void* provctx) {
  free(provctx);
}

const OSSL_PARAM* gettable_params(void*) {
  static const OSSL_PARAM params[] = {OSSL_PARAM_utf8_ptr(OSSL_PROV_PARAM_NAME, nullptr, 0),
                                      OSSL_PARAM_utf8_ptr(OSSL_PROV_PARAM_VERSION, nullptr, 0),
                                      OSSL_PARAM_utf8_ptr(OSSL_PROV_PARAM_BUILDINFO, nullptr, 0),
                                      OSSL_PARAM_int(OSSL_PROV_PARAM_STATUS, nullptr), OSSL_PARAM_END};
  return params;
}

int set_text(OSSL_PARAM* params, const char* key, const char* text) {
  OSSL_PARAM* param = OSSL_PARAM_locate(params, key);
  return param == nullptr ? 1 : OSSL_PARAM_set_utf8_ptr(param, text);
}

int get_params(void*, OSSL_PARAM params[]) {
  OSSL_PARAM* status = OSSL_PARAM_locate(params, OSSL_PROV_PARAM_STATUS);
  return set_text(params, OSSL_PROV_PARAM_NAME, "SmartCMD remote signing provider") == 1 &&
                 set_text(params, OSSL_PROV_PARAM_VERSION, SMARTCMD_VERSION) == 1 &&
                 set_text(params, OSSL_PROV_PARAM_BUILDINFO, SMARTCMD_VERSION) == 1 &&
                 (status == nullptr || OSSL_PARAM_set_int(status, 1) == 1)
             ? 1
             : 0;
}

// The long form of the name: applications look the key type up under each of them.
constexpr const char* rsa_names = "RSA:rsaEncryption:1.2.840.113549.1.1.1";

// Everything has "smartcmd.remote=yes", so that who demands it gets all of a key. But key and signature do without the
// usual "provider=smartcmd": a preference for us ("?provider=smartcmd") must not win other people's RSA keys for us.
// Ours are found through their store.
constexpr const char* key_properties = "smartcmd.remote=yes";
constexpr const char* store_properties = "provider=smartcmd,smartcmd.remote=yes";

const OSSL_ALGORITHM keymgmt_algorithms[] = {
    {rsa_names, key_properties, KeymgmtForwards::entries, "RSA key of a remote signing service"}, {}};
const OSSL_ALGORITHM signature_algorithms[] = {
    {rsa_names, key_properties, SignatureForwards::entries, "RSASSA-PKCS1-v1_5 by a remote signing service"}, {}};
const OSSL_ALGORITHM store_algorithms[] = {
    {"cmd", store_properties, StoreForwards::entries, "cmd: URIs, the accounts of remote signing services"}, {}};
const OSSL_ALGORITHM cipher_algorithms[] = {
    {rsa_names, key_properties, CipherForwards::entries, "tells that a remote key does not decrypt"}, {}};
constexpr const char* no_file = "tells that a remote key cannot be written";
const OSSL_ALGORITHM encoder_algorithms[] = {
    {rsa_names, "smartcmd.remote=yes,output=pem,structure=PrivateKeyInfo", EncoderForwards::entries, no_file},
    {rsa_names, "smartcmd.remote=yes,output=pem,structure=EncryptedPrivateKeyInfo", EncoderForwards::entries, no_file},
    {rsa_names, "smartcmd.remote=yes,output=pem,structure=type-specific", EncoderForwards::entries, no_file},
    {rsa_names, "smartcmd.remote=yes,output=der,structure=PrivateKeyInfo", EncoderForwards::entries, no_file},
    {rsa_names, "smartcmd.remote=yes,output=der,structure=EncryptedPrivateKeyInfo", EncoderForwards::entries, no_file},
    {rsa_names, "smartcmd.remote=yes,output=der,structure=type-specific", EncoderForwards::entries, no_file},
    {rsa_names, "smartcmd.remote=yes,output=text", EncoderForwards::entries, no_file},
    {}};
// In two steps, as OpenSSL's loader of files wants it: out of the PEM, then from the URI to the key.
const OSSL_ALGORITHM decoder_algorithms[] = {
    {"DER", "provider=smartcmd,smartcmd.remote=yes,input=pem", PemDecoderForwards::entries,
     "PEM files that hold a cmd: URI"},
    {rsa_names, "provider=smartcmd,smartcmd.remote=yes,input=der,structure=smartcmd-uri", UriDecoderForwards::entries,
     "cmd: URIs in key files"},
    {}};

struct Operation {
  int id;
  const OSSL_ALGORITHM* algorithms;
  bool others_first;  // for the names we share with others
};

constexpr Operation operations[] = {
    {OSSL_OP_KEYMGMT, keymgmt_algorithms, true},    {OSSL_OP_SIGNATURE, signature_algorithms, true},
    {OSSL_OP_ASYM_CIPHER, cipher_algorithms, true}, {OSSL_OP_ENCODER, encoder_algorithms, true},
    {OSSL_OP_STORE, store_algorithms, false},       {OSSL_OP_DECODER, decoder_algorithms, false},
};

const OSSL_ALGORITHM* query_operation(void* provctx, int operation_id, int* no_cache) {
  *no_cache = 0;
  for (const Operation& operation : operations) {
    if (operation.id != operation_id) continue;
    if (!operation.others_first || others_go_first(*static_cast<Provider*>(provctx), operation_id)) {
      return operation.algorithms;
    }
    *no_cache = 1;  // it will ask again
  }
  return nullptr;
}

const OSSL_ITEM* get_reason_strings(void*) {
  return reason_strings();
}

using ProviderFunctions =
    Table<Entry<OSSL_FUNC_PROVIDER_TEARDOWN, teardown>, Entry<OSSL_FUNC_PROVIDER_GETTABLE_PARAMS, gettable_params>,
          Entry<OSSL_FUNC_PROVIDER_GET_PARAMS, get_params>, Entry<OSSL_FUNC_PROVIDER_QUERY_OPERATION, query_operation>,
          Entry<OSSL_FUNC_PROVIDER_GET_REASON_STRINGS, get_reason_strings>>;

}  // namespace

const OSSL_DISPATCH* const provider_functions = Dispatch<ProviderFunctions>::entries;

}  // namespace smartcmd::provider
