// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <openssl/core.h>

namespace smartcmd::provider {

/// What we offer the core (provider(7)): teardown, parameters, operations, reason strings.
extern const OSSL_DISPATCH provider_functions[];

/// The functions of each operation, in the file of its name.
extern const OSSL_DISPATCH keymgmt_functions[];
extern const OSSL_DISPATCH signature_functions[];
extern const OSSL_DISPATCH store_functions[];
extern const OSSL_DISPATCH cipher_functions[];   // in refusals.cc
extern const OSSL_DISPATCH encoder_functions[];  // in refusals.cc
extern const OSSL_DISPATCH pem_decoder_functions[];
extern const OSSL_DISPATCH uri_decoder_functions[];

/// The same ids as the core finds them, before the implementation is loaded: they load it and call the above.
extern const OSSL_DISPATCH keymgmt_forwards[];
extern const OSSL_DISPATCH signature_forwards[];
extern const OSSL_DISPATCH store_forwards[];
extern const OSSL_DISPATCH cipher_forwards[];
extern const OSSL_DISPATCH encoder_forwards[];
extern const OSSL_DISPATCH pem_decoder_forwards[];
extern const OSSL_DISPATCH uri_decoder_forwards[];

}  // namespace smartcmd::provider
