//! A serde `Deserializer` over trees in either form: any type that serde can read, with the path and place of what it refuses.
//!
//! serde asks a deserializer for what a type takes (`deserialize_str`, `deserialize_struct`, …), and hands over a
//! visitor that takes one of serde's own kinds of values. Here the answer is:
//!
//! | a type asks for | it gets |
//! |---|---|
//! | a string | the text of a string, and of any plain scalar but null as it was written: `1.10` and `no` need no quotes |
//! | a map or a struct, a list, an option, an enum | that, or a refusal |
//! | a number, a boolean, a tuple, anything at all | what the node is; the visitor refuses it if it does not fit |
//!
//! So the `IntOrString` of Kubernetes, which asks for anything, gets a number of `80` and a text of `"80"`.
//!
//! # Errors
//!
//! ```text
//! containers:             containers[1].ports[0].containerPort: expected i32, and this is a string
//! - name: a
//! - name: b
//!   ports: [{containerPort: "http"}]
//!                           ^^^^^^ the span
//! ```
//!
//! A visitor does not know where it is, so an error begins without a path. Each list and map that it comes through on
//! its way up adds the step that led down (`DecodeError::inside`), and the innermost one of them the span. A tree that
//! fits, which is the usual case, costs no path at all.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::BorrowedStrDeserializer;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error, Expected, MapAccess, SeqAccess,
    Unexpected, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use super::node::Node;
use super::packed::PackedNode;
use super::path::{Segment, ValuePath};
use super::scalar::{Kind, ScalarRef, Style};
use super::view::{NodeView, View};
use crate::source::Span;

/// Reads a tree as a value of type `T`. Where `T` wants a string, a plain scalar is the text as written.
///
/// # Errors
/// The first thing that does not fit, with its path from `node` and the span of the value at its end. Of a missing
/// field that is the map without it; of an unknown one, where `T` refuses those, the value under its key.
pub fn from_node<T: DeserializeOwned>(node: &Node) -> Result<T, DecodeError> {
    read(node)
}

/// As [`from_node`], of a packed tree.
///
/// # Errors
/// As [`from_node`].
pub(super) fn from_packed<T: DeserializeOwned>(node: PackedNode<'_>) -> Result<T, DecodeError> {
    read(node)
}

fn read<'n, T: DeserializeOwned, N: NodeView<'n>>(node: N) -> Result<T, DecodeError> {
    T::deserialize(NodeReader::of(node)).map_err(|mut error| {
        // Each level has added its own segment on the way up, so the path begins with the innermost one.
        error.0.path.0.reverse();
        // Only what was wrong with the root itself has no span yet.
        error.0.span.get_or_insert(node.span());
        error
    })
}

// Errors.

/// Why a tree is no value of the wanted type: a [`Refusal`], boxed. The hundreds of types of Kubernetes each have code
/// that hands a `Result` on, and with a pointer instead of a string, a path and a span in it that code is smaller.
#[derive(Debug)]
pub struct DecodeError(Box<Refusal>);

/// What a [`DecodeError`] says.
#[derive(Debug)]
pub struct Refusal {
    /// The reason, in serde's words, or those of [`DecodeError::invalid_type`].
    pub reason: String,
    /// The path of the value that does not fit.
    pub path: ValuePath,
    /// Where that value was written; always there in what [`from_node`] gives.
    pub span: Option<Span>,
}

impl std::ops::Deref for DecodeError {
    type Target = Refusal;

    fn deref(&self) -> &Refusal {
        &self.0
    }
}

impl DecodeError {
    /// Says where it happened, on the way back up: at `place`, which is `segment` of the list or map above it.
    /// The path is collected from its end.
    #[cold]
    fn inside(mut self, place: Span, segment: Segment) -> Self {
        // The first one to be asked is the innermost, and its span stays.
        self.0.span.get_or_insert(place);
        self.0.path.0.push(segment);
        self
    }

    /// As [`DecodeError::inside`], for the value under a key, which is copied here and so in cold code alone.
    #[cold]
    fn inside_key(self, place: Span, key: &str) -> Self {
        self.inside(place, Segment::Key(key.to_owned()))
    }

    /// A node that is something else than the visitor takes. The words are the same for every type, so they are put
    /// together once, behind a `dyn`, and not in the code of each.
    #[cold]
    fn unfit(found: &'static str, expected: &dyn Expected) -> Self {
        Self::custom(format_args!("expected {expected}, and this is {found}"))
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

/// What visitors refuse a value with. The words that serde has for a wrong type and a wrong value quote the value,
/// which may be a secret; these name its type alone.
impl Error for DecodeError {
    fn custom<T: fmt::Display>(reason: T) -> Self {
        let reason = reason.to_string();
        DecodeError(Box::new(Refusal { reason, path: ValuePath::root(), span: None }))
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::custom(format_args!("expected {expected}, and this is {}", noun(found)))
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::custom(format_args!("expected {expected}, and this is {} that does not fit", noun(found)))
    }
}

/// What a visitor was given, as [`Node::noun`] says it of a node.
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

// Values.

/// A node as serde's source of a value.
#[derive(Clone, Copy)]
struct NodeReader<'n, N> {
    node: N,
    tree: PhantomData<&'n ()>,
}

impl<'n, N: NodeView<'n>> NodeReader<'n, N> {
    fn of(node: N) -> Self {
        NodeReader { node, tree: PhantomData }
    }

    /// The text, where only a string can be meant; none of what cannot be one: null, a list, a map, and a number or a
    /// boolean with a tag on a quoted text (`!!int "1"`).
    fn text(self) -> Option<&'n str> {
        let scalar = self.node.scalar()?;
        // `version: 1.10` and `on: NO` mean the text as written. Null does not: it says that nothing is there.
        let is_text = scalar.kind == Kind::Str || (scalar.style == Style::Plain && scalar.kind != Kind::Null);
        is_text.then_some(&**scalar.text)
    }
}

/// What a type asks for by name is answered or refused here, instead of by [`NodeReader::deserialize_any`] and the
/// type's visitor. That function has an arm for each kind of node, and would be compiled with all of them for every
/// type of Kubernetes.
impl<'de, N: NodeView<'de>> Deserializer<'de> for NodeReader<'de, N> {
    type Error = DecodeError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.node.view() {
            View::Scalar(scalar) => visit_scalar(scalar, visitor),
            View::List(items) => visitor.visit_seq(ListItems::new(items)),
            View::Map(entries) => visitor.visit_map(MapEntries::<N>::new(entries)),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        if self.node.scalar().is_some_and(|scalar| scalar.kind == Kind::Null) {
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.text() {
            Some(text) => visitor.visit_borrowed_str(text),
            None => Err(DecodeError::unfit(self.node.noun(), &visitor)),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        self.deserialize_str(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.node.view() {
            View::Map(entries) => visitor.visit_map(MapEntries::<N>::new(entries)),
            _ => Err(DecodeError::unfit(self.node.noun(), &visitor)),
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
        match self.node.view() {
            View::List(items) => visitor.visit_seq(ListItems::new(items)),
            _ => Err(DecodeError::unfit(self.node.noun(), &visitor)),
        }
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
        if let Some(name) = self.text() {
            return visitor.visit_enum(EnumVariant::<N> { name, content: None });
        }
        let single_entry = match self.node.view() {
            View::Map(mut entries) if entries.len() == 1 => entries.next(),
            _ => None,
        };
        match single_entry {
            Some((name, node)) => visitor.visit_enum(EnumVariant { name, content: Some(node) }),
            None => Err(DecodeError::custom("expected a name, or a map with one key")),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        // What is ignored is not walked, however large it is.
        visitor.visit_unit()
    }

    // These get what is there: the visitor refuses what does not fit, by `invalid_type`.
    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char bytes byte_buf unit unit_struct tuple
        tuple_struct identifier
    }
}

/// A scalar as what it is, whatever the type wants.
fn visit_scalar<'de, V: Visitor<'de>>(scalar: ScalarRef<'de>, visitor: V) -> Result<V::Value, DecodeError> {
    match scalar.kind {
        Kind::Null => visitor.visit_unit(),
        Kind::Bool => visitor.visit_bool(scalar.is_true()),
        Kind::Str => visitor.visit_borrowed_str(scalar.text),
        Kind::Int | Kind::Float => visit_number(scalar, visitor),
    }
}

/// A number in the first of serde's types that holds it: `i64`, `u64`, `f64`. The visitor narrows it down to its own
/// type, and refuses what that cannot hold.
fn visit_number<'de, V: Visitor<'de>>(scalar: ScalarRef<'de>, visitor: V) -> Result<V::Value, DecodeError> {
    // Integers first, as a double would lose digits beyond 2^53. Only what lies between i64 and u64 needs the second
    // attempt.
    if let Some(int) = scalar.as_i64() {
        return visitor.visit_i64(int);
    }
    if let Ok(int) = scalar.text.parse::<u64>() {
        return visitor.visit_u64(int);
    }
    let float = scalar.as_f64().ok_or_else(|| DecodeError::custom("this is not a number"))?;
    visitor.visit_f64(float)
}

// Lists, maps and enums.

/// The items of a list, each read when serde asks for it.
struct ListItems<I> {
    rest: std::iter::Enumerate<I>,
}

impl<I: Iterator> ListItems<I> {
    fn new(items: I) -> Self {
        ListItems { rest: items.enumerate() }
    }
}

impl<'de, I: ExactSizeIterator<Item: NodeView<'de>>> SeqAccess<'de> for ListItems<I> {
    type Error = DecodeError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, DecodeError> {
        let Some((index, node)) = self.rest.next() else { return Ok(None) };
        match seed.deserialize(NodeReader::of(node)) {
            Ok(item) => Ok(Some(item)),
            Err(error) => Err(error.inside(node.span(), Segment::Index(index))),
        }
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len())
    }
}

/// The entries of a map, each read when serde asks for it.
struct MapEntries<'n, N: NodeView<'n>> {
    rest: N::Entries,
    /// serde asks for a key and its value in two calls, so the entry between them is kept here.
    current: Option<(&'n str, N)>,
}

impl<'n, N: NodeView<'n>> MapEntries<'n, N> {
    fn new(entries: N::Entries) -> Self {
        MapEntries { rest: entries, current: None }
    }
}

impl<'de, N: NodeView<'de>> MapAccess<'de> for MapEntries<'de, N> {
    type Error = DecodeError;

    /// A key is always a string here, so it is handed over as one, without a node. One that is refused is an unknown
    /// field: the error names the key, and its value has the span.
    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, DecodeError> {
        let Some((key, node)) = self.rest.next() else { return Ok(None) };
        self.current = Some((key, node));
        match seed.deserialize(BorrowedStrDeserializer::<DecodeError>::new(key)) {
            Ok(read) => Ok(Some(read)),
            Err(error) => Err(error.inside_key(node.span(), key)),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, DecodeError> {
        // A visitor that asks for a value first breaks the contract of `MapAccess`; but `T` may be any type.
        let (key, node) = self.current.take().ok_or_else(|| DecodeError::custom("a value without a key"))?;
        seed.deserialize(NodeReader::of(node)).map_err(|error| error.inside_key(node.span(), key))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len())
    }
}

/// A variant of an enum: `fast` without content, or `limit: 5` with some. serde reads the name first, to learn which
/// kind of content the variant has.
struct EnumVariant<'n, N> {
    name: &'n str,
    content: Option<N>,
}

impl<'de, N: NodeView<'de>> EnumAccess<'de> for EnumVariant<'de, N> {
    type Error = DecodeError;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), DecodeError> {
        let name = seed.deserialize(BorrowedStrDeserializer::<DecodeError>::new(self.name))?;
        Ok((name, self))
    }
}

impl<'de, N: NodeView<'de>> EnumVariant<'de, N> {
    /// The content of a variant that must have some.
    fn content(&self) -> Result<NodeReader<'de, N>, DecodeError> {
        match self.content {
            Some(node) => Ok(NodeReader::of(node)),
            None => Err(DecodeError::custom(format_args!("`{}` needs a value", self.name))),
        }
    }
}

impl<'de, N: NodeView<'de>> VariantAccess<'de> for EnumVariant<'de, N> {
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
        let text = "version: 1.10\nsize: 18446744073709551615\n\
            modes: [fast, limit: -1, window: {from: 1e3}, pair: [1, true]]\nlabels: {on: NO}\n";
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
