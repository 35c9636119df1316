// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <json-glib/json-glib.h>

#include <cstdint>
#include <string>

#include "base/c_ptr.h"

namespace smartcmd {

/// Writes one JSON document (RFC 8259), an object, from its beginning to its end. Without a `name` it is an element of
/// the array that is open. What is no UTF-8 is made so.
class Json {
 public:
  Json();

  Json& begin_object(const char* name = nullptr);
  Json& end_object();
  Json& begin_array(const char* name);
  Json& end_array();
  Json& add(const char* name, const std::string& value);
  Json& add(const char* name, const char* value) { return add(name, std::string(value)); }
  Json& add(const char* name, std::int64_t value);
  Json& add(const char* name, bool value);
  /// Adds nothing where the text is empty.
  Json& add_unless_empty(const char* name, const std::string& value);

  /// The whole document; nothing can be added afterwards.
  std::string text();

 private:
  void set_name(const char* name);
  CPtr<JsonBuilder, g_object_unref> builder_;
};

}  // namespace smartcmd
