// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "cli/sign/safekeeping.h"

#include <glib.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/console/output.h"
#include "cli/sign/files.h"

namespace smartcmd {
namespace fs = std::filesystem;
namespace {

/// More of one name in one directory are not tried.
constexpr int most_names = 1000;

// In a directory under the first name that is free; false where it takes nothing.
bool keep_in(const fs::path& directory, const PaidSignature& signature, const char* extension, fs::path& place) {
  try {
    for (int number = 2; number < most_names; ++number) {
      place = directory / (signature.file.filename().native() + "." + std::to_string(number) + extension);
      if (write_new_durably(place, signature.octets, signature.mode)) return true;
    }
  } catch (const Error&) {
    return false;  // the next directory may take it
  }
  return false;
}

fs::path persons_directory() {
  const fs::path directory = fs::path(g_get_user_data_dir()) / "smartcmd/signatures";
  g_mkdir_with_parents(directory.c_str(), 0700);
  return directory;
}

}  // namespace

fs::path keep_aside(const PaidSignature& signature, const char* extension) {
  fs::path place;
  for (const fs::path& directory :
       {signature.output.parent_path(), signature.file.parent_path(), persons_directory(), fs::path(g_get_tmp_dir())})
    if (keep_in(directory, signature, extension, place)) return place;
  throw Error(Errc::invalid_argument, _("No directory takes the signature."));
}

void print_signature(const fs::path& file, ByteView octets) {
  constexpr std::size_t width = 64;  // RFC 7468
  const std::string text = to_base64(octets);
  complain(filled(_("The signature of {file}:"), {{"file", file.native()}}));
  g_printerr("-----BEGIN CMS-----\n");
  for (std::size_t at = 0; at < text.size(); at += width) g_printerr("%s\n", text.substr(at, width).c_str());
  g_printerr("-----END CMS-----\n");
}

}  // namespace smartcmd
