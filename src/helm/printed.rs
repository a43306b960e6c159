//! Strings of templates as derived texts, whose source maps lead each byte back to its template.

use crate::gotemplate::text::Text;
use crate::source::{Mapping, SourceMap, Span};

/// A string as a text with its source map. What is no UTF-8 becomes U+FFFD, as YAML has only characters.
pub fn derived(text: &Text) -> (String, SourceMap) {
    let mut out = String::with_capacity(text.len());
    let mut map = SourceMap::default();
    for (range, origin) in text.segments() {
        let bytes = text.as_bytes().get(range).unwrap_or_default();
        // What no template has printed stands for what stands before it.
        if origin.template != Span::NOWHERE {
            let at = u32::try_from(out.len()).unwrap_or(u32::MAX);
            map.push(Mapping { at, from: origin.template, verbatim: origin.verbatim });
        }
        out.push_str(&String::from_utf8_lossy(bytes));
    }
    (out, map)
}
