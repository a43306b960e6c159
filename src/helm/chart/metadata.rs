//! `Chart.yaml` and `requirements.yaml`: what a chart says about itself, and which charts it depends on.
//!
//! They are read as Helm reads them: into typed fields, so that `version: 1.10` is the text `1.1` and `keywords: [y]` the
//! text `true`; keys may be written in any case, and those that Helm does not know are left alone.

use std::collections::BTreeSet;

use crate::diagnostic::{Code, Diagnostic};
use crate::gotemplate::text::{Origin, Text};
use crate::gotemplate::value::{Map, MapType, Value};
use crate::helm::version::Version;
use crate::session::Session;
use crate::source::Span;

/// A text of `Chart.yaml`, and where it is written.
#[derive(Clone, Debug)]
pub struct Word {
    /// The text; empty if it is not set.
    pub text: String,
    /// Where it is written; [`Span::NOWHERE`] if it is not set.
    pub span: Span,
}

/// What a chart says about itself.
#[derive(Clone, Debug, Default)]
pub struct Metadata {
    /// Its name.
    pub name: Word,
    /// Its own version.
    pub version: Word,
    /// `v1` or `v2`.
    pub api_version: Word,
    /// `application` or `library`; empty means the first.
    pub kind: Word,
    /// The version of what it deploys.
    pub app_version: Word,
    /// What it deploys, in a sentence.
    pub description: Word,
    /// The address of its project.
    pub home: Word,
    /// The address of its icon.
    pub icon: Word,
    /// A constraint on the version of Kubernetes.
    pub kube_version: Word,
    /// What a chart of Helm 2 has as the setting that switches it on.
    pub condition: Word,
    /// What a chart of Helm 2 has as its tags.
    pub tags: Word,
    /// Whether it should not be used any more.
    pub deprecated: bool,
    /// The addresses of its sources.
    pub sources: Vec<Word>,
    /// Words to find it by.
    pub keywords: Vec<Word>,
    /// Who maintains it.
    pub maintainers: Vec<Maintainer>,
    /// Further facts, by name; none if there is no such map.
    pub annotations: Option<Vec<(Word, Word)>>,
    /// The charts that it depends on; none if there is no such list.
    pub dependencies: Option<Vec<Dependency>>,
}

/// Who maintains a chart.
#[derive(Clone, Debug, Default)]
pub struct Maintainer {
    /// The name.
    pub name: Word,
    /// The address for mail.
    pub email: Word,
    /// The address in the web.
    pub url: Word,
}

/// A chart that another one depends on.
#[derive(Clone, Debug, Default)]
pub struct Dependency {
    /// Its name; in a render, its alias if it has one.
    pub name: Word,
    /// Which of its versions fit.
    pub version: Word,
    /// Where it is found.
    pub repository: Word,
    /// The settings that switch it on or off, by commas: the first that is there decides.
    pub condition: Word,
    /// Groups that switch it on or off.
    pub tags: Vec<Word>,
    /// What its values give to those of the chart.
    pub imports: Vec<Import>,
    /// Another name for it in the chart.
    pub alias: Word,
    /// Whether it is rendered; decided with the values.
    pub enabled: bool,
}

/// What the values of a dependency give to those of its parent.
#[derive(Clone, Debug)]
pub struct Import {
    /// The path in the dependency's values.
    pub child: Word,
    /// The path in the parent's values; `.` for the root.
    pub parent: Word,
    /// Whether it was written as the name of an export alone.
    pub is_export: bool,
}

impl Default for Word {
    fn default() -> Word {
        Word { text: String::new(), span: Span::NOWHERE }
    }
}

impl Word {
    /// Whether it has no text.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// As templates see it.
    pub fn value(&self) -> Value {
        Value::String(Text::new(self.text.as_bytes(), Origin::value(self.span)))
    }
}

impl Metadata {
    /// Whether it is a library: it has no documents of its own.
    pub fn is_library(&self) -> bool {
        self.kind.text.eq_ignore_ascii_case("library")
    }

    /// What `.Chart` is in templates, as Helm 4 has it: a map with the names of Go's fields.
    pub fn value(&self, name: &Word, is_root: bool, dependencies: &[Dependency]) -> Value {
        let words = |words: &[Word]| Value::list(words.iter().map(Word::value).collect());
        let maintainers = self.maintainers.iter().map(|maintainer| {
            Value::map([
                ("Name", maintainer.name.value()),
                ("Email", maintainer.email.value()),
                ("URL", maintainer.url.value()),
            ])
        });
        let is_given = self.annotations.is_some();
        let annotations = Map::new(if is_given { MapType::Strings } else { MapType::NilStrings });
        for (key, value) in self.annotations.iter().flatten() {
            annotations.insert(key.text.as_bytes(), Origin::value(key.span), value.value());
        }
        Value::map([
            ("Name", name.value()),
            ("Home", self.home.value()),
            ("Sources", words(&self.sources)),
            ("Version", self.version.value()),
            ("Description", self.description.value()),
            ("Keywords", words(&self.keywords)),
            ("Maintainers", Value::list(maintainers.collect())),
            ("Icon", self.icon.value()),
            ("APIVersion", self.api_version.value()),
            ("Condition", self.condition.value()),
            ("Tags", self.tags.value()),
            ("AppVersion", self.app_version.value()),
            ("Deprecated", Value::bool(self.deprecated)),
            ("Annotations", Value::Map(std::rc::Rc::new(annotations))),
            ("KubeVersion", self.kube_version.value()),
            ("Dependencies", Value::list(dependencies.iter().map(Dependency::value).collect())),
            ("Type", self.kind.value()),
            ("IsRoot", Value::bool(is_root)),
        ])
    }
}

impl Dependency {
    /// Its name in the chart: the alias, if it has one.
    pub fn name_in_chart(&self) -> &Word {
        if self.alias.is_empty() { &self.name } else { &self.alias }
    }

    fn value(&self) -> Value {
        let imports = self.imports.iter().map(|import| {
            let map = Map::new(MapType::Strings);
            for (key, word) in [("child", &import.child), ("parent", &import.parent)] {
                map.insert(key.as_bytes(), Origin::value(word.span), word.value());
            }
            Value::Map(std::rc::Rc::new(map))
        });
        Value::map([
            ("Name", self.name.value()),
            ("Version", self.version.value()),
            ("Repository", self.repository.value()),
            ("Condition", self.condition.value()),
            ("Tags", Value::list(self.tags.iter().map(Word::value).collect())),
            ("Enabled", Value::bool(self.enabled)),
            ("ImportValues", Value::list(imports.collect())),
            ("Alias", self.alias.value()),
        ])
    }
}

/// Reads what a text of YAML says into fields, and keeps what does not fit.
pub(super) struct Reader<'s> {
    session: &'s Session,
    /// The name of the file.
    file: &'s str,
    /// A place in the file, for what has none of its own.
    place: Span,
    /// What is wrong.
    pub(super) findings: Vec<Diagnostic>,
}

impl<'s> Reader<'s> {
    pub(super) fn new(session: &'s Session, file: &'s str, place: Span) -> Reader<'s> {
        Reader { session, file, place, findings: Vec::new() }
    }

    /// Reports a place that is wrong.
    pub(super) fn refuse(&mut self, span: Span, message: impl Into<String>) {
        let span = if span == Span::NOWHERE { self.place } else { span };
        self.findings.push(Diagnostic::error(Code::H001, message).at(span, ""));
    }

    fn mismatch(&mut self, value: &Value, path: &str, wanted: &str) {
        let span = value.origin().value;
        let message = format!("`{path}` in {} must be {wanted}", self.file);
        self.refuse(span, message);
    }

    /// `Chart.yaml`.
    pub(super) fn metadata(&mut self, root: &Value) -> Metadata {
        let map = match root {
            Value::Map(map) => map,
            Value::Nil => return Metadata::default(),
            other => {
                self.mismatch(other, "the file", "a map");
                return Metadata::default();
            }
        };
        let mut metadata = Metadata {
            name: self.word(map, "name"),
            version: self.word(map, "version"),
            api_version: self.word(map, "apiVersion"),
            kind: self.word(map, "type"),
            app_version: self.word(map, "appVersion"),
            description: self.word(map, "description"),
            home: self.word(map, "home"),
            icon: self.word(map, "icon"),
            kube_version: self.word(map, "kubeVersion"),
            condition: self.word(map, "condition"),
            tags: self.word(map, "tags"),
            deprecated: self.boolean(map, "deprecated"),
            sources: self.words(map, "sources"),
            keywords: self.words(map, "keywords"),
            maintainers: self.maintainers(map),
            annotations: self.annotations(map),
            dependencies: self.dependencies(map),
        };
        if metadata.api_version.is_empty() {
            "v1".clone_into(&mut metadata.api_version.text);
        }
        metadata
    }

    /// The list `dependencies` of `Chart.yaml`, `requirements.yaml` or a lock.
    pub(super) fn dependencies(&mut self, map: &Map) -> Option<Vec<Dependency>> {
        let items = self.items(map, "dependencies")?;
        let mut dependencies = Vec::new();
        for item in items {
            let Value::Map(entry) = &item else {
                self.mismatch(&item, "dependencies[]", "a map with `name:` and `version:`");
                continue;
            };
            dependencies.push(Dependency {
                name: self.word(entry, "name"),
                version: self.word(entry, "version"),
                repository: self.word(entry, "repository"),
                condition: self.word(entry, "condition"),
                tags: self.words(entry, "tags"),
                imports: self.imports(entry),
                alias: self.word(entry, "alias"),
                enabled: false,
            });
        }
        Some(dependencies)
    }

    fn imports(&mut self, map: &Map) -> Vec<Import> {
        let items = self.items(map, "import-values").unwrap_or_default();
        let mut imports = Vec::new();
        for item in items {
            match &item {
                Value::String(_) => {
                    let name = self.text_of(&item).unwrap_or_default();
                    let child = Word { text: format!("exports.{}", name.text), span: name.span };
                    let parent = Word { text: ".".to_owned(), span: name.span };
                    imports.push(Import { child, parent, is_export: true });
                }
                Value::Map(pair) => {
                    let side = |key: &str| {
                        let word = pair.get(key.as_bytes()).and_then(|value| self.text_of(&value));
                        // What Go prints of a key that is not there.
                        word.unwrap_or(Word { text: "<nil>".to_owned(), span: Span::NOWHERE })
                    };
                    let (child, parent) = (side("child"), side("parent"));
                    imports.push(Import { child, parent, is_export: false });
                }
                _ => {}
            }
        }
        imports
    }

    fn maintainers(&mut self, map: &Map) -> Vec<Maintainer> {
        let items = self.items(map, "maintainers").unwrap_or_default();
        let mut maintainers = Vec::new();
        for item in items {
            let Value::Map(entry) = &item else {
                self.mismatch(&item, "maintainers[]", "a map with `name:`");
                continue;
            };
            maintainers.push(Maintainer {
                name: self.word(entry, "name"),
                email: self.word(entry, "email"),
                url: self.word(entry, "url"),
            });
        }
        maintainers
    }

    fn annotations(&mut self, map: &Map) -> Option<Vec<(Word, Word)>> {
        match field(map, "annotations")? {
            Value::Map(entries) => {
                let entries: Vec<_> = entries
                    .entries
                    .borrow()
                    .iter()
                    .map(|(key, entry)| (key.clone(), entry.clone()))
                    .collect();
                let mut annotations = Vec::new();
                for (key, entry) in entries {
                    let key = String::from_utf8_lossy(&key).into_owned();
                    let value = match self.text_of(&entry.value) {
                        Some(value) => value,
                        None if matches!(entry.value, Value::Nil) => Word::default(),
                        None => {
                            self.mismatch(&entry.value, &format!("annotations.{key}"), "a text");
                            continue;
                        }
                    };
                    annotations.push((Word { text: key, span: entry.key.value }, value));
                }
                Some(annotations)
            }
            Value::Nil => None,
            other => {
                self.mismatch(&other, "annotations", "a map of texts");
                None
            }
        }
    }

    fn items(&mut self, map: &Map, key: &str) -> Option<Vec<Value>> {
        match field(map, key)? {
            Value::List(list) => Some(list.items.clone()),
            Value::Nil => None,
            other => {
                self.mismatch(&other, key, "a list");
                None
            }
        }
    }

    fn words(&mut self, map: &Map, key: &str) -> Vec<Word> {
        let items = self.items(map, key).unwrap_or_default();
        let mut words = Vec::new();
        for item in items {
            match self.text_of(&item) {
                Some(word) => words.push(cleaned(word)),
                None if matches!(item, Value::Nil) => words.push(Word::default()),
                None => self.mismatch(&item, &format!("{key}[]"), "a text"),
            }
        }
        words
    }

    fn boolean(&mut self, map: &Map, key: &str) -> bool {
        match field(map, key) {
            Some(Value::Bool(value, _)) => value,
            None | Some(Value::Nil) => false,
            Some(other) => {
                self.mismatch(&other, key, "`true` or `false`");
                false
            }
        }
    }

    fn word(&mut self, map: &Map, key: &str) -> Word {
        match field(map, key) {
            None | Some(Value::Nil) => Word::default(),
            Some(value) => match self.text_of(&value) {
                Some(word) => cleaned(word),
                None => {
                    self.mismatch(&value, key, "a text");
                    Word::default()
                }
            },
        }
    }

    /// What Helm makes of a scalar where it wants a text; none of lists and maps.
    fn text_of(&self, value: &Value) -> Option<Word> {
        let span = value.origin().value;
        let text = match value {
            Value::String(text) => text.to_str().into_owned(),
            Value::Bool(value, _) => value.to_string(),
            Value::Int(int, _) => int.value().to_string(),
            Value::Float(number, _) => {
                let written = if span == Span::NOWHERE { String::new() } else { self.session.text(span) };
                number_as_text(*number, &written)
            }
            _ => return None,
        };
        Some(Word { text, span })
    }
}

/// A number as a text: whole ones keep their digits, others have as few as tell them apart.
fn number_as_text(number: f64, written: &str) -> String {
    let digits = written.strip_prefix(['-', '+']).unwrap_or(written);
    let is_decimal = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if is_decimal && (digits == "0" || !digits.starts_with('0')) {
        return written.trim_start_matches('+').to_owned();
    }
    let is_whole_number = !digits.is_empty() && !digits.contains(['.', 'e', 'E', 'n', 'i']);
    let is_hex = digits.len() > 2 && digits.starts_with("0x");
    if is_whole_number || is_hex {
        return format!("{number:.0}");
    }
    go_shortest(number)
}

/// A number as Go's `strconv.FormatFloat(number, 'g', -1, 64)` writes it.
fn go_shortest(number: f64) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    let scientific = format!("{number:e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return scientific };
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if (-4..21).contains(&exponent) {
        return number.to_string();
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.abs())
}

/// A field by its name, in any case if it is not there as it is written.
fn field(map: &Map, key: &str) -> Option<Value> {
    if let Some(value) = map.get(key.as_bytes()) {
        return Some(value);
    }
    let entries = map.entries.borrow();
    let found = entries.iter().find(|(name, _)| name.eq_ignore_ascii_case(key.as_bytes()));
    found.map(|(_, entry)| entry.value.clone())
}

/// Spaces of all kinds as spaces, and nothing that cannot be printed.
fn cleaned(word: Word) -> Word {
    let is_kept = |char: &char| {
        !char.is_control()
            && !matches!(char, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    let text = word.text.chars().map(|char| if char.is_whitespace() { ' ' } else { char });
    Word { text: text.filter(is_kept).collect(), span: word.span }
}

/// What Helm refuses in the metadata of a chart.
pub(super) fn check(reader: &mut Reader<'_>, metadata: &Metadata) {
    let file = reader.file;
    for (word, key) in [(&metadata.name, "name"), (&metadata.version, "version")] {
        if word.is_empty() {
            reader.refuse(word.span, format!("{file} has no `{key}`"));
        }
    }
    let name = &metadata.name;
    if matches!(name.text.as_str(), "." | "..") || name.text.contains('/') {
        reader.refuse(name.span, format!("`{}` is not a name of a chart", name.text));
    }
    if !metadata.version.is_empty() && Version::parse(&metadata.version.text).is_err() {
        let message = format!("`{}` is not a version: three numbers, as in `1.2.3`", metadata.version.text);
        reader.refuse(metadata.version.span, message);
    }
    if !matches!(metadata.kind.text.as_str(), "" | "application" | "library") {
        let message =
            format!("the type of a chart is `application` or `library`, and not `{}`", metadata.kind.text);
        reader.refuse(metadata.kind.span, message);
    }
    let mut names = BTreeSet::new();
    for dependency in metadata.dependencies.iter().flatten() {
        let alias = &dependency.alias;
        let is_sign = |char: char| char.is_ascii_alphanumeric() || matches!(char, '_' | '-');
        if !alias.text.chars().all(is_sign) {
            let message = format!("the alias `{}` has more than letters, digits, `-` and `_`", alias.text);
            reader.refuse(alias.span, message);
        }
        let name = dependency.name_in_chart();
        if !names.insert(name.text.as_str()) {
            let message = format!("two dependencies have the name `{}`", name.text);
            reader.refuse(name.span, message);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_become_the_texts_that_helm_makes_of_them() {
        let rows = [
            (1.1, "1.10", "1.1"),
            (3.0, "3.0", "3"),
            (20_240_101.0, "20240101", "20240101"),
            (1.234_567_890_123_456_8e18, "1234567890123456789", "1234567890123456789"),
            (511.0, "0777", "511"),
            (1e23, "1e23", "1e+23"),
            (1e-7, "1e-7", "1e-07"),
            (-1.5, "-1.5", "-1.5"),
            (100_000.0, "1e5", "100000"),
        ];
        for (number, written, text) in rows {
            assert_eq!(number_as_text(number, written), text, "{written}");
        }
    }

    #[test]
    fn texts_are_cleaned() {
        let word = Word { text: "a\tb\u{200b}\u{7}\nc é".to_owned(), span: Span::NOWHERE };
        assert_eq!(cleaned(word).text, "a b c é");
    }
}
