#!/usr/bin/env python3
"""A differential fuzzer of charts of Helm: makes templates and values at random, and holds what this program prints against Helm.

    fuzz/helm.py SECONDS [--cases N] [--seed N] [--kind KIND] [--program PATH] [--keep N]

The oracle is Helm 4 in one process, by the wheel `helm-python-sdk` (`pip install helm-python-sdk`); the program is the example
`helm-templates` (`cargo build --example helm-templates`). Each case is a small chart:

* `function`   one function with odd arguments, and what its result is
* `pipeline`   several functions behind each other
* `control`    `if`, `with`, `range`, variables, nested defines, `include`, `tpl`
* `values`     random trees of a chart, its subchart and the user, put over each other
* `yaml`       values files with odd scalars, printed by `toYaml`

* `chart`      a chart as people write them: several templates, helpers, a subchart, values of all kinds

Both must print the same text, or both must refuse. Most of the cases that Helm refuses are thrown away, so that about seven of
ten print something. What differs is printed and kept in `fuzz/failures/helm/`, as a chart with `expected.json`. The same seed
makes the same cases. Without the oracle it says so, and is successful.

Not compared are the words of errors about YAML and TOML, maps that hold themselves, and what Helm itself prints in two ways. This
program is told what the clock shows, which Helm takes for dates that are none. A case at which Helm's process ends counts as refused, and Helm is started again.
"""

import argparse
import datetime
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))

# What functions take: s a string, i an int, n any number, l a list, d a map, a anything, S a string that is a pattern of this
# kind. A star is any number of them.
FUNCTIONS = {
    # Go's own.
    "and": "a a*", "or": "a a*", "not": "a", "len": "a", "index": "a a*", "slice": "a i*", "print": "a*", "println": "a*",
    "printf": "F a*", "eq": "a a*", "ne": "a a", "lt": "a a", "le": "a a", "gt": "a a", "ge": "a a", "html": "a*", "js": "a*",
    "urlquery": "a*",
    # Strings.
    "trim": "s", "trimAll": "s s", "trimSuffix": "s s", "trimPrefix": "s s", "upper": "s", "lower": "s", "title": "s",
    "untitle": "s", "repeat": "r s", "substr": "i i s", "trunc": "i s", "nospace": "s", "initials": "s", "swapcase": "s",
    "contains": "s s", "hasPrefix": "s s", "hasSuffix": "s s", "quote": "a*", "squote": "a*", "cat": "a*", "indent": "r s",
    "nindent": "r s", "replace": "s s s", "plural": "s s i", "snakecase": "s", "camelcase": "s", "kebabcase": "s",
    "wrap": "i s", "wrapWith": "i s s", "abbrev": "i s", "abbrevboth": "i i s", "toString": "a", "toStrings": "a",
    "split": "s s", "splitList": "s s", "splitn": "s r s", "join": "s a", "sortAlpha": "a",
    # Numbers.
    "add": "n n*", "add1": "n", "sub": "n n", "div": "n n", "mod": "n n", "mul": "n n*", "max": "n n*", "min": "n n*",
    "floor": "n", "ceil": "n", "round": "n i", "int": "a", "int64": "a", "float64": "a", "atoi": "s", "toDecimal": "s",
    "addf": "n n*", "add1f": "n", "subf": "n n*", "divf": "n n*", "mulf": "n n*", "maxf": "n n*", "minf": "n n*",
    "until": "r", "untilStep": "i i i", "seq": "r*", "biggest": "n n*",
    # Lists.
    "list": "a*", "first": "l", "rest": "l", "last": "l", "initial": "l", "append": "l a", "prepend": "l a", "concat": "l*",
    "reverse": "l", "uniq": "l", "without": "l a*", "has": "a l", "compact": "l", "chunk": "r l", "mustFirst": "l",
    "mustRest": "l", "mustLast": "l", "mustInitial": "l", "mustAppend": "l a", "mustPrepend": "l a", "mustReverse": "l",
    "mustUniq": "l", "mustWithout": "l a*", "mustHas": "a l", "mustCompact": "l", "mustSlice": "l i*", "push": "l a",
    # Maps.
    "dict": "D", "get": "d k", "set": "d k a", "unset": "d k", "hasKey": "d k", "pluck": "k d*", "keys": "d", "pick": "d k*",
    "omit": "d k*", "values": "d", "merge": "d d*", "mergeOverwrite": "d d*", "mustMerge": "d d*", "mustMergeOverwrite": "d d*",
    "deepCopy": "a", "mustDeepCopy": "a", "dig": "k k a d", "deepEqual": "a a", "tuple": "a*",
    # Types and flow.
    "default": "a a", "empty": "a", "coalesce": "a*", "all": "a*", "any": "a*", "ternary": "a a b", "kindOf": "a",
    "kindIs": "s a", "typeOf": "a", "typeIs": "s a", "typeIsLike": "s a", "fail": "s", "required": "s a",
    # Codecs.
    "toYaml": "a", "toYamlPretty": "a", "mustToYaml": "a", "fromYaml": "Y", "fromYamlArray": "Y", "toJson": "a",
    "mustToJson": "a", "toPrettyJson": "a", "mustToPrettyJson": "a", "toRawJson": "a", "mustToRawJson": "a", "fromJson": "J",
    "mustFromJson": "J", "fromJsonArray": "J", "toToml": "d", "fromToml": "M", "b64enc": "s", "b64dec": "s", "b32enc": "s",
    "b32dec": "s", "sha1sum": "s", "sha256sum": "s", "sha512sum": "s", "adler32sum": "s",
    # Patterns, versions, paths, addresses, dates.
    "regexMatch": "R s", "mustRegexMatch": "R s", "regexFind": "R s", "mustRegexFind": "R s", "regexFindAll": "R s i",
    "mustRegexFindAll": "R s i", "regexReplaceAll": "R s s", "mustRegexReplaceAll": "R s s", "regexReplaceAllLiteral": "R s s",
    "mustRegexReplaceAllLiteral": "R s s", "regexSplit": "R s i", "mustRegexSplit": "R s i", "regexQuoteMeta": "s",
    "semver": "V", "semverCompare": "C V", "base": "s", "dir": "s", "clean": "s", "ext": "s", "isAbs": "s", "osBase": "s",
    "osDir": "s", "osClean": "s", "osExt": "s", "osIsAbs": "s", "urlParse": "U", "urlJoin": "d", "duration": "a",
    "durationRound": "n", "date": "L t", "dateInZone": "L t z", "htmlDate": "t", "htmlDateInZone": "t z", "toDate": "L s",
    "mustToDate": "L s", "tpl": "T a", "lookup": "s s s s", "hello": "",
}
# Left out: what is drawn, and what changes with the clock or with the machine.

TEXTS = [
    "", "a", "abc", "Hello World", "  x ", "a,b,c", "a b  c", "foo_bar-baz.Qux", "FOO", "éàü", "日本語", "😀x", "a\nb\n", "\tx",
    "true", "false", "null", "1", "-1", "0", "1.5", "1e3", "0x1f", "010", "12345678901", "99999999999999999999", "yes", "{{ . }}",
    "a: 1\nb: [1, 2]\n", "- a\n- b\n", "{\"a\": 1}", "[1, 2]", "<b>&\"'", "/a/b/../c.txt", "./x.tar.gz", "http://u:p@h:80/p?q=1#f",
    "1.2.3", "v1.2.3-rc.1+b", "2020-01-02", "2006-01-02", "aGVsbG8=", "map[a:b]", "%d", "x" * 90, "a b " * 30, "$1", "${1}x", "\\",
    "a\"b", "it's", "a/b", "..", "k8s.io/name", "string", "int", "map", "slice", "float64", "[]interface {}", "UTC", "60", "-",
]
PATTERNS = ["a", "^a", "b+", "[a-z]+", "(a)(b)?", "(?P<n>[a-c])", "\\d+", "[\\w-\\.]+", "", "(", "x*", "[^,]", "(?i)FOO", "\\s", "a|b", "é", "."]
FORMATS = [
    "%v", "%s", "%d", "%q", "%t", "%5d|", "%-5s|", "%05d", "%x", "%X", "%o", "%b", "%c", "%U", "%e", "%g", "%f", "%.2f", "%8.3f|", "%T",
    "%#v", "%+v", "%%", "%v %v", "%s-%s", "%[1]v %[1]T", "%*d", "%!", "%", "%z", "%+d", "% d", "%#x", "%.3s", "%6.2v|", "%p", "%#q", "% x",
]
VERSIONS = ["1.2.3", "v1.2", "1", "1.2.3-beta.1", "1.2.3+b", "x", "", "v1.30.2-gke.100", "01.2.3"]
CONSTRAINTS = [">=1.2", "^1.2.x", "~1.2.3", "<2 || >3", "1.2.3 - 1.4", ">=1.2.0-0", "*", "", "x", "!=1.2.3", "=1.2.3", ">= 1.19-0, < 2"]
LAYOUTS = ["2006-01-02", "15:04:05", "Mon Jan _2 2006", "2006-01-02T15:04:05Z07:00", "x", "", "2/1/06 3PM", "MST", "January 02", ".000"]
# Functions that take nearly anything, for cases about something else.
CALM = [
    "and", "or", "not", "print", "quote", "squote", "cat", "list", "append", "concat", "dict", "merge", "mergeOverwrite", "default", "empty",
    "coalesce", "all", "any", "ternary", "kindOf", "typeOf", "toYaml", "toJson", "deepEqual", "deepCopy", "pick", "omit", "keys", "hasKey",
    "upper", "trim", "trunc", "replace", "printf", "first", "toString", "add", "int", "until", "b64enc", "join", "splitList", "fromYaml",
]
KEYS = ["a", "b", "c", "k", "nope", "a.b", "x-y", "global"]


class Case:
    """A chart, as files by their path, and what the user sets."""

    def __init__(self, template, values=None, files=None, defaults=None):
        self.files = {"Chart.yaml": "apiVersion: v2\nname: t\nversion: 0.1.0\n", "templates/a.txt": template}
        if defaults is not None:
            self.files["values.yaml"] = defaults
        self.files.update(files or {})
        self.values = values or {}


class Maker:
    """Makes one case."""

    def __init__(self, seed):
        self.dice = random.Random(seed)
        self.values = {}
        # What stands for the dot: at the top of a template that is a map of structs, whose order in JSON is that of Go.
        self.dot = ".Values"
        # How often a function gets what it does not take, and which functions there are.
        self.wrong = 0.08
        self.names = list(FUNCTIONS)

    def chance(self, part):
        return self.dice.random() < part

    def pick(self, items):
        return self.dice.choice(items)

    # Values.

    def scalar(self):
        return self.pick([
            lambda: self.pick(TEXTS), lambda: self.pick(TEXTS), lambda: self.dice.randint(-3, 12),
            lambda: self.pick([0.5, 1.5, -2.5, 1e6, 12345678, 1e21, 0.1, 2.0]), lambda: self.chance(0.5), lambda: None,
        ])()

    def tree(self, depth=2, keys=KEYS):
        kind = self.dice.random()
        if depth == 0 or kind < 0.4:
            return self.scalar()
        if kind < 0.75:
            return {key: self.tree(depth - 1, keys) for key in self.dice.sample(keys, self.dice.randint(0, 3))}
        return [self.tree(depth - 1, keys) for _ in range(self.dice.randint(0, 3))]

    def map(self, depth=2, keys=KEYS):
        return {key: self.tree(depth - 1, keys) for key in self.dice.sample(keys, self.dice.randint(0, 4))}

    # Expressions: what stands for an argument.

    def text(self, words=TEXTS):
        word = self.pick(words)
        if self.chance(0.3) and "`" not in word:
            return "`" + word + "`"
        return json.dumps(word, ensure_ascii=False)

    def from_values(self, value):
        name = f"v{len(self.values)}"
        self.values[name] = value
        return f".Values.{name}"

    def integer(self):
        return self.pick([str(self.dice.randint(-3, 12)), "0", "1", "2", "5", "1000", "0x10", "'a'", "1_000", "-1"])

    def number(self):
        plain = [self.integer, lambda: self.pick(["1.5", "-0.5", "1e3", "2.0", "1e20"]), lambda: self.from_values(self.scalar())]
        return self.pick(plain + [lambda: "\"" + self.pick(["3", "x", "1.5", "010", " 2"]) + "\"", lambda: f"(int64 {self.integer()})"])()

    def list(self, depth):
        if self.chance(0.4):
            return self.from_values([self.tree(1) for _ in range(self.dice.randint(0, 4))])
        items = " ".join(self.argument("a", depth - 1) for _ in range(self.dice.randint(0, 3)))
        return f"(list {items})" if items else "list" if self.chance(0.2) else "(list)"

    def dictionary(self, depth):
        if self.chance(0.5):
            return self.from_values(self.map())
        return f"(dict {self.pairs(depth)})"

    def pairs(self, depth):
        return " ".join(f"{self.text(KEYS)} {self.argument('a', depth - 1)}" for _ in range(self.dice.randint(0, 3)))

    def anything(self, depth):
        if depth <= 0 or self.chance(0.5):
            return self.pick([
                self.text, self.integer, lambda: "true", lambda: "false", lambda: "nil", lambda: self.from_values(self.tree()),
                lambda: self.from_values(self.scalar()), lambda: ".Values.nope", lambda: "1.5", lambda: self.dot, lambda: ".Release.Name",
            ])()
        return self.pick([lambda: self.list(depth), lambda: self.dictionary(depth), lambda: "(" + self.call(depth - 1) + ")"])()

    def argument(self, kind, depth=1):
        # Now and then something else than the function takes.
        if self.chance(self.wrong) and kind != "t":
            return self.anything(depth)
        makers = {
            "s": lambda: self.text() if self.chance(0.8) else self.from_values(self.pick(TEXTS)),
            "i": self.integer, "n": self.number, "r": lambda: self.pick(["0", "1", "2", "3", "5", "-1"]),
            "b": lambda: self.pick(["true", "false"]), "k": lambda: self.text(KEYS), "l": lambda: self.list(depth),
            "d": lambda: self.dictionary(depth), "a": lambda: self.anything(depth), "D": lambda: self.pairs(depth),
            "t": lambda: self.pick(["0", "1", "1700000000", "(int64 951782400)", "-1"]), "L": lambda: self.text(LAYOUTS),
            "F": lambda: self.text(FORMATS), "R": lambda: self.text(PATTERNS), "V": lambda: self.text(VERSIONS),
            "C": lambda: self.text(CONSTRAINTS), "Y": lambda: self.text([*TEXTS, "a: yes\n", "y: 1", "a: 0777", "- 1_000", "a: &x 1\nb: *x"]),
            "J": lambda: self.text([*TEXTS, "{", "{\"a\":[1,\"\\u00e9\"]}", "tru", "{\"a\":1}x"]), "z": lambda: self.text(["UTC", "", "nope"]),
            "U": lambda: self.text(["http://u:p@h:80/p?q=1#f", "x", "//a", "a:b", "mailto:x@y", "http://[::1]/", "%"]),
            "M": lambda: self.text(["a = 1", "[t]\nx = \"y\"", "l = [1, 2.5]\nd = 2020-01-02", "[[p]]\nn = true\n[[p]]\n", "", "a ="]),
            "T": lambda: self.text(["{{ . }}", "x", "{{ .a }}", "{{", "{{ include \"x\" . }}", "{{ range $i, $e := . }}{{ $i }}{{ end }}"]),
        }
        return makers[kind]()

    def call(self, depth=1, name=None, without_last=False):
        name = name or self.pick(self.names)
        kinds = FUNCTIONS[name].split()
        if without_last and kinds:
            kinds.pop()
        words = [name]
        for kind in kinds:
            for _ in range(self.dice.randint(0, 3) if kind.endswith("*") else 1):
                words.append(self.argument(kind[0], depth))
        if self.chance(0.03):
            words.append(self.anything(0))
        if self.chance(0.03) and len(words) > 1:
            words.pop()
        return " ".join(word for word in words if word)

    # Cases.

    def function(self):
        call = self.call(1)
        shown = self.pick(["{{ %s }}", "{{ %s | toJson }}", "{{ printf \"%%v %%T\" (%s) (1) }}", "{{ $x := %s }}{{ $x }} {{ kindOf $x }}", "{{ toYaml (%s) }}"])
        return Case(shown % call, self.values)

    def pipeline(self):
        stages = [self.anything(1) if self.chance(0.5) else self.call(1)]
        for _ in range(self.dice.randint(1, 4)):
            stages.append(self.call(0, self.pick(self.names), without_last=True))
        # Texts that go through YAML and back.
        if self.chance(0.1):
            stages[1:1] = ["list", "toYaml", "fromYamlArray", "first"]
        return Case("x: {{ " + " | ".join(stages) + " }}\n", self.values)

    def block(self, depth):
        if depth == 0:
            return self.pick([
                lambda: self.text(["x", " ", "\n", "  y\n"]).strip("`\""), lambda: "{{ " + self.anything(0) + " }}", lambda: "{{- . -}}",
                lambda: "{{ " + self.call(0) + " }}", lambda: "{{ $ | typeOf }}", lambda: "{{ $v }}", lambda: "{{/* c */}}",
            ])()
        inner = lambda: "".join(self.block(depth - 1) for _ in range(self.dice.randint(1, 2)))
        left, right = self.pick([("{{", "}}"), ("{{-", "}}"), ("{{", "-}}"), ("{{-", "-}}")])
        return self.pick([
            lambda: f"{left} if {self.anything(1)} {right}{inner()}{left} else {right}{inner()}{left} end {right}",
            lambda: f"{left} if {self.anything(0)} {right}{inner()}{left} else if {self.anything(0)} {right}{inner()}{left} end {right}",
            lambda: f"{left} with {self.anything(1)} {right}{inner()}{left} else {right}{inner()}{left} end {right}",
            lambda: f"{left} with $w := {self.anything(1)} {right}{{{{ $w }}}}{inner()}{left} end {right}",
            lambda: f"{left} range {self.anything(1)} {right}{inner()}{left} else {right}{inner()}{left} end {right}",
            lambda: f"{left} range $i, $e := {self.anything(1)} {right}{{{{ $i }}}}={{{{ $e }}}}{self.pick(['', '{{ break }}', '{{ continue }}'])},{inner()}{left} end {right}",
            lambda: f"{left} $v = {self.anything(1)} {right}{inner()}",
            lambda: f"{left} $v := {self.anything(1)} {right}{inner()}",
            lambda: f"{left} include {self.text(['one', 'two', 'nope', 'three'])} {self.anything(1)} {self.pick(['', '| indent 2', '| upper', '| quote', '| trim | nindent 2', '| fromYaml | toJson'])} {right}",
            lambda: f"{left} template {self.text(['one', 'two'])} {self.anything(1)} {right}",
            lambda: f"{left} tpl {json.dumps('{{ $v := 3 }}' + inner())} {self.pick(['.', '$', self.anything(0)])} {right}" if depth == 1 else inner(),
            lambda: f"{left} $d := dict \"a\" 1 {right}{left} $_ := set $d {self.text(KEYS)} ({self.anything(1)}) {right}{{{{ $d | toJson }}}}{inner()}",
        ])()

    def control(self):
        helpers = "".join("{{ define \"%s\" }}{{ $v := 2 }}%s{{ end }}" % (name, self.block(1)) for name in ("one", "two"))
        helpers += "{{ define \"three\" }}<{{ include \"one\" . }}>{{ end }}"
        self.dot, self.wrong, self.names = ".", 0.005, CALM
        template = "{{ $v := 1 }}" + "".join(self.block(2) for _ in range(self.dice.randint(1, 3)))
        return Case(template, self.values, {"templates/_h.tpl": helpers})

    def yaml_of(self, tree):
        return json.dumps(tree, ensure_ascii=False)

    def values_case(self):
        keys = ["a", "b", "sub", "global", "x"]
        shown = "{{ .Values | toJson }}"
        chart = "apiVersion: v2\nname: t\nversion: 0.1.0\n"
        dependency = {"name": "sub", "version": "0.1.0"}
        if self.chance(0.3):
            dependency["alias"] = "other"
            keys.append("other")
        if self.chance(0.3):
            dependency["condition"] = self.pick(["sub.on", "a.on", "nope,global.on"])
        if self.chance(0.2):
            dependency["import-values"] = self.pick([["data"], [{"child": "a", "parent": "b"}], [{"child": "x.a", "parent": "x"}]])
        if self.chance(0.7):
            chart += "dependencies: " + json.dumps([dependency]) + "\n"
        user, own, below = self.map(3, keys), self.map(3, keys), self.map(3, keys)
        for tree in (user, own, below):
            # Mostly a map where one belongs.
            for name in ("sub", "global", "other"):
                if name in tree and not isinstance(tree[name], dict) and self.chance(0.85):
                    tree[name] = self.map(2, keys)
        if self.chance(0.2):
            below["exports"] = {"data": self.map(1, keys)}
        own, below = without_nulls(own), without_nulls(below)
        return Case(shown, user, {
            "Chart.yaml": chart, "values.yaml": self.yaml_of(own), "charts/sub/Chart.yaml": "apiVersion: v2\nname: sub\nversion: 0.1.0\n",
            "charts/sub/values.yaml": self.yaml_of(below), "charts/sub/templates/b.txt": shown + " {{ .Chart.Name }}",
        })

    def yaml(self):
        scalars = [
            "y", "n", "yes", "No", "on", "OFF", "~", "null", "", "true", ".inf", "1.10", "1e3", "0x1f", "0o17", "0777", "08", "1_000", "-0",
            "12345678", "12345678901234567890", "1:30", "2001-01-01", "'1'", "\"a\\n\"", "|\n   x\n   y\n", ">-\n   x\n   y\n", "[1, b]",
            "{a: 1}", "!!str 1", "&x 1", "*x", "- a", "a: b", "x # c", "'it''s'", "\tx", "@x", "%x", "a b c", "!foo x", ".5", "+1", "1.",
        ]
        lines = []
        for _ in range(self.dice.randint(1, 5)):
            key = self.pick(["a", "b", "c", "y", "1", "1.0", "'q'", "a b", "<<"])
            lines.append(f"{key}: {self.pick(scalars)}")
            if self.chance(0.2):
                lines.append(self.pick(["# c", "", "---", "  # d", "  z: 1"]))
        shown = self.pick(["toYaml", "toJson", "toYamlPretty", "print"])
        text = "\n".join(lines) + self.pick(["\n", "\n", ""])
        # `toYaml` leaves no line break at the end, and a block of text then ends without one.
        text = text.rstrip("\n") if self.chance(0.2) else text
        return Case("{{ $v := fromYaml (.Files.Get \"v.yaml\") }}{{ if not $v.Error }}{{ %s $v }}{{ end }}" % shown, {}, {"v.yaml": text})

    def chart(self):
        dice = self.dice
        name = self.pick(["shop", "my-app", "a1"])
        environment = [{"name": self.pick(["A", "B_C", "URL"]), "value": self.pick(TEXTS)} for _ in range(dice.randint(0, 3))]
        values = {
            "replicas": self.pick([1, 3, "2", None, 0]), "image": {"repository": self.pick(["nginx", "ghcr.io/a/b"]), "tag": self.pick(["", "1.2", 1.1, None])},
            "labels": self.map(1), "annotations": self.map(1), "resources": self.map(2), "env": environment, "extra": self.tree(3),
            "enabled": self.pick([True, False, "false", "", None]), "config": {key: self.scalar() for key in dice.sample(KEYS, 3)},
            "ports": [{"name": self.pick(["http", "x"]), "port": self.pick([80, "8080", 65536.0])} for _ in range(dice.randint(0, 2))],
            "template": self.pick(["{{ .Release.Name }}-x", "plain", "{{ .Values.image.repository | upper }}", "{{ include \"lib.name\" . }}", "{{ .Values.nope }}"]),
            "ingress": {"enabled": self.chance(0.6), "hosts": [self.pick(["a.example", "b.example"]) for _ in range(dice.randint(0, 2))]},
            "global": self.map(1), "sub": self.pick([{}, {"on": self.chance(0.5)}, {"k": self.scalar()}]),
        }
        user = {key: self.pick([values[key], self.tree(2), None]) for key in dice.sample(sorted(values), dice.randint(0, 2))}
        number = self.pick(["| int", "", "| toString | quote", "| default 1"])
        pieces = [
            "{{- if .Values.enabled }}\non: {{ .Values.enabled | quote }}\n{{- else }}\noff: true\n{{- end }}\n",
            "  labels:\n    {{- include \"lib.labels\" . | nindent 4 }}\n",
            "{{- with .Values.annotations }}\n  annotations:\n    {{- toYaml . | nindent 4 }}\n{{- end }}\n",
            "  replicas: {{ .Values.replicas %s }}\n" % number,
            "  image: \"{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}\"\n",
            "  env:\n  {{- range .Values.env }}\n  - name: {{ .name }}\n    value: {{ .value | quote }}\n  {{- end }}\n",
            "  {{- range $key, $value := .Values.config }}\n  {{ $key }}: {{ $value | toString | b64enc | quote }}\n  {{- end }}\n",
            "  resources: {{- toYaml .Values.resources | nindent 4 }}\n",
            "  {{- range $i, $port := .Values.ports }}\n  - name: {{ $port.name | default (printf \"port-%d\" $i) }}\n    port: {{ int $port.port }}\n  {{- end }}\n",
            "  tpl: {{ tpl .Values.template . | quote }}\n",
            "  checksum: {{ include (print $.Template.BasePath \"/config.yaml\") . | sha256sum }}\n",
            "  all: {{ tpl (toYaml .Values.extra) $ | nindent 4 }}\n",
            "{{- if and .Values.ingress.enabled (gt (len .Values.ingress.hosts) 0) }}\n  hosts: {{ join \",\" .Values.ingress.hosts }}\n{{- end }}\n",
            "  merged: {{ mergeOverwrite (deepCopy .Values.labels) .Values.annotations (dict \"own\" .Release.Name) | toJson }}\n",
            "  {{- $found := false }}\n  {{- range .Values.env }}{{ if eq .name \"A\" }}{{ $found = true }}{{ end }}{{ end }}\n  found: {{ $found }}\n",
            "  kind: {{ kindOf .Values.extra }} {{ .Values.extra | toJson | trunc 63 | trimSuffix \"-\" }}\n",
            "  {{- if .Capabilities.APIVersions.Has \"%s\" }}\n  api: yes\n  {{- end }}\n" % self.pick(["apps/v1", "policy/v1/PodDisruptionBudget", "no/v1"]),
            "  old: {{ semverCompare \"%s\" .Capabilities.KubeVersion.Version }}\n" % self.pick([">=1.19-0", "<1.25", "^1.30.0"]),
            "  file: |-\n{{ .Files.Get \"files/a.conf\" | indent 4 }}\n",
            "  {{- (.Files.Glob \"files/*\").AsConfig | nindent 2 }}\n",
            "  required: {{ required \"a tag\" .Values.image.repository }}\n",
            "  values: {{ .Values.%s | default dict | keys | sortAlpha | join \",\" }}\n" % self.pick(["labels", "config", "global", "sub"]),
            "  {{ ternary \"yes\" \"no\" (hasKey .Values \"extra\") }}: {{ .Values.extra | quote }}\n",
            "  sub: {{ .Subcharts.sub.Values | default dict | toJson }}\n",
            "  name: {{ include \"lib.name\" (dict \"Values\" .Values \"Release\" .Release \"Chart\" .Chart) }}\n",
            "  x: {{ %s }}\n" % self.call(1, self.pick(CALM)),
            "  {{- $_ := set .Values \"changed\" %s }}\n" % self.text(),
            "  changed: {{ .Values.changed }}\n", "{{/* a comment */}}\n---\n# another document\n",
        ]
        body = lambda: "".join(dice.sample(pieces, dice.randint(3, 9)))
        helpers = (
            "{{- define \"lib.name\" -}}\n{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix \"-\" }}-{{ .Release.Name }}\n{{- end }}\n"
            "{{- define \"lib.labels\" -}}\napp.kubernetes.io/name: {{ include \"lib.name\" . }}\nhelm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version | replace \"+\" \"_\" }}\n"
            "{{- with .Values.labels }}\n{{ toYaml . }}\n{{- end }}\n{{- end }}\n"
        )
        dependency = {"name": "sub", "version": ">=0.1.0", "condition": self.pick(["sub.on", ""])}
        chart = f"apiVersion: v2\nname: {name}\nversion: 1.0.0+x\nappVersion: {self.pick(['2.1', chr(34) + '2.10' + chr(34), 'v3'])}\ndependencies: " + json.dumps([dependency]) + "\n"
        return Case(body(), user, {
            "Chart.yaml": chart, "values.yaml": self.yaml_of(without_nulls(values)), "templates/_helpers.tpl": helpers, "templates/config.yaml": body(),
            "files/a.conf": self.pick(["", "a=1\nb\n", "x: {{ .y }}"]), "charts/sub/Chart.yaml": "apiVersion: v2\nname: sub\nversion: 0.1.0\n",
            "charts/sub/values.yaml": self.yaml_of(without_nulls(self.map(2))), "charts/sub/templates/b.yaml": "a: {{ .Values | toJson }}\nn: {{ include \"lib.name\" . }}\n",
        })

    def case(self, kind):
        return {
            "function": self.function, "pipeline": self.pipeline, "control": self.control, "values": self.values_case, "yaml": self.yaml,
            "chart": self.chart,
        }[kind]()


def without_nulls(tree):
    """Helm 4 deletes a null of a chart's own defaults, which its maintainers track as an error: there Helm 3 is right."""
    if isinstance(tree, dict):
        return {key: without_nulls(value) for key, value in tree.items() if value is not None}
    return [without_nulls(item) for item in tree] if isinstance(tree, list) else tree


KINDS = ["function", "function", "pipeline", "control", "values", "yaml", "chart"]
# How many of the cases are kept that Helm refuses, so that most cases print something.
KEPT_REFUSALS = {"function": 0.5, "pipeline": 0.25, "control": 0.1, "values": 1.0, "yaml": 1.0, "chart": 0.5}


class Worker:
    """A process that answers lines of JSON, and is started again when it ends."""

    def __init__(self, command):
        self.command = command
        self.start()

    def start(self):
        self.said = tempfile.TemporaryFile()
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.said, text=True)

    def ask(self, request):
        """The answer; of a process that ended, the end of what it said."""
        try:
            self.process.stdin.write(json.dumps(request) + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if line:
            return json.loads(line)
        self.process.wait()
        self.said.seek(0)
        said = self.said.read(2000).decode(errors="replace")
        self.start()
        return {"crash": said}

    def render(self, folder, values):
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        return self.ask({"chart": str(folder), "values": values, "release": "r", "namespace": "n", "now": now})


def answer_as_helm():
    """The process of the oracle."""
    import helm_python as helm

    helm.disable_logging()
    for line in sys.stdin:
        request = json.loads(line)
        try:
            chart = helm.Chart.load(request["chart"])
            answer = {"templates": chart.render(values=request["values"], name=request["release"], namespace=request["namespace"])}
        except Exception as error:  # noqa: BLE001: the wheel has a dozen kinds of errors, all of which are refusals.
            answer = {"error": str(error)}
        print(json.dumps(answer), flush=True)


def write(folder, case):
    shutil.rmtree(folder, ignore_errors=True)
    for name, text in case.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def printed(answer, is_helm=False):
    """What is compared: the texts of templates that print something, or that it was refused."""
    if "templates" not in answer:
        return "refused" if "error" in answer or is_helm else "crash"
    texts = {}
    for name, text in answer["templates"].items():
        if text.strip() and not name.split("/")[-1].startswith("_"):
            for pattern, mask in [
                # Parts of a second.
                (r"(\d\d:\d\d:\d\d)\.\d+", r"\1"),
                # The words of libraries, which may go on in a second line of YAML.
                (r"(?i)(error converting yaml to json|toml): .*(\n  .*)*", "<error>"),
                # `deepCopy` loses what a struct does not export.
                (r"\{v[\d.]+ (v[\d.]+)? \d+ \d+\}", "<version>"),
            ]:
                text = re.sub(pattern, mask, text)
            texts[name] = text
    return texts


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("seconds", type=float)
    parser.add_argument("--cases", type=int, default=sys.maxsize, help="end after so many")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--kind", choices=sorted(set(KINDS)))
    parser.add_argument("--program", default=os.environ.get("HELM_TEMPLATES", str(TARGET / "debug/examples/helm-templates")))
    parser.add_argument("--keep", type=int, default=20, help="stop after so many differences")
    arguments = parser.parse_args()
    python = os.environ.get("PLIMSOLL_HELM_PYTHON", sys.executable)
    if subprocess.run([python, "-c", "import helm_python"], capture_output=True, check=False).returncode:
        print("skipped: Helm is not there (pip install helm-python-sdk)")
        return 0
    # The zone in which Helm prints dates.
    os.environ["TZ"] = "UTC"
    seed = arguments.seed if arguments.seed is not None else random.SystemRandom().randrange(1 << 32)
    program, oracle = Worker([arguments.program]), Worker([python, __file__, "--oracle"])
    end = time.monotonic() + arguments.seconds
    made, failures, counts, differing = 0, 0, {"printed": 0, "refused": 0, "ended": 0}, {}
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary) / "t"
        while time.monotonic() < end and failures < arguments.keep and sum(counts.values()) < arguments.cases:
            number = (seed << 32) + made
            made += 1
            maker = Maker(number)
            kind = arguments.kind or maker.pick(KINDS)
            case = maker.case(kind)
            write(folder, case)
            expected = oracle.render(folder, case.values)
            if "error" in expected and not maker.chance(KEPT_REFUSALS[kind]):
                continue
            counts["printed" if "templates" in expected else "refused" if "error" in expected else "ended"] += 1
            found = program.render(folder, case.values)
            if printed(expected, is_helm=True) == printed(found):
                continue
            # Of a map that holds itself, Helm prints nothing, and of `%p` an address, which is another one each time.
            if any(words in found.get("error", "") for words in ("holds itself", "prints an address")):
                continue
            # Maps of Go have no order, and addresses are never the same: what Helm itself prints in two ways is not compared.
            again = (printed(oracle.render(folder, case.values), is_helm=True) for _ in range(40))
            if any(other != printed(expected, is_helm=True) for other in again):
                continue
            failures += 1
            differing[kind] = differing.get(kind, 0) + 1
            kept = ROOT / "fuzz/failures/helm" / f"{number:x}"
            write(kept, case)
            (kept / "expected.json").write_text(json.dumps({"values": case.values, **expected}, ensure_ascii=False, indent=1))
            print(f"--- {kind} {number:x}")
            print("template", case.files["templates/a.txt"][:500])
            for name, text in case.files.items():
                if name != "templates/a.txt" and (name != "Chart.yaml" or kind == "values"):
                    print(name, text[:400])
            print("values", json.dumps(case.values, ensure_ascii=False)[:300])
            print("helm", json.dumps(expected, ensure_ascii=False)[:500])
            print("here", json.dumps(found, ensure_ascii=False)[:500], flush=True)
    cases = sum(counts.values())
    print(f"{cases} cases with seed {seed}: Helm prints {counts['printed']}, refuses {counts['refused']}, ends at {counts['ended']}; {failures} differ {differing or ''}")
    return 1 if failures else 0


if __name__ == "__main__":
    if sys.argv[1:] == ["--oracle"]:
        answer_as_helm()
    else:
        sys.exit(main())
