// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

/// SCMDService on the wire, both directions: the structures of its WSDL as values. Each names its members once, in the
/// order of the schema, in a `members` function that reader and writer share. A member without a value is written as
/// nil where the schema demands the element and left out where it does not; nil, empty and absent are read alike.
namespace smartcmd::wire {

using Text = std::optional<std::string>;  // xs:string
using Binary = std::optional<Bytes>;      // xs:base64Binary

/// http://schemas.datacontract.org/2004/07/Ama.Structures.CCMovelSignature
struct SignStatus {
  Text code, field, field_value, message, process_id;
};

struct HashStructure {
  Binary hash;  ///< in a request the DigestInfo, in an answer the signature
  Text name, id;
};
using ArrayOfHashStructure = std::vector<HashStructure>;

struct SignRequest {
  Binary application_id;
  Text doc_name;
  Binary hash;
  Text pin, user_id;  ///< encrypted, base64
};

struct MultipleSignRequest {
  Binary application_id;
  Text pin, user_id;  ///< encrypted, base64
};

struct SignResponse {
  std::optional<ArrayOfHashStructure> documents;
  Binary signature;
  std::optional<SignStatus> status;
  Text certificate;
};

/// http://Ama.Authentication.Service/: the wrapper elements, one pair for each operation
struct ScmdSign {
  std::optional<SignRequest> request;
};
struct ScmdSignResponse {
  std::optional<SignStatus> result;
};
struct ScmdMultipleSign {
  std::optional<MultipleSignRequest> request;
  std::optional<ArrayOfHashStructure> documents;
};
struct ScmdMultipleSignResponse {
  std::optional<SignStatus> result;
};
struct GetCertificate {
  Binary application_id;
  Text user_id;  ///< encrypted, base64
};
struct GetCertificateResponse {
  Text result;  ///< PEM
};
struct GetCertificateWithPin {
  Binary application_id;
  Text user_id, pin;  ///< encrypted, base64
};
struct GetCertificateWithPinResponse {
  std::optional<SignStatus> result;
};
struct ForceSms {
  Text process_id;
  Text citizen_id;  ///< encrypted, base64
  Binary application_id;
};
struct ForceSmsResponse {
  std::optional<SignStatus> result;
};
struct ValidateOtp {
  Text code;  ///< encrypted, base64
  Text process_id;
  Binary application_id;
};
struct ValidateOtpResponse {
  std::optional<SignResponse> result;
};

/// A SOAP 1.1 fault (section 4.4 of SOAP 1.1).
struct Fault {
  std::string code;  ///< "s:Client", "s:Server", "a:InternalServiceFault"
  std::string text;
};

/// No envelope in either direction is larger, in octets: 100 signatures take a fifth of it.
inline constexpr std::size_t max_envelope = 1U << 20;

/// The SOAPAction of an operation, without quotes: "http://Ama.Authentication.Service/SCMDService/SCMDSign".
std::string soap_action(std::string_view operation);

/// The SOAP 1.1 envelope around a message, UTF-8. Instantiated for each wrapper structure and Fault above.
template <class Message>
std::string write(const Message& message);

/// An envelope without a message: no operation of any service is called by it.
inline constexpr std::string_view empty_envelope =
    R"(<?xml version="1.0" encoding="UTF-8"?>)"
    R"(<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body/></s:Envelope>)";

/// A SOAP 1.1 envelope that was parsed: what the transport received, not yet a message. A document type, an entity, or
/// anything that is not a well-formed envelope is refused with Errc::answer_malformed.
class Envelope {
 public:
  explicit Envelope(std::string_view xml);
  ~Envelope();
  Envelope(const Envelope&) = delete;
  Envelope& operator=(const Envelope&) = delete;

  /// The local name of the body's element: "SCMDSign", "ValidateOtpResponse", "Fault".
  std::string body_name() const;
  /// The fault, when the body is one.
  std::optional<Fault> fault() const;
  /// The name of a header element marked mustUnderstand="1"; nothing when there is none. We understand no header.
  std::optional<std::string> must_understand() const;
  /// The message in the body, members found by name whatever their order. Throws Errc::answer_malformed when the body
  /// is another message or a value is not of its type. Instantiated for each wrapper structure above.
  template <class Message>
  Message read() const;

 private:
  struct Document;
  std::unique_ptr<Document> document_;
};

}  // namespace smartcmd::wire
