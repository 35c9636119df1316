// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// The six operations against a service that reads what it is sent and answers as each test tells it.

#include "soap-client/soap_signer.h"

#include <openssl/rsa.h>
#include <stdlib.h>

#include <fstream>
#include <sstream>

#include "signing/certificate_file.h"
#include "soap-client/wire/messages.h"
#include "tests/support/expect.h"
#include "tests/support/identity.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/tls_server.h"

namespace smartcmd {
namespace {

using wire::Envelope;

Bytes octets(std::string_view text) {
  return {bytes_of(text).begin(), bytes_of(text).end()};
}

std::string read(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

const std::string guid = "00000000-1111-2222-3333-444444444444";

/// The key of the fields; one for all tests, for it takes its time to make.
const TestCertificate& field_certificate() {
  static const TestCertificate certificate = TestCertificate::make({.key_type = "RSA"});
  return certificate;
}

/// The other end: a server, the keys of its fields, and what it was asked.
class FakeService {
 public:
  /// What is answered to each operation, by the name of the request's element.
  std::map<std::string, std::string> answers;

  FakeService() : server_(&tls_, [this](const TlsServer::Request& request) { return answer(request); }) {
    service.name = "test";
    service.endpoint = server_.url() + "/SCMDService.svc";
    service.application_id = guid;
    service.username = "entidade";
    service.password_file = directory.write("password", "segredo\n");
    service.encryption_certificates = {directory.write("cifra.pem", fields_.pem())};
    service.ca_file = directory.write("ca.pem", tls_.pem());
    account.user_id = "+351 910000000";
    account.service = service;
  }

  std::unique_ptr<RemoteSigner> signer() const { return make_soap_signer(service, -1); }

  /// The names of the operations that were asked for, in order.
  std::string asked() const {
    std::string names;
    for (const auto& request : server_.requests())
      names += (names.empty() ? "" : " ") + Envelope(request.body).body_name();
    return names;
  }
  int connections() const { return server_.connections(); }
  std::string last_head() const { return server_.requests().back().head; }
  std::string last_body() const { return server_.requests().back().body; }
  /// The last request.
  template <class Message>
  Message last() const {
    return Envelope(last_body()).read<Message>();
  }

  std::string decrypt(const wire::Text& base64) const {
    const Bytes encrypted = from_base64(base64.value()).value();
    const CPtr<EVP_PKEY_CTX, EVP_PKEY_CTX_free> context(EVP_PKEY_CTX_new(fields_.key.get(), nullptr));
    EVP_PKEY_decrypt_init(context.get());
    EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING);
    std::string plain(encrypted.size(), '\0');
    std::size_t size = plain.size();
    auto* out = reinterpret_cast<unsigned char*>(plain.data());
    assert_int_equal(EVP_PKEY_decrypt(context.get(), out, &size, encrypted.data(), encrypted.size()), 1);
    plain.resize(size);
    return plain;
  }

  TemporaryDirectory directory;
  Service service;
  Account account;

 private:
  TlsServer::Reply answer(const TlsServer::Request& request) {
    return {TlsServer::response("200 OK", answers[Envelope(request.body).body_name()])};
  }

  const TestCertificate tls_ = TestCertificate::make();
  const TestCertificate& fields_ = field_certificate();
  TlsServer server_;
};

wire::SignStatus status(const std::string& code = "200") {
  return {code, {}, {}, "OK", code == "200" ? wire::Text("process-1") : wire::Text()};
}

wire::ValidateOtpResponse documents(wire::ArrayOfHashStructure answers) {
  return {wire::SignResponse{std::move(answers), {}, status(), {}}};
}

wire::ValidateOtpResponse signature(const char* text) {
  return {wire::SignResponse{{}, octets(text), status(), {}}};
}

Document document(const char* name, unsigned char octet) {
  return {name, {Hash::sha256, Bytes(32, octet)}};
}

/// A service ready to sign `names`, and the process opened for them.
struct Signing {
  explicit Signing(const std::vector<const char*>& names) {
    fake.answers["SCMDSign"] = wire::write(wire::ScmdSignResponse{status()});
    fake.answers["SCMDMultipleSign"] = wire::write(wire::ScmdMultipleSignResponse{status()});
    for (const char* name : names) to_sign.push_back(document(name, static_cast<unsigned char>(to_sign.size())));
    signer = fake.signer();
    ticket = signer->start({fake.account, to_sign, SecureString("1234")});
  }

  /// The signatures out of that answer, one after the other.
  std::string finish(const wire::ValidateOtpResponse& answer) {
    fake.answers["ValidateOtp"] = wire::write(answer);
    std::string all;
    for (const Bytes& one : signer->finish(ticket, SecureString("123456"))) {
      all += (all.empty() ? "" : " ") + std::string(one.begin(), one.end());
    }
    return all;
  }
  void expect_refused(const wire::ValidateOtpResponse& answer) {
    expect_error(Errc::answer_malformed, [&] { finish(answer); });
  }

  FakeService fake;
  std::vector<Document> to_sign;
  std::unique_ptr<RemoteSigner> signer;
  Ticket ticket;
};

// ---- certificates ----

std::string chain_pem(const TemporaryDirectory& directory) {
  make_identity(directory.path());
  std::ostringstream text;
  text << std::ifstream(directory.path() / "chain.pem").rdbuf();
  return text.str();
}

void certificates_come_without_a_pin(void**) {
  FakeService fake;
  const std::string pem = chain_pem(fake.directory);
  fake.answers["GetCertificate"] = wire::write(wire::GetCertificateResponse{pem});
  assert_true(fake.signer()->certificates(fake.account) == CertificateChain::from_pem(pem));
  assert_true(
      contains(fake.last_head(), "SOAPAction: \"http://Ama.Authentication.Service/SCMDService/GetCertificate\""));
  const auto request = fake.last<wire::GetCertificate>();
  assert_true(*request.application_id == octets(guid));
  assert_string_equal(fake.decrypt(request.user_id).c_str(), "+351 910000000");
}

void the_number_of_a_process_is_fit_for_a_screen(void**) {
  FakeService fake;
  const std::vector<Document> to_sign{document("a.pdf", 0)};
  const auto start = [&](const std::string& number) {
    fake.answers["SCMDSign"] = wire::write(wire::ScmdSignResponse{wire::SignStatus{"200", {}, {}, "OK", number}});
    return fake.signer()->start({fake.account, to_sign, SecureString("1234")}).process_id;
  };
  assert_string_equal(start("1f0c2c0e-0000-4000-8000-000000000001").c_str(), "1f0c2c0e-0000-4000-8000-000000000001");
  assert_int_equal(start(std::string(64, '~')).size(), 64);
  for (const std::string& number : {std::string(65, '9'), std::string("12\n  To sign    rent.pdf"), std::string("1 2"),
                                    std::string("12\xc2\x9b\x32J"), std::string("\x7f")}) {
    expect_error(Errc::answer_malformed, [&] { start(number); });
  }
}

void no_certificate_is_said_so(void**) {
  FakeService fake;
  for (const wire::Text& nothing : {wire::Text(), wire::Text("")}) {
    fake.answers["GetCertificate"] = wire::write(wire::GetCertificateResponse{nothing});
    expect_error(Errc::no_certificate, [&] { fake.signer()->certificates(fake.account); });
  }
  fake.answers["GetCertificate"] = wire::write(wire::GetCertificateResponse{"no PEM"});
  expect_error(Errc::answer_malformed, [&] { fake.signer()->certificates(fake.account); });
}

void certificates_come_with_a_pin(void**) {
  FakeService fake;
  const std::string pem = chain_pem(fake.directory);
  fake.answers["GetCertificateWithPin"] = wire::write(wire::GetCertificateWithPinResponse{status()});
  fake.answers["ValidateOtp"] = wire::write(wire::ValidateOtpResponse{wire::SignResponse{{}, {}, status(), pem}});
  const auto signer = fake.signer();
  const Ticket ticket = signer->start_enrolment(fake.account, SecureString("1234"));
  assert_int_equal(ticket.documents, 0);
  const auto request = fake.last<wire::GetCertificateWithPin>();
  assert_string_equal(fake.decrypt(request.pin).c_str(), "1234");
  assert_string_equal(fake.decrypt(request.user_id).c_str(), "+351 910000000");
  assert_true(signer->finish_enrolment(ticket, SecureString("123456")) == CertificateChain::from_pem(pem));
  assert_string_equal(fake.asked().c_str(), "GetCertificateWithPin ValidateOtp");
  fake.answers["ValidateOtp"] = wire::write(signature("SIGN"));
  expect_error(Errc::no_certificate, [&] { signer->finish_enrolment(ticket, SecureString("123456")); });
}

void a_phone_number_is_written_one_way(void**) {
  FakeService fake;
  fake.answers["GetCertificate"] = wire::write(wire::GetCertificateResponse{});
  const auto signer = fake.signer();
  const struct {
    const char* configured;
    const char* sent;
  } table[] = {
      {"+351 910000000", "+351 910000000"},    {"+351910000000", "+351 910000000"},
      {"+351  910 000 000", "+351 910000000"}, {"+44 7700 900123", "+44 7700900123"},
      {"+447700900123", "+447700900123"},
  };
  for (const auto& row : table) {
    fake.account.user_id = row.configured;
    expect_error(Errc::no_certificate, [&] { signer->certificates(fake.account); });
    assert_string_equal(fake.decrypt(fake.last<wire::GetCertificate>().user_id).c_str(), row.sent);
  }
}

// ---- one document ----

void one_document_is_signed(void**) {
  Signing one({"contrato.pdf"});
  assert_string_equal(one.ticket.process_id.c_str(), "process-1");
  assert_int_equal(one.ticket.documents, 1);
  assert_true(one.ticket.account == &one.fake.account);
  const auto request = *one.fake.last<wire::ScmdSign>().request;
  assert_true(*request.application_id == octets(guid));
  assert_string_equal(request.doc_name->c_str(), "contrato.pdf");
  assert_true(*request.hash == to_digest_info(one.to_sign[0].digest));
  assert_string_equal(one.fake.decrypt(request.pin).c_str(), "1234");
  assert_string_equal(one.fake.decrypt(request.user_id).c_str(), "+351 910000000");
  assert_false(contains(one.fake.last_body(), "1234<"));

  assert_string_equal(one.finish(signature("SIGN")).c_str(), "SIGN");
  const auto otp = one.fake.last<wire::ValidateOtp>();
  assert_string_equal(otp.process_id->c_str(), "process-1");
  assert_string_equal(one.fake.decrypt(otp.code).c_str(), "123456");
  assert_true(*otp.application_id == octets(guid));
  assert_string_equal(one.fake.asked().c_str(), "SCMDSign ValidateOtp");
  assert_int_equal(one.fake.connections(), 1);
}

void one_document_may_be_answered_as_a_batch(void**) {
  Signing one({"a.pdf"});
  assert_string_equal(one.finish(documents({{octets("SIG0"), "other", "7"}})).c_str(), "SIG0");
  assert_string_equal(one.finish(documents({{octets("SIG0"), {}, {}}})).c_str(), "SIG0");
  one.expect_refused(documents({}));
  one.expect_refused(documents({{{}, "a.pdf", "0"}}));
  one.expect_refused(documents({{octets("SIG0"), {}, "0"}, {octets("SIG1"), {}, "1"}}));
  one.expect_refused({wire::SignResponse{{}, {}, status(), {}}});
}

void a_wrong_password_leaves_the_process_open(void**) {
  Signing batch({"a.pdf", "b.pdf"});
  const wire::ValidateOtpResponse wrong{wire::SignResponse{{}, {}, status("802"), {}}};
  for (int i = 0; i < 3; ++i) expect_error(Errc::wrong_otp, [&] { batch.finish(wrong); });
  const wire::ArrayOfHashStructure answer{{octets("B"), {}, "1"}, {octets("A"), {}, "0"}};
  assert_string_equal(batch.finish(documents(answer)).c_str(), "A B");
  assert_string_equal(batch.fake.asked().c_str(), "SCMDMultipleSign ValidateOtp ValidateOtp ValidateOtp ValidateOtp");
}

void the_new_password_is_for_the_same_process(void**) {
  Signing one({"a.pdf"});
  one.fake.answers["ForceSMS"] = wire::write(wire::ForceSmsResponse{status()});
  one.signer->resend(one.ticket);
  const auto request = one.fake.last<wire::ForceSms>();
  assert_string_equal(request.process_id->c_str(), "process-1");
  assert_string_equal(one.fake.decrypt(request.citizen_id).c_str(), "+351 910000000");
  assert_true(*request.application_id == octets(guid));
}

// ---- a batch ----

void a_batch_is_sent_with_ids(void**) {
  Signing batch({"a.pdf", "b.pdf", "c.pdf"});
  assert_int_equal(batch.ticket.documents, 3);
  const auto request = batch.fake.last<wire::ScmdMultipleSign>();
  assert_string_equal(batch.fake.decrypt(request.request->pin).c_str(), "1234");
  assert_int_equal(request.documents->size(), 3);
  for (std::size_t i = 0; i < 3; ++i) {
    const wire::HashStructure& sent = request.documents->at(i);
    assert_string_equal(sent.id->c_str(), std::to_string(i).c_str());
    assert_string_equal(sent.name->c_str(), batch.to_sign[i].name.c_str());
    assert_true(*sent.hash == to_digest_info(batch.to_sign[i].digest));
  }
  assert_string_equal(batch.fake.asked().c_str(), "SCMDMultipleSign");
}

void signatures_find_their_documents(void**) {
  Signing batch({"a.pdf", "b.pdf", "c.pdf"});
  const Bytes a = octets("A"), b = octets("B"), c = octets("C");
  const wire::ArrayOfHashStructure told_apart[] = {
      {{a, "a.pdf", "0"}, {b, "b.pdf", "1"}, {c, "c.pdf", "2"}},
      {{c, "c.pdf", "2"}, {a, "a.pdf", "0"}, {b, "b.pdf", "1"}},  // by id
      {{b, {}, "1"}, {c, {}, "2"}, {a, {}, "0"}},                 // by id alone
      {{b, "a.pdf", "1"}, {a, "b.pdf", "0"}, {c, "x", "2"}},      // the id counts, not the name
      {{c, "c.pdf", {}}, {b, "b.pdf", {}}, {a, "a.pdf", {}}},     // by name
      {{c, "c.pdf", "x"}, {b, "b.pdf", "y"}, {a, "a.pdf", "z"}},  // ids of the service's own
      {{a, {}, {}}, {b, {}, {}}, {c, {}, {}}},                    // by position
  };
  for (const auto& answer : told_apart) assert_string_equal(batch.finish(documents(answer)).c_str(), "A B C");

  const wire::ArrayOfHashStructure ambiguous[] = {
      {},
      {{a, {}, "0"}, {b, {}, "1"}},
      {{a, {}, {}}, {b, {}, {}}},
      {{a, {}, "0"}, {b, {}, "1"}, {c, {}, "1"}},
      {{a, {}, "0"}, {b, {}, "1"}, {c, {}, "3"}},
      {{a, {}, "0"}, {b, {}, "1"}, {c, {}, {}}},
      {{a, "a.pdf", {}}, {b, "a.pdf", {}}, {c, "c.pdf", {}}},
      {{a, "a.pdf", {}}, {b, {}, {}}, {c, {}, {}}},
      {{a, {}, "0"}, {b, {}, "1"}, {c, {}, "2"}, {c, {}, "3"}},
      {{a, {}, "0"}, {b, {}, "1"}, {c, {}, "2"}, {c, {}, "2"}},
      {{a, {}, {}}, {b, {}, {}}, {c, {}, {}}, {c, {}, {}}},
      {{a, {}, "0"}, {{}, {}, "1"}, {c, {}, "2"}},
      {{a, {}, {}}, {{}, {}, {}}, {c, {}, {}}},
  };
  for (const auto& answer : ambiguous) batch.expect_refused(documents(answer));
  batch.expect_refused(signature("SIGN"));
}

void a_batch_has_its_bounds(void**) {
  FakeService fake;
  const auto signer = fake.signer();
  const SecureString pin("1234");
  const std::vector<Document> none, many(max_batch + 1, document("a.pdf", 0));
  expect_error(Errc::invalid_argument, [&] { signer->start({fake.account, none, pin}); });
  expect_error(Errc::too_many_documents, [&] { signer->start({fake.account, many, pin}); });
  assert_string_equal(fake.asked().c_str(), "");
}

// ---- what the service may say at any time ----

void every_status_of_every_operation_counts(void**) {
  FakeService fake;
  const wire::SignStatus wrong = status("801");
  fake.answers["SCMDSign"] = wire::write(wire::ScmdSignResponse{wrong});
  fake.answers["SCMDMultipleSign"] = wire::write(wire::ScmdMultipleSignResponse{wrong});
  fake.answers["GetCertificateWithPin"] = wire::write(wire::GetCertificateWithPinResponse{wrong});
  fake.answers["ForceSMS"] = wire::write(wire::ForceSmsResponse{wrong});
  fake.answers["ValidateOtp"] = wire::write(wire::ValidateOtpResponse{wire::SignResponse{{}, octets("S"), wrong, "C"}});
  const auto signer = fake.signer();
  const SecureString secret("123456");
  const std::vector<Document> one{document("a.pdf", 0)}, two{one[0], document("b.pdf", 1)};
  const Ticket enrolment{"process-1", &fake.account, 0};
  expect_error(Errc::wrong_pin, [&] { signer->start({fake.account, one, secret}); });
  expect_error(Errc::wrong_pin, [&] { signer->start({fake.account, two, secret}); });
  expect_error(Errc::wrong_pin, [&] { signer->start_enrolment(fake.account, secret); });
  expect_error(Errc::wrong_pin, [&] { signer->resend(enrolment); });
  expect_error(Errc::wrong_pin, [&] { signer->finish_enrolment(enrolment, secret); });
  Signing signing({"a.pdf"});
  expect_error(Errc::wrong_otp, [&] { signing.finish({wire::SignResponse{{}, octets("SIGN"), status("802"), {}}}); });
  assert_string_equal(fake.asked().c_str(), "SCMDSign SCMDMultipleSign GetCertificateWithPin ForceSMS ValidateOtp");
}

void an_answer_that_makes_no_sense(void**) {
  FakeService fake;
  const auto signer = fake.signer();
  const std::vector<Document> one{document("a.pdf", 0)};
  const std::string good = wire::write(wire::ScmdSignResponse{status()});
  std::string demanding = good;
  demanding.replace(demanding.find("<s:Body>"), 0, "<s:Header><x s:mustUnderstand=\"1\"/></s:Header>");
  const std::string answers[] = {
      "",
      "<html/>",
      "<!DOCTYPE x>" + good,
      wire::write(wire::ScmdSignResponse{}),
      wire::write(wire::ScmdSignResponse{wire::SignStatus{{}, {}, {}, {}, "process-1"}}),
      wire::write(wire::ScmdSignResponse{wire::SignStatus{"200", {}, {}, "OK", {}}}),
      wire::write(wire::ForceSmsResponse{status()}),
      demanding,
  };
  for (const std::string& answer : answers) {
    fake.answers["SCMDSign"] = answer;
    expect_error(Errc::answer_malformed, [&] { signer->start({fake.account, one, SecureString("1234")}); });
  }
  fake.answers["SCMDSign"] = wire::write(wire::Fault{"s:Server", "x"});
  expect_error(Errc::soap_fault, [&] { signer->start({fake.account, one, SecureString("1234")}); });
  Signing signing({"a.pdf"});
  signing.expect_refused({});
  signing.expect_refused({wire::SignResponse{{}, octets("SIGN"), {}, {}}});
}

// ---- what is read at the beginning ----

void the_newest_certificate_encrypts(void**) {
  FakeService fake;
  const TestCertificate old = TestCertificate::make({.key_type = "RSA", .from_days = -20, .to_days = -5});
  const TestCertificate next = TestCertificate::make({.key_type = "RSA", .from_days = 5, .to_days = 20});
  fake.service.encryption_certificates.insert(fake.service.encryption_certificates.begin(),
                                              fake.directory.write("old.pem", old.pem()));
  fake.service.encryption_certificates.push_back(fake.directory.write("next.pem", next.pem()));
  fake.answers["GetCertificate"] = wire::write(wire::GetCertificateResponse{});
  const std::filesystem::path log = fake.directory.path() / "log";
  setenv("SMARTCMD_LOG", log.c_str(), 1);
  const auto signer = fake.signer();
  unsetenv("SMARTCMD_LOG");
  expect_error(Errc::no_certificate, [&] { signer->certificates(fake.account); });
  assert_string_equal(fake.decrypt(fake.last<wire::GetCertificate>().user_id).c_str(), "+351 910000000");
  const Certificate used = read_encryption_certificate(fake.service.encryption_certificates[1]);
  assert_true(contains(read(log), to_hex(used.fingerprint())));
}

void an_expired_certificate_encrypts_where_there_is_no_other(void**) {
  FakeService fake;
  const TestCertificate old = TestCertificate::make({.key_type = "RSA", .from_days = -20, .to_days = -5});
  fake.service.encryption_certificates = {fake.directory.write("old.pem", old.pem())};
  fake.answers["GetCertificate"] = wire::write(wire::GetCertificateResponse{});
  expect_error(Errc::no_certificate, [&] { fake.signer()->certificates(fake.account); });
  assert_string_equal(fake.asked().c_str(), "GetCertificate");
}

void mistakes_of_the_configuration_come_first(void**) {
  FakeService fake;
  const auto expect_refused = [&](const std::string& word) {
    const Error error = error_of([&] { fake.signer(); });
    assert_int_equal(error.code(), Errc::configuration);
    assert_true(contains(error.what(), word));
    assert_false(contains(error.what(), "segredo"));
  };
  fake.service.password_file = fake.directory.write("open", "segredo\n", 0644);
  expect_refused("chmod 600");
  fake.service.password_file = "/nonexistent/password";
  expect_refused("/nonexistent/password");
  fake.service.password_file = fake.directory.write("password", "segredo\n");
  fake.service.encryption_certificates.push_back("/nonexistent/cifra.pem");
  expect_refused("/nonexistent/cifra.pem");
  expect_refused("'encryption-certificate'");
  assert_int_equal(fake.connections(), 0);
}

}  // namespace
}  // namespace smartcmd

int main() {
  using namespace smartcmd;
  for (const char* name : {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}) unsetenv(name);
  const CMUnitTest tests[] = {
      cmocka_unit_test(certificates_come_without_a_pin),
      cmocka_unit_test(no_certificate_is_said_so),
      cmocka_unit_test(the_number_of_a_process_is_fit_for_a_screen),
      cmocka_unit_test(certificates_come_with_a_pin),
      cmocka_unit_test(a_phone_number_is_written_one_way),
      cmocka_unit_test(one_document_is_signed),
      cmocka_unit_test(one_document_may_be_answered_as_a_batch),
      cmocka_unit_test(a_wrong_password_leaves_the_process_open),
      cmocka_unit_test(the_new_password_is_for_the_same_process),
      cmocka_unit_test(a_batch_is_sent_with_ids),
      cmocka_unit_test(signatures_find_their_documents),
      cmocka_unit_test(a_batch_has_its_bounds),
      cmocka_unit_test(every_status_of_every_operation_counts),
      cmocka_unit_test(an_answer_that_makes_no_sense),
      cmocka_unit_test(mistakes_of_the_configuration_come_first),
      cmocka_unit_test(the_newest_certificate_encrypts),
      cmocka_unit_test(an_expired_certificate_encrypts_where_there_is_no_other),
  };
  return cmocka_run_group_tests_name("soap_signer", tests, nullptr, nullptr);
}
