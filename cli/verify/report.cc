// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "cli/verify/report.h"

#include <algorithm>

#include "base/text.h"
#include "cli/console/json.h"
#include "cli/console/output.h"
#include "cli/console/time_text.h"
#include "documents/certificate_text.h"
#include "documents/cms_attributes.h"

namespace smartcmd {
namespace {

using Rows = std::vector<std::vector<std::string>>;

/// What a verdict is called.
struct VerdictRow {
  Verdict verdict;
  const char* name;      ///< in JSON
  const char* sentence;  ///< for people
};

constexpr VerdictRow verdicts[] = {
    {Verdict::not_good, "not-good", "{reason}"},
    {Verdict::not_trusted, "not-trusted", N_("The signature is good, but not trusted. {reason}")},
    {Verdict::account_only, "account-only", N_("The signature is good. {reason}")},
    {Verdict::trusted, "trusted", N_("The signature is good and trusted.")},
};

const VerdictRow& row_of(const VerifiedSignature& one) {
  return *std::find_if(std::begin(verdicts), std::end(verdicts),
                       [verdict = one.verdict()](const VerdictRow& row) { return row.verdict == verdict; });
}

const std::string& reason_of(const VerifiedSignature& one) {
  return one.signer.good() ? one.trust.fault : one.signer.fault;
}

std::string timestamp_text(const VerifiedTimestamp& one) {
  if (!one.fault.empty()) return one.fault;
  const std::string time = time_text(one.timestamp->time);
  const std::string authority = subject_text(one.timestamp->authority);
  return one.good() ? filled(_("{time} by {authority}"), {{"time", time}, {"authority", authority}})
                    : filled(_("{time} by {authority}, who is not trusted. {reason}"),
                             {{"time", time}, {"authority", authority}, {"reason", one.trust.fault}});
}

std::string commitments_text(const std::vector<std::string>& oids) {
  std::string text;
  for (const std::string& oid : oids) text += (text.empty() ? "" : ", ") + commitment_title(oid);
  return text;
}

std::string policy_text(const std::string& oid) {
  return oid == cmd_policy ? filled(_("{oid} (Chave Móvel Digital)"), {{"oid", oid}}) : oid;
}

void print(const VerifiedSignature& one, const std::string& content) {
  Rows rows;
  rows.push_back({_("Content"), content.empty() ? _("inside the signature") : content});
  if (one.signer.certificate) {
    rows.push_back({_("Signer"), subject_text(*one.signer.certificate)});
    rows.push_back({_("Issuer"), issuer_text(*one.signer.certificate)});
  }
  if (one.signer.signing_time)
    rows.push_back(
        {_("Time"), filled(_("{time}, as the signer claims"), {{"time", time_text(*one.signer.signing_time)}})});
  if (one.timestamp) rows.push_back({_("Timestamp"), timestamp_text(*one.timestamp)});
  if (!one.signer.policy.empty()) rows.push_back({_("Policy"), policy_text(one.signer.policy)});
  if (!one.signer.commitments.empty()) rows.push_back({_("Commitment"), commitments_text(one.signer.commitments)});
  if (one.good())
    rows.push_back({_("Trust"), filled(_("{authority}, trusted by {source}"),
                                       {{"authority", one.trust.authority}, {"source", one.trust.source}})});
  print_table(rows, "  ");
}

void add_timestamp(Json& json, const VerifiedTimestamp& one) {
  json.begin_object("timestamp").add("good", one.fault.empty()).add("trusted", one.good());
  json.add_unless_empty("reason", one.fault.empty() ? one.trust.fault : one.fault);
  if (one.timestamp) {
    json.add("time", rfc3339(one.timestamp->time));
    json.add("authority", subject_text(one.timestamp->authority));
  }
  json.end_object();
}

void add_signature(Json& json, const VerifiedSignature& one) {
  json.begin_object().add("good", one.signer.good()).add("trusted", one.good()).add("verdict", row_of(one).name);
  json.add_unless_empty("reason", reason_of(one)).add_unless_empty("account", one.trust.account);
  if (one.signer.certificate) {
    json.add("signer", subject_text(*one.signer.certificate));
    json.add("issuer", issuer_text(*one.signer.certificate));
  }
  if (one.signer.signing_time) json.add("claimed-time", rfc3339(*one.signer.signing_time));
  if (one.timestamp) add_timestamp(json, *one.timestamp);
  json.add_unless_empty("policy", one.signer.policy);
  json.begin_array("commitments");
  for (const std::string& oid : one.signer.commitments) json.add(nullptr, commitment_name(oid));
  json.end_array();
  json.add_unless_empty("authority", one.trust.authority).add_unless_empty("trusted-by", one.trust.source);
  json.end_object();
}

}  // namespace

Verdict VerifiedFile::verdict() const {
  if (!fault.empty() || signatures.empty()) return Verdict::not_good;
  const auto less = [](const VerifiedSignature& a, const VerifiedSignature& b) { return a.verdict() < b.verdict(); };
  return std::min_element(signatures.begin(), signatures.end(), less)->verdict();
}

void print_report(const std::vector<VerifiedFile>& files) {
  for (const VerifiedFile& file : files) {
    if (!file.fault.empty()) say(printable(file.signature.native()) + ": " + file.fault);
    for (const VerifiedSignature& one : file.signatures) {
      say(printable(file.signature.native()) + ": " + filled(_(row_of(one).sentence), {{"reason", reason_of(one)}}));
      print(one, file.content.native());
    }
  }
}

void print_json(const std::vector<VerifiedFile>& files) {
  Json json;
  json.add("good", std::all_of(files.begin(), files.end(), [](const VerifiedFile& file) { return file.good(); }));
  json.add("revocation", "not checked");
  json.begin_array("files");
  for (const VerifiedFile& file : files) {
    json.begin_object().add("signature", file.signature.native()).add_unless_empty("content", file.content.native());
    json.add("good", file.good()).add_unless_empty("reason", file.fault).begin_array("signatures");
    for (const VerifiedSignature& one : file.signatures) add_signature(json, one);
    json.end_array().end_object();
  }
  g_print("%s", json.end_array().text().c_str());
}

}  // namespace smartcmd
