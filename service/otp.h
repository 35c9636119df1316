// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <filesystem>
#include <string>

#include "base/file_lock.h"
#include "base/secure_string.h"

namespace smartcmd::service {

/// A one-time password on its way to a person.
struct OtpMessage {
  std::string process_id;
  std::string phone;
  const SecureString& code;
  std::string about;  ///< what it is for: 'Assinatura de documento "a.pdf".'
};

/// How one-time passwords reach people: a port.
class OtpDelivery {
 public:
  virtual ~OtpDelivery() = default;
  /// Sends a message; one sent before for the same process is void. Throws Error.
  virtual void deliver(const OtpMessage& message) = 0;
  /// The process is over: its message is of no use any more. Does not throw.
  virtual void withdraw(const std::string& process_id) noexcept = 0;
};

/// Delivery into a directory, a file for each process, which appears whole: for tests, and for programs that carry the
/// messages on. The file has the lines `to:`, `code:` and `text:`.
class Outbox final : public OtpDelivery {
 public:
  /// Takes the directory for itself and empties it: what lies in it, and drafts beside it, belong to processes of a
  /// former run. Throws Errc::configuration when another service has it.
  explicit Outbox(std::filesystem::path directory);
  ~Outbox() override;
  Outbox(const Outbox&) = delete;
  Outbox& operator=(const Outbox&) = delete;

  void deliver(const OtpMessage& message) override;
  void withdraw(const std::string& process_id) noexcept override;

 private:
  bool is_draft(const std::filesystem::path& file) const;
  void clear() const noexcept;
  std::filesystem::path directory_;
  FileLock lock_;
};

}  // namespace smartcmd::service
