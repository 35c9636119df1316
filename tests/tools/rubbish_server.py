# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
"""An HTTPS server on a free loopback port whose answers are no SOAP; the path chooses which. It prints its port and ends
when its standard input does."""

import http.server
import ssl
import sys
import threading

ANSWERS = {
    "/html": b"<html><body>Down for maintenance</body></html>",
    "/truncated": b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><SCMDSignResp',
    "/xml": b"<answer>42</answer>",
    "/empty": b"",
    "/dtd": b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
}


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        answer = ANSWERS[self.path]
        self.send_response(200)
        self.send_header("Content-Type", "text/xml; charset=utf-8")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[1], sys.argv[2])
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_address[1], flush=True)
    sys.stdin.read()


main()
