// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// make-identity DIRECTORY: an identity for all tests that need none of their own.

#include <exception>
#include <iostream>

#include "tests/support/identity.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: make-identity DIRECTORY\n";
    return 2;
  }
  try {
    smartcmd::make_identity(argv[1]);
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "make-identity: " << error.what() << "\n";
    return 1;
  }
}
