// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// Envelopes to messages: strict about XML, tolerant about everything a server or client may do differently with it.

#include <libxml/parser.h>
#include <libxml/tree.h>

#include <new>

#include "base/c_ptr.h"
#include "base/error.h"
#include "base/text.h"
#include "soap-client/wire/schema.h"

namespace smartcmd::wire {

namespace {

const xmlChar* xml(const char* text) {
  return reinterpret_cast<const xmlChar*>(text);
}

std::string string_of(const xmlChar* text) {
  return text ? reinterpret_cast<const char*>(text) : "";
}

void release_text(xmlChar* text) {
  xmlFree(text);
}
using XmlText = CPtr<xmlChar, release_text>;

[[noreturn]] void refuse(const std::string& sentence) {
  throw Error(Errc::answer_malformed, sentence);
}

// ---- the parser ----

/// SOAP 1.1 section 3 forbids a document type; without one there are no entities and nothing to fetch. The parser is
/// stopped where it begins, so nothing in it is ever read.
void refuse_document_type(void* context, const xmlChar*, const xmlChar*, const xmlChar*) {
  auto* parser = static_cast<xmlParserCtxt*>(context);
  xmlStopParser(parser);
  parser->wellFormed = 0;
}

/// libxml2 would write to the standard error of the process.
void say_nothing(void*, xmlError*) {}

// libxml2 compares the attributes of an element with one another, and every name's prefix with the namespaces around
// it: tens of thousands of either keep it busy for minutes. A hundred signed documents have some hundreds.
constexpr std::size_t max_attributes = 2048;

/// Every attribute, and every namespace declaration, has an equals sign and a quote (XML 1.0 production 41). A text may
/// hold the two as well, if hardly so often.
bool has_too_many_attributes(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t at = text.find('='); at != std::string_view::npos; at = text.find('=', at + 1)) {
    const std::size_t next = text.find_first_not_of(" \t\r\n", at + 1);
    if (next != std::string_view::npos && (text[next] == '"' || text[next] == '\'') && ++count > max_attributes) {
      return true;
    }
  }
  return false;
}

xmlDoc* parse(std::string_view text) {
  static const bool ready = (xmlInitParser(), true);
  (void)ready;
  if (text.size() > max_envelope)
    refuse(filled(_("The message is larger than {size} octets."), {{"size", std::to_string(max_envelope)}}));
  if (has_too_many_attributes(text)) refuse(_("The message has too many attributes."));
  const CPtr<xmlParserCtxt, xmlFreeParserCtxt> parser(xmlNewParserCtxt());
  if (!parser) throw std::bad_alloc();
  parser->sax->internalSubset = refuse_document_type;
  parser->sax->serror = say_nothing;
  constexpr int options =
      XML_PARSE_NONET | XML_PARSE_NOCDATA | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_IGNORE_ENC;
  // UTF-8 whatever it says of itself, so that what was counted is what is parsed.
  xmlDoc* document =
      xmlCtxtReadMemory(parser.get(), text.data(), static_cast<int>(text.size()), nullptr, "UTF-8", options);
  if (!document) refuse(_("The message is not well-formed XML without a document type."));
  return document;
}

// ---- the tree ----

bool is_in(const xmlNode* node, const Namespace& space) {
  return node->ns && xmlStrEqual(node->ns->href, xml(space.uri)) != 0;
}

bool is_named(const xmlNode* node, const Namespace& space, const char* name) {
  return is_in(node, space) && xmlStrEqual(node->name, xml(name)) != 0;
}

const xmlNode* next_element(const xmlNode* node) {
  while (node && node->type != XML_ELEMENT_NODE) node = node->next;
  return node;
}

const xmlNode* first_child(const xmlNode* node) {
  return next_element(node->children);
}
const xmlNode* sibling(const xmlNode* node) {
  return next_element(node->next);
}

/// The member of that name in any of the namespaces a sloppy peer puts it.
const xmlNode* find_member(const xmlNode* parent, const char* name) {
  for (const xmlNode* node = first_child(parent); node; node = sibling(node)) {
    const bool known = !node->ns || is_in(node, data) || is_in(node, operations);
    if (known && xmlStrEqual(node->name, xml(name))) return node;
  }
  return nullptr;
}

bool is_true(const xmlNode* node, const char* attribute, const Namespace& space) {
  const XmlText value(xmlGetNsProp(node, xml(attribute), xml(space.uri)));
  return xmlStrEqual(value.get(), xml("true")) || xmlStrEqual(value.get(), xml("1"));
}

/// The text of an element that holds nothing but text.
std::string text_of(const xmlNode* node) {
  if (first_child(node))
    refuse(filled(_("The element {name} of the message should hold text alone."), {{"name", string_of(node->name)}}));
  const XmlText text(xmlNodeGetContent(node));
  return string_of(text.get());
}

// ---- values; nil, empty and absent are alike ----

void read_value(const xmlNode* node, Text& value) {
  if (std::string text = text_of(node); !text.empty()) value = std::move(text);
}

void read_value(const xmlNode* node, Binary& value) {
  std::optional<Bytes> octets = from_base64(text_of(node));
  if (!octets) refuse(filled(_("The element {name} of the message is not base64."), {{"name", string_of(node->name)}}));
  if (!octets->empty()) value = std::move(octets);
}

void read_value(const xmlNode* node, std::optional<ArrayOfHashStructure>& value);

template <class Structure>
void read_value(const xmlNode* node, std::optional<Structure>& value);

/// Reads the members of a message from the children of an element.
class MemberReader {
 public:
  explicit MemberReader(const xmlNode* parent) : parent_(parent) {}

  template <class Value>
  void operator()(const Element& element, std::optional<Value>& value) const {
    for (const char* name : {element.name, element.also_read_as}) {
      const xmlNode* node = name && !value ? find_member(parent_, name) : nullptr;
      if (node && !is_true(node, "nil", instance)) read_value(node, value);
    }
  }

 private:
  const xmlNode* parent_;
};

template <class Structure>
void read_value(const xmlNode* node, std::optional<Structure>& value) {
  if (first_child(node)) members(MemberReader(node), value.emplace());
}

/// A nil item keeps its place: documents may be told apart by position.
void read_value(const xmlNode* node, std::optional<ArrayOfHashStructure>& value) {
  for (const xmlNode* item = first_child(node); item; item = sibling(item)) {
    if (!xmlStrEqual(item->name, xml(hash_structure.name))) continue;
    if (!value) value.emplace();
    members(MemberReader(item), value->emplace_back());
  }
}

/// A fault's code as we write it, whatever prefixes its writer chose.
std::string fault_code(const xmlNode* node) {
  const std::string code = text_of(node);
  const std::size_t colon = code.find(':');
  if (colon == std::string::npos) return code;
  const xmlNs* space = xmlSearchNs(node->doc, const_cast<xmlNode*>(node), xml(code.substr(0, colon).c_str()));
  for (const Namespace& known : {soap, dispatcher}) {
    if (space && xmlStrEqual(space->href, xml(known.uri))) return known.prefix + code.substr(colon);
  }
  return code;
}

}  // namespace

// ---- the envelope ----

struct Envelope::Document {
  CPtr<xmlDoc, xmlFreeDoc> tree;
  const xmlNode* header = nullptr;
  const xmlNode* message = nullptr;  ///< the element in the body
};

Envelope::Envelope(std::string_view text) : document_(std::make_unique<Document>()) {
  document_->tree.reset(parse(text));
  const xmlNode* root = xmlDocGetRootElement(document_->tree.get());
  if (!root || !is_named(root, soap, "Envelope")) refuse(_("The message is not a SOAP 1.1 envelope."));
  const xmlNode* child = first_child(root);
  if (child && is_named(child, soap, "Header")) {
    document_->header = child;
    child = sibling(child);
  }
  if (child && is_named(child, soap, "Body")) document_->message = first_child(child);
  if (!document_->message) refuse(_("The SOAP envelope is empty."));
}

Envelope::~Envelope() = default;

std::string Envelope::body_name() const {
  return string_of(document_->message->name);
}

std::optional<Fault> Envelope::fault() const {
  if (!is_named(document_->message, soap, "Fault")) return std::nullopt;
  const xmlNode* code = find_member(document_->message, "faultcode");
  const xmlNode* text = find_member(document_->message, "faultstring");
  return Fault{code ? fault_code(code) : "", text ? text_of(text) : ""};
}

std::optional<std::string> Envelope::must_understand() const {
  const xmlNode* entry = document_->header ? first_child(document_->header) : nullptr;
  for (; entry; entry = sibling(entry)) {
    if (is_true(entry, "mustUnderstand", soap)) return string_of(entry->name);
  }
  return std::nullopt;
}

template <class Message>
Message Envelope::read() const {
  if (!is_named(document_->message, operations, wrapper<Message>)) {
    refuse(filled(_("The message is a {name} where a {expected} was expected."),
                  {{"name", body_name()}, {"expected", wrapper<Message>}}));
  }
  Message message;
  members(MemberReader(document_->message), message);
  return message;
}

template ScmdSign Envelope::read() const;
template ScmdSignResponse Envelope::read() const;
template ScmdMultipleSign Envelope::read() const;
template ScmdMultipleSignResponse Envelope::read() const;
template GetCertificate Envelope::read() const;
template GetCertificateResponse Envelope::read() const;
template GetCertificateWithPin Envelope::read() const;
template GetCertificateWithPinResponse Envelope::read() const;
template ForceSms Envelope::read() const;
template ForceSmsResponse Envelope::read() const;
template ValidateOtp Envelope::read() const;
template ValidateOtpResponse Envelope::read() const;

}  // namespace smartcmd::wire
