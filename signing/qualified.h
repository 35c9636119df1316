// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include "signing/certificate.h"

namespace smartcmd {

/// Whether a certificate states what makes its signatures qualified ones (EN 319 412-5): that it is qualified itself,
/// and that its key lives in a qualified device. Whether its authority may say so is another question.
bool states_qualified_signatures(const Certificate& certificate);

}  // namespace smartcmd
