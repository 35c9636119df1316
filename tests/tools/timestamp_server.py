#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
"""A timestamping authority (RFC 3161) on a free port of 127.0.0.1: HTTP around `openssl ts -reply`, and a proxy to itself.
Arguments: the configuration for openssl ts, the file its port is written to, and for HTTPS certificate and key. What the
path says goes wrong."""

import http.server
import os
import socket
import ssl
import subprocess
import sys
import threading

configuration, port_file, *tls = sys.argv[1:]


def openssl(*arguments: str, given: bytes = b"") -> bytes:
    environment = {**os.environ, "OPENSSL_CONF": "/dev/null"}
    return subprocess.run(["openssl", "ts", *arguments], input=given, stdout=subprocess.PIPE, check=True,
                          stderr=subprocess.DEVNULL, env=environment).stdout


def reply(query: bytes) -> bytes:
    return openssl("-reply", "-config", configuration, "-queryfile", "/dev/stdin", given=query)


def query_for(digest: bytes) -> bytes:
    return openssl("-query", "-digest", digest.hex(), "-sha256", "-cert")


def digest_of(query: bytes) -> bytes:
    begin = query.index(b"\x05\x00\x04\x20") + 4  # NULL, then an OCTET STRING of 32 octets
    return query[begin:begin + 32]


ANSWERS = {
    "/": reply,
    "/other-digest": lambda query: reply(query_for(bytes(32))),
    "/other-nonce": lambda query: reply(query_for(digest_of(query))),
    "/spoilt": lambda query: (lambda answer: answer[:-9] + bytes([answer[-9] ^ 1]) + answer[-8:])(reply(query)),
    "/refused": lambda query: reply(query.replace(bytes.fromhex("0609608648016503040201"),
                                                  bytes.fromhex("0609608648016503040204"))),  # a hash it does not accept
    "/nonsense": lambda query: bytes.fromhex("3003020100"),
}


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_POST(self):
        query = self.rfile.read(int(self.headers["Content-Length"]))
        path = self.path
        if path.startswith("http://"):  # as to a proxy
            path = "/" + path.split("/", 3)[3]
            print("proxied", flush=True)
        if path not in ANSWERS or self.headers["Content-Type"] != "application/timestamp-query":
            self.send_error(404)
            return
        answer = ANSWERS[path](query)
        self.send_response(200)
        self.send_header("Content-Type", "application/timestamp-reply")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def do_CONNECT(self):
        """A tunnel to whatever port of this machine is asked for."""
        print("tunnelled", flush=True)
        with socket.create_connection(("127.0.0.1", int(self.path.rsplit(":", 1)[1]))) as other:
            self.send_response(200)
            self.end_headers()
            back = threading.Thread(target=forward, args=(other, self.connection))
            back.start()
            forward(self.connection, other)
            back.join()


def forward(source: socket.socket, target: socket.socket) -> None:
    try:
        while piece := source.recv(1 << 16):
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
if tls:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*tls)
    server.socket = context.wrap_socket(server.socket, server_side=True)
with open(port_file + ".new", "w", encoding="ascii") as file:
    file.write(str(server.server_address[1]))
os.rename(port_file + ".new", port_file)
server.serve_forever()
