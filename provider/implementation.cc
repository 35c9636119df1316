// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "provider/operations.h"
#include "provider/provider.h"

namespace smartcmd::provider {

/// What the module finds by the name implementation_symbol.
extern "C" __attribute__((visibility("default"))) const Implementation smartcmd_provider_implementation = {
    Dispatch<keymgmt::Functions>::entries,     Dispatch<signature::Functions>::entries,
    Dispatch<store::Functions>::entries,       Dispatch<cipher::Functions>::entries,
    Dispatch<encoder::Functions>::entries,     Dispatch<pem_decoder::Functions>::entries,
    Dispatch<uri_decoder::Functions>::entries,
};

}  // namespace smartcmd::provider
