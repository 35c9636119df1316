// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "cli/uris.h"

#include <glib.h>

#include "base/c_ptr.h"
#include "base/text.h"
#include "signing/token.h"

namespace smartcmd {
namespace {

/// What a URI's type= may be.
struct Kind {
  const char* what;
  const char* type;
};

constexpr Kind cmd_kinds[] = {
    {N_("private key"), "private"},
    {N_("certificate"), "cert"},
    {N_("authorities"), "chain"},
    {N_("public key"), "public"},
};

constexpr Kind pkcs11_kinds[] = {
    {N_("private key"), "private"},
    {N_("certificate"), "cert"},
    {N_("public key"), "public"},
};

std::string encoded(const std::string& text) {
  return CPtr<gchar, g_free>(g_uri_escape_string(text.c_str(), nullptr, FALSE)).get();
}

std::string encoded(const Bytes& octets) {
  std::string text;
  for (const unsigned octet : octets) {
    constexpr char digits[] = "0123456789ABCDEF";
    text += {'%', digits[octet >> 4], digits[octet & 0xf]};
  }
  return text;
}

std::string token_uri(const Config& config, const Account& account) {
  const auto number = static_cast<std::size_t>(&account - config.accounts().data());
  return "pkcs11:model=" + encoded(std::string(token_model)) +
         ";manufacturer=" + encoded(std::string(token_manufacturer)) + ";serial=" + token_serial_number(account) +
         ";token=" + encoded(token_labels(config)[number]);
}

}  // namespace

std::vector<Uri> cmd_uris(const Account& account) {
  const std::string name = encoded(account.name);
  std::vector<Uri> uris{{_("key and certificate"), "cmd:" + name}};
  for (const Kind& kind : cmd_kinds) uris.push_back({_(kind.what), "cmd:account=" + name + ";type=" + kind.type});
  return uris;
}

std::vector<Uri> pkcs11_uris(const Config& config, const Account& account, const CertificateChain* chain) {
  const std::string token = token_uri(config, account);
  std::vector<Uri> uris{{_("token"), token}};
  if (chain == nullptr) return uris;
  const std::string object =
      token + ";id=" + encoded(object_id(chain->signer())) + ";object=" + encoded(object_label(account));
  for (const Kind& kind : pkcs11_kinds) uris.push_back({_(kind.what), object + ";type=" + kind.type});
  return uris;
}

}  // namespace smartcmd
