//! What rules still warn of in a bundled chart stands in its page.

use plimsoll::rules::RULES;
use plimsoll::session::Session;

/// Holds each rule that has spoken against the page of the profile, which must name it.
pub fn must_be_explained(profile: &str, session: &Session) {
    let page = std::fs::read_to_string(format!("docs/profiles/{profile}.md")).expect("the profile's page");
    for finding in session.diagnostics() {
        let Some(rule) = RULES.iter().find(|rule| rule.code == finding.code) else { continue };
        assert!(
            page.contains(&format!("`{}`", rule.name)),
            "{profile}: the page does not explain why `{}` still warns: {}",
            rule.name,
            finding.message
        );
    }
}
