// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include "provider/provider.h"

namespace smartcmd::provider {

/// To match certificates our keys have to be of the type "RSA". But of several implementations of a name the core takes
/// the one it met first, and with our provider listed first nobody in the process could make or read another RSA key.
/// So the name is ours only once there are keys of ours, and after the core has met everybody else's: this says that
/// keys are about to come.
void announce_keys(Provider& provider);

/// Whether announce_keys() was called.
bool has_keys(const Provider& provider);

}  // namespace smartcmd::provider
