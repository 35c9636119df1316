// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include "provider/provider.h"

namespace smartcmd::provider {

/// To match certificates our keys have to be of the type "RSA". But of several implementations of a name the core takes
/// the one it met first, and with our provider listed first nobody in the process could make or import another RSA key.
/// So when the core asks what we offer for an operation under that name (OSSL_OP_KEYMGMT, for one), this first has it
/// meet everybody else's. False when the core asks again within that: then we have nothing to offer yet.
bool others_go_first(Provider& provider, int operation_id);

}  // namespace smartcmd::provider
