// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <openssl/core.h>

namespace smartcmd::provider {

/// The reason string of every Errc, for OSSL_FUNC_PROVIDER_GET_REASON_STRINGS; ends with an item of id 0.
const OSSL_ITEM* reason_strings();

}  // namespace smartcmd::provider
