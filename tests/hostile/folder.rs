//! Output folders that are full, read-only, somebody else's, or left behind by a run that was killed.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};
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

/// Whenever a run is killed, each file is whole, and the next run makes all of them new and leaves nothing else behind.
#[test]
fn a_run_that_is_killed_leaves_whole_files() {
    let chart = chart(40);
    chart.run("plimsoll render . --output-dir out").succeeded();
    let start = Instant::now();
    chart.run("plimsoll render . --output-dir out").succeeded();
    let whole_run = start.elapsed();
    for step in 0..200u32 {
        let mut child = Command::new("plimsoll")
            .args([
                "render",
                ".",
                "--output-dir",
                "out",
                "--set",
                if step % 2 == 0 { "text=new" } else { "text=old" },
            ])
            .env("PATH", search_path())
            .current_dir(chart.path())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // The end of a run, where it writes, is what matters most.
        std::thread::sleep(whole_run.mul_f64(0.5 + 0.6 * f64::from(step % 67) / 67.0));
        child.kill().unwrap();
        child.wait().unwrap();
        all_whole(&chart, &format!("after a fraction {step}"));
    }
    ends_what_was_begun(&chart);
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

/// Every file is the old one or the new one.
fn all_whole(chart: &Chart, when: &str) {
    for (path, text) in contents(&chart.path().join("out")) {
        let whole =
            ["old", "new"].iter().any(|word| text.ends_with(&format!("  text: {}\n", word.repeat(400))));
        assert!(path.starts_with('.') || whole, "{when}: {path}: {text:.100}");
    }
}

/// The next run writes all forty files, and nothing of the killed ones is left.
fn ends_what_was_begun(chart: &Chart) {
    chart.run("plimsoll render . --output-dir out --set text=new").succeeded();
    let files = contents(&chart.path().join("out"));
    assert_eq!(files.len(), 41, "{:?}", files.iter().map(|(path, _)| path).collect::<Vec<_>>());
    let end = format!("  text: {}\n", "new".repeat(400));
    assert!(files.iter().all(|(path, text)| path == ".plimsoll" || text.ends_with(&end)));
    let index = fs::read_to_string(chart.path().join("out/.plimsoll")).unwrap();
    assert!(!index.contains("begun:"), "{index}");
}
