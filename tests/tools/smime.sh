#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
# PKCS#7 and S/MIME.
. "$(dirname "$0")/lib.sh"

echo 'Bom dia.' >mail
expect_success openssl smime -sign -text -in mail -signer cmd: -inkey cmd: -out mail.eml
plain openssl smime -verify -text -in mail.eml -CAfile "$SMARTCMD_SANDBOX_CA" -purpose any -out verified
tr -d '\r' <verified | cmp - mail
