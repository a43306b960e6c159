//! The known name that a misspelt one most likely meant.

/// The nearest of the known names, when it is near enough to be meant: a third of the letters may differ.
pub fn nearest<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = wrong.to_lowercase();
    let limit = (wrong.chars().count() / 3).clamp(1, 4);
    let candidates = known.into_iter().take(MAX_CANDIDATES).map(|name| {
        let distance = strsim::damerau_levenshtein(&lower, &name.to_lowercase());
        (distance, name)
    });
    candidates.filter(|(distance, _)| *distance <= limit).min().map(|(_, name)| name)
}

/// Longer lists are cut, so that a hostile map costs nothing.
const MAX_CANDIDATES: usize = 2_000;
