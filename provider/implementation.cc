// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "provider/operations.h"
#include "provider/provider.h"

namespace smartcmd::provider {

/// What the module finds by the name implementation_symbol.
extern "C" __attribute__((visibility("default"))) const Implementation smartcmd_provider_implementation = {
    keymgmt_functions, signature_functions,   store_functions,      cipher_functions,
    encoder_functions, pem_decoder_functions, uri_decoder_functions};

}  // namespace smartcmd::provider
