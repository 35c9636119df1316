#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
# A service that is down, is another, or answers rubbish.
. "$(dirname "$0")/lib.sh"

make_document doc
edit_configuration 's|^endpoint=.*|endpoint=https://127.0.0.1:1/|'
expect_no_signature '127\.0\.0\.1|connect'

edit_configuration 's|^endpoint=.*|endpoint=https://no-such-host.invalid/|'
expect_no_signature 'no-such-host'

# An authority of somebody else's.
plain openssl req -x509 -newkey rsa:2048 -nodes -keyout other.key -out other.pem -subj /CN=Other -days 1 \
  -addext subjectAltName=IP:127.0.0.1 2>/dev/null
edit_configuration "s|^ca-file=.*|ca-file=$dir/other.pem|"
expect_no_signature 'certificate'

edit_configuration 's|^username=.*|username=somebody|'
expect_no_signature 'user name|username|credentials|password'

# Rubbish over good TLS, until the server is told to stop by its standard input.
mkfifo rubbish.stop rubbish.port
python3 "$here/rubbish_server.py" other.pem other.key <rubbish.stop >rubbish.port &
server=$!
exec 9>rubbish.stop
read -r port <rubbish.port
for rubbish in html truncated xml empty dtd; do
  edit_configuration "s|^ca-file=.*|ca-file=$dir/other.pem|; s|^endpoint=.*|endpoint=https://127.0.0.1:$port/$rubbish|"
  expect_no_signature '.'
done
exec 9>&-
wait "$server"
