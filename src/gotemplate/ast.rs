//! Parsed templates: functions are found, and variables are numbered.

use std::sync::Arc;

use super::function::Function;
use crate::source::SourceId;

/// A text that was parsed at once: a file, or what `tpl` was given.
#[derive(Debug)]
pub(crate) struct Unit {
    pub name: Arc<str>,
    pub text: Arc<[u8]>,
    /// The file; none for what `tpl` was given, which may come from several.
    pub source: Option<SourceId>,
}

/// A template of a unit: the whole, or a `define` or `block` in it.
#[derive(Debug)]
pub(crate) struct Template {
    pub name: Arc<str>,
    pub unit: Arc<Unit>,
    pub body: List,
    /// How many variables there are at most at once; the first is `$`.
    pub variables: usize,
    /// Whether it has nothing but blanks and comments.
    pub is_empty: bool,
}

pub(crate) type List = Box<[Node]>;

/// Bytes of the unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct At {
    pub start: u32,
    pub end: u32,
}

#[derive(Debug)]
pub(crate) enum Node {
    Text(At),
    Print(Pipe),
    Condition(Box<Condition>),
    Range(Box<Range>),
    Template(Box<Invocation>),
    Break,
    Continue,
}

/// `if` or `with`.
#[derive(Debug)]
pub(crate) struct Condition {
    /// `with`: what is tested becomes the dot.
    pub sets_dot: bool,
    /// The first, and those behind `else if` and `else with`.
    pub branches: Box<[(Pipe, List)]>,
    pub otherwise: List,
}

#[derive(Debug)]
pub(crate) struct Range {
    pub pipe: Pipe,
    pub body: List,
    pub otherwise: List,
}

/// `template`, and where a `block` stands.
#[derive(Debug)]
pub(crate) struct Invocation {
    pub at: At,
    pub name: Arc<str>,
    pub pipe: Option<Pipe>,
}

#[derive(Debug)]
pub(crate) struct Pipe {
    pub at: At,
    pub commands: Box<[Command]>,
    /// The variables that are set to its value.
    pub sets: Box<[Variable]>,
}

impl Pipe {
    /// The numbers of the variables that are set to its value, of those that are declared.
    pub(crate) fn slots(&self) -> impl Iterator<Item = usize> {
        self.sets.iter().filter_map(|variable| match variable {
            Variable::Slot(slot) => Some(*slot),
            Variable::Undefined(_) => None,
        })
    }
}

/// A variable by its number. The parser of Go lets some names through that nothing has declared.
#[derive(Clone, Debug)]
pub(crate) enum Variable {
    Slot(usize),
    Undefined(Arc<str>),
}

#[derive(Debug)]
pub(crate) struct Command {
    pub word: Operand,
    pub args: Box<[Operand]>,
}

#[derive(Debug)]
pub(crate) struct Operand {
    pub at: At,
    pub kind: OperandKind,
}

pub(crate) type Names = Box<[Box<str>]>;

#[derive(Debug)]
pub(crate) enum OperandKind {
    Dot,
    Nil,
    Bool(bool),
    Number(Number),
    String {
        text: Box<[u8]>,
        /// Where its bytes stand one by one, if nothing in it is escaped.
        verbatim: Option<At>,
    },
    Field(Names),
    Variable(Variable, Names),
    Function(Callee),
    Chain(Box<Operand>, Names),
    Pipe(Box<Pipe>),
}

/// A function, found by its name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Callee {
    pub function: &'static Function,
    /// Go's own `and` and `or` look at their arguments one by one: which truth ends that.
    pub ends_at: Option<bool>,
}

/// A number as a constant: which types it fits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Number {
    pub int: Option<i64>,
    pub uint: Option<u64>,
    pub float: Option<f64>,
    /// Whether it is a float where nothing asks for a type.
    pub is_float: bool,
}
