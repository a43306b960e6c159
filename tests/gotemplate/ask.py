"""Asks Helm 4 what the templates of the tables in this folder print, and writes that into them.

Needs the wheel helm-python-sdk. A table has the values as JSON in its first line, and then a line for each case: the template
(in JSON quotes, if a line cannot hold it), a tab, and what it prints in JSON quotes or `! ` and what is wrong. Where Helm says
what is wrong in other words than the engine, the words of the engine stay, behind `!! `.
"""

import json
import os
import pathlib
import sys
import tempfile

import helm_python


def ask(folder, template, values):
    pathlib.Path(folder, "templates", "a.yaml").write_bytes(template.encode())
    try:
        chart = helm_python.Chart.load(folder)
        return chart.render(values=values, name="r", namespace="n").get("t/templates/a.yaml", ""), None
    except Exception as error:
        return None, str(error)


def main(tables):
    folder = tempfile.mkdtemp()
    os.makedirs(folder + "/templates")
    pathlib.Path(folder, "Chart.yaml").write_text("apiVersion: v2\nname: t\nversion: 0.1.0\n")
    for table in tables:
        first, *lines = pathlib.Path(table).read_text().split("\n")
        values, out = json.loads(first), [first]
        for line in lines:
            if not line:
                continue
            shown, _, known = line.partition("\t")
            text, error = ask(folder, json.loads(shown) if shown.startswith('"') else shown, values)
            if error is None:
                said = json.dumps(text, ensure_ascii=False)
            else:
                words = known.lstrip("! ")
                said = ("! " if words in " ".join(error.split()) else "!! ") + words
            if said != known:
                print(f"{table}: {shown}\n  {known}\n  {said}")
            out.append(f"{shown}\t{said}")
        pathlib.Path(table).write_text("\n".join(out) + "\n")


main(sys.argv[1:] or sorted(str(path) for path in pathlib.Path(__file__).parent.glob("*.tsv")))
