// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "provider/passphrase.h"

#include <fcntl.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>

#include "base/crypto_context.h"
#include "base/error.h"
#include "base/file_descriptor.h"
#include "base/text.h"

namespace smartcmd::provider {

namespace {

// An application that has no answer ready lets OpenSSL prompt: at the terminal, where an askpass program that is
// configured answers instead; or without a terminal on standard input, which may well be the document.
bool application_may_prompt(const Config& config) {
  const FileDescriptor terminal(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
  if (terminal) return config.askpass().empty();
  struct stat input = {};
  return fstat(STDIN_FILENO, &input) != 0 || S_ISCHR(input.st_mode);
}

}  // namespace

void offer_pin(const Key& key, OSSL_PASSPHRASE_CALLBACK* callback, void* callback_argument) {
  if (callback == nullptr || !key.pin_source.empty() || !application_may_prompt(key.service->config())) return;
  std::string info = "the signature PIN of " + key.account.label + " (" + key.account.service.name + ")";
  const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_PASSPHRASE_PARAM_INFO, info.data(), 0),
                               OSSL_PARAM_construct_end()};
  std::array<char, 256> answer{};
  std::size_t length = 0;
  const ErrorQueueMark mark;                      // a terminal that is not there is no error of ours
  ERR_raise(ERR_LIB_USER, ERR_R_INTERNAL_ERROR);  // so that an older one is not taken for the callback's
  if (callback(answer.data(), answer.size(), &length, params, callback_argument) == 1 && length > 0) {
    key.given_pin->give(SecureString({answer.data(), length}));
  }
  OPENSSL_cleanse(answer.data(), answer.size());
  // Who cancels the application's question does not want to be asked again by ours.
  if (ERR_GET_REASON(ERR_peek_last_error()) == ERR_R_INTERRUPTED_OR_CANCELLED)
    throw Error(Errc::cancelled, _("The question for the signature PIN was cancelled. Nothing was signed."));
}

}  // namespace smartcmd::provider
