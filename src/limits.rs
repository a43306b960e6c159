//! Every limit on what is read and made, in one table: how much is let through, and how far a flag may raise it.
//!
//! Charts, values and templates may come from anybody, so whatever grows with them is bounded: files, documents,
//! aliases, loops, what an expression makes. One table serves the code, `--limit` and the page `docs/limits.md`.
//!
//! There are two kinds. Limits on memory and time are a matter of patience, and a flag raises them. Limits on recursion
//! are fixed, as the stack of a thread is: past them the program would not be slow, it would crash.
//!
//! ```text
//! TABLE (static)         by Limit: name, standard, most, unit, words
//! Raised                 one flag: `--limit output=256MiB`
//! Limits                 one run: the standard values, with some raised; in the Session
//! ```
//!
//! A message about a limit that was reached names the flag that raises it ([`Limits::help`]), so nobody has to look for
//! it.

use std::str::FromStr;

/// What is limited. The order is that of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Bytes of a file.
    FileSize,
    /// Files below a folder.
    Files,
    /// Folders inside each other.
    FolderDepth,
    /// Bytes of what is read out of a git revision.
    RevisionSize,
    /// Bytes of a Helm chart.
    ChartSize,
    /// Bytes of a file of a Helm chart.
    ChartFile,
    /// Charts inside one, with those inside them.
    Charts,
    /// Lists and maps inside each other.
    Nesting,
    /// Nodes that aliases add.
    Aliases,
    /// Documents in a text.
    Documents,
    /// Findings of a run.
    Findings,
    /// Steps of a path in a flag.
    PathSteps,
    /// Schemas inside each other.
    SchemaDepth,
    /// Schemas inside each other that apply to one value.
    SchemaHeight,
    /// Schemas that apply to one value.
    SchemaBranches,
    /// Bytes of a compiled pattern of a CRD.
    PatternSize,
    /// Bytes of all compiled patterns of a schema.
    Patterns,
    /// Words and signs of an expression.
    Words,
    /// `elif` of a template.
    Elif,
    /// Macros and includes inside each other.
    Recursion,
    /// Instructions of the engine.
    Fuel,
    /// Bytes that a template prints.
    Output,
    /// Values that a template prints.
    Prints,
    /// Bytes of a text that an expression makes.
    Text,
    /// Items of what an expression makes.
    Items,
    /// Levels of what an expression makes.
    Levels,
    /// Parts of what expressions make, all together.
    Made,
    /// Nodes that a template's values bring into its documents.
    Bound,
    /// Nodes that fragments inside fragments bring into the documents.
    Fragments,
    /// Derived values of a chart.
    Derived,
    /// Derived values that need each other, one after the other.
    DerivedChain,
}

/// What a limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Bytes, which people write as `64MiB`.
    Bytes,
    /// Things.
    Count,
}

/// A line of the table.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// Which limit it is.
    pub limit: Limit,
    /// Its name for `--limit`.
    pub name: &'static str,
    /// How much is let through if nothing else is said.
    pub standard: u64,
    /// How far it can be raised; for a fixed limit, this is `standard`.
    pub most: u64,
    /// What it counts.
    pub unit: Unit,
    /// What it bounds, in words.
    pub what: &'static str,
}

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;
const MILLION: u64 = 1_000_000;
const BILLION: u64 = 1_000_000_000;

/// How many limits there are: `DerivedChain` is the last one.
const COUNT: usize = Limit::DerivedChain as usize + 1;

/// Every limit, by the number of its [`Limit`]: an array, so that a lookup in a hot loop is an
/// index. A test holds the order.
pub const TABLE: [Row; COUNT] = [
    bytes(Limit::FileSize, "file-size", 64 * MIB, GIB, "one file, or standard input"),
    count(Limit::Files, "files", 100_000, MILLION, "files and folders below one folder that is read"),
    count(
        Limit::FolderDepth,
        "folder-depth",
        16,
        16,
        "folders inside each other; deeper ones are not entered",
    ),
    bytes(
        Limit::RevisionSize,
        "revision-size",
        256 * MIB,
        GIB,
        "all files that one `PATH@REV` reads from git",
    ),
    bytes(
        Limit::ChartSize,
        "chart-size",
        100 * MIB,
        GIB,
        "a Helm chart with the charts in it, its archives unpacked",
    ),
    bytes(Limit::ChartFile, "chart-file", 5 * MIB, GIB, "a file of a Helm chart, as in Helm"),
    count(
        Limit::Charts,
        "charts",
        1_000,
        100_000,
        "charts inside a chart, of both kinds, with those inside them; each is counted for every name that it has",
    ),
    count(Limit::Nesting, "nesting", 128, 128, "lists and maps inside each other in a text that is read"),
    count(
        Limit::Aliases,
        "aliases",
        100_000,
        BILLION,
        "values that the aliases of one document repeat; each 128 bytes of a text count as one more",
    ),
    count(Limit::Documents, "documents", MILLION, BILLION, "documents in one file"),
    count(
        Limit::Findings,
        "findings",
        10_000,
        10_000,
        "findings that are kept and shown; further ones are counted",
    ),
    count(Limit::PathSteps, "path-steps", 128, 128, "steps of a path in `--set` and its kin"),
    count(Limit::SchemaDepth, "schema-depth", 256, 256, "schemas inside each other, references followed"),
    count(
        Limit::SchemaHeight,
        "schema-height",
        64,
        64,
        "schemas inside each other that apply to the same value, references followed",
    ),
    count(
        Limit::SchemaBranches,
        "schema-branches",
        10_000,
        10_000,
        "schemas that apply to one value, references multiplied out",
    ),
    bytes(
        Limit::PatternSize,
        "pattern-size",
        MIB,
        MIB,
        "a compiled pattern of a custom resource definition; a larger one is not checked",
    ),
    bytes(
        Limit::Patterns,
        "patterns",
        64 * MIB,
        64 * MIB,
        "all patterns of a values schema together, compiled",
    ),
    count(Limit::Words, "words", 1_000, 1_000, "words and signs in one expression of a template"),
    count(Limit::Elif, "elif", 500, 500, "`elif` in one template"),
    count(Limit::Recursion, "recursion", 100, 100, "macros and includes inside each other"),
    count(Limit::Fuel, "fuel", 10 * MILLION, BILLION, "instructions of the engine for one template"),
    bytes(Limit::Output, "output", 64 * MIB, GIB, "the text that one template prints"),
    count(Limit::Prints, "prints", 250_000, 100 * MILLION, "values that one template prints"),
    bytes(Limit::Text, "text", 16 * MIB, GIB, "a template, and a text that an expression makes"),
    count(Limit::Items, "items", 100_000, 100 * MILLION, "items of a list or map that an expression makes"),
    count(Limit::Levels, "levels", 64, 64, "lists and maps inside each other that an expression makes"),
    count(
        Limit::Made,
        "made",
        10 * MILLION,
        BILLION,
        "items of all lists and maps that the expressions of one template make or look at; 16 bytes of a text that is made, and 64 of one that is looked at, count as one",
    ),
    count(
        Limit::Bound,
        "bound",
        MILLION,
        BILLION,
        "values, with all that is in them, that one template puts into its documents; texts as for `aliases`",
    ),
    count(
        Limit::Fragments,
        "fragments",
        MILLION,
        BILLION,
        "values that macros inside macros put into the documents of one template; texts as for `aliases`",
    ),
    count(Limit::Derived, "derived", 1_000, 100_000, "values of a `derived.yaml` that hold expressions"),
    count(Limit::DerivedChain, "derived-chain", 32, 32, "derived values that each need the one before"),
];

// Two functions for the rows, as `Row { … }` written out would take eight lines for each.

const fn count(limit: Limit, name: &'static str, standard: u64, most: u64, what: &'static str) -> Row {
    Row { limit, name, standard, most, unit: Unit::Count, what }
}

const fn bytes(limit: Limit, name: &'static str, standard: u64, most: u64, what: &'static str) -> Row {
    Row { limit, name, standard, most, unit: Unit::Bytes, what }
}

impl Row {
    /// Whether a flag may change it.
    pub fn can_be_raised(&self) -> bool {
        self.most > self.standard
    }

    /// A number as sentences have it: `64 MiB`, `100,000`.
    pub fn said(&self, value: u64) -> String {
        match self.unit {
            Unit::Bytes => sized(value, " "),
            Unit::Count => grouped(value),
        }
    }

    /// A number as the flag takes it: `64MiB`, `100000`.
    fn typed(&self, value: u64) -> String {
        match self.unit {
            Unit::Bytes => sized(value, ""),
            Unit::Count => value.to_string(),
        }
    }
}

/// A number of bytes in the largest unit that divides it, so that no digit is lost: `64 MiB`, and `1025 bytes`.
fn sized(value: u64, between: &str) -> String {
    let units = [(GIB, "GiB"), (MIB, "MiB"), (KIB, "KiB")];
    match units.iter().find(|(size, _)| value > 0 && value.is_multiple_of(*size)) {
        Some((size, unit)) => format!("{}{between}{unit}", value / size),
        None => format!("{value}{}", if between.is_empty() { "" } else { " bytes" }),
    }
}

/// A number with a comma between each three digits: `100,000`.
fn grouped(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

impl Limit {
    /// Its line of the table.
    pub const fn row(self) -> &'static Row {
        &TABLE[self as usize]
    }

    /// How much is let through if nothing else is said.
    pub const fn standard(self) -> u64 {
        self.row().standard
    }

    /// The flag that lets twice as much through as now; none where that cannot be.
    pub fn raise(self, now: u64) -> Option<String> {
        let row = self.row();
        // Twice as much: a step that is worth another try, and that shows soon where input grows without end.
        let more = now.saturating_mul(2).min(row.most);
        (more > now).then(|| format!("--limit {}={}", row.name, row.typed(more)))
    }

    /// What to do when it is reached, with the flag that raises it.
    pub fn help(self, now: u64, instead: &str) -> String {
        match self.raise(now) {
            Some(flag) => format!("{instead}, or raise the limit with `{flag}`"),
            None => instead.to_owned(),
        }
    }
}

/// How much is let through in one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits([u64; COUNT]);

impl Default for Limits {
    fn default() -> Self {
        Limits(TABLE.map(|row| row.standard))
    }
}

impl Limits {
    /// These limits with some of them raised, later ones over earlier ones.
    #[must_use]
    pub fn with(mut self, raised: &[Raised]) -> Self {
        for Raised(limit, value) in raised {
            self.0[*limit as usize] = *value;
        }
        self
    }

    /// How much is let through.
    pub fn get(&self, limit: Limit) -> u64 {
        self.0[limit as usize]
    }

    /// As [`Limits::get`], for what is counted in memory.
    pub fn of(&self, limit: Limit) -> usize {
        // More than can be addressed is no limit.
        usize::try_from(self.get(limit)).unwrap_or(usize::MAX)
    }

    /// The limit in words: `64 MiB`, `100,000`.
    pub fn said(&self, limit: Limit) -> String {
        limit.row().said(self.get(limit))
    }

    /// What to do when a limit is reached, with the flag that raises it.
    pub fn help(&self, limit: Limit, instead: &str) -> String {
        limit.help(self.get(limit), instead)
    }
}

/// One limit that a flag sets, as in `output=256MiB`. Parsing it is the only way to make one, so its
/// value is in the range of the table.
///
/// ```
/// use plimsoll::limits::{Limit, Limits, Raised};
///
/// let raised: Raised = "output=256MiB".parse().unwrap();
/// let limits = Limits::default().with(&[raised]);
/// assert_eq!(limits.get(Limit::Output), 256 << 20);
/// assert_eq!(limits.said(Limit::Output), "256 MiB");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Raised(Limit, u64);

impl FromStr for Raised {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, value) = text.split_once('=').ok_or("write NAME=VALUE, as in `output=256MiB`")?;
        let raisable = || TABLE.iter().filter(|row| row.can_be_raised());
        let Some(row) = TABLE.iter().find(|row| row.name == name) else {
            let names: Vec<&str> = raisable().map(|row| row.name).collect();
            return Err(format!("there is no limit of this name; there are {}", names.join(", ")));
        };
        if !row.can_be_raised() {
            return Err(format!("this one is fixed at {}", row.said(row.standard)));
        }
        // A limit may be lowered as well, which tests and cautious servers want.
        match number(row.unit, value) {
            Some(value) if (1..=row.most).contains(&value) => Ok(Raised(row.limit, value)),
            _ => {
                let most = row.typed(row.most);
                let standard = row.typed(row.standard);
                Err(format!("write a number from 1 to {most}, as in `{name}={standard}`"))
            }
        }
    }
}

/// A number as the flag takes it.
fn number(unit: Unit, text: &str) -> Option<u64> {
    let mut digits = text;
    let mut size = 1;
    if unit == Unit::Bytes {
        for (suffix, bytes) in [("KiB", KIB), ("MiB", MIB), ("GiB", GIB)] {
            if let Some(rest) = text.strip_suffix(suffix) {
                digits = rest;
                size = bytes;
            }
        }
    }
    // `parse` would take a sign.
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    digits.parse::<u64>().ok()?.checked_mul(size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_limit_has_its_line() {
        for (index, row) in TABLE.iter().enumerate() {
            assert_eq!(row.limit as usize, index, "{}", row.name);
            assert!(row.most >= row.standard && row.standard > 0, "{}", row.name);
        }
    }

    #[test]
    fn a_limit_is_read_as_it_is_written() {
        for row in TABLE.iter().filter(|row| row.can_be_raised()) {
            for value in [1, row.standard, row.most] {
                let text = format!("{}={}", row.name, row.typed(value));
                assert_eq!(text.parse(), Ok(Raised(row.limit, value)), "{text}");
            }
        }
    }

    #[test]
    fn what_is_no_limit_is_refused() {
        for text in [
            "",
            "output",
            "output=",
            "output=x",
            "output=0",
            "output=-1",
            "output=2GiB",
            "output=1 MiB",
            "fuel=1MiB",
            "fuel=1e9",
            "nesting=200",
            "x=1",
        ] {
            assert!(text.parse::<Raised>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_flag_that_raises_is_one_that_is_taken() {
        for row in &TABLE {
            let mut now = row.standard;
            while let Some(flag) = row.limit.raise(now) {
                let Ok(Raised(_, more)) = flag.trim_start_matches("--limit ").parse() else {
                    panic!("{flag}")
                };
                assert!(more > now, "{flag}");
                now = more;
            }
            assert_eq!(now, row.most, "{}", row.name);
        }
    }
}
