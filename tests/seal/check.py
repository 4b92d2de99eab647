"""Checks the seals of papers as an outsider does, with pyHanko: intact, valid, trusted, over the whole file, dated.

    check.py ROOT.PEM PAPER…

Every paper must be sealed. A paper of which one byte was changed must not pass.
"""

import asyncio
import io
import pathlib
import sys

from asn1crypto import pem, x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext


async def status_of(data, root):
    reader = PdfFileReader(io.BytesIO(data))
    found = reader.embedded_signatures
    if len(found) != 1:
        raise SystemExit(f"{len(found)} signatures instead of one")
    # No revocation is published for certificates that live one run.
    context = ValidationContext(trust_roots=[root], revocation_mode="soft-fail", allow_fetching=False)
    return found[0], await async_validate_pdf_signature(found[0], context, context)


async def main():
    _, _, der = pem.unarmor(pathlib.Path(sys.argv[1]).read_bytes())
    root = x509.Certificate.load(der)
    papers = [pathlib.Path(path) for path in sys.argv[2:]]
    for paper in papers:
        data = paper.read_bytes()
        signature, status = await status_of(data, root)
        faults = [
            what
            for what, well in {
                "not PAdES": signature.sig_object["/SubFilter"] == "/ETSI.CAdES.detached",
                "not intact": status.intact,
                "not valid": status.valid,
                "not trusted": status.trusted,
                "not the whole file": status.coverage == SignatureCoverageLevel.ENTIRE_FILE,
                "changed since": status.modification_level in (None, ModificationLevel.NONE),
                "no valid time stamp": status.timestamp_validity is not None
                and status.timestamp_validity.valid
                and status.timestamp_validity.trusted,
            }.items()
            if not well
        ]
        if faults:
            raise SystemExit(f"{paper.name}: {', '.join(faults)}\n{status.pretty_print_details()}")
    # The last of them, with another digit in its date of issue.
    data = bytearray(papers[-1].read_bytes())
    data[data.index(b"<xmp:CreateDate>") + 18] ^= 1
    _, status = await status_of(bytes(data), root)
    if status.intact:
        raise SystemExit("a changed paper passes")
    print(f"{len(papers)} seals are intact, valid, trusted, dated, over the whole file; a changed paper is found out")


asyncio.run(main())
