// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <concepts>
#include <type_traits>

#include "soap-client/wire/messages.h"

/// The schema of SCMDService, each name once, for the reader and the writer of this folder; nobody else needs it.
namespace smartcmd::wire {

struct Namespace {
  const char* prefix;  ///< the one WCF uses; public clients look for `a:Code` as a piece of text. Null for the default.
  const char* uri;
};

inline constexpr Namespace soap{"s", "http://schemas.xmlsoap.org/soap/envelope/"};
inline constexpr Namespace operations{nullptr, "http://Ama.Authentication.Service/"};
inline constexpr Namespace data{"a", "http://schemas.datacontract.org/2004/07/Ama.Structures.CCMovelSignature"};
inline constexpr Namespace instance{"i", "http://www.w3.org/2001/XMLSchema-instance"};
/// Of the faults WCF raises when the service throws: `a:InternalServiceFault`.
inline constexpr Namespace dispatcher{
    "a", "http://schemas.microsoft.com/net/2005/12/windowscommunicationfoundation/dispatcher"};

enum class Absent { as_nil, left_out };  ///< how a member without a value is written
using enum Absent;

/// An element of the schema.
struct Element {
  const char* name;
  Absent absent;
  const char* also_read_as = nullptr;  ///< what the manual's prose calls it, and some servers too
};

/// A wrapper element, its name in the schema.
template <class Message>
inline constexpr const char* wrapper = nullptr;
template <>
inline constexpr const char* wrapper<ScmdSign> = "SCMDSign";
template <>
inline constexpr const char* wrapper<ScmdSignResponse> = "SCMDSignResponse";
template <>
inline constexpr const char* wrapper<ScmdMultipleSign> = "SCMDMultipleSign";
template <>
inline constexpr const char* wrapper<ScmdMultipleSignResponse> = "SCMDMultipleSignResponse";
template <>
inline constexpr const char* wrapper<GetCertificate> = "GetCertificate";
template <>
inline constexpr const char* wrapper<GetCertificateResponse> = "GetCertificateResponse";
template <>
inline constexpr const char* wrapper<GetCertificateWithPin> = "GetCertificateWithPin";
template <>
inline constexpr const char* wrapper<GetCertificateWithPinResponse> = "GetCertificateWithPinResponse";
template <>
inline constexpr const char* wrapper<ForceSms> = "ForceSMS";
template <>
inline constexpr const char* wrapper<ForceSmsResponse> = "ForceSMSResponse";
template <>
inline constexpr const char* wrapper<ValidateOtp> = "ValidateOtp";
template <>
inline constexpr const char* wrapper<ValidateOtpResponse> = "ValidateOtpResponse";

template <class Message, class Structure>
concept Of = std::same_as<std::remove_const_t<Message>, Structure>;

// members(visit, message) calls visit(element, member) for each member, in the order of the schema. That order is not
// taste: WCF reads a member that comes out of it as nil.

// Namespace `data`. The schema demands every member but DocName; one without a value is nil.

void members(auto&& visit, Of<SignStatus> auto& status) {
  visit(Element{"Code", as_nil}, status.code);
  visit(Element{"Field", as_nil}, status.field);
  visit(Element{"FieldValue", as_nil}, status.field_value);
  visit(Element{"Message", as_nil}, status.message);
  visit(Element{"ProcessId", as_nil}, status.process_id);
}

void members(auto&& visit, Of<HashStructure> auto& document) {
  visit(Element{"Hash", as_nil, "Signature"}, document.hash);
  visit(Element{"Name", as_nil}, document.name);
  visit(Element{"id", as_nil}, document.id);
}

void members(auto&& visit, Of<SignRequest> auto& request) {
  visit(Element{"ApplicationId", as_nil}, request.application_id);
  visit(Element{"DocName", left_out}, request.doc_name);
  visit(Element{"Hash", as_nil}, request.hash);
  visit(Element{"Pin", as_nil}, request.pin);
  visit(Element{"UserId", as_nil}, request.user_id);
}

void members(auto&& visit, Of<MultipleSignRequest> auto& request) {
  visit(Element{"ApplicationId", as_nil}, request.application_id);
  visit(Element{"Pin", as_nil}, request.pin);
  visit(Element{"UserId", as_nil}, request.user_id);
}

void members(auto&& visit, Of<SignResponse> auto& response) {
  visit(Element{"ArrayOfHashStructure", as_nil}, response.documents);
  visit(Element{"Signature", as_nil}, response.signature);
  visit(Element{"Status", as_nil, "SignStatus"}, response.status);
  visit(Element{"certificate", as_nil}, response.certificate);
}

/// The element of each item of an ArrayOfHashStructure.
inline constexpr Element hash_structure{"HashStructure", as_nil};

// Namespace `operations`. Every child may be missing; WCF leaves out nothing in its answers, though.

void members(auto&& visit, Of<ScmdSign> auto& message) {
  visit(Element{"request", left_out}, message.request);
}

void members(auto&& visit, Of<ScmdSignResponse> auto& message) {
  visit(Element{"SCMDSignResult", as_nil}, message.result);
}

void members(auto&& visit, Of<ScmdMultipleSign> auto& message) {
  visit(Element{"request", left_out}, message.request);
  visit(Element{"documents", left_out}, message.documents);
}

void members(auto&& visit, Of<ScmdMultipleSignResponse> auto& message) {
  visit(Element{"SCMDMultipleSignResult", as_nil}, message.result);
}

void members(auto&& visit, Of<GetCertificate> auto& message) {
  visit(Element{"applicationId", left_out}, message.application_id);
  visit(Element{"userId", left_out}, message.user_id);
}

void members(auto&& visit, Of<GetCertificateResponse> auto& message) {
  visit(Element{"GetCertificateResult", as_nil}, message.result);
}

void members(auto&& visit, Of<GetCertificateWithPin> auto& message) {
  visit(Element{"applicationId", left_out}, message.application_id);
  visit(Element{"userId", left_out}, message.user_id);
  visit(Element{"pin", left_out}, message.pin);
}

void members(auto&& visit, Of<GetCertificateWithPinResponse> auto& message) {
  visit(Element{"GetCertificateWithPinResult", as_nil}, message.result);
}

void members(auto&& visit, Of<ForceSms> auto& message) {
  visit(Element{"processId", left_out}, message.process_id);
  visit(Element{"citizenId", left_out}, message.citizen_id);
  visit(Element{"applicationId", left_out}, message.application_id);
}

void members(auto&& visit, Of<ForceSmsResponse> auto& message) {
  visit(Element{"ForceSMSResult", as_nil}, message.result);
}

void members(auto&& visit, Of<ValidateOtp> auto& message) {
  visit(Element{"code", left_out}, message.code);
  visit(Element{"processId", left_out}, message.process_id);
  visit(Element{"applicationId", left_out}, message.application_id);
}

void members(auto&& visit, Of<ValidateOtpResponse> auto& message) {
  visit(Element{"ValidateOtpResult", as_nil}, message.result);
}

}  // namespace smartcmd::wire
