// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// What a host has open, as far as it may be what it signs.

#include "signing/open_document.h"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>

#include "base/file_descriptor.h"
#include "tests/support/expect.h"
#include "tests/support/temporary_directory.h"

using namespace smartcmd;

namespace {

FileDescriptor open_file(const std::filesystem::path& file, int mode = O_RDONLY) {
  FileDescriptor descriptor(open(file.c_str(), mode | O_CLOEXEC));
  assert_true(static_cast<bool>(descriptor));
  return descriptor;
}

void expect_open(const char* name) {
  assert_string_equal(open_document().c_str(), name);
}

void the_only_document_is_found(void**) {
  const TemporaryDirectory directory;
  const auto contract = directory.write("Contrato 1.PDF", "a"), annex = directory.write("annex.odt", "b");
  expect_open("");
  {
    const FileDescriptor one = open_file(contract), again = open_file(contract, O_RDWR);
    expect_open("Contrato 1.PDF");
    const FileDescriptor other = open_file(annex);
    expect_open("");  // which of them nobody knows
  }
  expect_open("");
}

void what_is_no_document_does_not_count(void**) {
  const TemporaryDirectory directory;
  const FileDescriptor contract = open_file(directory.write("contract.pdf", "a"));
  const FileDescriptor key = open_file(directory.write("key.pem", "b"));
  const FileDescriptor output = open_file(directory.write("signed.pdf", "c"), O_WRONLY);
  std::filesystem::create_directories(directory.path() / ".cache");
  const FileDescriptor cached = open_file(directory.write(".cache/page.html", "d"));
  std::filesystem::create_directories(directory.path() / "folder.pdf");
  const FileDescriptor folder = open_file(directory.path() / "folder.pdf");
  expect_open("contract.pdf");
  std::filesystem::remove(directory.path() / "contract.pdf");
  expect_open("");
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(the_only_document_is_found),
      cmocka_unit_test(what_is_no_document_does_not_count),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
