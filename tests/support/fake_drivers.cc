// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// The drivers of the fake agent: one service that signs at once, with a key from a file, for any PIN and password.
//
//   SMARTCMD_FAKE_KEY    the key, PEM
//   SMARTCMD_FAKE_CHAIN  the certificates, PEM
//   SMARTCMD_FAKE_LOG    file to which each call is added, a line each
//   SMARTCMD_FAKE_PIN, SMARTCMD_FAKE_OTP  the only ones that are right; any, where they are not set
//   SMARTCMD_FAKE_NEXT_OTP  the right one after it was sent again
//   SMARTCMD_FAKE_USER   the only phone number that is known; any, where it is not set
//   SMARTCMD_FAKE_FAULT  what goes wrong: a name from the tables below

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "agent/drivers.h"
#include "base/c_ptr.h"
#include "base/error.h"

namespace smartcmd {

namespace {

std::string variable(const char* name) {
  const char* value = getenv(name);
  return value != nullptr ? value : "";
}

std::string read_file(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

Bytes sign_with(EVP_PKEY* key, const Digest& digest) {
  const CPtr<EVP_PKEY_CTX, EVP_PKEY_CTX_free> context(EVP_PKEY_CTX_new(key, nullptr));
  const Bytes digest_info = to_digest_info(digest);
  Bytes signature(static_cast<std::size_t>(EVP_PKEY_get_size(key)));
  std::size_t size = signature.size();
  if (EVP_PKEY_sign_init(context.get()) != 1 || EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) != 1 ||
      EVP_PKEY_sign(context.get(), signature.data(), &size, digest_info.data(), digest_info.size()) != 1) {
    throw Error(Errc::internal, "The fake service cannot sign.");
  }
  return signature;
}

// ---- faults ---------------------------------------------------------------------------------------------------------

struct Refusal {
  std::string_view fault;
  std::string_view verb;
  Errc code;
  const char* service_code;
};

constexpr Refusal refusals[] = {
    {"wrong-pin", "start", Errc::wrong_pin, "801"},
    {"wrong-otp", "finish", Errc::wrong_otp, "802"},
    {"otp-expired", "finish", Errc::otp_expired, "816"},
    {"inactive", "start", Errc::service_inactive, "817"},
    {"must-change-pin", "start", Errc::must_change_signature_pin, "902"},
    {"no-certificate", "certificates", Errc::no_certificate, ""},
    {"no-connection", "start", Errc::connection_failed, ""},
};

struct Spoiling {
  std::string_view fault;
  void (*spoil)(std::vector<Bytes>& signatures);
};

constexpr Spoiling spoilings[] = {
    {"garbage-signature", [](std::vector<Bytes>& all) { all.front().front() ^= 1; }},
    {"swapped-signatures", [](std::vector<Bytes>& all) { std::swap(all.front(), all.back()); }},
    {"missing-signature", [](std::vector<Bytes>& all) { all.pop_back(); }},
    {"short-signature", [](std::vector<Bytes>& all) { all.front().pop_back(); }},
};

struct SecretRule {
  const char* variable;  ///< with the only one that is right
  Errc code;
  const char* service_code;
};

constexpr SecretRule pin_rule{"SMARTCMD_FAKE_PIN", Errc::wrong_pin, "801"};
constexpr SecretRule otp_rule{"SMARTCMD_FAKE_OTP", Errc::wrong_otp, "802"};

// ---- the service ----------------------------------------------------------------------------------------------------

class FakeSigner final : public RemoteSigner {
 public:
  explicit FakeSigner(int cancel_fd) : cancel_fd_(cancel_fd), fault_(variable("SMARTCMD_FAKE_FAULT")) {}

  void check() override { begin("check"); }

  CertificateChain certificates(const Account& account) override {
    begin("certificates");
    const std::string known = variable("SMARTCMD_FAKE_USER");
    if (!known.empty() && known != account.user_id) throw Error(Errc::no_certificate, "The fake service knows nobody.");
    return chain();
  }

  Ticket start(const SigningRequest& request) override {
    if (request.documents.empty()) throw Error(Errc::invalid_argument, "There is nothing to sign.");
    if (request.documents.size() > max_batch) throw Error(Errc::too_many_documents, "There is too much to sign.");
    begin("start");
    for (const Document& document : request.documents) log("  document " + document.name);
    check_secret(request.pin, pin_rule);
    documents_ = request.documents;
    return {"fake-process", &request.account, request.documents.size()};
  }

  Ticket start_enrolment(const Account& account, const SecureString& pin) override {
    begin("start");
    check_secret(pin, pin_rule);
    return {"fake-process", &account, 0};
  }

  void resend(const Ticket&) override {
    begin("resend");
    if (const std::string next = variable("SMARTCMD_FAKE_NEXT_OTP"); !next.empty())
      setenv("SMARTCMD_FAKE_OTP", next.c_str(), 1);
  }

  std::vector<Bytes> finish(const Ticket&, const SecureString& otp) override {
    begin("finish");
    check_secret(otp, otp_rule);
    return signatures();
  }

  CertificateChain finish_enrolment(const Ticket&, const SecureString& otp) override {
    begin("finish");
    check_secret(otp, otp_rule);
    return chain();
  }

 private:
  static void log(const std::string& line) {
    std::ofstream(variable("SMARTCMD_FAKE_LOG"), std::ios::app) << line << "\n";
  }

  static CertificateChain chain() { return CertificateChain::from_pem(read_file(variable("SMARTCMD_FAKE_CHAIN"))); }

  void begin(std::string_view verb) const {
    pollfd host{cancel_fd_, POLLIN | POLLRDHUP, 0};
    if (poll(&host, 1, 0) > 0) throw Error(Errc::cancelled, "The fake service was given up.");
    log(std::string(verb));
    for (const Refusal& refusal : refusals) {
      if (refusal.fault == fault_ && refusal.verb == verb) {
        throw Error(refusal.code, "The fake service refuses.", refusal.service_code);
      }
    }
    if (fault_ == "die" && verb == "start") _exit(99);
    if (fault_ == "hang" && verb == "start") hang();
  }

  // Like a service that never answers; the driver's cancel_fd is all that ends it.
  [[noreturn]] void hang() const {
    pollfd host{cancel_fd_, POLLIN | POLLRDHUP, 0};
    poll(&host, 1, -1);
    throw Error(Errc::cancelled, "The fake service was given up.");
  }

  static void check_secret(const SecureString& given, const SecretRule& rule) {
    const std::string right = variable(rule.variable);
    if (right.empty() || given.view() == right) return;
    throw Error(rule.code, "The fake service wants another secret.", rule.service_code);
  }

  std::vector<Bytes> signatures() const {
    const CPtr<FILE, fclose> file(fopen(variable("SMARTCMD_FAKE_KEY").c_str(), "re"));
    if (!file) throw Error(Errc::internal, "SMARTCMD_FAKE_KEY names no file.");
    const CPtr<EVP_PKEY, EVP_PKEY_free> key(PEM_read_PrivateKey(file.get(), nullptr, nullptr, nullptr));
    std::vector<Bytes> all;
    for (const Document& document : documents_) all.push_back(sign_with(key.get(), document.digest));
    for (const Spoiling& spoiling : spoilings) {
      if (spoiling.fault == fault_) spoiling.spoil(all);
    }
    return all;
  }

  int cancel_fd_;
  std::string fault_;
  std::vector<Document> documents_;
};

}  // namespace

std::unique_ptr<RemoteSigner> make_driver(const Service&, int cancel_fd) {
  return std::make_unique<FakeSigner>(cancel_fd);
}

}  // namespace smartcmd
