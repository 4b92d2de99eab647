"""What a seal needs, made for one run: a root, the organisation's certificate and key, a time stamping authority.

    authority.py FOLDER PORT

Writes root.pem, seal.pem (the certificate, then the one that vouches for it) and seal.key in the folder, then answers
RFC 3161 requests on loopback until it is stopped.
"""

import datetime
import http.server
import pathlib
import signal
import sys

from asn1crypto import keys, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

# Papers of the demo are dated by its own clock.
BEGIN = datetime.datetime(2025, 1, 1, tzinfo=datetime.timezone.utc)
END = datetime.datetime(2045, 1, 1, tzinfo=datetime.timezone.utc)


def name(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def certificate(text, key, issuer, issuer_key, authority=False, usage=None):
    public = key.public_key()
    builder = (
        x509.CertificateBuilder()
        .subject_name(name(text))
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(BEGIN)
        .not_valid_after(END)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=not authority,
                content_commitment=not authority and usage is None,
                key_cert_sign=authority,
                crl_sign=authority,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
    )
    if usage is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=True)
    return builder.sign(issuer_key, hashes.SHA256())


def pem(one):
    return one.public_bytes(serialization.Encoding.PEM)


def der(key):
    return key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def main():
    # A shell starts what runs beside it deaf to interruption.
    signal.signal(signal.SIGINT, lambda *_: sys.exit())
    folder, port = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    root_key, middle_key, seal_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))
    root = certificate("Racine d'essai", root_key, name("Racine d'essai"), root_key, authority=True)
    middle = certificate("Cachets d'essai", middle_key, root.subject, root_key, authority=True)
    seal = certificate("Les Ateliers du Lien", seal_key, middle.subject, middle_key)
    stamp_key = rsa.generate_private_key(65537, 2048)
    stamp = certificate(
        "Horodatage d'essai", stamp_key, root.subject, root_key, usage=ExtendedKeyUsageOID.TIME_STAMPING
    )
    (folder / "root.pem").write_bytes(pem(root))
    (folder / "seal.pem").write_bytes(pem(seal) + pem(middle))
    (folder / "seal.key").write_bytes(
        seal_key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )

    def asn1(one):
        return asn1_x509.Certificate.load(one.public_bytes(serialization.Encoding.DER))

    store = SimpleCertificateStore()
    store.register(asn1(root))
    stamper = DummyTimeStamper(asn1(stamp), keys.PrivateKeyInfo.load(der(stamp_key)), certs_to_embed=store)

    class Answers(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            asked = tsp.TimeStampReq.load(self.rfile.read(int(self.headers["Content-Length"])))
            answer = stamper.request_tsa_response(asked).dump()
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            pass

    http.server.ThreadingHTTPServer(("127.0.0.1", port), Answers).serve_forever()


if __name__ == "__main__":
    main()
