# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
"""What somebody would write who integrates the service with a stock SOAP client: integrator.py DOCUMENT SIGNATURE"""

import pathlib
import sys

import requests
import zeep

from scmd import Sandbox, digest_info


def main():
    document, signature = sys.argv[1:]
    sandbox = Sandbox()
    session = requests.Session()
    session.trust_env = False
    session.verify = sandbox.ca_file
    session.auth = (sandbox.username, sandbox.password)
    client = zeep.Client(sandbox.endpoint + "?wsdl", transport=zeep.Transport(session=session))
    service = client.service

    service.GetCertificate(applicationId=sandbox.application_id, userId=sandbox.encrypted(sandbox.user_id))
    started = service.SCMDSign(request={
        "ApplicationId": sandbox.application_id, "DocName": document, "Hash": digest_info(document),
        "Pin": sandbox.encrypted(sandbox.pin), "UserId": sandbox.encrypted(sandbox.user_id)})
    otp = sandbox.one_time_password(started.ProcessId)
    answer = service.ValidateOtp(code=sandbox.encrypted(otp), processId=started.ProcessId,
                                 applicationId=sandbox.application_id)
    assert answer.Status.Code == "200", answer.Status
    pathlib.Path(signature).write_bytes(answer.Signature)


main()
