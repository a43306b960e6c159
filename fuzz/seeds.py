"""Writes the seeds of the fuzz targets: those of `fuzz/seeds/`, the specifications and the bundled charts. `seeds.py FOLDER`."""

import hashlib
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).parent.parent
TARGET_OF = {"yaml": "yaml", "print": "yaml", "split": "manifest", "kube": "manifest"}


def blocks():
    """The fenced blocks of all specifications, each file's by name."""
    for page in sorted((ROOT / "tests").rglob("*.md")):
        text = page.read_text()
        for case in re.split(r"(?m)^## ", text):
            found = re.findall(r"(?ms)^(`{3,})(\w+)(?: (\S+))?\n(.*?)^\1", case)
            yield {name or info: body for _, info, name, body in found}


def seeds():
    """Pairs of a target and a text."""
    for case in blocks():
        values = case.get("values.yaml", "")
        for name, body in case.items():
            if name.startswith("templates/"):
                yield "render", f"{body}\n=====\n{values}"
            if name.endswith("schema.json"):
                yield "schema", f"{body}\n=====\n{values}"
            if name.endswith((".yaml", "yaml")):
                for target in TARGET_OF:
                    yield target, body
                yield "merge", f"{values}\n=====\n{body}"
            if name == "console":
                for flag in re.findall(r"--set(?:-string|-json)? +('[^']*'|\S+)", body):
                    yield "set", flag.strip("'")
    for path in sorted(ROOT.glob("fuzz/seeds/*/*")):
        yield path.parent.name, path.read_text()
    for path in sorted(ROOT.glob("tests/profiles/*/golden/*.yaml")):
        for document in re.split(r"(?m)^---\n", path.read_text()):
            for target in TARGET_OF:
                yield target, document
    for path in sorted(ROOT.glob("values/*/*.yaml")):
        yield "merge", f"{path.read_text()}\n=====\n{path.read_text()}"
    for path in sorted(ROOT.glob("charts/*/templates/*.yaml")):
        yield "render", path.read_text()


def main():
    folder = pathlib.Path(sys.argv[1])
    for target, text in seeds():
        data = text.encode()
        place = folder / target
        place.mkdir(parents=True, exist_ok=True)
        (place / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)


if __name__ == "__main__":
    main()
