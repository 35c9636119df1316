#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
"""service_zeep.py DIR TESTS…: drives the running service of DIR with a stock SOAP client, and with raw HTTP where such a
client would not make the mistake."""

import base64
import configparser
import hashlib
import http.client
import os
import pathlib
import re
import select
import socket
import sqlite3
import ssl
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.parse

import requests
import zeep
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, utils
from zeep.wsa import WsAddressingPlugin

PHONE, PIN = "+351 910000000", "1234"
OTHER_PHONE, OTHER_PIN = "+351 911111111", "87654321"
ACTION = "http://Ama.Authentication.Service/SCMDService/"
PREFIX = {
    "sha256": "3031300d060960864801650304020105000420",
    "sha384": "3041300d060960864801650304020205000430",
    "sha512": "3051300d060960864801650304020305000440",
    "sha1": "3021300906052b0e03021a05000414",
}


class Service:
    """What client/ tells about the running service."""

    def __init__(self, directory):
        settings = configparser.ConfigParser(interpolation=None)
        settings.read(directory / "client/service.conf")
        local = settings["service local"]
        self.directory = directory
        self.outbox = directory / "outbox"
        self.url = local["endpoint"]
        self.application_id = local["application-id"].encode()
        self.auth = (local["username"], pathlib.Path(local["password-file"]).read_text())
        self.ca = local["ca-file"]
        encryption = pathlib.Path(local["encryption-certificate"]).read_bytes()
        self.key = x509.load_pem_x509_certificate(encryption).public_key()

    def client(self, **options):
        session = requests.Session()
        session.trust_env = False  # no proxy, no other authorities
        session.auth = self.auth
        session.verify = self.ca
        return zeep.Client(self.url + "?wsdl", transport=zeep.Transport(session=session, timeout=30), **options)

    def encrypt(self, text):
        return base64.b64encode(self.key.encrypt(text.encode(), padding.PKCS1v15())).decode()

    def message(self, process):
        """The outbox's message for a process, as a dictionary."""
        file = self.outbox / process
        assert file.stat().st_mode & 0o777 == 0o600
        return dict(line.split(": ", 1) for line in file.read_text().splitlines())

    def code(self, process):
        return self.message(process)["code"]


def digest_info(document, name="sha256"):
    return bytes.fromhex(PREFIX[name]) + hashlib.new(name, document).digest()


def signatures(answer):
    """Those of a batch; zeep makes an empty array of nil."""
    return answer.ArrayOfHashStructure.HashStructure if answer.ArrayOfHashStructure else []


def wrong(code):
    """A one-time password that is another."""
    return f"{(int(code) + 1) % 1000000:06}"


class TestCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.service = SERVICE
        cls.client = cls.service.client()
        cls.types = cls.client.type_factory("http://schemas.datacontract.org/2004/07/Ama.Structures.CCMovelSignature")

    def sign_request(self, **changes):
        request = {
            "ApplicationId": self.service.application_id, "DocName": "contrato.pdf", "Hash": digest_info(b"document"),
            "Pin": self.service.encrypt(PIN), "UserId": self.service.encrypt(PHONE)}
        return self.types.SignRequest(**{**request, **changes})

    def start(self, client=None, **changes):
        """Begins a signature and returns its process."""
        status = (client or self.client).service.SCMDSign(request=self.sign_request(**changes))
        self.assert_status(status, "200")
        self.assertRegex(status.ProcessId, r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
        return status.ProcessId

    def start_batch(self, documents, **changes):
        request = {"ApplicationId": self.service.application_id, "Pin": self.service.encrypt(PIN),
                   "UserId": self.service.encrypt(PHONE), **changes}
        return self.client.service.SCMDMultipleSign(
            request=self.types.MultipleSignRequest(**request),
            documents=self.types.ArrayOfHashStructure(HashStructure=[
                self.types.HashStructure(Hash=hash, Name=name, id=id) for hash, name, id in documents]))

    def validate(self, process, code, client=None, application_id=None):
        return (client or self.client).service.ValidateOtp(
            code=self.service.encrypt(code), processId=process,
            applicationId=application_id or self.service.application_id)

    def resend(self, process, phone=PHONE):
        return self.client.service.ForceSMS(processId=process, citizenId=self.service.encrypt(phone),
                                            applicationId=self.service.application_id)

    def certificates(self, phone=PHONE):
        return self.client.service.GetCertificate(applicationId=self.service.application_id,
                                                  userId=self.service.encrypt(phone))

    def assert_status(self, status, code, field=None):
        self.assertEqual((status.Code, status.Field, status.FieldValue), (code, field, None))
        self.assertTrue(status.Message)
        self.assertEqual(status.ProcessId is not None, code == "200")

    def assert_signed(self, signature, document, name="sha256", phone=PHONE):
        """By the person's key: the openssl of the system says so."""
        with tempfile.TemporaryDirectory() as directory:
            place = pathlib.Path(directory)
            (place / "document").write_bytes(document)
            (place / "signature").write_bytes(signature)
            (place / "certificate").write_text(self.certificates(phone))
            subprocess.run("openssl x509 -in certificate -pubkey -noout >key && "
                           f"openssl dgst -{name} -verify key -signature signature document",
                           shell=True, check=True, cwd=place, stdout=subprocess.DEVNULL)


class Operations(TestCase):
    """The six operations, as zeep understands our WSDL."""

    def test_chain_of_a_person(self):
        pem = self.certificates()
        self.assertEqual(pem.count("\n"), pem.count("\r\n"))
        user, root, issuing = [x509.load_pem_x509_certificate(one.encode())
                               for one in re.findall("-----BEGIN.*?-----END CERTIFICATE-----", pem, re.S)]
        self.assertEqual(user.issuer, issuing.subject)
        self.assertEqual(issuing.issuer, root.subject)
        self.assertEqual(root.issuer, root.subject)
        self.assertEqual([c.public_key().key_size for c in (user, root, issuing)], [3072] * 3)
        usage = user.extensions.get_extension_for_class(x509.KeyUsage)
        self.assertTrue(usage.critical and usage.value.content_commitment and not usage.value.digital_signature)
        self.assertIn("CN=JOANA SILVA", user.subject.rfc4514_string())
        with tempfile.TemporaryDirectory() as directory:
            (pathlib.Path(directory) / "chain").write_text(pem)
            subprocess.run(["openssl", "verify", "-x509_strict", "-CAfile", self.service.ca, "-untrusted", "chain",
                            "chain"], check=True, cwd=directory, stdout=subprocess.DEVNULL)

    def test_phone_numbers_with_and_without_blank(self):
        self.assertEqual(self.certificates("+351910000000"), self.certificates("+351 910000000"))
        self.assertIn("BEGIN CERTIFICATE", self.certificates("+351 911111111"))

    def test_no_certificate(self):
        for phone in ("+351 999999999", "", "joana", "0" * 100):
            self.assertIsNone(self.certificates(phone))
        self.assertIsNone(self.client.service.GetCertificate(applicationId=self.service.application_id, userId="AAAA"))
        self.assertIsNone(self.client.service.GetCertificate(applicationId=b"another",
                                                             userId=self.service.encrypt(PHONE)))

    def test_signature(self):
        process = self.start()
        message = self.service.message(process)
        self.assertEqual(message["to"], PHONE)
        self.assertRegex(message["code"], "^[0-9]{6}$")
        self.assertEqual(message["text"],
                         f'Código de segurança: {message["code"]}. Assinatura de documento "contrato.pdf".')
        answer = self.validate(process, message["code"])
        self.assert_status(answer.Status, "200")
        self.assertEqual(answer.Status.ProcessId, process)
        self.assertFalse(signatures(answer))
        self.assertIsNone(answer.certificate)
        self.assert_signed(answer.Signature, b"document")
        self.assertFalse((self.service.outbox / process).exists())
        self.assert_status(self.validate(process, message["code"]).Status, "816")

    def test_signature_with_other_hashes(self):
        for name in ("sha384", "sha512"):
            process = self.start(Hash=digest_info(b"document", name))
            self.assert_signed(self.validate(process, self.service.code(process)).Signature, b"document", name)

    def test_signature_of_another_person(self):
        process = self.start(UserId=self.service.encrypt("+351911111111"), Pin=self.service.encrypt(OTHER_PIN))
        signature = self.validate(process, self.service.code(process)).Signature
        self.assert_signed(signature, b"document", phone=OTHER_PHONE)

    def test_signature_without_a_name(self):
        text = self.service.message(self.start(DocName=zeep.xsd.SkipValue))["text"]
        self.assertRegex(text, r"^Código de segurança: [0-9]{6}\. Assinatura de documento\.$")

    def test_a_name_cannot_forge_a_message(self):
        message = self.service.message(self.start(DocName="a.pdf\ncode: 000000\nto: +351 999999999"))
        self.assertEqual(set(message), {"to", "code", "text"})
        self.assertEqual(message["to"], PHONE)

    def test_a_name_cannot_continue_a_message(self):
        text = self.service.message(self.start(DocName='a". Código de segurança: 111111. "'))["text"]
        self.assertEqual(text.count('"'), 2)
        self.assertTrue(text.endswith('".'))

    def test_a_batch_has_presentable_names(self):
        status = self.start_batch([(digest_info(b"document"), "a\nb" + "x" * 100000, "0")])
        answer = self.validate(status.ProcessId, self.service.code(status.ProcessId))
        self.assertEqual(signatures(answer)[0].Name, "a b" + "x" * 41)

    def test_signature_through_ws_addressing(self):
        client = self.service.client(plugins=[WsAddressingPlugin()])
        process = self.start(client)
        answer = self.validate(process, self.service.code(process), client)
        self.assert_signed(answer.Signature, b"document")

    def test_batch(self):
        documents = [(f"document {n}".encode(), f"{n} & <ç>.pdf", f"id {n}") for n in range(100)]
        status = self.start_batch([(digest_info(content), name, id) for content, name, id in documents])
        self.assert_status(status, "200")
        self.assertIn("100 documentos", self.service.message(status.ProcessId)["text"])
        answer = self.validate(status.ProcessId, self.service.code(status.ProcessId))
        self.assert_status(answer.Status, "200")
        self.assertIsNone(answer.Signature)
        signed = signatures(answer)
        self.assertEqual([(one.Name, one.id) for one in signed], [(name, id) for _, name, id in documents])
        key = x509.load_pem_x509_certificate(self.certificates().encode()).public_key()
        for one, (content, _, _) in zip(signed, documents):
            key.verify(one.Hash, hashlib.sha256(content).digest(), padding.PKCS1v15(), utils.Prehashed(hashes.SHA256()))

    def test_batch_of_one_without_names(self):
        status = self.start_batch([(digest_info(b"document"), None, None)])
        answer = self.validate(status.ProcessId, self.service.code(status.ProcessId))
        self.assert_signed(signatures(answer)[0].Hash, b"document")

    def test_sizes_of_batches(self):
        self.assert_status(self.start_batch([(digest_info(b"d"), "d", str(n)) for n in range(101)]), "900")
        self.assert_status(self.start_batch([]), "800", "documents")

    def test_certificate_with_pin(self):
        status = self.client.service.GetCertificateWithPin(
            applicationId=self.service.application_id, userId=self.service.encrypt(PHONE),
            pin=self.service.encrypt(PIN))
        self.assert_status(status, "200")
        answer = self.validate(status.ProcessId, self.service.code(status.ProcessId))
        self.assertEqual(answer.certificate, self.certificates())
        self.assertIsNone(answer.Signature)
        self.assertFalse(signatures(answer))

    def test_new_code(self):
        process = self.start()
        old = self.service.code(process)
        status = self.resend(process)
        self.assert_status(status, "200")
        self.assertEqual(status.ProcessId, process)
        new = self.service.code(process)
        if old != new:
            self.assert_status(self.validate(process, old).Status, "802")
        self.assert_signed(self.validate(process, new).Signature, b"document")
        self.assert_status(self.resend(process), "816")

    def test_new_code_is_for_the_same_person(self):
        process = self.start()
        code = self.service.code(process)
        for phone in (OTHER_PHONE, "+351 999999999", "rubbish"):
            self.assert_status(self.resend(process, phone), "816")
        self.assertEqual(self.service.code(process), code)

    def test_three_wrong_codes_end_a_process(self):
        process = self.start()
        code = self.service.code(process)
        for attempt, status in ((wrong(code), "802"), ("", "802"), ("12345a", "816")):
            answer = self.validate(process, attempt)
            self.assert_status(answer.Status, status)
            self.assertIsNone(answer.Signature)
        self.assert_status(self.validate(process, code).Status, "816")
        self.assertFalse((self.service.outbox / process).exists())

    def test_a_new_code_brings_no_new_attempts(self):
        process = self.start()
        for _ in range(2):
            self.assert_status(self.validate(process, wrong(self.service.code(process))).Status, "802")
        self.assert_status(self.resend(process), "200")
        code = self.service.code(process)
        self.assert_status(self.validate(process, wrong(code)).Status, "816")
        self.assert_status(self.validate(process, code).Status, "816")

    def test_unknown_process(self):
        for process in ("1f0c2c0e-0000-4000-8000-000000000001", "", "../pin", None):
            self.assert_status(self.validate(process, "123456").Status, "816")
            self.assert_status(self.resend(process), "816")

    def test_wrong_pin_and_unknown_person_look_alike(self):
        encrypt = self.service.encrypt
        answers = [self.client.service.SCMDSign(request=self.sign_request(**changes)) for changes in (
            {"Pin": encrypt("4321")}, {"Pin": encrypt(OTHER_PIN)}, {"Pin": "AAAA"}, {"Pin": "no base64"}, {"Pin": None},
            {"Pin": encrypt("x" * 200)}, {"Pin": PIN}, {"Pin": encrypt("")}, {"Pin": encrypt("nobody")},
            {"UserId": encrypt("+351 999999999")}, {"UserId": "AAAA"}, {"UserId": None},
            {"UserId": encrypt("+351 999999999"), "Pin": encrypt("nobody")})]
        self.assert_status(answers[0], "801")
        for answer in answers[1:]:
            self.assertEqual(answer, answers[0])

    def test_wrong_pin_and_unknown_person_take_the_same_time(self):
        def seconds(**changes):
            request = self.sign_request(**changes)
            begin = time.monotonic()
            self.client.service.SCMDSign(request=request)
            return time.monotonic() - begin

        encrypt = self.service.encrypt
        cases = [{"Pin": encrypt("4321")}, {"UserId": encrypt("+351 999999999")}, {"UserId": "AAAA"}, {"Pin": "AAAA"}]
        # In turns, and the best of each: what else the machine does is shared out evenly.
        wrong_pin, *others = map(min, zip(*([seconds(**case) for case in cases] for _ in range(5))))
        for other in others:
            self.assertGreater(other, wrong_pin / 3)

    def test_unknown_application(self):
        for application in (b"another", self.service.application_id.upper() + b" ", None):
            self.assert_status(
                self.client.service.SCMDSign(request=self.sign_request(ApplicationId=application)), "900")
            self.assert_status(
                self.start_batch([(digest_info(b"d"), "d", "0")], ApplicationId=application), "900")
        self.assert_status(self.client.service.ForceSMS(processId="x", applicationId=b"x"), "900")
        self.assert_status(self.client.service.GetCertificateWithPin(applicationId=b"x"), "900")
        process = self.start()
        code = self.service.code(process)
        self.assert_status(self.validate(process, code, application_id=b"x").Status, "900")
        self.assert_status(self.validate(process, code).Status, "200")

    def test_no_request(self):
        self.assert_status(self.client.service.SCMDSign(), "800", "request")
        self.assert_status(self.client.service.SCMDMultipleSign(), "800", "request")

    def test_hashes_that_are_none(self):
        good = digest_info(b"document")
        for hash in (None, good[19:], good[:-1], good + b"\0", b"\x31" + good[1:], digest_info(b"document", "sha1")):
            self.assert_status(self.client.service.SCMDSign(request=self.sign_request(Hash=hash)), "800", "Hash")
            batch = [(good, "a", "0"), (hash, "b", "1")]
            self.assert_status(self.start_batch(batch), "800", "Hash")


class Expiry(TestCase):
    """A service whose one-time passwords live for a second."""

    def test_unused_code(self):
        process = self.start()
        message = self.service.outbox / process
        code = self.service.code(process)
        for _ in range(200):
            if not message.exists():
                break
            time.sleep(0.1)
        self.assertFalse(message.exists())
        self.assert_status(self.validate(process, code).Status, "816")
        self.assert_status(self.resend(process), "816")


class Lock(TestCase):
    """A service whose accounts lock after three wrong secrets."""

    def answer(self, pin):
        return self.client.service.SCMDSign(request=self.sign_request(Pin=self.service.encrypt(pin)))

    def test_1_a_signature_forgets_wrong_secrets(self):
        for _ in range(2):
            self.assert_status(self.answer("4321"), "801")
            process = self.start()
            self.assert_signed(self.validate(process, self.service.code(process)).Signature, b"document")
            process = self.start()
            self.assert_status(self.validate(process, wrong(self.service.code(process))).Status, "802")

    def test_2_wrong_secrets(self):
        opened = self.start()
        self.assert_status(self.answer("4321"), "801")
        process = self.start()  # a right PIN alone forgets nothing
        self.assert_status(self.validate(process, wrong(self.service.code(process))).Status, "802")

        # What was begun before gets neither code nor signature.
        code = self.service.code(opened)
        for process in (opened, process):
            self.assert_status(self.resend(process), "817")
            self.assert_status(self.validate(process, self.service.code(process)).Status, "817")
        self.assertEqual(self.service.code(opened), code)
        for pin in (PIN, "4321", PIN):
            self.assert_status(self.answer(pin), "817")
        self.assert_status(self.client.service.GetCertificateWithPin(
            applicationId=self.service.application_id, userId=self.service.encrypt(PHONE),
            pin=self.service.encrypt(PIN)), "817")
        self.start(UserId=self.service.encrypt(OTHER_PHONE), Pin=self.service.encrypt(OTHER_PIN))


class Flood(TestCase):
    """What somebody with the PIN can send to a phone."""

    def test_messages(self):
        encrypt = self.service.encrypt
        changes = {"UserId": encrypt(OTHER_PHONE), "Pin": encrypt(OTHER_PIN)}
        processes = []
        while len(processes) < 200:  # while we ask, time allows some more
            status = self.client.service.SCMDSign(request=self.sign_request(**changes))
            if status.Code != "200":
                break
            processes.append(status.ProcessId)
        self.assertGreaterEqual(len(processes), 100)
        self.assert_status(status, "817")
        self.assertIn("demasiados códigos", status.Message)
        last = processes[-1]
        self.assert_status(self.validate(last, self.service.code(last)).Status, "200")
        self.start(**changes)


class Unwritable(TestCase):
    """A database that somebody else keeps: nothing is tried that cannot be counted."""

    def test_nothing_is_tried(self):
        process = self.start()
        code = self.service.code(process)
        database = sqlite3.connect(self.service.directory / "database.sqlite", isolation_level=None)
        self.addCleanup(database.close)
        database.execute("BEGIN IMMEDIATE")
        for pin in ("4321", PIN):
            with self.assertRaisesRegex(zeep.exceptions.Fault, "failed"):
                self.client.service.SCMDSign(request=self.sign_request(Pin=self.service.encrypt(pin)))
        for guess in (wrong(code), code):
            with self.assertRaisesRegex(zeep.exceptions.Fault, "failed"):
                self.validate(process, guess)
        database.execute("ROLLBACK")
        self.assert_signed(self.validate(process, code).Signature, b"document")


class Hsm(TestCase):
    """An HSM that goes away and comes back."""

    def test_absence(self):
        tokens = self.service.directory / "tokens"
        away = tokens.with_name("tokens-away")
        process = self.start()
        tokens.rename(away)
        messages = set(os.listdir(self.service.outbox))
        for _ in range(2):
            with self.assertRaisesRegex(zeep.exceptions.Fault, "failed"):
                self.client.service.SCMDSign(request=self.sign_request())
        self.assertEqual(set(os.listdir(self.service.outbox)), messages)
        away.rename(tokens)
        self.assert_signed(self.validate(process, self.service.code(process)).Signature, b"document")
        process = self.start()
        self.assert_signed(self.validate(process, self.service.code(process)).Signature, b"document")


class Renewal(TestCase):
    """The operator gives the first person another key; $SMARTCMDD is the operator's tool."""

    def test_renewal(self):
        former, other = self.certificates(), self.certificates(OTHER_PHONE)
        process = self.start()
        code = self.service.code(process)
        for _ in range(3):
            self.client.service.SCMDSign(request=self.sign_request(Pin=self.service.encrypt("4321")))
        subprocess.run([os.environ["SMARTCMDD"], "account", "renew", self.service.directory, "--user-id", PHONE,
                        "--pin-file", "-"], input=b"56789", check=True)

        self.assertEqual(self.certificates(OTHER_PHONE), other)
        old, new = [x509.load_pem_x509_certificate(pem.encode()) for pem in (former, self.certificates())]
        self.assertEqual(new.subject, old.subject)
        self.assertNotEqual(new.public_key().public_numbers(), old.public_key().public_numbers())
        self.assertNotEqual(new.serial_number, old.serial_number)
        self.assertGreaterEqual(new.not_valid_after, old.not_valid_after)

        # What the old key was asked for is over, and it has gone with its PIN and with the lock.
        self.assert_status(self.validate(process, code).Status, "816")
        self.assert_status(self.client.service.SCMDSign(request=self.sign_request()), "801")
        process = self.start(Pin=self.service.encrypt("56789"))
        self.assert_signed(self.validate(process, self.service.code(process)).Signature, b"document")


class Raw(TestCase):
    """Requests as somebody makes them who knows HTTP only."""

    BODY = """<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/">{header}<e:Body>
        <x:GetCertificate xmlns:x="http://Ama.Authentication.Service/"><x:applicationId>{application}</x:applicationId>
        <x:userId>{user}</x:userId></x:GetCertificate></e:Body></e:Envelope>"""

    def setUp(self):
        where = urllib.parse.urlsplit(self.service.url)
        context = ssl.create_default_context(cafile=self.service.ca)
        self.connection = http.client.HTTPSConnection(where.hostname, where.port, timeout=30, context=context)
        self.addCleanup(self.connection.close)
        self.path = where.path

    def envelope(self, header=""):
        return self.BODY.format(header=header, user=self.service.encrypt(PHONE),
                                application=base64.b64encode(self.service.application_id).decode())

    def send(self, body=None, method="POST", path=None, **headers):
        """Sends a good request but for what is given; a header of None is left out."""
        token = base64.b64encode(":".join(self.service.auth).encode()).decode()
        default = {"Authorization": "Basic " + token, "Content_Type": "text/xml; charset=utf-8",
                   "SOAPAction": f'"{ACTION}GetCertificate"'}
        lines = {name.replace("_", "-"): value for name, value in {**default, **headers}.items() if value is not None}
        body = self.envelope() if body is None else body
        self.connection.request(method, path or self.path, body.encode() if isinstance(body, str) else body, lines)
        response = self.connection.getresponse()
        response.text = response.read().decode()
        return response

    def assert_answered(self, response):
        self.assertEqual(response.status, 200, response.text)
        self.assertEqual(response.getheader("Content-Type"), "text/xml; charset=utf-8")
        self.assertIn("<GetCertificateResult>-----BEGIN CERTIFICATE-----&#", response.text)

    def assert_fault(self, response, code):
        self.assertEqual(response.status, 500)
        self.assertIn("text/xml", response.getheader("Content-Type"))
        self.assertIn(f"<faultcode>{code}</faultcode>", response.text)


class Http(Raw):
    """Raw HTTP: what a SOAP client does not get wrong."""

    def test_a_good_request(self):
        self.assert_answered(self.send())

    def test_the_connection_stays_open(self):
        self.assert_answered(self.send())
        socket = self.connection.sock
        self.assertEqual(self.send(SOAPAction='"nothing"').status, 500)
        self.assertEqual(self.send(Authorization=None).status, 401)
        self.assert_answered(self.send())
        self.assertIs(self.connection.sock, socket)

    def test_variants_a_client_may_send(self):
        self.assert_answered(self.send(SOAPAction=ACTION + "GetCertificate"))
        self.assert_answered(self.send(Content_Type="text/xml"))
        self.assert_answered(self.send(Content_Type="TEXT/XML;charset=\"UTF-8\""))
        self.assert_answered(self.send(path=self.path.replace("Ama", "AMA").replace(".svc", ".SVC")))
        self.assert_answered(self.send(self.envelope('<e:Header><w:To xmlns:w="urn:w">x</w:To></e:Header>')))
        self.assert_answered(self.send('<?xml version="1.0" encoding="utf-8"?>' + self.envelope()))
        self.assert_answered(self.send(iter([self.envelope().encode()])))

    def test_credentials(self):
        user, password = self.service.auth
        for pair in (f"{user}:", f"{user}:{password}x", f"{user}x:{password}", f":{password}", password, ""):
            token = "Basic " + base64.b64encode(pair.encode()).decode()
            response = self.send(Authorization=token)
            self.assertEqual(response.status, 401)
            self.assertTrue(response.getheader("WWW-Authenticate").startswith("Basic "))
        for value in (None, "Basic", "Basic ", "Bearer x", "B"):
            self.assertEqual(self.send(Authorization=value).status, 401)
        self.assertEqual(self.send("<not XML", Authorization=None).status, 401)
        self.assertEqual(self.send(method="PUT", Content_Type="text/plain", Authorization=None).status, 401)

    def test_other_places_and_methods(self):
        self.assertEqual(self.send(path="/").status, 404)
        self.assertEqual(self.send(path=self.path + "/x").status, 404)
        for method in ("GET", "PUT", "DELETE", "OPTIONS"):
            response = self.send(method=method)
            self.assertEqual((response.status, response.getheader("Allow")), (405, "POST"))

    def test_description(self):
        response = self.send(b"", "GET", self.path.lower() + "?WSDL", Authorization=None)
        self.assertEqual(response.status, 200)
        self.assertIn(f'<soap:address location="{self.service.url}"/>', response.text)

    def test_media_types(self):
        for media_type in (None, "application/soap+xml; charset=utf-8", "text/plain", "text/xmlx", "application/json"):
            self.assertEqual(self.send(Content_Type=media_type).status, 415)

    def test_actions(self):
        for action in (None, '""', "GetCertificate", '"' + ACTION + '"', ACTION + "GetCertificates", '"'):
            self.assert_fault(self.send(SOAPAction=action), "s:Client")
        self.assert_fault(self.send(SOAPAction=ACTION + "SCMDSign"), "s:Client")

    def test_malformed_messages(self):
        good = self.envelope()
        for body in ("", "x", good[:-1], good + "x", "<a/>", good.replace("soap/envelope/", "soap/other/"),
                     good.replace("http://Ama.Authentication.Service/", "urn:other"),
                     good.replace("<x:applicationId>", "<x:applicationId>*"), "\0" + good, good.replace("e:Body", "e:B")):
            self.assert_fault(self.send(body), "s:Client")

    def test_document_types(self):
        for doctype in ("<!DOCTYPE x>", '<!DOCTYPE x SYSTEM "file:///etc/passwd">',
                        '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
                        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'):
            self.assert_fault(self.send(doctype + self.envelope()), "s:Client")

    def test_headers_that_must_be_understood(self):
        header = '<e:Header><w:Security xmlns:w="urn:w" e:mustUnderstand="{}"/></e:Header>'
        self.assert_fault(self.send(self.envelope(header.format(1))), "s:MustUnderstand")
        self.assert_answered(self.send(self.envelope(header.format(0))))

    def test_sizes(self):
        fitting = self.envelope()
        self.assert_answered(self.send(fitting + " " * ((1 << 20) - len(fitting))))
        self.assertEqual(self.send(fitting + " " * ((1 << 20) + 1 - len(fitting))).status, 413)
        self.assertEqual(self.send(b" " * (100 << 10), Authorization=None).status, 401)
        with self.assertRaises(OSError):
            self.send(b" " * (4 << 20), Authorization=None)
        self.connection.close()
        endless = (b" " * 65536 for _ in range(1 << 20))
        with self.assertRaises(OSError):
            self.send(endless)

    def test_tls(self):
        where = urllib.parse.urlsplit(self.service.url)
        for version, good in ((ssl.TLSVersion.TLSv1_1, False), (ssl.TLSVersion.TLSv1_2, True),
                              (ssl.TLSVersion.TLSv1_3, True)):
            context = ssl.create_default_context(cafile=self.service.ca)
            context.set_ciphers("ALL:@SECLEVEL=0")
            context.minimum_version = context.maximum_version = version
            connection = http.client.HTTPSConnection(where.hostname, where.port, timeout=30, context=context)
            if good:
                connection.connect()
            else:
                self.assertRaises(ssl.SSLError, connection.connect)
            connection.close()


class Connections(Raw):
    """A service with 256 descriptors, and somebody who takes all that he gets."""

    def connect(self):
        where = urllib.parse.urlsplit(self.service.url)
        connection = socket.create_connection((where.hostname, where.port), timeout=60)
        self.addCleanup(connection.close)
        return connection

    def test_silence(self):
        self.assert_answered(self.send())
        ours = self.connection.sock
        silent = [self.connect() for _ in range(300)]
        with self.assertRaises(OSError):
            self.other("127.0.0.1").connect()
        neighbour = self.other("127.0.0.2")
        neighbour.request("GET", self.path + "?wsdl")
        self.assertEqual(neighbour.getresponse().status, 200)

        # They are soon closed, and who gave the password stays.
        for connection in silent:
            while connection.recv(1024):  # an alert of TLS
                pass
        self.other("127.0.0.1").connect()
        self.assert_answered(self.send())
        self.assertIs(self.connection.sock, ours)

    def test_dribbling(self):
        dribbling = self.other("127.0.0.3")
        dribbling.connect()
        began = time.monotonic()
        with self.assertRaises(OSError):
            for octet in (self.path * 100).encode():
                dribbling.sock.send(bytes([octet]))
                if dribbling.sock in select.select([dribbling.sock], [], [], 1)[0]:
                    if not dribbling.sock.recv(1):
                        raise ConnectionError
                self.assertLess(time.monotonic() - began, 60, "an octet each second keeps a connection")

    def other(self, address):
        where = urllib.parse.urlsplit(self.service.url)
        context = ssl.create_default_context(cafile=self.service.ca)
        connection = http.client.HTTPSConnection(where.hostname, where.port, timeout=5, context=context,
                                                 source_address=(address, 0))
        self.addCleanup(connection.close)
        return connection


if __name__ == "__main__":
    SERVICE = Service(pathlib.Path(sys.argv[1]))
    unittest.main(argv=[sys.argv[0]] + sys.argv[2:], warnings="ignore")  # TLS 1.1 is deprecated: just so
