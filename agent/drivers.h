// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <memory>

#include "signing/remote_signer.h"

namespace smartcmd {

/// The driver that `driver=` of the service names. `cancel_fd` is the host's socket: its end ends what the driver does.
/// Throws Errc::configuration for a driver nobody knows. Each agent links its own table of drivers.
std::unique_ptr<RemoteSigner> make_driver(const Service& service, int cancel_fd);

}  // namespace smartcmd
