//! `Builder`: extends a table; each name, type and list of fields is stored once, whatever it is used for.

use std::collections::BTreeMap;

use super::table::{Constraints, Field, IndexRange, Name, ObjectKind, Table, Type, TypeId};

/// A table that is being extended, with an index of what was added.
///
/// What the table held before is not indexed: a run that adds one CRD should not pay for reading thousands of names.
/// A name or type of the built-in table that comes up again is stored a second time.
///
/// Sharing keeps the table small: structural schemas have no references, so a CRD spells out a whole PodSpec wherever
/// it has one. Types are stored from the leaves up and refer to those below them by id. So two types are the same in
/// everything below them if they are equal themselves, and one look into a map finds that out.
#[derive(Debug)]
pub struct Builder {
    table: Table,
    names: BTreeMap<String, Name>,
    types: BTreeMap<Type, TypeId>,
    fields: BTreeMap<Vec<Field>, IndexRange>,
    words: BTreeMap<Vec<Name>, IndexRange>,
}

impl Builder {
    /// Begins behind the end of a table; what that holds stays where it is, so ids and ranges of it stay right.
    pub fn new(table: Table) -> Self {
        Builder {
            table,
            names: BTreeMap::new(),
            types: BTreeMap::new(),
            fields: BTreeMap::new(),
            words: BTreeMap::new(),
        }
    }

    /// The table as it stands.
    pub fn table(&self) -> &Table {
        &self.table
    }

    /// The finished table.
    pub fn finish(self) -> Table {
        self.table
    }

    /// Stores a name.
    pub fn name(&mut self, text: &str) -> Name {
        if let Some(name) = self.names.get(text) {
            return *name;
        }
        let start = index(self.table.text.len());
        self.table.text.to_mut().push_str(text);
        let name = Name { start, end: index(self.table.text.len()) };
        self.names.insert(text.to_owned(), name);
        name
    }

    /// Stores a type.
    pub fn add_type(&mut self, of: Type) -> TypeId {
        if let Some(id) = self.types.get(&of) {
            return *id;
        }
        let id = TypeId(index(self.table.types.len()));
        self.table.types.to_mut().push(of);
        self.types.insert(of, id);
        id
    }

    /// Stores the fields of an object, in the order of their names: [`Table::field`] searches them by halves.
    pub fn fields(&mut self, mut fields: Vec<Field>) -> IndexRange {
        let table = &self.table;
        // By their texts and not by `Name`: that is an offset, whose order is that in which names were first met.
        fields.sort_by(|a, b| table.name(a.name).cmp(table.name(b.name)));
        if let Some(range) = self.fields.get(&fields) {
            return *range;
        }
        let start = index(self.table.fields.len());
        self.table.fields.to_mut().extend_from_slice(&fields);
        let range = IndexRange { start, end: index(self.table.fields.len()) };
        self.fields.insert(fields, range);
        range
    }

    /// Stores the words of one type: its enum values, or the keys of its items. Their order is kept, as a help line
    /// lists them in it.
    pub fn words<'w>(&mut self, words: impl IntoIterator<Item = &'w str>) -> IndexRange {
        let names: Vec<Name> = words.into_iter().map(|word| self.name(word)).collect();
        if names.is_empty() {
            return IndexRange::EMPTY;
        }
        if let Some(range) = self.words.get(&names) {
            return *range;
        }
        let start = index(self.table.words.len());
        self.table.words.to_mut().extend_from_slice(&names);
        let range = IndexRange { start, end: index(self.table.words.len()) };
        self.words.insert(names, range);
        range
    }

    /// Stores constraints; the result is for [`Type::constraints`].
    pub fn constraints(&mut self, constraints: Constraints) -> u32 {
        // They hold floats, which a map cannot have as keys; there are few different ones.
        let known = self.table.constraints.iter().position(|other| *other == constraints);
        index(known.unwrap_or_else(|| {
            self.table.constraints.to_mut().push(constraints);
            self.table.constraints.len() - 1
        }))
    }

    /// Stores a kind; one of the same name and API version is replaced.
    pub fn kind(&mut self, kind: ObjectKind) {
        let table = &self.table;
        let api_version = table.name(kind.api_version);
        let name = table.name(kind.kind);
        let found = table.kinds.binary_search_by(|known| table.compare_kind(known, api_version, name));
        // A kind that a user's CRD defines replaces the bundled one of the same name.
        let kinds = self.table.kinds.to_mut();
        match found {
            Ok(at) => kinds[at] = kind,
            Err(at) => kinds.insert(at, kind),
        }
    }
}

/// An offset into one of the arrays. Tables hold less than four billion of anything: their texts are read from files of
/// bounded size. Beyond that, nothing would break: a range that does not fit is read as empty, and a type as one of
/// anything ([`Table::get`]).
fn index(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
