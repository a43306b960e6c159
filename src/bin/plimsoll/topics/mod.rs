//! Pages of the documentation that are in the program, for `explain TOPIC`. A page is added to the list of names.

mod names;

use names::TOPICS;
use plimsoll::source::PackedText;

/// The page of each topic.
static PAGES: [PackedText; TOPICS.len()] = include!(concat!(env!("OUT_DIR"), "/topics.rs"));

/// The names of the pages, in the order of the table.
pub fn names() -> impl Iterator<Item = &'static str> {
    TOPICS.iter().copied()
}

/// The page of a topic, whatever the case of its letters; none for what is not a topic.
pub fn page(word: &str) -> Option<String> {
    let at = TOPICS.iter().position(|topic| topic.eq_ignore_ascii_case(word))?;
    PAGES.get(at).map(|page| page.unpack())
}
