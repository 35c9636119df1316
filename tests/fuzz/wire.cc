// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// Envelopes: the service reads them from clients, the agent from services.

#include "soap-client/status.h"
#include "soap-client/wire/messages.h"
#include "tests/fuzz/fuzz.h"

namespace smartcmd {
namespace {

using namespace wire;

template <class Message>
void read(const Envelope& envelope) {
  Message message;
  if (!fuzz::taken([&] { message = envelope.read<Message>(); })) return;
  const std::string written = write(message);
  if (written.size() > max_envelope) return;
  fuzz::require(write(Envelope(written).read<Message>()) == written, "what is written is read again");
  if constexpr (requires { require_success(message.result); }) fuzz::taken([&] { require_success(message.result); });
}

template <class... Messages>
void read_each(const Envelope& envelope) {
  (read<Messages>(envelope), ...);
}

void read_fault(const Envelope& envelope) {
  std::optional<Fault> fault;
  if (!fuzz::taken([&] { fault = envelope.fault(); }) || !fault) return;
  const std::optional<Fault> again = Envelope(write(*fault)).fault();
  fuzz::require(again && again->code == fault->code && again->text == fault->text, "a fault is read again");
}

}  // namespace
}  // namespace smartcmd

int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace smartcmd;
  fuzz::taken([&] {
    const wire::Envelope envelope(fuzz::text_of(data, size));
    fuzz::require(!envelope.body_name().empty(), "the body has a name");
    envelope.must_understand();
    read_fault(envelope);
    read_each<ScmdSign, ScmdSignResponse, ScmdMultipleSign, ScmdMultipleSignResponse, GetCertificate,
              GetCertificateResponse, GetCertificateWithPin, GetCertificateWithPinResponse, ForceSms, ForceSmsResponse,
              ValidateOtp, ValidateOtpResponse>(envelope);
  });
  return 0;
}
