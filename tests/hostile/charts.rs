//! Folders of charts with links, circles and names that lead elsewhere.

use std::os::unix::fs::symlink;

use super::{Chart, OBJECT};

#[test]
fn links_that_leave_the_chart_are_refused() {
    for (link, target) in [
        ("templates/x.yaml", "/etc/passwd"),
        ("files", "/etc"),
        ("values.yaml", "../../../../etc/hostname"),
        ("templates/x.yaml", "../../../../../../etc/passwd"),
    ] {
        let chart = Chart::new(&[("templates/t.yaml", OBJECT)]);
        symlink(target, chart.path().join(link)).unwrap();
        chart.refuses("").says("error[S001]");
    }
}

#[test]
fn links_within_the_chart_are_followed() {
    let chart = Chart::new(&[("shared/t.yaml", OBJECT)]);
    symlink("shared", chart.path().join("templates")).unwrap();
    assert!(chart.run("plimsoll render .").succeeded().out.contains("kind: ConfigMap"));
}

#[test]
fn links_that_lead_round_in_circles_come_to_an_end() {
    let chart = Chart::new(&[("templates/t.yaml", OBJECT)]);
    for name in ["a", "b", "c", "d", "e"] {
        symlink("..", chart.path().join("templates").join(name)).unwrap();
    }
    chart.refuses("").says("links that lead round in circles");
    chart.run("rm -r templates; mkdir crds; for i in 1 2 3 4 5; do ln -s . crds/$i; done").succeeded();
    Chart::new(&[("templates/t.yaml", OBJECT)])
        .refuses(&format!("--crds {}", chart.path().join("crds").display()))
        .says("S001");
}

#[test]
fn files_of_other_tools_are_not_looked_at() {
    let chart = Chart::new(&[("templates/t.yaml", OBJECT), (".git/values.yaml", "\u{fdd0}")]);
    symlink("/usr", chart.path().join(".venv")).unwrap();
    chart.run("plimsoll render .").succeeded();
}

#[test]
fn names_of_files_cannot_break_out_of_a_comment() {
    let chart = Chart::new(&[("templates/a\nkind: Secret\u{1b}[31m.yaml", OBJECT)]);
    let ended = chart.run("plimsoll render .").succeeded();
    assert_eq!(ended.out.lines().filter(|line| line.starts_with("kind: ")).count(), 1, "{}", ended.out);
    assert!(!ended.out.contains('\u{1b}'), "{}", ended.out);
}

#[test]
fn what_is_not_a_chart_of_ours_is_refused() {
    let chart = Chart::new(&[("file", "x"), ("empty/x", "")]);
    for name in
        ["./file", "./empty", "./missing", "https://example.com/c", "oci://example.com/c", "x.tgz", "''"]
    {
        let ended = chart.run(&format!("plimsoll render {name}")).refused(name).says("error[C001]");
        assert_eq!(ended.code, Some(2), "{name}");
    }
}
