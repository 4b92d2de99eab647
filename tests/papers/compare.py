"""Compares pages with their snapshots: compare.py SNAPSHOTS PAGES [--update]

Both are folders of grey PNG files at the same resolution. Pages are compared by the mean shade of small squares, so that
hinting, another version of poppler or a QR code that changes with each run pass, and a line that moved, vanished or ran
over another one does not.
"""

import shutil
import struct
import sys
import zlib
from pathlib import Path

SQUARE = 6
# A square has changed when its mean shade moved by more than this, of 255.
SHADE = 36
# Squares that may have changed, of all those that are not white on both pages.
ALLOWED = 0.03


def read(path):
    """Width, height and rows of a grey PNG of eight bits, not interlaced: what pdftoppm -gray -png writes."""
    data = path.read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n", f"{path} is not a PNG"
    at, packed, width, height = 8, b"", 0, 0
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        body = data[at + 8 : at + 8 + length]
        if kind == b"IHDR":
            width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", body)
            assert (depth, colour, interlaced) == (8, 0, 0), f"{path} is not grey"
        elif kind == b"IDAT":
            packed += body
        at += 12 + length
    raw, rows, above = zlib.decompress(packed), [], bytes(width)
    for y in range(height):
        method = raw[y * (width + 1)]
        row = bytearray(raw[y * (width + 1) + 1 : (y + 1) * (width + 1)])
        for x in range(width if method else 0):
            left = row[x - 1] if x else 0
            corner = above[x - 1] if x else 0
            guess = (0, left, above[x], (left + above[x]) // 2, paeth(left, above[x], corner))[method]
            row[x] = (row[x] + guess) & 255
        rows.append(bytes(row))
        above = rows[-1]
    return width, height, rows


def paeth(left, above, corner):
    guess = left + above - corner
    return min((left, above, corner), key=lambda one: abs(guess - one))


def squares(page):
    width, height, rows = page
    for y in range(0, height - SQUARE + 1, SQUARE):
        for x in range(0, width - SQUARE + 1, SQUARE):
            yield sum(sum(row[x : x + SQUARE]) for row in rows[y : y + SQUARE]) / SQUARE**2


def difference(known, new):
    """The part of the inked squares that changed, or what tells the pages apart at first sight."""
    known, new = read(known), read(new)
    if known[:2] != new[:2]:
        return f"{known[0]} × {known[1]} became {new[0]} × {new[1]}"
    pairs = [pair for pair in zip(squares(known), squares(new)) if min(pair) < 250]
    changed = sum(abs(one - other) > SHADE for one, other in pairs)
    return changed / max(len(pairs), 1)


def main():
    snapshots, pages = Path(sys.argv[1]), Path(sys.argv[2])
    found = sorted(pages.glob("*.png"))
    assert found, f"no page in {pages}"
    if "--update" in sys.argv:
        for old in snapshots.glob("*.png"):
            old.unlink()
        for page in found:
            shutil.copy(page, snapshots / page.name)
        print(f"{len(found)} snapshots written")
        return 0
    failed = {one.name for one in snapshots.glob("*.png")} ^ {one.name for one in found}
    for name in sorted(failed):
        print(f"FAIL {name}: it is on one side only")
    for page in found:
        if page.name not in failed:
            result = difference(snapshots / page.name, page)
            if isinstance(result, str) or result > ALLOWED:
                failed.add(page.name)
                told = result if isinstance(result, str) else f"{result:.1%} of its squares changed"
                print(f"FAIL {page.name}: {told}; look at {page}, then UPDATE_SNAPSHOTS=1 .ci/run papers")
            else:
                print(f"same {page.name} ({result:.1%})")
    return 1 if failed else 0


sys.exit(main())
