// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "cli/sign/evidence.h"

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "cli/console/json.h"
#include "cli/console/time_text.h"
#include "cli/sign/files.h"
#include "documents/certificate_text.h"
#include "signing/hasher.h"

namespace smartcmd {
namespace fs = std::filesystem;
namespace {

void keep_copy(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::copy_file(from, to, fs::copy_options::overwrite_existing, error);
  if (!error) return;
  throw Error(Errc::invalid_argument, filled(_("{file} cannot be copied into the evidence: {reason}."),
                                             {{"file", from.native()}, {"reason", error.message()}}));
}

void add_file(Json& json, const char* what, const fs::path& file) {
  json.begin_object(what).add("file", file.filename().native());
  json.add("size", static_cast<std::int64_t>(fs::file_size(file)));
  json.add("sha256", to_hex(hash_file(file, Hash::sha256).value)).end_object();
}

std::string record(const Evidence& evidence, const fs::path& original, const fs::path& result) {
  Json json;
  add_file(json, "original", original);
  add_file(json, "signed", result);
  json.add("document-name", evidence.document.name);
  json.begin_object("digest").add("hash", info(evidence.document.digest.hash).name);
  json.add("value", to_hex(evidence.document.digest.value));
  json.add("digest-info", to_base64(to_digest_info(evidence.document.digest))).end_object();
  json.add("signature", to_base64(evidence.signature.value)).add("process-id", evidence.signature.process_id);
  json.add("certificate", to_pem(evidence.signer)).add("service", evidence.account.service.name);
  json.add("service-endpoint", evidence.account.service.endpoint).add("time", rfc3339(evidence.time));
  return json.text();
}

}  // namespace

// Its name tells the signature, so that no record is in another one's place.
fs::path write_evidence(const fs::path& directory, const Evidence& evidence) {
  constexpr std::size_t beginning = 8;  // octets
  const std::string mark = to_hex(ByteView(sha256(evidence.signature.value)).first(beginning));
  const fs::path place = directory / (evidence.job.file.filename().native() + "-" + mark);
  const fs::path original = place / evidence.job.file.filename();
  const fs::path result = place / evidence.job.output.filename();
  make_directory(place, 0700, Errc::invalid_argument);
  keep_copy(evidence.job.file, original);
  keep_copy(evidence.job.output, result);
  if (!(hash_file(original, evidence.content.hash) == evidence.content)) {
    throw Error(Errc::invalid_argument, _("The file has changed since it was signed."));
  }
  const std::string text = record(evidence, original, result);
  write_durably(place / "record.json", text, 0600, Errc::invalid_argument);
  return place;
}

}  // namespace smartcmd
