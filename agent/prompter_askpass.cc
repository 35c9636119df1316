// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>

#include "agent/prompt_text.h"
#include "agent/prompter.h"
#include "agent/watch.h"
#include "base/child_process.h"
#include "base/error.h"
#include "base/text.h"

namespace smartcmd {

namespace {

// More than a line has; a program that never stops writing must not keep the agent from looking at the time.
constexpr int read_at_once = 4096;

constexpr std::string_view resend_answer = "resend";

/// A running askpass program and its standard output.
class Askpass {
 public:
  Askpass(const Program& program, FileDescriptor output) : output_(std::move(output)), program_(program) {}

  /// -1 once all was read.
  int output() const { return output_.get(); }
  /// Reads what there is of the first line, and forgets the rest.
  void read_output();
  /// Whether the program has ended; then line() is final.
  bool has_ended();
  const ChildProcess& program() const { return program_; }
  SecureString& line() { return line_; }

 private:
  FileDescriptor output_;
  ChildProcess program_;
  SecureString line_;
  bool line_complete_ = false;
};

bool Askpass::has_ended() {
  if (!program_.has_ended()) return false;
  read_output();
  return true;
}

void Askpass::read_output() {
  char octet = 0;
  ssize_t count = 1;
  for (int i = 0; i < read_at_once && output_ && (count = read(output_.get(), &octet, 1)) > 0; ++i) {
    line_complete_ = line_complete_ || octet == '\n';
    if (!line_complete_ && octet != '\r') line_.push_back(octet);
  }
  explicit_bzero(&octet, sizeof octet);
  if (count == 0) output_.close();
}

// ---- what the program is told ---------------------------------------------------------------------------------------

using Variables = std::vector<std::pair<std::string, std::string>>;

template <class Text>
std::string lines(const std::vector<Document>& documents, Text text) {
  std::string joined;
  for (const Document& document : documents) joined += (joined.empty() ? "" : "\n") + text(document);
  return joined;
}

// Never a secret, and never the phone number.
Variables variables(const Question& question) {
  return {
      {"SMARTCMD_ACCOUNT", question.account.name},
      {"SMARTCMD_LABEL", presentable_name(question.account.label)},
      {"SMARTCMD_SERVICE", presentable_name(question.account.service.name)},
      {"SMARTCMD_PROGRAM", presentable_name(question.program)},
      {"SMARTCMD_DOCUMENTS", lines(question.documents, [](const Document& d) { return d.name; })},
      {"SMARTCMD_DIGESTS", lines(question.documents, digest_beginning)},
      {"SMARTCMD_OPEN_DOCUMENT", presentable_name(question.open_document)},
      {"SMARTCMD_PROCESS_ID", question.process_id},
      {"SMARTCMD_MAY_RESEND", question.may_resend ? "1" : ""},
      {"SMARTCMD_WRONG", question.wrong_before ? "1" : ""},
      {"SMARTCMD_SECONDS", std::to_string(question.timeout.count())},
  };
}

std::vector<std::string> environment(const Question& question) {
  const Variables own = variables(question);
  std::vector<std::string> all;
  for (char** inherited = environ; *inherited != nullptr; ++inherited) {
    const std::string_view text(*inherited);
    const std::string_view name = text.substr(0, text.find('='));
    if (std::none_of(own.begin(), own.end(), [name](const auto& one) { return one.first == name; })) {
      all.emplace_back(text);
    }
  }
  for (const auto& [name, value] : own) {
    if (!value.empty()) all.push_back(name + "=" + value);
  }
  return all;
}

// ---- the prompter ---------------------------------------------------------------------------------------------------

class AskpassPrompter final : public Prompter {
 public:
  AskpassPrompter(std::string path, int host) : path_(std::move(path)), host_(host) {}

  bool available() const override { return !path_.empty(); }
  Answer ask(const Question& question) override;

 private:
  Askpass start(const Question& question) const;
  Answer answer(const Question& question, Askpass& askpass) const;
  [[noreturn]] void fail(const char* sentence, Value value = {}) const;

  std::string path_;
  int host_;
};

Answer AskpassPrompter::ask(const Question& question) {
  Watch watch(host_, question.timeout);
  Askpass askpass = start(question);
  while (!askpass.has_ended()) {
    if (watch.wait(askpass.output()) == Watch::Event::ready) askpass.read_output();
  }
  return answer(question, askpass);
}

Askpass AskpassPrompter::start(const Question& question) const {
  if (!path_.starts_with('/')) fail(_("The path of the askpass program '{program}' is not absolute."));
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) {
    fail(_("The askpass program '{program}' could not be started: {reason}."), {"reason", strerror(errno)});
  }
  FileDescriptor ours(ends[0]);
  const FileDescriptor theirs(ends[1]);
  fcntl(ours.get(), F_SETFL, O_NONBLOCK);
  const char* purpose = question.purpose == Purpose::pin ? "pin" : "otp";
  // In a group of its own the windows it opens end with it; but a background group must not read the terminal.
  try {
    return Askpass({path_, {purpose}, environment(question), {{theirs.get(), STDOUT_FILENO}}, !has_terminal()},
                   std::move(ours));
  } catch (const std::system_error& failure) {
    fail(_("The askpass program '{program}' could not be started: {reason}."), {"reason", failure.code().message()});
  }
}

// A program that prints nothing and exits with 1 is one whose "Cancel" was pressed.
Answer AskpassPrompter::answer(const Question& question, Askpass& askpass) const {
  const std::string status = std::to_string(askpass.program().status());
  if (askpass.program().was_killed()) {
    fail(_("The askpass program '{program}' was ended by signal {signal}."), {"signal", status});
  }
  if (askpass.program().status() == 1 && askpass.line().empty()) throw question_cancelled(question.purpose);
  if (askpass.program().status() != 0) {
    fail(_("The askpass program '{program}' ended with status {status}."), {"status", status});
  }
  if (question.may_resend && askpass.line().view() == resend_answer) return SendAgain{};
  return std::move(askpass.line());
}

void AskpassPrompter::fail(const char* sentence, Value value) const {
  throw Error(Errc::prompt_failed,
              filled(sentence, {{"program", path_}, value}) + " " +
                  _("Nothing was signed. Check SMARTCMD_ASKPASS, or askpass= in the configuration."));
}

}  // namespace

std::unique_ptr<Prompter> make_askpass_prompter(const Config& config, int host) {
  return std::make_unique<AskpassPrompter>(config.askpass().string(), host);
}

}  // namespace smartcmd
