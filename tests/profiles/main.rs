//! The bundled charts, rendered: golden output, the objects, what is refused, and laws that hold for all of them.
//!
//! [`harness`] renders; `golden`, `laws`, `objects`, `refusals`, `settings` and `provenance` hold every chart to the same tests, by
//! the table that each chart's module has ([`harness::Profile`]). That module has the tests of one chart alone, too.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, clippy::print_stdout, clippy::print_stderr)]

mod ejected;
mod golden;
mod harness;
mod json;
mod laws;
mod network_law;
mod objects;
mod pairs;
mod provenance;
mod refusals;
mod settings;

mod datafly;
mod flow8;
mod skillflaw;
mod skyflo;

use harness::Profile;

/// Every bundled chart.
static PROFILES: [&Profile; 4] = [&skyflo::PROFILE, &skillflaw::PROFILE, &flow8::PROFILE, &datafly::PROFILE];

#[test]
fn every_bundled_chart_has_a_table() {
    let names: Vec<&str> = plimsoll::chart::bundled().map(|chart| chart.name).collect();
    let mut tables = PROFILES.map(|profile| profile.name).to_vec();
    tables.sort_unstable();
    assert_eq!(tables, names);
}
