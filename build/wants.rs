//! What the schemas of bundled charts want (`schemas/NAME.wants.json`), as constant data of `src/yaml/wants.rs`.
//!
//! The JSON is a list of `Want`s as `src/yaml/wants.rs` serializes them, with short keys, and without what has its
//! usual value. Ids are indices into that list:
//!
//! ```text
//! [{ "t": 64, "p": { "image": 1, "ports": 2 }, "r": ["image"] }, { "t": 16 }, { "t": 32, "i": 3 }, { "t": 4 }]
//!
//! text       "imageports"
//! keys       PackedKey(0, 5, WantId(1)), PackedKey(5, 10, WantId(2))     in the order of the schema
//! sorted     0, 1                                                        the same keys by name, for a binary search
//! required   (0, 5)
//! wants      { types: 64, keys: (0, 2), required: (0, 1) }, …
//! ```
//!
//! It is written as text directly: the types of the library cannot be compiled in here, as their
//! file needs others of the crate.

use std::fmt::Write as _;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::Result;
use super::packed_plan::fingerprint;

/// A want as it is serialized. An unknown field fails the build: `m` is a merge strategy, which the packed form has no
/// room for, as no bundled chart has one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Want {
    /// The types, as bits.
    #[serde(rename = "t")]
    types: u8,
    #[serde(rename = "s", default)]
    secret: bool,
    #[serde(rename = "g")]
    generate: Option<Value>,
    /// The ids by key, in the order of the schema.
    #[serde(rename = "p", default)]
    properties: Map<String, Value>,
    #[serde(rename = "r", default)]
    required: Vec<String>,
    #[serde(rename = "a")]
    additional: Option<u32>,
    #[serde(rename = "i")]
    items: Option<u32>,
}

/// The arrays while they are filled.
#[derive(Default)]
struct WantsPacker {
    /// Every key, one after the other.
    text: String,
    /// The items of the array, as Rust source.
    wants: String,
    /// The items of the array, as Rust source.
    keys: String,
    key_count: usize,
    sorted: Vec<usize>,
    /// Ranges of the text.
    required: Vec<(usize, usize)>,
}

/// The wants in a text, as a Rust expression. The fingerprint of the text goes with it: plans of templates depend on
/// what the schema wants, so it is a part of theirs.
pub fn packed(json: &str) -> Result<String> {
    let wants: Vec<Want> = serde_json::from_str(json)?;
    let mut packer = WantsPacker::default();
    // In the order of the file, as an id is a position in it.
    for want in &wants {
        packer.want(want)?;
    }
    let WantsPacker { text, wants, keys, sorted, required, .. } = packer;
    let fingerprint = fingerprint([json]);
    Ok(format!(
        "PackedWants {{ fingerprint: {fingerprint:?}, text: {text:?}, wants: &[{wants}], keys: &[{keys}], \
         sorted: &{sorted:?}, required: &{required:?} }}"
    ))
}

impl WantsPacker {
    /// Adds one want, with its keys.
    fn want(&mut self, want: &Want) -> Result<()> {
        let keys = (self.key_count, self.key_count + want.properties.len());
        self.keys(&want.properties)?;
        let required = (self.required.len(), self.required.len() + want.required.len());
        for key in &want.required {
            let range = self.intern(key);
            self.required.push(range);
        }
        let generate = want.generate.as_ref().map(generate).transpose()?;
        let id = |id: Option<u32>| id.map_or("None".to_owned(), |id| format!("Some(WantId({id}))"));
        writeln!(
            self.wants,
            "PackedWant {{ types: Types::from_bits({}), secret: {}, generate: {}, keys: {keys:?}, \
             required: {required:?}, additional: {}, items: {} }},",
            want.types,
            want.secret,
            generate.map_or("None".to_owned(), |generate| format!("Some({generate})")),
            id(want.additional),
            id(want.items),
        )?;
        Ok(())
    }

    /// Adds the keys of one want in their order, and that order by name.
    fn keys(&mut self, keys: &Map<String, Value>) -> Result<()> {
        // In the order of the file: `Map` keeps it, with the feature `preserve_order` of serde_json.
        for (key, id) in keys {
            let (start, end) = self.intern(key);
            writeln!(self.keys, "PackedKey({start}, {end}, WantId({id})),")?;
        }
        self.key_count += keys.len();
        // Positions among the keys of this want, not in the whole array: they are small, and the
        // want knows where its keys begin.
        let mut by_name: Vec<(&str, usize)> = keys.keys().map(String::as_str).zip(0..).collect();
        by_name.sort_unstable();
        self.sorted.extend(by_name.into_iter().map(|(_, position)| position));
        Ok(())
    }

    /// Where a key stands in the text. It may be a part of another key that was there before, which is as good: `port`
    /// in `ports`. To search for it takes time in proportion to the text, which nobody notices in a build.
    fn intern(&mut self, key: &str) -> (usize, usize) {
        let start = match self.text.find(key) {
            Some(start) => start,
            None => {
                self.text.push_str(key);
                self.text.len() - key.len()
            }
        };
        (start, start + key.len())
    }
}

/// `{"Hex":{"bytes":32}}` as Rust source: `Generate::Hex { bytes: 32 }`. serde and Rust name variant and field alike,
/// so no recipe has to be known here.
fn generate(json: &Value) -> Result<String> {
    let (name, size) = json.as_object().and_then(|map| map.iter().next()).ok_or("no recipe")?;
    let (unit, size) = size.as_object().and_then(|map| map.iter().next()).ok_or("no size")?;
    Ok(format!("Generate::{name} {{ {unit}: {size} }}"))
}
