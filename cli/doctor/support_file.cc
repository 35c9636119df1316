// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "cli/doctor/support_file.h"

#include <glib.h>
#include <openssl/crypto.h>
#include <sys/utsname.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <string_view>
#include <vector>

#include "base/c_ptr.h"
#include "base/text.h"

namespace smartcmd {
namespace {

/// The keys of the configuration whose values say nothing of anybody.
constexpr std::string_view harmless[] = {"driver", "endpoint", "connect-timeout", "request-timeout", "otp-lifetime",
                                         "hashes", "login",    "probes",          "service"};
constexpr std::string_view account_prefix = "[account ";

std::string stripped(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r");
  return first == text.npos ? "" : std::string(text.substr(first, text.find_last_not_of(" \t\r") - first + 1));
}

bool is_harmless(std::string_view key, std::string_view value) {
  return std::find(std::begin(harmless), std::end(harmless), key) != std::end(harmless) &&
         value.find('@') == value.npos;  // an address may hold a password
}

/// A line of a configuration, as far as it has the form of one.
struct Line {
  enum class Kind { nothing, account, group, entry, malformed };
  Kind kind = Kind::nothing;
  std::string key;    ///< of an entry
  std::string value;  ///< of an entry, else the account's name or the whole line
};

Line parsed(const std::string& raw) {
  const std::string line = stripped(raw);
  const auto equals = line.find('=');
  if (line.empty() || line.starts_with('#')) return {};
  if (line.starts_with(account_prefix)) {
    const auto end = line.find(']');
    return {Line::Kind::account, {}, stripped(std::string_view(line).substr(0, end).substr(account_prefix.size()))};
  }
  if (line.starts_with('[')) return {Line::Kind::group, {}, line};
  if (equals == line.npos) return {Line::Kind::malformed, {}, line};
  return {Line::Kind::entry, stripped(line.substr(0, equals)), stripped(line.substr(equals + 1))};
}

std::vector<Line> lines_of(const std::filesystem::path& file) {
  std::ifstream text(file);
  std::vector<Line> lines;
  for (std::string raw; std::getline(text, raw);) lines.push_back(parsed(raw));
  return lines;
}

/// Replaces `hidden` where it stands as words of its own.
std::string replaced(const std::string& text, const std::string& hidden, const std::string& placeholder) {
  const auto is_letter = [](char c) { return g_ascii_isalnum(c) != 0 || c == '_' || c == '-' || (c & 0x80) != 0; };
  std::string result;
  std::size_t from = 0;
  for (std::size_t at = 0; (at = text.find(hidden, from)) != text.npos;) {
    const std::size_t end = at + hidden.size();
    const bool inside = (at > 0 && is_letter(text[at - 1]) && is_letter(hidden.front())) ||
                        (end < text.size() && is_letter(text[end]) && is_letter(hidden.back()));
    result += text.substr(from, at - from) + (inside ? hidden : placeholder);
    from = end;
  }
  return result + text.substr(from);
}

/// Replaces what may be a phone number: digits and blanks between them, nine or more of these characters.
std::string without_numbers(std::string_view text) {
  constexpr std::string_view digits = "0123456789", digits_and_blanks = "0123456789 ";
  constexpr std::size_t shortest = 9;
  std::string result;
  while (!text.empty()) {
    const std::size_t begin = std::min(text.find_first_of(digits), text.size());
    const std::size_t end = std::min(text.find_first_not_of(digits_and_blanks, begin), text.size());
    const std::size_t number = text.substr(0, end).find_last_of(digits) + 1;  // its end
    const bool hidden = number >= begin + shortest;
    const bool with_plus = hidden && begin > 0 && text[begin - 1] == '+';
    result += text.substr(0, with_plus ? begin - 1 : begin);
    result += hidden ? std::string("(number)") : text.substr(begin, number - begin);
    text.remove_prefix(std::max(begin, number));
  }
  return result;
}

/// Takes out of a text what the configuration says of people: what is not known to be harmless is none of the helper's
/// business.
class Redaction {
 public:
  void hide(const std::string& text, const std::string& placeholder) {
    if (!text.empty() && text != own_name) hidden_.try_emplace(text, placeholder);  // our own name is no secret
  }
  void learn_accounts(const std::vector<Line>& lines);
  void learn_values(const std::vector<Line>& lines);
  std::string apply(std::string text) const;
  std::string apply(const Line& line) const;

 private:
  static constexpr const char* own_name = "smartcmd";
  struct LongestFirst {
    bool operator()(const std::string& a, const std::string& b) const {
      return a.size() != b.size() ? a.size() > b.size() : a < b;
    }
  };
  std::map<std::string, std::string, LongestFirst> hidden_;
  unsigned accounts_ = 0;
};

void Redaction::learn_accounts(const std::vector<Line>& lines) {
  for (const Line& line : lines)
    if (line.kind == Line::Kind::account) hide(line.value, "account-" + std::to_string(++accounts_));
}

void Redaction::learn_values(const std::vector<Line>& lines) {
  for (const Line& line : lines) {
    if (line.kind == Line::Kind::malformed) hide(line.value, "(line)");
    if (line.kind == Line::Kind::entry && !is_harmless(line.key, line.value) && line.value != "password")
      hide(line.value, "(" + line.key + ")");
  }
}

std::string Redaction::apply(std::string text) const {
  for (const auto& [hidden, placeholder] : hidden_) text = replaced(text, hidden, placeholder);
  return without_numbers(text);
}

/// Comments are the person's own words and stay out.
std::string Redaction::apply(const Line& line) const {
  switch (line.kind) {
    case Line::Kind::nothing:
      return {};
    case Line::Kind::account:
      return "  [account " + apply(line.value) + "]\n";
    case Line::Kind::group:
      return "  " + line.value + "\n";
    case Line::Kind::malformed:
      return "  (line)\n";
    case Line::Kind::entry:
      const bool shown = is_harmless(line.key, line.value) || line.key == "default-account";
      return "  " + line.key + "=" + (shown ? apply(line.value) : "(removed)") + "\n";
  }
  return {};
}

std::string system_text() {
  const CPtr<gchar, g_free> name(g_get_os_info(G_OS_INFO_KEY_PRETTY_NAME));
  utsname machine{};
  uname(&machine);
  std::string text = "SmartCMD " SMARTCMD_VERSION "\n";
  text += std::string(name ? name.get() : "?") + ", " + machine.sysname + " " + machine.release + ", " +
          machine.machine + "\n";
  text += std::string(OpenSSL_version(OPENSSL_VERSION)) + "\n";
  text += "GLib " + std::to_string(glib_major_version) + "." + std::to_string(glib_minor_version) + "\n";
  return text;
}

}  // namespace

std::string line_of(const Finding& finding) {
  constexpr const char* names[] = {N_("OK"), N_("HINT"), N_("PROBLEM")};
  const auto width = [](const char* name) { return static_cast<std::size_t>(g_utf8_strlen(_(name), -1)); };
  std::size_t column = 0;
  for (const char* name : names) column = std::max(column, width(name) + 2);
  const char* const name = names[static_cast<std::size_t>(finding.state)];
  return _(name) + std::string(column - width(name), ' ') + finding.sentence;
}

std::string support_text(const Examination& examination) {
  const std::filesystem::path files[] = {Config::system_file(), Config::persons_file()};
  Redaction redaction;
  for (const auto& file : files) redaction.learn_accounts(lines_of(file));
  for (const auto& file : files) redaction.learn_values(lines_of(file));
  redaction.hide(g_get_home_dir(), "~");
  redaction.hide(g_get_user_name(), "(user)");

  std::string text = system_text() + "\n";
  for (const Finding& finding : examination.findings) text += redaction.apply(line_of(finding)) + "\n";
  for (const auto& file : files) {
    if (file.empty() || !std::filesystem::exists(file)) continue;
    text += "\n" + redaction.apply(file.native()) + ":\n";
    for (const Line& line : lines_of(file)) text += redaction.apply(line);
  }
  return text;
}

}  // namespace smartcmd
