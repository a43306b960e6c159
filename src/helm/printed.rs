//! Strings of templates as derived texts: source maps lead each byte back to its template, and what came from values is
//! known to the nodes that are read out of the text.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::gotemplate::text::Text;
use crate::session::Session;
use crate::source::{Input, Mapping, Origin, SourceMap, Span, ValueRange};
use crate::values::each_node;
use crate::yaml::{Node, Value, ValuePath};

/// A text that templates have printed.
#[derive(Debug)]
pub struct Derived {
    /// The text. What is no UTF-8 becomes U+FFFD, as YAML has only characters.
    pub text: String,
    /// Where its bytes stand in templates, and which of them came from values.
    pub map: SourceMap,
}

/// A string as a derived text. `is_chance` says whether what was drawn is chance: a seed of the user is none.
pub fn derived(text: &Text, is_chance: bool) -> Derived {
    let mut derived = Derived { text: String::with_capacity(text.len()), map: SourceMap::default() };
    for (range, origin) in text.segments() {
        let start = offset(derived.text.len());
        // What no template has printed stands for what stands before it.
        if origin.template != Span::NOWHERE {
            derived.map.push(Mapping { at: start, from: origin.template, verbatim: origin.verbatim });
        }
        derived.text.push_str(&String::from_utf8_lossy(text.as_bytes().get(range).unwrap_or_default()));
        if origin.drawn && is_chance {
            derived.map.note_drawn(start, offset(derived.text.len()));
        }
        if origin.value != Span::NOWHERE {
            let bytes = start..offset(derived.text.len());
            derived.map.push_value(ValueRange { bytes, value: origin.value, action: origin.template });
        }
    }
    derived
}

fn offset(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// The settings of values, by the places that they were written at.
#[derive(Debug, Default)]
pub struct SettingNames(BTreeMap<Span, Arc<str>>);

impl SettingNames {
    /// Those of a tree of values, as templates write them: `.Values.image.tag`.
    pub fn of(values: &Node) -> SettingNames {
        let mut names = BTreeMap::new();
        each_node(values, &ValuePath::root(), &mut |path, node| {
            if node.as_scalar().is_some() {
                names.entry(node.span).or_insert_with(|| Arc::from(format!(".Values.{path}")));
            }
        });
        SettingNames(names)
    }
}

/// The most values that are kept of one scalar: nobody reads more.
const MOST_INPUTS: usize = 8;

/// Gives the scalars of a document that were made of values their origin. `ranges` are those of its text.
pub fn trace(session: &Session, node: &mut Node, ranges: &[ValueRange], names: &SettingNames) {
    match &mut node.value {
        Value::Map(map) => map.values_mut().for_each(|entry| trace(session, &mut entry.node, ranges, names)),
        Value::List(items) => items.iter_mut().for_each(|item| trace(session, item, ranges, names)),
        Value::Scalar(_) => {
            let first = ranges.partition_point(|range| range.bytes.end <= node.span.start);
            let within = ranges.get(first..).unwrap_or_default();
            let within = within.iter().take_while(|range| range.bytes.start < node.span.end);
            let mut inputs: Vec<Input> = Vec::new();
            let mut expression = None;
            for range in within {
                expression.get_or_insert(range.action);
                if inputs.len() == MOST_INPUTS || inputs.iter().any(|input| input.span == Some(range.value)) {
                    continue;
                }
                let path = names.0.get(&range.value).cloned().unwrap_or_else(|| Arc::from(".Values"));
                inputs.push(Input { path, span: Some(range.value) });
            }
            if let Some(expression) = expression {
                node.set_origin(session.add_origin(Origin { expression, inputs, raw: false }));
            }
        }
    }
}
