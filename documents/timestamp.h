// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <ctime>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "documents/verify_trust.h"
#include "signing/certificate.h"
#include "signing/digest.h"

namespace smartcmd {

namespace http {
class Client;
}

/// What a timestamp token (RFC 3161) says, after its signature was found good.
struct Timestamp {
  std::time_t time;       ///< seconds since 1970
  Certificate authority;  ///< who says so
  std::vector<Certificate> certificates;
  Bytes nonce;  ///< empty when there is none
};

/// Reads a token and checks that it is about `stamped` and that its signature is good. Whom to trust is another
/// question (verify_trust.h). Throws Errc::invalid_argument with the reason.
Timestamp read_timestamp(ByteView token, ByteView stamped);

/// Whether the authority may be trusted now, and was valid at the time it tells. Its own word for the time does not
/// count for itself: who has a key that is out of use could date anything back.
Trust judge(const Timestamp& timestamp, const Authorities& authorities, std::time_t now);

/// A timestamping authority that is asked over HTTP or HTTPS (RFC 3161 section 3.4). `http_proxy`, `https_proxy` and
/// `no_proxy` are honoured.
class TimestampAuthority {
 public:
  /// Throws Errc::invalid_argument when the URL is none. `ca_file` (PEM; empty for the system's authorities) is for
  /// HTTPS and for the tokens.
  TimestampAuthority(const std::string& url, const std::filesystem::path& ca_file);

  /// A token over `stamped`, checked and traced to those that are trusted. Takes 15 seconds at most.
  /// Throws Errc::connection_failed when the authority gives no answer.
  Bytes stamp(ByteView stamped, Hash hash) const;
  /// Reads a token as read_timestamp() does, and throws also when it is by none of those.
  Timestamp check(ByteView token, ByteView stamped) const;

 private:
  Bytes ask(ByteView query) const;

  std::string url_;
  Authorities authorities_{"--tsa-ca"};
  std::shared_ptr<http::Client> client_;  ///< its connection serves all files of a run
};

}  // namespace smartcmd
