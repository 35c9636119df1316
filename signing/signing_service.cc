// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "signing/signing_service.h"

#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <mutex>

#include "base/error.h"
#include "base/file_trust.h"
#include "base/file_version.h"
#include "base/files.h"
#include "base/process_wide.h"
#include "base/program_name.h"
#include "base/text.h"
#include "signing/agent_client.h"
#include "signing/batches.h"
#include "signing/open_document.h"
#include "signing/signature_memory.h"

namespace smartcmd {

namespace {

CertificateChain read_chain(const Config& config, const Account& account) {
  const std::string file = config.chain_file(account).string();
  require_trusted(file);
  const std::optional<std::string> pem = read_file_if_any(file);
  if (!pem) {
    throw Error(
        Errc::not_enrolled,
        filled(_("The certificates of account '{account}' are not here yet. Run 'smartcmd enrol {account}' once."),
               {{"account", account.name}}));
  }
  try {
    return CertificateChain::from_pem(*pem);
  } catch (const Error& broken) {
    throw Error(
        Errc::configuration,
        filled(_("The cached certificates in {file} cannot be read ({reason}). Run 'smartcmd enrol {account}' again."),
               {{"file", file}, {"reason", broken.message()}, {"account", account.name}}));
  }
}

/// The chains this process has read, each for as long as its file is the same: reading one again for a signature would
/// take longer than all the rest of our part in it.
class ReadChains {
 public:
  CertificateChain get(const Config& config, const Account& account) {
    const std::string file = config.chain_file(account).string();
    const FileVersion now(file.c_str());  // before reading, so that what changes meanwhile is read next time
    {
      const std::lock_guard lock(mutex_);
      const auto known = chains_.find(file);
      if (now.exists() && known != chains_.end() && known->second.version == now) return known->second.chain;
    }
    CertificateChain chain = read_chain(config, account);
    const std::lock_guard lock(mutex_);
    chains_.insert_or_assign(file, Entry{now, chain});
    return chain;
  }

 private:
  struct Entry {
    FileVersion version;
    CertificateChain chain;
  };
  std::mutex mutex_;
  std::map<std::string, Entry> chains_;
};

void write_chain(const Config& config, const Account& account, const CertificateChain& chain) {
  write_private(config.chain_file(account), chain.to_pem());
}

AgentRequest request_for(AgentRequest::Verb verb, const Config& config, const Account& account) {
  AgentRequest request{};
  request.verb = verb;
  request.config_file = config.file().string();
  request.account = account.name;
  request.program = program_name();
  request.at_terminal = isatty(STDERR_FILENO) == 1;
  return request;
}

CertificateChain fetch_chain(const Config& config, const Account& account, AgentRequest::Verb verb) {
  const AgentReply reply = ask_agent(request_for(verb, config, account));
  const auto* pem = std::get_if<std::string>(&reply);
  if (pem == nullptr) throw Error(Errc::agent_failed, _("smartcmd-agent answered something else than certificates."));
  return CertificateChain::from_pem(*pem).verified();  // once: what is kept is read by names
}

bool all_verify(const CertificateChain& chain, const std::vector<Document>& documents,
                const std::vector<Signature>& signatures) {
  for (std::size_t i = 0; i < documents.size(); ++i) {
    if (!chain.signer().verify(documents[i].digest, signatures[i].value)) return false;
  }
  return true;
}

// A signature that does not verify: either the service has given the account a new certificate, or something is badly
// wrong. Asking for the certificates again costs the person nothing.
[[noreturn]] void explain_mismatch(const Config& config, const Account& account, const CertificateChain& cached,
                                   const std::vector<Document>& documents, const std::vector<Signature>& signatures) {
  const CertificateChain fresh = fetch_chain(config, account, AgentRequest::Verb::fetch_certificates);
  if (!(fresh.signer() == cached.signer()) && all_verify(fresh, documents, signatures)) {
    write_chain(config, account, fresh);
    throw Error(
        Errc::certificate_changed,
        filled(
            _("The service now signs for account '{account}' with a new certificate. It has been fetched; sign again, "
              "so that the document carries it."),
            {{"account", account.name}}));
  }
  throw Error(
      Errc::signature_invalid,
      filled(_("The service returned a signature that does not belong to the certificate of '{account}'. It was thrown "
               "away. Report this to the service."),
             {{"account", account.name}}));
}

void check_documents(const Account& account, const std::vector<Document>& documents) {
  if (documents.empty()) throw Error(Errc::invalid_argument, _("There is nothing to sign."));
  if (documents.size() > max_batch) {
    throw Error(Errc::too_many_documents,
                filled(_("At most {most} documents can be signed at once, not {count}. Sign them in several batches."),
                       {{"most", std::to_string(max_batch)}, {"count", std::to_string(documents.size())}}));
  }
  for (const Document& document : documents) require_allowed(account.service.hashes, document.digest.hash);
}

// For a program that has no way to say what it signs: who starts it says so.
void name_the_nameless(std::vector<Document>& documents) {
  const char* name = secure_getenv("SMARTCMD_DOCUMENT");
  if (name == nullptr) return;
  for (Document& document : documents) {
    if (document.name.empty()) document.name = name;
  }
}

bool has_nameless(const std::vector<Document>& documents) {
  return std::any_of(documents.begin(), documents.end(),
                     [](const Document& document) { return document.name.empty(); });
}

/// The signatures of what this process has just signed, and those `ask` gets of the rest.
template <class Ask>
std::vector<Signature> remembered_or(const Certificate& signer, std::vector<Document> documents, const Ask& ask) {
  std::vector<Signature> signatures(documents.size());
  std::vector<std::size_t> places;
  std::vector<Document> missing;
  for (std::size_t i = 0; i < documents.size(); ++i) {
    if (auto known = process_wide<SignatureMemory>().recall(signer, documents[i].digest)) {
      signatures[i] = std::move(*known);
    } else {
      places.push_back(i);
      missing.push_back(std::move(documents[i]));
    }
  }
  if (missing.empty()) return signatures;
  std::vector<Signature> fresh = ask(std::move(missing));
  for (std::size_t i = 0; i < places.size(); ++i) signatures[places[i]] = std::move(fresh[i]);
  return signatures;
}

}  // namespace

CertificateChain SigningService::certificates(const Account& account) const {
  return process_wide<ReadChains>().get(config_, account);
}

CertificateChain SigningService::enrol(const Account& account, bool with_pin) const {
  const CertificateChain chain = fetch_chain(
      config_, account, with_pin ? AgentRequest::Verb::enrol_with_pin : AgentRequest::Verb::fetch_certificates);
  write_chain(config_, account, chain);
  return chain;
}

std::vector<Signature> SigningService::ask_to_sign(const Account& account, const CertificateChain& chain,
                                                   std::vector<Document> documents, SecureString pin,
                                                   Cancellation* cancellation) const {
  AgentRequest request = request_for(AgentRequest::Verb::sign, config_, account);
  request.documents = std::move(documents);
  request.pin = std::move(pin);
  name_the_nameless(request.documents);
  if (has_nameless(request.documents)) request.open_document = open_document();
  settle_names(request.documents, request.program);

  AgentReply reply = ask_agent(request, cancellation);
  auto* signatures = std::get_if<std::vector<Signature>>(&reply);
  if (signatures == nullptr || signatures->size() != request.documents.size()) {
    throw Error(Errc::agent_failed, _("smartcmd-agent answered something else than the signatures asked for."));
  }
  if (!all_verify(chain, request.documents, *signatures)) {
    explain_mismatch(config_, account, chain, request.documents, *signatures);
  }
  for (std::size_t i = 0; i < signatures->size(); ++i) {
    process_wide<SignatureMemory>().remember(chain.signer(), request.documents[i].digest, (*signatures)[i]);
  }
  return std::move(*signatures);
}

std::vector<Signature> SigningService::sign(const Account& account, const Certificate& signer,
                                            std::vector<Document> documents, SecureString pin,
                                            Cancellation* cancellation) const {
  check_documents(account, documents);
  const CertificateChain chain = certificates(account);
  if (!(chain.signer() == signer)) {
    throw Error(Errc::certificate_changed,
                filled(_("The certificate of account '{account}' has changed since the program read it. Choose the "
                         "certificate again, or start the program again."),
                       {{"account", account.name}}));
  }
  // Looked for once more when it is our turn: the one before may have been for the same.
  return remembered_or(signer, std::move(documents), [&](std::vector<Document> missing) {
    const auto ask = [&](std::vector<Document> batch, SecureString batch_pin) {
      return remembered_or(signer, std::move(batch), [&](std::vector<Document> asked) {
        return ask_to_sign(account, chain, std::move(asked), std::move(batch_pin), cancellation);
      });
    };
    return process_wide<Batches>().sign(config_.chain_file(account).string(), signer, std::move(missing),
                                        std::move(pin), cancellation, ask);
  });
}

}  // namespace smartcmd
