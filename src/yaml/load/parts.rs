//! `Parts`: a text as a stream of YAML's events, for readers that build another tree than [`Node`](crate::yaml::Node).
//!
//! The loader of this module resolves, checks and reports as manifests need it. A reader with another law of scalars,
//! keys and merges takes the events themselves.

use std::borrow::Cow;
use std::ops::Range;

use super::event::Event;
use super::events::Events;
use super::properties::Properties;
use super::shared::{ParseLimits, Reader};
use crate::yaml::scalar::Style;

/// A part of a text.
#[derive(Debug)]
pub enum Part<'i> {
    /// A document begins.
    Document,
    /// A scalar: its text with escapes and folding read, its style, its anchor and its tag.
    Scalar(Cow<'i, str>, Style, Marks),
    /// A list begins.
    List(Marks),
    /// A list ends.
    ListEnd,
    /// A map begins: its keys and values follow in turn.
    Map(Marks),
    /// A map ends.
    MapEnd,
    /// An alias, with the number of its anchor.
    Alias(usize),
    /// The text ends.
    End,
}

/// What may stand before a value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// The number of its anchor; 0 if it has none.
    pub anchor: usize,
    /// Its tag in full, such as `tag:yaml.org,2002:str` or `!mine`.
    pub tag: Option<String>,
}

/// The events of a text, each with the bytes that it covers.
pub struct Parts<'i>(Events<'i>);

impl<'i> Parts<'i> {
    /// The events of a text.
    pub fn new(text: &'i str, limits: ParseLimits) -> Self {
        Parts(Events::new(text, limits, Reader::Both))
    }

    /// The next event; after the last one, [`Part::End`] again and again.
    ///
    /// # Errors
    /// What is wrong with the text, and the byte that it is at.
    #[expect(clippy::should_implement_trait, reason = "it has no end, and fails")]
    pub fn next(&mut self) -> Result<(Part<'i>, Range<usize>), (String, usize)> {
        loop {
            let (event, range) = self.0.next().map_err(|(error, at)| (error.info().to_owned(), at))?;
            let part = match event {
                Event::Document => Part::Document,
                Event::Scalar(text, style, properties) => Part::Scalar(text, style, marks(&properties)),
                Event::List(_, properties) => Part::List(marks(&properties)),
                Event::ListEnd => Part::ListEnd,
                Event::Map(_, properties) => Part::Map(marks(&properties)),
                Event::MapEnd => Part::MapEnd,
                Event::Alias(anchor) => Part::Alias(anchor),
                Event::End => Part::End,
                Event::Other => continue,
            };
            return Ok((part, range));
        }
    }
}

fn marks(properties: &Properties) -> Marks {
    let tag = properties.tag.as_ref().map(|tag| format!("{}{}", tag.handle(), tag.suffix()));
    Marks { anchor: properties.anchor, tag }
}
