// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "cli/sign/job.h"

#include <errno.h>
#include <glib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <map>
#include <set>
#include <utility>

#include "base/text.h"
#include "documents/cms_message.h"

namespace smartcmd {
namespace fs = std::filesystem;
namespace {

std::string unreadable(int code) {
  return filled(_("The file cannot be read: {reason}."), {{"reason", g_strerror(code)}});
}

// Why it cannot be signed; empty when it can.
std::string fault_of(const fs::path& file, const struct stat& status) {
  if (S_ISDIR(status.st_mode)) return _("This is a directory. Name the files in it.");
  if (!S_ISREG(status.st_mode)) return _("This is no file on a disk, so it cannot be read twice. Sign a copy of it.");
  if (access(file.c_str(), R_OK) != 0) return unreadable(errno);
  if (status.st_size == 0) return _("The file is empty: there is nothing to sign.");
  return {};
}

fs::path output_of(const fs::path& file, const SignOptions& options) {
  const char* extension = options.attached ? ".p7m" : ".p7s";
  const fs::path where = options.out_dir.empty() ? file : options.out_dir / file.filename();
  return where.native() + extension;
}

/// The files and the outputs that have been named.
class Names {
 public:
  void check(SignJob& job) {
    struct stat status {};
    if (job.file.empty()) return job.fail(_("The name of the file is empty."));
    if (job.file == "-") return job.fail(_("Standard input cannot be signed: write it into a file, and name that."));
    if (stat(job.file.c_str(), &status) != 0) return job.fail(unreadable(errno));
    if (std::string fault = fault_of(job.file, status); !fault.empty()) return job.fail(std::move(fault));
    if (!files_.emplace(status.st_dev, status.st_ino).second) return job.fail(_("The file is named twice."));
    const auto [other, added] = outputs_.emplace(job.output.lexically_normal(), job.file);
    if (!added) {
      job.fail(filled(_("Its signature would be {output}, where that of {other} goes. Sign them one after the other."),
                      {{"output", job.output.native()}, {"other", other->second.native()}}));
    }
  }

 private:
  std::set<std::pair<dev_t, ino_t>> files_;
  std::map<fs::path, fs::path> outputs_;
};

fs::path whole(const fs::path& file) {
  std::error_code nameless;
  return fs::absolute(file, nameless).lexically_normal();
}

// Who names * a second time does not mean the signatures made the first time.
void skip_signatures(std::vector<SignJob>& jobs, bool force) {
  std::set<fs::path> outputs;
  for (const SignJob& job : jobs) outputs.insert(whole(job.output));
  for (SignJob& job : jobs) {
    const bool ours = outputs.count(whole(job.file)) > 0;
    if (job.outcome != Outcome::waiting || !(ours || (is_signature_name(job.file) && !force))) continue;
    if (jobs.size() == 1) {
      job.fail(_("This is a signature. --force signs it all the same."));
    } else {
      job.outcome = Outcome::skipped;
    }
  }
}

}  // namespace

std::vector<SignJob> plan(const std::vector<std::string>& files, const SignOptions& options) {
  Names names;
  std::vector<SignJob> jobs;
  for (const fs::path file : files) {
    SignJob job{file, output_of(file, options), options.name.empty() ? file.filename().string() : options.name};
    names.check(job);
    jobs.push_back(std::move(job));
  }
  skip_signatures(jobs, options.force);
  return jobs;
}

}  // namespace smartcmd
