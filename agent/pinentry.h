// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <assuan.h>

#include <cstddef>
#include <exception>
#include <optional>
#include <string>

#include "agent/watch.h"
#include "base/c_ptr.h"
#include "base/child_process.h"
#include "base/error.h"
#include "base/secure_string.h"
#include "base/text.h"

namespace smartcmd {

/// A pinentry that was started, and the Assuan conversation with it. Nothing of it is logged, the memory it took is
/// wiped, and every wait is the Watch's, which must live longer. Destroying it ends the program.
class Pinentry {
 public:
  /// How a command ended.
  struct Result {
    gpg_err_code_t code;  ///< of "ERR"; GPG_ERR_NO_ERROR for "OK"
    SecureString data;
  };

  /// Starts the program at that path, in our environment. Throws Errc::no_prompt when it cannot be executed or does not
  /// greet as an Assuan server does, and what the Watch throws.
  Pinentry(const std::string& path, Watch& watch);
  Pinentry(const Pinentry&) = delete;
  Pinentry& operator=(const Pinentry&) = delete;

  /// The longest command, in octets (Assuan's manual: 1000 with the line's end).
  static constexpr std::size_t longest_command = 998;
  /// `text` as a command's argument, percent-escaped.
  static std::string escaped(const std::string& text);

  /// Sends a command and waits for its end. Throws Errc::prompt_failed when the program ends or speaks no Assuan, and
  /// what the Watch throws.
  Result transact(const std::string& command);

  /// Throws an Error about the program: `sentence` with its {program} and `value`, and what to look at.
  [[noreturn]] void fail(Errc code, const char* sentence, Value value = {}) const;

 private:
  static ssize_t read_hook(assuan_context_t context, int descriptor, void* buffer, std::size_t size);
  static ssize_t write_hook(assuan_context_t context, int descriptor, const void* buffer, std::size_t size);
  static gpg_error_t data_hook(void* self, const void* octets, std::size_t size);
  ssize_t read(void* buffer, std::size_t size);
  ssize_t write(const void* buffer, std::size_t size);

  void connect();
  /// Throws where the conversation itself has failed.
  void require_conversation(gpg_error_t result, Errc code);

  const std::string path_;
  Watch& watch_;
  FileDescriptor socket_;
  std::optional<ChildProcess> program_;
  std::exception_ptr thrown_;  ///< inside a hook: no exception may pass through libassuan
  SecureString data_;
  CPtr<assuan_context_s, assuan_release> context_;
};

}  // namespace smartcmd
