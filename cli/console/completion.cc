// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "cli/console/completion.h"

#include <algorithm>
#include <iterator>
#include <vector>

#include "base/c_ptr.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/console/output.h"
#include "documents/cms_attributes.h"
#include "signing/config.h"

namespace smartcmd {
namespace {

// ---- what the help calls an operand, or the value of an option
// ----------------------------------------------------------

using Prefix = const std::string&;  // what stands before each possibility in the same word: "--option=", or nothing

void accounts(Prefix prefix) {
  const Config config = Config::load();
  for (const Account& account : config.accounts()) offer(prefix + account.name, account.label);
}

void services(Prefix prefix) {
  const Config config = Config::load();
  for (const Service& service : config.services()) offer(prefix + service.name, service.endpoint);
}

void commitments(Prefix prefix) {
  for (const Commitment& commitment : all_commitments()) offer(prefix + commitment.name, _(commitment.title));
}

void hashes(Prefix prefix) {
  for (const HashInfo& hash : all_hashes())
    if (HashSet::sha2().has(hash.hash)) offer(prefix + CPtr<gchar, g_free>(g_ascii_strdown(hash.name, -1)).get(), "");
}

void files(Prefix) {
  say("files");
}

void directories(Prefix) {
  say("directories");
}

struct Kind {
  std::string_view name;  ///< untranslated
  void (*offer)(Prefix);
};

constexpr Kind kinds[] = {{"ACCOUNT", accounts}, {"DIR", directories},  {"FILE", files},
                          {"HASH", hashes},      {"SERVICE", services}, {"TYPE", commitments}};

/// Of a kind all there are; of alternatives, "add|remove", each; nothing of what anybody may invent.
void offer_all(std::string_view name, Prefix prefix) {
  const auto* kind =
      std::find_if(std::begin(kinds), std::end(kinds), [&](const Kind& one) { return one.name == name; });
  if (kind != std::end(kinds)) return kind->offer(prefix);
  if (name.find('|') == std::string_view::npos) return;
  const CPtr<gchar*, g_strfreev> words(g_strsplit(std::string(name).c_str(), "|", -1));
  for (gchar** word = words.get(); *word != nullptr; ++word)
    if (g_ascii_islower(**word)) offer(prefix + *word, "");
}

// ---- options --------------------------------------------------------------------------------------------------------

const GOptionEntry* find_option(std::string_view word, const GOptionEntry* entries) {
  for (const GOptionEntry* entry = entries; entry->long_name != nullptr; ++entry) {
    const bool is_short = word.size() == 2 && word[0] == '-' && word[1] == entry->short_name;
    if (is_short || word == "--" + std::string(entry->long_name)) return entry;
  }
  return nullptr;
}

bool takes_value(const GOptionEntry* option) {
  return option != nullptr && option->arg != G_OPTION_ARG_NONE;
}

void offer_options(const GOptionEntry* entries) {
  for (const GOptionEntry* entry = entries; entry->long_name != nullptr; ++entry)
    offer("--" + std::string(entry->long_name), _(entry->description));
  offer("--help", "");
}

// ---- operands -------------------------------------------------------------------------------------------------------

/// What the arguments before the last one say of it.
struct Position {
  const GOptionEntry* option = nullptr;  ///< whose value it is
  std::size_t operands = 0;              ///< how many there were
  std::size_t first_operand = 0;         ///< where, or where it will be
  bool separated = false;                ///< "--" was there: no options any more
};

Position position_after(std::span<char*> arguments, const GOptionEntry* entries) {
  Position at;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view word = arguments[i];
    if (at.option != nullptr) {
      at.option = nullptr;
    } else if (word == "--" && !at.separated) {
      at.separated = true;
    } else if (word.starts_with('-') && !at.separated) {
      const GOptionEntry* option = find_option(word, entries);
      at.option = takes_value(option) ? option : nullptr;
    } else if (at.operands++ == 0) {
      at.first_operand = i;
    }
  }
  if (at.operands == 0) at.first_operand = arguments.size();
  return at;
}

void offer_operands(std::string_view usage, std::size_t before) {
  constexpr std::string_view and_so_on = "…";
  if (usage.starts_with('[')) usage = usage.substr(1, usage.size() - 2);
  const bool repeated = usage.ends_with(and_so_on);
  if (repeated) usage.remove_suffix(and_so_on.size());
  if (repeated || before == 0) offer_all(usage, "");
}

/// "smartcmd" and the command's own name come before its arguments.
void hand_over(std::size_t command) {
  say("command\t" + std::to_string(command + 2));
}

void complete(std::span<char*> arguments, const GOptionEntry* entries, Help help) {
  const std::string_view word = arguments.back();
  const Position at = position_after(arguments.first(arguments.size() - 1), entries);
  if (help.runs_command && (at.operands > 0 || at.separated)) return hand_over(at.first_operand);
  if (at.option != nullptr) return offer_all(at.option->arg_description, "");
  if (word.starts_with('-') && !at.separated) {
    const std::size_t equals = word.find('=');
    if (equals == std::string_view::npos) return offer_options(entries);
    const GOptionEntry* option = find_option(word.substr(0, equals), entries);
    return takes_value(option) ? offer_all(option->arg_description, std::string(word.substr(0, equals + 1))) : void();
  }
  if (help.runs_command) return hand_over(at.first_operand);
  if (help.usage != nullptr) offer_operands(help.usage, at.operands);
}

}  // namespace

void offer(const std::string& text, const std::string& meaning) {
  std::string line = meaning;
  std::replace_if(
      line.begin(), line.end(), [](char c) { return g_ascii_iscntrl(c) != 0; }, ' ');
  say("word\t" + text + "\t" + line);
}

// A configuration that cannot be read is told when the command runs, not in the middle of typing it.
void complete_arguments(std::span<char*> arguments, const GOptionEntry* entries, Help help) {
  try {
    if (!arguments.empty()) complete(arguments, entries, help);
  } catch (const Error&) {
    return;
  }
}

}  // namespace smartcmd
