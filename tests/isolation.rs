//! No network, no surprises: what lies outside the input changes no byte of any command, and nothing goes out.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, clippy::print_stdout, clippy::print_stderr)]
#![cfg(unix)]

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use support::files::{contents, write};
use support::program::PROGRAM;

/// Command lines in a workspace `W`, and how they end. Every command is among them. `secrets` is random by its nature, so it
/// is asked for those of a chart that has them all.
const COMMANDS: &[(&str, i32)] = &[
    ("new W/out", 0),
    ("new W/out --from stateful", 0),
    ("eject flow8 W/out", 0),
    ("render skyflo -p evaluation", 0),
    ("render skillflaw -p evaluation -o json --create-namespace", 0),
    ("render flow8 -p evaluation --kube-version 1.31..1.37", 0),
    ("render datafly -p evaluation --format json", 0),
    ("render W/chart -p one -f W/values.yaml --set a=2", 0),
    ("render W/chart --output-dir W/out", 0),
    ("render W/chart --output-dir W/out --check", 1),
    ("render W/chart --separate-clusters --each W/customers --output-dir W/out", 0),
    ("render W/chart --separate-clusters --each W/customers --each-name b --output-dir W/out --jobs 3", 0),
    ("render W/chart --separate-clusters --each W/customers -f W/wrong.yaml --output-dir W/out", 1),
    ("render W/chart -f W/wrong.yaml --format sarif", 1),
    ("render W/chart -f W/wrong.yaml --format junit=W/out", 1),
    ("values skyflo -p evaluation --origins", 0),
    ("values W/chart -p one -p two", 0),
    ("lint W", 1),
    ("lint W --format json", 1),
    ("lint W/manifests --format github", 0),
    ("diff W/manifests W/chart", 1),
    ("diff W/chart W/chart --new-set a=7 --format json", 1),
    ("schema flow8", 0),
    ("schema W/chart --infer", 0),
    ("secrets W/chart", 0),
    ("test W/chart --tests W/cases", 0),
    ("test W/chart --tests W/cases --format junit", 0),
    ("show W/chart", 0),
    ("show W/chart values", 0),
    ("charts", 0),
    ("list", 0),
    ("explain K003", 0),
    ("explain W/chart a", 0),
    ("explain W/chart --field ConfigMap/t0 data.a", 0),
    ("explain W/chart a --format json", 0),
    ("docs W/chart", 0),
    ("docs W/chart -o W/out", 0),
    ("convert W/helm W/out", 0),
    ("render W/shop", 0),
    ("vendor W/chart", 0),
    ("vendor W/shop --check", 1),
    // Behind those that read the chart without it.
    ("precompile W/chart", 0),
    ("precompile W/chart --check", 0),
    ("render W/chart", 0),
    ("completions bash", 0),
    ("man render", 0),
    ("--version", 0),
    ("--help", 0),
];

/// What a command prints on both streams, how it ends, and what it has written.
#[derive(Debug, PartialEq)]
struct Ended {
    code: Option<i32>,
    out: String,
    err: String,
    written: Vec<(String, String)>,
}

/// A folder with a chart, values, customers and manifests.
struct World {
    folder: tempfile::TempDir,
}

const SCHEMA: &str = r#"{"type": "object", "additionalProperties": false, "properties": {
    "a": {"type": "integer", "description": "A number."}, "b": {"type": "string"},
    "p": {"type": "string", "writeOnly": true, "x-generate": {"length": 20}}}}"#;

impl World {
    /// The files are made from the first to the last, or the other way round: some file systems list the newest first.
    fn new(place: &Path, backwards: bool) -> Self {
        let world = World { folder: tempfile::tempdir_in(place).expect("a folder") };
        let mut files = files();
        if backwards {
            files.reverse();
        }
        for (name, text) in files {
            write(world.folder.path(), &name, text);
        }
        world
    }

    fn path(&self) -> &str {
        self.folder.path().to_str().expect("UTF-8")
    }

    /// Runs a line behind other words, such as `taskset --cpu-list 0`; `set` may change the process that begins.
    fn run(&self, wrapper: &[&str], line: &str, set: impl Fn(&mut Command)) -> Ended {
        let out = self.folder.path().join("out");
        let _ = fs::remove_dir_all(&out).or_else(|_| fs::remove_file(&out));
        let line = line.replace('W', self.path());
        let mut words: Vec<&str> = wrapper.to_vec();
        words.push(PROGRAM);
        words.extend(line.split(' '));
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).current_dir("/");
        set(&mut command);
        let output = command.output().expect("the program starts");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8").replace(self.path(), "W");
        let written = contents(&out).into_iter().map(|(path, text)| (path, text.replace(self.path(), "W")));
        Ended {
            code: output.status.code(),
            out: text(output.stdout),
            err: text(output.stderr),
            written: written.collect(),
        }
    }

    fn plain(&self, line: &str) -> Ended {
        self.run(&[], line, |_| {})
    }
}

/// Cases of the chart.
const CASES: &str = "cases:
  - name: a setting reaches its object
    values: {a: 3}
    expect:
      - {object: ConfigMap/t0, equal: {data.a: '3'}}
  - name: a word is no number
    values: {a: x}
    fails: [{code: V103}]
";

/// The files of a world.
fn files() -> Vec<(String, String)> {
    let object = |name: &str, data: &str| {
        format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\ndata: {{a: {data}, b: c}}\n")
    };
    let fixed = [
        ("chart/chart.yaml", "name: t\nversion: 0.0.1\n"),
        ("chart/values.yaml", "a: 1\nb: x\np: given\n"),
        ("chart/values.schema.json", SCHEMA),
        ("chart/presets/one.yaml", "b: one\n"),
        ("chart/presets/two.yaml", "b: two\n"),
        ("chart/tests/case.yaml", "a: 5\n"),
        ("chart/files/note.txt", "a note\n"),
        ("cases/all.yaml", CASES),
        ("helm/Chart.yaml", "apiVersion: v2\nname: h\nversion: 0.0.1\n"),
        ("helm/values.yaml", "a: 1\n"),
        (
            "helm/templates/h.yaml",
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: h}\ndata: {a: {{ .Values.a | quote }}}\n",
        ),
        (
            "shop/chart.yaml",
            "name: s\nversion: 0.0.1\ndependencies: [{name: t, path: ../chart}, {name: h, path: ../helm}]\n",
        ),
        ("values.yaml", "# plimsoll: chart=chart\nb: from a file\n"),
        ("wrong.yaml", "# plimsoll: chart=chart\nz: 1\na: x\n"),
    ];
    let mut files: Vec<(String, String)> =
        fixed.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    for number in 0..12 {
        let name = format!("t{number}");
        files.push((format!("chart/templates/{name}.yaml"), object(&name, "\"{{ values.a }}\"")));
        files.push((format!("manifests/{name}.yaml"), object(&name, "\"2\"")));
        files.push((format!("customers/{name}.yaml"), format!("# plimsoll: chart=../chart\nb: c{number}\n")));
    }
    files
}

/// Whether a tool is here; if not, the test says that it is skipped.
fn has(tool: &str, probe: &[&str]) -> bool {
    let there = Command::new(tool).args(probe).output().is_ok_and(|output| output.status.success());
    if !there {
        eprintln!("skipped: `{tool}` is not here or may not do this");
    }
    there
}

fn temporary() -> World {
    World::new(&std::env::temp_dir(), false)
}

/// Runs every command as it is, and changed; both must do the very same.
fn changes_nothing(changed: impl Fn(&World, &str) -> Ended) {
    let world = temporary();
    for (line, code) in COMMANDS {
        let plain = world.plain(line);
        assert_eq!(plain.code, Some(*code), "{line}: {}", plain.err);
        assert_eq!(changed(&world, line), plain, "{line}");
    }
}

#[test]
fn every_command_is_among_them() {
    let help = temporary().plain("--help").out;
    let commands =
        help.split("Commands:\n").nth(1).expect("the commands").split("\n\n").next().expect("an end");
    let known: BTreeSet<&str> = commands
        .lines()
        .filter(|line| !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .collect();
    let run: BTreeSet<&str> = COMMANDS.iter().filter_map(|(line, _)| line.split(' ').next()).collect();
    assert!(known.len() > 9 && known.is_subset(&run), "{known:?}");
}

#[test]
fn every_command_works_without_a_network() {
    let alone = ["unshare", "--net", "--map-root-user"];
    if has(alone[0], &[&alone[1..], &["true"]].concat()) {
        changes_nothing(|world, line| world.run(&alone, line, |_| {}));
    }
}

#[test]
fn no_command_asks_for_a_socket() {
    let world = temporary();
    let trace = world.folder.path().join("trace");
    let strace =
        ["strace", "-f", "-qq", "-e", "trace=socket,connect,sendto,bind", "-o", trace.to_str().unwrap()];
    if !has(strace[0], &[&strace[1..], &["true"]].concat()) {
        return;
    }
    for (line, _) in COMMANDS {
        world.run(&strace, line, |_| {});
        let calls = fs::read_to_string(&trace).expect("the trace");
        let calls: Vec<&str> = calls.lines().filter(|line| line.contains('(')).collect();
        assert_eq!(calls, Vec::<&str>::new(), "{line}");
    }
}

/// A proxy in the environment, a schema, a chart and a values file that name an address: nobody calls it.
#[test]
fn a_listener_hears_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.set_nonblocking(true).expect("a listener that does not wait");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let world = temporary();
    let schema = format!(
        "{{\"$schema\": \"{address}/draft\", \"properties\": {{\"a\": {{\"$ref\": \"{address}/a\"}}}}}}"
    );
    fs::create_dir(world.folder.path().join("calls")).expect("a folder");
    fs::write(world.folder.path().join("calls/chart.yaml"), "name: t\nversion: 0.0.1\n").expect("a file");
    fs::write(world.folder.path().join("calls/values.schema.json"), schema).expect("a schema");
    let mut lines: Vec<String> = COMMANDS.iter().map(|(line, _)| (*line).to_owned()).collect();
    for command in ["render", "values", "lint", "docs", "secrets", "schema"] {
        lines.push(format!("{command} W/calls"));
        lines.push(format!("{command} {address}"));
    }
    lines.push(format!("render W/chart -f {address}/values.yaml --crds {address} --set-file b={address}"));
    lines.push(format!("diff W/chart {address}"));
    lines.push(format!("diff {address}@main W/chart"));
    for line in lines {
        world.run(&[], &line, |command| {
            for variable in
                ["http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"]
            {
                command.env(variable, &address);
            }
        });
        let heard = listener.accept().expect_err("a connection");
        assert_eq!(heard.kind(), ErrorKind::WouldBlock, "{line}");
    }
}

/// A clone that leaves the files out would fetch them when they are asked for; here it says that they are not there.
#[test]
fn what_a_clone_has_left_out_is_not_fetched() {
    if !has("git", &["--version"]) {
        return;
    }
    let world = temporary();
    let script = "git init -q -b main full && mkdir full/m && cp manifests/* full/m && cd full && git add . \
         && git -c user.name=a -c user.email=a@b commit -q -m c && git config uploadpack.allowFilter true && cd .. \
         && git clone -q --no-checkout --filter=blob:none \"file://$PWD/full\" part";
    let made =
        Command::new("sh").args(["-c", script]).current_dir(world.folder.path()).output().expect("a shell");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let full = world.plain("diff W/full/m@main W/manifests");
    assert_eq!(full.code, Some(0), "{}", full.err);
    let part = world.plain("diff W/part/m@main W/manifests");
    assert_eq!((part.code, part.out.as_str()), (Some(2), ""), "{}", part.err);
    assert!(part.err.contains("this clone lacks `m/t0.yaml`"), "{}", part.err);
    let packs = fs::read_dir(world.folder.path().join("part/.git/objects/pack")).expect("the packs");
    let packs = packs.filter(|entry| {
        entry.as_ref().is_ok_and(|entry| entry.path().extension().is_some_and(|end| end == "pack"))
    });
    assert_eq!(packs.count(), 1, "objects were fetched");
}

#[test]
fn language_time_zone_and_environment_change_nothing() {
    changes_nothing(|world, line| {
        world.run(&[], line, |command| {
            command.envs([
                ("LC_ALL", "tr_TR.UTF-8"),
                ("LANG", "de_DE.ISO-8859-1"),
                ("LANGUAGE", "ar"),
                ("TZ", "Pacific/Apia"),
                ("SOURCE_DATE_EPOCH", "1"),
                ("RAYON_NUM_THREADS", "1"),
                ("HOME", "/nonexistent"),
                ("TMPDIR", "/nonexistent"),
                ("XDG_CONFIG_HOME", "/nonexistent"),
                ("USER", "nobody"),
                ("PWD", "/nonexistent"),
                ("KUBECONFIG", "/nonexistent"),
                ("RUST_LOG", "trace"),
                ("RUST_BACKTRACE", "full"),
                ("CI", "true"),
                ("GITHUB_ACTIONS", "true"),
                ("PLIMSOLL", "x"),
                ("PLIMSOLL_CONFIG", "/nonexistent"),
            ]);
        })
    });
}

#[test]
fn no_environment_at_all_changes_nothing() {
    changes_nothing(|world, line| {
        world.run(&[], line, |command| {
            command.env_clear();
        })
    });
}

/// A library for `LD_PRELOAD` in which it is 2031, and in which whoever asks for a socket or an address is ended.
const ELSEWHERE: &str = r#"
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>
int clock_gettime(clockid_t id, struct timespec *at) { at->tv_sec = 1930000000; at->tv_nsec = 7; return 0; }
int gettimeofday(struct timeval *at, void *zone) { at->tv_sec = 1930000000; at->tv_usec = 7; return 0; }
time_t time(time_t *at) { if (at) *at = 1930000000; return 1930000000; }
int socket(int domain, int type, int protocol) { abort(); }
int connect(int socket, const void *address, unsigned length) { abort(); }
int getaddrinfo(const char *node, const char *service, const void *hints, void **found) { abort(); }
"#;

#[test]
fn the_clock_changes_nothing_and_sockets_are_not_asked_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let (source, library) = (folder.path().join("elsewhere.c"), folder.path().join("elsewhere.so"));
    fs::write(&source, ELSEWHERE).expect("a file");
    let compiled =
        Command::new("cc").args(["-shared", "-fPIC", "-w", "-o"]).args([&library, &source]).output();
    let year = Command::new("date").args(["-u", "+%Y"]).env("LD_PRELOAD", &library).output();
    let works = compiled.is_ok_and(|output| output.status.success())
        && year.is_ok_and(|output| output.stdout == b"2031\n");
    if !works {
        eprintln!("skipped: there is no C compiler, or no `LD_PRELOAD`");
        return;
    }
    changes_nothing(|world, line| {
        world.run(&[], line, |command| {
            command.env("LD_PRELOAD", &library);
        })
    });
}

/// The paths of the world are absolute. Where no `plimsoll.yaml` is near, a folder is as good as any other.
#[test]
fn the_current_folder_changes_nothing() {
    let elsewhere = tempfile::tempdir().expect("a folder");
    changes_nothing(|world, line| {
        world.run(&[], line, |command| {
            command.current_dir(elsewhere.path());
        })
    });
}

/// The same chart, by another path to it.
#[test]
fn the_way_to_a_chart_changes_no_manifest() {
    let world = temporary();
    let absolute = world.plain("render W/chart");
    for (folder, name) in [("chart", "."), ("", "chart/"), ("customers", "../chart"), ("", "./chart")] {
        let there = world.folder.path().join(folder);
        let found = world.run(&[], &format!("render {name}"), |command| {
            command.current_dir(&there);
        });
        assert_eq!((found.code, &found.out), (Some(0), &absolute.out), "{name}: {}", found.err);
    }
}

#[test]
fn the_number_of_processors_changes_nothing() {
    let one = ["taskset", "--cpu-list", "0"];
    if has(one[0], &[&one[1..], &["true"]].concat()) {
        changes_nothing(|world, line| world.run(&one, line, |_| {}));
    }
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let world = temporary();
    for line in ["", " -f W/wrong.yaml", " --check", " --format json -f W/wrong.yaml"] {
        let run = |jobs| {
            world.plain(&format!(
                "render W/chart --separate-clusters --each W/customers --output-dir W/out{line} --jobs {jobs}"
            ))
        };
        let one = run(1);
        for jobs in [2, 3, 16] {
            assert_eq!(run(jobs), one, "{jobs}: {line}");
        }
    }
}

/// A file system in memory lists the newest file first, so two worlds that were made in opposite order are listed so.
#[test]
fn the_order_of_directory_entries_changes_nothing() {
    let place = Path::new("/dev/shm");
    if !place.is_dir() {
        eprintln!("skipped: there is no file system in memory at /dev/shm");
        return;
    }
    let (first, second) = (World::new(place, false), World::new(place, true));
    if ["chart/templates", "customers", "manifests"]
        .iter()
        .any(|name| order(&first, name) == order(&second, name))
    {
        eprintln!("skipped: the file system lists its files in one order");
        return;
    }
    let inside = |world: &World, line: &str| {
        world.run(&[], &line.replace('W', "."), |command| {
            command.current_dir(world.folder.path());
        })
    };
    for (line, code) in COMMANDS.iter().filter(|(line, _)| line.contains('W')) {
        let found = inside(&first, line);
        assert_eq!(found.code, Some(*code), "{line}: {}", found.err);
        assert_eq!(inside(&second, line), found, "{line}");
    }
}

/// The files of a folder as the file system lists them.
fn order(world: &World, folder: &str) -> Vec<String> {
    let entries = fs::read_dir(world.folder.path().join(folder)).expect("a folder");
    entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect()
}
