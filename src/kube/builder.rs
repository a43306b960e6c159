//! How a table grows: each name, type and list of fields is stored once, whatever it is used for.

use std::collections::BTreeMap;

use super::table::{Field, Kind, Limits, Name, Slice, Table, Type, TypeId};

/// A table that is being extended, with an index of what was added.
#[derive(Debug)]
pub struct Builder {
    table: Table,
    names: BTreeMap<String, Name>,
    types: BTreeMap<Type, TypeId>,
    fields: BTreeMap<Vec<Field>, Slice>,
    words: BTreeMap<Vec<Name>, Slice>,
}

impl Builder {
    /// Begins behind the end of a table; what that holds stays where it is.
    pub fn new(table: Table) -> Self {
        let (names, types) = (BTreeMap::new(), BTreeMap::new());
        let (fields, words) = (BTreeMap::new(), BTreeMap::new());
        Builder { table, names, types, fields, words }
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

    /// Stores the fields of an object, in the order of their names.
    pub fn fields(&mut self, mut fields: Vec<Field>) -> Slice {
        let table = &self.table;
        fields.sort_by(|a, b| table.name(a.name).cmp(table.name(b.name)));
        if let Some(slice) = self.fields.get(&fields) {
            return *slice;
        }
        let start = index(self.table.fields.len());
        self.table.fields.to_mut().extend_from_slice(&fields);
        let slice = Slice { start, end: index(self.table.fields.len()) };
        self.fields.insert(fields, slice);
        slice
    }

    /// Stores words that belong together.
    pub fn words<'w>(&mut self, words: impl IntoIterator<Item = &'w str>) -> Slice {
        let names: Vec<Name> = words.into_iter().map(|word| self.name(word)).collect();
        if names.is_empty() {
            return Slice::EMPTY;
        }
        if let Some(slice) = self.words.get(&names) {
            return *slice;
        }
        let start = index(self.table.words.len());
        self.table.words.to_mut().extend_from_slice(&names);
        let slice = Slice { start, end: index(self.table.words.len()) };
        self.words.insert(names, slice);
        slice
    }

    /// Stores limits; the result is for [`Type::limits`].
    pub fn limits(&mut self, limits: Limits) -> u32 {
        let known = self.table.limits.iter().position(|other| *other == limits);
        index(known.unwrap_or_else(|| {
            self.table.limits.to_mut().push(limits);
            self.table.limits.len() - 1
        }))
    }

    /// Stores a kind; one of the same name and API version is replaced.
    pub fn kind(&mut self, kind: Kind) {
        let table = &self.table;
        let (api_version, name) = (table.name(kind.api_version), table.name(kind.kind));
        let found = table.kinds.binary_search_by(|known| table.compare_kind(known, api_version, name));
        let kinds = self.table.kinds.to_mut();
        match found {
            Ok(at) => kinds[at] = kind,
            Err(at) => kinds.insert(at, kind),
        }
    }
}

/// Tables hold less than four billion of anything: their texts are read from files of bounded size.
fn index(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
