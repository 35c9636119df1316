// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "provider/key.h"

#include <openssl/core_names.h>
#include <openssl/core_object.h>
#include <openssl/params.h>

#include "provider/settings.h"

namespace smartcmd::provider {

void GivenPin::give(SecureString pin) {
  const std::lock_guard lock(mutex_);
  pin_ = std::move(pin);
}

SecureString GivenPin::take() {
  const std::lock_guard lock(mutex_);
  return std::move(pin_);
}

std::shared_ptr<const Key> find_key(const Provider& provider, const CmdUri& uri) {
  const Settings said = settings(provider);
  auto service = std::make_shared<const SigningService>(Config::load(said.config));
  const Account& account = service->config().account(uri.account.empty() ? said.account : uri.account);
  CertificateChain chain = service->certificates(account);
  return std::make_shared<const Key>(Key{provider, service, account, std::move(chain), /*is_private=*/true,
                                         uri.pin_source, std::make_shared<GivenPin>(), uri.name});
}

PublicNumbers KeyData::numbers() const {
  return key ? PublicNumbers{key->certificate().modulus(), key->certificate().public_exponent()} : imported;
}

int hand_over_key(const KeyData& key, OSSL_CALLBACK* callback, void* callback_argument) {
  int kind = OSSL_OBJECT_PKEY;
  char type[] = "RSA";
  const OSSL_PARAM params[] = {
      OSSL_PARAM_construct_int(OSSL_OBJECT_PARAM_TYPE, &kind),
      OSSL_PARAM_construct_utf8_string(OSSL_OBJECT_PARAM_DATA_TYPE, type, 0),
      OSSL_PARAM_construct_octet_string(OSSL_OBJECT_PARAM_REFERENCE, const_cast<KeyData*>(&key), sizeof key),
      OSSL_PARAM_construct_end()};
  return callback(params, callback_argument);
}

}  // namespace smartcmd::provider
