//! R220: a value that becomes part of a shell's program.

use super::{Container, Finding, Judge, ObjectSet, Page, Pod, Report, Rule, Subject, Typed};
use crate::config::Level;
use crate::diagnostic::Code;
use crate::kube::Object;
use crate::kube::typed::{ExecAction, Probe};
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
    judge: &[Judge::Pod(in_pod), Judge::Object(in_config_map)],
};

const SHELLS: &[&str] = &["sh", "ash", "bash", "dash", "ksh", "zsh"];

fn in_pod(set: &ObjectSet<'_>, pod: Pod<'_>, report: &mut Report) {
    if set.is_rendered() {
        for container in pod.containers() {
            scripts(&container, &mut |path| check(set, pod.subject, path, report));
        }
    }
}

fn in_config_map(set: &ObjectSet<'_>, object: Typed<'_>, report: &mut Report) {
    let Object::ConfigMap(map) = object.object else { return };
    let data = map.data.iter().flatten().filter(|_| set.is_rendered());
    for (key, _) in data.filter(|(key, text)| key.ends_with(".sh") || begins_with_shell(text)) {
        check(set, object.subject, ValuePath::keys(&["data", key.as_str()]), report);
    }
}

fn check(set: &ObjectSet<'_>, subject: &Subject<'_>, path: ValuePath, report: &mut Report) {
    if path.find(&subject.document.node).is_some_and(|node| set.is_pasted(node)) {
        let message = format!("a shell reads a value as its program in {}", subject.document.identity);
        report.add(Finding::new(subject, path, message).help(
            "write `{{ … | shell_quote }}`, without quotes around it, or hand the value over as an argument or a variable",
        ));
    }
}

/// Shows where a container has programs for a shell: in its command line, and in what is run in it besides.
fn scripts(container: &Container<'_>, see: &mut dyn FnMut(ValuePath)) {
    let spec = container.spec;
    let (command, args) = (spec.command.as_deref(), spec.args.as_deref());
    let (command, args) = (command.unwrap_or_default(), args.unwrap_or_default());
    if let Some(at) = program_of(command.iter().chain(args)) {
        let (list, index) = if at < command.len() { ("command", at) } else { ("args", at - command.len()) };
        see(container.path().and_key(list).and_index(index));
    }
    let hooks = spec.lifecycle.as_ref();
    let post_start = hooks.and_then(|hooks| hooks.post_start.as_ref()?.exec.as_ref());
    let pre_stop = hooks.and_then(|hooks| hooks.pre_stop.as_ref()?.exec.as_ref());
    let others = [
        (&["livenessProbe"] as &[&str], exec(&spec.liveness_probe)),
        (&["readinessProbe"], exec(&spec.readiness_probe)),
        (&["startupProbe"], exec(&spec.startup_probe)),
        (&["lifecycle", "postStart"], post_start),
        (&["lifecycle", "preStop"], pre_stop),
    ];
    for (keys, exec) in others {
        let words = exec.into_iter().flat_map(|exec| exec.command.iter().flatten());
        if let Some(at) = program_of(words) {
            let above = keys.iter().fold(container.path(), |path, key| path.key(*key));
            see(above.key("exec").and_key("command").and_index(at));
        }
    }
}

fn exec(probe: &Option<Probe>) -> Option<&ExecAction> {
    probe.as_ref().and_then(|probe| probe.exec.as_ref())
}

/// Which word of a command line is the program of a shell: what follows `-c`, `-ec` and the like.
fn program_of<'w>(mut words: impl Iterator<Item = &'w String>) -> Option<usize> {
    let shell = words.next()?.rsplit('/').next()?;
    if !SHELLS.contains(&shell) {
        return None;
    }
    let is_flag = |word: &String| {
        word.strip_prefix('-').is_some_and(|letters| {
            letters.ends_with('c') && letters.chars().all(|letter| letter.is_ascii_alphabetic())
        })
    };
    // One word was the shell, and one stands before the program.
    let flag = words.position(is_flag)? + 1;
    words.next().map(|_| flag + 1)
}

fn begins_with_shell(text: &str) -> bool {
    let line = text.strip_prefix("#!").and_then(|text| text.lines().next()).unwrap_or_default();
    line.split(['/', ' ']).any(|word| SHELLS.contains(&word))
}
