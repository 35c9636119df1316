// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "soap-client/soap_signer.h"

#include <openssl/x509.h>

#include <algorithm>
#include <map>

#include "base/error.h"
#include "base/log.h"
#include "base/secret_file.h"
#include "base/text.h"
#include "signing/certificate_file.h"
#include "soap-client/field_cipher.h"
#include "soap-client/status.h"
#include "soap-client/transport.h"
#include "soap-client/wire/messages.h"

namespace smartcmd {

namespace {

using Effect = http::Effect;

[[noreturn]] void refuse_answer(const std::string& why) {
  throw Error(Errc::answer_malformed, filled(_("The service's answer cannot be used: {why}"), {{"why", why}}));
}

/// The phone number as the service's manual writes it: country code, one space, the number. Where the number begins is
/// known by the first space; for Portugal without one, too.
std::string canonical_phone(const std::string& user_id) {
  static constexpr std::string_view portugal = "+351";
  std::size_t code = user_id.find(' ');
  if (code == std::string::npos) code = user_id.starts_with(portugal) ? portugal.size() : user_id.size();
  std::string number = user_id.substr(code);
  number.erase(std::remove(number.begin(), number.end(), ' '), number.end());
  return number.empty() ? user_id.substr(0, code) : user_id.substr(0, code) + " " + number;
}

// A person compares it with the one in a message, and it comes to screens and into environments: a GUID or the like.
bool is_process_id(std::string_view text) {
  constexpr std::size_t longest = 64;
  return !text.empty() && text.size() <= longest &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

CertificateChain chain_of(const wire::Text& pem) {
  if (!pem) {
    throw Error(
        Errc::no_certificate,
        _("The service has no certificate for this account: the phone number is not known to it, or its signature "
          "is not active. Check 'user-id' and 'encryption-certificate' in the configuration, and whether the signature "
          "was "
          "activated."));
  }
  return CertificateChain::from_pem(*pem);
}

// ---- which signature belongs to which document ----

using Documents = wire::ArrayOfHashStructure;

/// The signatures in the order of `keys`, when `member` of the answers tells them all apart; nothing otherwise.
std::optional<std::vector<Bytes>> match(const Documents& answers, const std::vector<std::string>& keys,
                                        wire::Text wire::HashStructure::*member) {
  std::map<std::string, const wire::HashStructure*> by_key;
  for (const wire::HashStructure& answer : answers) {
    if (!(answer.*member) || !by_key.emplace(*(answer.*member), &answer).second) return std::nullopt;
  }
  if (by_key.size() != keys.size()) return std::nullopt;
  std::vector<Bytes> signatures;
  for (const std::string& key : keys) {
    const auto found = by_key.find(key);
    if (found == by_key.end() || !found->second->hash) return std::nullopt;
    signatures.push_back(*found->second->hash);
  }
  return signatures;
}

/// The signatures as they come, when the answers bear no mark at all.
std::optional<std::vector<Bytes>> match_by_position(const Documents& answers, std::size_t documents) {
  if (answers.size() != documents) return std::nullopt;
  std::vector<Bytes> signatures;
  for (const wire::HashStructure& answer : answers) {
    if (answer.id || answer.name || !answer.hash) return std::nullopt;
    signatures.push_back(*answer.hash);
  }
  return signatures;
}

std::vector<std::string> ids(std::size_t documents) {
  std::vector<std::string> all;
  for (std::size_t i = 0; i < documents; ++i) all.push_back(std::to_string(i));
  return all;
}

std::vector<Bytes> signatures_of(const wire::SignResponse& answer, const std::vector<std::string>& names) {
  // One document: some services answer in the form of a batch, others a batch of one in the form of a document.
  if (names.size() == 1) {
    if (answer.signature) return {*answer.signature};
    if (answer.documents && answer.documents->size() == 1 && answer.documents->front().hash) {
      return {*answer.documents->front().hash};
    }
    refuse_answer(_("it holds no signature."));
  }
  if (!answer.documents) refuse_answer(_("it holds no signatures."));
  auto signatures = match(*answer.documents, ids(names.size()), &wire::HashStructure::id);
  if (!signatures) signatures = match(*answer.documents, names, &wire::HashStructure::name);
  if (!signatures) signatures = match_by_position(*answer.documents, names.size());
  if (!signatures) refuse_answer(_("it does not tell which signature belongs to which document."));
  return *signatures;
}

// ---- the certificate of the fields ----

/// Where there was a choice or the one chosen has expired, the log says which it is: the service knows a wrong one only
/// by values that it cannot read.
FieldCipher cipher_for(const Service& service) {
  try {
    const auto all = read_encryption_certificates(service.encryption_certificates);
    const Certificate& chosen = newest_valid(all);
    if (all.size() > 1 || X509_cmp_current_time(X509_get0_notAfter(chosen.x509())) < 0) {
      log_error(
          "encryption-certificate",
          Error(Errc::configuration,
                filled(_("Phone number, PIN and one-time password are encrypted with the certificate {fingerprint} "
                         "(SHA-256), valid until {day}."),
                       {{"fingerprint", to_hex(chosen.fingerprint())}, {"day", chosen.valid_until()}})));
    }
    return FieldCipher(chosen);
  } catch (const Error& error) {
    if (error.code() != Errc::configuration) throw;
    throw Error(Errc::configuration, error.message() + " " +
                                         _("Get it from the operator of the service and name it in "
                                           "'encryption-certificate'."));
  }
}

// ---- the six operations ----

class SoapSigner final : public RemoteSigner {
 public:
  SoapSigner(const Service& service, int cancel_fd)
      : application_id_(bytes_of(service.application_id).begin(), bytes_of(service.application_id).end()),
        cipher_(cipher_for(service)),
        transport_(service, read_secret_file(service.password_file), cancel_fd) {}

  void check() override { transport_.check(); }

  CertificateChain certificates(const Account& account) override {
    return chain_of(call<wire::GetCertificateResponse>(
                        "GetCertificate", wire::GetCertificate{application_id_, phone(account)}, Effect::none)
                        .result);
  }

  Ticket start(const SigningRequest& request) override {
    const auto& documents = request.documents;
    if (documents.empty()) throw Error(Errc::invalid_argument, _("There is nothing to sign."));
    if (documents.size() > max_batch) {
      throw Error(
          Errc::too_many_documents,
          filled(_("At most {most} documents can be signed at once, not {count}. Sign them in several batches."),
                 {{"most", std::to_string(max_batch)}, {"count", std::to_string(documents.size())}}));
    }
    Ticket ticket = opened(documents.size() == 1 ? sign_one(request) : sign_many(request), request.account);
    ticket.documents = documents.size();
    std::vector<std::string>& names = names_[ticket.process_id];
    names.clear();
    for (const Document& document : documents) names.push_back(document.name);
    return ticket;
  }

  Ticket start_enrolment(const Account& account, const SecureString& pin) override {
    const wire::GetCertificateWithPin request{application_id_, phone(account), cipher_.encrypt(pin.view())};
    return opened(call<wire::GetCertificateWithPinResponse>("GetCertificateWithPin", request).result, account);
  }

  void resend(const Ticket& ticket) override {
    const wire::ForceSms request{ticket.process_id, phone(*ticket.account), application_id_};
    require_success(call<wire::ForceSmsResponse>("ForceSMS", request).result);
  }

  std::vector<Bytes> finish(const Ticket& ticket, const SecureString& otp) override {
    const auto names = names_.find(ticket.process_id);
    if (names == names_.end()) throw Error(Errc::internal, _("A signature was to be finished that was never started."));
    return signatures_of(validate(ticket, otp), names->second);
  }

  CertificateChain finish_enrolment(const Ticket& ticket, const SecureString& otp) override {
    return chain_of(validate(ticket, otp).certificate);
  }

 private:
  std::string phone(const Account& account) const { return cipher_.encrypt(canonical_phone(account.user_id)); }

  std::optional<wire::SignStatus> sign_one(const SigningRequest& request) {
    const Document& document = request.documents.front();
    const wire::ScmdSign message{wire::SignRequest{application_id_, document.name, to_digest_info(document.digest),
                                                   cipher_.encrypt(request.pin.view()), phone(request.account)}};
    return call<wire::ScmdSignResponse>("SCMDSign", message).result;
  }

  std::optional<wire::SignStatus> sign_many(const SigningRequest& request) {
    wire::ScmdMultipleSign message{
        wire::MultipleSignRequest{application_id_, cipher_.encrypt(request.pin.view()), phone(request.account)},
        Documents{}};
    for (const Document& document : request.documents) {
      const std::string id = std::to_string(message.documents->size());
      message.documents->push_back({to_digest_info(document.digest), document.name, id});
    }
    return call<wire::ScmdMultipleSignResponse>("SCMDMultipleSign", message).result;
  }

  wire::SignResponse validate(const Ticket& ticket, const SecureString& otp) {
    const wire::ValidateOtp request{cipher_.encrypt(otp.view()), ticket.process_id, application_id_};
    auto result = call<wire::ValidateOtpResponse>("ValidateOtp", request).result;
    require_success(result ? result->status : std::nullopt);
    return std::move(*result);
  }

  static Ticket opened(const std::optional<wire::SignStatus>& status, const Account& account) {
    require_success(status);
    if (!status->process_id) refuse_answer(_("it names no process, so the one-time password could not be used."));
    if (!is_process_id(*status->process_id)) {
      refuse_answer(_("the number of its process is no 1 to 64 letters, digits and signs."));
    }
    return {*status->process_id, &account, 0};
  }

  template <class Response, class Request>
  Response call(const char* operation, const Request& request, Effect effect = Effect::possible) {
    const std::string answer = transport_.post(wire::soap_action(operation), wire::write(request), effect);
    try {
      const wire::Envelope envelope(answer);
      require_no_fault(envelope);
      if (const auto header = envelope.must_understand()) {
        throw Error(Errc::answer_malformed, filled(_("It demands the extension {name}."), {{"name", *header}}));
      }
      return envelope.read<Response>();
    } catch (const Error& error) {
      if (error.code() != Errc::answer_malformed) throw;
      refuse_answer(error.message() + " " + _("Check 'endpoint' in the configuration."));
    }
  }

  Bytes application_id_;  ///< the octets of the GUID's text, not the 16 octets it stands for
  FieldCipher cipher_;
  Transport transport_;
  std::map<std::string, std::vector<std::string>> names_;  ///< of the documents of each process that was opened
};

}  // namespace

std::unique_ptr<RemoteSigner> make_soap_signer(const Service& service, int cancel_fd) {
  return std::make_unique<SoapSigner>(service, cancel_fd);
}

}  // namespace smartcmd
