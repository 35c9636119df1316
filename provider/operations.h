// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <openssl/core.h>
#include <openssl/core_dispatch.h>

namespace smartcmd::provider {

/// What we offer the core (provider(7)): teardown, parameters, operations, reason strings.
extern const OSSL_DISPATCH* const provider_functions;

// ---- tables ---------------------------------------------------------------------------------------------------------

/// One function of a table: its id, and ours. It is declared with the type that openssl/core_dispatch.h has for that
/// id.
template <int function_id, auto function>
struct Entry {};

/// The functions of one table.
template <class... Entries>
struct Table {};

/// The table in the untyped shape in which OpenSSL wants it.
template <class Functions>
struct Dispatch;

template <int... ids, auto... functions>
struct Dispatch<Table<Entry<ids, functions>...>> {
  static inline const OSSL_DISPATCH entries[] = {{ids, reinterpret_cast<void (*)()>(functions)}..., {}};
};

// ---- what the implementation offers, operation by operation ---------------------------------------------------------

// Both the implementation's tables and those that stand for them until it is loaded (forward.h) are made of these.

namespace keymgmt {  // keymgmt.cc
OSSL_FUNC_keymgmt_new_fn new_data;
OSSL_FUNC_keymgmt_load_fn load;
OSSL_FUNC_keymgmt_free_fn release;
OSSL_FUNC_keymgmt_dup_fn duplicate;
OSSL_FUNC_keymgmt_has_fn has;
OSSL_FUNC_keymgmt_match_fn match;
OSSL_FUNC_keymgmt_query_operation_name_fn query_operation_name;
OSSL_FUNC_keymgmt_gettable_params_fn gettable_params;
OSSL_FUNC_keymgmt_get_params_fn get_params;
OSSL_FUNC_keymgmt_export_types_fn public_types;
OSSL_FUNC_keymgmt_export_fn export_public;
OSSL_FUNC_keymgmt_import_fn import_public;
using Functions =
    Table<Entry<OSSL_FUNC_KEYMGMT_NEW, new_data>, Entry<OSSL_FUNC_KEYMGMT_LOAD, load>,
          Entry<OSSL_FUNC_KEYMGMT_FREE, release>, Entry<OSSL_FUNC_KEYMGMT_DUP, duplicate>,
          Entry<OSSL_FUNC_KEYMGMT_HAS, has>, Entry<OSSL_FUNC_KEYMGMT_MATCH, match>,
          Entry<OSSL_FUNC_KEYMGMT_QUERY_OPERATION_NAME, query_operation_name>,
          Entry<OSSL_FUNC_KEYMGMT_GETTABLE_PARAMS, gettable_params>, Entry<OSSL_FUNC_KEYMGMT_GET_PARAMS, get_params>,
          Entry<OSSL_FUNC_KEYMGMT_EXPORT_TYPES, public_types>, Entry<OSSL_FUNC_KEYMGMT_EXPORT, export_public>,
          Entry<OSSL_FUNC_KEYMGMT_IMPORT_TYPES, public_types>, Entry<OSSL_FUNC_KEYMGMT_IMPORT, import_public>>;
}  // namespace keymgmt

namespace signature {  // signature.cc
OSSL_FUNC_signature_newctx_fn new_context;
OSSL_FUNC_signature_freectx_fn free_context;
OSSL_FUNC_signature_dupctx_fn duplicate_context;
OSSL_FUNC_signature_sign_init_fn sign_init;
OSSL_FUNC_signature_sign_fn sign;
OSSL_FUNC_signature_verify_init_fn verify_init;
OSSL_FUNC_signature_verify_fn verify;
OSSL_FUNC_signature_digest_sign_init_fn digest_sign_init;
OSSL_FUNC_signature_digest_sign_update_fn digest_update;
OSSL_FUNC_signature_digest_sign_final_fn digest_sign_final;
OSSL_FUNC_signature_digest_sign_fn digest_sign;
OSSL_FUNC_signature_digest_verify_init_fn digest_verify_init;
OSSL_FUNC_signature_digest_verify_final_fn digest_verify_final;
OSSL_FUNC_signature_digest_verify_fn digest_verify;
OSSL_FUNC_signature_get_ctx_params_fn get_ctx_params;
OSSL_FUNC_signature_gettable_ctx_params_fn gettable_ctx_params;
OSSL_FUNC_signature_set_ctx_params_fn set_ctx_params;
OSSL_FUNC_signature_settable_ctx_params_fn settable_ctx_params;
using Functions =
    Table<Entry<OSSL_FUNC_SIGNATURE_NEWCTX, new_context>, Entry<OSSL_FUNC_SIGNATURE_FREECTX, free_context>,
          Entry<OSSL_FUNC_SIGNATURE_DUPCTX, duplicate_context>, Entry<OSSL_FUNC_SIGNATURE_SIGN_INIT, sign_init>,
          Entry<OSSL_FUNC_SIGNATURE_SIGN, sign>, Entry<OSSL_FUNC_SIGNATURE_VERIFY_INIT, verify_init>,
          Entry<OSSL_FUNC_SIGNATURE_VERIFY, verify>, Entry<OSSL_FUNC_SIGNATURE_DIGEST_SIGN_INIT, digest_sign_init>,
          Entry<OSSL_FUNC_SIGNATURE_DIGEST_SIGN_UPDATE, digest_update>,
          Entry<OSSL_FUNC_SIGNATURE_DIGEST_SIGN_FINAL, digest_sign_final>,
          Entry<OSSL_FUNC_SIGNATURE_DIGEST_SIGN, digest_sign>,
          Entry<OSSL_FUNC_SIGNATURE_DIGEST_VERIFY_INIT, digest_verify_init>,
          Entry<OSSL_FUNC_SIGNATURE_DIGEST_VERIFY_UPDATE, digest_update>,
          Entry<OSSL_FUNC_SIGNATURE_DIGEST_VERIFY_FINAL, digest_verify_final>,
          Entry<OSSL_FUNC_SIGNATURE_DIGEST_VERIFY, digest_verify>,
          Entry<OSSL_FUNC_SIGNATURE_GET_CTX_PARAMS, get_ctx_params>,
          Entry<OSSL_FUNC_SIGNATURE_GETTABLE_CTX_PARAMS, gettable_ctx_params>,
          Entry<OSSL_FUNC_SIGNATURE_SET_CTX_PARAMS, set_ctx_params>,
          Entry<OSSL_FUNC_SIGNATURE_SETTABLE_CTX_PARAMS, settable_ctx_params>>;
}  // namespace signature

// No OSSL_FUNC_STORE_EXPORT_OBJECT: with one that exports the public half, private keys no longer load when the default
// provider is listed first.
namespace store {  // store.cc
OSSL_FUNC_store_open_fn open;
OSSL_FUNC_store_attach_fn attach;
OSSL_FUNC_store_settable_ctx_params_fn settable_ctx_params;
OSSL_FUNC_store_set_ctx_params_fn set_ctx_params;
OSSL_FUNC_store_load_fn load;
OSSL_FUNC_store_eof_fn eof;
OSSL_FUNC_store_close_fn close;
using Functions = Table<Entry<OSSL_FUNC_STORE_OPEN, open>, Entry<OSSL_FUNC_STORE_ATTACH, attach>,
                        Entry<OSSL_FUNC_STORE_SETTABLE_CTX_PARAMS, settable_ctx_params>,
                        Entry<OSSL_FUNC_STORE_SET_CTX_PARAMS, set_ctx_params>, Entry<OSSL_FUNC_STORE_LOAD, load>,
                        Entry<OSSL_FUNC_STORE_EOF, eof>, Entry<OSSL_FUNC_STORE_CLOSE, close>>;
}  // namespace store

namespace cipher {  // refusals.cc
OSSL_FUNC_asym_cipher_decrypt_init_fn refuse_decryption;
OSSL_FUNC_asym_cipher_decrypt_fn neither;
OSSL_FUNC_asym_cipher_encrypt_init_fn refuse_encryption;
using Functions =
    Table<Entry<OSSL_FUNC_ASYM_CIPHER_DECRYPT_INIT, refuse_decryption>, Entry<OSSL_FUNC_ASYM_CIPHER_DECRYPT, neither>,
          Entry<OSSL_FUNC_ASYM_CIPHER_ENCRYPT_INIT, refuse_encryption>, Entry<OSSL_FUNC_ASYM_CIPHER_ENCRYPT, neither>>;
}  // namespace cipher

namespace encoder {  // refusals.cc
OSSL_FUNC_encoder_encode_fn refuse_encoding;
using Functions = Table<Entry<OSSL_FUNC_ENCODER_ENCODE, refuse_encoding>>;
}  // namespace encoder

namespace pem_decoder {  // key_file.cc
OSSL_FUNC_decoder_decode_fn decode;
using Functions = Table<Entry<OSSL_FUNC_DECODER_DECODE, decode>>;
}  // namespace pem_decoder

namespace uri_decoder {  // key_file.cc
OSSL_FUNC_decoder_decode_fn decode;
using Functions = Table<Entry<OSSL_FUNC_DECODER_DECODE, decode>>;
}  // namespace uri_decoder

}  // namespace smartcmd::provider
