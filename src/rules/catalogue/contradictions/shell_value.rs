//! R220: a value that becomes part of a shell's program.

use crate::config::Level;
use crate::diagnostic::Code;
use crate::kube::Object;
use crate::kube::typed::{ExecAction, Probe};
use crate::rules::engine::{Check, Finding, Page, Report, Rule};
use crate::rules::facts::{ObjectSet, ObjectTree, TypedContainer, TypedObject, TypedPod};
use crate::yaml::ValuePath;

pub(super) const RULE: Rule = Rule {
    code: Code::R220,
    name: "shell-value",
    level: Level::Deny,
    page: Page {
        what: "A template writes a text from the values into the program of a shell: into what follows `sh -c` in the command, the arguments or a probe of a container, or into a script in a ConfigMap (a key that ends with `.sh`, a text that begins with `#!` and a shell). \
`shell_quote` makes one word of it. Numbers and booleans are safe; a value that is the whole script or a whole line of it is meant as a program.",
        why: "The shell reads the value as its language: a space splits it, `$` and backquotes in it are expanded, and `;` begins another command. A password with a quote in it ends the program, and somebody else's value runs whatever it likes.",
        example: "\
# values: {host: db.example.com}
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - name: web
      image: web:1.4.0
      command: [sh, -c, 'wait-for {{ values.host }} && exec web']",
        instead: "\
# values: {host: db.example.com}
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - name: web
      image: web:1.4.0
      command: [sh, -c, 'wait-for \"$0\" && exec web', '{{ values.host }}']",
    },
    checks: &[Check::Pod(check_pod), Check::Object(check_config_map)],
};

// Whether a value is in a script cannot be told from the text. The template knows: `ObjectSet::is_interpolated`. What
// `shell_quote` has made does not count.

/// The names of programs whose argument behind `-c` is a program.
const SHELLS: &[&str] = &["sh", "ash", "bash", "dash", "ksh", "zsh"];

/// Reports scripts in the command lines of a pod's containers, of their probes and lifecycle handlers.
fn check_pod(set: &ObjectSet<'_>, pod: TypedPod<'_>, report: &mut Report) {
    // Fast path: plain manifests have no values in them.
    if !set.is_rendered() {
        return;
    }
    for container in pod.containers() {
        for path in script_paths(&container) {
            check_script(set, pod.object, path, report);
        }
    }
}

/// Reports scripts in a ConfigMap: known by the ending of the key or by the first line, as nothing says what mounts it.
fn check_config_map(
    set: &ObjectSet<'_>,
    TypedObject { object, typed }: TypedObject<'_>,
    report: &mut Report,
) {
    let Object::ConfigMap(map) = typed else { return };
    if !set.is_rendered() {
        return;
    }
    for (key, text) in map.data.iter().flatten() {
        if key.ends_with(".sh") || begins_with_shell(text) {
            check_script(set, object, ValuePath::keys(&["data", key.as_str()]), report);
        }
    }
}

/// Reports a script that has a value in it which is not quoted.
fn check_script(set: &ObjectSet<'_>, object: &ObjectTree<'_>, path: ValuePath, report: &mut Report) {
    if object.node().at(&path).is_some_and(|node| set.is_interpolated(node)) {
        let message = format!("a shell reads a value as its program in {}", object.identity());
        report.add(Finding::new(object, path, message).help(
            "write `{{ … | shell_quote }}`, without quotes around it, or hand the value over as an argument or a variable",
        ));
    }
}

/// Where a container has programs for a shell: in its command line, and in what its probes and lifecycle handlers run.
fn script_paths(container: &TypedContainer<'_>) -> Vec<ValuePath> {
    let spec = container.spec;
    let mut found = Vec::new();
    // The two lists are one command line: `command: [sh, -c]` may have its program in `args`. Where either is absent,
    // the image says what stands there, which no manifest knows.
    let command = spec.command.iter().flatten();
    let command_length = command.clone().count();
    if let Some(word) = program_word(command.chain(spec.args.iter().flatten())) {
        let path = container.path();
        found.push(match word.checked_sub(command_length) {
            Some(index) => path.and_key("args").and_index(index),
            None => path.and_key("command").and_index(word),
        });
    }
    let hooks = spec.lifecycle.as_ref();
    let post_start = hooks.and_then(|hooks| hooks.post_start.as_ref()?.exec.as_ref());
    let pre_stop = hooks.and_then(|hooks| hooks.pre_stop.as_ref()?.exec.as_ref());
    let others: [(&[&str], Option<&ExecAction>); 5] = [
        (&["livenessProbe"], exec_of(spec.liveness_probe.as_ref())),
        (&["readinessProbe"], exec_of(spec.readiness_probe.as_ref())),
        (&["startupProbe"], exec_of(spec.startup_probe.as_ref())),
        (&["lifecycle", "postStart"], post_start),
        (&["lifecycle", "preStop"], pre_stop),
    ];
    for (keys, exec) in others {
        let words = exec.into_iter().flat_map(|exec| exec.command.iter().flatten());
        if let Some(word) = program_word(words) {
            let handler = keys.iter().fold(container.path(), |path, key| path.and_key(*key));
            found.push(handler.and_key("exec").and_key("command").and_index(word));
        }
    }
    found
}

/// The command of a probe; none if it asks in another way.
fn exec_of(probe: Option<&Probe>) -> Option<&ExecAction> {
    probe?.exec.as_ref()
}

/// Which word of a command line is the program of a shell: the one behind `-c`, `-ec` and the like; 2 for
/// `["/bin/sh", "-ec", "echo $1"]`. None if its first word is no shell: `env sh -c …` and `tini -- sh -c …` are not
/// looked through.
fn program_word<'w>(words: impl Iterator<Item = &'w String>) -> Option<usize> {
    let mut words = words.enumerate();
    let (_, first) = words.next()?;
    let program = first.rsplit('/').next()?;
    if !SHELLS.contains(&program) {
        return None;
    }
    words.find(|(_, word)| is_command_flag(word))?;
    words.next().map(|(index, _)| index)
}

/// Whether a word is `-c`, or several flags of one letter that end with it.
fn is_command_flag(word: &str) -> bool {
    let Some(letters) = word.strip_prefix('-') else { return false };
    // `c` last, because its argument follows; `--norc` has another dash, which is no letter.
    letters.ends_with('c') && letters.chars().all(|letter| letter.is_ascii_alphabetic())
}

/// Whether a text begins with `#!/bin/sh`, `#!/usr/bin/env bash` or the like.
fn begins_with_shell(text: &str) -> bool {
    let Some(line) = text.strip_prefix("#!").and_then(|text| text.lines().next()) else { return false };
    line.split(['/', ' ']).any(|word| SHELLS.contains(&word))
}
