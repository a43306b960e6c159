//! What can be put into a template: a few kinds of insertions, and how each of them reads in the instrumented text.
//!
//! A plan stores kinds, numbers and the names of imports, never text. So a stored plan, whoever wrote it, can make a
//! template print marks or bind its expressions, and cannot add an expression of its own.
//!
//! | kind | reads |
//! |---|---|
//! | [`Open`](InsertionKind::Open) | `(` |
//! | [`BindParenthesis`](InsertionKind::BindParenthesis) | `)\|_b(number)` |
//! | [`Bind`](InsertionKind::Bind) | ` \|_b(number)` |
//! | [`Measure`](InsertionKind::Measure) | `)\|_m` |
//! | [`Store`](InsertionKind::Store) | `)\|_s` |
//! | [`Operand`](InsertionKind::Operand) | `)\|_n` |
//! | [`Repeated`](InsertionKind::Repeated), [`Repeats`](InsertionKind::Repeats) | `)\|_p`, `)\|_q` |
//! | [`ComparedLeft`](InsertionKind::ComparedLeft), [`ComparedRight`](InsertionKind::ComparedRight) | `)\|_c`, `)\|_d` |
//! | [`Step`](InsertionKind::Step), [`Backwards`](InsertionKind::Backwards) | `)\|_t`, `)\|_e` |
//! | [`Close`](InsertionKind::Close) | `)` |
//! | [`Mark`](InsertionKind::Mark) | template and offset between two noncharacters |
//! | [`CountedMark`](InsertionKind::CountedMark) | the same, and `{% do __count_text(bytes) %}` |
//! | [`OpenFail`](InsertionKind::OpenFail) | `__report_fail(` |
//! | [`CloseFail`](InsertionKind::CloseFail) | `, number)` |
//! | [`LineBreak`](InsertionKind::LineBreak) | a line break |
//! | [`TakeLibrary`](InsertionKind::TakeLibrary) | `{% set lib = __library(3) %}{% if not lib %}` |
//! | [`KeepLibrary`](InsertionKind::KeepLibrary) | `{% do __keep_library(3, lib) %}{% endif %}` |
//!
//! [`instrument`](super::instrument) has what each is for.

use serde::{Deserialize, Serialize};

use super::range::Range;
use crate::yaml::{MARK_CLOSE, MARK_OPEN};

// The names of what instrumented templates call. A template of a chart cannot call them: the check refuses unknown
// names. The names of the two filters are short because they stand in every expression, and the engine's tokenizer and
// parser read them all. Functions share their names with variables, so theirs are such as nobody chooses.

/// The filter that every printed expression goes through; its argument is the expression's number.
pub(crate) const BIND_FILTER: &str = "_b";
/// The filter that measures what `~`, `+`, `*`, lists, maps, slices and `set` made.
pub(crate) const MEASURE_FILTER: &str = "_m";
/// The same for what is put into a namespace.
pub(crate) const STORE_FILTER: &str = "_s";
/// The filter of an operand that is counted with.
pub(crate) const OPERAND_FILTER: &str = "_n";
/// The filters of the operands of `*`.
pub(crate) const REPEATED_FILTER: &str = "_p";
pub(crate) const REPEATS_FILTER: &str = "_q";
/// The filter of a slice's step.
pub(crate) const STEP_FILTER: &str = "_t";
/// The filter of what is sliced from its end to its beginning.
pub(crate) const BACKWARDS_FILTER: &str = "_e";
/// The filters of the operands of comparisons and of `in`.
pub(crate) const COMPARED_LEFT_FILTER: &str = "_c";
pub(crate) const COMPARED_RIGHT_FILTER: &str = "_d";
/// The filter of a version that something is compared with, and that of what it is compared with.
pub(crate) const VERSION_FILTER: &str = "_v";
pub(crate) const VERSION_AGAINST_FILTER: &str = "_w";
/// The function around a `fail(…)` that nothing prints.
pub(crate) const REPORT_FAIL_FUNCTION: &str = "__report_fail";
/// The function that counts what long stretches of text print.
pub(crate) const COUNT_TEXT_FUNCTION: &str = "__count_text";

/// The function that gives what the import of a library gave before, by the library's position: all of it, or some of
/// its names. False if there is nothing yet, for each name.
pub(crate) const LIBRARY_FUNCTION: &str = "__library";
/// The function that keeps what an import gave.
pub(crate) const KEEP_LIBRARY_FUNCTION: &str = "__keep_library";

/// Something that is put into a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Insertion {
    /// The byte offset in the template before which it is put.
    pub(super) at: u32,
    pub(super) kind: InsertionKind,
}

/// What is put there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum InsertionKind {
    /// The beginning of what a filter is applied to.
    Open,
    /// The bind filter with an expression's number, behind an expression in parentheses.
    BindParenthesis(u32),
    /// The same behind an expression that needs none: a path, a call, something that is filtered already.
    Bind(u32),
    /// The measuring filter, behind an expression in parentheses.
    Measure,
    /// The filter of what is put into a namespace, behind an expression in parentheses.
    Store,
    /// The filter of an operand, behind an expression in parentheses.
    Operand,
    /// That of the left operand of `*`.
    Repeated,
    /// That of its right one.
    Repeats,
    /// That of the left operand of a comparison.
    ComparedLeft,
    /// That of its right one.
    ComparedRight,
    /// That of a slice's step.
    Step,
    /// That of what is sliced backwards.
    Backwards,
    /// The end of what stands in parentheses, where a key or a position of it follows.
    Close,
    /// A source mark.
    Mark,
    /// A source mark at the beginning of a long text, of so many bytes, which are counted.
    CountedMark(u32),
    /// The beginning of the call around a `fail(…)`.
    OpenFail,
    /// Its end, with an expression's number.
    CloseFail(u32),
    LineBreak,
    /// Before an import that is shared, by its position in the plan: the import is only made if nothing is there yet.
    TakeLibrary(u32),
    /// Behind it.
    KeepLibrary(u32),
    /// The filter of a version that is compared.
    Version,
    /// That of what stands on the other side of `semver(…)`.
    AgainstVersion(Comparison),
    /// That of what stands on the other side of `kube.version`, which may be several.
    AgainstKubeVersion(Comparison),
}

/// How a version on the left is compared with what is on the right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Comparison {
    /// The same with its sides exchanged.
    pub(super) fn turned(self) -> Self {
        match self {
            Comparison::Less => Comparison::Greater,
            Comparison::LessOrEqual => Comparison::GreaterOrEqual,
            Comparison::Greater => Comparison::Less,
            Comparison::GreaterOrEqual => Comparison::LessOrEqual,
            Comparison::Equal | Comparison::NotEqual => self,
        }
    }

    fn sign(self) -> &'static str {
        match self {
            Comparison::Equal => "==",
            Comparison::NotEqual => "!=",
            Comparison::Less => "<",
            Comparison::LessOrEqual => "<=",
            Comparison::Greater => ">",
            Comparison::GreaterOrEqual => ">=",
        }
    }
}

impl InsertionKind {
    /// Whether it is a part of an expression, so that it stands in a tag; all others stand in text.
    pub(super) fn is_in_tag(self) -> bool {
        match self {
            InsertionKind::Open
            | InsertionKind::BindParenthesis(_)
            | InsertionKind::Bind(_)
            | InsertionKind::Measure
            | InsertionKind::Store
            | InsertionKind::Operand
            | InsertionKind::Repeated
            | InsertionKind::Repeats
            | InsertionKind::ComparedLeft
            | InsertionKind::ComparedRight
            | InsertionKind::Step
            | InsertionKind::Backwards
            | InsertionKind::Close
            | InsertionKind::OpenFail
            | InsertionKind::CloseFail(_)
            | InsertionKind::Version
            | InsertionKind::AgainstVersion(_)
            | InsertionKind::AgainstKubeVersion(_) => true,
            InsertionKind::Mark
            | InsertionKind::CountedMark(_)
            | InsertionKind::LineBreak
            | InsertionKind::TakeLibrary(_)
            | InsertionKind::KeepLibrary(_) => false,
        }
    }
}

/// An import that templates share (`shared_imports.rs`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PlannedImport {
    /// The position of the library.
    pub(super) library: u32,
    /// Its names are one, which stands for all of the library.
    pub(super) whole: bool,
    /// A range of the imported names.
    pub(super) names: Range,
    /// What its tag does with the white space before it, and behind it.
    pub(super) before: Trim,
    pub(super) behind: Trim,
}

/// A name of a library, and the one that the importer gives to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ImportedName {
    pub(super) exported: Range,
    pub(super) name: Range,
}

/// The sign at an end of a tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Trim {
    Default,
    /// `-`
    Remove,
    /// `+`
    Preserve,
}

impl Trim {
    fn sign(self) -> &'static str {
        match self {
            Trim::Default => "",
            Trim::Remove => "-",
            Trim::Preserve => "+",
        }
    }
}

/// The shared imports of a plan, with their names.
#[derive(Clone, Copy)]
pub(super) struct PlannedImports<'p> {
    pub(super) names: &'p str,
    pub(super) imports: &'p [PlannedImport],
    pub(super) imported: &'p [ImportedName],
}

impl PlannedImports<'_> {
    /// What stands before an import.
    fn take(self, import: u32, text: &mut String) {
        let Some(import) = self.imports.get(import as usize) else { return };
        let imported = || import.names.of(self.imported).iter();
        let names: Vec<&str> = imported().map(|imported| imported.name.within(self.names)).collect();
        let Some(first) = names.first() else { return };
        text.push_str("{%");
        text.push_str(import.before.sign());
        text.push_str(&format!(" set {} = {LIBRARY_FUNCTION}({}", names.join(", "), import.library));
        if !import.whole {
            for imported in imported() {
                text.push_str(&format!(", \"{}\"", imported.exported.within(self.names)));
            }
        }
        // All of them are there, or none.
        text.push_str(&format!(") %}}{{% if not {first} %}}"));
    }

    /// What stands behind an import.
    fn keep(self, import: u32, text: &mut String) {
        let Some(import) = self.imports.get(import as usize) else { return };
        text.push_str(&format!("{{% do {KEEP_LIBRARY_FUNCTION}({}", import.library));
        for imported in import.names.of(self.imported) {
            if !import.whole {
                text.push_str(&format!(", \"{}\"", imported.exported.within(self.names)));
            }
            text.push_str(", ");
            text.push_str(imported.name.within(self.names));
        }
        text.push_str(&format!(") %}}{{% endif {}%}}", import.behind.sign()));
    }
}

impl Insertion {
    pub(super) fn new(at: usize, kind: InsertionKind) -> Self {
        // A template has no more bytes than that: `Limit::Text` is a GiB at most.
        Insertion { at: u32::try_from(at).unwrap_or(u32::MAX), kind }
    }

    /// Writes what is put into the template at this position.
    fn write(self, imports: PlannedImports<'_>, template: usize, text: &mut String) {
        match self.kind {
            InsertionKind::Open => text.push('('),
            InsertionKind::BindParenthesis(number) => {
                text.push(')');
                bind(number, text);
            }
            // The blank keeps the engine's place for an error of the filter where it is behind a parenthesis.
            InsertionKind::Bind(number) => {
                text.push(' ');
                bind(number, text);
            }
            InsertionKind::Measure => filter(MEASURE_FILTER, text),
            InsertionKind::Store => filter(STORE_FILTER, text),
            InsertionKind::Operand => filter(OPERAND_FILTER, text),
            InsertionKind::Repeated => filter(REPEATED_FILTER, text),
            InsertionKind::Repeats => filter(REPEATS_FILTER, text),
            InsertionKind::ComparedLeft => filter(COMPARED_LEFT_FILTER, text),
            InsertionKind::ComparedRight => filter(COMPARED_RIGHT_FILTER, text),
            InsertionKind::Step => filter(STEP_FILTER, text),
            InsertionKind::Backwards => filter(BACKWARDS_FILTER, text),
            InsertionKind::Close => text.push(')'),
            InsertionKind::Version => filter(VERSION_FILTER, text),
            InsertionKind::AgainstVersion(comparison) => against(comparison, "", text),
            InsertionKind::AgainstKubeVersion(comparison) => against(comparison, ", kube.version", text),
            InsertionKind::Mark => self.mark(template, text),
            InsertionKind::CountedMark(bytes) => {
                self.mark(template, text);
                text.push_str("{% do ");
                text.push_str(COUNT_TEXT_FUNCTION);
                call(bytes, text);
                text.push_str(" %}");
            }
            InsertionKind::OpenFail => {
                text.push_str(REPORT_FAIL_FUNCTION);
                text.push('(');
            }
            InsertionKind::CloseFail(number) => {
                text.push_str(", ");
                push_number(number as usize, text);
                text.push(')');
            }
            InsertionKind::LineBreak => text.push('\n'),
            InsertionKind::TakeLibrary(import) => imports.take(import, text),
            InsertionKind::KeepLibrary(import) => imports.keep(import, text),
        }
    }

    fn mark(self, template: usize, text: &mut String) {
        text.push(MARK_OPEN);
        push_number(template, text);
        text.push(',');
        push_number(self.at as usize, text);
        text.push(MARK_CLOSE);
    }
}

/// The end of what stands in parentheses, and a filter of it.
fn filter(name: &str, text: &mut String) {
    text.push_str(")|");
    text.push_str(name);
}

/// The filter of what a version is compared with: it knows how, and the versions of a cluster that may be several.
fn against(comparison: Comparison, versions: &str, text: &mut String) {
    filter(VERSION_AGAINST_FILTER, text);
    text.push_str(&format!("(\"{}\"{versions})", comparison.sign()));
}

fn bind(number: u32, text: &mut String) {
    text.push('|');
    text.push_str(BIND_FILTER);
    call(number, text);
}

fn call(argument: u32, text: &mut String) {
    text.push('(');
    push_number(argument as usize, text);
    text.push(')');
}

/// Writes a number in digits. There are thousands, and the formatting of the standard library takes ten times as long.
fn push_number(number: usize, text: &mut String) {
    if number >= 10 {
        push_number(number / 10, text);
    }
    // One digit.
    text.push(char::from(b'0' + (number % 10) as u8));
}

/// The instrumented text of a template, which is what the engine compiles. `template` is its position; the offsets of
/// the insertions are ascending, and between characters of `source`.
pub(super) fn instrumented(
    insertions: &[Insertion],
    imports: PlannedImports<'_>,
    template: usize,
    source: &str,
) -> String {
    // As long as they are on average, or a little longer.
    let mut text = String::with_capacity(source.len() + insertions.len() * 12);
    let mut done = 0;
    // Were one of the offsets wrong, a part of the template would be lost without a word, so it is sliced without a
    // fallback. Those of a stored plan were looked at (`soundness.rs`).
    for insertion in insertions {
        let at = insertion.at as usize;
        text.push_str(&source[done..at]);
        insertion.write(imports, template, &mut text);
        done = at;
    }
    text.push_str(&source[done..]);
    text
}

/// The offset in a template for an offset in its instrumented text. All that was put in stands for the place where it
/// was put.
///
/// ```text
/// template        a: {{ x ~ y }}
/// instrumented    a: {{ (x ~ y)|_m  |_b(0)}}
///                       ^      ^^^^ ^^^^^^^ inserted
/// ```
pub(super) fn original_offset(
    insertions: &[Insertion],
    imports: PlannedImports<'_>,
    template: usize,
    offset: usize,
) -> usize {
    // How much of both texts has been passed. From one insertion to the next both have the same text. It is walked from
    // the start, since it is asked for errors alone.
    let mut original = 0;
    let mut instrumented = 0;
    let mut inserted = String::new();
    for insertion in insertions {
        let at = insertion.at as usize;
        inserted.clear();
        insertion.write(imports, template, &mut inserted);
        let behind = instrumented + at.saturating_sub(original) + inserted.len();
        if behind > offset {
            break;
        }
        original = at;
        instrumented = behind;
    }
    original + (offset - instrumented)
}
