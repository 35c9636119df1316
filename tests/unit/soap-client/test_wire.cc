// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// The messages of SCMDService against envelopes written by hand from its WSDL (tests/data/wire), and against what a
// careless or hostile peer may send.

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "soap-client/wire/messages.h"
#include "tests/support/expect.h"

using namespace smartcmd;
using namespace smartcmd::wire;

namespace {

std::string golden(const std::string& name) {
  std::ifstream file(std::string(std::getenv("SMARTCMD_TEST_DATA")) + "/wire/" + name + ".xml", std::ios::binary);
  if (!file) fail_msg("no golden file %s", name.c_str());
  return {std::istreambuf_iterator<char>(file), {}};
}

Bytes octets(std::string_view text) {
  const ByteView view = bytes_of(text);
  return {view.begin(), view.end()};
}

/// A SHA-256 DigestInfo over 32 octets that count up from 0 or down from 31.
Bytes digest_info(bool down) {
  static const unsigned char prefix[] = {0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
                                         0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20};
  Bytes der(std::begin(prefix), std::end(prefix));
  for (int i = 0; i < 32; ++i) der.push_back(static_cast<unsigned char>(down ? 31 - i : i));
  return der;
}

const Bytes application_id = octets("00000000-1111-2222-3333-444444444444");

std::string process_id(char last) {
  return std::string("1f0c2c0e-0000-4000-8000-00000000000") + last;
}

SignStatus status_ok(char process) {
  return {"200", {}, {}, "OK", process_id(process)};
}

ScmdSign scmd_sign() {
  return {SignRequest{application_id, "contrato & anexo.pdf", digest_info(false), "UElO", "Rk9ORQ=="}};
}

ScmdMultipleSign scmd_multiple_sign() {
  return {MultipleSignRequest{application_id, "UElO", "Rk9ORQ=="},
          ArrayOfHashStructure{{digest_info(false), "a.pdf", "0"}, {digest_info(true), "b.pdf", "1"}}};
}

SignResponse with_documents() {
  return {ArrayOfHashStructure{{octets("SIG0"), "a.pdf", "0"}, {octets("SIG1"), "b.pdf", "1"}}, {}, status_ok('2'), {}};
}

/// The message is written as the file has it, and what the file says is read to the same message.
template <class Message>
void expect_golden(const std::string& name, const Message& message) {
  const std::string file = golden(name);
  assert_string_equal(write(message).c_str(), file.c_str());
  const Envelope envelope(file);
  assert_string_equal(write(envelope.read<Message>()).c_str(), file.c_str());
  assert_false(envelope.fault().has_value());
  assert_false(envelope.must_understand().has_value());
}

void test_requests_match_the_golden_files(void**) {
  expect_golden("SCMDSign", scmd_sign());
  expect_golden("SCMDMultipleSign", scmd_multiple_sign());
  expect_golden("GetCertificate", GetCertificate{application_id, "Rk9ORQ=="});
  expect_golden("GetCertificateWithPin", GetCertificateWithPin{application_id, "Rk9ORQ==", "UElO"});
  expect_golden("ForceSMS", ForceSms{process_id('1'), "Rk9ORQ==", application_id});
  expect_golden("ValidateOtp", ValidateOtp{"T1RQ", process_id('1'), application_id});
}

void test_responses_match_the_golden_files(void**) {
  expect_golden("SCMDSignResponse", ScmdSignResponse{status_ok('1')});
  expect_golden("SCMDMultipleSignResponse", ScmdMultipleSignResponse{status_ok('2')});
  expect_golden("GetCertificateWithPinResponse", GetCertificateWithPinResponse{status_ok('3')});
  expect_golden("ForceSMSResponse", ForceSmsResponse{status_ok('4')});
  expect_golden("GetCertificateResponse",
                GetCertificateResponse{"-----BEGIN CERTIFICATE-----\r\nMIIB\r\n-----END CERTIFICATE-----\r\n"});
  expect_golden("ValidateOtpResponse-signature",
                ValidateOtpResponse{SignResponse{{}, octets("SIGN"), status_ok('1'), {}}});
  expect_golden("ValidateOtpResponse-documents", ValidateOtpResponse{with_documents()});
  expect_golden("ValidateOtpResponse-certificate",
                ValidateOtpResponse{SignResponse{
                    {}, {}, status_ok('3'), "-----BEGIN CERTIFICATE-----\r\nMIIB\r\n-----END CERTIFICATE-----"}});
  expect_golden("ValidateOtpResponse-802",
                ValidateOtpResponse{SignResponse{{}, {}, SignStatus{"802", {}, {}, "OTP inválido", {}}, {}}});
}

void test_members_without_a_value(void**) {
  expect_golden("SCMDSign-empty", ScmdSign{});
  expect_golden("SCMDSignResponse-nil", ScmdSignResponse{});
  expect_golden("GetCertificateResponse-nil", GetCertificateResponse{});
  // A structure full of nils is read as one that is there but holds nothing.
  expect_golden("SCMDSign-nil", ScmdSign{SignRequest{}});
  const auto nil = Envelope(golden("SCMDSign-nil")).read<ScmdSign>();
  assert_true(nil.request.has_value());
  assert_false(nil.request->application_id || nil.request->doc_name || nil.request->hash || nil.request->pin);
}

void test_values_arrive(void**) {
  const auto sign = Envelope(golden("SCMDSign")).read<ScmdSign>();
  assert_true(*sign.request->hash == digest_info(false));
  assert_true(*sign.request->application_id == application_id);
  assert_string_equal(sign.request->doc_name->c_str(), "contrato & anexo.pdf");
  const auto batch = Envelope(golden("SCMDMultipleSign")).read<ScmdMultipleSign>();
  assert_int_equal(batch.documents->size(), 2);
  assert_true(*batch.documents->at(1).hash == digest_info(true));
  assert_string_equal(batch.documents->at(1).id->c_str(), "1");
  const auto answer = Envelope(golden("ValidateOtpResponse-802")).read<ValidateOtpResponse>();
  assert_string_equal(answer.result->status->code->c_str(), "802");
  assert_false(answer.result->status->process_id.has_value());
}

// ---- a careless peer ----

std::string envelope(const std::string& body, const std::string& header = "") {
  return "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/'>" + header + "<e:Body>" + body +
         "</e:Body></e:Envelope>";
}

const std::string data_namespace = "http://schemas.datacontract.org/2004/07/Ama.Structures.CCMovelSignature";

std::string otp_answer(const std::string& members) {
  return envelope("<ValidateOtpResponse xmlns='http://Ama.Authentication.Service/'><ValidateOtpResult xmlns:d='" +
                  data_namespace + "' xmlns:n='http://www.w3.org/2001/XMLSchema-instance'>" + members +
                  "</ValidateOtpResult></ValidateOtpResponse>");
}

SignResponse read_otp(const std::string& members) {
  return *Envelope(otp_answer(members)).read<ValidateOtpResponse>().result;
}

void test_any_order_prefix_and_space(void**) {
  const SignResponse answer = read_otp(
      "\n  <!-- a comment --><d:certificate/>\n"
      "<d:Status><d:ProcessId>p</d:ProcessId><d:Extra><d:Code>999</d:Code></d:Extra><d:Code>2<!-- -->00</d:Code>"
      "<d:Message><![CDATA[a<b]]></d:Message></d:Status>\n"
      "<d:Signature> U0lH\n\tTg== </d:Signature>"
      "<d:ArrayOfHashStructure n:nil='1'/><d:New>ignored</d:New>");
  assert_true(*answer.signature == octets("SIGN"));
  assert_string_equal(answer.status->code->c_str(), "200");
  assert_string_equal(answer.status->message->c_str(), "a<b");
  assert_string_equal(answer.status->process_id->c_str(), "p");
  assert_false(answer.certificate || answer.documents);
}

void test_any_known_namespace(void**) {
  // In the namespace of the operations and in none; one of a stranger's is not ours.
  const SignResponse answer = read_otp(
      "<Status><Code xmlns=''>200</Code></Status>"
      "<Signature xmlns='http://stranger.example/'>U0lHTg==</Signature>");
  assert_string_equal(answer.status->code->c_str(), "200");
  assert_false(answer.signature.has_value());
}

void test_names_of_the_manual(void**) {
  const SignResponse answer = read_otp(
      "<d:SignStatus><d:Code>200</d:Code></d:SignStatus><d:ArrayOfHashStructure>"
      "<d:HashStructure><d:Signature>U0lHMA==</d:Signature><d:id>0</d:id></d:HashStructure>"
      "<d:HashStructure><d:Signature>WFhYWA==</d:Signature><d:Hash>U0lHMQ==</d:Hash></d:HashStructure>"
      "</d:ArrayOfHashStructure>");
  assert_string_equal(answer.status->code->c_str(), "200");
  assert_true(*answer.documents->at(0).hash == octets("SIG0"));
  assert_true(*answer.documents->at(1).hash == octets("SIG1"));  // the schema's name comes first
}

void test_nil_empty_and_absent_are_alike(void**) {
  for (const char* hash : {"<d:Signature n:nil='true'/>", "<d:Signature n:nil='true'>U0lHTg==</d:Signature>",
                           "<d:Signature/>", "<d:Signature> \n</d:Signature>", ""}) {
    const SignResponse answer = read_otp(std::string("<d:Status><d:Code>200</d:Code></d:Status>") + hash);
    assert_false(answer.signature.has_value());
  }
  assert_false(Envelope(otp_answer("")).read<ValidateOtpResponse>().result.has_value());
  assert_false(read_otp("<d:Status/><d:certificate/>").status.has_value());
  // nil in a namespace that is not XMLSchema-instance says nothing
  assert_true(read_otp("<d:Signature nil='true'>U0lHTg==</d:Signature>").signature.has_value());
}

void test_a_nil_item_keeps_its_place(void**) {
  const SignResponse answer = read_otp(
      "<d:ArrayOfHashStructure><d:HashStructure n:nil='true'/>"
      "<d:HashStructure><d:Hash>U0lHMQ==</d:Hash></d:HashStructure></d:ArrayOfHashStructure>");
  assert_int_equal(answer.documents->size(), 2);
  assert_false(answer.documents->at(0).hash.has_value());
}

void test_text_survives(void**) {
  ScmdSign message = scmd_sign();
  message.request->doc_name = "<a href=\"x\">'&amp;' ]]> \r\n\tção 😀";
  const auto back = Envelope(write(message)).read<ScmdSign>();
  assert_string_equal(back.request->doc_name->c_str(), message.request->doc_name->c_str());
}

void test_what_xml_cannot_carry_is_dropped(void**) {
  ScmdSign message = scmd_sign();
  static constexpr char dirty[] =
      "a\x01\x00"
      "b\x1f"
      "c\xff\xc3"
      "d\xef\xbf\xbe\xed\xa0\x80\xc0\x80"
      "e\xc3";
  message.request->doc_name = std::string(dirty, sizeof dirty - 1);
  const auto back = Envelope(write(message)).read<ScmdSign>();
  assert_string_equal(back.request->doc_name->c_str(), "abcde");
}

// ---- faults and headers ----

void test_faults(void**) {
  assert_string_equal(write(Fault{"s:Client", "The body is <empty>."}).c_str(), golden("Fault").c_str());
  assert_string_equal(write(Fault{"a:InternalServiceFault", "The service failed."}).c_str(),
                      golden("Fault-internal").c_str());
  const Envelope file(golden("Fault-internal"));
  assert_string_equal(file.body_name().c_str(), "Fault");
  assert_string_equal(file.fault()->code.c_str(), "a:InternalServiceFault");
  assert_string_equal(file.fault()->text.c_str(), "The service failed.");
  // Other prefixes, a detail, a namespace nobody knows.
  const Fault fault = *Envelope(envelope("<e:Fault><faultcode>e:Server</faultcode><faultstring>x</faultstring>"
                                         "<detail><y/></detail></e:Fault>"))
                           .fault();
  assert_string_equal(fault.code.c_str(), "s:Server");
  assert_string_equal(
      Envelope(envelope("<e:Fault><faultcode xmlns:z='urn:z'>z:Odd</faultcode></e:Fault>")).fault()->code.c_str(),
      "z:Odd");
  expect_error(Errc::answer_malformed, [&] { (void)file.read<ScmdSignResponse>(); });
}

void test_headers(void**) {
  const auto demanded = [](const std::string& header) {
    return Envelope(envelope("<x/>", "<e:Header>" + header + "</e:Header>")).must_understand();
  };
  assert_false(demanded("").has_value());
  assert_false(demanded("<h xmlns='urn:h' e:mustUnderstand='0'/><g mustUnderstand='1'/>").has_value());
  assert_string_equal(demanded("<g/><h xmlns='urn:h' e:mustUnderstand='1'/>")->c_str(), "h");
}

void test_soap_action(void**) {
  assert_string_equal(soap_action("SCMDSign").c_str(), "http://Ama.Authentication.Service/SCMDService/SCMDSign");
}

// ---- a hostile peer ----

void test_garbage_is_refused(void**) {
  const std::string garbage[] = {
      "",
      "HTTP",
      "<html><body>It works</body></html>",
      "<?xml version='1.0'?>",
      "<Envelope><Body><x/></Body></Envelope>",
      "<e:Envelope xmlns:e='http://www.w3.org/2003/05/soap-envelope'><e:Body><x/></e:Body></e:Envelope>",
      "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/'/>",
      "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/'><x/></e:Envelope>",
      envelope(""),
      envelope("<x>"),
      envelope("<x/>") + "<x/>",
      envelope("<x>&undefined;</x>"),
      envelope("<x>\x01</x>"),
      envelope("<x>\xff</x>"),
      golden("SCMDSign").substr(0, 400),
      envelope("<x/>") + std::string(max_envelope, ' '),
  };
  for (const std::string& text : garbage) {
    expect_error(Errc::answer_malformed, [&] { Envelope read(text); });
  }
}

void test_document_types_are_refused(void**) {
  std::string laughs = "<!DOCTYPE x [<!ENTITY a0 'ha'>";
  for (int i = 1; i < 30; ++i) {
    const std::string before = "&a" + std::to_string(i - 1) + ";";
    laughs += "<!ENTITY a" + std::to_string(i) + " '" + before + before + "'>";
  }
  laughs += "]>";
  const std::string types[] = {
      "<!DOCTYPE x>",
      "<!DOCTYPE x SYSTEM 'file:///etc/passwd'>",
      "<!DOCTYPE x PUBLIC 'p' 'http://127.0.0.1:1/x.dtd'>",
      "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>",
      "<!DOCTYPE x [<!ENTITY % p SYSTEM 'http://127.0.0.1:1/p'> %p;]>",
      laughs,
  };
  for (const std::string& type : types) {
    expect_error(Errc::answer_malformed, [&] { Envelope read(type + envelope("<x>text</x>")); });
    expect_error(Errc::answer_malformed, [&] { Envelope read(type + envelope("<x>&e;&a29;</x>")); });
  }
}

void test_depth_is_bounded(void**) {
  std::string nested;
  for (int i = 0; i < 100000; ++i) nested += "<x>";
  expect_error(Errc::answer_malformed, [&] { Envelope read(envelope(nested)); });
}

// Each of these would take libxml2 minutes.
void test_attributes_are_bounded(void**) {
  std::string attributes, declarations, nested;
  for (int i = 0; i < 20000; ++i) {
    const std::string number = std::to_string(i);
    attributes += " a" + number + "\n= '>'";
    declarations += " xmlns:b" + number + "=\"u\"";
    nested += i % 100 == 0 ? "<x" : "";
    nested += " xmlns:b" + number + "='u'";
    nested += i % 100 == 99 ? ">" : "";
  }
  for (int i = 0; i < 200; ++i) nested += "</x>";
  std::string wide;  // the same in UTF-16
  for (const char octet : "<?xml version='1.0' encoding='UTF-16'?>" + envelope("<x" + attributes + "/>")) {
    wide += {octet, '\0'};
  }
  for (const std::string& text :
       {envelope("<x" + attributes + "/>"), envelope("<x" + declarations + "/>"), envelope(nested), wide,
        "\xff\xfe" + wide, "<?xml version='1.0' encoding='UTF-16LE'?>" + wide,
        "<?xml version='1.0' encoding='UTF-7'?>" + envelope("<x" + attributes + "/>")}) {
    expect_error(Errc::answer_malformed, [&] { Envelope read(text); });
  }
}

void test_many_attributes_of_a_batch_are_read(void**) {
  std::string documents;
  for (int i = 0; i < 100; ++i) {
    documents += "<d:HashStructure xmlns:d='" + data_namespace + "' a='1' b='2' c='3'>";
    for (const char* name : {"Hash", "Name", "id"}) {
      documents += std::string("<m:") + name + " xmlns:m='" + data_namespace + "' p='' q=''>MTIz</m:" + name + ">";
    }
    documents += "</d:HashStructure>";
  }
  const auto answer = read_otp("<d:ArrayOfHashStructure>" + documents + "</d:ArrayOfHashStructure>");
  assert_int_equal(answer.documents->size(), 100);
}

void test_values_of_another_type_are_refused(void**) {
  expect_error(Errc::answer_malformed, [] { read_otp("<d:Signature>not base64!</d:Signature>"); });
  expect_error(Errc::answer_malformed, [] { read_otp("<d:Signature>U0lHT</d:Signature>"); });
  expect_error(Errc::answer_malformed, [] { read_otp("<d:certificate><d:x/></d:certificate>"); });
  expect_error(Errc::answer_malformed, [] { (void)Envelope(golden("SCMDSign")).read<ScmdSignResponse>(); });
  expect_error(Errc::answer_malformed,
               [] { (void)Envelope(envelope("<SCMDSign xmlns='http://stranger.example/'/>")).read<ScmdSign>(); });
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(test_requests_match_the_golden_files),
      cmocka_unit_test(test_responses_match_the_golden_files),
      cmocka_unit_test(test_members_without_a_value),
      cmocka_unit_test(test_values_arrive),
      cmocka_unit_test(test_any_order_prefix_and_space),
      cmocka_unit_test(test_any_known_namespace),
      cmocka_unit_test(test_names_of_the_manual),
      cmocka_unit_test(test_nil_empty_and_absent_are_alike),
      cmocka_unit_test(test_a_nil_item_keeps_its_place),
      cmocka_unit_test(test_text_survives),
      cmocka_unit_test(test_what_xml_cannot_carry_is_dropped),
      cmocka_unit_test(test_faults),
      cmocka_unit_test(test_headers),
      cmocka_unit_test(test_soap_action),
      cmocka_unit_test(test_garbage_is_refused),
      cmocka_unit_test(test_document_types_are_refused),
      cmocka_unit_test(test_depth_is_bounded),
      cmocka_unit_test(test_attributes_are_bounded),
      cmocka_unit_test(test_many_attributes_of_a_batch_are_read),
      cmocka_unit_test(test_values_of_another_type_are_refused),
  };
  return cmocka_run_group_tests_name("wire", tests, nullptr, nullptr);
}
