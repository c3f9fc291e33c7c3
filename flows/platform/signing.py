"""Signing the PDFs of letters: PAdES (level B-B) by pyHanko, loaded in letter processes only."""

from __future__ import annotations

from io import BytesIO

from asn1crypto.keys import PrivateKeyInfo
from asn1crypto.x509 import Certificate
from cryptography.hazmat.primitives import serialization
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.fields import InvisSigSettings, SigFieldSpec, SigSeedSubFilter
from pyhanko_certvalidator.registry import SimpleCertificateStore

from config.signing import SigningFiles, load_certificates, load_key

_FIELD = "Signature"
_ROOM = 2048  # bytes of the signature beside its certificates; saves signing once only to measure it
# Hidden and off the page, which is how PDF/UA-1 takes a signature that isn't tagged.
_OUT_OF_SIGHT = InvisSigSettings(set_print_flag=False, set_hidden_flag=True, box_out_of_bounds=True)


class LetterSigner:
    """Signs letters with one key. Called with a PDF and the letter's code, it returns the signed PDF."""

    def __init__(self, files: SigningFiles) -> None:
        """Raises ConfigError when a file can't be read or holds something else."""
        first, *others = [
            Certificate.load(certificate.public_bytes(serialization.Encoding.DER))
            for certificate in load_certificates(files.certificates)
        ]
        key = load_key(files).private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        issuers = _issuers(first, others)
        store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
        store.register_multiple(issuers)
        self._room = 2 * (_ROOM + sum(len(each.dump()) for each in (first, *issuers)))
        self._signer = SimpleSigner(
            signing_cert=first, signing_key=PrivateKeyInfo.load(key), cert_registry=store
        )
        self._name = first.subject.native.get("common_name", "")

    def __call__(self, pdf: bytes, code: str) -> bytes:
        """Return the PDF with a signature, which names the letter's code in the clear."""
        described = PdfSignatureMetadata(
            field_name=_FIELD,
            md_algorithm="sha256",
            subfilter=SigSeedSubFilter.PADES,
            name=self._name or None,
            reason=f"Letter {code}",
        )
        field = SigFieldSpec(
            _FIELD, invis_sig_settings=_OUT_OF_SIGHT, readable_field_name=f"Signature of letter {code}"
        )
        signer = PdfSigner(described, self._signer, new_field_spec=field)
        signed = signer.sign_pdf(IncrementalPdfFileWriter(BytesIO(pdf)), bytes_reserved=self._room)
        return bytes(signed.getvalue())


def _issuers(first: Certificate, others: list[Certificate]) -> list[Certificate]:
    """Those of `others` that vouch for the first one, link by link; the file may hold former ones too."""
    found: list[Certificate] = []
    while issuer := next(
        (each for each in others if each not in found and each.subject == (found or [first])[-1].issuer), None
    ):
        found.append(issuer)
    return found
