//! R220: a value that becomes part of a shell's program.

use super::{Container, Finding, Page, Report, Rule, Set, Subject};
use crate::config::Level;
use crate::diagnostic::Code;
use crate::kube::Object;
use crate::yaml::{Node, ValuePath};

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
    judge,
};

const SHELLS: &[&str] = &["sh", "ash", "bash", "dash", "ksh", "zsh"];

fn judge(set: &Set<'_>, report: &mut Report) {
    if !set.is_rendered() {
        return;
    }
    for container in set.pods().flat_map(|pod| pod.containers()) {
        let root = &container.pod.subject.document.node;
        for path in scripts(&container, root) {
            check(set, container.pod.subject, path, report);
        }
    }
    for subject in &set.subjects {
        let Object::ConfigMap(map) = &subject.object else { continue };
        let data = map.data.iter().flatten();
        for (key, _) in data.filter(|(key, text)| key.ends_with(".sh") || begins_with_shell(text)) {
            check(set, subject, ValuePath::keys(&["data", key.as_str()]), report);
        }
    }
}

fn check(set: &Set<'_>, subject: &Subject<'_>, path: ValuePath, report: &mut Report) {
    if path.find(&subject.document.node).is_some_and(|node| set.is_pasted(node)) {
        let message = format!("a shell reads a value as its program in {}", subject.document.identity);
        report.add(Finding::new(subject, path, message).help(
            "write `{{ … | shell_quote }}`, without quotes around it, or hand the value over as an argument or a variable",
        ));
    }
}

/// Where a container has programs for a shell: in its command line, and in what is run in it besides.
fn scripts(container: &Container<'_>, root: &Node) -> Vec<ValuePath> {
    let spec = container.spec;
    let (command, args) = (spec.command.as_deref(), spec.args.as_deref());
    let (command, args) = (command.unwrap_or_default(), args.unwrap_or_default());
    let words: Vec<&str> = command.iter().chain(args).map(String::as_str).collect();
    let mut found = Vec::new();
    if let Some(at) = program_of(&words) {
        let (list, index) = if at < command.len() { ("command", at) } else { ("args", at - command.len()) };
        found.push(container.path().key(list).index(index));
    }
    let others =
        ["livenessProbe", "readinessProbe", "startupProbe", "lifecycle.postStart", "lifecycle.preStop"];
    let used = spec.liveness_probe.is_some()
        || spec.readiness_probe.is_some()
        || spec.startup_probe.is_some()
        || spec.lifecycle.is_some();
    for keys in others.iter().filter(|_| used) {
        let above = keys.split('.').fold(container.path(), |path, key| path.key(key));
        let path = above.key("exec").key("command");
        let Some(items) = path.find(root).and_then(Node::as_list) else { continue };
        let words: Vec<&str> = items.iter().map(|item| item.as_str().unwrap_or_default()).collect();
        found.extend(program_of(&words).map(|at| path.index(at)));
    }
    found
}

/// Which word of a command line is the program of a shell: what follows `-c`, `-ec` and the like.
fn program_of(words: &[&str]) -> Option<usize> {
    let shell = words.first()?.rsplit('/').next()?;
    if !SHELLS.contains(&shell) {
        return None;
    }
    let is_flag = |word: &str| {
        word.strip_prefix('-').is_some_and(|letters| {
            letters.ends_with('c') && letters.chars().all(|letter| letter.is_ascii_alphabetic())
        })
    };
    let flag = words.iter().position(|word| is_flag(word))?;
    Some(flag + 1).filter(|at| *at < words.len())
}

fn begins_with_shell(text: &str) -> bool {
    let line = text.strip_prefix("#!").and_then(|text| text.lines().next()).unwrap_or_default();
    line.split(['/', ' ']).any(|word| SHELLS.contains(&word))
}
