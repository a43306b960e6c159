//! A serde `Deserializer` over `Node`: any type that serde can read, with the path and place of what it refuses.

use std::fmt;

use serde::de::value::BorrowedStrDeserializer;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error, Expected, MapAccess, SeqAccess,
    Unexpected, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use super::node::{Entry, Node, Value};
use super::ordered_map::Iter;
use super::path::{Segment, ValuePath};
use super::scalar::{Kind, Scalar, Style};
use crate::source::Span;

/// Reads a tree as a value of type `T`. Where `T` wants a string, a plain scalar is the text as written.
pub fn from_node<T: DeserializeOwned>(node: &Node) -> Result<T, DecodeError> {
    T::deserialize(NodeReader(node)).map_err(|mut error| {
        // Each level adds its own segment on the way up, so the path begins with the innermost one.
        error.0.path.0.reverse();
        error.0.span.get_or_insert(node.span);
        error
    })
}

/// Why a tree is no value of the wanted type. Small, because hundreds of types have code that hands it on.
#[derive(Debug)]
pub struct DecodeError(Box<Refusal>);

/// What a [`DecodeError`] says.
#[derive(Debug)]
pub struct Refusal {
    /// The reason, in serde's words.
    pub reason: String,
    /// The path of the value that does not fit.
    pub path: ValuePath,
    /// Where that value was written.
    pub span: Option<Span>,
}

impl std::ops::Deref for DecodeError {
    type Target = Refusal;

    fn deref(&self) -> &Refusal {
        &self.0
    }
}

impl DecodeError {
    /// Says where it happened, on the way back up. The path is collected from its end.
    #[cold]
    fn inside(mut self, node: &Node, segment: Segment) -> Self {
        self.0.span.get_or_insert(node.span);
        self.0.path.0.push(segment);
        self
    }

    #[cold]
    fn inside_key(self, node: &Node, key: &str) -> Self {
        self.inside(node, Segment::Key(key.to_owned()))
    }

    /// The same words for every type, so they are written once and not in the code of each.
    #[cold]
    fn unfit(node: &Node, expected: &dyn Expected) -> Self {
        let found = match &node.value {
            Value::List(_) => Unexpected::Seq,
            Value::Map(_) => Unexpected::Map,
            Value::Scalar(scalar) => match scalar.kind {
                Kind::Null => Unexpected::Unit,
                // Only the variant counts: `noun` drops the value, so any will do.
                Kind::Bool => Unexpected::Bool(true),
                Kind::Str => Unexpected::Str(""),
                Kind::Int => Unexpected::Signed(0),
                Kind::Float => Unexpected::Float(0.0),
            },
        };
        Self::invalid_type(found, expected)
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.0.is_empty() {
            f.write_str(&self.reason)
        } else {
            write!(f, "`{}`: {}", self.path, self.reason)
        }
    }
}

impl std::error::Error for DecodeError {}

impl Error for DecodeError {
    fn custom<T: fmt::Display>(reason: T) -> Self {
        let reason = reason.to_string();
        DecodeError(Box::new(Refusal { reason, path: ValuePath::root(), span: None }))
    }

    /// Without the value itself, which may be a secret.
    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::custom(format_args!("expected {expected}, and this is {}", noun(found)))
    }

    /// Without the value itself, which may be a secret.
    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::custom(format_args!("expected {expected}, and this is {} that does not fit", noun(found)))
    }
}

fn noun(found: Unexpected<'_>) -> &'static str {
    match found {
        Unexpected::Bool(_) => "a boolean",
        Unexpected::Unsigned(_) | Unexpected::Signed(_) => "an integer",
        Unexpected::Float(_) => "a number",
        Unexpected::Str(_) | Unexpected::Char(_) => "a string",
        Unexpected::Unit | Unexpected::Option => "null",
        Unexpected::Seq => "a list",
        _ => "a map",
    }
}

#[derive(Clone, Copy)]
struct NodeReader<'n>(&'n Node);

impl<'n> NodeReader<'n> {
    /// The text, where only a string can be meant.
    fn text(self) -> Option<&'n str> {
        let scalar = self.0.as_scalar()?;
        // `version: 1.10` and `on: NO` mean the text as written. Null does not: it says that nothing is there.
        let meant = scalar.kind == Kind::Str || (scalar.style == Style::Plain && scalar.kind != Kind::Null);
        meant.then_some(&*scalar.text)
    }
}

/// Each type asks for what it takes. What it does not take is refused in one place, not by code of each type.
impl<'de> Deserializer<'de> for NodeReader<'de> {
    type Error = DecodeError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match &self.0.value {
            Value::Scalar(scalar) => visit_scalar(scalar, visitor),
            Value::List(items) => visitor.visit_seq(Items { rest: items.iter().enumerate() }),
            Value::Map(map) => visitor.visit_map(Entries { rest: map.iter(), current: None }),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.text() {
            Some(text) => visitor.visit_borrowed_str(text),
            None => Err(DecodeError::unfit(self.0, &visitor)),
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.0.as_map() {
            Some(map) => visitor.visit_map(Entries { rest: map.iter(), current: None }),
            None => Err(DecodeError::unfit(self.0, &visitor)),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        self.deserialize_map(visitor)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match &self.0.value {
            Value::List(items) => visitor.visit_seq(Items { rest: items.iter().enumerate() }),
            _ => Err(DecodeError::unfit(self.0, &visitor)),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        self.deserialize_str(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        // As serde has it for JSON: a variant without content is its name, one with content a map of that one key.
        let single = self.0.as_map().filter(|map| map.len() == 1).and_then(|map| map.get_index(0));
        match (self.text(), single) {
            (Some(text), _) => visitor.visit_enum(Variant { name: text, content: None }),
            (_, Some((name, entry))) => visitor.visit_enum(Variant { name, content: Some(&entry.node) }),
            _ => Err(DecodeError::custom("expected a name, or a map with one key")),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        // What nobody wants is not walked, however large it is.
        visitor.visit_unit()
    }

    // These take what is there: the visitor refuses what does not fit, by `invalid_type`.
    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char bytes byte_buf unit unit_struct tuple
        tuple_struct identifier
    }
}

fn visit_scalar<'de, V: Visitor<'de>>(scalar: &'de Scalar, visitor: V) -> Result<V::Value, DecodeError> {
    match scalar.kind {
        Kind::Null => visitor.visit_unit(),
        Kind::Bool => visitor.visit_bool(scalar.text.eq_ignore_ascii_case("true")),
        Kind::Str => visitor.visit_borrowed_str(&scalar.text),
        Kind::Int | Kind::Float => visit_number(scalar, visitor),
    }
}

fn visit_number<'de, V: Visitor<'de>>(scalar: &'de Scalar, visitor: V) -> Result<V::Value, DecodeError> {
    // Integers first, as a double would lose digits beyond 2^53. Only what lies between i64 and u64 needs the second attempt.
    if let Some(int) = scalar.as_i64() {
        return visitor.visit_i64(int);
    }
    if let Ok(int) = scalar.text.parse::<u64>() {
        return visitor.visit_u64(int);
    }
    let float = scalar.as_f64().ok_or_else(|| DecodeError::custom("this number is too large"))?;
    visitor.visit_f64(float)
}

struct Items<'n> {
    rest: std::iter::Enumerate<std::slice::Iter<'n, Node>>,
}

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = DecodeError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, DecodeError> {
        let Some((index, node)) = self.rest.next() else { return Ok(None) };
        let item = seed.deserialize(NodeReader(node));
        item.map(Some).map_err(|error| error.inside(node, Segment::Index(index)))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len())
    }
}

struct Entries<'n> {
    rest: Iter<'n, Entry>,
    /// serde asks for a key and its value in two calls, so the entry between them is kept here.
    current: Option<(&'n str, &'n Node)>,
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = DecodeError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, DecodeError> {
        let Some((key, entry)) = self.rest.next() else { return Ok(None) };
        self.current = Some((key, &entry.node));
        let read = seed.deserialize(BorrowedStrDeserializer::new(key));
        read.map(Some).map_err(|error: DecodeError| error.inside_key(&entry.node, key))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, DecodeError> {
        let (key, node) = self.current.take().ok_or_else(|| DecodeError::custom("a value without a key"))?;
        let value = seed.deserialize(NodeReader(node));
        value.map_err(|error| error.inside_key(node, key))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len())
    }
}

struct Variant<'n> {
    name: &'n str,
    content: Option<&'n Node>,
}

impl<'de> EnumAccess<'de> for Variant<'de> {
    type Error = DecodeError;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), DecodeError> {
        let name = seed.deserialize(BorrowedStrDeserializer::<DecodeError>::new(self.name))?;
        Ok((name, self))
    }
}

impl<'de> Variant<'de> {
    fn content(&self) -> Result<NodeReader<'de>, DecodeError> {
        let missing = || DecodeError::custom(format_args!("`{}` needs a value", self.name));
        self.content.map(NodeReader).ok_or_else(missing)
    }
}

impl<'de> VariantAccess<'de> for Variant<'de> {
    type Error = DecodeError;

    fn unit_variant(self) -> Result<(), DecodeError> {
        match self.content {
            None => Ok(()),
            Some(_) => Err(DecodeError::custom(format_args!("`{}` takes no value", self.name))),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, DecodeError> {
        seed.deserialize(self.content()?)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _len: usize, visitor: V) -> Result<V::Value, DecodeError> {
        self.content()?.deserialize_any(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        self.content()?.deserialize_any(visitor)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;

    use super::*;
    use crate::session::Session;
    use crate::source::SourceKind;

    fn read<T: DeserializeOwned>(text: &str) -> Result<T, String> {
        let session = Session::new();
        let source = session.add_source(SourceKind::File, "test", text);
        let node = crate::yaml::parse_one(&session, source).unwrap().unwrap();
        from_node(&node).map_err(|error| format!("{}: {error}", session.text(error.span.unwrap()).trim()))
    }

    #[derive(Deserialize, Debug, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Chart {
        version: String,
        size: Option<u64>,
        #[serde(default)]
        modes: Vec<Mode>,
        #[serde(default)]
        labels: BTreeMap<String, String>,
    }

    #[derive(Deserialize, Debug, PartialEq)]
    #[serde(rename_all = "lowercase")]
    enum Mode {
        Fast,
        Limit(i32),
        Window { from: f64 },
        Pair(i8, bool),
    }

    #[test]
    fn plain_scalars_are_strings_where_strings_are_wanted() {
        let text = "version: 1.10\nsize: 18446744073709551615\nmodes: [fast, limit: -1, window: {from: 1e3}, pair: [1, true]]\nlabels: {on: NO}\n";
        let modes = vec![Mode::Fast, Mode::Limit(-1), Mode::Window { from: 1000.0 }, Mode::Pair(1, true)];
        let labels = BTreeMap::from([("on".to_owned(), "NO".to_owned())]);
        let chart = Chart { version: "1.10".to_owned(), size: Some(u64::MAX), modes, labels };
        assert_eq!(read::<Chart>(text), Ok(chart));
        assert_eq!(read::<Chart>("version: a\nsize: ~\n").unwrap().size, None);
    }

    #[test]
    fn errors_have_a_path_and_a_place() {
        for (text, expected) in [
            ("version: [1]\n", "[1]: `version`: expected a string, and this is a list"),
            ("version: ~\n", "~: `version`: expected a string, and this is null"),
            ("version: a\nsize: -1\n", "-1: `size`: expected u64, and this is an integer that does not fit"),
            ("version: a\nlabels: {b: [c]}\n", "[c]: `labels.b`: expected a string, and this is a list"),
            ("version: a\nmodes: [fast, limit]\n", "limit: `modes[1]`: `limit` needs a value"),
            ("version: a\nmodes: [fast: 1]\n", "fast: 1: `modes[0]`: `fast` takes no value"),
        ] {
            assert_eq!(read::<Chart>(text).unwrap_err(), expected);
        }
        let unknown = read::<Chart>("version: a\nsise: 1\n").unwrap_err();
        assert!(unknown.starts_with("1: `sise`: unknown field `sise`, expected one of"), "{unknown}");
        assert!(read::<Chart>("size: 1\n").unwrap_err().contains("missing field `version`"));
    }

    #[test]
    fn anything_becomes_json() {
        let json: serde_json::Value = read("{a: [1, 1.5, true, ~, no, '1'], b: {}}").unwrap();
        assert_eq!(json, serde_json::json!({"a": [1, 1.5, true, null, "no", "1"], "b": {}}));
    }
}
