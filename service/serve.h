// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

namespace smartcmd::service {

/// Serves out of the working directory until SIGTERM or SIGINT. Once clients can connect it has written
/// client/service.conf and prints one line, its URL. Throws Error when the service cannot start.
void serve();

}  // namespace smartcmd::service
