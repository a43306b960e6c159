#!/usr/bin/env python3
"""Makes the tables of this folder: asks Helm 4 what it reads and prints. `pip install helm-python-sdk`; run by hand.

Each table is an array of `[given, expected]`, one in a line; `null` as expected is a refusal.

    to-yaml.json, to-yaml-pretty.json     a value as JSON, what `toYaml` prints
    from-yaml.json                        a text, what `fromYaml | toJson` prints
    from-json.json                        a text, what `fromJson | toJson` prints: messages too
    to-json.json                          a value as JSON, what `toJson` prints
    set.json, set-string.json, set-json.json, set-literal.json     a flag, the values as JSON
"""

import base64
import itertools
import json
import os
import pathlib
import tempfile

import helm_python as helm

HERE = pathlib.Path(__file__).resolve().parent

# Strings that look like something else, or begin, end or go on with what YAML has signs for.
WORDS = [
    "", "y", "Y", "n", "yes", "No", "ON", "off", "yEs", "null", "Null", "~", "true", "False", "TRUE", "tRue", ".inf", "-.INF", "+.inf", ".nan",
    "<<", "=", "1", "-1", "+1", "1.10", "1.", ".5", "-.5", "+.5", ".5_0", "1e3", "1e", "e1", "1e400", "0x1f", "0o17", "0o-17", "0777", "08", "0b11",
    "-0b11", "0b-1", "0b", "0x", "1_000", "1__0", "_1", "12345678901234567890", "123456789012345678901", "0.1", "1:30", "190:20:30.15", "1:60", "-",
    "2001-01-01", "2001-1-1", "2001-13-01", "2001-02-30", "2004-02-29", "2001-12-14T21:59:43.10Z", "2001-12-14t21:59:43.10-05:00",
    "2001-12-14 21:59:43.10 -5", "2001-1-1 1:1:1", "2001-01-01  1:1:1,5", "2001-01-01T1:1:1+07:00", "20010101", "---", "--- a", "...", "....", "--",
    "- a", "-a", "? a", "?a", "?", ":", ": a", ":a", "a: b", "a:b", "a:", "a #b", "a#b", "#a", "&a", "*a", "!a", "|", "> a", "%a", "@a", "`a`", "'a",
    "\"a\"", "a'b", "it's", "a\"b", "{a", "a}", "[b]", "a]", "a,b", ",a", "a\tb", "\ta", "a\t", "\\", "\\n", "a\\b", "é", "日本語", "😀", "a😀", "\u00a0",
    "a\u0085b", "a \u0085 b", "a\u0085\u0085b", "a\u2028b", "\u2028", "\ufeff", "\ufeffa", "a\ufeff", "\u007f", "\u009b", "\ufffd", "\ufffe", "\x00", "\x1b[0m",
    "\r", "a\r\nb", "a\rb", " ", "  ", " a", "a ", "a  b", "foo bar", "https://x.y/z?a=b&c=d", "{{ x }}", "$(VAR)", "key: value # c", "- x: y",
    "<b>&", "a\nb", "a\nb\n", "a\nb\n\n", "\na", "\n", "\n\n", " a\nb", "a \nb", "a\n b", "a\n\n\nb\n", "a\tb\nc", "a: b\n# c\n", "😀\nb", "a\u0085\nb", "\u2028\nb",
    "a\n\u2028b",
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen",
    "one  two  three  four  five  six  seven  eight  nine  ten  eleven  twelve  thirteen  fourteen  fifteen",
    "'one' two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen",
    "one: two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen sevent: een",
    "one\ttwo three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen",
    "ü" * 79 + " " + "ü" * 10 + " x", "x" * 100, "x" * 81 + "  y z", "x" * 85 + " \\ y", "\tx" + "x" * 85 + "  y",
]
NUMBERS = [
    0, 1, -1, 123456789, 12345678, 2**53, 2**63, 2**64, 2**64 + 2**12, -(2**63), -(2**64), 1e20, 1e21, 1.5, -0.0, 0.1, 0.30000000000000004, 1e-5,
    0.0001, 1e-7, 1234567.5, 123456.5, 1e6, 1e100, 5e-324, 1.7976931348623157e308, 1621419783824318.25, 3.0, 100000.0,
]
TREES = [
    None, True, False, [], {}, [[]], [{}], {"a": []}, {"a": {}}, [[1, [2, [3]]]], {"a": [1, 2]}, {"a": [{"b": 1, "c": [2]}, "x"]}, [{"a": 1, "b": 2}, {"c": {"d": 3}}],
    {"a": {"b": {"c": None}}}, {"a": [[1], [{"b": [2]}]]}, {"k10": 1, "k9": 2, "k1": 3, "K2": 4, "k09": 5, "k": 6, "1": 7, "10": 8, "9": 9, "_a": 10, "-": 11, "a1b": 12, "a1.": 13},
    {"a.b": 1, "a-b": 2, "a_b": 3, "ab": 4, "a/b": 5, "aB": 6, "Ab": 7, "a0": 8, "a00": 9, "a01": 10, "é": 11, "z": 12},
    {"y": 1, "null": 2, "1": 3, "1.5": 4, "~": 5, "": 6, "true": 7, "a b": 8, "a: b": 9, "- a": 10, "2001-01-01": 11},
    {"x" * 128: 1}, {"x" * 129: 1}, {"a\nb": 1}, {"a\nb": [1]}, {"x" * 129: {"a": [1]}}, {"x" * 1022: 1}, {"x" * 1023: 1}, {"<" * 171: 1},
    {"script": "#!/bin/sh\nset -e\n\techo \"$1\"\n", "list": ["a\nb\n", " c\n"], "n": {"m": "x\n\n"}}, ["- a\n- b", ["x\ny"]],
]
SCALARS = [
    *WORDS[:70], "-0", "-0.0", "1E5", "1e+5", "0x1p4", "Infinity", "NaN", "+", "+0x1F", "0X1F", "0O17", "0B1", "1,000", "0.", "00", "9223372036854775808",
    "18446744073709551616", "-9223372036854775809", "3.14159265358979323846", "!!str 1", "!!int 3", "!!int x", "!!float 3", "!!bool yes", "!!null ''",
    "!!binary aGk=", "!!binary x", "!foo bar", "! 1", "! '1'", "!!str", "&a 1", "&a [1, *a]", "*zz", "'it''s'", "'a\n  b'", "\"a\\nb\\u00e9\\x41\"", "\"a\\\n  b\"",
    "\"\\/\"", "\"\\ud83d\\ude00\"", "\"\\q\"", "|\n  a\n   b\n", "|-\n  a\n", "|+\n  a\n\n", "|2\n   a\n", ">\n  a\n  b\n\n  c\n   d\n", ">-\n  a\n  b\n", "[1, 2, x y]",
    "[a, ]", "{a: 1, b: [c]}", "{a}", "{a: , b}", "[a: 1]", "{a: b: c}", "{\"a\":1}", "[a", "{a", "]", "\"a", "'a", "a\n  b", "a # c", "@a", "%a", "a\n\tb", "|\n\ta", "{a: 1}x",
]
DOCUMENTS = [
    "", "# c\n", "null\n", "---\n", "---\n---\na: 1\n", "a: 1\n---\nb: 2\n", "a: 1\n...\nb: 2\n", "[1]\n", "x\n", "1\n", "%YAML 1.1\n---\na: 1\n", "\ufeffa: 1\n", " a: 1\nb: 2\n",
    "a: 1\na: 2\n", "a: 1\n b: 2\n", "a: 1\nb\n", "a:\n- 1\n- 2\n", "a:\n  - b: 1\n    c: 2\n  -\n    - 3\n", "\ta: 1\n", "a:\n\tb: 1\n", "a: 1\n\t\nb: 2\n", "a: 1 \t\nb:\t2\n", "- a\n",
    "y: 1\nno: 2\n1: 3\n1.10: 4\n0x10: 5\n1e3: 6\n", "null: 1\n", "~: 1\n", "[a]: 1\n", "{a: b}: 1\n", ".inf: 1\n", "a: .inf\na: 1\n", "12345678901234567890: 1\n", "? a\n: b\n", "? a\n",
    "a: &x {b: 1, c: 2}\nd:\n  <<: *x\n  c: 3\n", "a: &x {b: 1, c: 2}\nd:\n  c: 3\n  <<: *x\n", "a: &x {b: 1}\nb: &y {b: 2, c: 3}\nd:\n  <<: [*x, *y]\n", "a: &x 1\nb: {<<: *x}\n",
    "a: &x {b: 1}\nc: *x\nd: *x\n", "a: &x [1, 2]\nb: *x\n", "<<: {a: 1}\n", "\"<<\": {a: 1}\n", "a: b\r\nc: |\r\n  d\r\n", "a: 'x\n\n  y'\n", "a: |\n  x\n # c\nb: 1\n", "a: x\n# c\n  y\n",
    "{{ .Values.a }}", "a: {{ x }}\n", "a: b: c\n", "a: -\n", "a: - b\n", "-\ta: 1\n", "a: \"b\" c\n", "key: [\n1,\n2\n]\n", "key: {\n\ta: 1\n}\n", "&a a: 1\n", "a:\n  <<: 1\n", "a: *b\n",
    # Without a line break at the end, as `toYaml` leaves them.
    "a: |\n  b", "a: |+\n  b", "a: |-\n  b", "a: >\n  b\n  c", "a: >+\n  b", "a: |\n  b\n# c", "a: |\n  b\n  ", "a:\n- |\n  b\n  c", "a: |\n  b\nc: |\n  d", "? |\n  a", "a: |\n  b\r",
    "a: |\n\n  b", "a: |2\n   b", "a: &x |\n  b\nc: *x", "a: |", "a: |+\n\n", "a: 'b\n\n  c'", "a: b\n  c",
]
TEXTS = [
    "", "{}", "[]", "1", "\"x\"", "true", "{\"a\":1}", "{\"a\":1,\"a\":2}", "{\"a\":[1,2.50,1e3,-0,true,null,\"x\"]}", " {\"a\" : {} } ", "{", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,}",
    "{a:1}", "{'a':1}", "{\"a\":01}", "{\"a\":1.}", "{\"a\":-}", "{\"a\":1e}", "{\"a\":tru}", "{\"a\":nul", "{\"a\":\"\\q\"}", "{\"a\":\"\\u12\"}", "{\"a\":\"\n\"}", "{\"a\":1}x", "{\"a\":1} {}", "[1,]",
    "{\"a\":\"\\u00e9\\ud83d\\ude00\\ud83d\\/\"}", "{\"a\":\"<>&\u2028\"}", "é", "\x01", "{\"a\":1e400}", "{\"a\":12345678901234567890}", "# c", "{\"a\":[1 2]}", "{\"a\" 1}", "{1:2}", "\"",
]
TAGS = [
    "a: !!string x", "a: !!string 5", "a: !!string \"5\"", "a: !!strin", "a: !!string ~", "a: !foo x", "a: !foo 5", "a: !foo true", "a: !foo null", "a: !foo",
    "a: !foo \"5\"", "a: !foo {b: 1}", "a: !foo [1, 2]", "a: ! 5", "a: ! {b: 1}", "a: ! [1]", "a: !!int \"5\"", "a: !!int 5.5", "a: !!int x", "a: !!int \"0x10\"",
    "a: !!int 5", "a: !!int", "a: !!int \"\"", "a: !!float \"1\"", "a: !!float 1.10", "a: !!float \".inf\"", "a: !!float x", "a: !!bool \"yes\"", "a: !!bool yes",
    "a: !!bool x", "a: !!bool 1", "a: !!null \"\"", "a: !!null", "a: !!null x", "a: !!null \"null\"", "a: !!null ~", "a: !!str", "a: !!str 5", "a: !!str null",
    "a: !!str {b: 1}", "a: !!str [1]", "a: !!map {b: 1}", "a: !!map [1]", "a: !!map x", "a: !!map", "a: !!seq [1]", "a: !!seq {b: 1}", "a: !!seq x",
    "a: !!set {b, c}", "a: !!omap [b: 1]", "a: !!pairs [b: 1]", "a: !!binary aGVsbG8=", "a: !!binary \"aGVs bG8=\"", "a: !!binary x", "a: !!binary 1234",
    "a: !!binary", "a: !!binary [1]", "a: !!timestamp 2001-01-01", "a: !!timestamp \"2001-01-01\"", "a: !!timestamp x", "a: !!timestamp 5", "!!str 5: x",
    "!!int \"5\": x", "!!string 5: x", "!foo b: x", "!!null x: y", "!!bool \"yes\": x", "!!binary aGVsbG8=: x", "!!merge <<: {b: 1}", "!!str <<: {b: 1}",
    "\"<<\": {b: 1}", "!foo {b: 1}: x", "a: !<tag:yaml.org,2002:str> 5", "a: !<tag:yaml.org,2002:int> \"5\"", "a: !<foo> 5", "a: !<!foo> 5", "a: !e!foo 5",
    "a: !vault password", "a: !Ref x", "a: &x !foo 5\nb: *x", "a: !foo &x 5\nb: *x", "a: !foo |\n  x\n  y", "a: !!int |\n  5", "a: !!int '5'", "!foo\na: 1",
    "!!map\na: 1", "!!omap\na: 1", "- !foo x", "a:\n  - !foo x\n  - !!string y", "a: !foo\n  b: 1", "a: !foo\n  - b",
    "%TAG !e! tag:example.com,2000:\n---\na: !e!foo 5", "%TAG !e! tag:yaml.org,2002:\n---\na: !e!int \"5\"", "%YAML 1.1\n---\na: !foo 5", "a: !foo!bar 5",
    "a: [!foo x, !!string 5]", "a: {b: !foo x, !foo c: 5}", "a: !foo%20b 5", "a: !%zz 5", "a: !foo* x", "a: !password123", "a: !!int 1_000", "a: !!int 0777",
    "a: !!float 1_000.5", "a: !!float 0x10", "a: !!float 5", "a: !!bool \"true\"", "a: !!bool True", "a: !!bool y", "a: !!int \"1e3\"", "a: !!int 1e3",
    "a: !!int 5.0", "a: !!value x", "a: !!yaml x", "a: !foo *x", "a: !!str !foo x", "a: !<> x", "a: !!  x", "a: !python/object:foo x", "a: !Sub \"${AWS::Region}\"",
    "a: !include file.yaml", "a: !!python/object {b: 1}",
]
FLAG_KEYS = ["a", "a.b", "a[0]", "a[1]", "a[0].b", "a[0][1]", "a\\.b", "a[-1]", "a[x]", "a[65537]", "", "a.", "[0]", ".a", "a[0]x", "a[", "a[]", "a b", "é", "a..b", "a[0].b[1]"]
FLAG_VALUES = [
    "1", "x", "true", "FALSE", "null", "0", "01", "-1", "+5", "1.5", "", "{a,b}", "{}", "{1,true,}", "{a", "a\\,b", "a\\", "\\{x", "12345678901234567890", "é", "a=b", " x", "{a}x",
]
FLAGS = [
    *(f"{key}=1" for key in FLAG_KEYS), *(f"a={value}" for value in FLAG_VALUES), *(f"a[0]={value}" for value in FLAG_VALUES), "a", "a,b", "a=1,b=2", "a=1,a=2", "a=1,a.b=2",
    "a.b=1,a=2", "a=1,a[0]=2", "a[0]=1,a[2]=3", "a[0].b=1,a[0].c=2", "a[0]=1,a[0].b=2", "a=1,", ",", "=1", "a=1,b", "a.b.c=1,a.b.d=2", ".".join("abcdefghijklmnopqrstuvwxyzabcde") + "=1",
    ".".join("abcdefghijklmnopqrstuvwxyzabcdef") + "=1", "a={1,2},b=3", "a[0].b=", "a[1]=x,a[0]=y", "a[0][0]=1,a[0][1]=2",
]
JSON_FLAGS = [
    "a=1", "a=\"x\"", "a={\"b\":1},c=[2,3]", "a=null", "a=", "a= ,b=1", "a=tru", "a={", "a={\"b\":1}x", "a[0]={\"b\":1}", "a.b=[1,2]", "a=1 , b=2", "a=x", "a=\"x,y\"", "a=[1", "a=1.50", "a=1e3",
    "a=12345678901234567890", "a=true,b=false", "a",
]


class Asked:
    """Helm, asked by templates."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        os.makedirs(self.folder / "templates")
        (self.folder / "Chart.yaml").write_text("apiVersion: v2\nname: t\nversion: 0.1.0\n")

    def each(self, expression, given):
        template = "{{ range .Values.c }}{{ " + expression + " | b64enc }},{{ end }}"
        (self.folder / "templates/a.txt").write_text(template)
        texts = helm.Chart.load(str(self.folder)).render(values={"c": given}, name="r", namespace="n")
        return [base64.b64decode(text).decode() for text in list(texts.values())[0].split(",")[:-1]]


def write(name, rows):
    lines = ",\n".join(json.dumps(row, ensure_ascii=True) for row in rows)
    (HERE / name).write_text(f"[\n{lines}\n]\n")


def main():
    asked = Asked()
    values = [*WORDS, *NUMBERS, *TREES, *({"key": [{"name": word}]} for word in WORDS[-30:])]
    given = [json.dumps(value, ensure_ascii=False) for value in values]
    for function, name in (("toYaml", "to-yaml.json"), ("toYamlPretty", "to-yaml-pretty.json"), ("toJson", "to-json.json")):
        write(name, zip(given, asked.each(f"{function} .", values)))
    texts = [*(f"k: {scalar}\n" for scalar in SCALARS), *DOCUMENTS, *TAGS]
    refused = lambda text: None if text.startswith("{\"Error\":\"error ") else text
    write("from-yaml.json", zip(texts, map(refused, asked.each("fromYaml . | toJson", texts))))
    write("from-json.json", zip(TEXTS, asked.each("fromJson . | toJson", TEXTS)))
    flags = {
        "set.json": (helm.parse_set_string, FLAGS), "set-string.json": (helm.parse_set_string_values, FLAGS),
        "set-json.json": (helm.parse_set_json, JSON_FLAGS), "set-literal.json": (helm.parse_set_literal, FLAGS),
    }
    for name, (parse, all_flags) in flags.items():
        rows = []
        for flag in dict.fromkeys(itertools.chain(all_flags)):
            try:
                rows.append((flag, json.dumps(parse(flag), ensure_ascii=False)))
            except Exception:  # noqa: BLE001: a refusal, of any kind.
                rows.append((flag, None))
        write(name, rows)


if __name__ == "__main__":
    main()
