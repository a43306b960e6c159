"""Renders a chart's one template with Jinja2, reads what it printed and prints it again with PyYAML's C library: `render.py CHART`.

It checks nothing. Its own time for each stage, in milliseconds, goes to standard error as JSON.
"""

import json
import sys
import time
from pathlib import Path

import jinja2
import yaml

stages = {}


def stage(name, work):
    """Does a part of the work and notes how long it took."""
    start = time.perf_counter()
    result = work()
    stages[name] = (time.perf_counter() - start) * 1e3
    return result


def render(values, text):
    """What the template prints."""
    engine = jinja2.Environment(trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined)
    return engine.from_string(text).render(values=values)


def main():
    chart = Path(sys.argv[1])
    values = stage("values", lambda: yaml.load((chart / "values.yaml").read_text(), yaml.CSafeLoader))
    text = (chart / "templates/many.yaml").read_text()
    printed = stage("templates", lambda: render(values, text))
    documents = stage("read back", lambda: list(yaml.load_all(printed, yaml.CSafeLoader)))
    dump = lambda: yaml.dump_all(documents, Dumper=yaml.CSafeDumper, sort_keys=False)
    sys.stdout.write(stage("print", dump))
    json.dump(stages, sys.stderr)


main()
