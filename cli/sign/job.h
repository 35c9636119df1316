// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "documents/cms_signature.h"
#include "documents/timestamp.h"
#include "signing/digest.h"

namespace smartcmd {

/// What the person asked for.
struct SignOptions {
  std::filesystem::path out_dir;   ///< empty for beside each file
  std::filesystem::path evidence;  ///< empty for none
  std::string name;                ///< of the document; empty for that of the file
  std::optional<TimestampAuthority> timestamps;
  SignatureProperties properties;  ///< but for the time
  Hash hash = Hash::sha256;
  bool attached = false;
  bool one_by_one = false;  ///< a one-time password for each
  bool force = false;
};

/// What became of a file.
enum class Outcome {
  waiting,         ///< nobody has tried, or the run ended before
  signed_now,      ///< there is a new signature
  already_signed,  ///< there was one by this account's certificate
  timestamped,     ///< there was one, and it has a timestamp now
  skipped,         ///< it is a signature itself, and was named among others
  incomplete,      ///< there is a new signature, but something else that was asked for is missing
  failed,
};

/// A file that is to be signed.
struct SignJob {
  std::filesystem::path file;
  std::filesystem::path output;
  std::string name;  ///< what the person sees, on the screen and on the phone
  Outcome outcome = Outcome::waiting;
  std::string reason;                   ///< a sentence, where something is missing
  std::string process_id;               ///< of a new signature
  std::filesystem::path evidence = {};  ///< the directory of its record
  bool told = false;                    ///< that it failed

  void fail(std::string why) {
    outcome = Outcome::failed;
    reason = std::move(why);
  }
};

/// A job for each file, those that cannot be done failed already: what is no readable file, is empty or was named
/// before, and what would be written where another one's signature goes. What has the name of a signature is skipped,
/// or fails when it is alone, unless `force`; the signature of another of the files is skipped always. Nothing is read
/// but the directory.
std::vector<SignJob> plan(const std::vector<std::string>& files, const SignOptions& options);

}  // namespace smartcmd
