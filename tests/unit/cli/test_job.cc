// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// Which of the files that were named are signed, and where their signatures go.

#include "cli/sign/job.h"

#include <sys/stat.h>

#include "tests/support/expect.h"
#include "tests/support/temporary_directory.h"

namespace smartcmd {
namespace {

const TemporaryDirectory directory;

std::string made(const std::string& name, const std::string& content = "x") {
  std::filesystem::create_directories((directory.path() / name).parent_path());
  return directory.write(name, content);
}

/// That of the last file.
SignJob planned(const std::vector<std::string>& files, const SignOptions& options = {}) {
  return plan(files, options).back();
}

void expect_failed(const SignJob& job, const char* reason) {
  assert_true(job.outcome == Outcome::failed);
  assert_true(contains(job.reason, reason));
}

void a_signature_goes_beside_its_file(void**) {
  const std::string file = made("a.txt");
  const SignJob job = planned({file});
  assert_true(job.outcome == Outcome::waiting);
  assert_string_equal(job.output.c_str(), (file + ".p7s").c_str());
  assert_string_equal(job.name.c_str(), "a.txt");
  SignOptions options;
  options.attached = true;
  options.out_dir = "/out";
  options.name = "Contract";
  assert_string_equal(planned({file}, options).output.c_str(), "/out/a.txt.p7m");
  assert_string_equal(planned({file}, options).name.c_str(), "Contract");
}

void what_cannot_be_signed_fails_alone(void**) {
  const std::string pipe = (directory.path() / "pipe").string();
  assert_int_equal(mkfifo(pipe.c_str(), 0600), 0);
  const std::vector<SignJob> jobs = plan({"", "-", (directory.path() / "none").string(), directory.path().string(),
                                          pipe, made("empty", ""), made("a.txt")},
                                         {});
  const char* const reasons[] = {"name of the file is empty", "Standard input", "cannot be read", "is a directory",
                                 "no file on a disk",         "is empty"};
  for (std::size_t i = 0; i < std::size(reasons); ++i) expect_failed(jobs.at(i), reasons[i]);
  assert_true(jobs.back().outcome == Outcome::waiting);
}

void a_file_is_signed_once_whatever_its_name(void**) {
  const std::string file = made("a.txt");
  const std::filesystem::path link = directory.path() / "link";
  std::filesystem::create_symlink(file, link);
  expect_failed(planned({file, file}), "named twice");
  expect_failed(planned({file, link.string()}), "named twice");
}

void no_signature_goes_over_another(void**) {
  SignOptions options;
  options.out_dir = directory.path() / "out";
  const std::vector<std::string> files{made("one/a.txt"), made("two/a.txt")};
  expect_failed(planned(files, options), "one after the other");
  assert_true(planned(files).outcome == Outcome::waiting);
}

void signatures_among_the_files_are_skipped(void**) {
  const std::string file = made("a.txt"), signature = made("a.txt.p7s"), other = made("b.p7s");
  SignOptions force;
  force.force = true;
  assert_true(planned({file, signature}).outcome == Outcome::skipped);
  assert_true(planned({file, signature}, force).outcome == Outcome::skipped);
  assert_true(planned({file, other}).outcome == Outcome::skipped);
  assert_true(planned({file, other}, force).outcome == Outcome::waiting);
  expect_failed(planned({other}), "--force");
  assert_true(planned({other}, force).outcome == Outcome::waiting);
}

}  // namespace
}  // namespace smartcmd

int main() {
  using namespace smartcmd;
  const CMUnitTest tests[] = {
      cmocka_unit_test(a_signature_goes_beside_its_file),        cmocka_unit_test(what_cannot_be_signed_fails_alone),
      cmocka_unit_test(a_file_is_signed_once_whatever_its_name), cmocka_unit_test(no_signature_goes_over_another),
      cmocka_unit_test(signatures_among_the_files_are_skipped),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
