// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "documents/verify_trust.h"

#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>

#include "base/crypto_context.h"
#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "documents/certificate_text.h"
#include "documents/cms_message.h"
#include "signing/signing_service.h"

namespace smartcmd {
namespace {

using StoreContext = CPtr<X509_STORE_CTX, X509_STORE_CTX_free>;

constexpr const char* system_source = N_("the system");

/// The purposes (extendedKeyUsage) under which certificates are issued for signing documents.
constexpr const char* document_purposes[] = {
    "1.3.6.1.5.5.7.3.36",       // documentSigning (RFC 9336)
    "1.3.6.1.5.5.7.3.4",        // emailProtection
    "2.5.29.37.0",              // any
    "1.3.6.1.4.1.311.10.3.12",  // Microsoft's documentSigning
    "1.2.840.113583.1.1.5",     // Adobe's authenticDocumentsTrust
};

/// What a certificate's extensions must allow.
struct Rule {
  CertificateUse use;
  bool (*allows)(X509* certificate);
  const char* refusal;
};

// A certificate that names no purpose is for all.
bool is_for_documents(X509* certificate) {
  if ((X509_get_extension_flags(certificate) & EXFLAG_XKUSAGE) == 0) return true;
  const CPtr<EXTENDED_KEY_USAGE, EXTENDED_KEY_USAGE_free> purposes(
      static_cast<EXTENDED_KEY_USAGE*>(X509_get_ext_d2i(certificate, NID_ext_key_usage, nullptr, nullptr)));
  for (int i = 0; i < sk_ASN1_OBJECT_num(purposes.get()); ++i) {
    const std::string purpose = to_oid(sk_ASN1_OBJECT_value(purposes.get(), i));
    if (std::find(std::begin(document_purposes), std::end(document_purposes), purpose) != std::end(document_purposes))
      return true;
  }
  return false;
}

bool is_for_timestamps(X509* certificate) {
  return X509_check_purpose(certificate, X509_PURPOSE_TIMESTAMP_SIGN, 0) == 1;
}

constexpr Rule rules[] = {
    {CertificateUse::signature, is_for_documents, N_("The certificate is not for signing documents.")},
    {CertificateUse::timestamp, is_for_timestamps, N_("The certificate is not for timestamps.")},
};

const Rule& rule_of(CertificateUse use) {
  return *std::find_if(std::begin(rules), std::end(rules), [use](const Rule& rule) { return rule.use == use; });
}

bool may_sign(X509* certificate) {
  return (X509_get_key_usage(certificate) & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)) !=
         0;  // all, where none is named
}

/// The sentence for X509_verify_cert's verdict; for those which are not here OpenSSL's own words are used.
struct Explanation {
  int verdict;
  const char* sentence;
};

constexpr Explanation explanations[] = {
    {X509_V_ERR_CERT_HAS_EXPIRED, N_("The certificate of {subject} had expired on {until}.")},
    {X509_V_ERR_CERT_NOT_YET_VALID, N_("The certificate of {subject} was not valid before {from}.")},
    {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, N_("{issuer}, who issued the certificate of {subject}, is not an "
                                                      "authority trusted here. {option} FILE makes it one.")},
    {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, N_("{issuer}, who issued the certificate of {subject}, is not an authority "
                                              "trusted here. {option} FILE makes it one.")},
    {X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN,
     N_("{subject} is not an authority trusted here. {option} FILE makes it one.")},
    {X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT,
     N_("{subject} is not an authority trusted here. {option} FILE makes it one.")},
    {X509_V_ERR_EE_KEY_TOO_SMALL, N_("The key of {subject} is too short to be safe.")},
    {X509_V_ERR_CA_KEY_TOO_SMALL, N_("The key of {subject} is too short to be safe.")},
    {X509_V_ERR_CA_MD_TOO_WEAK, N_("The certificate of {subject} was issued with a hash that is broken.")},
};

// A key that is out of use could date anything back, so the time that a timestamp claims does not save its authority.
constexpr const char* stamp_expired =
    N_("The certificate of {subject} had expired on {until}. A timestamp counts only until then, because who has the "
       "old key could date anything back.");

std::string explain(X509_STORE_CTX* context, CertificateUse use, const char* option) {
  const int verdict = X509_STORE_CTX_get_error(context);
  const Certificate about = to_certificate(X509_STORE_CTX_get_current_cert(context));
  const auto* known = std::find_if(std::begin(explanations), std::end(explanations),
                                   [verdict](const Explanation& one) { return one.verdict == verdict; });
  const char* sentence = known != std::end(explanations) ? _(known->sentence)
                                                         : _("The certificate of {subject} does not verify: {reason}.");
  if (verdict == X509_V_ERR_CERT_HAS_EXPIRED && use == CertificateUse::timestamp) sentence = _(stamp_expired);
  return filled(sentence, {{"subject", subject_text(about)},
                           {"issuer", issuer_text(about)},
                           {"from", about.valid_from()},
                           {"until", about.valid_until()},
                           {"option", option},
                           {"reason", X509_verify_cert_error_string(verdict)}});
}

// An authority that was named is trusted as it is, whoever stands above it.
AuthorityStore empty_store() {
  const ErrorQueueMark mark;
  AuthorityStore store(X509_STORE_new());
  require_openssl(store != nullptr);
  X509_STORE_set_flags(store.get(), X509_V_FLAG_PARTIAL_CHAIN);
  return store;
}

void add_to(X509_STORE* store, const Certificate& authority) {
  const ErrorQueueMark mark;
  require_openssl(X509_STORE_add_cert(store, usable(authority).get()) == 1);
}

}  // namespace

Authorities::Authorities(const char* option) : option_(option), store_(empty_store()) {}

void Authorities::add_system() {
  const ErrorQueueMark mark;  // a system without any is none to complain of
  X509_STORE_set_default_paths_ex(store_.get(), crypto_context(), nullptr);
}

void Authorities::add(const Certificate& authority, const std::string& source) {
  add_to(store_.get(), authority);
  added_.push_back({authority, source});
}

void Authorities::add_file(const std::filesystem::path& file) {
  const Bytes octets = read_octets(file, Errc::invalid_argument);
  const ErrorQueueMark mark;
  const Bio bio = reading_bio(octets);
  const std::size_t before = added_.size();
  for (X509Ptr x509; (x509 = next_pem_certificate(bio, crypto_context()));)
    add(to_certificate(x509.get()), file.native());
  if (added_.size() == before) {
    throw Error(Errc::invalid_argument, filled(_("{file} holds no certificate in PEM."), {{"file", file.native()}}));
  }
}

void Authorities::add_accounts(const Config& config) {
  const SigningService signing(config);
  for (const Account& account : config.accounts()) {
    try {
      enrolled_.push_back({account.name, signing.certificates(account)});
    } catch (const Error&) {
      // Not enrolled, or unreadable: then its certificate is not known, and smartcmd list says why.
    }
  }
}

std::string Authorities::source_of(const Certificate& authority) const {
  const auto found =
      std::find_if(added_.begin(), added_.end(), [&authority](const Added& one) { return one.authority == authority; });
  return found != added_.end() ? found->source : _(system_source);
}

Trust Authorities::trace(X509_STORE* anchors, const Certificate& certificate, const std::vector<Certificate>& helpers,
                         std::time_t time, CertificateUse use) const {
  const ErrorQueueMark mark;
  const Rule& rule = rule_of(use);
  const X509Ptr x509 = usable(certificate);
  const Certificates untrusted = usable(helpers);
  const StoreContext context(X509_STORE_CTX_new_ex(crypto_context(), nullptr));
  require_openssl(context && X509_STORE_CTX_init(context.get(), anchors, x509.get(), untrusted.get()) == 1);
  X509_VERIFY_PARAM* parameters = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_time(parameters, time);
  X509_VERIFY_PARAM_set_purpose(parameters, X509_PURPOSE_ANY);
  X509_VERIFY_PARAM_set_auth_level(parameters, 2);  // 112 bits: RSA from 2048 on, and no SHA-1
  if (X509_verify_cert(context.get()) != 1) return {explain(context.get(), use, option_), {}, {}, {}};
  if (!rule.allows(x509.get()) || !may_sign(x509.get())) return {_(rule.refusal), {}, {}, {}};
  const STACK_OF(X509)* chain = X509_STORE_CTX_get0_chain(context.get());
  const Certificate authority = to_certificate(sk_X509_value(chain, sk_X509_num(chain) - 1));
  return {{}, subject_text(authority), source_of(authority), {}};
}

// What the service sent is its word for one certificate, and no more: whoever runs it could issue one in any name.
Trust Authorities::vouched(const Enrolled& own, std::time_t time) const {
  const AuthorityStore anchors = empty_store();
  for (const Certificate& one : own.chain.all()) add_to(anchors.get(), one);
  const Trust trust = trace(anchors.get(), own.chain.signer(), {}, time, CertificateUse::signature);
  if (!trust.good()) return trust;
  return {filled(_("Only the service of account '{account}' vouches for who signed. If you trust its authority, name "
                   "it with {option} FILE."),
                 {{"account", own.account}, {"option", option_}}),
          {},
          {},
          own.account};
}

Trust Authorities::judge(const Certificate& certificate, const std::vector<Certificate>& helpers, std::time_t time,
                         CertificateUse use) const {
  Trust trust = trace(store_.get(), certificate, helpers, time, use);
  if (trust.good() || use != CertificateUse::signature) return trust;
  const auto own = std::find_if(enrolled_.begin(), enrolled_.end(),
                                [&certificate](const Enrolled& one) { return one.chain.signer() == certificate; });
  return own != enrolled_.end() ? vouched(*own, time) : trust;
}

}  // namespace smartcmd
