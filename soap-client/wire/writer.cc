// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// Messages to envelopes, in the words of a WCF service.

#include <libxml/chvalid.h>
#include <libxml/parserInternals.h>
#include <libxml/xmlwriter.h>

#include <algorithm>
#include <new>

#include "base/c_ptr.h"
#include "soap-client/wire/schema.h"

namespace smartcmd::wire {

namespace {

const xmlChar* xml(const char* text) {
  return reinterpret_cast<const xmlChar*>(text);
}

/// `text` without what XML 1.0 cannot carry (section 2.2): control characters, octets that are no UTF-8.
std::string only_xml_characters(std::string_view text) {
  std::string kept;
  const auto* octets = reinterpret_cast<const unsigned char*>(text.data());
  for (std::size_t at = 0; at < text.size();) {
    int length = static_cast<int>(std::min<std::size_t>(text.size() - at, 4));
    const int character = xmlGetUTF8Char(octets + at, &length);
    if (character < 0) {
      ++at;
      continue;
    }
    if (xmlIsCharQ(character)) {
      xmlChar encoded[8];
      kept.append(reinterpret_cast<const char*>(encoded),
                  static_cast<std::size_t>(xmlCopyCharMultiByte(encoded, character)));
    }
    at += static_cast<std::size_t>(length);
  }
  return kept;
}

/// One document being written. libxml2 fails here for want of memory only.
class Writer {
 public:
  Writer() : buffer_(xmlBufferCreate()), writer_(buffer_ ? xmlNewTextWriterMemory(buffer_.get(), 0) : nullptr) {
    if (!writer_) throw std::bad_alloc();
    done(xmlTextWriterStartDocument(writer_.get(), nullptr, "UTF-8", nullptr));
    begin(soap, "Envelope");
    declare(soap);
    begin(soap, "Body");
  }

  void begin(const Namespace& space, const char* name) {
    done(xmlTextWriterStartElementNS(writer_.get(), space.prefix ? xml(space.prefix) : nullptr, xml(name), nullptr));
  }
  void end() { done(xmlTextWriterEndElement(writer_.get())); }

  /// Binds the namespace to its prefix for the element just begun.
  void declare(const Namespace& space) {
    const std::string name = space.prefix ? std::string("xmlns:") + space.prefix : "xmlns";
    attribute(name.c_str(), space.uri);
  }
  void attribute(const char* name, const char* value) {
    done(xmlTextWriterWriteAttribute(writer_.get(), xml(name), xml(value)));
  }
  void text(std::string_view text) {
    done(xmlTextWriterWriteString(writer_.get(), xml(only_xml_characters(text).c_str())));
  }

  std::string finish() {
    done(xmlTextWriterEndDocument(writer_.get()));
    return {reinterpret_cast<const char*>(xmlBufferContent(buffer_.get())),
            static_cast<std::size_t>(xmlBufferLength(buffer_.get()))};
  }

 private:
  static void done(int result) {
    if (result < 0) throw std::bad_alloc();
  }

  CPtr<xmlBuffer, xmlBufferFree> buffer_;
  CPtr<xmlTextWriter, xmlFreeTextWriter> writer_;
};

void write_value(Writer& writer, const std::string& text) {
  writer.text(text);
}

void write_value(Writer& writer, const Bytes& octets) {
  writer.text(to_base64(octets));
}

void write_value(Writer& writer, const ArrayOfHashStructure& documents);

template <class Structure>
void write_value(Writer& writer, const Structure& structure);

/// Writes the members of a message, all of them in one namespace.
class MemberWriter {
 public:
  MemberWriter(Writer& writer, const Namespace& space) : writer_(writer), space_(space) {}

  template <class Value>
  void operator()(const Element& element, const std::optional<Value>& value) {
    if (!value && element.absent == left_out) return;
    writer_.begin(space_, element.name);
    // As WCF does it, prefixes are declared where a wrapper's child first needs them: `<GetCertificateResult>` stays
    // bare.
    constexpr bool is_structure = !std::same_as<Value, std::string> && !std::same_as<Value, Bytes>;
    const bool outermost = &space_ == &operations;
    if (outermost && is_structure && value) writer_.declare(data);
    if (outermost && (is_structure || !value)) writer_.declare(instance);
    if (value) {
      write_value(writer_, *value);
    } else {
      writer_.attribute("i:nil", "true");
    }
    writer_.end();
  }

 private:
  Writer& writer_;
  const Namespace& space_;
};

void write_value(Writer& writer, const ArrayOfHashStructure& documents) {
  MemberWriter write(writer, data);
  for (const HashStructure& document : documents) write(hash_structure, std::optional(document));
}

template <class Structure>
void write_value(Writer& writer, const Structure& structure) {
  members(MemberWriter(writer, data), structure);
}

}  // namespace

std::string soap_action(std::string_view operation) {
  return std::string(operations.uri) + "SCMDService/" + std::string(operation);
}

template <class Message>
std::string write(const Message& message) {
  Writer writer;
  writer.begin(operations, wrapper<Message>);
  writer.declare(operations);
  members(MemberWriter(writer, operations), message);
  return writer.finish();
}

/// The children of a fault belong to no namespace (SOAP 1.1 section 4.4).
template <>
std::string write(const Fault& fault) {
  const Namespace none{nullptr, nullptr};
  Writer writer;
  writer.begin(soap, "Fault");
  writer.begin(none, "faultcode");
  if (fault.code.starts_with("a:")) writer.declare(dispatcher);
  writer.text(fault.code);
  writer.end();
  writer.begin(none, "faultstring");
  writer.attribute("xml:lang", "en");
  writer.text(fault.text);
  return writer.finish();
}

template std::string write(const ScmdSign&);
template std::string write(const ScmdSignResponse&);
template std::string write(const ScmdMultipleSign&);
template std::string write(const ScmdMultipleSignResponse&);
template std::string write(const GetCertificate&);
template std::string write(const GetCertificateResponse&);
template std::string write(const GetCertificateWithPin&);
template std::string write(const GetCertificateWithPinResponse&);
template std::string write(const ForceSms&);
template std::string write(const ForceSmsResponse&);
template std::string write(const ValidateOtp&);
template std::string write(const ValidateOtpResponse&);

}  // namespace smartcmd::wire
