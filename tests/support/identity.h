// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <filesystem>
#include <string>

#include "signing/certificate.h"
#include "tests/support/temporary_directory.h"

namespace smartcmd {

/// Makes what a fake or a real service signs with, in `directory`: `key.pem` (RSA, 2048 bits) and `chain.pem`, the
/// signer's certificate, the root and the authority between them, in CMD's order. And `renewed-key.pem` and
/// `renewed-chain.pem`, what the same authority gives the same person the next time.
void make_identity(const std::filesystem::path& directory);

/// The chain in a file of these.
CertificateChain chain_in(const std::filesystem::path& file);

/// A directory of its own for a test, with the identity of $SMARTCMD_TEST_IDENTITY (a directory; making one takes
/// memcheck minutes) and a configuration (`smartcmd.conf`, account `joana` at service `fake`), all in the environment
/// for the fake agent. It is removed at the end.
class TestHome {
 public:
  TestHome();

  std::filesystem::path file(const std::string& name) const { return directory_.path() / name; }
  /// Reads a file there; empty when there is none.
  std::string read(const std::string& name) const;
  /// Makes a shell script the askpass program.
  void set_askpass(const std::string& script) const;
  /// Makes a shell script the pinentry.
  void set_pinentry(const std::string& script) const;
  /// What the fake service was asked, a line each.
  std::string log() const { return read("log"); }

 private:
  TemporaryDirectory directory_;
};

}  // namespace smartcmd
