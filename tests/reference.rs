//! The references of the bundled charts: what is in them, and how they are put into a page.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, clippy::print_stdout, clippy::print_stderr)]

use std::collections::BTreeSet;

use plimsoll::chart::bundled;
use plimsoll::pipeline::{Merged, merge};
use plimsoll::reference::markdown;
use plimsoll::request::Request;
use plimsoll::session::Session;
use plimsoll::values::origins;

fn defaults(session: &Session, chart: &str) -> Merged {
    merge(session, &Request { chart: chart.to_owned(), ..Request::default() }).expect("the chart's defaults")
}

fn reference(session: &Session, merged: &Merged) -> String {
    let schema = merged.schema().expect("a schema").tree(session).expect("its tree");
    markdown(session, merged, &schema)
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
