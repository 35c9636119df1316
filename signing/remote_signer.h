// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <string>
#include <vector>

#include "base/secure_string.h"
#include "signing/certificate.h"
#include "signing/config.h"
#include "signing/document.h"

namespace smartcmd {

/// What a person agreed to sign.
struct SigningRequest {
  const Account& account;
  const std::vector<Document>& documents;  ///< 1 to max_batch, names settled
  const SecureString& pin;
};

/// A signature process the service has opened; it waits for its one-time password.
struct Ticket {
  std::string process_id;
  const Account* account = nullptr;
  std::size_t documents = 0;  ///< 0 for a process that releases a certificate
};

/// A remote signature service: its verbs, nothing more. Every call but `check` and `certificates` may cost the person a
/// message or an attempt: none is ever repeated by itself. All throw Error.
class RemoteSigner {
 public:
  virtual ~RemoteSigner() = default;

  /// Makes sure that the service is reached, proves who it is and accepts the application's credentials, by a request
  /// that is about nobody and costs nobody anything.
  virtual void check() = 0;
  /// The account's chain. This verb and check() alone may be retried.
  virtual CertificateChain certificates(const Account& account) = 0;
  /// Opens a signature process; the service now sends the one-time password.
  virtual Ticket start(const SigningRequest& request) = 0;
  /// Opens a process that releases the account's certificate instead of a signature.
  virtual Ticket start_enrolment(const Account& account, const SecureString& pin) = 0;
  /// Has the service send a new one-time password for the process; the former is void.
  virtual void resend(const Ticket& ticket) = 0;
  /// The signatures, in the order of the request's documents. After Errc::wrong_otp the process is still open, and the
  /// same ticket may be finished with another one-time password as often as the service allows; so is one of
  /// finish_enrolment().
  virtual std::vector<Bytes> finish(const Ticket& ticket, const SecureString& otp) = 0;
  /// The chain that a process of start_enrolment() releases; the service may give the signer's certificate alone.
  virtual CertificateChain finish_enrolment(const Ticket& ticket, const SecureString& otp) = 0;
};

}  // namespace smartcmd
