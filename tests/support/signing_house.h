// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <openssl/rsa.h>

#include <filesystem>
#include <map>
#include <string>

#include "base/bytes.h"
#include "service/operations.h"
#include "service/otp.h"
#include "service/secret_files.h"
#include "service/setup.h"
#include "tests/support/temporary_directory.h"

namespace smartcmd::service {

/// Keeps the messages where a test finds them.
class Mailbox final : public OtpDelivery {
 public:
  void deliver(const OtpMessage& message) override {
    codes[message.process_id] = std::string(message.code.view());
    if (broken) throw Error(Errc::internal, "The mailbox is broken.");
    about = message.about;
    ++delivered;
  }
  void withdraw(const std::string& process_id) noexcept override { codes.erase(process_id); }

  std::map<std::string, std::string> codes;
  std::string about;
  int delivered = 0;
  bool broken = false;
};

/// A service as `smartcmdd init` makes it, its directory the working directory. One for each program of tests: making
/// the keys takes seconds.
struct MadeDirectory {
  TemporaryDirectory directory;
  MadeDirectory() {
    set_up(directory.path() / "service", "127.0.0.1:0", {});
    enter(directory.path() / "service");
  }
};

/// All parts of a service in that directory, SoftHSM2 among them, with one person in it. Messages arrive in a mailbox,
/// and the clock of the processes is ours.
struct SigningHouse {
  static constexpr const char* phone = "+351 910000000";
  static constexpr const char* pin = "1234";

  Settings settings = Settings::load();
  Authority authority;
  FieldKeys field_keys{std::filesystem::path(layout::field_keys)};
  Accounts accounts{settings.database};
  Hsm hsm{settings.hsm_module, settings.hsm_token, read_secret(settings.hsm_pin_file)};
  Keystore keystore{hsm};
  Mailbox mailbox;
  Processes::TimePoint now{};
  std::chrono::seconds step{0};  ///< by which the clock goes on each time it is looked at
  Processes processes{{settings.otp_lifetime, settings.otp_attempts}, mailbox, [this] { return now += step; }};

  SigningHouse() {
    if (accounts.find(phone)) return;
    const Keystore::NewKey key = keystore.create("JOANA SILVA", SecureString(pin));
    accounts.add({phone, "JOANA SILVA", key.record, authority.issue("JOANA SILVA", key.public_key), 0});
  }

  Operations operations() { return Operations({settings, accounts, authority, field_keys, keystore, processes}); }

  /// A field as a client encrypts it.
  std::string encrypt(std::string_view text) const {
    const X509Ptr certificate = read_certificate(layout::client_encryption);
    const CPtr<EVP_PKEY_CTX, EVP_PKEY_CTX_free> context(EVP_PKEY_CTX_new(X509_get0_pubkey(certificate.get()), nullptr));
    Bytes ciphertext(256);
    std::size_t size = ciphertext.size();
    if (EVP_PKEY_encrypt_init(context.get()) != 1 ||
        EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) != 1 ||
        EVP_PKEY_encrypt(context.get(), ciphertext.data(), &size, bytes_of(text).data(), text.size()) != 1) {
      abort();
    }
    return to_base64(ciphertext);
  }
};

}  // namespace smartcmd::service
