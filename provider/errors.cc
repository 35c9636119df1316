// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "provider/errors.h"

#include <cstdarg>
#include <cstring>

#include "base/log.h"
#include "provider/settings.h"

namespace smartcmd::provider {

namespace {

void vset_error(const Provider& provider, Errc code, const char* format, ...) {
  va_list args;
  va_start(args, format);
  provider.vset_error(provider.handle, static_cast<std::uint32_t>(code), format, args);
  va_end(args);
}

}  // namespace

void raise(const Provider& provider, const Error& error, const Place& place) {
  log_error(place.function, error, settings(provider).log);
  if (provider.new_error == nullptr || provider.set_error_debug == nullptr || provider.vset_error == nullptr) return;
  provider.new_error(provider.handle);
  const char* directory_end = std::strrchr(place.file, '/');
  provider.set_error_debug(provider.handle, directory_end != nullptr ? directory_end + 1 : place.file, place.line,
                           place.function);
  vset_error(provider, error.code(), "%s", error.what());
}

}  // namespace smartcmd::provider
