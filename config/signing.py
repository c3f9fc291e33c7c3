"""With what letters are signed: a key and its certificate, from files the settings name.

In demo mode without such settings the installation makes a pair of its own, whose name says that it is
worth nothing.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from config.errors import ConfigError
from config.settings import Mode, Settings

_DEMO_YEARS = 10
_DEMO_NAME = "Demonstration of S2F: not a signature of any office"
_SOON = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class SigningFiles:
    """Two PEM files: the private key, and the certificates (the first is the key's)."""

    key: Path
    certificates: Path


def signing_files(settings: Settings, *, now: datetime) -> SigningFiles | None:
    """Return with what letters are signed; None when they aren't, which only live mode allows.

    Processes that start together agree on one self-made pair. Raises ConfigError when only one of the two
    settings is given.
    """
    key, certificates = settings.signing_key, settings.signing_certificate
    if (key is None) != (certificates is None):
        name = "S2F_SIGNING_KEY" if key is None else "S2F_SIGNING_CERTIFICATE"
        raise ConfigError("environment", name, "a file, as the other setting of the pair has one", None)
    if key is not None and certificates is not None:
        return SigningFiles(key, certificates)
    if settings.mode is not Mode.DEMO:
        return None
    path = settings.home / "demo-signing.pem"
    if not path.exists():
        _make_pair(path, now)
    return SigningFiles(path, path)


def load_key(files: SigningFiles) -> ec.EllipticCurvePrivateKey:
    """Return the private key. Raises ConfigError for a file that holds no EC P-256 key without a password."""
    try:
        key = serialization.load_pem_private_key(_read(files.key, "S2F_SIGNING_KEY"), password=None)
    except (ValueError, TypeError) as error:
        raise _wrong(files.key, "an EC P-256 private key in PEM, without a password", error) from None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise _wrong(files.key, "an EC P-256 private key in PEM, without a password", None)
    return key


def load_certificates(path: Path) -> Sequence[x509.Certificate]:
    """Return the certificates of a file, the signer's first. Raises ConfigError."""
    try:
        return x509.load_pem_x509_certificates(_read(path, "S2F_SIGNING_CERTIFICATE"))
    except ValueError as error:
        raise _wrong(path, "certificates in PEM", error) from None


def certificates_alone(files: SigningFiles | None) -> bytes:
    """Return the certificates as PEM, without the key, which may stand in the same file; b"" for None."""
    if files is None:
        return b""
    found = load_certificates(files.certificates)
    return b"".join(each.public_bytes(serialization.Encoding.PEM) for each in found)


def check_signing(files: SigningFiles, *, now: datetime) -> str | None:
    """Return a warning in words when the certificate soon runs out, else None.

    Raises ConfigError when key and certificate don't belong together, or the certificate isn't valid now.
    """
    certificate = load_certificates(files.certificates)[0]
    if certificate.public_key() != load_key(files).public_key():
        raise _wrong(files.certificates, "first the certificate of the key in S2F_SIGNING_KEY", None)
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if not begins <= now <= ends:
        raise _wrong(
            files.certificates, f"a certificate that is valid now, not {begins:%F} to {ends:%F}", None
        )
    if ends - now < _SOON:
        return f"The certificate that signs letters runs out on {ends:%F}: get the next one in time."
    return None


def _read(path: Path, setting: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(
            "environment", setting, "a file that can be read", f"{path}: {error.strerror}"
        ) from None


def _wrong(path: Path, expected: str, error: Exception | None) -> ConfigError:
    return ConfigError(str(path), "", expected, type(error).__name__ if error else None)


def _make_pair(path: Path, now: datetime) -> None:
    """Write a new key and its certificate into one file, whole or not at all; the quickest process wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(self_signed(_DEMO_NAME, now=now))
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)  # unlike a rename, never replaces the pair of a process that was quicker
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def self_signed(name: str, *, now: datetime, years: int = _DEMO_YEARS) -> bytes:
    """Return a new EC P-256 key and its own certificate for `name`, both as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365 * years))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ) + certificate.public_bytes(serialization.Encoding.PEM)
