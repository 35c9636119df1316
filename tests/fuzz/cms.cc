// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// Signatures by anybody, as `smartcmd verify` reads them, and `smartcmd sign` those that are there already.

#include "cli/verify/report.h"
#include "documents/cms_signature.h"
#include "tests/fuzz/fuzz.h"

namespace smartcmd {
namespace {

constexpr std::string_view signed_text = "text";  // as the seeds have it
constexpr std::time_t now = 1'900'000'000;

std::string printed;

void keep_printed(const char* text) {
  printed += text;
}

std::vector<CmsSigner> checked(CmsMessage& message) {
  if (!message.is_detached()) return message.check();
  const Bio text(BIO_new_mem_buf(signed_text.data(), static_cast<int>(signed_text.size())));
  return message.check(text.get());
}

VerifiedFile verified(CmsMessage& message) {
  static const Authorities nobody("--ca");
  VerifiedFile file{"file.p7s", "file", {}, {}};
  (void)message.content_type();
  (void)message.content();
  const std::vector<Certificate> helpers = message.certificates();
  for (const CmsSigner& signer : checked(message)) {
    file.signatures.push_back(verify_signature(signer, helpers, nobody, now));
    fuzz::require(!file.signatures.back().good(), "nobody is trusted");
  }
  return file;
}

void report(const VerifiedFile& file) {
  g_set_print_handler(keep_printed);
  printed.clear();
  print_report({file});
  fuzz::require(fuzz::is_printable(printed), "what is shown of a signature is text");
  print_json({file});
  fuzz::require(fuzz::is_utf8(printed), "what is written of a signature is UTF-8");
}

void read_again(ByteView octets) {
  std::optional<CmsSignature> signature;
  if (!fuzz::taken([&] { signature = CmsSignature::from_der(octets); })) return;
  (void)signature->timestamp();
  (void)signature->value();
  const Bytes der = signature->der();
  fuzz::require(CmsSignature::from_der(der).der() == der, "a signature is read again");
}

}  // namespace
}  // namespace smartcmd

int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace smartcmd;
  const ByteView octets(data, size);
  fuzz::taken([&] {
    if (auto message = CmsMessage::from(octets)) report(verified(*message));
  });
  read_again(octets);
  return 0;
}
