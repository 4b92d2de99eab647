"""What is known against the packages that this repository names: `python3 tests/advisories/check.py crates|npm|python`.

    crates            yanked versions (by cargo, from its registry), advisories (rustsec.tsv beside this file), licences,
                      a second provider of TLS, sources that are no registry
    npm               `npm audit` over every package-lock.json
    python PIP_AUDIT  pip-audit over every requirements.txt
    extract FOLDER    write rustsec.tsv anew from a checkout of the RustSec advisory database

Exit code 1: something is wrong. A registry that does not offer its audit is told, in capitals, and stops nothing.
Each run first tries what it looks for on planted cases, and stops if one of them passes.
"""

import datetime
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
EXTRACT = HERE / "rustsec.tsv"
ACCEPTED = HERE / "accepted.tsv"
# After so many days the extract is told to be old.
OLD = 120

LICENCES = {
    "0BSD", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CC0-1.0",
    "CDLA-Permissive-2.0", "ISC", "MIT", "MIT-0", "MPL-2.0", "NCSA", "OFL-1.1", "Unicode-3.0", "Unicode-DFS-2016", "Zlib",
    "bzip2-1.0.6", "AGPL-3.0-or-later", "Unlicense", "OpenSSL",
}
# One provider of cryptography for TLS, `ring`, and nothing that links to a system's OpenSSL.
FORBIDDEN = {
    "openssl", "openssl-sys", "openssl-probe-sys", "native-tls", "tokio-native-tls", "aws-lc-rs", "aws-lc-sys",
    "aws-lc-fips-sys", "boring", "boring-sys", "mbedtls", "s2n-tls", "graviola", "rustls-openssl",
}
ALONE = {"ring", "rustls", "rustls-webpki", "webpki-roots"}
REGISTRY = "registry+https://github.com/rust-lang/crates.io-index"


def loud(*words):
    print("!!!", *words, flush=True)


# --- versions ----------------------------------------------------------------------------------------------------------


def version(text):
    """A version of a crate, to be compared; what follows `+` says nothing."""
    text = text.strip().split("+")[0]
    numbers, _, before = text.partition("-")
    parts = [int(part) for part in numbers.split(".")]
    parts += [0] * (3 - len(parts))
    # A version before a release comes first; its parts are compared as numbers when they are.
    rank = [(0, int(one), "") if one.isdigit() else (1, 0, one) for one in before.split(".")] if before else []
    return (*parts, 0 if before else 1, rank)


def admits(requirement, found):
    """Whether one requirement (`>=1.2, <1.3`, `^0.4.5`) admits a version, as the advisories write them."""
    for part in requirement.split(","):
        sign, text = re.fullmatch(r"\s*(>=|<=|>|<|=|\^|~)?\s*(\S+)\s*", part).groups()
        least = version(text)
        holds = {
            ">=": found >= least, "<=": found <= least, ">": found > least, "<": found < least, "=": found == least,
        }
        if sign in holds:
            if not holds[sign]:
                return False
            continue
        written = [int(one) for one in text.split("-")[0].split("+")[0].split(".")]
        if sign == "~":
            place = min(len(written) - 1, 1)
        else:
            place = next((at for at, one in enumerate(written) if one), len(written) - 1)
        next_one = [*written[:place], written[place] + 1]
        if not (found >= least and found < version(".".join(map(str, next_one)))):
            return False
    return True


# --- advisories --------------------------------------------------------------------------------------------------------


def extract(folder):
    """Facts of every advisory on a crate: number, name, what it is, versions that are not affected."""
    folder = pathlib.Path(folder)
    taken = subprocess.run(
        ["git", "-C", folder, "log", "-1", "--format=%cs %H"], capture_output=True, text=True, check=True
    ).stdout.split()
    lines = []
    for path in sorted((folder / "crates").rglob("RUSTSEC-*.md")):
        facts = tomllib.loads(re.match(r"```toml\n(.*?)```", path.read_text(), re.DOTALL).group(1))
        told, versions = facts["advisory"], facts.get("versions", {})
        if "withdrawn" in told:
            continue
        sound = [*versions.get("patched", []), *versions.get("unaffected", [])]
        lines.append("\t".join([told["id"], told["package"], told.get("informational", "vulnerability"), "; ".join(sound)]))
    EXTRACT.write_text(
        "# Advisories on crates: number, crate, kind, versions not affected. Facts taken from the RustSec\n"
        f"# advisory database at {taken[1]}.\n# taken {taken[0]}\n" + "\n".join(sorted(lines)) + "\n"
    )
    print(f"{len(lines)} advisories of {taken[0]}")


def advisories():
    taken, found = None, []
    for line in EXTRACT.read_text().splitlines():
        if line.startswith("# taken "):
            taken = datetime.date.fromisoformat(line.removeprefix("# taken "))
        elif not line.startswith("#"):
            found.append(line.split("\t"))
    return taken, found


def accepted():
    """Advisories that somebody looked at: number, crate and version, why it does not matter here."""
    lines = [line.split("\t") for line in ACCEPTED.read_text().splitlines() if line and not line.startswith("#")]
    return {(number, name, found): why for number, name, found, why in lines}


def known_against(packages, known):
    """Advisories that hold for these (name, version)."""
    for number, name, kind, sound in known:
        for found in packages.get(name, ()):
            if not any(admits(one, version(found)) for one in sound.split("; ") if one):
                yield number, name, found, kind


# --- crates ------------------------------------------------------------------------------------------------------------


def allowed(expression):
    """Whether a licence expression leaves a choice that is allowed."""
    tokens = re.findall(r"\(|\)|[^\s()/]+|/", expression)

    def either():
        holds = both()
        while tokens and tokens[0] in ("OR", "/"):
            tokens.pop(0)
            holds = both() | holds
        return holds

    def both():
        holds = one()
        while tokens and tokens[0] == "AND":
            tokens.pop(0)
            holds = one() & holds
        return holds

    def one():
        token = tokens.pop(0)
        if token == "(":
            holds = either()
            tokens.pop(0)
            return holds
        if tokens[:1] == ["WITH"]:
            tokens.pop(0)
            token = f"{token} WITH {tokens.pop(0)}"
        return token in LICENCES

    return either()


def faults_of(crates, known, waved):
    """What is wrong with these crates of `cargo metadata`, and what is only to be known."""
    faults, told, packages = [], [], {}
    for crate in crates:
        name, found, source = crate["name"], crate["version"], crate["source"]
        packages.setdefault(name, set()).add(found)
        if source not in (None, REGISTRY):
            faults.append(f"{name} {found}: comes from {source}, which is not the registry")
        if not crate["license"] and not (crate["license_file"] or source is None):
            faults.append(f"{name} {found}: has no licence")
        elif crate["license"] and not allowed(crate["license"]):
            faults.append(f"{name} {found}: licence {crate['license']} is not among those allowed")
        if name in FORBIDDEN:
            faults.append(f"{name} {found}: a second provider of TLS (only ring, through rustls)")
    for name in sorted(ALONE & packages.keys()):
        if len(packages[name]) > 1:
            faults.append(f"{name}: {len(packages[name])} versions of what must be one: {', '.join(sorted(packages[name]))}")
    for number, name, found, kind in known_against(packages, known):
        line = f"{name} {found}: {number} ({kind})"
        if (number, name, found) in waved:
            told.append(f"{line}, accepted: {waved[number, name, found]}")
        elif kind in ("unmaintained", "notice"):
            told.append(line)
        else:
            faults.append(line)
    return faults, told


def yanked(packages):
    """Those that the registry took back: cargo refuses to choose them anew. None when the registry does not answer."""
    with tempfile.TemporaryDirectory(prefix="clairiere-advisories-") as folder:
        manifest, folder = ["[package]", 'name = "asked"', 'version = "0.0.0"', 'edition = "2021"', "[dependencies]"], pathlib.Path(folder)
        (folder / "src").mkdir()
        (folder / "src" / "lib.rs").touch()
        for number, (name, found) in enumerate(sorted(packages)):
            manifest.append(f'd{number} = {{ package = "{name}", version = "={found}", default-features = false }}')
        (folder / "Cargo.toml").write_text("\n".join(manifest) + "\n")
        done = subprocess.run(["cargo", "generate-lockfile"], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return []
    if "is yanked" in done.stderr:
        asked = re.search(r"requirement `([^`]+)`", done.stderr)
        return [f"{asked.group(1) if asked else 'a crate'}: was taken back (yanked) by the registry"]
    if re.search(r"failed to (download|fetch|get|query)|spurious network|Could not resolve|timed out", done.stderr):
        loud("THE REGISTRY OF CRATES DID NOT ANSWER: YANKED VERSIONS WERE NOT LOOKED FOR:", done.stderr.strip()[-300:])
        return []
    return [f"cargo does not choose the locked crates anew: {done.stderr.strip()[-600:]}"]


def planted():
    """What this program must see, tried each time before it is believed."""
    crate = {"source": REGISTRY, "license": "MIT", "license_file": None}
    bad = [
        {**crate, "name": "openssl-sys", "version": "0.9.100"},
        {**crate, "name": "somebody", "version": "1.0.0", "license": "SSPL-1.0 OR BUSL-1.1"},
        {**crate, "name": "unlicensed", "version": "1.0.0", "license": None},
        {**crate, "name": "elsewhere", "version": "1.0.0", "source": "git+https://git.example.org/elsewhere"},
        {**crate, "name": "ring", "version": "0.16.20"},
        {**crate, "name": "ring", "version": "0.17.14"},
        {**crate, "name": "smallvec", "version": "1.6.0"},
    ]
    known = [["RUSTSEC-2021-0003", "smallvec", "vulnerability", ">=0.6.14, <1.0.0; >=1.6.1; <0.6.3"]]
    found = "\n".join(faults_of(bad, known, {})[0])
    for word in ("openssl-sys 0.9.100: a second", "SSPL-1.0", "unlicensed 1.0.0: has no", "git.example.org", "ring: 2 versions", "RUSTSEC-2021-0003"):
        assert word in found, f"{word} is not seen: {found}"
    good = [{**crate, "name": "smallvec", "version": "1.15.1", "license": "(MIT OR GPL-2.0) AND Apache-2.0 WITH LLVM-exception"}]
    assert faults_of(good, known, {}) == ([], []), faults_of(good, known, {})
    audited = {"vulnerabilities": {"minimist": {"severity": "critical"}, "quiet": {"severity": "low"}}}
    assert npm_faults("tests/x", audited) == ["tests/x: minimist (critical)"], npm_faults("tests/x", audited)
    audited = [{"name": "jinja2", "version": "2.11.2", "vulns": [{"id": "PYSEC-2021-66"}]}, {"name": "attrs", "skip_reason": "?"}]
    assert python_faults("x", audited) == ["x: jinja2 2.11.2: PYSEC-2021-66"], python_faults("x", audited)
    for requirement, text, holds in (
        (">=1.2.3", "1.2.3", True), (">=1.2.3", "1.2.3-rc.1", False), ("^0.4.5", "0.4.9", True), ("^0.4.5", "0.5.0", False),
        ("^1.2", "1.9.0", True), ("~1.2.3", "1.2.9", True), ("~1.2.3", "1.3.0", False), ("<2, >=1.5", "1.4.0", False),
        ("=0.1.0", "0.1.0", True), ("^0.0.3", "0.0.4", False), (">=0.10.0", "0.9.9", False),
    ):
        assert admits(requirement, version(text)) is holds, (requirement, text)


def crates():
    told = subprocess.run(
        ["cargo", "metadata", "--format-version", "1", "--locked", "--filter-platform", "x86_64-unknown-linux-gnu"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )
    metadata = json.loads(told.stdout)
    taken, known = advisories()
    faults, notes = faults_of(metadata["packages"], known, accepted())
    used = {(number, name, found) for number, name, found, _ in known_against(packages_of(metadata), known)}
    faults += [f"{' '.join(one)}: is accepted in {ACCEPTED.name} and holds for nothing" for one in accepted().keys() - used]
    faults += yanked({(one["name"], one["version"]) for one in metadata["packages"] if one["source"]})
    bad = yanked({("futures-util", "0.3.2")})
    if not any("taken back" in one for one in bad):
        loud("A VERSION THAT WAS TAKEN BACK IS NOT SEEN:", *bad)
    for note in notes:
        print("note:", note)
    age = (datetime.date.today() - taken).days
    print(f"{len(metadata['packages'])} crates against {len(known)} advisories known on {taken}")
    if age > OLD:
        loud(f"THE ADVISORIES ON CRATES ARE {age} DAYS OLD: {__file__} extract FOLDER")
    return faults


def packages_of(metadata):
    packages = {}
    for crate in metadata["packages"]:
        packages.setdefault(crate["name"], set()).add(crate["version"])
    return packages


# --- npm and Python ----------------------------------------------------------------------------------------------------


def npm():
    faults = []
    for lock in sorted(ROOT.glob("tests/**/package-lock.json")):
        name = lock.parent.relative_to(ROOT)
        with tempfile.TemporaryDirectory(prefix="clairiere-advisories-") as folder:
            for file in ("package.json", "package-lock.json"):
                shutil.copy(lock.parent / file, folder)
            words = ["npm", "audit", "--package-lock-only", "--json", "--audit-level=moderate"]
            done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
        try:
            told = json.loads(done.stdout)
        except ValueError:
            told = {}
        if "vulnerabilities" not in told:
            why = told.get("message") or told.get("error", {}).get("summary") or done.stderr.strip()[-200:]
            loud(f"NPM'S REGISTRY OFFERS NO AUDIT HERE: {name} WAS NOT AUDITED:", why)
            continue
        faults += npm_faults(name, told)
        print(f"{name}: {told['metadata']['dependencies']['total']} packages audited")
    return faults


def npm_faults(name, told):
    """What `npm audit --json` found that is more than low."""
    found = told["vulnerabilities"].items()
    return [f"{name}: {one} ({what['severity']})" for one, what in found if what["severity"] not in ("info", "low")]


def python_faults(name, found):
    """What pip-audit found."""
    return [f"{name}: {one['name']} {one['version']}: {what['id']}" for one in found for what in one.get("vulns", [])]


def python(pip_audit):
    faults = []
    for pinned in sorted(ROOT.glob("tests/**/requirements.txt")):
        name = pinned.relative_to(ROOT)
        words = [pip_audit, "--requirement", pinned, "--no-deps", "--disable-pip", "--format", "json", "--progress-spinner", "off"]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        try:
            found = json.loads(done.stdout)["dependencies"]
        except (ValueError, KeyError):
            loud(f"PYPI OFFERS NO AUDIT HERE: {name} WAS NOT AUDITED:", done.stderr.strip()[-200:])
            continue
        skipped = [one["name"] for one in found if "skip_reason" in one]
        if skipped:
            loud(f"PYPI TELLS NOTHING OF {len(skipped)} OF {len(found)} PACKAGES OF {name}:", *skipped)
        faults += python_faults(name, found)
        if len(skipped) < len(found):
            print(f"{name}: {len(found) - len(skipped)} packages audited")
    return faults


def main(words):
    planted()
    match words:
        case ["extract", folder]:
            extract(folder)
            return 0
        case ["crates"]:
            faults = crates()
        case ["npm"]:
            faults = npm()
        case ["python", pip_audit]:
            faults = python(pip_audit)
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    for fault in faults:
        print("FAULT", fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
