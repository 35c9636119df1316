// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "signing/agent_protocol.h"

#include <errno.h>
#include <glib.h>
#include <string.h>
#include <sys/socket.h>

#include <array>

#include "base/c_ptr.h"
#include "base/text.h"

namespace smartcmd {

namespace {

using Variant = CPtr<GVariant, g_variant_unref>;
using Builder = CPtr<GVariantBuilder, g_variant_builder_unref>;

enum class Kind : unsigned char { request = 1, secret = 2, chain = 3, signatures = 4, error = 5 };

constexpr std::size_t header_size = 5;

// `what` is for those who make agents.
[[noreturn]] void refuse(const char* what) {
  throw Error(Errc::agent_failed,
              filled(_("SmartCMD and its agent do not understand each other ({what}). Make sure that "
                       "both are of the same version."),
                     {{"what", what}}));
}

// ---- octets ---------------------------------------------------------------------------------------------------------

void send_all(int socket, const void* data, std::size_t size) {
  const auto* next = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t sent = send(socket, next, size, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) throw Error(Errc::agent_failed, _("The connection with smartcmd-agent broke while sending."));
    next += sent;
    size -= static_cast<std::size_t>(sent);
  }
}

void receive_all(int socket, void* data, std::size_t size) {
  auto* next = static_cast<char*>(data);
  while (size > 0) {
    const ssize_t received = recv(socket, next, size, 0);
    if (received < 0 && errno == EINTR) continue;
    if (received <= 0) throw Error(Errc::agent_failed, _("The connection with smartcmd-agent ended early."));
    next += received;
    size -= static_cast<std::size_t>(received);
  }
}

// ---- frames ---------------------------------------------------------------------------------------------------------

struct Header {
  Kind kind;
  std::size_t size;
};

void send_header(int socket, Header header) {
  if (header.size > max_frame) {
    throw Error(Errc::invalid_argument,
                _("The request is too large for smartcmd-agent. Sign fewer documents at once."));
  }
  std::array<unsigned char, header_size> octets{static_cast<unsigned char>(header.kind)};
  for (std::size_t i = 1; i < header_size; ++i) {
    octets[i] = static_cast<unsigned char>(header.size >> (8 * (header_size - 1 - i)));
  }
  send_all(socket, octets.data(), octets.size());
}

Header receive_header(int socket) {
  std::array<unsigned char, header_size> octets{};
  receive_all(socket, octets.data(), octets.size());
  std::size_t size = 0;
  for (std::size_t i = 1; i < header_size; ++i) size = (size << 8) | octets[i];
  if (size > max_frame) refuse("a message is too long");
  return {static_cast<Kind>(octets[0]), size};
}

void send_secret(int socket, const SecureString& secret) {
  send_header(socket, {Kind::secret, secret.size()});
  send_all(socket, secret.view().data(), secret.size());
}

// Octet by octet, so that no other memory than one octet of the stack and the secret's own page sees it.
SecureString receive_secret(int socket) {
  const Header header = receive_header(socket);
  if (header.kind != Kind::secret || header.size > SecureString::capacity) refuse("a secret was expected");
  struct Octet {
    char value = 0;
    ~Octet() { explicit_bzero(&value, sizeof value); }
  } octet;
  SecureString secret;
  for (std::size_t i = 0; i < header.size; ++i) {
    receive_all(socket, &octet.value, 1);
    secret.push_back(octet.value);
  }
  return secret;
}

// ---- values ---------------------------------------------------------------------------------------------------------

const GVariantType* type_of(Kind kind);

void send_value(int socket, Kind kind, GVariant* floating) {
  const Variant value(g_variant_ref_sink(floating));
  const std::size_t size = g_variant_get_size(value.get());
  send_header(socket, {kind, size});
  send_all(socket, g_variant_get_data(value.get()), size);
}

Variant receive_value(int socket, Header header) {
  Bytes content(header.size);
  receive_all(socket, content.data(), content.size());
  const CPtr<GBytes, g_bytes_unref> bytes(g_bytes_new(content.data(), content.size()));
  Variant value(g_variant_ref_sink(g_variant_new_from_bytes(type_of(header.kind), bytes.get(), FALSE)));
  if (!g_variant_is_normal_form(value.get())) refuse("a message is damaged");
  return value;
}

// A GVariant's text is UTF-8 without NUL; the name of a process need not be.
GVariant* to_text(const std::string& text) {
  return g_variant_new_take_string(g_utf8_make_valid(text.data(), static_cast<gssize>(text.size())));
}

GVariant* to_octets(ByteView octets) {
  return g_variant_new_fixed_array(G_VARIANT_TYPE_BYTE, octets.data(), octets.size(), 1);
}

std::string text_at(GVariant* tuple, std::size_t index) {
  const Variant child(g_variant_get_child_value(tuple, index));
  gsize length = 0;
  const char* text = g_variant_get_string(child.get(), &length);
  return {text, length};
}

std::uint32_t number_at(GVariant* tuple, std::size_t index) {
  const Variant child(g_variant_get_child_value(tuple, index));
  return g_variant_get_uint32(child.get());
}

Bytes octets_at(GVariant* tuple, std::size_t index) {
  const Variant child(g_variant_get_child_value(tuple, index));
  gsize size = 0;
  const auto* octets = static_cast<const unsigned char*>(g_variant_get_fixed_array(child.get(), &size, 1));
  return octets == nullptr ? Bytes() : Bytes(octets, octets + size);
}

// ---- the request ----------------------------------------------------------------------------------------------------

GVariant* to_value(const Digest& digest) {
  return g_variant_new("(u@ay)", static_cast<guint32>(digest.hash), to_octets(digest.value));
}

GVariant* to_value(const std::vector<Document>& documents) {
  const Builder array(g_variant_builder_new(G_VARIANT_TYPE("a(s(uay)m(uay))")));
  for (const Document& document : documents) {
    GVariant* const content = document.content ? to_value(*document.content) : nullptr;
    g_variant_builder_add(array.get(), "(@s@(uay)@m(uay))", to_text(document.name), to_value(document.digest),
                          g_variant_new_maybe(G_VARIANT_TYPE("(uay)"), content));
  }
  return g_variant_builder_end(array.get());
}

Digest to_digest(GVariant* value) {
  const std::uint32_t hash = number_at(value, 0);
  if (hash >= all_hashes().size()) refuse("a hash is unknown");
  Digest digest{static_cast<Hash>(hash), octets_at(value, 1)};
  if (digest.value.size() != info(digest.hash).size) refuse("a digest has not the size of its hash");
  return digest;
}

Document to_document(GVariant* value) {
  const Variant digest(g_variant_get_child_value(value, 1));
  const Variant maybe(g_variant_get_child_value(value, 2));
  const Variant content(g_variant_get_maybe(maybe.get()));
  Document document{text_at(value, 0), to_digest(digest.get())};
  if (content) document.content = to_digest(content.get());
  return document;
}

std::vector<Document> to_documents(GVariant* array) {
  const std::size_t count = g_variant_n_children(array);
  if (count > max_batch) refuse("there are too many documents");
  std::vector<Document> documents;
  for (std::size_t i = 0; i < count; ++i) {
    const Variant child(g_variant_get_child_value(array, i));
    documents.push_back(to_document(child.get()));
  }
  return documents;
}

AgentRequest::Verb to_verb(unsigned char verb) {
  if (verb < 1 || verb > static_cast<unsigned char>(AgentRequest::Verb::check_service)) refuse("a verb is unknown");
  return static_cast<AgentRequest::Verb>(verb);
}

// ---- the replies ----------------------------------------------------------------------------------------------------

void send_chain(int socket, const std::string& pem) {
  GVariant* const text = to_text(pem);
  send_value(socket, Kind::chain, g_variant_new_tuple(&text, 1));
}

void send_signatures(int socket, const std::vector<Signature>& signatures) {
  const Builder array(g_variant_builder_new(G_VARIANT_TYPE("a(ays)")));
  for (const Signature& signature : signatures) {
    g_variant_builder_add(array.get(), "(@ay@s)", to_octets(signature.value), to_text(signature.process_id));
  }
  send_value(socket, Kind::signatures, g_variant_builder_end(array.get()));
}

void send_error(int socket, const Error& error) {
  send_value(socket, Kind::error,
             g_variant_new("(u@s@s)", static_cast<guint32>(error.code()), to_text(error.message()),
                           to_text(error.service_code())));
}

AgentReply to_chain(GVariant* value) {
  return text_at(value, 0);
}

AgentReply to_signatures(GVariant* value) {
  const std::size_t count = g_variant_n_children(value);
  if (count > max_batch) refuse("there are too many signatures");
  std::vector<Signature> signatures;
  for (std::size_t i = 0; i < count; ++i) {
    const Variant child(g_variant_get_child_value(value, i));
    signatures.push_back({octets_at(child.get(), 0), text_at(child.get(), 1)});
  }
  return signatures;
}

AgentReply to_error(GVariant* value) {
  const std::uint32_t code = number_at(value, 0);
  if (code < 1 || code > static_cast<std::uint32_t>(Errc::agent_failed)) refuse("an error is unknown");
  return Error(static_cast<Errc>(code), text_at(value, 1), text_at(value, 2));
}

// ---- the table of messages ------------------------------------------------------------------------------------------

struct Message {
  Kind kind;
  const char* type;
  AgentReply (*to_reply)(GVariant*);  ///< null where it is no reply
};

constexpr Message messages[] = {
    // verb, configuration file, account, program, documents (name, digest, content), open document, at a terminal
    {Kind::request, "(yayssa(s(uay)m(uay))sb)", nullptr},
    {Kind::chain, "(s)", to_chain},               // PEM
    {Kind::signatures, "a(ays)", to_signatures},  // each with its process
    {Kind::error, "(uss)", to_error},             // Errc, sentence, the service's code
};

const Message& message_of(Kind kind) {
  for (const Message& message : messages) {
    if (message.kind == kind) return message;
  }
  refuse("a message is of an unknown kind");
}

const GVariantType* type_of(Kind kind) {
  return G_VARIANT_TYPE(message_of(kind).type);
}

}  // namespace

void send_request(int socket, const AgentRequest& request) {
  send_value(socket, Kind::request,
             g_variant_new("(y@ay@s@s@a(s(uay)m(uay))@sb)", static_cast<guint8>(request.verb),
                           to_octets(bytes_of(request.config_file)), to_text(request.account), to_text(request.program),
                           to_value(request.documents), to_text(request.open_document),
                           static_cast<gboolean>(request.at_terminal)));
  send_secret(socket, request.pin);
}

AgentRequest receive_request(int socket) {
  const Header header = receive_header(socket);
  if (header.kind != Kind::request) refuse("a request was expected");
  const Variant value = receive_value(socket, header);
  const Variant verb(g_variant_get_child_value(value.get(), 0));
  const Bytes config_file = octets_at(value.get(), 1);
  const Variant documents(g_variant_get_child_value(value.get(), 4));
  AgentRequest request{};
  request.verb = to_verb(g_variant_get_byte(verb.get()));
  request.config_file.assign(config_file.begin(), config_file.end());
  request.account = text_at(value.get(), 2);
  request.program = text_at(value.get(), 3);
  request.documents = to_documents(documents.get());
  request.open_document = text_at(value.get(), 5);
  const Variant at_terminal(g_variant_get_child_value(value.get(), 6));
  request.at_terminal = g_variant_get_boolean(at_terminal.get()) != FALSE;
  request.pin = receive_secret(socket);
  return request;
}

void send_reply(int socket, const AgentReply& reply) {
  struct {
    int socket;
    void operator()(const std::string& pem) const { send_chain(socket, pem); }
    void operator()(const std::vector<Signature>& signatures) const { send_signatures(socket, signatures); }
    void operator()(const Error& error) const { send_error(socket, error); }
  } const sender{socket};
  std::visit(sender, reply);
}

AgentReply receive_reply(int socket) {
  const Header header = receive_header(socket);
  const Message& message = message_of(header.kind);
  if (message.to_reply == nullptr) refuse("a reply was expected");
  const Variant value = receive_value(socket, header);
  return message.to_reply(value.get());
}

}  // namespace smartcmd
