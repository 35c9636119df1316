// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "agent/request.h"

#include "agent/credentials.h"
#include "agent/drivers.h"
#include "agent/watch.h"
#include "base/text.h"

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

 private:
  void check_documents();
  Question question(Purpose purpose) const;
  SecureString ask_pin();
  SecureString ask_otp(const Ticket& ticket);
  Ticket start();
  Ticket start_enrolment();

  AgentRequest request_;
  int host_;
  Config config_;
  const Account& account_;
  Credentials credentials_;
  std::unique_ptr<RemoteSigner> signer_;
};

AgentReply Task::fetch_certificates() {
  require_host(host_);
  return signer_->certificates(account_).to_pem();
}

AgentReply Task::sign() {
  check_documents();
  const Ticket ticket = start();
  const SecureString otp = ask_otp(ticket);
  require_host(host_);
  std::vector<Signature> signatures;
  for (Bytes& value : signer_->finish(ticket, otp)) signatures.push_back({std::move(value), ticket.process_id});
  return signatures;
}

AgentReply Task::enrol_with_pin() {
  request_.documents.clear();
  const Ticket ticket = start_enrolment();
  const SecureString otp = ask_otp(ticket);
  require_host(host_);
  return signer_->finish_enrolment(ticket, otp).to_pem();
}

// The names are settled here once more: what is shown and sent is fit for a screen, whoever asks.
void Task::check_documents() {
  if (request_.documents.empty()) throw Error(Errc::invalid_argument, _("There is nothing to sign."));
  for (const Document& document : request_.documents) require_allowed(account_.service.hashes, document.digest.hash);
  settle_names(request_.documents, request_.program);
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
  return {purpose, account_, request_.program, request_.documents, {}, false, timeout};
}

// Also a PIN that was given is of no use when nobody can be asked for the one-time password it makes the service send.
SecureString Task::ask_pin() {
  credentials_.require_prompter();
  return credentials_.pin(std::move(request_.pin), question(Purpose::pin));
}

// A new one-time password can be had once.
SecureString Task::ask_otp(const Ticket& ticket) {
  Question asked = question(Purpose::otp);
  asked.process_id = ticket.process_id;
  asked.may_resend = true;
  Answer answer = credentials_.otp(asked);
  if (std::holds_alternative<SendAgain>(answer)) {
    require_host(host_);
    signer_->resend(ticket);
    asked.may_resend = false;
    answer = credentials_.otp(asked);
  }
  return std::move(std::get<SecureString>(answer));
}

template <AgentReply (Task::*step)()>
AgentReply as_task(AgentRequest request, int host) {
  Task task(std::move(request), host);
  return (task.*step)();
}

AgentReply tell_version(AgentRequest, int) {
  return std::string(SMARTCMD_VERSION);
}

AgentReply check_prompter(AgentRequest request, int host) {
  Credentials(Config::load(request.config_file), host).require_prompter();
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
};

}  // namespace

AgentReply carry_out(AgentRequest request, int host) {
  for (const VerbRule& rule : verbs) {
    if (rule.verb == request.verb) return rule.carry_out(std::move(request), host);
  }
  throw Error(Errc::internal, _("smartcmd-agent does not know what it was asked for. Install SmartCMD again."));
}

}  // namespace smartcmd
