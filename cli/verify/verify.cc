// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include <glib.h>

#include <algorithm>
#include <filesystem>

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/console/options.h"
#include "cli/console/output.h"
#include "cli/verify/report.h"
#include "documents/pdf.h"

namespace smartcmd {
namespace fs = std::filesystem;
namespace {

constexpr Help verify_help = {
    N_("FILE…"), N_("Tells for each signature whether it is good, whose it is, and whether the signer's\n"
                    "certificate is trusted: by the system's authorities and those of --ca. FILE is a\n"
                    "signature (FILE.p7s, FILE.p7m), or a signed file with its signature beside it. FILE.p7s\n"
                    "is the signature of FILE in the same directory. FILE.p7m has its content inside; if FILE\n"
                    "is there as well, it must be the same.\n"
                    "An expired certificate counts when a trusted timestamp shows that it was used before.\n"
                    "Whether a certificate was revoked is not looked up.\n"
                    "The service of an account vouches for that account's certificate alone. This is a verdict\n"
                    "of its own, because the service could issue a certificate in any name.\n"
                    "\n"
                    "Ends with status 0 when every signature is good and trusted. Ends with 3 when every one\n"
                    "is good, but only the service of an account vouches for a signer. Else it ends with 1.")};

struct Options {
  std::vector<std::string> ca_files;
  fs::path content;
  bool json = false;
};

// The signature that is meant by a file on the command line.
fs::path signature_of(const fs::path& file) {
  if (is_signature_name(file)) return file;
  for (const char* extension : {".p7s", ".p7m"}) {
    const fs::path beside = file.native() + extension;
    std::error_code error;
    if (fs::exists(beside, error)) return beside;
  }
  return file;
}

// The file that a person takes for what was signed; empty where that is inside alone.
fs::path content_of(const fs::path& operand, const fs::path& signature, const fs::path& given, bool detached) {
  if (!given.empty()) return given;
  if (signature != operand) return operand;
  const fs::path beside = is_signature_name(operand) ? fs::path(operand).replace_extension() : fs::path();
  std::error_code error;
  if (!detached && !fs::exists(beside, error)) return {};
  if (beside.empty()) throw Error(Errc::invalid_argument, _("Say with --content what this signature is about."));
  return beside;
}

// Why there is nothing to verify in a file that is no CMS message.
std::string no_signature(const fs::path& operand, const fs::path& signature, ByteView octets) {
  if (signature != operand || is_signature_name(operand)) return _("This is no CMS signature.");
  if (is_signed_pdf(octets)) {
    return _(
        "The signature is inside this PDF, where smartcmd does not look. pdfsig, Okular and Acrobat Reader verify "
        "it.");
  }
  return _("There is no signature inside, and none beside it.");
}

void verify_into(VerifiedFile& result, const fs::path& operand, const fs::path& given, const Authorities& authorities) {
  const Bytes octets = read_octets(result.signature, Errc::invalid_argument);
  auto message = CmsMessage::from(octets);
  if (!message) {
    result.fault = no_signature(operand, result.signature, octets);
    return;
  }
  result.content = content_of(operand, result.signature, given, message->is_detached());
  const auto signers = result.content.empty() ? message->check() : message->check(result.content);
  const auto helpers = message->certificates();
  for (const CmsSigner& signer : signers)
    result.signatures.push_back(verify_signature(signer, helpers, authorities, std::time(nullptr)));
  if (signers.empty()) result.fault = _("There is no signature inside.");
}

VerifiedFile verify_file(const fs::path& operand, const fs::path& content, const Authorities& authorities) {
  VerifiedFile result{signature_of(operand), {}, {}, {}};
  try {
    verify_into(result, operand, content, authorities);
  } catch (const Error& error) {
    result.fault = error.what();
  }
  return result;
}

// Who only verifies needs no configuration, and one that cannot be read is no reason not to.
void add_accounts(Authorities& authorities) {
  try {
    authorities.add_accounts(Config::load());
  } catch (const Error& error) {
    complain(error.what());
  }
}

int status_of(const std::vector<VerifiedFile>& files) {
  const auto less = [](const VerifiedFile& a, const VerifiedFile& b) { return a.verdict() < b.verdict(); };
  switch (std::min_element(files.begin(), files.end(), less)->verdict()) {
    case Verdict::trusted:
      return exit_ok;
    case Verdict::account_only:
      return exit_unproved;
    case Verdict::not_trusted:
    case Verdict::not_good:
      break;
  }
  return exit_error;
}

int verify_all(const std::vector<std::string>& operands, const Options& options) {
  Authorities authorities("--ca");
  authorities.add_system();
  for (const std::string& file : options.ca_files) authorities.add_file(file);
  add_accounts(authorities);
  std::vector<VerifiedFile> files;
  for (const std::string& operand : operands) files.push_back(verify_file(operand, options.content, authorities));
  options.json ? print_json(files) : print_report(files);
  return status_of(files);
}

}  // namespace

int verify(std::span<char*> arguments) {
  char** ca_files = nullptr;
  char* content = nullptr;
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
      {"ca", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_FILENAME_ARRAY, &ca_files,
       N_("Trust the authorities in FILE (PEM), for signers and timestamps; may be given several times"), N_("FILE")},
      {"content", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_FILENAME, &content,
       N_("What was signed, where it lies elsewhere"), N_("FILE")},
      {"json", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &json, N_("Print one JSON document"), nullptr},
      {}};
  const auto operands = parse_options(arguments, entries, verify_help);
  const CPtr<char*, g_strfreev> ca_owner(ca_files);
  const CPtr<char, g_free> content_owner(content);
  if (!operands) return exit_usage;
  if (operands->empty()) return usage_error(_("Say which files to verify."));
  if (content != nullptr && operands->size() > 1) return usage_error(_("--content goes with one FILE."));
  Options options{{}, content != nullptr ? content : "", json != FALSE};
  for (char** file = ca_files; file != nullptr && *file != nullptr; ++file) options.ca_files.emplace_back(*file);
  return verify_all(*operands, options);
}

}  // namespace smartcmd
