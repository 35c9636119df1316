// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <ctime>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/file_version.h"
#include "cli/sign/evidence.h"
#include "cli/sign/interruption.h"
#include "cli/sign/job.h"
#include "cli/sign/progress.h"
#include "signing/signing_service.h"

namespace smartcmd {

/// Does a person's jobs: finds out what is signed already, and signs the rest, in batches or one by one. What belongs
/// to a job alone fails alone. Each signature is on the disk before anybody is asked for the next one-time password,
/// and before a timestamp or a record is made: it has been paid for, and nothing that fails then may lose it.
class BatchSigner {
 public:
  BatchSigner(const SigningService& signing, const Account& account, const SignOptions& options);

  /// Gives the jobs their outcome of which it is known without asking anybody: what is signed already, and what could
  /// not be written.
  void examine(std::vector<SignJob>& jobs, Interruption& interruption);
  /// Gives every other job its outcome. Those that an interruption or the service's refusal has left undone are
  /// `waiting`, and reason() says why.
  void run(std::vector<SignJob>& jobs, Interruption& interruption);
  const std::string& reason() const { return reason_; }

 private:
  /// The jobs, and how far they are.
  struct Work {
    std::vector<SignJob>& jobs;
    Progress& progress;
    Interruption& interruption;
    std::size_t batches = 0;      ///< there will be
    std::size_t number = 0;       ///< of the batch that is being signed, from 1
    std::size_t next = 0;         ///< to be prepared
    std::size_t signed_ones = 0;  ///< in the batches before

    void show(const SignJob& job) const {
      progress.show(static_cast<std::size_t>(&job - jobs.data()), job.file.filename().native());
    }
  };
  /// A job with its message, ready to be signed.
  struct Prepared {
    SignJob& job;
    FileVersion version;
    Digest content;
    CmsSignature message;
    std::time_t time;
    FileVersion written{};  ///< of the signature, where it lies where it belongs
  };
  void examine(SignJob& job, const Work& work);
  void require_places(const SignJob& job) const;
  bool has_good_timestamp(const CmsSignature& signature) const;
  int mode_for(const SignJob& job) const;
  void write(const SignJob& job, const CmsSignature& message) const;
  void look_for_signature(SignJob& job, const Work& work);
  std::vector<Prepared> prepare(Work& work) const;
  void sign(std::vector<Prepared>& batch, Work& work);
  void secure(Prepared& one, const Signature& signature) const;
  void keep(Prepared& one, ByteView bare) const;
  void keep_as_asked(Prepared& one) const;
  void complete(Prepared& one, const Document& document, const Signature& signature, const Work& work);
  void replace_with_timestamp(Prepared& one, const Work& work);
  std::size_t batch_size() const { return options_.one_by_one ? 1 : max_batch; }
  static void announce(std::size_t files, const Work& work);
  void give_up(std::vector<Prepared>& batch, const Error& error, const Work& work);
  void add_timestamp(CmsSignature& message, const Work& work);
  static bool is_unchanged(const Prepared& one);
  static void embed(Prepared& one);
  void keep_evidence(const Prepared& one, const Document& document, const Signature& signature) const;

  const SigningService& signing_;
  const Account& account_;
  const SignOptions& options_;
  const CertificateChain chain_;
  std::string reason_;
  std::string no_timestamps_;  ///< why the authority is not asked again; empty while it is
};

}  // namespace smartcmd
