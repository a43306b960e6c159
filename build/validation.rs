//! The facts of validation as Rust source: `schemas/validation/*.facts`, a line a fact, become `Fact` structs and an
//! index by type.
//!
//! The build translates and looks up names: of types, fields and functions. What a fact means is in
//! `src/kube/validate/`; a form or a function that is not there fails the build where its name is compiled.
//!
//! ```text
//! PodSpec.restartPolicy    under JobSpec: required; in OnFailure Never
//!
//! Fact { address: Word { start: 310, end: 331 }, field: …, conditions: List::new(7, 8), check: Required },
//! Fact { address: Word { start: 310, end: 331 }, field: …, conditions: List::new(7, 8), check: In(List::new(31, 33)) },
//! ```
//!
//! Texts and lists are written once, and facts refer to them by their positions ([`Referred`]).
//!
//! The grammar is described in `schemas/validation/README.md`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::{Result, files, read};

/// The named types, with what the facts need of them.
pub struct Types<'t> {
    /// By full name: its id, and for each field the full name of the type that is below it, if that has a name.
    pub by_name: BTreeMap<&'t str, NamedType<'t>>,
}

/// A type that has a name.
pub struct NamedType<'t> {
    /// Its index in the table.
    pub id: u32,
    /// The names of its fields, and the form in which the API's description writes their types.
    pub fields: BTreeMap<&'t str, &'t str>,
}

impl Types<'_> {
    /// The types whose names end so, behind a dot: `ServiceSpec`, or `autoscaling.v2.MetricSpec` where one name is borne
    /// by several.
    fn ending(&self, end: &str) -> Result<Vec<(&str, &NamedType<'_>)>> {
        let found: Vec<_> = self
            .by_name
            .iter()
            .filter(|(name, _)| name.strip_suffix(end).is_some_and(|before| before.ends_with('.')))
            .map(|(name, of)| (*name, of))
            .collect();
        if found.is_empty() { Err(format!("no type of the API is called `{end}`").into()) } else { Ok(found) }
    }

    /// The ids of these types.
    fn ids(&self, ends: &[&str]) -> Result<Vec<u32>> {
        let mut ids = BTreeSet::new();
        for end in ends {
            ids.extend(self.ending(end)?.iter().map(|(_, of)| of.id));
        }
        Ok(ids.into_iter().collect())
    }
}

/// What facts refer to, each text and each list once. What refers to it is written as an expression with its position.
#[derive(Default)]
struct Referred {
    text: String,
    /// The position of each text.
    texts: BTreeMap<String, String>,
    words: Table,
    types: Table,
    conditions: Table,
    paths: Table,
    /// The functions that are called, by their positions.
    functions: Vec<String>,
}

impl Referred {
    /// A text as a `Word`.
    fn word(&mut self, text: &str) -> String {
        if let Some(known) = self.texts.get(text) {
            return known.clone();
        }
        let start = self.text.len();
        self.text.push_str(text);
        let word = format!("Word {{ start: {start}, end: {} }}", self.text.len());
        self.texts.insert(text.to_owned(), word.clone());
        word
    }

    /// Texts as a list of `Word`.
    fn words(&mut self, texts: &[&str]) -> String {
        let words = texts.iter().map(|text| self.word(text)).collect();
        self.words.list(words)
    }

    /// The ids of types as a list of `TypeId`.
    fn types(&mut self, ids: &[u32]) -> String {
        self.types.list(ids.iter().map(|id| format!("TypeId({id})")).collect())
    }

    /// The position of a function.
    fn function(&mut self, name: String) -> usize {
        let known = self.functions.iter().position(|known| *known == name);
        known.unwrap_or_else(|| {
            self.functions.push(name);
            self.functions.len() - 1
        })
    }

    /// All tables as source.
    fn source(&self) -> Result<String> {
        let mut out = format!("static TEXT: &str = {:?};\n", self.text);
        for (name, table) in [
            ("WORDS: &[Word]", &self.words),
            ("TYPES: &[TypeId]", &self.types),
            ("CONDITIONS: &[Condition]", &self.conditions),
            ("PATHS: &[Path]", &self.paths),
        ] {
            writeln!(out, "static {name} = &[")?;
            for item in &table.items {
                writeln!(out, "{item},")?;
            }
            writeln!(out, "];")?;
        }
        Ok(out)
    }
}

/// The items of all lists of one type, as source.
#[derive(Default)]
struct Table {
    items: Vec<String>,
    /// The lists that are there.
    lists: BTreeMap<Vec<String>, String>,
}

impl Table {
    /// A list as a `List`.
    fn list(&mut self, items: Vec<String>) -> String {
        if let Some(known) = self.lists.get(&items) {
            return known.clone();
        }
        let start = self.items.len();
        self.items.extend_from_slice(&items);
        let list = format!("List::new({start}, {})", self.items.len());
        self.lists.insert(items, list.clone());
        list
    }
}

/// The facts as Rust source, for `src/kube/validate/facts.rs`.
///
/// The second text is the table of the functions that facts call by their index, for `functions/mod.rs`.
pub fn source(types: &Types<'_>) -> Result<(String, String)> {
    let mut referred = Referred::default();
    // Facts of one type stand together.
    let mut facts: BTreeMap<u32, Vec<FactSource>> = BTreeMap::new();
    for path in files("schemas/validation", ".facts")? {
        let name = path.display().to_string();
        for (number, line) in joined_lines(&read(path)?) {
            let line_facts = parse_line(types, &mut referred, &line)
                .map_err(|error| format!("{name}, line {number}: {error}"))?;
            for (type_id, fact) in line_facts {
                facts.entry(type_id).or_default().push(fact);
            }
        }
    }
    let with_facts: BTreeSet<u32> = facts.keys().copied().collect();
    let mut out = String::from("static FACTS: &[Fact] = &[\n");
    let mut ranges = BTreeMap::new();
    let mut count = 0;
    for (type_id, of_type) in &mut facts {
        // Those about what is written come last, by field: of the forty fields that a type may have facts of, few are
        // written. The sort is stable, so that the facts of one field keep their order.
        of_type.sort_by(|a, b| a.of_written.cmp(&b.of_written));
        let written = count + of_type.iter().filter(|fact| fact.of_written.is_none()).count();
        ranges.insert(*type_id, (count, written, count + of_type.len()));
        count += of_type.len();
        for fact in of_type {
            writeln!(out, "{},", fact.source)?;
        }
    }
    writeln!(out, "];")?;
    let reaching = reaching(types, &with_facts);
    writeln!(out, "static BY_TYPE: &[TypeFacts] = &[")?;
    for id in 0..types.by_name.len() {
        let id = u32::try_from(id)?;
        let (start, written, end) = ranges.get(&id).copied().unwrap_or((0, 0, 0));
        let below = reaching.contains(&id);
        writeln!(out, "TypeFacts {{ start: {start}, written: {written}, end: {end}, below: {below} }},")?;
    }
    writeln!(out, "];")?;
    let pod_template = types.ending("core.v1.PodTemplateSpec")?[0].1.id;
    writeln!(out, "const POD_TEMPLATE: TypeId = TypeId({pod_template});")?;
    let table = format!("static FUNCTIONS: &[fn(Place<'_>, &Fact)] = &[{}];", referred.functions.join(", "));
    out.push_str(&referred.source()?);
    Ok((out, table))
}

/// A fact as source.
struct FactSource {
    /// Its field, if it has something to say of it only where it is written. None comes first.
    of_written: Option<String>,
    source: String,
}

/// The checks that have something to say of a field only where it is written.
const OF_WRITTEN: &[&str] = &[
    "forbidden",
    "filled",
    "alone",
    "in",
    "not-in",
    "range",
    "quantity",
    "form",
    "key-form",
    "max-length",
    "max-items",
    "unique",
    "names",
    ">=",
    "<=",
    ">",
];

/// The types that have facts, or whose fields lead to one that has.
fn reaching(types: &Types<'_>, with_facts: &BTreeSet<u32>) -> BTreeSet<u32> {
    let mut found = with_facts.clone();
    loop {
        let before = found.len();
        for of in types.by_name.values() {
            let leads = of.fields.values().any(|written| {
                let name = written.trim_matches(['[', ']', '{', '}']);
                types.by_name.get(name).is_some_and(|below| found.contains(&below.id))
            });
            if leads {
                found.insert(of.id);
            }
        }
        if found.len() == before {
            return found;
        }
    }
}

/// The lines that say something, with their numbers. A line that begins with a blank goes on with the one before it.
fn joined_lines(text: &str) -> Vec<(usize, String)> {
    let mut lines: Vec<(usize, String)> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.split_once(" # ").map_or(line, |(line, _)| line).trim_end();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        match lines.last_mut().filter(|_| line.starts_with(' ')) {
            Some((_, before)) => before.push_str(line),
            None => lines.push((index + 1, line.to_owned())),
        }
    }
    lines
}

/// The facts of one line, each with the id of the type that it is about.
fn parse_line(types: &Types<'_>, referred: &mut Referred, line: &str) -> Result<Vec<(u32, FactSource)>> {
    let (address, rest) = line.split_once(' ').ok_or("a fact follows its address")?;
    let (type_end, field) = split_address(address);
    let (conditions, checks) = match rest.split_once(": ") {
        Some((conditions, checks)) => (conditions.trim(), checks),
        None => ("", rest),
    };
    let conditions = Conditions::parse(types, referred, conditions)?;
    let of_types = types.ending(type_end)?;
    if !field.is_empty() && !of_types.iter().any(|(_, of)| of.fields.contains_key(field)) {
        return Err(format!("no `{type_end}` has a field `{field}`").into());
    }
    let short = type_end.rsplit('.').next().unwrap_or(type_end);
    let shown = if field.is_empty() { short.to_owned() } else { format!("{short}.{field}") };
    let mut facts = Vec::new();
    for check in checks.split(';') {
        let check = check.trim();
        let (level, check) = match check.strip_prefix("warn ") {
            Some(check) => ("Level::Warning", check),
            None => ("Level::Error", check),
        };
        for (_, of) in &of_types {
            // A version of a type may lack the field.
            if !field.is_empty() && !of.fields.contains_key(field) {
                continue;
            }
            let source = format!(
                "Fact {{ address: {}, field: {}, versions: {}, level: {level}, conditions: {}, check: {} }}",
                referred.word(&shown),
                referred.word(field),
                conditions.versions,
                conditions.list,
                check_source(types, referred, check)?,
            );
            let of_written = OF_WRITTEN.contains(&check.split(' ').next().unwrap_or(check));
            let of_written = of_written.then(|| field.to_owned());
            facts.push((of.id, FactSource { of_written, source }));
        }
    }
    Ok(facts)
}

/// `core.v1.Container.image` is the type `core.v1.Container` and its field `image`. Types begin with a capital.
fn split_address(address: &str) -> (&str, &str) {
    let last = address.rsplit_once('.');
    match last {
        Some((of, field)) if field.starts_with(|c: char| c.is_ascii_lowercase() || c == '$') => (of, field),
        _ => (address, ""),
    }
}

/// What has to hold for a fact to count.
struct Conditions {
    versions: String,
    list: String,
}

impl Conditions {
    fn parse(types: &Types<'_>, referred: &mut Referred, text: &str) -> Result<Conditions> {
        let mut versions = "Availability::ALWAYS".to_owned();
        let mut conditions = Vec::new();
        let mut words = text.split_whitespace().peekable();
        while let Some(word) = words.next() {
            if let Some(range) = word.strip_prefix('@') {
                let (since, until) = range.split_once("..").ok_or("versions are written `@1.34..`")?;
                let minor = |text: &str, open: u8| match text.strip_prefix("1.") {
                    Some(minor) => minor.parse::<u8>(),
                    None => Ok(open),
                };
                versions = format!(
                    "Availability {{ since: {}, until: {} }}",
                    minor(since, 0)?,
                    minor(until, u8::MAX)?
                );
                continue;
            }
            let mut operands = Vec::new();
            while let Some(next) =
                words.next_if(|next| !matches!(*next, "under" | "outside" | "when" | "unless"))
            {
                operands.push(next);
            }
            match word {
                "under" => {
                    conditions.push(format!("Condition::Under({})", ancestors(types, referred, &operands)?))
                }
                "outside" => {
                    conditions
                        .push(format!("Condition::Outside({})", ancestors(types, referred, &operands)?));
                }
                // All of them.
                "when" => {
                    for operand in operands {
                        conditions
                            .push(format!("Condition::When({})", comparison(types, referred, operand)?));
                    }
                }
                // None of them.
                "unless" => {
                    for operand in operands {
                        conditions
                            .push(format!("Condition::Unless({})", comparison(types, referred, operand)?));
                    }
                }
                _ => return Err(format!("`{word}` is not a condition").into()),
            }
        }
        Ok(Conditions { versions, list: referred.conditions.list(conditions) })
    }
}

/// Ancestors by their type (with a capital) or the key that they stand under.
fn ancestors(types: &Types<'_>, referred: &mut Referred, names: &[&str]) -> Result<String> {
    let (by_type, by_key): (Vec<&str>, Vec<&str>) =
        names.iter().partition(|name| name.rsplit('.').next().is_some_and(starts_with_capital));
    let of_types = referred.types(&types.ids(&by_type)?);
    Ok(format!("Ancestors {{ types: {of_types}, keys: {} }}", referred.words(&by_key)))
}

fn starts_with_capital(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_uppercase())
}

/// `type=ClusterIP,absent`: a path, and what may stand there.
fn comparison(types: &Types<'_>, referred: &mut Referred, text: &str) -> Result<String> {
    let (path, values) = text.split_once('=').ok_or_else(|| format!("`{text}` needs `=` and a value"))?;
    let values: Vec<&str> = values.split(',').collect();
    Ok(format!("{}, {}", path_source(types, referred, path)?, referred.words(&values)))
}

/// `type`, `^dnsPolicy` (of the parent), `PodSpec.volumes.name` (of the nearest ancestor of that type).
fn path_source(types: &Types<'_>, referred: &mut Referred, path: &str) -> Result<String> {
    let keys = path.trim_start_matches('^');
    let levels = path.len() - keys.len();
    let mut keys: Vec<&str> = keys.split('.').collect();
    let first_key = keys.iter().position(|key| key.starts_with(|c: char| c.is_ascii_lowercase()));
    let type_parts = keys.iter().position(|key| key.starts_with(|c: char| c.is_ascii_uppercase()));
    let from = match (type_parts, first_key) {
        (Some(at), _) => {
            let end = keys[..=at].join(".");
            keys.drain(..=at);
            format!("From::Ancestor({})", referred.types(&types.ids(&[&end])?))
        }
        _ => format!("From::Level({levels})"),
    };
    Ok(format!("Path {{ from: {from}, keys: {} }}", referred.words(&keys)))
}

/// A check as the source of a `Check`.
fn check_source(types: &Types<'_>, referred: &mut Referred, check: &str) -> Result<String> {
    let (name, operands) = check.split_once(' ').unwrap_or((check, ""));
    let words: Vec<&str> = operands.split_whitespace().collect();
    let bounds = || -> Result<(String, String)> {
        let (low, high) = operands.split_once("..").ok_or("a range is written `1..65535`")?;
        let side = |text: &str, open: &str| if text.is_empty() { open.to_owned() } else { text.to_owned() };
        Ok((side(low, "i64::MIN"), side(high, "i64::MAX")))
    };
    Ok(match name {
        "required" => "Check::Required".to_owned(),
        "optional" => "Check::Optional".to_owned(),
        "required-within" => format!("Check::RequiredWithin({})", referred.word(operands)),
        "filled" => "Check::Filled".to_owned(),
        "alone" => format!("Check::Alone({})", referred.word(operands)),
        "implied" => "Check::Implied".to_owned(),
        "nonempty" => "Check::NonEmpty".to_owned(),
        "forbidden" => "Check::Forbidden".to_owned(),
        "in" => format!("Check::In({})", referred.words(&words)),
        "not-in" => format!("Check::NotIn({})", referred.words(&words)),
        "range" => {
            let (low, high) = bounds()?;
            format!("Check::Range({low}, {high})")
        }
        "quantity" => format!("Check::Quantity(Amount::{})", camel(operands)),
        "form" => format!("Check::Form(Form::{})", camel(operands)),
        "key-form" => format!("Check::KeyForm(Form::{})", camel(operands)),
        "max-length" => format!("Check::MaxLength({operands})"),
        "max-items" => format!("Check::MaxItems({operands})"),
        "exactly-one" => format!("Check::ExactlyOne({})", referred.words(&words)),
        "at-least-one" => format!("Check::AtLeastOne({})", referred.words(&words)),
        "at-most-one" => format!("Check::AtMostOne({})", referred.words(&words)),
        "unique" => format!("Check::Unique({})", referred.words(&words)),
        "names" => {
            let paths: Result<Vec<String>> =
                words.iter().map(|path| path_source(types, referred, path)).collect();
            format!("Check::Names({})", referred.paths.list(paths?))
        }
        ">=" | "<=" | ">" => {
            let (path, default) = match words[..] {
                [path] => (path, "None".to_owned()),
                [path, "default", value] => (path, format!("Some({value})")),
                _ => return Err(format!("`{check}`: write `>= path` or `>= path default 1`").into()),
            };
            let order = match name {
                ">=" => "AtLeast",
                "<=" => "AtMost",
                _ => "Above",
            };
            format!("Check::Compare(Order::{order}, {}, {default})", path_source(types, referred, path)?)
        }
        "call" => {
            format!("Check::Call({})", referred.function(operands.replace('-', "_")))
        }
        _ => return Err(format!("`{name}` is not a check").into()),
    })
}

/// `dns-label` as `DnsLabel`.
fn camel(words: &str) -> String {
    let word = |word: &str| {
        let mut chars = word.chars();
        chars.next().map(|first| first.to_ascii_uppercase().to_string() + chars.as_str()).unwrap_or_default()
    };
    words.split('-').map(word).collect()
}
