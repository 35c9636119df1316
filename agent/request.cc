// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "agent/request.h"

#include <algorithm>

#include "agent/credentials.h"
#include "agent/drivers.h"
#include "agent/one_time_passwords.h"
#include "agent/watch.h"
#include "base/text.h"
#include "signing/qualified.h"
#include "signing/signing_service.h"

namespace smartcmd {

namespace {

/// One request under way, from the configuration to the reply.
class Task {
 public:
  Task(AgentRequest request, int host)
      : request_(std::move(request)),
        host_(host),
        config_(Config::load(request_.config_file)),
        account_(config_.account(request_.account)),
        credentials_(config_, host),
        signer_(make_driver(account_.service, host)) {}

  AgentReply fetch_certificates();
  AgentReply sign();
  AgentReply enrol_with_pin();
  void explain(const Error& error) const { credentials_.explain(error, question(Purpose::pin)); }

 private:
  void check_documents();
  void read_certificate();
  Question question(Purpose purpose) const;
  SecureString ask_pin();
  template <class Result>
  Result redeem(const Ticket& ticket, Result (RemoteSigner::*finish)(const Ticket&, const SecureString&));
  Ticket start();
  Ticket start_enrolment();

  AgentRequest request_;
  int host_;
  Config config_;
  const Account& account_;
  Credentials credentials_;
  std::unique_ptr<RemoteSigner> signer_;
  std::string signer_name_;
  bool qualified_ = false;
};

AgentReply Task::fetch_certificates() {
  require_host(host_);
  return signer_->certificates(account_).to_pem();
}

AgentReply Task::sign() {
  check_documents();
  read_certificate();
  const Ticket ticket = start();
  std::vector<Signature> signatures;
  for (Bytes& value : redeem(ticket, &RemoteSigner::finish))
    signatures.push_back({std::move(value), ticket.process_id});
  return signatures;
}

AgentReply Task::enrol_with_pin() {
  request_.documents.clear();
  const Ticket ticket = start_enrolment();
  return redeem(ticket, &RemoteSigner::finish_enrolment).to_pem();
}

// The names are settled here once more: what is shown and sent is fit for a screen, whoever asks.
void Task::check_documents() {
  if (request_.documents.empty()) throw Error(Errc::invalid_argument, _("There is nothing to sign."));
  for (const Document& document : request_.documents) require_allowed(account_.service.hashes, document.digest.hash);
  settle_names(request_.documents, request_.program);
}

// What a signature means is read here once more: a program must not be believed to sign for a test only. Without the
// certificates nothing more is claimed than that it signs.
void Task::read_certificate() {
  signer_name_ = account_.label;
  try {
    const CertificateChain chain = SigningService(config_).certificates(account_);
    qualified_ = states_qualified_signatures(chain.signer());
    if (const std::string name = chain.signer().common_name(); !name.empty()) signer_name_ = name;
  } catch (const Error&) {
  }
}

// The PIN lives until the service has it, and no longer.
Ticket Task::start() {
  const SecureString pin = ask_pin();
  require_host(host_);
  return signer_->start({account_, request_.documents, pin});
}

Ticket Task::start_enrolment() {
  const SecureString pin = ask_pin();
  require_host(host_);
  return signer_->start_enrolment(account_, pin);
}

Question Task::question(Purpose purpose) const {
  const auto timeout = purpose == Purpose::otp ? account_.service.otp_lifetime : pin_timeout;
  Question question{purpose, account_, request_.program, request_.documents, {}, false, timeout};
  question.signer = signer_name_;
  question.qualified = qualified_;
  question.open_document = request_.open_document;
  question.at_terminal = request_.at_terminal;
  return question;
}

// Also a PIN that was given is of no use when nobody can be asked for the one-time password it makes the service send.
SecureString Task::ask_pin() {
  credentials_.require_prompter();
  return credentials_.pin(std::move(request_.pin), question(Purpose::pin));
}

// A wrong one-time password may be given again: its message counts until the service says otherwise.
template <class Result>
Result Task::redeem(const Ticket& ticket, Result (RemoteSigner::*finish)(const Ticket&, const SecureString&)) {
  Question asked = question(Purpose::otp);
  asked.process_id = ticket.process_id;
  OneTimePasswords passwords(std::move(asked), credentials_, [&] {
    require_host(host_);
    signer_->resend(ticket);
  });
  for (;;) {
    const SecureString& otp = passwords.next();
    require_host(host_);
    try {
      return (signer_.get()->*finish)(ticket, otp);
    } catch (const Error& error) {
      passwords.refused(error);
    }
  }
}

template <AgentReply (Task::*step)()>
AgentReply as_task(AgentRequest request, int host) {
  Task task(std::move(request), host);
  try {
    return (task.*step)();
  } catch (const Error& error) {
    task.explain(error);
    throw;
  }
}

AgentReply tell_version(AgentRequest, int) {
  return std::string(SMARTCMD_VERSION);
}

AgentReply check_prompter(AgentRequest request, int host) {
  Credentials(Config::load(request.config_file), host).require_prompter();
  return std::string();
}

AgentReply check_service(AgentRequest request, int host) {
  const Config config = Config::load(request.config_file);
  const auto& services = config.services();
  const auto service =
      std::find_if(services.begin(), services.end(), [&](const Service& one) { return one.name == request.account; });
  if (service == services.end())
    throw Error(Errc::configuration,
                filled(_("Configuration: there is no service '{service}'."), {{"service", request.account}}));
  make_driver(*service, host)->check();
  return std::string();
}

struct VerbRule {
  AgentRequest::Verb verb;
  AgentReply (*carry_out)(AgentRequest request, int host);
};

constexpr VerbRule verbs[] = {
    {AgentRequest::Verb::fetch_certificates, as_task<&Task::fetch_certificates>},
    {AgentRequest::Verb::sign, as_task<&Task::sign>},
    {AgentRequest::Verb::enrol_with_pin, as_task<&Task::enrol_with_pin>},
    {AgentRequest::Verb::tell_version, tell_version},
    {AgentRequest::Verb::check_prompter, check_prompter},
    {AgentRequest::Verb::check_service, check_service},
};

}  // namespace

AgentReply carry_out(AgentRequest request, int host) {
  for (const VerbRule& rule : verbs) {
    if (rule.verb == request.verb) return rule.carry_out(std::move(request), host);
  }
  throw Error(Errc::internal, _("smartcmd-agent does not know what it was asked for. Install SmartCMD again."));
}

}  // namespace smartcmd
