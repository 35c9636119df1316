// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>

namespace smartcmd {

/// Whether what belongs to this user is as good as the person's own: the person's, whom the process acts for; root's;
/// for root in sudo(8) the caller's, who commands root already; and in a user namespace (user_namespaces(7)) what
/// belongs to somebody outside, because root's own files look so there.
bool is_trusted_owner(uid_t user);

/// Why others could change what a path leads to, in a sentence with the cure: the file, a link on the way or a
/// directory above belongs to another user, or others may write into it (into a directory such as /tmp they may, where
/// nobody removes what is another's). The person's or root's own group, in which nobody else is, is no other. Empty
/// when they could not, or when there is no such file.
std::string reason_to_distrust(const std::filesystem::path& file);

/// Throws Errc::configuration with that reason when there is one.
void require_trusted(const std::filesystem::path& file);

}  // namespace smartcmd
