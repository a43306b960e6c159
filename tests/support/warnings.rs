//! What rules still warn of in a bundled chart stands in its page.

use std::collections::BTreeSet;

use plimsoll::diagnostic::Level;
use plimsoll::rules::RULES;
use plimsoll::session::Session;

/// Holds each rule that has spoken against the page of the profile, which must name it.
pub fn must_be_explained(profile: &str, session: &Session) {
    let page = std::fs::read_to_string(format!("docs/profiles/{profile}.md")).expect("the profile's page");
    let rule_of = |code| RULES.iter().find(|rule| rule.code == code);
    let found: BTreeSet<(&str, String)> = session
        .diagnostics()
        .into_iter()
        .filter(|finding| finding.level == Level::Warning)
        .filter_map(|finding| Some((rule_of(finding.code)?.name, finding.message)))
        .filter(|(name, _)| !page.contains(&format!("`{name}`")))
        .collect();
    assert!(found.is_empty(), "{profile}: the page does not explain what still warns: {found:#?}");
}
