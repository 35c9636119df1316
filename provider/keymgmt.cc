// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// provider-keymgmt(7). The public half may be exported, so that certificates match and requests carry it, and imported,
// to be compared with ours. Everything else is refused: a private half there is not, and none is taken in, so no other
// RSA key ever comes under our hands.

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/params.h>

#include "base/c_ptr.h"
#include "provider/errors.h"
#include "provider/key.h"
#include "provider/operations.h"

namespace smartcmd::provider::keymgmt {

namespace {

const KeyData& data_of(const void* keydata) {
  return *static_cast<const KeyData*>(keydata);
}

}  // namespace

// ---- life -----------------------------------------------------------------------------------------------------------

void* new_data(void* provctx) {
  return new (std::nothrow) KeyData{static_cast<const Provider*>(provctx), {}, {}};
}

void* load(const void* reference, std::size_t size) {
  if (size != sizeof(KeyData)) return nullptr;
  const KeyData& data = data_of(reference);
  return guarded(*data.provider, static_cast<void*>(nullptr), [&]() -> void* { return new KeyData(data); });
}

void release(void* keydata) {
  delete static_cast<KeyData*>(keydata);
}

void* duplicate(const void* keydata, int) {
  return load(keydata, sizeof(KeyData));
}

// ---- what it is -----------------------------------------------------------------------------------------------------

int has(const void* keydata, int selection) {
  if (keydata == nullptr) return 0;
  const KeyData& data = data_of(keydata);
  const bool wants_private = (selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) != 0;
  const bool wants_public = (selection & OSSL_KEYMGMT_SELECT_PUBLIC_KEY) != 0;
  const bool has_private = data.key && data.key->is_private;
  const bool has_public = data.key || !data.imported.modulus.empty();
  return (!wants_private || has_private) && (!wants_public || has_public) ? 1 : 0;
}

int match(const void* one, const void* other, int) {
  return guarded(*data_of(one).provider, 0, [&] { return data_of(one).numbers() == data_of(other).numbers() ? 1 : 0; });
}

const char* query_operation_name(int operation_id) {
  return operation_id == OSSL_OP_SIGNATURE ? "RSA" : nullptr;
}

// ---- parameters -----------------------------------------------------------------------------------------------------

namespace {

using BigNumber = CPtr<BIGNUM, BN_free>;

BigNumber number(const Bytes& big_endian) {
  return BigNumber(BN_bin2bn(big_endian.data(), static_cast<int>(big_endian.size()), nullptr));
}

bool set_number(OSSL_PARAM* param, const Bytes& value) {
  const BigNumber big = number(value);
  return param == nullptr || (big && OSSL_PARAM_set_BN(param, big.get()) == 1);
}

bool set_int(OSSL_PARAM* param, int value) {
  return param == nullptr || OSSL_PARAM_set_int(param, value) == 1;
}

}  // namespace

const OSSL_PARAM* gettable_params(void*) {
  static const OSSL_PARAM params[] = {OSSL_PARAM_int(OSSL_PKEY_PARAM_BITS, nullptr),
                                      OSSL_PARAM_int(OSSL_PKEY_PARAM_SECURITY_BITS, nullptr),
                                      OSSL_PARAM_int(OSSL_PKEY_PARAM_MAX_SIZE, nullptr),
                                      OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_DEFAULT_DIGEST, nullptr, 0),
                                      OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_N, nullptr, 0),
                                      OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_E, nullptr, 0),
                                      OSSL_PARAM_END};
  return params;
}

int get_params(void* keydata, OSSL_PARAM params[]) {
  const KeyData& data = data_of(keydata);
  const auto at = [params](const char* name) { return OSSL_PARAM_locate(params, name); };
  return guarded(*data.provider, 0, [&] {
    const PublicNumbers numbers = data.numbers();
    const int bits = BN_num_bits(number(numbers.modulus).get());
    OSSL_PARAM* const digest = at(OSSL_PKEY_PARAM_DEFAULT_DIGEST);
    const Hash default_hash = data.key ? data.key->account.service.hashes.preferred() : Hash::sha256;
    return set_int(at(OSSL_PKEY_PARAM_BITS), bits) &&
                   set_int(at(OSSL_PKEY_PARAM_SECURITY_BITS), BN_security_bits(bits, -1)) &&
                   set_int(at(OSSL_PKEY_PARAM_MAX_SIZE), static_cast<int>(numbers.modulus.size())) &&
                   set_number(at(OSSL_PKEY_PARAM_RSA_N), numbers.modulus) &&
                   set_number(at(OSSL_PKEY_PARAM_RSA_E), numbers.exponent) &&
                   (digest == nullptr || OSSL_PARAM_set_utf8_string(digest, info(default_hash).name) == 1)
               ? 1
               : 0;
  });
}

// ---- export and import ----------------------------------------------------------------------------------------------

const OSSL_PARAM* public_types(int selection) {
  static const OSSL_PARAM params[] = {OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_N, nullptr, 0),
                                      OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_E, nullptr, 0), OSSL_PARAM_END};
  return (selection & OSSL_KEYMGMT_SELECT_PUBLIC_KEY) != 0 ? params : nullptr;
}

int export_public(void* keydata, int selection, OSSL_CALLBACK* callback, void* callback_argument) {
  using Builder = CPtr<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>;
  using Params = CPtr<OSSL_PARAM, OSSL_PARAM_free>;

  // With the public half of a private key in its hands the default provider would take the key over and miss the
  // private half. A key that is public only it may have, whatever it asks for.
  const KeyData& data = data_of(keydata);
  const bool wants_private = (selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) != 0;
  const bool wants_public = (selection & OSSL_KEYMGMT_SELECT_PUBLIC_KEY) != 0;
  if ((wants_private && data.key && data.key->is_private) || !wants_public) return 0;

  const Params params = guarded(*data.provider, Params(), [&]() -> Params {
    const Builder builder(OSSL_PARAM_BLD_new());
    const PublicNumbers numbers = data.numbers();
    const BigNumber modulus = number(numbers.modulus);
    const BigNumber exponent = number(numbers.exponent);
    if (!builder || OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get()) != 1 ||
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get()) != 1) {
      throw std::bad_alloc();
    }
    return Params(OSSL_PARAM_BLD_to_param(builder.get()));
  });
  return params ? callback(params.get(), callback_argument) : 0;
}

namespace {

Bytes octets_of(const OSSL_PARAM params[], const char* name) {
  const OSSL_PARAM* param = OSSL_PARAM_locate_const(params, name);
  BIGNUM* value = nullptr;
  if (param == nullptr || OSSL_PARAM_get_BN(param, &value) != 1) return {};
  const BigNumber owner(value);
  Bytes octets(static_cast<std::size_t>(BN_num_bytes(value)));
  BN_bn2bin(value, octets.data());
  return octets;
}

}  // namespace

// To compare two keys the core asks for the public half alone; who asks for all of a key means to use it here.
int import_public(void* keydata, int selection, const OSSL_PARAM params[]) {
  auto* data = static_cast<KeyData*>(keydata);
  if (data->key || (selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) != 0) return 0;
  return guarded(*data->provider, 0, [&] {
    data->imported = {octets_of(params, OSSL_PKEY_PARAM_RSA_N), octets_of(params, OSSL_PKEY_PARAM_RSA_E)};
    return data->imported.modulus.empty() ? 0 : 1;
  });
}

}  // namespace smartcmd::provider::keymgmt
