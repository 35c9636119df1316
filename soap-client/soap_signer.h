// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <memory>

#include "signing/config.h"
#include "signing/remote_signer.h"

namespace smartcmd {

/// The driver for SCMDService (`driver=scmd`), the front of this folder. `cancel_fd` is a socket: as soon as it
/// hangs up or becomes readable a running request is given up with Errc::cancelled and none is begun; -1 for none.
/// Reads the password file and the encryption certificate now; throws Errc::configuration.
std::unique_ptr<RemoteSigner> make_soap_signer(const Service& service, int cancel_fd);

}  // namespace smartcmd
