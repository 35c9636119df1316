// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

// cmocka.h includes nothing of what it needs and says nothing of C++.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
extern "C" {
#include <cmocka.h>
}
// clang-format on

#include <string>

#include "base/error.h"

namespace smartcmd {

/// The Error that `act` throws; the test fails when it throws none.
template <class Act>
Error error_of(Act&& act) {
  try {
    act();
  } catch (const Error& error) {
    return error;
  }
  fail_msg("an Error was expected, none came");
  return {Errc::internal, ""};
}

/// Fails unless `act` throws an Error of that code; the sentence is shown when the code is another.
template <class Act>
void expect_error(Errc code, Act&& act) {
  const Error error = error_of(act);
  if (error.code() != code) print_error("not the error expected: %s\n", error.what());
  assert_int_equal(static_cast<int>(error.code()), static_cast<int>(code));
}

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace smartcmd
