"""WeasyPrint in its PDF/A-3a variant: a certificate and a sheet of 24 × 6 drawn signatures."""

import math
import time
import struct
import zlib
from base64 import b64encode

from weasyprint import HTML

STYLE = """
@page { size: A4 %s; margin: 18mm; @bottom-right { content: counter(page) " / " counter(pages); font-size: 7.5pt } }
body { font: 10pt sans-serif } h1 { color: #185c4d; font-size: 20pt } table { width: 100%%; border-collapse: collapse }
td, th { border: .2mm solid #cdd3d6; padding: 1mm; text-align: left } tr { break-inside: avoid } img { height: 8mm }
p { text-align: justify; hyphens: auto } .box { border: .2mm solid #cdd3d6; width: 80mm; padding: 4mm; margin-left: auto }
"""


def png(n):
    """A wavy line on a transparent ground, 360 × 120."""
    rows = [bytearray(360 * 4) for _ in range(120)]
    for step in range(1200):
        x = 20 + step / 1200 * 320
        y = 60 + (18 + n % 5 * 6) * math.sin(x / (14 + n % 7) + n / 9) * math.cos(x / 41 + n / 9)
        for dy in range(3):
            for dx in range(3):
                at = (int(x) + dx) * 4
                rows[int(y) + dy][at : at + 4] = b"\x12\x1c\x5c\xff"

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    raw = b"".join(b"\0" + bytes(row) for row in rows)
    header = struct.pack(">IIBBBBB", 360, 120, 8, 6, 0, 0, 0)
    file = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b"")
    return "data:image/png;base64," + b64encode(file).decode()


def page(title, orientation, body):
    style = STYLE % orientation
    return f"<html lang=fr><head><title>{title}</title><style>{style}</style></head><body>{body}</body></html>"


def certificate(n):
    facts = {
        "Stagiaire": f"Aïcha N’Guessan-Lefèvre {n}",
        "Action": "Maîtriser l’œuvre : gestion d’un chantier de restauration",
        "Nature": "Action de formation",
        "Dates": "du 5 au 7 janvier 2026",
        "Durée": "21 h",
        "Lieu": "12 rue de l’Œuvre, 35000 Rennes",
    }
    rows = "".join(f"<tr><th>{label}</th><td>{value}</td></tr>" for label, value in facts.items())
    promise = (
        "Sans préjudice des délais imposés par les règles fiscales, comptables ou commerciales, je m’engage à conserver "
        "l’ensemble des pièces justificatives qui ont permis d’établir le présent certificat pendant une durée de trois ans."
    )
    box = f'<div class=box>Pour l’organisme<br><img alt="Signature" src="{SIGNATURES[0]}"></div>'
    return page("Certificat de réalisation", "portrait", f"<h1>Certificat de réalisation</h1><table>{rows}</table><p>{promise}</p>{box}")


def sheet(_):
    heads = "".join(f"<th>{day} janvier {half}</th>" for day in (5, 6, 7) for half in ("matin", "après-midi"))
    rows = ""
    for person in range(24):
        cells = "".join(
            f'<td><img alt="Signature de la personne {person}" src="{SIGNATURES[person * 6 + half]}"></td>' for half in range(6)
        )
        rows += f"<tr><th>Aïcha N’Guessan {person}<br>Menuiserie du Port</th>{cells}</tr>"
    table = f"<table><thead><tr><th>Nom, prénom</th>{heads}</tr></thead><tbody>{rows}</tbody></table>"
    return page("Feuille d’émargement", "landscape", f"<h1>Feuille d’émargement</h1>{table}")


SIGNATURES = [png(n) for n in range(144)]
for name, make, times in (("certificate", certificate, 20), ("sheet 24 × 6", sheet, 4)):
    size = len(HTML(string=make(0)).write_pdf(pdf_variant="pdf/a-3a"))
    begun = time.process_time()
    for n in range(times):
        HTML(string=make(n)).write_pdf(pdf_variant="pdf/a-3a")
    spent = (time.process_time() - begun) / times
    print(f"{'WeasyPrint, ' + name:<28} {spent * 1000:>10.2f} {1 / spent:>12.1f} {size:>10} {'':>12}")
