// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// The names of documents and programs, as a person is shown them and the service is sent them.

#include "signing/document.h"

#include <algorithm>

#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace smartcmd;
  const std::string all = fuzz::text_of(data, size);
  const std::string program = all.substr(0, all.find('\n'));
  std::vector<Document> documents;
  for (std::size_t at = program.size(); at < all.size() && documents.size() < max_batch;) {
    const std::size_t end = std::min(all.find('\n', at + 1), all.size());
    documents.push_back({all.substr(at + 1, end - at - 1), {Hash::sha256, Bytes(32)}});
    at = end;
  }
  settle_names(documents, program);
  std::vector<std::string> taken;
  for (const Document& document : documents) {
    const auto points = g_utf8_strlen(document.name.c_str(), -1);
    fuzz::require(fuzz::is_printable(document.name) && document.name.find('\n') == std::string::npos,
                  "a name is a line of text");
    fuzz::require(points > 0 && points <= static_cast<glong>(max_name_length), "a name is neither empty nor too long");
    fuzz::require(std::find(taken.begin(), taken.end(), document.name) == taken.end(), "no two are alike");
    taken.push_back(document.name);
  }
  return 0;
}
