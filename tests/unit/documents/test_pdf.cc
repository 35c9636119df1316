// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "documents/pdf.h"

#include <string>

#include "tests/support/expect.h"
#include "tests/support/temporary_directory.h"

namespace smartcmd {
namespace {

void a_signature_in_a_pdf_is_seen(void**) {
  const std::string begin = "%PDF-1.7\n%\xe2\xe3\xcf\xd3\n";
  const std::string dictionary = "<< /Type /Sig /ByteRange\r\n [0 10 20 30] /Contents\n<00>>>";
  assert_true(is_signed_pdf(bytes_of(begin + dictionary)));
  assert_true(is_signed_pdf(bytes_of("rubbish before it " + begin + "<</Contents<00>/ByteRange[0 1 2 3]>>")));
  for (const std::string& none :
       {begin, dictionary, begin + "/ByteRange and /Contents 7 0 R", begin + "<</Contents 1 0 R /ByteRange [0 1 2 3]>>",
        begin + "/Contents <00> /ByteRange", std::string(2000, ' ') + begin + dictionary, std::string()})
    assert_false(is_signed_pdf(bytes_of(none)));
  assert_true(is_pdf(bytes_of(begin)));
  assert_false(is_pdf(bytes_of(dictionary)));
}

void a_pdf_is_known_by_its_beginning(void**) {
  const TemporaryDirectory directory;
  assert_true(is_pdf(directory.write("a.pdf", "%PDF-1.7\n")));
  assert_false(is_pdf(directory.write("b.pdf", "PDF")));
  assert_false(is_pdf(directory.write("c.pdf", "")));
  assert_false(is_pdf(directory.path() / "missing.pdf"));
}

}  // namespace
}  // namespace smartcmd

int main() {
  using namespace smartcmd;
  const CMUnitTest tests[] = {
      cmocka_unit_test(a_signature_in_a_pdf_is_seen),
      cmocka_unit_test(a_pdf_is_known_by_its_beginning),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
