"""Certificates for tests, made at run time: an authority of our own and what it signs, good and bad."""

from __future__ import annotations

import ipaddress
import ssl
import tempfile
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@lru_cache(maxsize=1)
def authority() -> Authority:
    """The one authority of this test process."""
    return Authority()


class Authority:
    """Signs server certificates; `client_context()` trusts it and nothing else."""

    def __init__(self) -> None:
        """Make a key and a certificate for ourselves."""
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test authority")])
        self._certificate = _sign(self._name, self._key, self._name, self._key, _now(), authority=True)

    def client_context(self) -> ssl.SSLContext:
        """A context that verifies names and trusts this authority only."""
        return ssl.create_default_context(cadata=_pem(self._certificate).decode())

    @lru_cache(maxsize=16)
    def server_context(self, kind: str, name: str = "localhost") -> ssl.SSLContext:
        """A server's context; `kind`: good, self_signed, expired, wrong_host. `name` is what it is for."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test receiver")])
        issuer, issuer_key = (subject, key) if kind == "self_signed" else (self._name, self._key)
        names = ("another.invalid",) if kind == "wrong_host" else (name, "127.0.0.1", "::1")
        start = _now() - timedelta(days=30 if kind == "expired" else 0)
        certificate = _sign(subject, key, issuer, issuer_key, start, names=names)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "chain.pem"
            path.write_bytes(_pem(certificate) + _pem_key(key))
            context.load_cert_chain(path)
        return context


def _now() -> datetime:
    return datetime.now(UTC)


def _sign(
    subject: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    issuer: x509.Name,
    issuer_key: ec.EllipticCurvePrivateKey,
    start: datetime,
    *,
    names: tuple[str, ...] = (),
    authority: bool = False,
) -> x509.Certificate:
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start - timedelta(hours=1))
        .not_valid_after(start + timedelta(days=7))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    )
    if names:
        builder = builder.add_extension(
            x509.SubjectAlternativeName([_general(name) for name in names]), critical=False
        )
    return builder.sign(issuer_key, hashes.SHA256())


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _pem_key(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
