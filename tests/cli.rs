//! The program as a process: what it prints where, and how it ends.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, clippy::print_stdout, clippy::print_stderr)]

mod support;

use std::collections::BTreeSet;
use std::io::Read;
use std::process::{Command, Stdio};

use support::files::files_below;
use support::program::{Ended, PROGRAM, run};

fn plimsoll(arguments: &[&str]) -> Ended {
    run(Command::new(PROGRAM).args(arguments).env_remove("NO_COLOR").stdin(Stdio::null()))
}

/// The program refuses the arguments: exit 2, nothing on standard output, and a reason that contains `reason`.
fn assert_refused(arguments: &[&str], reason: &str) {
    let output = plimsoll(arguments);
    assert_eq!(output.code, Some(2), "{arguments:?}: {}", output.err);
    assert_eq!(output.out, "", "{arguments:?}");
    assert!(output.err.contains(reason), "{arguments:?}: {}", output.err);
}

const COMMANDS: &[&str] = &[
    "new",
    "eject",
    "render",
    "diff",
    "values",
    "lint",
    "schema",
    "secrets",
    "charts",
    "show",
    "list",
    "explain",
    "docs",
    "completions",
    "man",
];

#[test]
fn help_names_every_command_and_every_command_has_help() {
    let help = plimsoll(&["--help"]);
    assert!(help.code == Some(0));
    for command in COMMANDS {
        assert!(help.out.contains(command), "{command}");
        let own = plimsoll(&[command, "--help"]);
        assert!(own.code == Some(0) && own.out.contains("Usage: plimsoll"), "{command}: {}", own.err);
    }
}

#[test]
fn the_help_of_render_has_examples_and_hides_what_helm_has() {
    let help = plimsoll(&["render", "--help"]).out;
    for part in ["plimsoll render skyflo", "--set-json", "--kube-version", "--output-dir", "later ones win"] {
        assert!(help.contains(part), "{part}: {help}");
    }
    for hidden in ["--atomic", "--post-renderer", "--generate-name"] {
        assert!(!help.contains(hidden), "{hidden}");
    }
}

#[test]
fn the_version_names_the_versions_of_kubernetes() {
    let version = plimsoll(&["--version"]).out;
    assert!(version.starts_with(concat!("plimsoll ", env!("CARGO_PKG_VERSION"), "\n")), "{version}");
    assert!(version.contains("Kubernetes 1.31") && version.contains("default 1.37"), "{version}");
}

#[test]
fn wrong_usage_is_refused() {
    assert_refused(&[], "Usage: plimsoll");
    assert_refused(&["rendr", "x"], "render");
    assert_refused(&["render"], "<CHART>");
    assert_refused(&["render", "x", "--nonsense"], "--nonsense");
    assert_refused(&["render", "x", "--kube-version", "1.2"], "1.31");
    assert_refused(&["render", "x", "--kube-version", "banana"], "1.34");
    assert_refused(&["render", "x", "-o", "xml"], "yaml");
    assert_refused(&["render", "x", "--include-crds", "--skip-crds"], "cannot be used with");
    assert_refused(&["render", "x", "--only-crds", "--skip-crds"], "cannot be used with");
}

#[test]
fn flags_of_helm_say_what_to_do_instead() {
    assert_refused(&["render", "x", "--atomic"], "`--atomic` has no meaning here");
    assert_refused(&["render", "x", "--wait"], "kubectl rollout status");
    assert_refused(&["render", "x", "--dry-run"], "leave the flag out");
    assert_refused(&["render", "x", "--validate"], "--kube-version");
    assert_refused(&["render", "x", "--hide-notes"], "never printed");
    assert_refused(&["render", "x", "--dependency-update"], "helm dependency build");
    assert_refused(&["render", "x", "--repo", "https://charts.example.com"], "not fetched");
    assert_refused(&["render", "x", "--repo=https://charts.example.com"], "not fetched");
    assert_refused(&["render", "x", "--version", "1.2.3"], "plimsoll charts");
    assert_refused(&["render", "x", "--post-renderer", "./p"], "pipe the output");
    assert_refused(&["render", "x", "--generate-name"], "--release-name");
    assert_refused(&["render", "x", "--name-template", "t"], "--release-name");
}

#[test]
fn commands_of_helm_say_what_does_it_here() {
    assert_refused(&["install", "shop", "./chart"], "kubectl apply -f -");
    assert_refused(&["upgrade", "--install", "shop", "."], "kubectl apply -f -");
    assert_refused(&["uninstall", "shop"], "kubectl delete -f -");
    assert_refused(&["dependency", "update"], "helm dependency build");
    assert_refused(&["repo", "add", "x"], "helm pull");
    assert_refused(&["version"], "plimsoll --version");
    for word in ["create", "init", "generate", "scaffold"] {
        assert_refused(&[word, "shop"], "`plimsoll new NAME` makes a chart");
    }
    assert_refused(&["new", "shop", "--from", "wbe"], "web");
    assert_refused(&["rendr", "x"], "similar subcommand");
}

#[test]
fn the_order_of_arguments_may_be_that_of_helm() {
    let plain = plimsoll(&["render", "skyflo", "-p", "evaluation", "--release-name", "mine"]);
    for command in ["render", "template"] {
        let helm = plimsoll(&[command, "mine", "skyflo", "-p", "evaluation"]);
        assert!(helm.code == Some(0) && helm.out == plain.out, "{}", helm.err);
        assert!(helm.err.contains("--release-name mine"), "{}", helm.err);
    }
    assert_refused(&["render", "mine", "skyflo", "--release-name", "other"], "cannot be used with");
}

#[test]
fn explain_prints_pages() {
    let page = plimsoll(&["explain", "k003"]);
    assert!(page.code == Some(0) && page.out.starts_with("# K003"), "{}", page.out);
    assert_refused(&["explain", "K0003"], "did you mean `K003`?");
    assert_refused(&["explain", "templats"], "did you mean `templates`?");
    assert_refused(&["explain", "latest-tags"], "did you mean `latest-tag`?");
    assert_refused(&["explain", "skyfo"], "did you mean `skyflo`?");
    assert_refused(&["explain", "nonsense\u{1b}[31m"], r"nonsense\u{1b}[31m");
}

/// Every page that a message, a help text or a file of a new chart names is in the program.
#[test]
fn pages_that_are_named_are_there() {
    let mut words = BTreeSet::new();
    for file in ["src", "charts", "docs/codes"].iter().flat_map(files_below) {
        let text = std::fs::read(&file).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        for (at, _) in text.match_indices("`plimsoll explain ") {
            let rest = &text[at + "`plimsoll explain ".len()..];
            let word: String = rest.chars().take_while(|c| c.is_ascii_lowercase() || *c == '-').collect();
            // `plimsoll explain K003`, `plimsoll explain CHART SETTING` and `plimsoll explain --field` name none.
            if word.starts_with(|c: char| c.is_ascii_lowercase()) && rest[word.len()..].starts_with('`') {
                words.insert(word);
            }
        }
    }
    assert!(words.contains("templates") && words.contains("chart"), "{words:?}");
    for word in words {
        let page = plimsoll(&["explain", &word]);
        assert!(page.code == Some(0) && page.out.starts_with("# "), "{word}: {}", page.err);
    }
}

#[test]
fn completions_and_manual_pages_are_written() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = plimsoll(&["completions", shell]);
        assert!(script.code == Some(0) && script.out.contains("PLIMSOLL_COMPLETE"), "{shell}");
    }
    let version = format!("\"plimsoll {}\" \"Plimsoll Manual\"", env!("CARGO_PKG_VERSION"));
    for (page, title) in [(plimsoll(&["man"]), "PLIMSOLL"), (plimsoll(&["man", "render"]), "PLIMSOLL-RENDER")]
    {
        assert!(page.out.contains(&format!("\n.TH {title} 1  {version}\n")), "{}", page.out);
    }
    let page = plimsoll(&["man", "render"]).out;
    assert!(page.contains("plimsoll\\-render") && page.contains("output"), "{page}");
    assert_refused(&["man", "nonsense"], "no command `nonsense`");
}

/// What a shell is offered at the end of a line.
fn completed(line: &str) -> Vec<String> {
    let words: Vec<&str> = line.split(' ').collect();
    let mut command = Command::new(PROGRAM);
    command.env("PLIMSOLL_COMPLETE", "bash").env("_CLAP_IFS", "\n");
    command.env("_CLAP_COMPLETE_INDEX", (words.len() - 1).to_string());
    let output = run(command.arg("--").args(words).stdin(Stdio::null()));
    assert!(output.code == Some(0) && output.err.is_empty(), "{line}: {}", output.err);
    output.out.lines().map(str::to_owned).collect()
}

#[test]
fn a_shell_completes_what_fits_the_chart_of_the_line() {
    // The line, what is offered, and what is not.
    let cases = [
        ("plimsoll ren", "render", "lint"),
        ("plimsoll render sky", "skyflo", "flow8"),
        ("plimsoll render ./charts/sky", "./charts/skyflo/", "./charts/flow8/"),
        ("plimsoll render skyflo -p ", "evaluation", "skyflo"),
        ("plimsoll render skyflo --preset prod", "production", "evaluation"),
        ("plimsoll render skyflo --set engine.rep", "engine.replicas=", "engine.image.tag="),
        ("plimsoll render -n x skyflo --set a=1,engine.rep", "a=1,engine.replicas=", "engine.replicas="),
        ("plimsoll values skyflo --set mcp.rbac.level=", "mcp.rbac.level=view", "mcp.rbac.level=true"),
        (
            "plimsoll render skyflo --set engine.autoscaling.enabled=",
            "engine.autoscaling.enabled=true",
            "true",
        ),
        ("plimsoll render skyflo -s en", "engine.yaml", "rbac.yaml"),
        ("plimsoll render --out", "--output-dir", "--post-renderer"),
        ("plimsoll lint --deny lat", "latest-tag", "all"),
        ("plimsoll lint --format s", "sarif", "json"),
        ("plimsoll explain R20", "R201", "K001"),
        ("plimsoll explain temp", "templates", "values"),
        ("plimsoll explain skyflo ui.rep", "ui.replicas", "engine.replicas"),
        ("plimsoll diff skyflo flo", "flow8", "skyflo"),
        ("plimsoll render skyflo --kube-version 1.3", "1.37", "1.30"),
        ("plimsoll man ren", "render", "lint"),
        ("plimsoll show skyflo re", "readme", "values"),
    ];
    for (line, offered, other) in cases {
        let found = completed(line);
        let has = |text: &str| found.iter().any(|candidate| candidate == text);
        assert!(has(offered) && !has(other), "{line}: {found:?}");
    }
    assert_eq!(completed("plimsoll render no-such-chart --set engine.rep"), Vec::<String>::new());
}

#[test]
fn bash_asks_the_program() {
    let folder = std::path::Path::new(PROGRAM).parent().unwrap();
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap_or_default());
    // As bash does when somebody presses TAB: it splits words at `=`, and replaces what stands behind it alone.
    for (line, words, at, word, found) in [
        ("plimsoll render skyflo -p ev", "plimsoll render skyflo -p ev", 4, "ev", "evaluation\n"),
        ("plimsoll lint --format=js", "plimsoll lint --format = js", 4, "js", "json\n"),
        (
            "plimsoll render skyflo --set engine.autoscaling.enabled=",
            "plimsoll render skyflo --set engine.autoscaling.enabled =",
            5,
            "",
            "true\nfalse\n",
        ),
        (
            "plimsoll render skyflo --set a=1,engine.autoscaling.enabled=f -q",
            "plimsoll render skyflo --set a = 1,engine.autoscaling.enabled = f -q",
            8,
            "f",
            "false\n",
        ),
    ] {
        let point = line.trim_end_matches(" -q").len();
        let script = format!(
            "source <(plimsoll completions bash); COMP_LINE='{line}'; COMP_POINT={point}; COMP_WORDS=({words}); COMP_CWORD={at}
            _clap_complete_plimsoll plimsoll '{word}' -; printf '%s\\n' \"${{COMPREPLY[@]}}\""
        );
        match Command::new("bash").args(["-c", &script]).env("PATH", &path).output() {
            Ok(output) => assert_eq!(String::from_utf8_lossy(&output.stdout), found, "{line}"),
            Err(error) => eprintln!("skipped: bash is not there: {error}"),
        }
    }
}

#[test]
fn a_chart_that_does_not_exist_is_no_finding_but_a_failure() {
    assert_refused(&["render", "no-such-chart"], "error[C001]");
    let output = plimsoll(&["render", "no-such-chart", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&output.err).unwrap();
    assert_eq!(json["diagnostics"][0]["code"], "C001");
    assert_eq!(json["summary"]["errors"], 1);
}

#[test]
fn colours_come_only_where_they_are_wanted() {
    let colored = plimsoll(&["render", "no-such-chart", "--color", "always"]);
    assert!(colored.err.contains('\u{1b}'));
    for arguments in [&["render", "no-such-chart"][..], &["render", "no-such-chart", "--color", "never"]] {
        assert!(!plimsoll(arguments).err.contains('\u{1b}'));
    }
    // Variables, and whether there are colours where no stream is a terminal.
    let cases: [(&[(&str, &str)], bool); 7] = [
        (&[("FORCE_COLOR", "1")], true),
        (&[("CLICOLOR_FORCE", "1")], true),
        (&[("FORCE_COLOR", "0")], false),
        (&[("CLICOLOR_FORCE", "0")], false),
        (&[("FORCE_COLOR", "")], false),
        (&[("FORCE_COLOR", "1"), ("NO_COLOR", "1")], false),
        (&[("FORCE_COLOR", "1"), ("TERM", "dumb")], true),
    ];
    for (variables, is_colored) in cases {
        let mut command = Command::new(PROGRAM);
        command.args(["render", "no-such-chart"]).env_remove("NO_COLOR").envs(variables.iter().copied());
        assert_eq!(run(command.stdin(Stdio::null())).err.contains('\u{1b}'), is_colored, "{variables:?}");
    }
}

#[test]
fn a_closed_pipe_ends_the_program_quietly() {
    let mut child = Command::new(PROGRAM)
        .args(["completions", "bash"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut errors = String::new();
    child.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!(errors, "");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_a_failure() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    // `output` leaves a standard output that was set as it is: what is captured of it is empty.
    let output = run(Command::new(PROGRAM).args(["completions", "bash"]).stdout(full));
    assert_eq!(output.code, Some(2));
    assert!(output.err.contains("cannot write to standard output"), "{}", output.err);
}
