// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// Stands in for libFuzzer: gives each file of the directories to the target, once.

#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include "tests/fuzz/fuzz.h"

namespace {

void replay(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  const std::string octets{std::istreambuf_iterator<char>(stream), {}};
  std::cerr << file.native() << "\n";  // stays the last line when it is a finding
  LLVMFuzzerTestOneInput(reinterpret_cast<const unsigned char*>(octets.data()), octets.size());
}

}  // namespace

int main(int argc, char** argv) {
  unsigned files = 0;
  for (char** directory = argv + 1; directory != argv + argc; ++directory) {
    for (const auto& entry : std::filesystem::directory_iterator(*directory)) {
      replay(entry.path());
      ++files;
    }
  }
  if (files == 0) std::cerr << "No file was read.\n";
  return files > 0 ? 0 : 1;
}
