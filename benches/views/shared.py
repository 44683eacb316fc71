"""What the programs of this folder share: where things lie, the packages, rules, and a scan with its flags."""

import argparse
import collections
import functools
import importlib.machinery
import importlib.util
import json
import pathlib
import site
import subprocess
import sys
import types
import uuid
import venv

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = ROOT / "target/views"
PACKAGES = ("textfx-cli==0.1.0", "casefold-fuzz==0.1.0", "typo==0.1.7", "zalgo-text==0.6", "Faker==40.63.0")
EXACT_VIEWS = ("raw", "folded")
# Modifiers that ask for slips, with the letters that they need.
SLIPS = {"fuzzy1": 5, "fuzzy2": 8}

Rules = dict[str, str]


def fetch_packages() -> None:
    """Makes the packages importable; fetches them once, into an environment of their own."""
    environment = FOLDER / "venv"
    if not (environment / "bin/pip").exists():
        venv.create(environment, with_pip=True, clear=True)
    pip = [str(environment / "bin/python"), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    subprocess.run([*pip, *PACKAGES], check=True)
    site.addsitedir(str(next(environment.glob("lib/python*/site-packages"))))


def chitchat() -> types.ModuleType:
    """The program that fetches the data set of conversations; it has no `.py` to import it by."""
    path = str(ROOT / "benches/chitchat/prepare")
    loader = importlib.machinery.SourceFileLoader("prepare", path)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("prepare", loader))
    sys.dont_write_bytecode = True
    loader.exec_module(module)
    return module


def rule_id(phrase: str, field: str = "text") -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"views/{field}/{phrase}"))


def write_rules(path: pathlib.Path, phrases: list[str], field: str = "text", slips: str | None = None) -> Rules:
    """A rule for each phrase; returns the phrases by the id of their rule. With slips, where it has letters enough."""

    def key(phrase: str) -> str:
        asked = slips and sum(map(str.isalnum, phrase)) >= SLIPS[slips]
        return f"{field}|phrase|{slips}" if asked else f"{field}|phrase"

    rules = {rule_id(phrase, field): phrase for phrase in phrases}
    documents = (
        f"title: Phrase {number}\nid: {identity}\nlogsource: {{product: chat, category: message}}\n"
        f"detection:\n  phrase: {{{key(phrase)}: '{phrase}'}}\n  condition: phrase\nlevel: low\n"
        for number, (identity, phrase) in enumerate(rules.items())
    )
    path.write_text("---\n".join(documents))
    return rules


def write_lines(path: pathlib.Path, objects: list[dict]) -> None:
    path.write_text("".join(json.dumps(each, ensure_ascii=False) + "\n" for each in objects))


def read_lines(path: pathlib.Path) -> list[dict]:
    # Not splitlines: texts hold characters that Python takes for line ends and JSON does not.
    return [json.loads(line) for line in path.read_text().split("\n") if line]


def arguments(description: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=pathlib.Path, default=FOLDER, help="where files are (default: target/views)")
    return parser


def add_binary(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--binary", type=pathlib.Path, help="the wardline to run (default: that of target/release, else of target/debug)"
    )


def add_slips(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--slips", choices=SLIPS, help="ask for slips: rules say `text|phrase|fuzzy1` and so on")


def find_binary(given: pathlib.Path | None) -> pathlib.Path:
    for path in [given] if given else [ROOT / "target/release/wardline", ROOT / "target/debug/wardline"]:
        if path.exists():
            return path
    sys.exit("no wardline to run: `cargo build --release --bin wardline`, or name one by --binary")


def run_scan(binary: pathlib.Path, rules: list[pathlib.Path], events: pathlib.Path) -> subprocess.CompletedProcess:
    named = [argument for path in rules for argument in ("--rules", str(path))]
    return subprocess.run([binary, "scan", "--quiet", *named, events], capture_output=True, text=True, check=False)


@functools.cache
def reads_joined(binary: pathlib.Path, joined: pathlib.Path) -> bool:
    """Whether this wardline takes rules that name the view `joined`."""
    return subprocess.run([binary, "check", joined], capture_output=True, check=False).returncode == 0


def scan(binary: pathlib.Path, rules: pathlib.Path, joined: pathlib.Path, events: pathlib.Path) -> list[dict]:
    """The flags of the rules, and of those for `joined` where they can be used."""
    chosen = [rules, joined] if reads_joined(binary, joined) else [rules]
    if joined not in chosen:
        print(f"(this wardline refuses the view `joined`: {joined.name} is left out)", file=sys.stderr)
    done = run_scan(binary, chosen, events)
    if done.returncode:
        sys.exit(f"wardline scan ended with {done.returncode}: {done.stderr.strip()}")
    return [json.loads(line) for line in done.stdout.split("\n") if line]


def by_event(flags: list[dict]) -> dict[str, list[dict]]:
    found = collections.defaultdict(list)
    for flag in flags:
        found[flag["source"]["event_id"]].append(flag)
    return found


def is_exact(flag: dict) -> bool:
    return any(piece["view"] in EXACT_VIEWS for piece in flag["evidence"])


def share(part: int, whole: int, digits: int = 3) -> str:
    return f"{part / whole:.{digits}f}" if whole else "–"


def row(cells: list) -> str:
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def table(head: list[str], rows: list[list]) -> str:
    return "\n".join([row(head), "|" + "---|" * len(head), *map(row, rows)])
