//! Charts from folders: what they may have, and what is refused.

use std::fs;
use std::path::Path;

use plimsoll::chart::{self, Chart};
use plimsoll::diagnostic::Diagnostic;
use plimsoll::session::Session;

use crate::support::files::folder_of;

const METADATA: &str = "name: demo\nversion: 1.2.3\n";

fn open(path: &Path) -> (Option<Chart>, Vec<Diagnostic>) {
    open_name(&path.display().to_string())
}

fn open_name(name: &str) -> (Option<Chart>, Vec<Diagnostic>) {
    let session = Session::new();
    let chart = chart::open(&session, name).ok();
    (chart, session.diagnostics())
}

fn codes(findings: &[Diagnostic]) -> Vec<&'static str> {
    findings.iter().map(|finding| finding.code.id).collect()
}

#[test]
fn every_file_has_its_place() {
    let folder = folder_of(&[
        (
            "chart.yaml",
            "name: demo\nversion: 1.2.3\nappVersion: 1.10\ndescription: A demo.\nnamespace: demo\nkubeVersions: 1.31..1.37\nexternals: [Secret/a]\n",
        ),
        ("values.yaml", "a: 1\n"),
        ("values.schema.json", "{}"),
        ("presets/small.yaml", ""),
        ("presets/large.yml", ""),
        ("templates/b.yaml", ""),
        ("templates/a/c.json", ""),
        ("templates/_lib.j2", ""),
        ("crds/x.yaml", ""),
        ("files/conf/app.toml", "x = 1\n"),
        ("files/app.sh", ""),
        ("tests/case.yaml", ""),
        ("README.md", ""),
        (".hidden", ""),
        ("templates/.b.yaml.swp", ""),
    ]);
    let (chart, findings) = open(folder.path());
    assert_eq!(codes(&findings), Vec::<&str>::new());
    let chart = chart.expect("a chart");
    assert_eq!(
        (&*chart.name, &*chart.version, chart.app_version.as_deref()),
        ("demo", "1.2.3", Some("1.10"))
    );
    assert_eq!(
        (chart.namespace.as_deref(), chart.kube_versions.as_deref()),
        (Some("demo"), Some("1.31..1.37"))
    );
    assert_eq!(chart.externals, ["Secret/a"]);
    assert_eq!(chart.presets.keys().collect::<Vec<_>>(), ["large", "small"]);
    let templates: Vec<_> = chart.templates.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(templates, ["_lib.j2", "a/c.json", "b.yaml"]);
    assert_eq!(chart.files.keys().collect::<Vec<_>>(), ["app.sh", "conf/app.toml"]);
    assert!(chart.schema.is_some() && chart.crds.len() == 1);
}

#[test]
fn a_chart_may_be_one_file() {
    let (chart, findings) = open(folder_of(&[("chart.yaml", METADATA)]).path());
    assert!(chart.is_some_and(|chart| chart.schema.is_none() && chart.presets.is_empty()));
    assert!(findings.is_empty());
}

#[test]
fn broken_metadata() {
    for (text, expected) in [
        ("", vec!["C002", "C002"]),
        ("# nothing\n", vec!["C002", "C002"]),
        ("name: demo\n", vec!["C002"]),
        ("name: demo\nversion: 1\n", vec!["C002"]),
        ("name: demo\nversion: 1.0.0\nvresion: 1.0.0\n", vec!["C002"]),
        ("name: null\nversion: 1.0.0\n", vec!["C002", "C002"]),
        ("name: [a]\nversion: {b: c}\n", vec!["C002", "C002"]),
        ("name: ../x\nversion: 1.0.0\n", vec!["C002"]),
        ("name: /abs\nversion: 1.0.0\n", vec!["C002"]),
        ("name: 'a\\b'\nversion: 1.0.0\n", vec!["C002"]),
        ("name: \"a\\0\"\nversion: 1.0.0\n", vec!["C002"]),
        ("name: ''\nversion: 1.0.0\n", vec!["C002"]),
        ("name: .\nversion: 1.0.0\n", vec!["C002"]),
        ("name: demo\nversion: 1.0.0\nkubeVersions: '>=1.30'\n", vec!["C002"]),
        ("name: demo\nversion: 1.0.0\nexternals: [null, registry]\n", vec!["C002", "C002"]),
        ("name: demo\nversion: 1.0.0\nnamespace: a.b\n", vec!["C002"]),
        ("- name\n", vec!["V004"]),
        ("name: a\nname: b\nversion: 1.0.0\n", vec!["Y002"]),
    ] {
        let (chart, findings) = open(folder_of(&[("chart.yaml", text)]).path());
        assert!(chart.is_none() || expected == ["Y002"], "{text}");
        assert_eq!(codes(&findings), expected, "{text}: {findings:#?}");
    }
    let (_, findings) = open(folder_of(&[("chart.yaml", "name: demo\nvresion: 1.0.0\n")]).path());
    assert!(findings.iter().any(|finding| finding.help.iter().any(|help| help.contains("`version`"))));
    assert!(findings.iter().all(|finding| !finding.message.contains("setting")), "{findings:#?}");
}

#[test]
fn files_that_should_not_be_there() {
    let files = [
        ("chart.yaml", METADATA),
        ("templates/NOTES.txt", ""),
        ("presets/a/b.yaml", ""),
        ("crds/README.md", ""),
    ];
    let (chart, findings) = open(folder_of(&files).path());
    assert!(chart.is_some());
    assert_eq!(codes(&findings), ["C005", "C005", "C005"]);
}

#[test]
fn what_other_tools_read_is_met_by_name() {
    let helm = folder_of(&[("Chart.yaml", METADATA), ("templates/a.yaml", "")]);
    let nothing = folder_of(&[("values.yaml", "")]);
    let file = folder_of(&[("chart.yaml", METADATA)]).path().join("chart.yaml").display().to_string();
    for (name, word) in [
        (helm.path().display().to_string(), "Helm chart"),
        ("oci://registry/demo".into(), "OCI"),
        ("https://example.com/demo".into(), "URL"),
        ("./demo-1.0.0.tgz".into(), "archive"),
        (nothing.path().display().to_string(), "chart.yaml"),
        ("./nowhere".into(), "no folder"),
        ("no-such-chart".into(), "no bundled chart"),
        ("".into(), "no bundled chart"),
        (file, "no folder"),
    ] {
        let (chart, findings) = open_name(&name);
        assert!(chart.is_none());
        assert_eq!(codes(&findings), ["C001"], "{name}");
        assert!(findings[0].message.contains(word), "{name}: {}", findings[0].message);
        assert!(!findings[0].help.is_empty());
    }
}

#[test]
fn text_that_cannot_be_read() {
    let folder = folder_of(&[("chart.yaml", METADATA)]);
    fs::create_dir(folder.path().join("templates")).expect("a folder");
    fs::write(folder.path().join("templates/a.yaml"), b"\xff\xfea\0").expect("a file");
    fs::write(folder.path().join("values.yaml"), b"a: \xe9\n").expect("a file");
    assert_eq!(codes(&open(folder.path()).1), ["S001", "S001"]);
}

#[cfg(unix)]
#[test]
fn links_that_leave_the_folder() {
    use std::os::unix::fs::symlink;
    let outside = folder_of(&[("secret.yaml", "a: 1\n")]);
    for (link, target) in
        [("values.yaml", "secret.yaml"), ("templates", ""), ("presets/a.yaml", "secret.yaml")]
    {
        let inside = folder_of(&[("chart.yaml", METADATA), ("presets/b.yaml", "")]);
        symlink(outside.path().join(target), inside.path().join(link)).expect("a link");
        assert_eq!(codes(&open(inside.path()).1), ["S001"], "{link}");
    }
    let inside = folder_of(&[("chart.yaml", METADATA), ("templates/a.yaml", "")]);
    symlink("nowhere.yaml", inside.path().join("templates/b.yaml")).expect("a link");
    let (_, findings) = open(inside.path());
    assert_eq!(codes(&findings), ["S001"]);
    let said = "cannot be read: the link `templates/b.yaml` in it leads to nothing";
    assert!(findings[0].message.ends_with(said), "{}", findings[0].message);
    let inside = folder_of(&[("chart.yaml", METADATA), ("shared.yaml", "a: 1\n")]);
    symlink("shared.yaml", inside.path().join("values.yaml")).expect("a link");
    assert!(open(inside.path()).0.is_some(), "a link within the folder is fine");
}
