//! Output folders that are full, read-only, somebody else's, or left behind by a run that was killed.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use super::{Chart, OBJECT, contents, search_path};

/// A chart that renders so many ConfigMaps, each with the text `values.text` four hundred times over.
fn chart(count: usize) -> Chart {
    Chart::new(&[("templates/t.yaml", &template(count)), ("values.yaml", "text: old\n")])
}

fn template(count: usize) -> String {
    let object = OBJECT.replace("name: t", "name: t-{{ n }}");
    format!(
        "{{% for n in range({count}) %}}\n---\n{object}data:\n  text: {{{{ values.text * 400 }}}}\n{{% endfor %}}\n"
    )
}

/// A run fails and changes nothing in the folder `out`.
fn fails_and_changes_nothing(chart: &Chart, line: &str) {
    let out = chart.path().join("out");
    let before = contents(&out);
    let ended = chart.run(line);
    assert_eq!((ended.code, ended.out.as_str()), (Some(2), ""), "{line}: {}", ended.err);
    assert!(ended.err.starts_with("error: "), "{}", ended.err);
    assert_eq!(contents(&out), before, "{line}");
}

#[test]
fn a_full_disk_changes_nothing() {
    let chart = chart(3);
    chart.run("plimsoll render . --output-dir out").succeeded();
    // Files may not grow beyond 1 KiB, and the signal that says so is ignored: each write fails as on a full disk.
    let line = "trap '' XFSZ; ulimit -f 1; plimsoll render . --output-dir out --set text=new 2> err; code=$?; cat err >&2; exit $code";
    fails_and_changes_nothing(&chart, line);
    let line = line.replace("--output-dir out", "--output-dir fresh");
    fails_and_changes_nothing(&chart, &line);
    assert!(!chart.path().join("fresh").exists());
}

#[test]
fn folders_that_cannot_be_written_are_refused() {
    let chart = chart(1);
    chart.run("plimsoll render . --output-dir out").succeeded();
    for folder in
        ["/proc/plimsoll", "/dev/null", "values.yaml", "values.yaml/below", ".x/link", ".x/dangling", "''"]
    {
        let line = format!(
            "mkdir -p .x; ln -sfn ../out .x/link; ln -sfn ../nowhere .x/dangling; plimsoll render . --output-dir {folder}"
        );
        fails_and_changes_nothing(&chart, &line);
    }
    assert!(!chart.path().join("nowhere").exists());
}

#[test]
fn nothing_goes_through_a_link() {
    let chart = chart(1);
    chart.run("plimsoll render . --output-dir out").succeeded();
    chart.write("victim", "safe");
    for link in ["out/configmap-t-0.yaml", "out/.configmap-t-0.yaml.plimsoll-new", "out/.plimsoll"] {
        let link = chart.path().join(link);
        let kept = fs::read(&link).ok();
        let _ = fs::remove_file(&link);
        symlink(chart.path().join("victim"), &link).unwrap();
        let ended = chart.run("plimsoll render . --output-dir out --set text=new");
        assert_eq!(ended.code, Some(2), "{}: {}", link.display(), ended.err);
        assert_eq!(fs::read_to_string(chart.path().join("victim")).unwrap(), "safe");
        let _ = fs::remove_file(&link);
        kept.into_iter().for_each(|text| fs::write(&link, text).unwrap());
    }
}

#[test]
fn findings_leave_the_folder_as_it_is() {
    let chart = chart(2);
    chart.run("plimsoll render . --output-dir out").succeeded();
    let before = contents(&chart.path().join("out"));
    chart.refuses("--output-dir out --set-json 'text={}'");
    chart.write("templates/wrong.yaml", "kind: X\n");
    chart.refuses("--output-dir out").at("M001", "templates/wrong.yaml:1:1");
    assert_eq!(contents(&chart.path().join("out")), before);
}

/// What runs in a mount namespace of its own, on a disk of 64 pages: a small file takes one of them.
const DISK: &str = r#"
mkdir -p disk && mount -t tmpfs -o size=256k none disk || exit 77
new() { plimsoll render . --output-dir disk/out --set text=new "$@"; }
each() { plimsoll render . --each customers --separate-clusters --output-dir disk/out "$@"; }
fill() { rm -f disk/filler; head -c 1M /dev/zero > disk/filler 2> /dev/null; truncate -s "-$((4096 * $1))" disk/filler; }
"#;

/// Runs a script in bash with a disk of its own; none where that is not allowed.
fn on_a_disk(chart: &Chart, script: &str) -> Option<String> {
    let namespace = if chart.run("unshare -m true").code == Some(0) { "unshare -m" } else { "unshare -rm" };
    chart.write("script", format!("{DISK}{script}"));
    let ended = chart.run(&format!("{namespace} bash script"));
    if ended.code == Some(77) || ended.err.starts_with("unshare:") {
        eprintln!("skipped: no disk can be mounted here: {}", ended.err);
        return None;
    }
    assert_eq!(ended.code, Some(0), "{}\n{}", ended.out, ended.err);
    Some(ended.out)
}

/// With any number of free pages: a run that fails leaves everything as it was, and says so; with enough of them it ends.
#[test]
fn a_disk_that_fills_up_in_the_middle_changes_nothing() {
    let chart = chart(6);
    let script = r#"
        plimsoll render . --output-dir disk/out || exit 1
        echo -n mine > disk/out/own.txt
        for free in 0 1 2 3 4 5 6 7 8 9 10 11 12; do
            rm -rf before; cp -a disk/out before
            fill $free
            new 2> err; code=$?
            if [ $code = 0 ]; then
                grep -L newnewnew disk/out/configmap-*.yaml
                rm disk/filler; plimsoll render . --output-dir disk/out
            else
                head -c 20 err | grep -q '^error: cannot' || cat err
                diff -r before disk/out
            fi
            echo "$free: $code"
        done"#;
    let Some(out) = on_a_disk(&chart, script) else { return };
    let ends: Vec<&str> = out.lines().collect();
    assert!(ends.iter().all(|line| line.ends_with(": 2") || line.ends_with(": 0")), "{out}");
    assert_eq!((ends.len(), ends[0], ends[12]), (13, "0: 2", "12: 0"), "{out}");
    assert!(ends.iter().filter(|line| line.ends_with(": 2")).count() > 5, "{out}");
}

/// Of many customers, each has its old files or its new ones; the next run makes all of them new.
#[test]
fn a_disk_that_fills_up_leaves_each_customer_whole() {
    let chart = chart(3);
    customers(&chart, 4);
    let script = r#"
        each || exit 1
        for free in 0 3 5 7 9; do
            fill $free
            each --set text=new 2> /dev/null; echo "$free: $?"
            for name in c0 c1 c2 c3; do
                files=$(grep -l newnewnew disk/out/$name/configmap-*.yaml | wc -l)
                all=$(ls disk/out/$name | wc -l)
                [ "$files/$all" = 0/3 ] || [ "$files/$all" = 3/3 ] || echo "$free: $name is torn: $files of $all"
            done
            rm disk/filler; each || exit 1
        done
        each --set text=new || exit 1
        grep -L newnewnew disk/out/*/configmap-*.yaml; ls -A disk/out/c0 | wc -l"#;
    let Some(out) = on_a_disk(&chart, script) else { return };
    let lines: Vec<&str> = out.lines().collect();
    assert!(!out.contains("torn"), "{out}");
    assert_eq!((lines[0], lines.last()), ("0: 2", Some(&"4")), "{out}");
}

/// Permissions do not bind everybody; a file system that is mounted to be read does.
#[test]
fn a_read_only_disk_changes_nothing() {
    let chart = chart(2);
    customers(&chart, 2);
    let script = r#"
        plimsoll render . --output-dir disk/out/c0 && cp -a disk/out before || exit 1
        mount -o remount,ro disk || exit 77
        plimsoll render . --output-dir disk/out/c0 --set text=new; echo $?
        each --set text=new 2> err; echo $?; grep -c 'cannot' err
        plimsoll render . --output-dir disk/fresh; echo $?
        plimsoll render . --output-dir disk/out/c0 --check; echo $?
        plimsoll docs skyflo -o disk/page.md; echo $?
        plimsoll render . --set-json 'text={}' --format json=disk/report 2> err; echo $?; grep -c 'cannot write' err
        diff -r before disk/out && echo same"#;
    let Some(out) = on_a_disk(&chart, script) else { return };
    assert_eq!(out, "2\n2\n2\n2\n0\n2\n2\n1\nsame\n");
}

/// Values files `customers/c0.yaml` and so on.
fn customers(chart: &Chart, count: usize) {
    for number in 0..count {
        chart.write(&format!("customers/c{number}.yaml"), "# nothing\n");
    }
}

/// A run into `out`, to be killed.
fn begin(chart: &Chart, more: &[&str], text: &str) -> Child {
    Command::new("plimsoll")
        .args(["render", ".", "--output-dir", "out", "--set", &format!("text={text}")])
        .args(more)
        .env("PATH", search_path())
        .current_dir(chart.path())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Kills so many runs, each a little later than the one before, and holds what they leave against the law. The end of a run,
/// where it writes, is what matters most. How many of them had begun to write is said.
fn kill_often(chart: &Chart, more: &[&str], times: u32, index: &str) -> usize {
    let start = Instant::now();
    begin(chart, more, "old").wait().unwrap();
    let whole_run = start.elapsed();
    let mut interrupted = 0;
    for step in 0..times {
        let mut child = begin(chart, more, if step % 2 == 0 { "new" } else { "old" });
        std::thread::sleep(whole_run.mul_f64(0.5 + 0.6 * f64::from(step % 67) / 67.0));
        child.kill().unwrap();
        child.wait().unwrap();
        all_whole(chart, &format!("after a fraction {step}"));
        let index = fs::read_to_string(chart.path().join(index)).unwrap();
        interrupted += usize::from(index.contains("begun:"));
    }
    interrupted
}

/// Whenever a run is killed, each file is whole, and the next run makes all of them new and leaves nothing else behind.
#[test]
fn a_run_that_is_killed_leaves_whole_files() {
    let chart = chart(40);
    chart.run("plimsoll render . --output-dir out").succeeded();
    chart.write("out/own.txt", "mine");
    kill_often(&chart, &[], 200, "out/.plimsoll");
    ends_what_was_begun(&chart);
}

#[test]
fn a_run_for_many_customers_that_is_killed_leaves_whole_files() {
    let chart = chart(10);
    customers(&chart, 6);
    let each = ["--each", "customers", "--separate-clusters"];
    chart.run("plimsoll render . --each customers --separate-clusters --output-dir out").succeeded();
    chart.write("out/c3/own.txt", "mine");
    kill_often(&chart, &each, 100, "out/c3/.plimsoll");
    chart
        .run("plimsoll render . --each customers --separate-clusters --output-dir out --set text=new")
        .succeeded();
    let files = contents(&chart.path().join("out"));
    assert_eq!(files.len(), 6 * 11 + 1, "{:?}", files.iter().map(|(path, _)| path).collect::<Vec<_>>());
    let end = format!("  text: {}\n", "new".repeat(400));
    let mut manifests = files.iter().filter(|(path, _)| path.ends_with(".yaml"));
    assert!(manifests.all(|(_, text)| text.ends_with(&end)));
}

/// What a killed run leaves in the index: `--check` tells of it although every file is current, until a run has ended.
#[test]
fn a_run_that_was_interrupted_is_told_of() {
    let chart = chart(2);
    chart.run("plimsoll render . --output-dir out").succeeded();
    let index = fs::read_to_string(chart.path().join("out/.plimsoll")).unwrap();
    let begun = index.lines().filter(|line| line.starts_with("  ")).collect::<Vec<_>>().join("\n");
    chart.write("out/.plimsoll", format!("{index}begun:\n{begun}\n"));
    let told = chart.run("plimsoll render . --output-dir out --check");
    assert_eq!(told.code, Some(1), "{}", told.err);
    assert!(
        told.out.contains("out/.plimsoll: a run that was to write these files was interrupted"),
        "{}",
        told.out
    );
    chart.run("plimsoll render . --output-dir out").succeeded();
    chart.run("plimsoll render . --output-dir out --check").succeeded();
}

/// The same, at each moment in which a file takes its place, is removed, or is opened.
#[test]
fn a_run_that_is_killed_at_any_call_leaves_whole_files() {
    let probe = Command::new("strace").args(["-qq", "-o", "/dev/null", "true"]).output();
    if !probe.is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: `strace` is not here or may not do this");
        return;
    }
    let chart = chart(8);
    chart.run("plimsoll render . --output-dir out --set text=old").succeeded();
    let mut killed = 0;
    for (call, times) in [("rename", 12), ("unlink", 4), ("write", 14)] {
        for time in 1..=times {
            let (text, count) = if time % 2 == 0 { ("old", 8) } else { ("new", 7) };
            chart.write("templates/t.yaml", template(count));
            let line = format!(
                "strace -f -qq -o /dev/null -e trace={call} -e inject={call}:signal=KILL:when={time} \
                 plimsoll render . --output-dir out --set text={text} 2> /dev/null; true"
            );
            chart.run(&line);
            all_whole(&chart, &format!("{call} {time}"));
            let index = fs::read_to_string(chart.path().join("out/.plimsoll")).unwrap();
            killed += usize::from(index.contains("begun:"));
        }
    }
    assert!(killed > 15, "only {killed} runs were killed between their first and their last step");
    chart.write("templates/t.yaml", template(40));
    ends_what_was_begun(&chart);
}

/// Every file is the old one or the new one, and what others put there is untouched.
fn all_whole(chart: &Chart, when: &str) {
    for (path, text) in contents(&chart.path().join("out")) {
        if path.ends_with("own.txt") {
            assert_eq!(text, "mine", "{when}: {path}");
            continue;
        }
        let whole =
            ["old", "new"].iter().any(|word| text.ends_with(&format!("  text: {}\n", word.repeat(400))));
        let hidden = path.split('/').any(|part| part.starts_with('.'));
        assert!(hidden || whole, "{when}: {path}: {text:.100}");
    }
}

/// The next run writes all forty files, and nothing of the killed ones is left.
fn ends_what_was_begun(chart: &Chart) {
    chart.run("plimsoll render . --output-dir out --set text=new").succeeded();
    let files = contents(&chart.path().join("out"));
    let own = |path: &str| path == ".plimsoll" || path == "own.txt";
    let count = files.iter().filter(|(path, _)| !own(path)).count();
    assert_eq!(count, 40, "{:?}", files.iter().map(|(path, _)| path).collect::<Vec<_>>());
    let end = format!("  text: {}\n", "new".repeat(400));
    assert!(files.iter().all(|(path, text)| own(path) || text.ends_with(&end)));
    let index = fs::read_to_string(chart.path().join("out/.plimsoll")).unwrap();
    assert!(!index.contains("begun:"), "{index}");
}
