// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "service/otp.h"

#include <glib.h>

#include <string_view>
#include <system_error>

#include "base/error.h"
#include "base/files.h"

namespace smartcmd::service {

namespace fs = std::filesystem;

namespace {

SecureString content(const OtpMessage& message) {
  SecureString text;
  for (const std::string_view part :
       {std::string_view("to: "), std::string_view(message.phone), std::string_view("\ncode: "), message.code.view(),
        std::string_view("\ntext: Código de segurança: "), message.code.view(), std::string_view(". "),
        std::string_view(message.about), std::string_view("\n")}) {
    for (const char octet : part) text.push_back(octet);
  }
  return text;
}

}  // namespace

Outbox::Outbox(fs::path directory) : directory_(std::move(directory)), lock_(directory_, FileLock::Of::existing) {
  if (!fs::is_directory(directory_)) {
    throw Error(Errc::configuration, "The outbox " + directory_.string() + " is no directory.");
  }
  if (lock_.try_take() != FileLock::State::held) {
    throw Error(Errc::configuration, "Another smartcmdd serves this directory.");
  }
  clear();
}

Outbox::~Outbox() {
  clear();
}

void Outbox::deliver(const OtpMessage& message) {
  // Written beside the directory, whose readers see finished files only.
  const fs::path draft = directory_.string() + "." + message.process_id;
  std::error_code problem;
  write_file(draft, content(message).view());
  fs::rename(draft, directory_ / message.process_id, problem);
  if (!problem) return;
  std::error_code ignored;
  fs::remove(draft, ignored);
  throw Error(Errc::internal, "A message cannot be put into the outbox: " + problem.message() + ".");
}

void Outbox::withdraw(const std::string& process_id) noexcept {
  std::error_code ignored;
  fs::remove(directory_ / process_id, ignored);
}

/// Whether a run that was cut off left this file beside the directory.
bool Outbox::is_draft(const fs::path& file) const {
  constexpr std::size_t uuid_size = 36;
  const std::string name = file.filename(), beginning = directory_.filename().string() + ".";
  return name.starts_with(beginning) && g_uuid_string_is_valid(name.substr(beginning.size(), uuid_size).c_str());
}

void Outbox::clear() const noexcept {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(directory_, ignored)) fs::remove(entry.path(), ignored);
  for (const auto& entry : fs::directory_iterator(fs::absolute(directory_, ignored).parent_path(), ignored)) {
    if (is_draft(entry.path())) fs::remove(entry.path(), ignored);
  }
}

}  // namespace smartcmd::service
