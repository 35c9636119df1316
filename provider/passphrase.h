// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <openssl/core.h>

#include "provider/key.h"

namespace smartcmd::provider {

/// Offers the application to give the PIN of a key it loads for signing, with a prompt that names the account. No
/// callback (nullptr), no terminal or an empty answer leave it to the agent to ask, when there is something to sign.
///
void offer_pin(const Key& key, OSSL_PASSPHRASE_CALLBACK* callback, void* callback_argument);

}  // namespace smartcmd::provider
