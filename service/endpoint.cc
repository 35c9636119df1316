// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "service/endpoint.h"

#include <glib.h>

#include <optional>

#include "base/error.h"

namespace smartcmd::service {

namespace {

using Reply = Endpoint::Reply;

constexpr unsigned http_ok = 200;
constexpr unsigned http_failure = 500;  // SOAP 1.1 section 6.2: a fault travels with it

Reply fault(const char* code, const std::string& text, const std::string& operation = "-") {
  return {http_failure, wire::write(wire::Fault{code, text}), operation + " fault " + code};
}

// ---- what may be written down of an answer ----

/// An identifier of ours; a client may have put anything there.
std::string loggable(const wire::Text& process_id) {
  return process_id && g_uuid_string_is_valid(process_id->c_str()) ? *process_id : "-";
}

std::string log_of(const std::optional<wire::SignStatus>& status) {
  return status->code.value_or("-") + " " + loggable(status->process_id);
}

template <class Response>
std::string log_of(const Response& response) {
  return log_of(response.result);
}

template <>
std::string log_of(const wire::GetCertificateResponse& response) {
  return response.result ? "200 -" : "nil -";
}

template <>
std::string log_of(const wire::ValidateOtpResponse& response) {
  return log_of(response.result->status);
}

// ---- from envelope to envelope ----

template <class Request, class Response>
Reply run(Operations& operations, Response (Operations::*method)(const Request&), const wire::Envelope& envelope) {
  const Response response = (operations.*method)(envelope.read<Request>());
  return {http_ok, wire::write(response), log_of(response)};
}

struct Operation {
  const char* name;
  Reply (*run)(Operations&, const wire::Envelope&);
};

template <auto method>
Reply call(Operations& operations, const wire::Envelope& envelope) {
  return run(operations, method, envelope);
}

constexpr Operation operation_table[] = {
    {"SCMDSign", call<&Operations::sign>},
    {"SCMDMultipleSign", call<&Operations::multiple_sign>},
    {"GetCertificate", call<&Operations::get_certificate>},
    {"GetCertificateWithPin", call<&Operations::get_certificate_with_pin>},
    {"ForceSMS", call<&Operations::force_sms>},
    {"ValidateOtp", call<&Operations::validate_otp>},
};

/// SOAPAction comes in quotes (SOAP 1.1 section 6.1.1) and, from some clients, without.
const Operation* find_operation(std::string_view action) {
  if (action.size() >= 2 && action.front() == '"' && action.back() == '"') {
    action = action.substr(1, action.size() - 2);
  }
  for (const Operation& operation : operation_table) {
    if (action == wire::soap_action(operation.name)) return &operation;
  }
  return nullptr;
}

Reply dispatch(Operations& operations, const Operation& operation, std::string_view body) {
  const wire::Envelope envelope(body);
  if (const auto header = envelope.must_understand()) {
    return fault("s:MustUnderstand", "The header " + *header + " is not understood.", operation.name);
  }
  Reply reply = operation.run(operations, envelope);  // which refuses a body that SOAPAction did not announce
  reply.log = std::string(operation.name) + " " + reply.log;
  return reply;
}

}  // namespace

Endpoint::Reply Endpoint::answer(const std::string& address, std::string_view soap_action, std::string_view body) {
  operations_.listen_to(address);
  const Operation* operation = find_operation(soap_action);
  if (!operation) return fault("s:Client", "SOAPAction names no operation of this service.");
  try {
    return dispatch(operations_, *operation, body);
  } catch (const Error& error) {
    if (error.code() == Errc::answer_malformed) return fault("s:Client", error.message(), operation->name);
    if (error.code() == Errc::request_refused) return fault("s:Server", error.message(), operation->name);
    g_printerr("smartcmdd: %s\n", error.what());
  } catch (const std::exception& error) {
    g_printerr("smartcmdd: %s\n", error.what());
  }
  return fault("s:Server", "The service failed. Try again later.", operation->name);
}

}  // namespace smartcmd::service
