"""Compares pages with their snapshots: compare.py SNAPSHOTS PAGES [--update]

Pages are grey PGM files (pdftoppm -gray), snapshots the grey PNG files that this program writes of them. They are compared
by the mean shade of small squares, so that hinting, another version of poppler or a QR code that changes with each run
pass, and a line that moved, vanished or ran over another one does not.
"""

import struct
import sys
import zlib
from pathlib import Path

SQUARE = 6
# A square has changed when its mean shade moved by more than this, of 255.
SHADE = 36
# Squares that may have changed, of all those that are not white on both pages; pages of the demo bear codes and hashes
# that are new each time.
ALLOWED, ALLOWED_IN_DEMO = 0.01, 0.03
PNG = b"\x89PNG\r\n\x1a\n"


def read_page(path):
    """The rows of a binary PGM file."""
    kind, width, height, _, samples = path.read_bytes().split(maxsplit=4)
    assert kind == b"P5", f"{path} is not a grey page"
    width = int(width)
    return [samples[y * width : (y + 1) * width] for y in range(int(height))]


def write_snapshot(path, rows):
    """A grey PNG of eight bits; each row is told by its difference from the one above."""

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    width, raw, above = len(rows[0]), b"", bytes(len(rows[0]))
    for row in rows:
        raw += b"\2" + bytes((one - other) & 255 for one, other in zip(row, above))
        above = row
    header = struct.pack(">IIBBBBB", width, len(rows), 8, 0, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(raw, 9)) + chunk(b"IEND", b"")
    path.write_bytes(PNG + body)


def read_snapshot(path):
    """The rows of a PNG file that write_snapshot made."""
    data = path.read_bytes()
    width, height = struct.unpack(">II", data[16:24])
    length = struct.unpack(">I", data[33:37])[0]
    raw, rows, above = zlib.decompress(data[41 : 41 + length]), [], bytes(width)
    for y in range(height):
        row = raw[y * (width + 1) + 1 : (y + 1) * (width + 1)]
        above = bytes((one + other) & 255 for one, other in zip(row, above))
        rows.append(above)
    return rows


def squares(rows):
    for y in range(0, len(rows) - SQUARE + 1, SQUARE):
        for x in range(0, len(rows[0]) - SQUARE + 1, SQUARE):
            yield sum(sum(row[x : x + SQUARE]) for row in rows[y : y + SQUARE]) / SQUARE**2


def difference(known, new):
    """The part of the inked squares that changed; all of them when the pages are not of one size."""
    if (len(known), len(known[0])) != (len(new), len(new[0])):
        return 1.0
    pairs = [pair for pair in zip(squares(known), squares(new)) if min(pair) < 250]
    return sum(abs(one - other) > SHADE for one, other in pairs) / max(len(pairs), 1)


def main():
    snapshots, pages = Path(sys.argv[1]), Path(sys.argv[2])
    found = {page.stem: page for page in sorted(pages.glob("*.pgm"))}
    assert found, f"no page in {pages}"
    if "--update" in sys.argv:
        for old in snapshots.glob("*.png"):
            old.unlink()
        for name, page in found.items():
            write_snapshot(snapshots / f"{name}.png", read_page(page))
        print(f"{len(found)} snapshots written")
        return 0
    kept = {snapshot.stem: snapshot for snapshot in snapshots.glob("*.png")}
    failed = found.keys() ^ kept.keys()
    for name in sorted(failed):
        print(f"FAIL {name}: it is on one side only; UPDATE_SNAPSHOTS=1 .ci/run papers takes what there is")
    for name in sorted(found.keys() & kept.keys()):
        changed = difference(read_snapshot(kept[name]), read_page(found[name]))
        if changed > (ALLOWED_IN_DEMO if name.startswith("demo-") else ALLOWED):
            failed |= {name}
            print(f"FAIL {name}: {changed:.1%} of its squares changed; UPDATE_SNAPSHOTS=1 .ci/run papers takes it as it is")
        else:
            print(f"same {name} ({changed:.1%})")
    return 1 if failed else 0


sys.exit(main())
