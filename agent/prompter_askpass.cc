// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>

#include "agent/prompter.h"
#include "agent/watch.h"
#include "signing/child_process.h"
#include "signing/error.h"

namespace smartcmd {

namespace {

// More than a line has; a program that never stops writing must not keep the agent from looking at the time.
constexpr int read_at_once = 4096;

// How long a program that is told to end may take.
constexpr timespec grace{2, 0};

constexpr std::string_view resend_answer = "resend";

/// A running askpass program and its standard output. A Watch must live longer than it, for it blocks SIGCHLD.
/// Destroying it ends the program.
class Askpass {
 public:
  explicit Askpass(const Program& program, FileDescriptor output) : output_(std::move(output)), pid_(spawn(program)) {}
  ~Askpass();
  Askpass(const Askpass&) = delete;
  Askpass& operator=(const Askpass&) = delete;

  /// -1 once all was read.
  int output() const { return output_.get(); }
  /// Reads what there is of the first line, and forgets the rest.
  void read_output();
  /// Whether the program has ended; then status() and line() are final.
  bool has_ended();
  int status() const { return status_; }
  SecureString& line() { return line_; }

 private:
  bool is_reaped(int options);

  FileDescriptor output_;
  pid_t pid_;
  int status_ = 0;
  SecureString line_;
  bool line_complete_ = false;
};

Askpass::~Askpass() {
  if (pid_ < 0) return;
  kill(pid_, SIGTERM);
  sigset_t child;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  while (!is_reaped(WNOHANG)) {
    if (sigtimedwait(&child, nullptr, &grace) >= 0 || errno == EINTR) continue;
    kill(pid_, SIGKILL);
    is_reaped(0);
    return;
  }
}

bool Askpass::is_reaped(int options) {
  const pid_t ended = waitpid(pid_, &status_, options);
  if (ended == 0 || (ended < 0 && errno == EINTR)) return false;
  pid_ = -1;
  return true;
}

bool Askpass::has_ended() {
  if (!is_reaped(WNOHANG)) return false;
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
      {"SMARTCMD_PROCESS_ID", question.process_id},
      {"SMARTCMD_MAY_RESEND", question.may_resend ? "1" : ""},
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
  Answer answer(const Question& question, Askpass& program) const;
  [[noreturn]] void fail(const std::string& what) const;

  std::string path_;
  int host_;
};

Answer AskpassPrompter::ask(const Question& question) {
  Watch watch(host_, question.timeout);
  Askpass program = start(question);
  while (!program.has_ended()) {
    if (watch.wait(program.output()) == Watch::Event::ready) program.read_output();
  }
  return answer(question, program);
}

Askpass AskpassPrompter::start(const Question& question) const {
  if (!path_.starts_with('/')) fail("is not an absolute path");
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) fail(std::string("got no pipe: ") + strerror(errno));
  FileDescriptor ours(ends[0]);
  const FileDescriptor theirs(ends[1]);
  fcntl(ours.get(), F_SETFL, O_NONBLOCK);
  const char* purpose = question.purpose == Purpose::pin ? "pin" : "otp";
  try {
    return Askpass({path_, {purpose}, environment(question), theirs.get(), STDOUT_FILENO}, std::move(ours));
  } catch (const std::system_error& failure) {
    fail("could not be started: " + failure.code().message());
  }
}

// A program that prints nothing and exits with 1 is one whose "Cancel" was pressed.
Answer AskpassPrompter::answer(const Question& question, Askpass& program) const {
  const int status = program.status();
  if (WIFSIGNALED(status)) fail("was ended by signal " + std::to_string(WTERMSIG(status)));
  if (WEXITSTATUS(status) == 1 && program.line().empty()) {
    throw Error(Errc::cancelled, std::string("The question for the ") + rule(question.purpose).name +
                                     " was cancelled. Nothing was signed.");
  }
  if (WEXITSTATUS(status) != 0) fail("ended with status " + std::to_string(WEXITSTATUS(status)));
  if (question.may_resend && program.line().view() == resend_answer) return SendAgain{};
  return std::move(program.line());
}

void AskpassPrompter::fail(const std::string& what) const {
  throw Error(Errc::prompt_failed, "The askpass program '" + path_ + "' " + what +
                                       ". Check SMARTCMD_ASKPASS, or askpass= in the configuration.");
}

}  // namespace

std::unique_ptr<Prompter> make_askpass_prompter(const Config& config, int host) {
  return std::make_unique<AskpassPrompter>(config.askpass().string(), host);
}

}  // namespace smartcmd
