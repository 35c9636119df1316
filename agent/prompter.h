// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "base/error.h"
#include "base/secure_string.h"
#include "signing/config.h"
#include "signing/document.h"

namespace smartcmd {

/// What a person is asked for.
enum class Purpose { pin, otp };

/// A question, with everything a prompt shows: a person must be able to tell who asks, what will be signed, and that
/// the message with the one-time password belongs to it.
struct Question {
  Purpose purpose;
  const Account& account;
  std::string program;
  const std::vector<Document>& documents;  ///< names as they are sent; none when the certificate is to be released
  std::string process_id;                  ///< of the service, for the one-time password
  bool may_resend;                         ///< whether the person can have a new one-time password sent
  std::chrono::seconds timeout;            ///< the question ends then
  bool wrong_before = false;               ///< the one-time password given before was wrong; its message still counts
  std::string signer = {};                 ///< in whose name the signature is
  bool qualified = false;                  ///< as the certificate states
  std::string open_document = {};          ///< what the program has open, where it does not name what is signed
  bool at_terminal = false;                ///< the person looks at the terminal, wherever the question is asked
};

/// The person wants a new one-time password.
struct SendAgain {};

using Answer = std::variant<SecureString, SendAgain>;

/// A way to ask a person.
class Prompter {
 public:
  virtual ~Prompter() = default;
  /// Whether there is anything to ask with; asks nothing.
  virtual bool available() const = 0;
  /// The answer as it was given. Throws Errc::no_prompt when the person was not asked, so that another way may;
  /// Errc::cancelled when the person, a signal or the host's end cancels; Errc::prompt_failed, also when the time is
  /// over.
  virtual Answer ask(const Question& question) = 0;
  /// Tells who was asked, in the same place, why it went wrong, and returns when he has read it or the question's time
  /// is over. Only where whoever asked us may keep it to itself.
  virtual void explain(const Error&, const Question&) {}
};

/// What a message may have between a one-time password's digits.
constexpr bool is_separator(char c) {
  return c == ' ' || c == '-';
}

/// A one-time password as a message shows it and people paste it, "123 456" or "123-456", without what separates its
/// digits.
SecureString without_separators(const SecureString& otp);

/// Whether it looks like a PIN (4 to 8 decimal digits), or a one-time password (6).
bool is_valid(Purpose purpose, const SecureString& secret);
/// Throws Errc::invalid_secret.
void require_valid(Purpose purpose, const SecureString& secret);

/// The digest a person is shown: the document's own, where it is known beside the one that is signed.
const Digest& shown_digest(const Document& document);
/// The first eight hexadecimal digits of that.
std::string digest_beginning(const Document& document);

/// Whether a terminal controls the process.
bool has_terminal();

/// The program that `askpass=` or SMARTCMD_ASKPASS names.
std::unique_ptr<Prompter> make_askpass_prompter(const Config& config, int host);
/// The pinentry that `pinentry=` or SMARTCMD_PINENTRY names, in a window; or in the terminal that GPG_TTY names, where
/// the process has none of its own.
std::unique_ptr<Prompter> make_pinentry_prompter(const Config& config, int host);
/// The terminal that controls the process, while it is in the foreground.
std::unique_ptr<Prompter> make_terminal_prompter(const Config& config, int host);

}  // namespace smartcmd
