// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <optional>

#include "soap-client/wire/messages.h"

namespace smartcmd {

/// Throws the Error that fits the status of an answer, unless its code is exactly "200". The sentence says what the
/// person or the operator can do. It repeats no field's value, which may be personal; and of the service's message,
/// where the code alone leaves open what it means, a line without long numbers.
void require_success(const std::optional<wire::SignStatus>& status);

/// Throws Errc::soap_fault when the envelope holds a fault; its code becomes the Error's service_code(), and what it
/// says a line of the log (base/log.h).
void require_no_fault(const wire::Envelope& envelope);

}  // namespace smartcmd
