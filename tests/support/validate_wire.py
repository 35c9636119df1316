#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
"""Validates the body of each envelope against the schemas inside a WSDL, with xmllint.

Usage: validate_wire.py WSDL DIRECTORY, whose *.xml are envelopes

Client and service share the code that writes the messages, so only a third party can tell when both are wrong.
"""

import pathlib
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

SOAP = "{http://schemas.xmlsoap.org/soap/envelope/}"
SCHEMA = "{http://www.w3.org/2001/XMLSchema}"


def extract_schemas(wsdl, folder):
    """Writes each schema of the WSDL to a file, imports pointing at one another; returns one that imports them all."""
    schemas = {schema.get("targetNamespace"): schema for schema in ElementTree.parse(wsdl).iter(SCHEMA + "schema")}
    files = {space: f"schema{number}.xsd" for number, space in enumerate(schemas)}
    # Prefixes in attribute values (type="q1:SignRequest") mean nothing to ElementTree, which would drop their
    # declarations: the schemas are cut out of the text as they stand.
    text = pathlib.Path(wsdl).read_text(encoding="utf-8")
    for space, name in files.items():
        at = text.index(f'targetNamespace="{space}"', text.index("types>"))
        begin = text.rindex("<", 0, at)
        tag = text[begin + 1 : text.index(" ", begin)].strip()
        end = text.index(f"</{tag}>", at) + len(f"</{tag}>")
        schema = text[begin:end]
        for imported, location in files.items():
            schema = schema.replace(
                f'import namespace="{imported}"', f'import namespace="{imported}" schemaLocation="{location}"'
            )
        (folder / name).write_text(schema, encoding="utf-8")
    imports = "".join(f'<import namespace="{space}" schemaLocation="{name}"/>' for space, name in files.items())
    everything = folder / "everything.xsd"
    everything.write_text(f'<schema xmlns="http://www.w3.org/2001/XMLSchema">{imports}</schema>', encoding="utf-8")
    return everything


def body(envelope, folder):
    """Writes the element in the envelope's body to a file; nothing for a fault, which SOAP's schema describes."""
    child = ElementTree.parse(envelope).getroot().find(SOAP + "Body")[0]
    if child.tag == SOAP + "Fault":
        return None
    file = folder / pathlib.Path(envelope).name
    ElementTree.ElementTree(child).write(file, encoding="utf-8", xml_declaration=True)
    return file


def main(wsdl, directory):
    envelopes = sorted(pathlib.Path(directory).glob("*.xml"))
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        schema = extract_schemas(wsdl, folder)
        bodies = [file for file in (body(envelope, folder) for envelope in envelopes) if file]
        if not bodies:
            sys.exit("There is nothing to validate.")
        return subprocess.run(["xmllint", "--nonet", "--noout", "--schema", schema, *bodies], check=False).returncode


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], sys.argv[2]))
