// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "cli/console/json.h"

#include <cstdio>

#include "base/text.h"

namespace smartcmd {

namespace {

void append_escape(std::string& text, gunichar2 unit) {
  char escape[] = "\\u0000";
  std::snprintf(escape, sizeof escape, "\\u%04x", unsigned{unit});
  text += escape;
}

// A reader of JSON gets the data as they are, and a terminal nothing that is not printable (RFC 8259 section 7).
// Outside of strings JSON is ASCII.
std::string escaped(const char* json) {
  std::string text;
  for (const char *p = json, *next = nullptr; *p != '\0'; p = next) {
    next = g_utf8_next_char(p);
    const gunichar point = g_utf8_get_char(p);
    if (point == '\n' || is_printable(point)) {
      text.append(p, next);
    } else if (point < 0x10000) {
      append_escape(text, static_cast<gunichar2>(point));
    } else {
      append_escape(text, static_cast<gunichar2>(0xd7c0 + (point >> 10)));
      append_escape(text, static_cast<gunichar2>(0xdc00 + (point & 0x3ff)));
    }
  }
  return text;
}

}  // namespace

Json::Json() : builder_(json_builder_new()) {
  begin_object();
}

void Json::set_name(const char* name) {
  if (name != nullptr) json_builder_set_member_name(builder_.get(), name);
}

Json& Json::begin_object(const char* name) {
  set_name(name);
  json_builder_begin_object(builder_.get());
  return *this;
}

Json& Json::end_object() {
  json_builder_end_object(builder_.get());
  return *this;
}

Json& Json::begin_array(const char* name) {
  set_name(name);
  json_builder_begin_array(builder_.get());
  return *this;
}

Json& Json::end_array() {
  json_builder_end_array(builder_.get());
  return *this;
}

Json& Json::add(const char* name, const std::string& value) {
  set_name(name);
  const CPtr<char, g_free> text(g_utf8_make_valid(value.data(), static_cast<gssize>(value.size())));
  json_builder_add_string_value(builder_.get(), text.get());
  return *this;
}

Json& Json::add(const char* name, std::int64_t value) {
  set_name(name);
  json_builder_add_int_value(builder_.get(), value);
  return *this;
}

Json& Json::add(const char* name, bool value) {
  set_name(name);
  json_builder_add_boolean_value(builder_.get(), value ? TRUE : FALSE);
  return *this;
}

Json& Json::add_unless_empty(const char* name, const std::string& value) {
  return value.empty() ? *this : add(name, value);
}

std::string Json::text() {
  end_object();
  const CPtr<JsonNode, json_node_unref> root(json_builder_get_root(builder_.get()));
  const CPtr<char, g_free> text(json_to_string(root.get(), TRUE));
  return escaped(text.get()) + "\n";
}

}  // namespace smartcmd
