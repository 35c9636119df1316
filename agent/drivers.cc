// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "agent/drivers.h"

#include "signing/error.h"
#include "soap-client/soap_signer.h"

namespace smartcmd {

namespace {

struct Driver {
  std::string_view name;
  std::unique_ptr<RemoteSigner> (*make)(const Service& service, int cancel_fd);
};

constexpr Driver drivers[] = {
    {"scmd", make_soap_signer},
};

}  // namespace

std::unique_ptr<RemoteSigner> make_driver(const Service& service, int cancel_fd) {
  std::string known;
  for (const Driver& driver : drivers) {
    if (driver.name == service.driver) return driver.make(service, cancel_fd);
    known += " " + std::string(driver.name);
  }
  throw Error(Errc::configuration, "Configuration: [service " + service.name + "] driver: '" + service.driver +
                                       "' is not known. Known drivers:" + known + ".");
}

}  // namespace smartcmd
