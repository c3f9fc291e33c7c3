"""What a PDF says of where it comes from: the codes of letters in it, and whether it bears our signature.

Runs in the process of `cases/file_checker.py`, never in that of the web: what it opens may be hostile.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from io import BytesIO
from typing import Any

import pikepdf
from asn1crypto.x509 import Certificate
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

MOST_CODES = 10
_MOST_PAGES = 20
_MOST_SIGNATURES = 5
_CODE = re.compile(r"[2-9A-HJKMNP-Z]{16}")


def evidence(content: bytes, certificates: bytes) -> dict[str, Any]:
    """Return {"codes": [...], "signature": ...} of a PDF.

    certificates: those we sign with, as PEM; none when we don't. signature: "whole" when one of them signed
    all of this file and nothing was changed since, "broken" when it was, or something was added; else None.
    codes: at most MOST_CODES, in the order of the file.
    """
    ours = [
        certificate.public_bytes(Encoding.DER)
        for certificate in (x509.load_pem_x509_certificates(certificates) if certificates else [])
    ]
    found: dict[str, Any] = {"codes": [], "signature": None}
    with suppress(Exception):  # whatever a library says of a file that it can't open: it says no more
        for code in _codes(content):
            if code not in found["codes"]:
                found["codes"].append(code)
            if len(found["codes"]) == MOST_CODES:
                break
    with suppress(Exception):
        found["signature"] = _signature(content, ours)
    return found


def _codes(content: bytes) -> Iterator[str]:
    with pikepdf.open(BytesIO(content)) as pdf:
        yield from _CODE.findall(str(pdf.docinfo.get("/Keywords", "")))
        if "letter.json" in pdf.attachments:
            with suppress(ValueError):
                told = json.loads(pdf.attachments["letter.json"].get_file().read_bytes())
                yield from _CODE.findall(str(told.get("verify", "")))
        for page in pdf.pages[:_MOST_PAGES]:
            for note in page.get("/Annots", []):
                if "/A" in note:
                    yield from _CODE.findall(str(note.A.get("/URI", "")))


def _signature(content: bytes, ours: Sequence[bytes]) -> str | None:
    found = None
    for signature in PdfFileReader(BytesIO(content), strict=False).embedded_signatures[:_MOST_SIGNATURES]:
        if signature.signer_cert.dump() not in ours:
            continue
        found = "broken"
        with suppress(Exception):  # one that can't even be checked is broken
            trusted = ValidationContext(
                trust_roots=[Certificate.load(each) for each in ours], allow_fetching=False
            )
            status = validate_pdf_signature(signature, trusted, skip_diff=True)
            if status.intact and status.valid and status.coverage == SignatureCoverageLevel.ENTIRE_FILE:
                return "whole"
    return found
