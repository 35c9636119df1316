// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "cli/sign/batch.h"

#include <errno.h>
#include <glib.h>

#include <algorithm>

#include "base/error.h"
#include "base/files.h"
#include "base/program_name.h"
#include "base/text.h"
#include "cli/sign/files.h"
#include "cli/sign/safekeeping.h"
#include "documents/certificate_text.h"
#include "documents/cms_message.h"
#include "signing/hasher.h"

namespace smartcmd {
namespace fs = std::filesystem;
namespace {

/// What concerns one signature of the service only: the next may come off. Anything else would be the same again, and
/// some of it would use up the person's attempts.
constexpr Errc passing[] = {Errc::wrong_otp, Errc::otp_expired, Errc::service_failure, Errc::soap_fault,
                            Errc::timed_out};

bool is_passing(Errc code) {
  return std::find(std::begin(passing), std::end(passing), code) != std::end(passing);
}

/// Octets; more than a signature with its certificates and a timestamp has.
constexpr std::uintmax_t ample = 1U << 16;

std::string interrupted() {
  return _("Interrupted.");
}

void require_valid(const Account& account, const Certificate& signer) {
  if (!has_expired(signer)) return;
  throw Error(
      Errc::not_enrolled,
      filled(_("The certificate of account '{account}' has expired ({day}). Run 'smartcmd enrol {account}' when "
               "you have a new one."),
             {{"account", account.name}, {"day", signer.valid_until()}}));
}

bool is_there(const fs::path& file) {
  std::error_code error;
  return fs::exists(fs::symlink_status(file, error));
}

// Runs what may fail for a job alone; the sentence where it did.
template <class Step>
std::string complaint(Step&& step) {
  try {
    step();
    return {};
  } catch (const std::exception& error) {  // also those of std::filesystem, as for a file that has gone
    return error.what();
  }
}

template <class Step>
void attempt(SignJob& job, Step&& step) {
  if (std::string why = complaint(step); !why.empty()) job.fail(std::move(why));
}

// Whether the message holds one good signature of the file, by that certificate.
bool is_signature_of(CmsMessage& message, const fs::path& file, const Certificate& signer) {
  const std::vector<CmsSigner> signers = message.check(file);
  return signers.size() == 1 && signers.front().good() && *signers.front().certificate == signer;
}

}  // namespace

BatchSigner::BatchSigner(const SigningService& signing, const Account& account, const SignOptions& options)
    : signing_(signing), account_(account), options_(options), chain_(signing.certificates(account)) {
  require_allowed(account.service.hashes, options.hash);
  require_valid(account, chain_.signer());
}

void BatchSigner::examine(std::vector<SignJob>& jobs, Interruption& interruption) {
  Progress progress(jobs.size());
  const Work work{jobs, progress, interruption};
  for (SignJob& job : jobs) {
    if (interruption.came()) return;
    if (job.outcome == Outcome::waiting) attempt(job, [&] { examine(job, work); });
  }
}

void BatchSigner::run(std::vector<SignJob>& jobs, Interruption& interruption) {
  Progress progress(jobs.size());
  Work work{jobs, progress, interruption};
  const auto waiting = static_cast<std::size_t>(
      std::count_if(jobs.begin(), jobs.end(), [](const SignJob& job) { return job.outcome == Outcome::waiting; }));
  work.batches = (waiting + batch_size() - 1) / batch_size();
  while (!interruption.came() && reason_.empty()) {
    std::vector<Prepared> batch = prepare(work);
    if (batch.empty() || interruption.came()) break;
    sign(batch, work);
  }
  if (interruption.came()) reason_ = interrupted();
}

// ---- what is known before anybody is asked --------------------------------------------------------------------------

void BatchSigner::examine(SignJob& job, const Work& work) {
  if (options_.force || !is_there(job.output)) return require_places(job);
  work.show(job);
  look_for_signature(job, work);
}

// A signature that cannot be written would have cost a one-time password.
void BatchSigner::require_places(const SignJob& job) const {
  if (fs::is_directory(job.output)) {
    throw Error(Errc::invalid_argument, filled(_("{file} cannot be written: {reason}."),
                                               {{"file", job.output.native()}, {"reason", g_strerror(EISDIR)}}));
  }
  const std::uintmax_t content = fs::file_size(job.file);
  require_room(job.output, ample + (options_.attached ? content : 0));
  if (!options_.evidence.empty()) require_room(options_.evidence / job.output.filename(), 2 * ample + 2 * content);
}

void BatchSigner::look_for_signature(SignJob& job, const Work& work) {
  const Bytes octets = read_octets(job.output, Errc::invalid_argument);
  auto message = CmsMessage::from(octets);
  if (!message || !is_signature_of(*message, job.file, chain_.signer())) {
    return job.fail(filled(_("{output} exists, and it is no signature of this file by {name}. --force replaces it."),
                           {{"output", job.output.native()}, {"name", account_.label}}));
  }
  job.outcome = Outcome::already_signed;
  if (!options_.timestamps) return;
  CmsSignature signature = CmsSignature::from_der(octets);
  if (has_good_timestamp(signature)) return;
  job.reason = complaint([&] {
    add_timestamp(signature, work);
    write(job, signature);
  });
  job.outcome = job.reason.empty() ? Outcome::timestamped : Outcome::incomplete;
}

bool BatchSigner::has_good_timestamp(const CmsSignature& signature) const {
  const auto token = signature.timestamp();
  return token && complaint([&] { options_.timestamps->check(*token, signature.value()); }).empty();
}

// A signature with the file inside is for nobody who may not read that.
int BatchSigner::mode_for(const SignJob& job) const {
  constexpr int all = 0666, own = 0600;
  if (!options_.attached) return all;
  std::error_code gone;
  const fs::file_status status = fs::status(job.file, gone);
  return (fs::exists(status) ? static_cast<int>(status.permissions()) & all : 0) | own;
}

void BatchSigner::write(const SignJob& job, const CmsSignature& message) const {
  write_durably(job.output, text_of(message.der()), mode_for(job), Errc::invalid_argument);
}

// ---- what is missing ------------------------------------------------------------------------------------------------

// As many as go under one one-time password.
std::vector<BatchSigner::Prepared> BatchSigner::prepare(Work& work) const {
  SignatureProperties properties = options_.properties;
  properties.signing_time = std::time(nullptr);
  std::vector<Prepared> batch;
  for (; work.next < work.jobs.size() && batch.size() < batch_size(); ++work.next) {
    SignJob& job = work.jobs[work.next];
    if (work.interruption.came()) break;
    if (job.outcome != Outcome::waiting) continue;
    work.show(job);
    attempt(job, [&] {
      const FileVersion version(job.file.c_str());
      const Digest content = hash_file(job.file, options_.hash, &work.interruption.cancellation());
      batch.push_back({job, version, content, CmsSignature(chain_, content, properties), properties.signing_time});
    });
  }
  return batch;
}

void BatchSigner::sign(std::vector<Prepared>& batch, Work& work) {
  std::vector<Document> documents;
  for (const Prepared& one : batch) documents.push_back({one.job.name, one.message.digest(), one.content});
  settle_names(documents, program_name());  // the record must have the names that are shown
  work.progress.clear();
  ++work.number;
  if (work.batches > 1 && !options_.one_by_one) announce(batch.size(), work);
  std::vector<Signature> signatures;
  try {
    signatures = signing_.sign(account_, chain_.signer(), documents, {}, &work.interruption.cancellation());
  } catch (const Error& error) {
    return give_up(batch, error, work);
  }
  for (std::size_t i = 0; i < batch.size(); ++i) secure(batch[i], signatures[i]);
  for (std::size_t i = 0; i < batch.size(); ++i) {
    work.show(batch[i].job);
    complete(batch[i], documents[i], signatures[i], work);
  }
  work.signed_ones += batch.size();
}

// Who is asked several times is told how often still.
void BatchSigner::announce(std::size_t files, const Work& work) {
  const std::string line =
      filled(plural("Batch {number} of {all}: {count} file.", "Batch {number} of {all}: {count} files.", files),
             {{"number", std::to_string(work.number)},
              {"all", std::to_string(work.batches)},
              {"count", std::to_string(files)}});
  g_printerr("%s\n", line.c_str());
}

void BatchSigner::give_up(std::vector<Prepared>& batch, const Error& error, const Work& work) {
  if (is_passing(error.code())) {
    for (Prepared& one : batch) one.job.fail(error.what());
  } else if (error.code() == Errc::cancelled && work.signed_ones > 0) {
    reason_ = filled(
        plural("The next question was cancelled. The {count} signature made before it is kept.",
               "The next question was cancelled. The {count} signatures made before it are kept.", work.signed_ones),
        {{"count", std::to_string(work.signed_ones)}});
  } else {
    reason_ = error.what();
  }
}

// ---- what has been paid for -----------------------------------------------------------------------------------------

bool BatchSigner::is_unchanged(const Prepared& one) {
  if (FileVersion(one.job.file.c_str()) == one.version) return true;
  bool same = false;
  return complaint([&] { same = hash_file(one.job.file, one.content.hash) == one.content; }).empty() && same;
}

void BatchSigner::secure(Prepared& one, const Signature& signature) const {
  SignJob& job = one.job;
  job.process_id = signature.process_id;
  one.message.set_value(signature.value);
  const Bytes bare = one.message.der();
  const std::string why = complaint([&] { keep(one, bare); });
  if (why.empty()) {
    job.outcome = job.reason.empty() ? Outcome::signed_now : Outcome::incomplete;
    return;
  }
  print_signature(job.file, bare);
  job.fail(job.reason + " " + why + " " +
           _("The signature stands on standard error: paste its lines into a file, FILE.p7s."));
}

// Puts the signature where it belongs; where that cannot be, elsewhere, and without the file inside rather than not at
// all.
void BatchSigner::keep(Prepared& one, ByteView bare) const {
  SignJob& job = one.job;
  if (!is_unchanged(one)) {
    job.reason = _("The file was changed while it was being signed: this is the signature of what it was before.");
  } else if (job.reason = complaint([&] { keep_as_asked(one); }); one.written.exists()) {
    return;
  }
  job.output = keep_aside({job.file, job.output, bare, mode_for(job)}, ".p7s");
}

void BatchSigner::keep_as_asked(Prepared& one) const {
  const SignJob& job = one.job;
  if (options_.attached) embed(one);
  if (options_.force) {
    write(job, one.message);
  } else if (!write_new_durably(job.output, one.message.der(), mode_for(job))) {
    throw Error(Errc::invalid_argument,
                filled(_("{output} was made by somebody else meanwhile."), {{"output", job.output.native()}}));
  }
  one.written = FileVersion(job.output.c_str());
}

// What else was asked for. Whatever fails here, the signature is there.
void BatchSigner::complete(Prepared& one, const Document& document, const Signature& signature, const Work& work) {
  SignJob& job = one.job;
  if (job.outcome == Outcome::failed) return;
  std::string why;
  if (options_.timestamps && job.reason.empty()) why = complaint([&] { replace_with_timestamp(one, work); });
  if (!options_.evidence.empty()) {
    if (std::string none = complaint([&] { keep_evidence(one, document, signature); }); !none.empty()) why = none;
  }
  if (job.reason.empty()) job.reason = why;
  if (!job.reason.empty()) job.outcome = Outcome::incomplete;
}

void BatchSigner::replace_with_timestamp(Prepared& one, const Work& work) {
  add_timestamp(one.message, work);
  if (!(FileVersion(one.job.output.c_str()) == one.written)) {
    throw Error(Errc::invalid_argument, filled(_("{output} was changed by somebody else before the timestamp came."),
                                               {{"output", one.job.output.native()}}));
  }
  write(one.job, one.message);
}

// An authority that cannot be reached is not waited for a second time.
void BatchSigner::add_timestamp(CmsSignature& message, const Work& work) {
  if (work.interruption.came()) throw Error(Errc::cancelled, _("Interrupted before the timestamp came."));
  if (!no_timestamps_.empty()) throw Error(Errc::connection_failed, no_timestamps_);
  try {
    message.set_timestamp(options_.timestamps->stamp(message.value(), options_.hash));
  } catch (const Error& error) {
    const std::string sentence = filled(_("The signature is good, but a timestamp is missing. {reason} Run the same "
                                          "again, without --force, to add one: nothing is signed anew."),
                                        {{"reason", error.what()}});
    if (error.code() == Errc::connection_failed) no_timestamps_ = sentence;
    throw Error(error.code(), sentence);
  }
}

void BatchSigner::embed(Prepared& one) {
  const Bytes document = read_octets(one.job.file, Errc::invalid_argument);
  Hasher hasher(one.content.hash);
  hasher.update(document);
  if (!(hasher.digest() == one.content)) {
    throw Error(Errc::invalid_argument, _("The file was changed while it was being signed."));
  }
  one.message.embed(document);
}

void BatchSigner::keep_evidence(const Prepared& one, const Document& document, const Signature& signature) const {
  one.job.evidence = write_evidence(options_.evidence,
                                    {one.job, account_, chain_.signer(), one.content, document, signature, one.time});
}

}  // namespace smartcmd
