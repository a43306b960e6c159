//! No network, no surprises: what lies outside the input changes no byte, and nothing goes out.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, clippy::print_stdout, clippy::print_stderr)]
#![cfg(unix)]

use std::fs;
use std::io::ErrorKind;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

const PROGRAM: &str = env!("CARGO_BIN_EXE_plimsoll");

/// Every command that reads or prints something, with arguments that succeed. `plimsoll secrets` is random by its nature.
const COMMANDS: &[&[&str]] = &[
    &["render", "skyflo", "-p", "evaluation"],
    &["render", "skillflaw", "-p", "evaluation", "-o", "json"],
    &["render", "flow8", "-p", "evaluation", "--kube-version", "1.31..1.36"],
    &["render", "datafly", "-p", "evaluation", "--create-namespace"],
    &["values", "skyflo", "-p", "evaluation", "--origins"],
    &["schema", "flow8"],
    &["charts"],
    &["explain", "K003"],
    &["completions", "bash"],
    &["man"],
    &["--version"],
    &["--help"],
];

/// What a command prints on both streams, and its exit code.
#[derive(Debug, PartialEq)]
struct Ended {
    code: Option<i32>,
    out: Vec<u8>,
    err: String,
}

fn run(command: &mut Command) -> Ended {
    let output = command.output().expect("the program starts");
    let err = String::from_utf8(output.stderr).expect("UTF-8");
    Ended { code: output.status.code(), out: output.stdout, err }
}

fn plain(arguments: &[&str]) -> Ended {
    run(Command::new(PROGRAM).args(arguments))
}

/// Whether a tool is here; if not, the test says that it is skipped.
fn has(tool: &str, probe: &[&str]) -> bool {
    let there = Command::new(tool).args(probe).output().is_ok_and(|output| output.status.success());
    if !there {
        eprintln!("skipped: `{tool}` is not here or may not do this");
    }
    there
}

#[test]
fn every_command_works_without_a_network() {
    if !has("unshare", &["--net", "--map-root-user", "true"]) {
        return;
    }
    for arguments in COMMANDS {
        let alone = run(Command::new("unshare").args(["--net", "--map-root-user", PROGRAM]).args(*arguments));
        assert_eq!(alone, plain(arguments), "{arguments:?}");
        assert_eq!(alone.code, Some(0), "{arguments:?}: {}", alone.err);
    }
}

#[test]
fn no_command_asks_for_a_socket() {
    let folder = tempfile::tempdir().expect("a folder");
    let trace = folder.path().join("trace");
    let strace = ["-f", "-qq", "-e", "trace=socket,connect,sendto,bind", "-o", trace.to_str().unwrap()];
    if !has("strace", &[&strace[..], &["true"]].concat()) {
        return;
    }
    for arguments in COMMANDS {
        run(Command::new("strace").args(strace).arg(PROGRAM).args(*arguments));
        let calls = fs::read_to_string(&trace).expect("the trace");
        let calls: Vec<&str> = calls.lines().filter(|line| line.contains('(')).collect();
        assert_eq!(calls, Vec::<&str>::new(), "{arguments:?}");
    }
}

/// A proxy in the environment, a schema and a values file that name an address: nobody calls it.
#[test]
fn a_listener_hears_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.set_nonblocking(true).expect("a listener that does not wait");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let chart = chart(&["a"]);
    let schema = format!(
        "{{\"$schema\": \"{address}/draft\", \"properties\": {{\"a\": {{\"$ref\": \"{address}/a\"}}}}}}"
    );
    fs::write(chart.path().join("values.schema.json"), schema).expect("a schema");
    let folder = chart.path().to_str().expect("a path");
    let named = ["render", folder, "-f", &format!("{address}/values.yaml")];
    let commands = COMMANDS.iter().map(|arguments| arguments.to_vec());
    for arguments in commands.chain([vec!["render", folder], named.to_vec(), vec!["render", &address]]) {
        let mut command = Command::new(PROGRAM);
        for variable in ["http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
            command.env(variable, &address);
        }
        run(command.args(&arguments));
        let heard = listener.accept().expect_err("a connection");
        assert_eq!(heard.kind(), ErrorKind::WouldBlock, "{arguments:?}");
    }
}

#[test]
fn language_time_zone_and_environment_change_nothing() {
    for arguments in COMMANDS {
        let expected = plain(arguments);
        for (name, value) in [
            ("LC_ALL", "tr_TR.UTF-8"),
            ("LANG", "de_DE.ISO-8859-1"),
            ("TZ", "Pacific/Apia"),
            ("SOURCE_DATE_EPOCH", "1"),
            ("RAYON_NUM_THREADS", "1"),
            ("HOME", "/nonexistent"),
            ("TMPDIR", "/nonexistent"),
            ("KUBECONFIG", "/nonexistent"),
            ("RUST_LOG", "trace"),
            ("PLIMSOLL", "x"),
        ] {
            assert_eq!(
                run(Command::new(PROGRAM).args(*arguments).env(name, value)),
                expected,
                "{name} {arguments:?}"
            );
        }
        assert_eq!(run(Command::new(PROGRAM).args(*arguments).env_clear()), expected, "none {arguments:?}");
    }
}

#[test]
fn the_clock_changes_nothing() {
    if !has("faketime", &["2031-02-03 04:05:06", "true"]) {
        return;
    }
    for arguments in COMMANDS {
        let later = run(Command::new("faketime").args(["2031-02-03 04:05:06", PROGRAM]).args(*arguments));
        assert_eq!(later, plain(arguments), "{arguments:?}");
    }
}

#[test]
fn the_current_folder_changes_nothing() {
    let elsewhere = tempfile::tempdir().expect("a folder");
    for arguments in COMMANDS {
        let there = run(Command::new(PROGRAM).args(*arguments).current_dir(elsewhere.path()));
        assert_eq!(there, plain(arguments), "{arguments:?}");
    }
    let chart = chart(&["a", "b"]);
    let path = ["render", chart.path().to_str().expect("a path")];
    let inside = run(Command::new(PROGRAM).args(["render", "."]).current_dir(chart.path()));
    assert_eq!(inside.out, plain(&path).out);
}

#[test]
fn the_number_of_processors_changes_nothing() {
    if !has("taskset", &["--cpu-list", "0", "true"]) {
        return;
    }
    for arguments in COMMANDS {
        let one = run(Command::new("taskset").args(["--cpu-list", "0", PROGRAM]).args(*arguments));
        assert_eq!(one, plain(arguments), "{arguments:?}");
    }
}

/// Two file systems list the same files in two orders: by the hash of the name, or the newest first.
#[test]
fn the_order_of_a_folder_changes_nothing() {
    let names: Vec<String> = (0..40).map(|number| format!("t{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let Ok(second) = tempfile::tempdir_in("/dev/shm") else {
        eprintln!("skipped: there is no second file system at /dev/shm");
        return;
    };
    let first = chart(&names);
    write_chart(second.path(), &names);
    if order(first.path()) == order(second.path()) {
        eprintln!("skipped: both file systems list the files in one order");
        return;
    }
    let render = |chart: &Path| run(Command::new(PROGRAM).args(["render", "."]).current_dir(chart));
    let found = render(first.path());
    assert_eq!(found.code, Some(0), "{}", found.err);
    assert_eq!(found, render(second.path()));
}

/// A chart with these templates, written in this order.
fn chart(templates: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    write_chart(folder.path(), templates);
    folder
}

fn write_chart(folder: &Path, templates: &[&str]) {
    fs::create_dir(folder.join("templates")).expect("a folder");
    fs::write(folder.join("chart.yaml"), "name: t\nversion: 0.0.1\n").expect("a file");
    for name in templates {
        let text = format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\n");
        fs::write(folder.join("templates").join(format!("{name}.yaml")), text).expect("a file");
    }
}

/// The templates as the file system lists them.
fn order(chart: &Path) -> Vec<String> {
    let entries = fs::read_dir(chart.join("templates")).expect("a folder");
    entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect()
}
