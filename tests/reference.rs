//! The references in the pages of the bundled charts are current; `BLESS=1` writes them anew.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, clippy::print_stdout, clippy::print_stderr)]

use std::collections::BTreeSet;
use std::fs;

use plimsoll::chart::bundled;
use plimsoll::formats::{Style, write_human};
use plimsoll::pipeline::{Merged, merge};
use plimsoll::reference::{check, insert, markdown};
use plimsoll::request::Request;
use plimsoll::session::Session;
use plimsoll::source::SourceKind;
use plimsoll::values::origins;

fn defaults(session: &Session, chart: &str) -> Merged {
    merge(session, &Request { chart: chart.to_owned(), ..Request::default() }).expect("the chart's defaults")
}

fn reference(session: &Session, merged: &Merged) -> String {
    let schema = merged.schema().expect("a schema").tree(session).expect("its tree");
    markdown(session, merged, &schema)
}

#[test]
fn the_pages_of_the_bundled_charts_are_current() {
    for chart in bundled() {
        let session = Session::new();
        let text = reference(&session, &defaults(&session, chart.name));
        let file = format!("docs/profiles/{}.md", chart.name);
        let page = session.add_source(SourceKind::File, file.as_str(), fs::read_to_string(&file).unwrap());
        if std::env::var_os("BLESS").is_some() {
            fs::write(&file, insert(&session, page, chart.name, &text).expect("the markers")).unwrap();
        } else {
            let checked = check(&session, page, chart.name, &text);
            assert!(checked.is_ok(), "{}", write_human(&session, Style::Plain));
        }
    }
}

/// Every setting of the defaults has a row, or lies in one that has no rows below it: a Kubernetes type, a map of the user's keys.
#[test]
fn every_default_has_a_row() {
    for chart in bundled() {
        let session = Session::new();
        let merged = defaults(&session, chart.name);
        let text = reference(&session, &merged);
        let rows: BTreeSet<&str> =
            text.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
        assert!(rows.len() > 150, "{}: {}", chart.name, rows.len());
        for (path, _) in origins(&merged.values) {
            let mut above = path.clone();
            while !rows.contains(above.to_string().as_str()) {
                assert!(above.0.pop().is_some(), "{}: `{path}` has no row", chart.name);
            }
            let (below, any) = (format!("{above}."), format!("{above}.*"));
            let ends_here = !rows.iter().any(|row| row.starts_with(&below) && !row.starts_with(&any));
            assert!(above == path || ends_here, "{}: `{path}` has no row below `{above}`", chart.name);
        }
    }
}

#[test]
fn the_same_chart_gives_the_same_bytes() {
    for chart in bundled() {
        let text = || {
            let session = Session::new();
            reference(&session, &defaults(&session, chart.name))
        };
        assert_eq!(text(), text());
    }
}
