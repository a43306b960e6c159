//! Expressions as trees. Macros (`all`, `has`) have nodes of their own: they are no calls, as their arguments are not
//! evaluated before them.

/// An expression, and where it begins.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::kube) struct Expr {
    /// In bytes from the start of the text.
    pub(super) offset: usize,
    pub(super) kind: Kind,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    Literal(Literal),
    /// A variable, or the name of a type.
    Ident(String),
    /// `operand.field`, or `operand.?field`.
    Select {
        operand: Box<Expr>,
        field: String,
        optional: bool,
    },
    /// `has(operand.field)`.
    Has {
        operand: Box<Expr>,
        field: String,
    },
    /// `operand[index]`, or `operand[?index]`.
    Index {
        operand: Box<Expr>,
        index: Box<Expr>,
        optional: bool,
    },
    /// `function(arguments)`, or `target.function(arguments)`.
    Call {
        target: Option<Box<Expr>>,
        function: String,
        arguments: Vec<Expr>,
    },
    Not(Box<Expr>),
    Negate(Box<Expr>),
    Binary {
        operator: Operator,
        left: Box<Expr>,
        right: Box<Expr>,
    },
    Choice {
        condition: Box<Expr>,
        then: Box<Expr>,
        otherwise: Box<Expr>,
    },
    List(Vec<Element>),
    Map(Vec<MapEntry>),
    /// `Name{field: value}`: only mutating policies have types that can be made so.
    Message {
        name: String,
        fields: Vec<MapEntry>,
    },
    Comprehension(Box<Comprehension>),
    /// `cel.bind(name, value, body)`.
    Bind {
        name: String,
        value: Box<Expr>,
        body: Box<Expr>,
    },
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Literal {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Double(f64),
    Text(String),
    Bytes(Vec<u8>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Or,
    And,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Equal,
    NotEqual,
    In,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

/// An item of a list; an optional one is left out if it has no value.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Element {
    pub(super) optional: bool,
    pub(super) value: Expr,
}

/// An entry of a map or of a message.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct MapEntry {
    pub(super) optional: bool,
    pub(super) key: Expr,
    pub(super) value: Expr,
}

/// `range.all(name, body)` and its kin.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Comprehension {
    pub(super) quantifier: Quantifier,
    pub(super) range: Expr,
    /// One name for items and keys, or two: for index and item, or key and value.
    pub(super) names: Vec<String>,
    /// The condition of `map` and `transformList` with three parts.
    pub(super) filter: Option<Expr>,
    pub(super) body: Expr,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quantifier {
    All,
    Exists,
    ExistsOne,
    Filter,
    Map,
    TransformMap,
    TransformMapEntry,
    /// `optMap`: of the value of an optional.
    OptMap,
    /// `optFlatMap`.
    OptFlatMap,
}

/// Words that cannot name a variable.
pub(super) const RESERVED: &[&str] = &[
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
    "package",
    "namespace",
    "return",
    "var",
    "void",
    "while",
];

/// Whether a word is one of the language, and so no identifier.
pub(in crate::kube) fn is_word(text: &str) -> bool {
    matches!(text, "true" | "false" | "null" | "in") || RESERVED.contains(&text)
}
