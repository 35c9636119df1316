// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include <fcntl.h>
#include <locale.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "agent/pinentry.h"
#include "agent/prompt_text.h"
#include "agent/prompter.h"
#include "agent/watch.h"
#include "base/error.h"
#include "base/text.h"

namespace smartcmd {

namespace {

constexpr int attempts = 3;

/// How many documents a window names.
constexpr std::size_t most_documents = 10;

std::string variable(const char* name) {
  const char* value = secure_getenv(name);
  return value != nullptr ? value : "";
}

bool has_windows() {
  return !variable("DISPLAY").empty() || !variable("WAYLAND_DISPLAY").empty();
}

// Where the process has a terminal of its own, that is where it asks, itself, and only while it is in the foreground.
std::string foreign_terminal() {
  return has_terminal() ? "" : variable("GPG_TTY");
}

std::string description(const std::string& text) {
  return "SETDESC " + Pinentry::escaped(text);
}

// How many documents a text can name, `most` of them: a command's line has an end, and so has a window.
template <class Text>
std::size_t fitting(std::size_t most, Text text) {
  std::size_t documents = std::min(most_documents, most);
  while (documents > 1 && description(text(documents)).size() > Pinentry::longest_command) --documents;
  return documents;
}

// Of the other names so much that one document can be named beside them: a document's own name is shown as it is sent.
std::size_t fitting_name(const Question& question) {
  std::size_t longest = longest_in_window;
  while (longest > 1 && description(window_text(question, 1, longest)).size() > Pinentry::longest_command) --longest;
  return longest;
}

/// A question in a window.
class Dialogue {
 public:
  Dialogue(const std::string& path, const Question& question, Watch& watch)
      : question_(question),
        longest_name_(fitting_name(question)),
        named_(
            fitting(question.documents.size(), [&](std::size_t n) { return window_text(question, n, longest_name_); })),
        pinentry_(path, watch) {}

  void set_up();
  /// Offers the names of all documents where the question does not have them.
  void offer_names();
  Answer ask();
  void explain(const Error& error);

 private:
  /// What an older pinentry does not know it need not be told.
  void tell(const std::string& command, const std::string& text) {
    pinentry_.transact(command + " " + Pinentry::escaped(text));
  }
  void set_option(const std::string& name, const std::string& value);
  /// `complaint` is what was wrong with the answer before; null where nothing was.
  SecureString get_secret(const char* complaint);
  bool wants_new_password();
  void page_through_names();
  bool confirm(const std::string& text, const char* yes, const char* no);
  bool is_agreed(const Pinentry::Result& result) const;

  const Question& question_;
  const std::size_t longest_name_;
  const std::size_t named_;  ///< how many documents the question names
  Pinentry pinentry_;
};

// An option is not escaped.
void Dialogue::set_option(const std::string& name, const std::string& value) {
  if (value.empty() || Pinentry::escaped(value) != value) return;
  pinentry_.transact("OPTION " + name + "=" + value);
}

void Dialogue::set_up() {
  set_option("display", variable("DISPLAY"));
  set_option("ttyname", foreign_terminal());
  set_option("ttytype", variable("TERM"));
  set_option("lc-ctype", setlocale(LC_CTYPE, nullptr));
  set_option("lc-messages", setlocale(LC_MESSAGES, nullptr));
  tell("SETTIMEOUT", std::to_string(question_.timeout.count()));
  tell("SETTITLE", "SmartCMD");
}

// No front end has a third button beside the secret's field, so what asks for a new password is an empty one.
Answer Dialogue::ask() {
  const char* complaint = question_.wrong_before ? wrong_text() : nullptr;
  for (int attempt = 0; attempt < attempts; ++attempt) {
    SecureString secret = get_secret(complaint);
    if (question_.purpose == Purpose::otp) secret = without_separators(secret);
    if (is_valid(question_.purpose, secret)) return secret;
    const bool asks_for_new = secret.empty() && question_.may_resend;
    if (asks_for_new && wants_new_password()) return SendAgain{};
    complaint = asks_for_new ? nullptr : format_text(question_.purpose);
  }
  throw Error(Errc::invalid_secret, refused_text(question_.purpose));
}

SecureString Dialogue::get_secret(const char* complaint) {
  const bool signs = question_.purpose == Purpose::otp && !question_.documents.empty();
  pinentry_.transact(description(window_text(question_, named_, longest_name_)));
  tell("SETPROMPT", std::string(request_text(question_.purpose)) + ":");
  tell("SETOK", signs ? _("_Sign") : _("_Continue"));
  tell("SETCANCEL", _("_Cancel"));
  if (complaint != nullptr) tell("SETERROR", complaint);
  Pinentry::Result result = pinentry_.transact("GETPIN");
  if (!is_agreed(result)) throw question_cancelled(question_.purpose);
  return std::move(result.data);
}

bool Dialogue::wants_new_password() {
  return confirm(_("Send a new one-time password? The one that was sent before is void then."), _("_Send a new one"),
                 _("_Back"));
}

void Dialogue::explain(const Error& error) {
  tell("SETDESC", error.what());
  tell("SETOK", _("_OK"));
  pinentry_.transact("MESSAGE");
}

// Whatever is pressed, the question comes, and that can be cancelled.
void Dialogue::offer_names() {
  if (named_ >= question_.documents.size()) return;
  if (!confirm(offer_text(question_, named_), _("_Continue"), _("Show _all"))) page_through_names();
}

void Dialogue::page_through_names() {
  const std::size_t all = question_.documents.size();
  std::size_t count = 0;
  for (std::size_t first = 0; first < all; first += count) {
    count = fitting(all - first, [&](std::size_t n) { return page_text(question_, first, n); });
    const bool last = first + count == all;
    if (!confirm(page_text(question_, first, count), last ? _("_Continue") : _("_Next"), _("_Back"))) return;
  }
}

// Two buttons, for not every front end has three.
bool Dialogue::confirm(const std::string& text, const char* yes, const char* no) {
  tell("SETDESC", text);
  tell("SETOK", yes);
  tell("SETCANCEL", no);
  return is_agreed(pinentry_.transact("CONFIRM"));
}

// One that reports anything else has not asked, as where there is no display after all.
bool Dialogue::is_agreed(const Pinentry::Result& result) const {
  switch (static_cast<int>(result.code)) {
    case GPG_ERR_NO_ERROR:
      return true;
    case GPG_ERR_CANCELED:
    case GPG_ERR_FULLY_CANCELED:
    case GPG_ERR_ASS_CANCELED:
    case GPG_ERR_NOT_CONFIRMED:
      return false;
    case GPG_ERR_TIMEOUT:
      throw time_over();
    default:
      pinentry_.fail(Errc::no_prompt, _("The pinentry program '{program}' could not ask: {reason}."),
                     {"reason", gpg_strerror(gpg_err_make(GPG_ERR_SOURCE_PINENTRY, result.code))});
  }
}

// ---- the prompter ---------------------------------------------------------------------------------------------------

class PinentryPrompter final : public Prompter {
 public:
  PinentryPrompter(std::string path, int host) : path_(std::move(path)), host_(host) {}

  bool available() const override {
    return path_.starts_with('/') && access(path_.c_str(), X_OK) == 0 && (has_windows() || !foreign_terminal().empty());
  }
  Answer ask(const Question& question) override;
  void explain(const Error& error, const Question& question) override;

 private:
  void point_at_window() const;

  std::string path_;
  int host_;
  bool pointed_at_ = false;
  bool names_offered_ = false;  ///< once is enough for the two questions of a request
};

Answer PinentryPrompter::ask(const Question& question) {
  Watch watch(host_, question.timeout);
  Dialogue dialogue(path_, question, watch);
  dialogue.set_up();
  if (!std::exchange(pointed_at_, true) && question.at_terminal) point_at_window();
  if (!std::exchange(names_offered_, true)) dialogue.offer_names();
  return dialogue.ask();
}

// Programs have sentences of their own for what goes wrong, of which many say nothing. In a terminal that the program
// has let us have, it is the one who speaks.
void PinentryPrompter::explain(const Error& error, const Question& question) {
  if (!has_windows()) return;
  Watch watch(host_, question.timeout);
  Dialogue dialogue(path_, question, watch);
  dialogue.set_up();
  dialogue.explain(error);
}

// The window may be behind others, or on another screen.
void PinentryPrompter::point_at_window() const {
  const FileDescriptor terminal(open("/dev/tty", O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
  if (!has_windows() || !terminal || tcgetpgrp(terminal.get()) != getpgrp()) return;
  std::error_code error;
  const std::filesystem::path program = std::filesystem::canonical(path_, error);
  const std::string line = filled(_("Waiting for you in a window ({program})."),
                                  {{"program", (error ? std::filesystem::path(path_) : program).filename().native()}}) +
                           "\n";
  [[maybe_unused]] const ssize_t written = write(terminal.get(), line.data(), line.size());
}

}  // namespace

std::unique_ptr<Prompter> make_pinentry_prompter(const Config& config, int host) {
  return std::make_unique<PinentryPrompter>(config.pinentry().string(), host);
}

}  // namespace smartcmd
