//! `PackedTree`: a tree that is kept, in a quarter of the memory of a [`Node`], and read where it stands.
//!
//! A large set is held as trees from the time it is read until it is printed. As [`Node`]s an entry of a map takes 80
//! bytes, and each map an allocation of its own. Packed, all nodes of a tree are rows of a few flat arrays, in the order
//! in which they stand in the text, and several trees share those arrays:
//!
//! ```text
//! kind: Pod                 row   tag    key        value        size
//! metadata:                  0    map    –          2 entries    5
//!   name: web                1    text   kind       Pod          1
//!   labels: {app: web}       2    map    metadata   2 entries    …
//! ```
//!
//! `size` is the number of rows of the node with all that is in it, so the next one beside it is that many rows on.
//! Texts are shared, and a row has an index of each. So a row has seven bytes; thirteen, where there are very many. Spans
//! and origins are asked for by findings alone, so they are written apart, as differences from those before, in some four
//! bytes a node; roots, and a row in [`STRIDE`], say where reading can begin.
//!
//! Packed trees do not change. [`PackedTree::unpack`] makes a [`Node`] again, which is changed and packed anew.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use super::node::{Entry, Map, Node, Value};
use super::path::{Segment, ValuePath};
use super::scalar::{Kind, Scalar, ScalarRef, Style};
use crate::source::{OriginId, OriginShift, SourceId, Span};

/// A tree in packed form, which shares its arrays with others.
#[derive(Clone)]
pub struct PackedTree {
    pack: Arc<Pack>,
    /// The row of its root.
    root: u32,
    /// What becomes of its origins, if they were those of an overlay.
    shift: Option<OriginShift>,
}

/// The arrays of several trees. None has room for more than it holds.
struct Pack {
    /// Keys and scalars. A text may be there twice.
    texts: Box<[Arc<str>]>,
    /// What each row holds.
    tags: Box<[Tag]>,
    rows: Rows,
    /// Maps with more than [`FEW`] entries, ascending: the row, and where in `sorted` its entries begin.
    large: Box<[(u32, u32)]>,
    /// The rows of the entries of large maps, ascending by their keys.
    sorted: Box<[u32]>,
    /// The spans and origins of all rows, as [`PlaceWriter`] writes them.
    places: Box<[u8]>,
    /// Rows at which places can be read from, ascending: the root of each tree, and one at least in [`STRIDE`] rows. Each with where
    /// its place begins in `places`, and what came before.
    starts: Box<[(u32, u32, Before)]>,
}

/// All rows, in half the memory where there are few of them and of texts, as there nearly always are.
enum Rows {
    /// Key, value and size of each.
    Narrow(Box<[[u16; 3]]>),
    Wide(Box<[Row]>),
}

impl Rows {
    fn of(rows: &[Row], texts: usize) -> Rows {
        // No number of a row is larger than that of all rows or texts; that of no key is kept for it.
        if rows.len().max(texts) >= usize::from(u16::MAX) {
            return Rows::Wide(rows.into());
        }
        let narrow = |number: u32| u16::try_from(number).unwrap_or(u16::MAX);
        Rows::Narrow(rows.iter().map(|row| [row.key, row.value, row.size].map(narrow)).collect())
    }

    #[inline]
    fn get(&self, at: usize) -> Row {
        match self {
            Rows::Wide(rows) => rows[at],
            Rows::Narrow(rows) => {
                let [key, value, size] = rows[at];
                let key = if key == u16::MAX { NO_KEY } else { key.into() };
                Row { key, value: value.into(), size: size.into() }
            }
        }
    }
}

/// One node.
#[derive(Clone, Copy)]
struct Row {
    /// An index into the texts; [`NO_KEY`] where it is no entry of a map.
    key: u32,
    /// Of a scalar an index into the texts; otherwise the number of items or entries.
    value: u32,
    /// The rows of the node and of all that is in it.
    size: u32,
}

/// What a row holds: the kind and the style of a scalar, a list, or a map.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Tag(u8);

/// The kinds and styles that a tag has numbers for.
const KINDS: [Kind; 5] = [Kind::Null, Kind::Bool, Kind::Int, Kind::Float, Kind::Str];
const STYLES: [Style; 3] = [Style::Plain, Style::Quoted, Style::Block];

impl Tag {
    const LIST: Tag = Tag(100);
    const MAP: Tag = Tag(101);

    fn scalar(kind: Kind, style: Style) -> Tag {
        // Both enums are written in the order of the tables.
        Tag(kind as u8 * STYLES.len() as u8 + style as u8)
    }

    #[inline]
    fn as_scalar(self) -> Option<(Kind, Style)> {
        let number = usize::from(self.0);
        Some((*KINDS.get(number / STYLES.len())?, STYLES[number % STYLES.len()]))
    }
}

const NO_KEY: u32 = u32::MAX;

/// The entries of larger maps are searched for by halves: in order of their keys.
const FEW: usize = 12;

/// How many rows there are at most from one at which reading places can begin to the next.
const STRIDE: u32 = 16;

/// Packs trees, which share arrays; as many results as there are trees.
pub fn pack(trees: impl IntoIterator<Item = Node>) -> Vec<PackedTree> {
    let mut packer = Packer::default();
    let roots: Vec<u32> = trees.into_iter().map(|tree| packer.add(tree)).collect();
    let pack = Arc::new(packer.finish());
    roots.into_iter().map(|root| PackedTree { pack: Arc::clone(&pack), root, shift: None }).collect()
}

impl PackedTree {
    /// The root, to be read where it stands.
    pub fn root(&self) -> PackedNode<'_> {
        PackedNode { tree: self, row: self.root }
    }

    /// The same tree as nodes, which can be changed.
    pub fn unpack(&self) -> Node {
        self.root().to_node()
    }

    /// Renames the origins of the tree, when those of an overlay become those of its session.
    pub(crate) fn shift_origins(&mut self, shift: OriginShift) {
        match self.shift {
            None => self.shift = Some(shift),
            // A tree is read in an overlay of one session, so this is for completeness.
            Some(_) => {
                let mut node = self.unpack();
                node.shift_origins(shift);
                if let Some(packed) = pack([node]).pop() {
                    *self = packed;
                }
            }
        }
    }
}

/// As its nodes.
impl fmt::Debug for PackedTree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.root().fmt(f)
    }
}

/// A node of a [`PackedTree`]: a handle that is copied freely. It has what a [`Node`] has, by the same names.
#[derive(Clone, Copy)]
pub struct PackedNode<'t> {
    tree: &'t PackedTree,
    row: u32,
}

impl fmt::Debug for PackedNode<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_node().fmt(f)
    }
}

impl<'t> PackedNode<'t> {
    #[inline]
    fn tag(self) -> Tag {
        self.tree.pack.tags[self.row as usize]
    }

    #[inline]
    fn row(self) -> Row {
        self.tree.pack.rows.get(self.row as usize)
    }

    #[inline]
    fn place(self) -> Place {
        Places::at(&self.tree.pack, self.row as usize).next()
    }

    /// Whether both are one node of one tree.
    pub fn is(self, other: PackedNode<'_>) -> bool {
        std::ptr::eq(self.tree, other.tree) && self.row == other.row
    }

    /// Where it was written.
    pub fn span(self) -> Span {
        self.place().span
    }

    /// Where its key was written, if it is in a map.
    pub fn key_span(self) -> Option<Span> {
        self.place().key
    }

    /// What it was bound from, in a rendered document.
    pub fn origin(self) -> Option<OriginId> {
        let origin = self.place().origin;
        origin.map(|id| self.tree.shift.map_or(id, |shift| shift.of(id)))
    }

    /// The text of a scalar of whatever kind, as it is written.
    #[inline]
    pub fn text(self) -> Option<&'t str> {
        self.tag().as_scalar()?;
        Some(&self.tree.pack.texts[self.row().value as usize])
    }

    /// The scalar, if it is one.
    #[inline]
    pub fn as_scalar(self) -> Option<ScalarRef<'t>> {
        let (kind, style) = self.tag().as_scalar()?;
        Some(ScalarRef { text: &self.tree.pack.texts[self.row().value as usize], kind, style })
    }

    /// The text, if it is a string. A number has none here, although it has a lexeme.
    pub fn as_str(self) -> Option<&'t str> {
        self.as_scalar().filter(|scalar| scalar.kind == Kind::Str).map(|scalar| &**scalar.text)
    }

    /// The boolean, if it is one.
    pub fn as_bool(self) -> Option<bool> {
        self.as_scalar().filter(|scalar| scalar.kind == Kind::Bool).map(ScalarRef::is_true)
    }

    /// The integer, if it is one and fits into 64 bits.
    pub fn as_i64(self) -> Option<i64> {
        self.as_scalar()?.as_i64()
    }

    /// Whether it is null.
    pub fn is_null(self) -> bool {
        self.tag().as_scalar().is_some_and(|(kind, _)| kind == Kind::Null)
    }

    /// The items, if it is a list.
    #[inline]
    pub fn as_list(self) -> Option<PackedList<'t>> {
        (self.tag() == Tag::LIST).then_some(PackedList(Some(self)))
    }

    /// The mapping, if it is one.
    #[inline]
    pub fn as_map(self) -> Option<PackedMap<'t>> {
        (self.tag() == Tag::MAP).then_some(PackedMap(self))
    }

    /// The value under `key`, if it is a map that has it.
    #[inline]
    pub fn get(self, key: &str) -> Option<PackedNode<'t>> {
        self.as_map()?.get(key)
    }

    /// The node at a path, if there is one.
    pub fn at(self, path: &ValuePath) -> Option<PackedNode<'t>> {
        path.0.iter().try_fold(self, |node, segment| match segment {
            Segment::Key(key) => node.get(key),
            Segment::Index(index) => node.as_list()?.get(*index),
        })
    }

    /// The same as a tree of nodes.
    pub fn to_node(self) -> Node {
        let pack = &*self.tree.pack;
        let row = self.row as usize;
        Unpacking { pack, row, places: Places::at(pack, row), shift: self.tree.shift }.node().node
    }

    /// The nodes right in it, in order.
    #[inline]
    fn children(self) -> Children<'t> {
        let Row { value, .. } = self.row();
        let left = if self.tag().as_scalar().is_some() { 0 } else { value as usize };
        Children { tree: Some(self.tree), row: self.row + 1, left }
    }
}

/// The items of a list; the default is an empty one.
#[derive(Clone, Copy, Debug, Default)]
pub struct PackedList<'t>(Option<PackedNode<'t>>);

impl<'t> PackedList<'t> {
    /// How many there are.
    pub fn len(self) -> usize {
        self.0.map_or(0, |list| list.row().value as usize)
    }

    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The item at an index. Takes time for each one before it.
    pub fn get(self, index: usize) -> Option<PackedNode<'t>> {
        self.iter().nth(index)
    }

    /// The items, in order.
    #[inline]
    pub fn iter(self) -> Children<'t> {
        self.into_iter()
    }
}

impl<'t> IntoIterator for PackedList<'t> {
    type Item = PackedNode<'t>;
    type IntoIter = Children<'t>;

    fn into_iter(self) -> Children<'t> {
        self.0.map(PackedNode::children).unwrap_or_default()
    }
}

/// A mapping, whose keys keep their order.
#[derive(Clone, Copy, Debug)]
pub struct PackedMap<'t>(PackedNode<'t>);

impl<'t> PackedMap<'t> {
    /// How many entries it has.
    pub fn len(self) -> usize {
        self.0.row().value as usize
    }

    /// Whether it has none.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The value under a key.
    #[inline]
    pub fn get(self, key: &str) -> Option<PackedNode<'t>> {
        if self.len() > FEW {
            return self.find(key);
        }
        self.iter().find(|(known, _)| *known == key).map(|(_, node)| node)
    }

    /// The same, by halves.
    fn find(self, key: &str) -> Option<PackedNode<'t>> {
        let tree = self.0.tree;
        let pack = &*tree.pack;
        let at = pack.large.binary_search_by_key(&self.0.row, |(row, _)| *row).ok()?;
        let start = pack.large[at].1 as usize;
        let entries = pack.sorted.get(start..start + self.len())?;
        let at = entries.binary_search_by(|row| pack.key(*row as usize).cmp(key)).ok()?;
        Some(PackedNode { tree, row: entries[at] })
    }

    /// Whether it has a key.
    pub fn contains_key(self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// The keys, in order.
    pub fn keys(self) -> impl Iterator<Item = &'t str> {
        self.iter().map(|(key, _)| key)
    }

    /// The values, in order.
    pub fn values(self) -> Children<'t> {
        self.0.children()
    }

    /// Keys and values, in order.
    #[inline]
    pub fn iter(self) -> Entries<'t> {
        Entries(self.0.children())
    }
}

impl<'t> IntoIterator for PackedMap<'t> {
    type Item = (&'t str, PackedNode<'t>);
    type IntoIter = Entries<'t>;

    fn into_iter(self) -> Entries<'t> {
        self.iter()
    }
}

/// The keys and values of a map, in order.
#[derive(Clone, Debug)]
pub struct Entries<'t>(Children<'t>);

impl<'t> Iterator for Entries<'t> {
    type Item = (&'t str, PackedNode<'t>);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|node| (node.tree.pack.key(node.row as usize), node))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl ExactSizeIterator for Entries<'_> {}

/// The nodes right in a list or a map, in order.
#[derive(Clone, Debug, Default)]
pub struct Children<'t> {
    tree: Option<&'t PackedTree>,
    /// That of the next one.
    row: u32,
    left: usize,
}

impl<'t> Iterator for Children<'t> {
    type Item = PackedNode<'t>;

    #[inline]
    fn next(&mut self) -> Option<PackedNode<'t>> {
        self.left = self.left.checked_sub(1)?;
        let node = PackedNode { tree: self.tree?, row: self.row };
        self.row += node.row().size;
        Some(node)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Children<'_> {}

impl Pack {
    /// The key of a row; of one without a key the empty text.
    #[inline]
    fn key(&self, row: usize) -> &str {
        self.texts.get(self.rows.get(row).key as usize).map_or("", Deref::deref)
    }
}

/// An index or an offset in the width of a row. No text has more than 1 GiB (`Limit::FileSize`), and what is made of
/// values is limited to far less, so nothing is cut off.
fn narrow(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// Makes a [`Pack`], whose arrays it has as lists.
#[derive(Default)]
struct Packer {
    texts: Vec<Arc<str>>,
    tags: Vec<Tag>,
    rows: Vec<Row>,
    large: Vec<(u32, u32)>,
    sorted: Vec<u32>,
    places: PlaceWriter,
    starts: Vec<(u32, u32, Before)>,
    /// The last text of each bucket, as an index and one; 0 for none.
    buckets: Vec<u32>,
}

/// Texts come from a few hundred keys and scalars that are shared, and from values.
const BUCKETS: usize = 256;

impl Packer {
    /// Adds a tree, and gives the row of its root.
    fn add(&mut self, root: Node) -> u32 {
        let row = narrow(self.rows.len());
        if row == 0 {
            self.places.before.own.0 = root.span.source.0;
        }
        // Its place is asked for more often than any other.
        self.start();
        self.node(None, root);
        row
    }

    /// Says that places can be read from here on.
    fn start(&mut self) {
        let place = narrow(self.places.bytes.len());
        self.starts.push((narrow(self.rows.len()), place, self.places.before));
    }

    fn finish(self) -> Pack {
        // Copied and not shrunk: an allocator may leave a block that is shrunk as large as it is.
        Pack {
            rows: Rows::of(&self.rows, self.texts.len()),
            texts: self.texts.as_slice().into(),
            tags: self.tags.as_slice().into(),
            large: self.large.as_slice().into(),
            sorted: self.sorted.as_slice().into(),
            places: self.places.bytes.as_slice().into(),
            starts: self.starts.as_slice().into(),
        }
    }

    fn node(&mut self, key: Option<(Arc<str>, Span)>, node: Node) {
        let Node { value, span, origin } = node;
        let at = self.rows.len();
        if self.starts.last().is_none_or(|(last, ..)| narrow(at) - last >= STRIDE) {
            self.start();
        }
        let written = if let Value::Scalar(scalar) = &value { Some(scalar.text.len()) } else { None };
        let key_place = key.as_ref().map(|(key, span)| (*span, key.len()));
        self.places.write(key_place, span, written, origin);
        let key = key.map_or(NO_KEY, |(key, _)| self.text(key));
        let (tag, count) = match &value {
            Value::Scalar(scalar) => (Tag::scalar(scalar.kind, scalar.style), 0),
            Value::List(items) => (Tag::LIST, items.len()),
            Value::Map(map) => (Tag::MAP, map.len()),
        };
        self.tags.push(tag);
        self.rows.push(Row { key, value: narrow(count), size: 1 });
        match value {
            Value::Scalar(scalar) => {
                let text = self.text(scalar.text);
                self.rows[at].value = text;
                return;
            }
            Value::List(items) => items.into_iter().for_each(|item| self.node(None, item)),
            Value::Map(map) => self.entries(at, map),
        }
        self.rows[at].size = narrow(self.rows.len() - at);
    }

    /// The entries of the map at a row.
    fn entries(&mut self, at: usize, map: Map) {
        // Before those of the maps in it, so that they are ascending.
        let large = (map.len() > FEW).then_some(self.large.len());
        if large.is_some() {
            self.large.push((narrow(at), 0));
        }
        let mut rows = Vec::new();
        for (key, Entry { key_span, node }) in map {
            if large.is_some() {
                rows.push(narrow(self.rows.len()));
            }
            self.node(Some((key, key_span)), node);
        }
        if let Some(large) = large {
            rows.sort_unstable_by(|a, b| self.key(*a).cmp(&self.key(*b)));
            self.large[large].1 = narrow(self.sorted.len());
            self.sorted.append(&mut rows);
        }
    }

    /// The key of a row.
    fn key(&self, row: u32) -> Option<&Arc<str>> {
        self.texts.get(self.rows.get(row as usize)?.key as usize)
    }

    /// The index of a text: that of the last one in its bucket if that is the same shared text, or of a new one.
    fn text(&mut self, text: Arc<str>) -> u32 {
        self.buckets.resize(BUCKETS, 0);
        // Allocations are apart by sixteen bytes and more.
        let bucket = &mut self.buckets[(text.as_ptr().addr() / 16) % BUCKETS];
        if let Some(index) = bucket.checked_sub(1)
            && self.texts.get(index as usize).is_some_and(|known| Arc::ptr_eq(known, &text))
        {
            return index;
        }
        let index = narrow(self.texts.len());
        *bucket = index.saturating_add(1);
        self.texts.push(text);
        index
    }
}

/// Where a node was written.
#[derive(Clone, Copy, Debug)]
struct Place {
    key: Option<Span>,
    span: Span,
    origin: Option<OriginId>,
}

/// What the place of a node is told apart from: what was written before it.
#[derive(Clone, Copy, Debug, Default)]
struct Before {
    /// The source of the first node, which most nodes are written in, and the byte behind the last one of them.
    own: (u32, u32),
    /// The same of the last node that was written elsewhere: a value, in a values file.
    other: (u32, u32),
    /// The index of the last origin.
    origin: u32,
}

// The bits of the first byte of a place. Behind it stand, each as far as it is needed: source, start and length of the
// key; those of the node; the origin.
/// It has a key.
const KEY: u8 = 1;
/// The key is not written in the source that most nodes are.
const KEY_ELSEWHERE: u8 = 2;
/// The key has as many bytes as its text.
const KEY_PLAIN: u8 = 4;
/// The node is not written in the source that most nodes are.
const ELSEWHERE: u8 = 8;
/// The node has as many bytes as its text.
const PLAIN: u8 = 16;
/// It has an origin.
const ORIGIN: u8 = 32;

/// Writes places one after the other.
#[derive(Default)]
struct PlaceWriter {
    bytes: Vec<u8>,
    before: Before,
}

impl PlaceWriter {
    /// Writes the place of a node: that of its key, with the length of the key's text; its own, with that of its text if
    /// it is a scalar; its origin.
    fn write(
        &mut self,
        key: Option<(Span, usize)>,
        span: Span,
        text: Option<usize>,
        origin: Option<OriginId>,
    ) {
        let at = self.bytes.len();
        self.bytes.push(0);
        let mut flags = 0;
        if let Some((key, text)) = key {
            flags |= KEY | self.span(key, Some(text), KEY_ELSEWHERE, KEY_PLAIN);
        }
        flags |= self.span(span, text, ELSEWHERE, PLAIN);
        if let Some(origin) = origin {
            flags |= ORIGIN;
            let index = narrow(origin.index());
            self.difference(index, self.before.origin);
            self.before.origin = index;
        }
        self.bytes[at] = flags;
    }

    /// Writes a span; gives the bits that say how.
    fn span(&mut self, span: Span, text: Option<usize>, elsewhere: u8, plain: u8) -> u8 {
        let mut flags = 0;
        let mut before = self.before.own;
        if span.source.0 != before.0 {
            flags |= elsewhere;
            before = self.before.other;
            self.difference(span.source.0, before.0);
        }
        self.difference(span.start, before.1);
        let length = span.end.wrapping_sub(span.start);
        if text == Some(length as usize) {
            flags |= plain;
        } else {
            self.number(length.into());
        }
        // What comes next stands behind a scalar or a key, and in a list or a map.
        let next = (span.source.0, if text.is_some() { span.end } else { span.start });
        if flags & elsewhere == 0 {
            self.before.own = next;
        } else {
            self.before.other = next;
        }
        flags
    }

    #[inline]
    fn difference(&mut self, to: u32, from: u32) {
        let difference = i64::from(to) - i64::from(from);
        // Zigzag: the sign is the last bit, so that small differences of either sign are small numbers.
        self.number(((difference << 1) ^ (difference >> 63)) as u64);
    }

    /// Seven bits a byte, the lowest first.
    #[inline]
    fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.bytes.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.bytes.push(number as u8);
    }
}

/// Reads places, from one row on.
struct Places<'p> {
    pack: &'p Pack,
    row: usize,
    at: usize,
    before: Before,
}

impl<'p> Places<'p> {
    /// Those from a row on.
    fn at(pack: &'p Pack, row: usize) -> Self {
        let behind = pack.starts.partition_point(|(start, ..)| *start as usize <= row);
        // The first tree begins at the first row.
        let (start, at, before) = pack.starts[behind - 1];
        let mut places = Places { pack, row: start as usize, at: at as usize, before };
        while places.row < row {
            places.next();
        }
        places
    }

    fn next(&mut self) -> Place {
        let Row { key, value, .. } = self.pack.rows.get(self.row);
        let length = |text: u32| self.pack.texts.get(text as usize).map(|text| text.len());
        let key_text = length(key);
        let text = self.pack.tags[self.row].as_scalar().and_then(|_| length(value));
        let flags = self.byte();
        let key = (flags & KEY != 0)
            .then(|| self.span(key_text, flags & KEY_ELSEWHERE != 0, flags & KEY_PLAIN != 0));
        let span = self.span(text, flags & ELSEWHERE != 0, flags & PLAIN != 0);
        let origin = if flags & ORIGIN != 0 {
            self.before.origin = self.difference(self.before.origin);
            OriginId::from_index(self.before.origin as usize)
        } else {
            None
        };
        self.row += 1;
        Place { key, span, origin }
    }

    fn span(&mut self, text: Option<usize>, elsewhere: bool, plain: bool) -> Span {
        let mut before = self.before.own;
        if elsewhere {
            before = self.before.other;
            before.0 = self.difference(before.0);
        }
        let start = self.difference(before.1);
        let length = match text.filter(|_| plain) {
            Some(length) => narrow(length),
            None => self.number() as u32,
        };
        let span = Span { source: SourceId(before.0), start, end: start.wrapping_add(length) };
        let next = (before.0, if text.is_some() { span.end } else { span.start });
        if elsewhere {
            self.before.other = next;
        } else {
            self.before.own = next;
        }
        span
    }

    #[inline]
    fn difference(&mut self, from: u32) -> u32 {
        let number = self.number();
        let difference = (number >> 1) as i64 ^ -((number & 1) as i64);
        (i64::from(from) + difference) as u32
    }

    #[inline]
    fn number(&mut self) -> u64 {
        let mut number = 0;
        let mut shift = 0;
        loop {
            let byte = self.byte();
            number |= u64::from(byte & 0x7f) << shift;
            shift += 7;
            if byte < 0x80 || shift >= 64 {
                return number;
            }
        }
    }

    #[inline]
    fn byte(&mut self) -> u8 {
        let byte = self.pack.places.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        byte
    }
}

/// Makes nodes of rows, one after the other.
struct Unpacking<'p> {
    pack: &'p Pack,
    row: usize,
    places: Places<'p>,
    shift: Option<OriginShift>,
}

/// A node with its key.
struct Unpacked {
    key: Option<(Arc<str>, Span)>,
    node: Node,
}

impl Unpacking<'_> {
    fn node(&mut self) -> Unpacked {
        let Row { key, value, .. } = self.pack.rows.get(self.row);
        let tag = self.pack.tags[self.row];
        let Place { key: key_span, span, origin } = self.places.next();
        let origin = origin.map(|id| self.shift.map_or(id, |shift| shift.of(id)));
        self.row += 1;
        let value = match tag.as_scalar() {
            Some((kind, style)) => {
                let text = Arc::clone(&self.pack.texts[value as usize]);
                Value::Scalar(Scalar { text, kind, style })
            }
            None if tag == Tag::LIST => Value::List((0..value).map(|_| self.node().node).collect()),
            None => {
                let mut map = Map::with_capacity(value as usize);
                for _ in 0..value {
                    let Unpacked { key, node } = self.node();
                    if let Some((key, key_span)) = key {
                        map.push(key, Entry { key_span, node });
                    }
                }
                Value::Map(map)
            }
        };
        let key = self.pack.texts.get(key as usize).zip(key_span).map(|(key, span)| (Arc::clone(key), span));
        Unpacked { key, node: Node { value, span, origin } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Session;
    use crate::source::SourceKind;
    use crate::yaml::parse_documents;

    /// All that a node has, spans and origins too.
    fn all(node: &Node) -> String {
        let inner: Vec<String> = match &node.value {
            Value::Scalar(scalar) => vec![format!("{scalar:?}")],
            Value::List(items) => items.iter().map(all).collect(),
            Value::Map(map) => map
                .iter()
                .map(|(key, entry)| format!("{key} {:?} {}", entry.key_span, all(&entry.node)))
                .collect(),
        };
        format!("({} {inner:?} {:?} {:?})", node.noun(), node.span, node.origin)
    }

    fn texts() -> Vec<String> {
        let wide: String =
            (0..100).rev().map(|key| format!("k{key}: {{a: {key}, b: [x, \"y\"]}}\n")).collect();
        vec![
            "{}\n".to_owned(),
            "kind: Pod\nmetadata:\n  name: web\n  labels: {app: web, 'a b': \"c\\td\"}\nspec: {a: ~, b: 1.10, c: yes, d: [], e: |\n  x\n}\n".replace("e: |\n  x\n", "e: x"),
            "- 1\n- [2, {a: 3}]\n- |\n  block\n- \"quoted\"\n---\nscalar\n---\na: {b: {c: {d: [[[]]]}}}\n".to_owned(),
            format!("{wide}---\n{wide}"),
            // More rows than half of the room has numbers for.
            "- a\n".repeat(usize::from(u16::MAX)),
        ]
    }

    #[test]
    fn a_tree_is_the_same_afterwards() {
        for text in texts() {
            let session = Session::new();
            session.add_source(SourceKind::File, "other", "x: y\n");
            let source = session.add_source(SourceKind::File, "test", text.as_str());
            let mut trees = parse_documents(&session, source, &[], session.limits().into()).unwrap();
            // Values from elsewhere, with origins.
            for (at, tree) in trees.iter_mut().enumerate() {
                if let Some(entry) = tree.as_map_mut().and_then(|map| map.values_mut().next()) {
                    entry.key_span = Span::new(SourceId(0), 3, 4);
                    entry.node.span = Span::new(SourceId(0), 100 - at, 1000);
                    entry.node.set_origin(OriginId::from_index(70_000 + at));
                }
            }
            let packed = pack(trees.clone());
            assert_eq!(packed.len(), trees.len());
            for (tree, packed) in trees.iter().zip(&packed) {
                assert_eq!(all(&packed.unpack()), all(tree));
                assert_same(packed.root(), tree);
            }
        }
    }

    /// What is read where it stands is what the nodes have.
    fn assert_same(packed: PackedNode<'_>, node: &Node) {
        assert_eq!((packed.span(), packed.origin()), (node.span, node.origin));
        assert_eq!((packed.as_str(), packed.as_bool()), (node.as_str(), node.as_bool()));
        assert_eq!((packed.as_i64(), packed.is_null()), (node.as_i64(), node.is_null()));
        assert_eq!(all(&packed.to_node()), all(node));
        match &node.value {
            Value::Scalar(scalar) => assert_eq!(packed.text(), Some(&*scalar.text)),
            Value::List(items) => {
                let list = packed.as_list().unwrap();
                assert_eq!(list.len(), items.len());
                list.iter().zip(items).for_each(|(packed, item)| assert_same(packed, item));
            }
            Value::Map(map) => {
                let packed = packed.as_map().unwrap();
                assert_eq!(packed.len(), map.len());
                assert!(packed.keys().eq(map.keys().map(|key| &**key)));
                for (key, entry) in map {
                    assert_same(packed.get(key).unwrap(), &entry.node);
                }
                assert!(packed.get("none").is_none() && !packed.contains_key("zzz"));
            }
        }
    }
}
