// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "signing/uri.h"

#include <glib.h>

#include <algorithm>
#include <array>

#include "base/c_ptr.h"
#include "base/error.h"
#include "base/text.h"
#include "signing/document.h"

namespace smartcmd {

namespace {

constexpr std::string_view pin_value = "pin-value";

// As much of it as may be read over a shoulder and in a log: nothing from a query or a PIN on, nor what moves a cursor.
std::string quotable(std::string_view uri) {
  return presentable_name(uri.substr(0, std::min(uri.find('?'), uri.find(pin_value))));
}

[[noreturn]] void refuse(std::string_view uri, const std::string& why) {
  throw Error(Errc::invalid_argument,
              filled(_("'{uri}' is no cmd: URI: {why}"), {{"uri", quotable(uri)}, {"why", why}}));
}

std::string decoded(std::string_view uri, std::string_view text) {
  const CPtr<char, g_free> plain(
      g_uri_unescape_segment(text.data(), text.data() + text.size(), /*illegal_characters=*/nullptr));
  if (!plain) refuse(uri, _("a '%' is followed by two hexadecimal digits."));
  return plain.get();
}

struct TypeName {
  std::string_view name;
  CmdUri::Type type;
};
constexpr std::array<TypeName, 4> type_names = {{{"private", CmdUri::Type::private_key},
                                                 {"public", CmdUri::Type::public_key},
                                                 {"cert", CmdUri::Type::certificate},
                                                 {"chain", CmdUri::Type::chain}}};

CmdUri::Type type_of(std::string_view uri, std::string_view name) {
  for (const TypeName& known : type_names) {
    if (known.name == name) return known.type;
  }
  refuse(uri, _("type is private, public, cert or chain."));
}

void set_attribute(CmdUri& result, std::string_view uri, std::string_view attribute, bool query) {
  const auto equals = attribute.find('=');
  if (equals == std::string_view::npos) {
    if (query || !result.account.empty()) refuse(uri, _("one of its attributes has no value, as in 'type=cert'."));
    result.account = decoded(uri, attribute);  // cmd:joana
    return;
  }
  const std::string_view key = attribute.substr(0, equals);
  if (key == pin_value) {
    refuse(uri, _("a PIN is not written into it. Name a file that holds it, with ?pin-source=file:PATH."));
  }
  const std::string value = decoded(uri, attribute.substr(equals + 1));
  if (!query && key == "account") {
    result.account = value;
  } else if (!query && key == "type") {
    result.type = type_of(uri, value);
  } else if (query && key == "pin-source") {
    result.pin_source = value.starts_with("file:") ? value.substr(5) : value;
  } else if (query && key == "name") {
    result.name = value;
  } else {
    refuse(uri, filled(_("it has account, type, ?pin-source and ?name, not '{attribute}'."),
                       {{"attribute", presentable_name(key)}}));
  }
}

// Calls `use` for every part of `text` between separators; an empty text has none.
template <class Use>
void for_each_part(std::string_view text, char separator, Use use) {
  while (!text.empty()) {
    const auto end = std::min(text.find(separator), text.size());
    if (end > 0) use(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

}  // namespace

CmdUri CmdUri::parse(std::string_view text) {
  if (!has_scheme(text)) refuse(text, _("it begins with 'cmd:'."));
  CmdUri uri;
  const std::string_view rest = text.substr(4);
  const auto question = std::min(rest.find('?'), rest.size());
  for_each_part(rest.substr(0, question), ';', [&](std::string_view part) { set_attribute(uri, text, part, false); });
  for_each_part(rest.substr(std::min(question + 1, rest.size())), '&',
                [&](std::string_view part) { set_attribute(uri, text, part, true); });
  return uri;
}

}  // namespace smartcmd
