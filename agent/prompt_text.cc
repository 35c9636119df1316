// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "agent/prompt_text.h"

#include <glib.h>
#include <time.h>

#include <algorithm>

#include "base/columns.h"
#include "base/text.h"

namespace smartcmd {

namespace {

/// What a terminal leaves between the longest name of a fact and the values, in columns.
constexpr std::size_t gap = 4;

/// The words for each secret.
struct Words {
  const char* step;
  const char* request;
  const char* format;
  const char* refused;
  const char* cancelled;
};

constexpr Words pin_words{
    N_("SmartCMD, step 1 of 2: your signature PIN"),
    N_("Signature PIN (4 to 8 digits)"),
    N_("A signature PIN has 4 to 8 digits."),
    N_("A signature PIN has 4 to 8 digits; what was given is none, and was not sent. Try again."),
    N_("The question for the signature PIN was cancelled. Nothing was signed."),
};
constexpr Words otp_words{
    N_("SmartCMD, step 2 of 2: the one-time password the service has sent you"),
    N_("One-time password (6 digits)"),
    N_("A one-time password has 6 digits."),
    N_("A one-time password has 6 digits; what was given is none, and was not sent. Try again."),
    N_("The question for the one-time password was cancelled. Nothing was signed."),
};

const Words& words(Purpose purpose) {
  return purpose == Purpose::pin ? pin_words : otp_words;
}

// ---- what is asked for ----------------------------------------------------------------------------------------------

/// A line of a prompt; the name is empty where the line goes on with the one before.
struct Fact {
  std::string name;
  std::string value;
};

std::string first_points(const std::string& text, std::size_t most) {
  if (static_cast<std::size_t>(g_utf8_strlen(text.c_str(), -1)) <= most) return text;
  const char* end = g_utf8_offset_to_pointer(text.c_str(), static_cast<glong>(most - 1));
  return text.substr(0, static_cast<std::size_t>(end - text.c_str())) + "…";
}

std::string line_of(const Document& document) {
  return filled(document.content ? _("{name}  [{hash} of the file {digest}]") : "{name}  [{hash} {digest}]",
                {{"name", document.name},
                 {"hash", info(shown_digest(document).hash).name},
                 {"digest", digest_beginning(document)}});
}

void add_documents(std::vector<Fact>& facts, const std::vector<Document>& documents, std::size_t most) {
  const std::size_t shown = documents.size() <= most ? documents.size() : most;
  std::string name = _("To sign");
  for (std::size_t i = 0; i < shown; ++i) {
    facts.push_back({name, line_of(documents[i])});
    name.clear();
  }
  const std::size_t others = documents.size() - shown;
  if (others > 0) {
    facts.push_back(
        {name, filled(plural("and {count} more", "and {count} more", others), {{"count", std::to_string(others)}})});
  }
}

/// Who asks, and what will be signed: `most` documents of them, and names of so many code points.
std::vector<Fact> facts_of(const Question& question, std::size_t most, std::size_t longest) {
  const auto fit = [longest](const std::string& name) { return first_points(presentable_name(name), longest); };
  std::vector<Fact> facts{
      {_("Account"), filled("{label} ({service})",
                            {{"label", fit(question.account.label)}, {"service", fit(question.account.service.name)}})},
      {_("Program"), fit(question.program)}};
  add_documents(facts, question.documents, most);
  if (!question.documents.empty() && !question.open_document.empty()) {
    facts.push_back({"", filled(_("open in {program}: {name}"),
                                {{"program", fit(question.program)}, {"name", fit(question.open_document)}})});
  }
  if (question.documents.empty()) {
    facts.push_back({_("Purpose"), _("the service releases your certificate; nothing is signed")});
  }
  if (!question.process_id.empty()) facts.push_back({_("Process"), question.process_id});
  return facts;
}

/// What giving the secret brings about, with so many code points of the signer's name; empty where that is nothing yet.
std::string consequence(const Question& question, std::size_t longest) {
  if (question.purpose != Purpose::otp || question.documents.empty()) return {};
  const char* effect =
      question.qualified
          ? _("Your one-time password creates a qualified, LEGALLY BINDING signature in the name of {name}.")
          : _("Your one-time password creates a signature in the name of {name}.");
  return filled(effect, {{"name", first_points(presentable_name(question.signer), longest)}}) + "\n" +
         _("Give it only if the message that brought it names what is written above.");
}

std::string clock_at_the_end(const Question& question) {
  const time_t end = time(nullptr) + static_cast<time_t>(question.timeout.count());
  tm local{};
  char text[sizeof "00:00:00"];
  localtime_r(&end, &local);
  return std::string(text, strftime(text, sizeof text, "%H:%M:%S", &local));
}

std::string with_deadline(const char* sentence, const Question& question) {
  return filled(sentence,
                {{"time", clock_at_the_end(question)}, {"seconds", std::to_string(question.timeout.count())}});
}

void add_line(std::string& text, const std::string& line) {
  if (!line.empty()) text += line + "\n";
}

/// What can be done at a terminal but to answer.
std::string ways_out(const Question& question) {
  std::string text;
  if (question.may_resend) add_line(text, _("No message? r + Enter sends a new one-time password, once."));
  add_line(text, with_deadline(_("Esc cancels. This question ends at {time}, in {seconds} s."), question));
  return text;
}

}  // namespace

std::vector<std::string> terminal_lines(const Question& question, std::size_t columns) {
  // What is signed stands above, with the question before.
  if (question.wrong_before) return wrapped(wrong_text() + ("\n" + ways_out(question)), columns);
  std::vector<std::string> lines = wrapped(_(words(question.purpose).step), columns);
  const auto add = [&](const std::string& text, std::size_t indent = 0) {
    if (text.empty()) return;
    for (std::string& line : wrapped(text, columns, indent)) lines.push_back(std::move(line));
  };
  const std::vector<Fact> facts = facts_of(question, max_batch, max_name_length);
  std::size_t width = 0;
  for (const Fact& fact : facts) width = std::max(width, columns_of(fact.name));
  for (const Fact& fact : facts) {
    const std::string name = "  " + fact.name + std::string(width - columns_of(fact.name) + gap, ' ');
    add(name + fact.value, width + 2 + gap);
  }
  add(consequence(question, max_name_length));
  add(ways_out(question));
  return lines;
}

std::string window_text(const Question& question, std::size_t most_documents, std::size_t longest) {
  std::string text = std::string(_(words(question.purpose).step)) + "\n\n";
  for (const Fact& fact : facts_of(question, most_documents, longest)) {
    add_line(text, fact.name.empty() ? "    " + fact.value : fact.name + ": " + fact.value);
  }
  text += "\n";
  add_line(text, consequence(question, 2 * longest));  // whole, but where there is hardly room
  if (question.may_resend) {
    add_line(text, _("No message? Leave the field empty and press Enter: a new one-time password can be sent, once."));
  }
  return text + with_deadline(_("This question ends at {time}, in {seconds} s."), question);
}

std::string offer_text(const Question& question, std::size_t named) {
  return filled(_("{count} documents are to be signed. The window with the question names the first {named} of them."),
                {{"count", std::to_string(question.documents.size())}, {"named", std::to_string(named)}});
}

std::string page_text(const Question& question, std::size_t first, std::size_t count) {
  std::string text =
      filled(_("To sign, {first} to {last} of {count}:"), {{"first", std::to_string(first + 1)},
                                                           {"last", std::to_string(first + count)},
                                                           {"count", std::to_string(question.documents.size())}});
  for (std::size_t i = first; i < first + count; ++i) text += "\n" + line_of(question.documents[i]);
  return text;
}

const char* request_text(Purpose purpose) {
  return _(words(purpose).request);
}

const char* format_text(Purpose purpose) {
  return _(words(purpose).format);
}

const char* refused_text(Purpose purpose) {
  return _(words(purpose).refused);
}

const char* wrong_text() {
  return _("That one-time password is wrong. The message that you have still counts: read it again.");
}

Error question_cancelled(Purpose purpose) {
  return {Errc::cancelled, _(words(purpose).cancelled)};
}

Error time_over() {
  return {Errc::prompt_failed, _("Nobody answered in time. Nothing was signed; try again.")};
}

}  // namespace smartcmd
