// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "cli/sign/report.h"

#include <unistd.h>

#include <algorithm>

#include "base/text.h"
#include "cli/console/json.h"
#include "cli/console/output.h"

namespace smartcmd {
namespace {

struct OutcomeRow {
  Outcome outcome;
  const char* name;  ///< in JSON
  bool done;         ///< as it was asked for
  bool exists;       ///< there is a signature
  const char* line;  ///< for people
};

constexpr OutcomeRow rows[] = {
    {Outcome::waiting, "not-signed", false, false, N_("{file}: not signed.")},
    {Outcome::signed_now, "signed", true, true, N_("{file}: signed, {output}")},
    {Outcome::already_signed, "already-signed", true, true, N_("{file}: already signed, {output}")},
    {Outcome::timestamped, "timestamped", true, true, N_("{file}: already signed, timestamp added, {output}")},
    {Outcome::skipped, "skipped", true, false, N_("{file}: skipped, because it is a signature.")},
    {Outcome::incomplete, "incomplete", false, true, N_("{file}: signed, {output}, but incomplete. {reason}")},
    {Outcome::failed, "failed", false, false, N_("{file}: {reason}")},
};

const OutcomeRow& row_of(const SignJob& job) {
  return *std::find_if(std::begin(rows), std::end(rows),
                       [&](const OutcomeRow& row) { return row.outcome == job.outcome; });
}

bool is_missing(const SignJob& job) {
  return !row_of(job).done;
}

bool is_done(const SignJob& job) {
  return row_of(job).done && row_of(job).exists;
}

bool is_new(const SignJob& job) {
  return job.outcome == Outcome::signed_now;
}

/// More than a person reads line by line: what went as it was asked for is then only counted, on a terminal.
constexpr std::size_t many = 20;

std::size_t count(const std::vector<SignJob>& jobs, bool (*which)(const SignJob&)) {
  return static_cast<std::size_t>(std::count_if(jobs.begin(), jobs.end(), which));
}

void print_line(const SignJob& job) {
  const OutcomeRow& row = row_of(job);
  const std::string file = job.file.empty() ? "''" : job.file.native();  // a name that nobody can see names nothing
  const std::string line =
      filled(_(row.line), {{"file", file}, {"output", job.output.native()}, {"reason", job.reason}});
  row.done ? say(line) : complain(line);
}

/// Whoever signs a PDF may expect to see it there.
bool is_new_pdf(const SignJob& job) {
  return is_new(job) && job.output.extension() == ".p7s" && job.file.extension() == ".pdf";
}

void print_counts(std::size_t done, std::size_t fresh) {
  if (fresh > 0)
    say(filled(plural("{count} file is signed.", "{count} files are signed.", fresh),
               {{"count", std::to_string(fresh)}}));
  if (done > fresh)
    say(filled(plural("{count} file was signed already.", "{count} files were signed already.", done - fresh),
               {{"count", std::to_string(done - fresh)}}));
}

}  // namespace

void print_failures(std::vector<SignJob>& jobs) {
  for (SignJob& job : jobs) {
    if (job.outcome != Outcome::failed) continue;
    print_line(job);
    job.told = true;
  }
}

void print_summary(const std::vector<SignJob>& jobs, const std::string& ended) {
  const std::size_t missing = count(jobs, is_missing);
  const std::size_t done = count(jobs, is_done);
  const bool counted = done > many && isatty(STDOUT_FILENO) == 1;
  for (const SignJob& job : jobs)
    if (!job.told && !(counted && is_done(job))) print_line(job);
  if (!ended.empty()) complain(ended);
  if (counted || (missing == 0 && done > 1)) print_counts(done, count(jobs, is_new));
  if (count(jobs, is_new_pdf) > 0) {
    say(_(
        "A PDF reader does not show a signature that lies beside the file; 'smartcmd verify' does. Okular, pdfsig and "
        "LibreOffice sign inside it: docs/applications.md."));
  }
  if (missing > 0 && jobs.size() > 1) {
    complain(filled(
        plural("{missing} of {all} files is not done. Running the same again does only what is missing.",
               "{missing} of {all} files are not done. Running the same again does only what is missing.", missing),
        {{"missing", std::to_string(missing)}, {"all", std::to_string(jobs.size())}}));
  }
}

void print_summary_json(const std::vector<SignJob>& jobs, const std::string& ended) {
  Json json;
  json.add("done", static_cast<std::int64_t>(count(jobs, is_done)));
  json.add("missing", static_cast<std::int64_t>(count(jobs, is_missing)));
  json.add_unless_empty("reason", ended).begin_array("files");
  for (const SignJob& job : jobs) {
    json.begin_object().add("file", job.file.native()).add("status", row_of(job).name);
    if (row_of(job).exists) json.add("signature", job.output.native());
    json.add_unless_empty("reason", job.reason);
    json.add_unless_empty("process-id", job.process_id).add_unless_empty("evidence", job.evidence.native());
    json.end_object();
  }
  g_print("%s", json.end_array().text().c_str());
}

bool all_done(const std::vector<SignJob>& jobs) {
  return count(jobs, is_missing) == 0;
}

}  // namespace smartcmd
