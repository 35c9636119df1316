// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <openssl/core.h>

#include <string_view>

#include "provider/key.h"

namespace smartcmd::provider {

/// Whether that command line (its arguments, each with a NUL at its end) is one of the program `openssl`.
bool is_openssl(std::string_view command_line);

/// Whether a command line of `openssl` gives the password of a key, with `-passin` for one. Without it that program's
/// callback does not answer: it prompts.
bool gives_password(std::string_view command_line);

/// What loads a key: a URI, or a file with one in it.
enum class KeySource { uri, file };

/// Takes the PIN that the application gives for a key it loads for signing. Nobody is asked at loading, as far as can
/// be known: a callback that would rather prompt is left alone, and the agent asks when there is something to sign. So
/// it does when there is no callback (nullptr) or the answer is empty.
void offer_pin(const Key& key, KeySource source, OSSL_PASSPHRASE_CALLBACK* callback, void* callback_argument);

}  // namespace smartcmd::provider
