//! Expressions as they are written here, and how they are put together.

/// An expression as it is written here.
#[derive(Clone, Debug)]
pub(crate) struct Translated {
    pub(crate) text: String,
    pub(crate) binds: Binds,
    /// Whether something in it is no Jinja.
    pub(crate) is_go: bool,
    /// Whether it ends in `quote`: it is a text, whatever its value is.
    pub(crate) quoted: bool,
}

/// How tightly an expression holds together: what is looser stands in parentheses where something tighter is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Binds {
    Choice,
    Or,
    And,
    Not,
    Comparison,
    Sum,
    Filter,
    Operand,
}

impl Translated {
    pub(crate) fn new(text: impl Into<String>, binds: Binds) -> Translated {
        Translated { text: text.into(), binds, is_go: false, quoted: false }
    }

    /// The text, in parentheses where it is looser than what is asked for.
    pub(crate) fn at_least(&self, binds: Binds) -> String {
        if self.binds >= binds { self.text.clone() } else { format!("({})", self.text) }
    }

    /// The text as something that a filter or a key can follow.
    pub(crate) fn operand(&self) -> String {
        self.at_least(Binds::Filter)
    }
}

pub(crate) fn infix(left: &Translated, sign: &str, right: &Translated, binds: Binds) -> Translated {
    // What is as loose on the left may stay, and on the right must not: `a - (b - c)`.
    let tighter = match binds {
        Binds::Or => Binds::And,
        Binds::And => Binds::Not,
        Binds::Comparison => Binds::Sum,
        _ => Binds::Filter,
    };
    let left_binds = if binds == Binds::Comparison { Binds::Sum } else { binds };
    Translated::new(format!("{} {sign} {}", left.at_least(left_binds), right.at_least(tighter)), binds)
}

pub(crate) fn choice(test: &Translated, chosen: &Translated, other: &Translated) -> Translated {
    let text = format!("{} if {} else {}", chosen.at_least(Binds::Or), test.at_least(Binds::Or), other.text);
    Translated::new(text, Binds::Choice)
}

pub(crate) fn list(values: &[Translated]) -> String {
    values.iter().map(|value| value.text.as_str()).collect::<Vec<_>>().join(", ")
}
