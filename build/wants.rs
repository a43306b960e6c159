//! What the schemas of bundled charts want (`schemas/NAME.wants.json`), as constant data of `src/yaml/wants.rs`.

use std::fmt::Write as _;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::Result;
use super::packed_plan::fingerprint;

/// A want as it is serialized.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Want {
    t: u8,
    #[serde(default)]
    s: bool,
    g: Option<Value>,
    #[serde(default)]
    p: Map<String, Value>,
    #[serde(default)]
    r: Vec<String>,
    a: Option<u32>,
    i: Option<u32>,
}

/// The arrays while they are filled, as Rust source.
#[derive(Default)]
struct Packer {
    text: String,
    wants: String,
    keys: String,
    key_count: usize,
    sorted: Vec<usize>,
    required: Vec<(usize, usize)>,
}

/// The wants in a text, as a Rust expression.
pub fn packed(json: &str) -> Result<String> {
    let wants: Vec<Want> = serde_json::from_str(json)?;
    let mut packer = Packer::default();
    for want in &wants {
        packer.want(want)?;
    }
    let Packer { text, wants, keys, sorted, required, .. } = packer;
    let fingerprint = fingerprint([json]);
    Ok(format!(
        "PackedWants {{ fingerprint: {fingerprint:?}, text: {text:?}, wants: &[{wants}], keys: &[{keys}], \
         sorted: &{sorted:?}, required: &{required:?} }}"
    ))
}

impl Packer {
    fn want(&mut self, want: &Want) -> Result<()> {
        let keys = (self.key_count, self.key_count + want.p.len());
        self.keys(&want.p)?;
        let required = (self.required.len(), self.required.len() + want.r.len());
        for key in &want.r {
            let range = self.add(key);
            self.required.push(range);
        }
        let generate = want.g.as_ref().map(generate).transpose()?;
        let id = |id: Option<u32>| id.map_or("None".to_owned(), |id| format!("Some(WantId({id}))"));
        writeln!(
            self.wants,
            "PackedWant {{ types: Types::from_bits({}), secret: {}, generate: {}, keys: {keys:?}, \
             required: {required:?}, additional: {}, items: {} }},",
            want.t,
            want.s,
            generate.map_or("None".to_owned(), |generate| format!("Some({generate})")),
            id(want.a),
            id(want.i),
        )?;
        Ok(())
    }

    fn keys(&mut self, keys: &Map<String, Value>) -> Result<()> {
        let mut names: Vec<(&str, usize)> = keys.keys().map(String::as_str).zip(0..).collect();
        for (key, id) in keys {
            let (start, end) = self.add(key);
            writeln!(self.keys, "PackedKey({start}, {end}, WantId({id})),")?;
        }
        names.sort_unstable();
        self.key_count += names.len();
        self.sorted.extend(names.into_iter().map(|(_, at)| at));
        Ok(())
    }

    fn add(&mut self, key: &str) -> (usize, usize) {
        let start = self.text.find(key).unwrap_or_else(|| {
            self.text.push_str(key);
            self.text.len() - key.len()
        });
        (start, start + key.len())
    }
}

/// `{"Hex":{"bytes":32}}` as Rust source.
fn generate(json: &Value) -> Result<String> {
    let (name, size) = json.as_object().and_then(|map| map.iter().next()).ok_or("no recipe")?;
    let (unit, size) = size.as_object().and_then(|map| map.iter().next()).ok_or("no size")?;
    Ok(format!("Generate::{name} {{ {unit}: {size} }}"))
}
