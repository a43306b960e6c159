#!/usr/bin/env python3
"""A fuzzer of structures: charts, values, manifests, schemas and flags together, put together at random and given to the program.

    fuzz/structures.py SECONDS [--seed N] [--program PATH]

Every input is made of pieces that are right or nearly right, so most of them get far. What must hold of each run, whatever it
was given (the oracles):

* it ends by itself with exit code 0, 1 or 2, within two seconds of processor time and 300 MiB;
* nothing is on standard output unless the exit code is 0, but for answers: what differs, and the findings of `lint`;
* no marker of a secret is in anything that is said, nor in a report;
* no control character and no command of a build server is in it.

An input that breaks one of these is kept in `fuzz/failures/`, with the command, and its seed is printed. The same seed makes the same
inputs. It needs Python alone, on a system that tells how much memory a process took.
"""

import argparse
import base64
import json
import os
import pathlib
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).parent.parent
PROCESSOR_SECONDS = 2.0
WALL_SECONDS = 60
MEBIBYTES = 300
# What must never be said. It looks like no word of any page, and like no hash.
MARKER = "Zq7marker9Xv"
# The forms of it that functions of templates make.
FORMS = [MARKER, MARKER.upper(), MARKER.lower(), base64.b64encode(MARKER.encode()).decode()]

# Names: of settings, of secrets, and such as programs trip over.
PLAIN_NAMES = ["image", "replicas", "host", "port", "labels", "name", "list", "a", "b.c", "x/y", "on", "0", "größe", "__proto__"]
SECRET_NAMES = ["password", "dbPassword", "API_KEY", "token", "DB_PASS", "clientSecret", "jwt", "pwd", "dsn", "PASSPHRASE"]
ODD_TEXTS = [
    "", "x", "yes", "0777", "1e3", "1.10", "~", "a: b", "- a", "{{ values.a }}", "::error::x", "##[error]x", "a\nb\n", "\u202ex",
    "\x9b31m", "9" * 40, "x" * 400, "'", '"', "# no", "---", "%0A", "C:\\x", "../../etc/passwd", "\u0085", "$(X)",
]


def known_by_name(values):
    """The values without secrets under names that are ordinary ones, or misspelt."""
    if not isinstance(values, dict):
        return values
    is_known = lambda name, value: name in SECRET_NAMES or not (isinstance(value, str) and MARKER in value)
    return {name: known_by_name(value) for name, value in values.items() if is_known(name, value)}


class Maker:
    """Makes one input."""

    def __init__(self, seed):
        self.dice = random.Random(seed)

    def chance(self, part):
        return self.dice.random() < part

    def pick(self, items):
        return self.dice.choice(items)

    def scalar(self):
        return self.pick([
            lambda: self.dice.randint(-5, 70000), lambda: self.dice.random() * 1e6, lambda: self.chance(0.5), lambda: None,
            lambda: self.pick(ODD_TEXTS), lambda: self.pick(["web", "nginx:1.2", "100m", "1Gi", "example.com"]),
        ])()

    def value(self, depth=3):
        kind = self.dice.random()
        if depth == 0 or kind < 0.5:
            return self.scalar()
        if kind < 0.7:
            return [self.value(depth - 1) for _ in range(self.dice.randint(0, 4))]
        return self.map(depth - 1)

    def map(self, depth):
        made = {self.pick(PLAIN_NAMES): self.value(depth) for _ in range(self.dice.randint(0, 5))}
        if self.chance(0.4):
            made[self.pick(SECRET_NAMES)] = self.secret()
        return made

    def secret(self):
        return self.pick([MARKER, f"{MARKER}: x", f"!{MARKER}", f"*{MARKER}", f'"{MARKER}', f"{MARKER}\n{MARKER}\n", f"x {MARKER} # y"])

    def schema(self, depth=3):
        """A schema, and values that mostly fit it; some settings are secret by the schema alone."""
        schema, values = {"type": "object", "properties": {}}, {}
        if self.chance(0.6):
            schema["additionalProperties"] = self.pick([False, False, True, {"type": "string"}])
        for _ in range(self.dice.randint(1, 5)):
            name = self.pick(PLAIN_NAMES + SECRET_NAMES)
            # One that is misspelt in the values is not to become another setting.
            if name in schema["properties"]:
                continue
            kind = self.dice.random()
            if kind < 0.25 and depth:
                schema["properties"][name], values[name] = self.schema(depth - 1)
            elif kind < 0.5 or name in SECRET_NAMES:
                schema["properties"][name] = self.pick([
                    {"type": "string", "writeOnly": True}, {"type": "string", "writeOnly": True}, {"writeOnly": True},
                    {"type": "string", "x-generate": {"length": 12}}, {"type": "string", "writeOnly": True, "pattern": "^a"},
                    {"type": "string", "writeOnly": True, "minLength": 100}, {"enum": ["a"], "writeOnly": True},
                ])
                values[name] = self.secret()
                # Misspelt, it is one too.
                if self.chance(0.2) and len(name) > 4:
                    values[name[:-2] + name[-1] + name[-2]] = values.pop(name)
            else:
                good = [({}, self.value(1)), ({"type": "string"}, "x"), ({"type": "integer", "minimum": 0}, 7), ({"type": "boolean"}, True),
                        ({"type": "array"}, []), ({"type": ["string", "null"], "description": self.pick(ODD_TEXTS)}, "x"), ({"enum": ["a", 1]}, "a")]
                odd = [{"$ref": "#"}, {"type": "string", "pattern": self.pick(["^(a+)+$", "[", ".{1,9}"])}, {"format": "date"}, {"$ref": "#/nope"}]
                below, right = self.pick(good) if self.chance(0.9) else (self.pick(odd), self.value(1))
                schema["properties"][name], values[name] = below, right if self.chance(0.9) else self.value(1)
        if self.chance(0.2):
            schema["required"] = [self.pick(PLAIN_NAMES + SECRET_NAMES)]
        return schema, values

    def manifest(self):
        """An object of Kubernetes, mostly right."""
        name = self.pick(["web", "web", "db", "a" * 70, "A_b", ""])
        container = {"name": "web", "image": "web:1", "env": [{"name": self.pick(SECRET_NAMES), "value": MARKER}]}
        container.update(self.pick([
            {}, {"args": ["--password", MARKER]}, {"command": ["mysql"], "args": [f"-p{MARKER}"]}, {"args": [f"--token={MARKER}"]},
            {"command": ["sh", "-c", f"curl -u a:{MARKER} https://x"]}, {"ports": [{"containerPort": self.value(1)}]},
            {"resources": self.value(2)}, {"image": f"web:1", "env": [{"name": "URL", "value": f"amqp://a:{MARKER}@q/"}]},
            {"env": [{"name": self.pick(SECRET_NAMES), "vlaue": MARKER}]}, {"env": [{"name": self.pick(SECRET_NAMES), "value": [MARKER]}]},
            {"env": {self.pick(SECRET_NAMES): MARKER}}, {"env": [f"{self.pick(SECRET_NAMES)}={MARKER}"]}, {"args": f"--password {MARKER}"},
            {"livenessProbe": {"httpGet": {"port": self.scalar(), "httpHeaders": [{"name": "Authorization", "value": MARKER}]}}},
        ]))
        made = self.pick([
            {"apiVersion": "v1", "kind": "Secret", "stringData": {"a": MARKER, "b": self.secret()}},
            {"apiVersion": "v1", "kind": "Secret", self.pick(["stringdata", "data", "strData", "x"]): {"a": MARKER}},
            {"apiVersion": "v1", "kind": self.pick(["secret", "Secrets", "Secert"]), "stringData": {"a": MARKER}},
            {"apiVersion": "v1", "kind": "ConfigMap", "data": {"a": "x", "password": MARKER}},
            {"apiVersion": "v1", "kind": "ConfigMap", "data": {"a.json": json.dumps({"host": "x", "password": MARKER})}},
            {"apiVersion": "v1", "kind": "ConfigMap", "data": {self.pick(["a.env", "a.sh", "a"]): f"A=1\nexport PASSWORD={MARKER}\n", "n": self.scalar()}},
            {"apiVersion": "v1", "kind": "ConfigMap", "data": {"a.ini": f"[a]\ndb.password = {MARKER}\n", "b": f"<password>{MARKER}</password>"}},
            {"apiVersion": "v1", "kind": "ConfigMap", "data": {"a.json": json.dumps({"password": MARKER}, indent=self.pick([1, 4])), "n": self.scalar()}},
            {"apiVersion": "v1", "kind": "List", "items": [{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "x"}, "data": {"a": MARKER}}]},
            {"apiVersion": "v1", "kind": "ConfigMap", "data": {"a.yaml": f"host: x\npassword:\n  {MARKER}\n", "n": self.scalar()}},
            {"apiVersion": "apps/v1", "kind": "Deployment", "spec": {"selector": {"matchLabels": {"a": "b"}}, "template": {
                "metadata": {"labels": {"a": "b"}}, "spec": {"containers": [container]}}}},
            {"apiVersion": "example.com/v1", "kind": "Widget", "spec": {"credentials": {"password": MARKER}, "x": self.value()}},
            {"apiVersion": "v1", "kind": "Service", "spec": self.value()},
        ])
        made["metadata"] = {"name": name} if self.chance(0.9) else self.value(1)
        if self.chance(0.2):
            # A Secret of another kind is none, and what it holds is no secret.
            more = ["spec", "data", "extra"] + ([] if "ecret" in made["kind"] or "ecert" in made["kind"] else ["kind"])
            made[self.pick(more)] = self.value(2)
        return made

    def rewritten(self, line):
        """A line with a secret behind a key, with the secret written in another way."""
        indent, key = re.match(r"( *(?:- )*)(.*?:) " + MARKER + "$", line).groups()
        space = " " * len(indent) + "  "
        return indent + key + self.pick([
            f" &p {MARKER}", f" >-\n{space}{MARKER}\n{space}x", f" |\n{space}x\n{space}{MARKER}", f' "x\n{space}{MARKER}"', f" 'x''{MARKER}'",
            f" x\n{space}{MARKER}", f" {MARKER} # and {MARKER}", f' "\\t{MARKER}"', f"\n{space}{MARKER}", f" !!str {MARKER}",
        ])

    def text(self, value):
        """YAML or JSON of a value; sometimes broken where a hand or an editor breaks it."""
        text = json.dumps(value, ensure_ascii=self.chance(0.5)) if self.chance(0.3) else yaml_of(value)
        if self.chance(0.3):
            is_simple = re.compile(r" *(- )*[\w\"]+: " + MARKER + "$").match
            text = "\n".join(self.rewritten(line) if is_simple(line) and self.chance(0.6) else line for line in text.split("\n"))
            if self.chance(0.1):
                text += f"\n# password: {MARKER}"
        if self.chance(0.12):
            lines = text.split("\n")
            at = self.dice.randrange(len(lines))
            line = lines[at]
            lines[at] = self.pick([
                line + "\n" + line, " " + line, line.replace(": ", ":", 1), line.replace('"', "", 1), line + " [", "\t" + line,
                line + '"', line.replace(":", ": :", 1), line[: self.dice.randrange(len(line) + 1)] + "\x00",
                # What becomes a key is no secret any more.
                *([] if MARKER in "".join(lines[at : at + 2]) else ["? " + line, line + ": x"]),
            ])
            text = "\n".join(lines)
        return text

    def template(self, names):
        path = ".".join(["values"] + ([self.pick(names)] if names else []))
        path = re.sub(r"\.([^.]*[^\w.][^.]*)", r'["\1"]', path)
        expression = self.pick([path, f"{path} | to_yaml", f"{path} | default('x')", f"{path} ~ 'x'", f"{path} | int", "nope", f"fail({path})",
                                f"{path} | upper", f"fail({path} | upper)", f"fail({path} | b64encode)", f"fail(values)", f"range(1000000) | list", f"{path}.x.y", f"{path} | to_json", f"{path} * 3"])
        kind = self.pick(["ConfigMap", "ConfigMap", "Secret", "Deployment"])
        field = {"ConfigMap": "data:\n  a: ", "Secret": "stringData:\n  a: ", "Deployment": "spec:\n  replicas: "}[kind]
        version = "apps/v1" if kind == "Deployment" else "v1"
        quote = self.pick(["", "", '"'])
        return f"apiVersion: {version}\nkind: {kind}\nmetadata:\n  name: t\n{field}{quote}{{{{ {expression} }}}}{quote}\n"

    def with_expression(self, text, expression="values.nope"):
        """A text that is perhaps a template, with an expression for one of its names."""
        return re.sub(r'(name"?: *)("web"|web|"db"|db)', lambda found: f'{found[1]}"{{{{ {expression} }}}}"', text, count=1) if self.chance(0.5) else text

    def tests(self):
        """The tests of a chart: cases with values of their own, and what is expected of the objects."""
        paths = ["data.a", "spec.replicas", "metadata.name", "spec.template.spec.containers[0].env", "a["]
        secret_paths = ["stringData.a", "data.password", "spec.credentials.password"]
        expected = lambda: self.pick([
            {"equal": {self.pick(paths): self.value(1)}}, {"equal": {self.pick(secret_paths): self.secret()}},
            {"contains": {self.pick(secret_paths): self.secret()}}, {"matches": {self.pick(secret_paths): self.pick(["^a", "["])}},
            {"absent": [self.pick(paths + secret_paths)]}, {"exists": [self.pick(paths + secret_paths)]}, {"atLeast": {self.pick(paths + secret_paths): 3}},
        ])
        case = lambda: {
            "name": self.pick(["one", "two", "größe"]),
            "values": self.pick([{}, self.map(1), {self.pick(SECRET_NAMES): self.secret()}]),
            **self.pick([
                {"expect": [{"object": self.pick(["ConfigMap/t", "Secret/t", "Deployment/t", "Pod/no"]), **expected()} for _ in range(2)]},
                {"expect": [{"count": {"Secret": self.dice.randint(0, 2)}}]}, {"fails": [{"code": "T010", "message": "x"}]},
                {"snapshot": True},
            ]),
        }
        return {"cases": [case() for _ in range(self.dice.randint(1, 3))]}

    def derived(self, names):
        """Values that are computed from others, secrets among them."""
        path = "values." + self.pick([name for name in names if re.fullmatch(r"[A-Za-z_]\w*", name)] or ["nope"])
        return "\n".join(f"d{number}: {value}" for number, value in enumerate(self.pick([
            [f"{{{{ {path} }}}}", f'"a-{{{{ {path} }}}}"'], [f"{{{{ {path} | int }}}}"], [f"{{{{ {path} | upper }}}}"], [f"{{{{ values.d0 ~ {path} }}}}"],
            [f"{{{{ {path}.x.y }}}}"], [f"{{{{ fail({path}) }}}}"], [f'"{{{{ {path} | b64encode }}}}: [', "x"], [f'"{{{{ {path}'],
        ]))) + "\n"

    def helm(self, put):
        """A chart of Helm, of whose settings their names alone tell that they are secret."""
        name = self.pick(SECRET_NAMES)
        put("h/Chart.yaml", "apiVersion: v2\nname: h\nversion: 0.1.0\n")
        put("h/values.yaml", self.text({name: self.pick(["", MARKER]), "image": "x", "labels": self.value(2)}))
        values = f".Values.{name}"
        expression = self.pick([
            f"{values} | quote", values, f"fail {values}", f"{values} | upper | fail", f"{values} | b64enc | fail", f"required {values} .Values.nope",
            f'atoi {values}', f"{values}.x", f'semverCompare {values} "1"', f"include {values} .", f"tpl {values} .", "toYaml .Values | fail",
            f'mustToDate "2006" {values}', f"index .Values {values}", f"mustRegexMatch {values} \"x\"", f"fromYaml {values}", f"nosuch {values}",
            f"range $x := {values} }}}}x{{{{ end", f"mustFromJson {values}", f"div 1 {values}", f"slice {values} 2 99", f"{values} | toJson | fail",
        ])
        field = self.pick(["kind: ConfigMap\nmetadata: {name: t}\ndata:\n  a", "kind: Secret\nmetadata: {name: t}\nstringData:\n  a", "kind"])
        put("h/templates/a.yaml", f"apiVersion: v1\n{field}: {{{{ {expression} }}}}\n")
        put("h/templates/b.yaml", self.with_expression(self.text(self.manifest()), ".Values.image"))
        if self.chance(0.3):
            put("h/tests/plimsoll.yaml", self.text(self.tests()))
        put("u.yaml", self.text({name: self.secret(), "image": self.scalar(), "password": self.secret()}))
        return name

    def write(self, folder):
        """A chart, values and manifests in a folder; returns the arguments of one run."""
        schema, values = self.schema()
        names = list(schema["properties"])
        put = lambda name, text: (folder / name).parent.mkdir(parents=True, exist_ok=True) or (folder / name).write_bytes(
            text.encode("utf-8", "surrogatepass"))
        put("c/chart.yaml", "name: c\nversion: 0.1.0\n")
        put("c/values.yaml", self.text(self.value(2)) if self.chance(0.3) else "{}\n")
        if self.chance(0.9):
            put("c/values.schema.json", json.dumps(schema) if self.chance(0.95) else self.text(schema))
        else:
            # Without a schema, only its name says of a setting that it is secret.
            values = known_by_name(values)
        for number in range(self.dice.randint(1, 3)):
            put(f"c/templates/t{number}.yaml", self.template(names) if self.chance(0.8) else self.with_expression(self.text(self.manifest())))
        if self.chance(0.3):
            put("c/tests/a.yaml", self.text(self.tests()))
        if self.chance(0.15):
            put("c/derived.yaml", self.derived(names))
        put("v.yaml", self.text(values))
        others = values if self.chance(0.5) else self.map(2)
        # Of a setting that the schema has, the schema says whether it is secret, and its name says nothing.
        put("w.yaml", self.text({name: value for name, value in others.items() if others is values or name not in names}))
        put("each/one.yaml", self.text(values))
        for name in ["m.yaml", "n.yaml"]:
            put(f"m/{name}", "\n---\n".join(self.text(self.manifest()) for _ in range(self.dice.randint(1, 3))))
        of_helm = self.helm(put)
        return self.helm_arguments(of_helm) if self.chance(0.25) else self.arguments(names)

    def helm_arguments(self, name):
        files = self.pick([["-f", "u.yaml"], ["-f", "u.yaml"], ["--set", f"{name}={MARKER}"], []])
        command = self.pick([
            ["render", "h", *files], ["lint", "h", *files], ["values", "h", *files], ["explain", "h", name, *files], ["diff", "h", "h", "--new-values", "u.yaml"],
            ["schema", "h", "--infer"], ["docs", "h"], ["lint", "--chart", "h", "u.yaml"], ["test", "h"], ["convert", "h", "made"],
            ["explain", "h", "--field", "ConfigMap/t", "data.a", *files], ["values", "h", "--origins", *files], ["lint", "."],
        ])
        return command + (["--format", self.pick(["human", "short", "json", "sarif", "github", "junit"])] if self.chance(0.4) else [])

    def arguments(self, names):
        setting = self.pick(names + PLAIN_NAMES)
        flags = self.pick([
            [], [], ["--set", f"{setting}.x=1"], ["--set", f"{setting}=1"], ["--set-json", f'{setting}={json.dumps(self.scalar())}'],
            ["--set", "a[99999999]=1"], ["--set", "a[b=1"], ["--set-string", f"{setting}=x,b=y"], ["--set", f"password={MARKER}"],
            ["--set", f"password:{MARKER}"], ["--set", f"a=1,e[0].name=DB_PASSWORD,e[0].value={MARKER}"], ["--set", f"a=--password {MARKER},b=x"],
            ["--set-json", '{"token": "' + MARKER + '", '],
        ])
        files = ["-f", "v.yaml"] + (["-f", "w.yaml"] if self.chance(0.3) else [])
        command = self.pick([
            ["render", "c", *files, *flags], ["render", "c", *files, *flags, "--output-dir", "out"],
            ["render", "c", "--each", "each", "--output-dir", "out", *flags], ["values", "c", *files, *flags],
            ["explain", "c", setting, *files, *flags], ["explain", "c", "--field", "ConfigMap/t", "data.a", *files, *flags],
            ["lint", "c"], ["lint", "m"], ["lint", "m/m.yaml", "v.yaml"], ["lint", "--chart", "c", "v.yaml"], ["diff", "m/m.yaml", "m/n.yaml"],
            ["diff", "c", "c", "--new-values", "v.yaml"], ["docs", "c"], ["secrets", "c", *files], ["schema", "c"], ["schema", "c", "--infer"],
            ["test", "c"], ["test", "c", "--update"], ["values", "c", "--origins", *files, *flags], ["precompile", "c"], ["lint", ".", "--baseline", "known"],
            ["lint", "."], ["lint", "c", *files, "--fix"], ["explain", "m/m.yaml"], ["diff", "m", "m/n.yaml"], ["docs", "c", "--output", "page.md", "--check"],
        ])
        if self.chance(0.6):
            command += ["--format", self.pick(["human", "short", "json", "sarif", "github", "gitlab", "junit"])]
        if self.chance(0.3):
            command += ["--format", self.pick(["json", "sarif", "junit"]) + "=report"]
        return command


def yaml_of(value, indent=0):
    """Block YAML, with scalars as JSON has them or bare."""
    space = " " * indent
    if isinstance(value, dict) and value:
        lines = []
        for key, below in value.items():
            head = f"{space}{json.dumps(key, ensure_ascii=False) if re.search(r'[^A-Za-z]', key) else key}:"
            is_block = isinstance(below, (dict, list)) and below
            if isinstance(below, str) and below.endswith("\n") and below.strip() and not below.startswith((" ", "\n")):
                lines.append(f"{head} |\n" + "\n".join(f"{space}  {line}" for line in below.splitlines()))
            else:
                lines.append(f"{head}\n{yaml_of(below, indent + 2)}" if is_block else f"{head} {yaml_of(below)}")
        return "\n".join(lines)
    if isinstance(value, list) and value:
        return "\n".join(f"{space}- {yaml_of(item, indent + 2).lstrip()}" for item in value)
    if isinstance(value, str) and re.fullmatch(r"[!*]?[A-Za-z][A-Za-z0-9]*", value):
        return value
    return json.dumps(value, ensure_ascii=False)


def run(program, arguments, folder):
    """Runs the program to its end; gives the exit code, what it said, and the processor time and memory that it took."""
    with open(folder / ".out", "wb") as out, open(folder / ".err", "wb") as err:
        started = time.monotonic()
        child = subprocess.Popen([program, *arguments], cwd=folder, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                                 env={"PATH": os.environ.get("PATH", ""), "HOME": str(folder)})
        while True:
            pid, status, usage = os.wait4(child.pid, os.WNOHANG)
            if pid:
                break
            if time.monotonic() - started > WALL_SECONDS:
                child.send_signal(signal.SIGKILL)
                pid, status, usage = os.wait4(child.pid, 0)
                break
            time.sleep(0.002)
    said = [(folder / name).read_text(errors="replace") for name in (".out", ".err")]
    memory = usage.ru_maxrss // (1024 * 1024 if sys.platform == "darwin" else 1024)
    return os.waitstatus_to_exitcode(status), *said, usage.ru_utime + usage.ru_stime, memory


def broken(arguments, folder, code, out, err, seconds, memory):
    """Which oracle a run breaks, if any."""
    if code not in (0, 1, 2):
        return f"exit code {code}"
    if seconds > PROCESSOR_SECONDS:
        return f"{seconds:.1f} seconds"
    if memory > MEBIBYTES:
        return f"{memory} MiB"
    is_answer = code == 1 and arguments[0] in ("diff", "lint", "test", "convert")
    if code != 0 and out and not is_answer and arguments[0] != "lint":
        return "something on standard output"
    report = folder / "report"
    said = [err, report.read_text(errors="replace") if report.is_file() else ""]
    # A render hands secrets on to the cluster; `secrets` makes them.
    if arguments[0] not in ("render", "secrets"):
        said.append(out)
    if any(form in text for text in said for form in FORMS):
        return "a secret is shown"
    for text in [out, *said]:
        if re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text):
            return "a control character"
        if arguments[-1] != "github" and "github" not in arguments and re.search(r"(?m)^\s*::[a-z]|##\[|##vso\[", text):
            return "a command of a build server"
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("seconds", type=float)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--program", default=str(ROOT / "target/debug/plimsoll"))
    options = parser.parse_args()
    program = str(pathlib.Path(options.program).resolve())
    end = time.monotonic() + options.seconds
    count, failures, ends, worst = 0, 0, {}, (0.0, 0)
    while time.monotonic() < end:
        seed = options.seed * 1_000_000 + count
        count += 1
        with tempfile.TemporaryDirectory() as place:
            folder = pathlib.Path(place)
            arguments = Maker(seed).write(folder)
            code, out, err, seconds, memory = run(program, arguments, folder)
            ends[code] = ends.get(code, 0) + 1
            worst = (max(worst[0], seconds), max(worst[1], memory))
            wrong = broken(arguments, folder, code, out, err, seconds, memory)
            if wrong:
                failures += 1
                kept = ROOT / "fuzz" / "failures" / str(seed)
                shutil.rmtree(kept, ignore_errors=True)
                shutil.copytree(folder, kept, symlinks=True)
                (kept / "command").write_text(json.dumps(arguments) + "\n")
                print(f"seed {seed}: {wrong}: plimsoll {' '.join(map(repr, arguments))}\n  kept in {kept}", file=sys.stderr)
                if failures >= 20:
                    break
    print(f"structures: {count} runs, exit codes {dict(sorted(ends.items()))}, at most {worst[0]:.1f} s and {worst[1]} MiB, {failures} failures")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
