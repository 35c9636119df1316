// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// cmd: URIs, which programs hand on from command lines, their configuration and key files.

#include "signing/uri.h"

#include "base/c_ptr.h"
#include "tests/fuzz/fuzz.h"

namespace smartcmd {
namespace {

std::string escaped(const std::string& text) {
  return CPtr<char, g_free>(g_uri_escape_string(text.c_str(), nullptr, FALSE)).get();
}

std::string written(const CmdUri& uri) {
  static constexpr const char* types[] = {nullptr, "private", "public", "cert", "chain"};
  const char* type = types[static_cast<std::size_t>(uri.type)];
  std::string text = "cmd:account=" + escaped(uri.account);
  if (type != nullptr) text += std::string(";type=") + type;
  text += "?name=" + escaped(uri.name);
  return text + "&pin-source=file:" + escaped(uri.pin_source.native());
}

}  // namespace
}  // namespace smartcmd

int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace smartcmd;
  const std::string text = fuzz::text_of(data, size);
  CmdUri uri;
  if (!fuzz::taken([&] { uri = CmdUri::parse(text); })) return 0;
  fuzz::require(text.find('\0') == std::string::npos, "nothing is cut off");
  const CmdUri again = CmdUri::parse(written(uri));
  fuzz::require(again.account == uri.account && again.type == uri.type && again.pin_source == uri.pin_source &&
                    again.name == uri.name,
                "what is written is read again");
  return 0;
}
