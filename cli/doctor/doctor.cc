// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include <algorithm>

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/console/json.h"
#include "cli/console/options.h"
#include "cli/console/output.h"
#include "cli/doctor/examination.h"
#include "cli/doctor/support_file.h"

namespace smartcmd {
namespace {

constexpr Help doctor_help = {
    nullptr,
    N_("Looks at everything that signing needs. Each line says what is in order (OK), what you may want to do\n"
       "(HINT), or what keeps you from signing (PROBLEM) and what to do about it. The services are asked for your\n"
       "certificates, and one without an account whether it accepts the credentials. They send no message to your\n"
       "phone. Ends with status 1 when there is a problem.")};

void examine(Examination& examination) {
  for (const auto checks : {config_checks(), agent_checks(), service_checks(), programs_checks()})
    for (const Check check : checks) check(examination);
}

bool is_problem(const Finding& finding) {
  return finding.state == Finding::State::problem;
}

void write_bundle(const Examination& examination, const std::filesystem::path& file) {
  write_new(file, support_text(examination));
  say(filled(_("You can send {file} to whoever helps you. No names, phone numbers or credentials are in it."),
             {{"file", file.native()}}));
}

void print_json(const Examination& examination) {
  const auto& findings = examination.findings;
  Json json;
  json.add("problems", static_cast<std::int64_t>(std::count_if(findings.begin(), findings.end(), is_problem)));
  json.begin_array("findings");
  for (const Finding& finding : findings) {
    constexpr const char* names[] = {"ok", "hint", "problem"};
    json.begin_object().add("state", names[static_cast<std::size_t>(finding.state)]);
    json.add("sentence", finding.sentence).end_object();
  }
  g_print("%s", json.end_array().text().c_str());
}

}  // namespace

int doctor(std::span<char*> arguments) {
  OptionText bundle;
  gboolean offline = FALSE, as_json = FALSE;
  const GOptionEntry entries[] = {
      {"bundle", 'b', G_OPTION_FLAG_NONE, G_OPTION_ARG_FILENAME, bundle.slot(),
       N_("Write versions, findings and configuration into a file for whoever helps you"), N_("FILE")},
      {"offline", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &offline, N_("Ask no service"), nullptr},
      {"json", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &as_json, N_("Print one JSON document"), nullptr},
      {}};
  const auto operands = parse_options(arguments, entries, doctor_help);
  if (!operands) return exit_usage;
  if (!operands->empty()) return usage_error(_("doctor takes no arguments."));

  Examination examination{.installation = Installation::expected(), .config = {}, .offline = offline != FALSE};
  examine(examination);
  if (as_json != FALSE)
    print_json(examination);
  else
    for (const Finding& finding : examination.findings) say(line_of(finding));
  if (bundle.given()) write_bundle(examination, bundle.text());
  const auto& findings = examination.findings;
  return std::any_of(findings.begin(), findings.end(), is_problem) ? exit_error : exit_ok;
}

}  // namespace smartcmd
