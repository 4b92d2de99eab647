"""Builds the four faces shipped with the product, « Clairière Sans », from Source Sans 3 static TrueType files.

    pip install fonttools
    python prepare.py folder-with-the-static-ttf-files

The PDF writer reads kerning from the old `kern` table alone and embeds faces whole before the finishing pass
subsets them. So the pair adjustments of GPOS become a `kern` table, and everything that French papers and the
names of European trainees do not need goes away. "Source" is a reserved font name: a changed font must not bear it.
"""

import copy
import pathlib
import sys

from fontTools import subset
from fontTools.ttLib import TTFont, newTable
from fontTools.ttLib.tables._k_e_r_n import KernTable_format_0

FAMILY = "Clairière Sans"
POSTSCRIPT = "ClairiereSans"
FACES = {
    "Regular": "400Regular/SourceSans3_400Regular.ttf",
    "Bold": "600SemiBold/SourceSans3_600SemiBold.ttf",
    "Italic": "400Regular_Italic/SourceSans3_400Regular_Italic.ttf",
    "BoldItalic": "600SemiBold_Italic/SourceSans3_600SemiBold_Italic.ttf",
}
VIETNAMESE = [0x1A0, 0x1A1, 0x1AF, 0x1B0, *range(0x1EA0, 0x1EFA)]
ROMANIAN = [0x218, 0x219, 0x21A, 0x21B]
SIGNS = [
    0x2009, 0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x2018, 0x2019, 0x201A, 0x201C, 0x201D, 0x201E, 0x2020, 0x2022,
    0x2026, 0x202F, 0x2030, 0x2032, 0x2033, 0x2039, 0x203A, 0x20AC, 0x2116, 0x2122, 0x2190, 0x2192, 0x2212, 0x2248,
    0x2260, 0x2264, 0x2265, 0x25A1, 0x25CF, 0x2610, 0x2611, 0x2713, 0x2070, 0x2074, 0x2080, 0x2081, 0x2082, 0x2083,
    0x1E9E, 0x2C7, 0x2D8, 0x2D9, 0x2DA, 0x2DC, 0x2DD,
]
CHARACTERS = [*range(0x20, 0x7F), *range(0xA0, 0x180), *ROMANIAN, *VIETNAMESE, *SIGNS]
# One `kern` subtable counts its bytes in 16 bits.
MOST_PAIRS = 10_000
LEAST_ADJUSTMENT = 4
FRENCH = {ord(c) for c in "ÀÂÇÈÉÊËÎÏÔÙÛÜŒàâçèéêëîïôùûüœ’«»“”–…"} | set(range(0x21, 0x7F))


def pairs(font):
    """The horizontal adjustments of the `kern` feature, as {(left, right): units}; the first rule to speak wins."""
    gpos = font["GPOS"].table
    lookups = sorted({i for r in gpos.FeatureList.FeatureRecord if r.FeatureTag == "kern" for i in r.Feature.LookupListIndex})
    found = {}
    for index in lookups:
        for table in gpos.LookupList.Lookup[index].SubTable:
            table = getattr(table, "ExtSubTable", table)
            if table.LookupType != 2:
                continue
            for left, right, units in adjustments(table, set(font.getGlyphOrder())):
                found.setdefault((left, right), units)
    strong = [(pair, units) for pair, units in found.items() if abs(units) >= LEAST_ADJUSTMENT]
    cmap = font.getBestCmap()
    french = {cmap[c] for c in FRENCH}
    strong.sort(key=lambda item: (not french.issuperset(item[0]), -abs(item[1]), item[0]))
    return dict(strong[:MOST_PAIRS])


def adjustments(table, glyphs):
    covered = table.Coverage.glyphs
    if table.Format == 1:
        for left, rules in zip(covered, table.PairSet):
            for rule in rules.PairValueRecord:
                yield left, rule.SecondGlyph, getattr(rule.Value1, "XAdvance", 0) or 0
        return
    rights = {}
    for glyph in sorted(glyphs):
        rights.setdefault(table.ClassDef2.classDefs.get(glyph, 0), []).append(glyph)
    for left in covered:
        for number, rule in enumerate(table.Class1Record[table.ClassDef1.classDefs.get(left, 0)].Class2Record):
            units = getattr(rule.Value1, "XAdvance", 0) or 0
            for right in rights.get(number, []):
                yield left, right, units


def give_soft_hyphen_a_glyph(font):
    """A hyphen at the end of a line must be read back as a soft one: a glyph of its own tells it from « rendez-vous »."""
    hyphen = font.getBestCmap()[0x2D]
    font.setGlyphOrder([*font.getGlyphOrder(), "softhyphen"])
    font["glyf"]["softhyphen"] = copy.deepcopy(font["glyf"][hyphen])
    font["hmtx"]["softhyphen"] = font["hmtx"][hyphen]
    for table in font["cmap"].tables:
        if table.isUnicode():
            table.cmap[0xAD] = "softhyphen"


def widen_narrow_space(font):
    """« 21 h » must not read « 21h »: the narrow space of the original is an eighth of an em, a sixth is customary in French."""
    narrow = font.getBestCmap()[0x202F]
    font["hmtx"][narrow] = (font["head"].unitsPerEm // 6, 0)


def prepare(source, face, target):
    font = TTFont(source, recalcTimestamp=False)
    give_soft_hyphen_a_glyph(font)
    widen_narrow_space(font)
    options = subset.Options()
    options.layout_features = ["kern"]
    options.hinting = False
    options.glyph_names = True
    options.notdef_outline = True
    options.name_IDs = ["*"]
    options.drop_tables += ["GSUB", "BASE", "STAT", "gasp"]
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=CHARACTERS)
    subsetter.subset(font)

    kern = newTable("kern")
    kern.version = 0
    table = KernTable_format_0()
    table.version, table.coverage, table.apple, table.tupleIndex = 0, 1, False, None
    table.kernTable = pairs(font)
    kern.kernTables = [table]
    font["kern"] = kern
    for useless in ("GPOS", "GDEF"):
        if useless in font:
            del font[useless]

    name = font["name"]
    rights = name.getDebugName(0)
    licence = name.getDebugName(13)
    name.names = []
    style = {"BoldItalic": "Bold Italic"}.get(face, face)
    texts = {
        0: rights, 1: FAMILY, 2: style, 3: f"{FAMILY} {style}", 4: f"{FAMILY} {style}",
        6: f"{POSTSCRIPT}-{face}", 13: licence,
    }
    for number, text in texts.items():
        name.setName(text, number, 3, 1, 0x409)
    font["OS/2"].fsType = 0
    font["head"].macStyle = ("Bold" in face) | ("Italic" in face) << 1
    font["post"].formatType = 3.0
    font.save(target)
    print(f"{target}: {len(font.getGlyphOrder())} glyphs, {len(table.kernTable)} pairs")


if __name__ == "__main__":
    here = pathlib.Path(__file__).parent
    for face, source in FACES.items():
        prepare(pathlib.Path(sys.argv[1]) / source, face, here / f"ClairiereSans-{face}.ttf")
