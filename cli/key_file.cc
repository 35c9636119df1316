// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include <glib.h>
#include <openssl/asn1.h>
#include <openssl/pem.h>

#include "base/c_ptr.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/console/options.h"
#include "signing/config.h"
#include "signing/uri.h"
#include "signing/x509.h"

namespace smartcmd {
namespace {

constexpr Help key_file_help = {
    N_("[ACCOUNT]"),
    N_("Prints a PEM file that stands for the key of ACCOUNT, or of the default account, for programs\n"
       "that read keys from files only: smartcmd key-file joana > joana.key\n"
       "It holds no secret but the account's name; OpenSSL 3 with SmartCMD's provider active reads it.")};

/// A PEM block with the URI as a DER UTF8String.
int print_key_file(const std::string& uri) {
  const CPtr<ASN1_UTF8STRING, ASN1_UTF8STRING_free> text(ASN1_UTF8STRING_new());
  if (!text || ASN1_STRING_set(text.get(), uri.data(), static_cast<int>(uri.size())) != 1) throw std::bad_alloc();
  const Bytes der = to_der<const ASN1_UTF8STRING*>(i2d_ASN1_UTF8STRING, text.get());
  const bool written =
      PEM_write(stdout, key_file_label, "", der.data(), static_cast<long>(der.size())) > 0 && fflush(stdout) == 0;
  if (!written) throw Error(Errc::internal, _("The key file could not be written to standard output."));
  return exit_ok;
}

}  // namespace

int key_file(std::span<char*> arguments) {
  const GOptionEntry entries[] = {{}};
  const auto name = parse_account(arguments, entries, key_file_help);
  if (!name) return exit_usage;
  return print_key_file("cmd:" + account_of_operand(Config::load(), *name).name);
}

}  // namespace smartcmd
