//! Pages of the documentation that are in the program, for `explain TOPIC`. A page is added to the table.

/// Pages of the documentation that are in the program: those that messages and help texts name, and what authors of charts
/// look up.
const TOPICS: &[(&str, &str)] = &[
    ("tutorial", include_str!("../../../docs/tutorial.md")),
    ("chart", include_str!("../../../docs/chart.md")),
    ("templates", include_str!("../../../docs/templates.md")),
    ("library", include_str!("../../../docs/library.md")),
    ("values", include_str!("../../../docs/values.md")),
    ("dependencies", include_str!("../../../docs/dependencies.md")),
    ("testing", include_str!("../../../docs/testing.md")),
    ("lint", include_str!("../../../docs/lint.md")),
    ("rules", include_str!("../../../docs/rules.md")),
    ("limits", include_str!("../../../docs/limits.md")),
    ("helm", include_str!("../../../docs/helm.md")),
    ("coming-from-helm", include_str!("../../../docs/coming-from-helm.md")),
    ("validation", include_str!("../../../docs/validation.md")),
    ("explain", include_str!("../../../docs/explain.md")),
    ("diff", include_str!("../../../docs/diff.md")),
    ("formats", include_str!("../../../docs/formats.md")),
    ("output", include_str!("../../../docs/output.md")),
    ("convert", include_str!("../../../docs/convert.md")),
    ("reference", include_str!("../../../docs/reference.md")),
    ("custom-resources", include_str!("../../../docs/custom-resources.md")),
];

/// The names of the pages, in the order of the table.
pub fn names() -> impl Iterator<Item = &'static str> {
    TOPICS.iter().map(|(topic, _)| *topic)
}

/// The page of a topic, whatever the case of its letters; none for what is no topic.
pub fn page(word: &str) -> Option<&'static str> {
    TOPICS.iter().find(|(topic, _)| topic.eq_ignore_ascii_case(word)).map(|(_, page)| *page)
}
