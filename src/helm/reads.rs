//! Which settings the templates of a chart and of its subcharts read, with what Helm itself reads of the values.
//!
//! ```text
//! templates of the chart `shop`                  see `.Values` as the root of the values
//! templates of its subchart `redis` (alias `db`)  see `.Values` as `db` of them, and `.Values.global` as `global`
//! condition: db.enabled, tags: [cache]           are read by Helm
//! import-values                                  what is read at the place of the import is read of the subchart
//! ```
//!
//! Subcharts that are switched off count as well: what is set for them waits for the switch.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::chart::HelmChart;
use super::parsed::ParsedFiles;
use super::tree::Tree;
use crate::diagnostic::nearest;
use crate::gotemplate::reads::{Handling, ReadFields, Reads, Search, Things};
use crate::session::Session;
use crate::source::Span;
use crate::yaml::{Kind, Node, Segment, Value, ValuePath};

/// The settings that a chart reads.
#[derive(Debug)]
pub struct SettingReads {
    reads: Reads,
    /// The paths of all subcharts below the first chart, by the names that their values have.
    subcharts: Vec<Vec<String>>,
}

/// What a chart reads, found out once for all values that have the same templates in their texts: nothing else of them
/// matters.
#[derive(Debug, Default)]
pub struct KnownReads(Mutex<BTreeMap<TemplateTexts, Option<Arc<SettingReads>>>>);

/// Which templates stand in the texts of values.
type TemplateTexts = Vec<Vec<u8>>;

impl KnownReads {
    /// What the chart reads with these values; none if its templates cannot be read.
    pub fn get(
        &self,
        session: &Session,
        chart: &HelmChart,
        parsed: &ParsedFiles,
        values: &Node,
    ) -> Option<Arc<SettingReads>> {
        let mut texts = Vec::new();
        texts_with_templates(values, &mut texts);
        // Found out while others wait: most of them want the same.
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let find = || setting_reads(session, chart, parsed, texts.clone()).map(Arc::new);
        known.entry(texts.clone()).or_insert_with(find).clone()
    }
}

/// The texts in values that may be templates themselves.
fn texts_with_templates(values: &Node, found: &mut Vec<Vec<u8>>) {
    match &values.value {
        Value::Scalar(scalar) if scalar.text.contains("{{") => found.push(scalar.text.as_bytes().to_vec()),
        Value::Scalar(_) => {}
        Value::List(items) => items.iter().for_each(|item| texts_with_templates(item, found)),
        Value::Map(entries) => {
            entries.iter().for_each(|(_, entry)| texts_with_templates(&entry.node, found));
        }
    }
}

/// A chart with the path of its values.
struct Place<'c> {
    chart: &'c HelmChart,
    path: Vec<String>,
    /// The name of its folder as templates have it: `shop/charts/redis`.
    folder: String,
}

/// What a chart and its subcharts read; none if nobody can say, as a template is wrong or too much would have to be looked at.
/// `texts` are those in the values of a render that may be templates themselves.
fn setting_reads(
    session: &Session,
    chart: &HelmChart,
    parsed: &ParsedFiles,
    mut texts: Vec<Vec<u8>>,
) -> Option<SettingReads> {
    let mut places = Vec::new();
    let folder = chart.metadata.name.text.clone();
    collect(Place { chart, path: Vec::new(), folder }, &mut places)?;
    let mut templates = parsed.templates();
    for place in &places {
        template_texts(&place.chart.values, &mut texts);
        for file in &place.chart.files {
            if memchr::memmem::find(&file.data, b"{{").is_some() {
                texts.push(file.data.to_vec());
            }
        }
        for template in &place.chart.templates {
            let name = format!("{}/{}", place.folder, template.name);
            templates.add(&parsed.get(session, &name, template.source).ok()?);
        }
    }
    let mut reads = Reads::default();
    for place in &places {
        note_dependencies(place, &mut reads);
    }
    let scopes: Vec<Things> = places.iter().map(|place| scope(place, &places, &mut reads)).collect();
    let mut search = Search::new(&templates, handling, reads, texts.iter().map(Vec::as_slice));
    for (place, scope) in places.iter().zip(&scopes) {
        for template in &place.chart.templates {
            let file = template.name.rsplit('/').next().unwrap_or_default();
            if !file.starts_with('_') && !place.chart.metadata.is_library() {
                search.look(&format!("{}/{}", place.folder, template.name), scope).ok()?;
            }
        }
    }
    let subcharts = places.into_iter().map(|place| place.path).filter(|path| !path.is_empty()).collect();
    Some(SettingReads { reads: search.finish(), subcharts })
}

/// The most charts that are looked at.
const MOST_CHARTS: usize = 400;

/// A chart and all that are in it, by each of their names.
fn collect<'c>(place: Place<'c>, found: &mut Vec<Place<'c>>) -> Option<()> {
    if found.len() >= MOST_CHARTS {
        return None;
    }
    let (chart, path, folder) = (place.chart, place.path.clone(), place.folder.clone());
    found.push(place);
    let dependencies = chart.metadata.dependencies.as_deref().unwrap_or_default();
    for subchart in &chart.charts {
        let name = &subchart.metadata.name.text;
        let mut names: Vec<&String> = dependencies
            .iter()
            .filter(|dependency| dependency.name.text == *name)
            .map(|dependency| &dependency.name_in_chart().text)
            .collect();
        if names.is_empty() {
            names.push(name);
        }
        for name in names {
            let path = path.iter().cloned().chain([name.clone()]).collect();
            let folder = format!("{folder}/charts/{name}");
            collect(Place { chart: subchart, path, folder }, found)?;
        }
    }
    Some(())
}

/// What the `.` of a chart's templates is, as far as it has values in it.
fn scope(place: &Place<'_>, places: &[Place<'_>], reads: &mut Reads) -> Things {
    let path: Vec<&str> = place.path.iter().map(String::as_str).collect();
    let values = reads.field(&path);
    let mut subcharts = BTreeMap::new();
    for below in places {
        if let Some((name, above)) = below.path.split_last()
            && *above == *place.path
        {
            subcharts.insert(name.as_str(), scope(below, places, reads));
        }
    }
    Things::map([("Values", values), ("Subcharts", Things::map(subcharts))])
}

/// What Helm reads of the values to decide which subcharts there are, and with which values.
fn note_dependencies(place: &Place<'_>, reads: &mut Reads) {
    let own: Vec<&str> = place.path.iter().map(String::as_str).collect();
    let mut note = |path: &str, is_whole: bool| {
        let path: Vec<&str> = own.iter().copied().chain(path.split('.')).collect();
        reads.note(&path, is_whole);
    };
    for dependency in place.chart.metadata.dependencies.iter().flatten() {
        for condition in dependency.condition.text.split(',').map(str::trim) {
            if !condition.is_empty() {
                note(condition, true);
            }
        }
        for tag in &dependency.tags {
            note(&format!("tags.{}", tag.text), true);
        }
        for import in &dependency.imports {
            note(&format!("{}.{}", dependency.name_in_chart().text, import.child.text), true);
        }
        // What a library or a chart that cannot be looked into reads is not known.
        let name = &dependency.name.text;
        let is_there = place.chart.charts.iter().any(|chart| chart.metadata.name.text == *name);
        if !is_there {
            note(&dependency.name_in_chart().text, true);
        }
    }
    // `tags` of the first chart count for all of them.
    if !place.path.is_empty() {
        for tag in place.chart.metadata.dependencies.iter().flatten().flat_map(|one| &one.tags) {
            reads.note(&["tags", &tag.text], true);
        }
    }
}

/// The texts in values that may be templates.
fn template_texts(values: &Tree, found: &mut Vec<Vec<u8>>) {
    match values {
        Tree::String(text, _) if memchr::memmem::find(text, b"{{").is_some() => found.push(text.to_vec()),
        Tree::List(items) => items.iter().for_each(|item| template_texts(item, found)),
        Tree::Map(fields) => fields.iter().for_each(|field| template_texts(&field.value, found)),
        _ => {}
    }
}

/// What functions do with what they are given.
fn handling(name: &str) -> Handling {
    match name {
        "and" | "or" | "coalesce" | "default" | "required" | "ternary" | "deepCopy" | "mustDeepCopy" => {
            Handling::Any
        }
        "not" | "empty" | "all" | "any" | "len" | "kindIs" | "kindOf" | "typeIs" | "typeIsLike"
        | "typeOf" => Handling::Test,
        "pick" | "omit" | "unset" => Handling::First,
        "index" => Handling::Index,
        "get" => Handling::Get,
        "hasKey" => Handling::HasKey,
        "dig" => Handling::Dig,
        "pluck" => Handling::Pluck,
        "dict" => Handling::Dict,
        "list" | "tuple" => Handling::List,
        "first" | "last" | "mustFirst" | "mustLast" => Handling::Item,
        "rest" | "initial" | "reverse" | "uniq" | "compact" | "concat" | "append" | "push" | "prepend"
        | "slice" | "mustRest" | "mustInitial" | "mustReverse" | "mustUniq" | "mustCompact"
        | "mustAppend" | "mustPush" | "mustPrepend" | "mustSlice" => Handling::Items,
        "values" => Handling::Parts,
        "keys" => Handling::Keys,
        "set" => Handling::Set,
        "merge" | "mergeOverwrite" | "mustMerge" | "mustMergeOverwrite" => Handling::Merge,
        "include" => Handling::Include,
        "tpl" => Handling::Tpl,
        _ => Handling::Whole,
    }
}

/// A setting that nobody reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// Its path.
    pub path: ValuePath,
    /// Its key.
    pub span: Span,
    /// The setting that is read and may be meant.
    pub nearest: Option<String>,
}

impl SettingReads {
    /// What is read of the setting at a path: with what subcharts read of it under another name.
    pub fn of(&self, path: &[&str]) -> ReadFields<'_> {
        let fields = |path: &[&str]| path.iter().fold(self.reads.root(), |at, key| at.part(Some(key)));
        let mut found = fields(path);
        for other in self.other_names(path) {
            found = found.with(fields(&other));
        }
        found
    }

    /// Calls `see` with the path of each setting that is read by its name, and whether all of it is read, or the names of its
    /// parts. The values as a whole have the empty path.
    pub fn each(&self, see: &mut dyn FnMut(&[&str], bool)) {
        let whole = |fields: ReadFields<'_>| fields.is_whole() || fields.has_keys_read();
        see(&[], whole(self.reads.root()));
        for path in self.reads.paths() {
            let fields = self.of(&path);
            // Some have a place here and no reader, such as a subchart without templates.
            if !fields.is_unread() {
                see(&path, whole(fields));
            }
        }
    }

    /// As [`SettingReads::of`], of a path that may lead into lists.
    pub fn at(&self, path: &ValuePath) -> ReadFields<'_> {
        let steps = path.0.iter().map(|segment| match segment {
            Segment::Key(key) => Some(key.as_str()),
            Segment::Index(_) => None,
        });
        let own = steps.fold(self.reads.root(), |at, key| at.part(key));
        match keys_of(path) {
            Some(keys) => own.with(self.of(&keys)),
            None => own,
        }
    }

    /// The other paths of a global setting: every chart has it below its own values.
    fn other_names<'p>(&'p self, path: &[&'p str]) -> Vec<Vec<&'p str>> {
        let Some(at) = path.iter().position(|key| *key == "global") else { return Vec::new() };
        let is_chart = |path: &[&str]| {
            path.is_empty()
                || self
                    .subcharts
                    .iter()
                    .any(|chart| chart.iter().map(String::as_str).eq(path.iter().copied()))
        };
        let (above, below) = path.split_at(at);
        if !is_chart(above) {
            return Vec::new();
        }
        // It goes to the charts below its own.
        let charts = self.subcharts.iter().map(|chart| chart.iter().map(String::as_str).collect::<Vec<_>>());
        let charts = charts.filter(|chart| chart.starts_with(above) && chart != above);
        charts.map(|chart| chart.into_iter().chain(below.iter().copied()).collect()).collect()
    }

    /// The settings of a layer that nobody reads, each as the outermost key that nobody asks for.
    pub fn unread(&self, session: &Session, layer: &Node) -> Vec<Unread> {
        let mut found = Vec::new();
        let mut suggestions = Suggestions { all: None };
        self.unread_below(session, layer, &ValuePath::root(), &self.of(&[]), &mut suggestions, &mut found);
        found
    }

    fn unread_below(
        &self,
        session: &Session,
        node: &Node,
        path: &ValuePath,
        at: &ReadFields<'_>,
        suggestions: &mut Suggestions,
        found: &mut Vec<Unread>,
    ) {
        if at.is_whole() {
            return;
        }
        match &node.value {
            Value::Scalar(_) => {}
            Value::List(items) => {
                let item = at.part(None);
                for (index, node) in items.iter().enumerate() {
                    self.unread_below(session, node, &path.index(index), &item, suggestions, found);
                }
            }
            Value::Map(entries) => {
                let of_known_keys = at.has_keys_read();
                for (key, entry) in entries.iter() {
                    let below = path.key(&**key);
                    // Settings in lists have no other names.
                    let part = match keys_of(&below) {
                        Some(keys) => self.of(&keys),
                        None => at.part(Some(key)),
                    };
                    if !part.is_unread() {
                        self.unread_below(session, &entry.node, &below, &part, suggestions, found);
                    } else if !of_known_keys && may_be_said(session, key, entry.key_span, &entry.node) {
                        let nearest = suggestions.nearest(self, &below);
                        found.push(Unread { path: below, span: entry.key_span, nearest });
                    }
                }
            }
        }
    }
}

/// The keys of a path; none if it leads into a list.
fn keys_of(path: &ValuePath) -> Option<Vec<&str>> {
    path.0
        .iter()
        .map(|segment| match segment {
            Segment::Key(key) => Some(key.as_str()),
            Segment::Index(_) => None,
        })
        .collect()
}

/// Whether a setting is one that templates are to read: keys that hold parts of the file for its anchors are none, and a `null`
/// only takes away.
fn may_be_said(session: &Session, key: &str, key_span: Span, node: &Node) -> bool {
    let is_null = node.as_scalar().is_some_and(|scalar| scalar.kind == Kind::Null);
    if is_null || key.starts_with("x-") || key.starts_with(['.', '_', '$']) || key_span == Span::NOWHERE {
        return false;
    }
    let source = session.source(key_span.source);
    let behind = source.text.get(key_span.end as usize..).unwrap_or_default();
    let behind = behind.trim_start_matches([':', '"', '\'', ' ', '\t', '\r', '\n']);
    !behind.starts_with('&')
}

/// The settings that are read, to be suggested in the place of others.
struct Suggestions {
    all: Option<Vec<String>>,
}

impl Suggestions {
    fn nearest(&mut self, reads: &SettingReads, path: &ValuePath) -> Option<String> {
        let all = self
            .all
            .get_or_insert_with(|| reads.reads.paths().into_iter().map(|path| path.join(".")).collect());
        let wrong = path.to_string();
        if wrong.contains('[') {
            return None;
        }
        let (above, key) = wrong.rsplit_once('.').unwrap_or(("", &wrong));
        // Beside it, then under the same name elsewhere, then anywhere.
        let beside = |known: &&String| match known.rsplit_once('.') {
            Some((parent, _)) => parent == above,
            None => above.is_empty(),
        };
        let last = |known: &str| known.rsplit('.').next().unwrap_or_default().to_owned();
        let names: Vec<String> = all.iter().filter(beside).map(|known| last(known)).collect();
        if let Some(near) = nearest(key, names.iter().map(String::as_str)) {
            return Some(if above.is_empty() { near.to_owned() } else { format!("{above}.{near}") });
        }
        let mut same: Vec<&String> = all.iter().filter(|known| last(known) == key).collect();
        same.sort_by_key(|known| (known.matches('.').count(), known.len()));
        if let [only] = same.as_slice() {
            return Some((*only).clone());
        }
        nearest(&wrong, all.iter().map(String::as_str)).map(str::to_owned)
    }
}
