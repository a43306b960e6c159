//! `render --each`: the same bytes and findings with any number of threads, and no secret of another environment.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, clippy::print_stdout, clippy::print_stderr)]

mod support;

use std::fs;
use std::path::Path;
use std::process::Command;

use plimsoll::emit::{Format, stream};
use plimsoll::formats::{Style, write_human};
use plimsoll::pipeline;
use plimsoll::request::{Request, ValuesFile};
use plimsoll::session::Session;
use support::files::{contents, write};
use support::program::{Ended, PROGRAM, run};

/// Writes the values files of 24 environments of Datafly, some of them wrong, some with warnings.
fn write_environments(folder: &Path) {
    for index in 0..24 {
        let mut text = format!(
            "global: {{namespace: customer-{index}}}\nkafka: {{brokers: \"b.c{index}.internal:9094\"}}\n\
             jwt: {{secret: jwt-secret-of-customer-{index}-0123456789}}\nencryptionKey: \"{index:064x}\"\n\
             database: {{url: \"postgresql://u:database-password-{index}@db/d?sslmode=require\"}}\n\
             redis: {{url: \"redis://:redis-password-{index}@redis:6379/0\"}}\n"
        );
        text += match index % 6 {
            1 => "ingestionGateway: {replica: 2}\n",
            3 => "eventProcessor: {resources: {limits: {memory: 1 gigabyte}}}\n",
            5 => "migrations: {enabled: true}\n",
            _ => "",
        };
        write(folder, &format!("c{index:02}.yaml"), text);
    }
}

fn render_each(environments: &Path, out: &Path, jobs: &str) -> Ended {
    let mut command = Command::new(PROGRAM);
    command.args(["render", "datafly", "--jobs", jobs, "--each"]).arg(environments);
    run(command.arg("--output-dir").arg(out).env("NO_COLOR", "1"))
}

#[test]
fn any_number_of_threads_gives_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let files = folder.path().join("customers");
    fs::create_dir(&files).unwrap();
    write_environments(&files);
    let results: Vec<_> = ["1", "2", "8"]
        .map(|jobs| {
            let out = folder.path().join(format!("out-{jobs}"));
            let ended = render_each(&files, &out, jobs);
            assert_eq!(ended.code, Some(1), "{}", ended.err);
            assert_eq!(ended.out, "");
            (ended.err, contents(&out))
        })
        .into();
    let (findings, written) = &results[0];
    for other in &results[1..] {
        assert_eq!(findings, &other.0);
        assert!(written == &other.1);
    }
    assert!(
        findings.contains("customer `c01`") && findings.contains("of 24 customers were not written"),
        "{findings}"
    );
    assert!(!findings.contains("-password-") && !findings.contains("secret-of-customer"), "{findings}");
    assert!(
        written.iter().any(|(path, _)| path.starts_with("c00/"))
            && !written.iter().any(|(path, _)| path.starts_with("c01/"))
    );
}

/// What `--each` writes is what a render of its own prints.
#[test]
fn an_overlay_renders_what_a_run_of_its_own_renders() {
    let folder = tempfile::tempdir().unwrap();
    write_environments(folder.path());
    let session = Session::new();
    let request = Request { chart: "datafly".to_owned(), ..Request::default() };
    let prepared = pipeline::prepare(&session, &request).expect("the chart");
    let snapshot = session.snapshot();
    for index in 0..24 {
        let file = ValuesFile::Path(folder.path().join(format!("c{index:02}.yaml")));
        let overlay = snapshot.overlay();
        let many =
            prepared.render(&overlay, std::slice::from_ref(&file)).map(|rendering| rendering.documents);
        let alone = Session::new();
        let single = pipeline::render(&alone, &Request { files: vec![file], ..request.clone() });
        assert_eq!(write_human(&overlay, Style::Plain), write_human(&alone, Style::Plain));
        assert_eq!(many.is_ok(), single.is_ok(), "{index}");
        if let (Ok(many), Ok(single)) = (many, single) {
            assert_eq!(stream(&many, Format::Yaml), stream(&single, Format::Yaml));
        }
    }
    assert!(session.diagnostics().is_empty());
}

/// The values of one environment's bindings lead to the lines of its own file.
#[test]
fn provenance_in_an_overlay_leads_to_its_own_file() {
    let folder = tempfile::tempdir().unwrap();
    write_environments(folder.path());
    let session = Session::new();
    let request = Request { chart: "datafly".to_owned(), ..Request::default() };
    let prepared = pipeline::prepare(&session, &request).expect("the chart");
    let snapshot = session.snapshot();
    for name in ["c00.yaml", "c02.yaml"] {
        let path = folder.path().join(name);
        let overlay = snapshot.overlay();
        let rendering = prepared.render(&overlay, &[ValuesFile::Path(path.clone())]).expect("documents");
        let config =
            rendering.documents.iter().find(|document| &*document.identity.kind == "ConfigMap").unwrap();
        let data = config.root().get("data").unwrap();
        let brokers = data.get("KAFKA_BROKERS").expect("the brokers");
        let origin = overlay.origin(brokers.origin().expect("an origin")).unwrap();
        let place = origin.inputs[0].span.expect("a place");
        assert_eq!(overlay.source(place.source).name, path.display().to_string());
        assert_eq!(overlay.text(place), format!("\"b.c{}.internal:9094\"", &name[2..3]));
    }
}
