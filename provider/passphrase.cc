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

#include <algorithm>
#include <array>

#include "base/crypto_context.h"
#include "base/error.h"
#include "base/file_descriptor.h"
#include "base/text.h"

namespace smartcmd::provider {

namespace {

// ---- the program openssl --------------------------------------------------------------------------------------------

constexpr std::string_view password_options[] = {"passin", "pass", "keypass"};

// Takes the first argument off.
std::string_view next_argument(std::string_view& command_line) {
  const auto end = std::min(command_line.find('\0'), command_line.size());
  const std::string_view argument = command_line.substr(0, end);
  command_line.remove_prefix(std::min(end + 1, command_line.size()));
  return argument;
}

bool is_password_option(std::string_view argument) {
  if (!argument.starts_with('-')) return false;
  argument.remove_prefix(argument.starts_with("--") ? 2 : 1);
  const std::string_view name = argument.substr(0, argument.find('='));
  return std::find(std::begin(password_options), std::end(password_options), name) != std::end(password_options);
}

// The arguments of this process, as far as they are needed; wiped at the end, for a password may be among them.
class CommandLine {
 public:
  CommandLine() {
    const FileDescriptor file(::open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC));
    for (ssize_t got = 1; file && got > 0 && size_ < text_.size(); size_ += static_cast<std::size_t>(got)) {
      got = std::max<ssize_t>(read(file.get(), text_.data() + size_, text_.size() - size_), 0);
    }
  }
  ~CommandLine() { OPENSSL_cleanse(text_.data(), size_); }
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;

  std::string_view view() const { return {text_.data(), size_}; }

 private:
  std::array<char, 16384> text_;
  std::size_t size_ = 0;
};

// ---- every other program --------------------------------------------------------------------------------------------

// One that has no answer of its own lets OpenSSL prompt: at the terminal, where an askpass program that is configured
// answers instead; or, without a terminal, on standard input, which may well be the document.
bool would_be_in_the_way(const Config& config) {
  const FileDescriptor terminal(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
  if (terminal) return !config.askpass().empty();
  struct stat input = {};
  return fstat(STDIN_FILENO, &input) == 0 && !S_ISCHR(input.st_mode);
}

// The callback cannot be told to answer or to be silent. What it will do is known of openssl by its arguments. Other
// programs that open URIs mostly have a way of their own to come to a password; but those that read a key file leave
// the question to OpenSSL, which calls the PIN "PEM pass phrase".
bool answers(const Key& key, KeySource source) {
  const CommandLine command_line;
  if (is_openssl(command_line.view())) return gives_password(command_line.view());
  return source == KeySource::uri && !would_be_in_the_way(key.service->config());
}

}  // namespace

bool is_openssl(std::string_view command_line) {
  const std::string_view program = next_argument(command_line);
  return program.substr(program.rfind('/') + 1) == "openssl";  // npos + 1 is 0
}

bool gives_password(std::string_view command_line) {
  while (!command_line.empty()) {
    if (is_password_option(next_argument(command_line))) return true;
  }
  return false;
}

void offer_pin(const Key& key, KeySource source, OSSL_PASSPHRASE_CALLBACK* callback, void* callback_argument) {
  if (callback == nullptr || !key.pin_source.empty() || !answers(key, source)) return;
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
