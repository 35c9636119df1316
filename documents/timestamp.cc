// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "documents/timestamp.h"

#include <openssl/bn.h>
#include <openssl/objects.h>
#include <openssl/ts.h>
#include <openssl/x509.h>
#include <stdlib.h>

#include <array>
#include <chrono>

#include "base/crypto_context.h"
#include "base/error.h"
#include "base/text.h"
#include "documents/cms_message.h"
#include "http/client.h"
#include "signing/hasher.h"

namespace smartcmd {
namespace {

using TstInfo = CPtr<TS_TST_INFO, TS_TST_INFO_free>;
using Number = CPtr<ASN1_INTEGER, ASN1_INTEGER_free>;

constexpr std::chrono::seconds time_limit{15};

constexpr http::Advice advice = {
    .address = N_("Check the address after --tsa."),
    .authorities = N_("--tsa-ca names the authorities to trust."),
    .proxy = N_("Check http_proxy and https_proxy in the environment."),
    .proxy_password = N_("Give them in http_proxy and https_proxy (http://user:password@host:port)."),
};

constexpr const char* tst_info_type = "1.2.840.113549.1.9.16.1.4";  // id-ct-TSTInfo

[[noreturn]] void refuse(const std::string& sentence) {
  throw Error(Errc::invalid_argument, sentence);
}

bool is_about(TS_MSG_IMPRINT* imprint, ByteView stamped) {
  X509_ALGOR* algorithm = TS_MSG_IMPRINT_get_algo(imprint);
  if (!is_strong_hash(algorithm)) refuse(_("The timestamp was made with a hash that is broken."));
  const HashInfo* hash = find_hash(OBJ_nid2sn(OBJ_obj2nid(algorithm->algorithm)));
  if (hash == nullptr) refuse(_("The timestamp was made with a hash that is not known."));
  Hasher hasher(hash->hash);
  hasher.update(stamped);
  const ByteView given = octets_of(TS_MSG_IMPRINT_get_msg(imprint));
  return hasher.digest().value == Bytes(given.begin(), given.end());
}

Bytes to_octets(const ASN1_INTEGER* number) {
  if (number == nullptr) return {};
  const CPtr<BIGNUM, BN_free> value(ASN1_INTEGER_to_BN(number, nullptr));
  require_openssl(value != nullptr);
  Bytes octets(static_cast<std::size_t>(BN_num_bytes(value.get())));
  BN_bn2bin(value.get(), octets.data());
  return octets;
}

Number to_number(ByteView octets) {
  const CPtr<BIGNUM, BN_free> value(BN_bin2bn(octets.data(), static_cast<int>(octets.size()), nullptr));
  Number number(value ? BN_to_ASN1_INTEGER(value.get(), nullptr) : nullptr);
  require_openssl(number != nullptr);
  return number;
}

// TimeStampReq (RFC 3161 section 2.4.1), which has the authority send its certificate along.
Bytes make_request(const Digest& digest, ByteView nonce) {
  const CPtr<TS_REQ, TS_REQ_free> request(TS_REQ_new());
  const CPtr<TS_MSG_IMPRINT, TS_MSG_IMPRINT_free> imprint(TS_MSG_IMPRINT_new());
  const CPtr<X509_ALGOR, X509_ALGOR_free> algorithm(X509_ALGOR_new());
  Bytes value = digest.value;
  require_openssl(
      request && imprint && algorithm &&
      X509_ALGOR_set0(algorithm.get(), OBJ_txt2obj(info(digest.hash).oid, 1), V_ASN1_NULL, nullptr) == 1 &&
      TS_MSG_IMPRINT_set_algo(imprint.get(), algorithm.get()) == 1 &&
      TS_MSG_IMPRINT_set_msg(imprint.get(), value.data(), static_cast<int>(value.size())) == 1 &&
      TS_REQ_set_version(request.get(), 1) == 1 && TS_REQ_set_msg_imprint(request.get(), imprint.get()) == 1 &&
      TS_REQ_set_nonce(request.get(), to_number(nonce).get()) == 1 && TS_REQ_set_cert_req(request.get(), 1) == 1);
  return to_der<const TS_REQ*>(i2d_TS_REQ, request.get());
}

void free_parts(ASN1_SEQUENCE_ANY* parts) {
  sk_ASN1_TYPE_pop_free(parts, ASN1_TYPE_free);
}

// TimeStampResp (section 2.4.2) is taken to pieces by hand: OpenSSL's own reader would put the certificates inside into
// the process's default context.
Bytes token_of(ByteView response) {
  const unsigned char* der = response.data();
  const CPtr<ASN1_SEQUENCE_ANY, free_parts> parts(
      d2i_ASN1_SEQUENCE_ANY(nullptr, &der, static_cast<long>(response.size())));
  const ASN1_TYPE* first = sk_ASN1_TYPE_value(parts.get(), 0);
  if (first == nullptr || first->type != V_ASN1_SEQUENCE) refuse(_("The answer is no timestamp (RFC 3161)."));
  const unsigned char* status_der = ASN1_STRING_get0_data(first->value.sequence);
  const CPtr<TS_STATUS_INFO, TS_STATUS_INFO_free> status(
      d2i_TS_STATUS_INFO(nullptr, &status_der, ASN1_STRING_length(first->value.sequence)));
  const long code = status ? ASN1_INTEGER_get(TS_STATUS_INFO_get0_status(status.get())) : -1;
  const ASN1_TYPE* token = sk_ASN1_TYPE_value(parts.get(), 1);
  const bool granted = code == TS_STATUS_GRANTED || code == TS_STATUS_GRANTED_WITH_MODS;
  if (!granted || token == nullptr || token->type != V_ASN1_SEQUENCE) {
    refuse(
        filled(_("The timestamping authority gave no timestamp (status {code})."), {{"code", std::to_string(code)}}));
  }
  const ByteView octets = octets_of(token->value.sequence);
  return Bytes(octets.begin(), octets.end());
}

// An answer proves itself by its signature, so plain HTTP will do (section 3.4). Without authorities of the person's
// choice those are trusted for TLS that OpenSSL trusts for the token.
http::Options options_for(const std::filesystem::path& ca_file) {
  http::Options options;
  options.advice = advice;
  options.allow_plain = true;
  options.connect_timeout = options.request_timeout = time_limit;
  options.ca_file = ca_file;
  if (const char* file = secure_getenv(X509_get_default_cert_file_env()); ca_file.empty() && file != nullptr)
    options.ca_file = file;
  return options;
}

}  // namespace

Timestamp read_timestamp(ByteView token, ByteView stamped) {
  const ErrorQueueMark mark;
  auto message = CmsMessage::from(token);
  if (!message || message->content_type() != tst_info_type) refuse(_("The timestamp cannot be read."));
  const std::vector<CmsSigner> signers = message->check(nullptr, tst_info_type);
  if (signers.size() != 1) refuse(_("The timestamp cannot be read."));
  if (!signers.front().good())
    refuse(filled(_("The timestamp is not good: {reason}"), {{"reason", signers.front().fault}}));
  if (!signers.front().names_certificate)
    refuse(_("The timestamp does not name its authority's certificate, as RFC 3161 demands."));
  const ByteView content = message->content();
  const unsigned char* der = content.data();
  const TstInfo said(d2i_TS_TST_INFO(nullptr, &der, static_cast<long>(content.size())));
  if (!said) refuse(_("The timestamp cannot be read."));
  if (!is_about(TS_TST_INFO_get_msg_imprint(said.get()), stamped)) {
    refuse(_("The timestamp belongs to another signature."));
  }
  const auto time = to_time(TS_TST_INFO_get_time(said.get()));
  if (!time) refuse(_("The timestamp cannot be read."));
  return {*time, *signers.front().certificate, message->certificates(), to_octets(TS_TST_INFO_get_nonce(said.get()))};
}

Trust judge(const Timestamp& timestamp, const Authorities& authorities, std::time_t now) {
  const auto at = [&](std::time_t time) {
    return authorities.judge(timestamp.authority, timestamp.certificates, time, CertificateUse::timestamp);
  };
  Trust today = at(now);
  return today.good() ? at(timestamp.time) : today;
}

TimestampAuthority::TimestampAuthority(const std::string& url, const std::filesystem::path& ca_file) : url_(url) {
  if (!http::place_of(url)) {
    refuse(filled(_("{url} is no address of a timestamping authority; it begins with http:// or https://."),
                  {{"url", url}}));
  }
  ca_file.empty() ? authorities_.add_system() : authorities_.add_file(ca_file);
  client_ = std::make_shared<http::Client>(options_for(ca_file));
}

Bytes TimestampAuthority::stamp(ByteView stamped, Hash hash) const {
  const ErrorQueueMark mark;
  std::array<unsigned char, 8> random{};
  random_bytes(random);
  random.front() |= 0x40;  // an INTEGER has no leading zeros: so both sides see the same octets
  const Bytes nonce(random.begin(), random.end());
  Hasher hasher(hash);
  hasher.update(stamped);
  Bytes token = token_of(ask(make_request(hasher.digest(), nonce)));
  if (check(token, stamped).nonce != nonce) refuse(_("The timestamp answers another request than ours."));
  return token;
}

Bytes TimestampAuthority::ask(ByteView query) const {
  const std::string_view body(reinterpret_cast<const char*>(query.data()), query.size());
  try {
    const http::Response response =
        client_->send({url_, {"Content-Type: application/timestamp-query"}, body, http::Effect::none});
    if (response.status != 200) throw client_->refusal(response);
    if (!response.content_type.starts_with("application/timestamp-reply"))
      refuse(_("The answer is no timestamp (RFC 3161)."));
    const ByteView answer = bytes_of(response.body);
    return Bytes(answer.begin(), answer.end());
  } catch (const Error& error) {
    if (error.code() == Errc::invalid_argument) throw;
    throw Error(Errc::connection_failed,
                filled(_("The timestamping authority cannot be asked: {reason}"), {{"reason", error.what()}}));
  }
}

Timestamp TimestampAuthority::check(ByteView token, ByteView stamped) const {
  Timestamp timestamp = read_timestamp(token, stamped);
  const Trust trust = judge(timestamp, authorities_, std::time(nullptr));
  if (!trust.good()) refuse(filled(_("The timestamp's authority is not trusted: {reason}"), {{"reason", trust.fault}}));
  return timestamp;
}

}  // namespace smartcmd
