// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include <glib.h>
#include <sys/socket.h>

#include <algorithm>
#include <functional>

#include "base/c_ptr.h"
#include "base/file_descriptor.h"
#include "signing/agent_protocol.h"
#include "tests/support/expect.h"

using namespace smartcmd;

namespace {

constexpr std::size_t header_size = 5;

struct Pair {
  Pair() {
    int ends[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    ours = FileDescriptor(ends[0]);
    theirs = FileDescriptor(ends[1]);
  }
  FileDescriptor ours, theirs;
};

/// The octets that `send` puts on its socket.
Bytes octets_of(const std::function<void(int)>& send) {
  Pair pair;
  send(pair.ours.get());
  pair.ours.close();
  Bytes octets(max_frame);
  const ssize_t size = recv(pair.theirs.get(), octets.data(), octets.size(), MSG_WAITALL);
  assert_true(size > 0);
  octets.resize(static_cast<std::size_t>(size));
  return octets;
}

/// What `receive` makes of these octets and the end of the connection.
template <class Receive>
auto from_octets(ByteView octets, Receive receive) {
  Pair pair;
  assert_int_equal(send(pair.ours.get(), octets.data(), octets.size(), 0), octets.size());
  pair.ours.close();
  return receive(pair.theirs.get());
}

Document document(const std::string& name, unsigned char octet) {
  return {name, {Hash::sha256, Bytes(32, octet)}};
}

AgentRequest sample_request() {
  AgentRequest request{};
  request.verb = AgentRequest::Verb::sign;
  request.config_file = "/tmp/with \xff octet.conf";
  request.account = "joana";
  request.program = "open\xffssl";
  request.documents = {document("não.pdf", 1), document("b.pdf", 2)};
  request.documents[0].content = Digest{Hash::sha512, Bytes(64, 3)};
  request.pin = SecureString("1234");
  request.open_document = "open.pdf";
  request.at_terminal = true;
  return request;
}

Bytes sample_request_octets() {
  return octets_of([](int socket) { send_request(socket, sample_request()); });
}

Bytes frame(unsigned char kind, ByteView content) {
  Bytes octets(header_size + content.size());
  octets[0] = kind;
  octets[3] = static_cast<unsigned char>(content.size() >> 8);
  octets[4] = static_cast<unsigned char>(content.size());
  std::copy(content.begin(), content.end(), octets.begin() + header_size);
  return octets;
}

Bytes frame(unsigned char kind, GVariant* floating) {
  const CPtr<GVariant, g_variant_unref> value(g_variant_ref_sink(floating));
  return frame(kind,
               {static_cast<const unsigned char*>(g_variant_get_data(value.get())), g_variant_get_size(value.get())});
}

void refuse_request(ByteView octets) {
  expect_error(Errc::agent_failed, [&] { from_octets(octets, receive_request); });
}

void refuse_reply(ByteView octets) {
  expect_error(Errc::agent_failed, [&] { from_octets(octets, receive_reply); });
}

// ---- what arrives is what was sent ----------------------------------------------------------------------------------

void request_arrives(void**) {
  const AgentRequest request = from_octets(sample_request_octets(), receive_request);
  assert_true(request.verb == AgentRequest::Verb::sign);
  assert_string_equal(request.config_file.c_str(), "/tmp/with \xff octet.conf");
  assert_string_equal(request.account.c_str(), "joana");
  assert_string_equal(request.program.c_str(), "open\xEF\xBF\xBDssl");  // made valid UTF-8
  assert_int_equal(request.documents.size(), 2);
  assert_string_equal(request.documents[0].name.c_str(), "não.pdf");
  assert_true(request.documents[1].digest == document("b.pdf", 2).digest);
  assert_true(request.documents[0].content == sample_request().documents[0].content);
  assert_false(request.documents[1].content.has_value());
  assert_true(request.pin.view() == "1234");
  assert_string_equal(request.open_document.c_str(), "open.pdf");
  assert_true(request.at_terminal);
}

void empty_request_arrives(void**) {
  const Bytes octets = octets_of([](int socket) {
    AgentRequest request{};
    request.verb = AgentRequest::Verb::fetch_certificates;
    send_request(socket, request);
  });
  const AgentRequest request = from_octets(octets, receive_request);
  assert_true(request.config_file.empty() && request.account.empty() && request.documents.empty());
  assert_true(request.pin.empty());
}

void every_hash_arrives(void**) {
  for (const HashInfo& hash : all_hashes()) {
    AgentRequest sent = sample_request();
    sent.documents = {{"a", {hash.hash, Bytes(hash.size, 7)}}};
    const AgentRequest request = from_octets(octets_of([&](int s) { send_request(s, sent); }), receive_request);
    assert_true(request.documents[0].digest == sent.documents[0].digest);
  }
}

void replies_arrive(void**) {
  const auto carried = [](const AgentReply& reply) {
    return from_octets(octets_of([&](int socket) { send_reply(socket, reply); }), receive_reply);
  };
  assert_string_equal(std::get<std::string>(carried(std::string("-----BEGIN"))).c_str(), "-----BEGIN");
  const std::vector<Signature> signatures(max_batch, {Bytes(512, 0xA5), "a process"});
  assert_true(std::get<std::vector<Signature>>(carried(signatures)) == signatures);
  const Error error = std::get<Error>(carried(Error(Errc::wrong_pin, "Errado.", "801")));
  assert_true(error.code() == Errc::wrong_pin);
  assert_string_equal(error.message().c_str(), "Errado.");
  assert_string_equal(error.service_code().c_str(), "801");
}

// A secret must not be where values are: a GVariant's memory is not wiped.
void secret_is_no_part_of_the_value(void**) {
  const Bytes octets = sample_request_octets();
  const std::size_t secret_frame = octets.size() - header_size - 4;
  assert_int_equal(octets[secret_frame], 2);
  const std::string before(octets.begin(), octets.begin() + static_cast<std::ptrdiff_t>(secret_frame));
  assert_false(contains(before, "1234"));
}

// ---- what is refused ------------------------------------------------------------------------------------------------

void truncated_messages_are_refused(void**) {
  const Bytes octets = sample_request_octets();
  for (std::size_t size = 0; size < octets.size(); ++size) refuse_request(ByteView(octets).first(size));
  const Bytes reply = octets_of([](int socket) {
    send_reply(socket, std::vector<Signature>{{Bytes(4, 1), "process"}});
  });
  for (std::size_t size = 0; size < reply.size(); ++size) refuse_reply(ByteView(reply).first(size));
}

void oversized_messages_are_refused(void**) {
  // Nothing follows the header: a receiver that believed it would report a truncated message.
  const auto complains_of_length = [](ByteView octets, auto receive) {
    const Error error = error_of([&] { from_octets(octets, receive); });
    assert_true(error.code() == Errc::agent_failed);
    assert_true(contains(error.message(), "too long"));
  };
  complains_of_length(Bytes{1, 0x00, 0x10, 0x00, 0x01}, receive_request);
  complains_of_length(Bytes{4, 0xFF, 0xFF, 0xFF, 0xFF}, receive_reply);
  Pair pair;
  expect_error(Errc::invalid_argument, [&] { send_reply(pair.ours.get(), std::string(max_frame, 'x')); });
}

void overlong_secret_is_refused(void**) {
  Bytes octets = sample_request_octets();
  octets.resize(octets.size() - header_size - 4);
  const Bytes secret = frame(2, Bytes(SecureString::capacity + 1, '1'));
  octets.insert(octets.end(), secret.begin(), secret.end());
  refuse_request(octets);
}

// Whatever octet is damaged, the receiver refuses or reads another valid request; it neither crashes nor hangs.
void damaged_messages_do_no_harm(void**) {
  const Bytes good = sample_request_octets();
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (const int flip : {0x01, 0x80, 0xFF}) {
      Bytes octets = good;
      octets[i] = static_cast<unsigned char>(octets[i] ^ flip);
      try {
        from_octets(octets, receive_request);
      } catch (const Error& error) {
        assert_true(error.code() == Errc::agent_failed);
      }
    }
  }
}

void other_kinds_and_types_are_refused(void**) {
  refuse_request(frame(9, Bytes{}));
  refuse_request(frame(3, g_variant_new("(s)", "chain")));
  refuse_request(frame(1, g_variant_new("(s)", "not a request")));
  refuse_reply(frame(2, Bytes{'1', '2', '3', '4'}));
  refuse_reply(sample_request_octets());
  refuse_reply(frame(5, g_variant_new("(s)", "not an error")));
  refuse_reply(frame(3, Bytes{'n', 'o', ' ', 'N', 'U', 'L'}));
}

GVariant* digest_value(guint32 hash, std::size_t size) {
  const Bytes digest(size, 1);
  return g_variant_new("(u@ay)", hash, g_variant_new_fixed_array(G_VARIANT_TYPE_BYTE, digest.data(), digest.size(), 1));
}

Bytes request_frames(guint8 verb, guint32 hash, std::size_t digest_size, std::size_t documents,
                     std::size_t content_size = 32) {
  GVariantBuilder* const array = g_variant_builder_new(G_VARIANT_TYPE("a(s(uay)m(uay))"));
  for (std::size_t i = 0; i < documents; ++i) {
    g_variant_builder_add(array, "(s@(uay)@m(uay))", "name", digest_value(hash, digest_size),
                          g_variant_new_maybe(nullptr, digest_value(static_cast<guint32>(Hash::sha256), content_size)));
  }
  GVariant* const all = g_variant_builder_end(array);
  g_variant_builder_unref(array);
  Bytes octets = frame(1, g_variant_new("(y@ayss@a(s(uay)m(uay))sb)", verb, g_variant_new_bytestring(""), "joana",
                                        "test", all, "", FALSE));
  const Bytes secret = frame(2, Bytes{});
  octets.insert(octets.end(), secret.begin(), secret.end());
  return octets;
}

void numbers_out_of_range_are_refused(void**) {
  constexpr guint32 sha256 = static_cast<guint32>(Hash::sha256);
  from_octets(request_frames(2, sha256, 32, max_batch), receive_request);  // the frames are good but for their numbers
  refuse_request(request_frames(0, sha256, 32, 1));
  refuse_request(request_frames(static_cast<guint8>(AgentRequest::Verb::check_service) + 1, sha256, 32, 1));
  refuse_request(request_frames(2, static_cast<guint32>(all_hashes().size()), 32, 1));
  refuse_request(request_frames(2, 0xFFFFFFFF, 32, 1));
  refuse_request(request_frames(2, sha256, 31, 1));
  refuse_request(request_frames(2, sha256, 33, 1));
  refuse_request(request_frames(2, sha256, 0, 1));
  refuse_request(request_frames(2, sha256, 32, 1, 31));
  refuse_request(request_frames(2, sha256, 32, max_batch + 1));
  refuse_reply(frame(5, g_variant_new("(uss)", 0U, "", "")));
  refuse_reply(frame(5, g_variant_new("(uss)", static_cast<guint32>(Errc::agent_failed) + 1, "", "")));
}

void peer_that_is_gone_raises_no_signal(void**) {
  Pair pair;
  pair.theirs.close();
  expect_error(Errc::agent_failed, [&] { send_request(pair.ours.get(), sample_request()); });
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(request_arrives),
      cmocka_unit_test(empty_request_arrives),
      cmocka_unit_test(every_hash_arrives),
      cmocka_unit_test(replies_arrive),
      cmocka_unit_test(secret_is_no_part_of_the_value),
      cmocka_unit_test(truncated_messages_are_refused),
      cmocka_unit_test(oversized_messages_are_refused),
      cmocka_unit_test(overlong_secret_is_refused),
      cmocka_unit_test(damaged_messages_do_no_harm),
      cmocka_unit_test(other_kinds_and_types_are_refused),
      cmocka_unit_test(numbers_out_of_range_are_refused),
      cmocka_unit_test(peer_that_is_gone_raises_no_signal),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
