// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "agent/drivers.h"

#include "base/error.h"
#include "base/text.h"
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
    known += (known.empty() ? "" : ", ") + std::string(driver.name);
  }
  throw Error(Errc::configuration,
              filled(_("[service {service}] driver: '{driver}' is not known. These drivers are: {known}."),
                     {{"service", service.name}, {"driver", service.driver}, {"known", known}}));
}

}  // namespace smartcmd
