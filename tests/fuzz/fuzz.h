// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <glib.h>

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "base/bytes.h"
#include "base/error.h"

/// What a target is: reads the octets as our code reads what others wrote. libFuzzer calls it with octets of its own
/// making, replay.cc with those of files. A signal, or an exception that comes out, is a finding.
extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size);

namespace smartcmd::fuzz {

/// Ends the program with a finding unless `holds`.
inline void require(bool holds, const char* property) {
  if (holds) return;
  std::fprintf(stderr, "Does not hold: %s\n", property);
  std::abort();
}

/// Whether `read` takes what it is given. An Error refuses it; but whatever others wrote, that is no fault of ours, nor
/// a want of memory.
template <class Read>
bool taken(Read&& read) {
  try {
    read();
    return true;
  } catch (const Error& error) {
    require(error.code() != Errc::internal && error.code() != Errc::out_of_memory, error.what());
    return false;
  }
}

inline std::string text_of(const unsigned char* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

inline bool is_utf8(const std::string& text) {
  return g_utf8_validate(text.data(), static_cast<gssize>(text.size()), nullptr) != FALSE;
}

/// Whether a terminal shows the text, and does nothing else with it.
inline bool is_printable(const std::string& text) {
  if (!is_utf8(text)) return false;
  for (const char* at = text.c_str(); at != text.c_str() + text.size(); at = g_utf8_next_char(at))
    if (*at != '\n' && !g_unichar_isprint(g_utf8_get_char(at))) return false;
  return true;
}

}  // namespace smartcmd::fuzz
