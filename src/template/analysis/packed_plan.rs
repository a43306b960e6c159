//! A packed plan: arrays of constant data without a pointer in them, which `build.rs` makes of
//! `schemas/*.templates.json`.
//!
//! Static data with pointers is relocated when the program starts, all of it and in every run. Ranges of arrays are
//! not, so a plan costs nothing until a part of it is unpacked (`bundled_plan.rs`).
//!
//! This file is compiled into `build.rs` too, so it imports nothing of this crate. With the layout comes the
//! [`fingerprint`] that tells whether a plan is still that of a chart's templates: both sides must compute the same.

/// What the templates of a bundled chart come to, without a pointer in its arrays.
#[derive(Debug)]
pub struct PackedPlan {
    /// The fingerprint of what it was made of.
    pub of: &'static str,
    /// Every name and every inserted text.
    pub text: &'static str,
    /// By template: a range of the insertions.
    pub templates: &'static [Range],
    /// What is put into templates; those of one stand together, in the order of their offsets.
    pub insertions: &'static [PackedInsertion],
    /// Every printed expression, by id.
    pub expressions: &'static [PackedExpression],
    /// The paths of expressions, and what variables stand for.
    pub paths: &'static [PackedPath],
    /// The steps of paths.
    pub steps: &'static [PackedStep],
    /// The variables, ascending by template and name.
    pub variables: &'static [PackedVariable],
    /// What variables stand for.
    pub aliases: &'static [PackedAlias],
}

/// A range of one of the arrays, or of the text in bytes: the first, and one past the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range(pub u32, pub u32);

/// Where text is put into a template, and which.
#[derive(Clone, Copy, Debug)]
pub struct PackedInsertion(pub u32, pub Range);

/// A printed expression.
#[derive(Clone, Copy, Debug)]
pub struct PackedExpression {
    /// Its template.
    pub template: u32,
    /// Its bytes in the template.
    pub place: Range,
    /// Whether it is nothing but the first of its paths.
    pub bare: bool,
    /// The paths that it reads.
    pub paths: Range,
    /// Whether the schema knows the bare path.
    pub in_schema: bool,
    /// Whether its `{{-` takes white space away.
    pub trims_before: bool,
}

/// A variable and the steps down from it.
#[derive(Clone, Copy, Debug)]
pub struct PackedPath {
    /// A range of the text.
    pub root: Range,
    /// A range of the steps.
    pub steps: Range,
}

/// One step of a path.
#[derive(Clone, Copy, Debug)]
pub enum PackedStep {
    /// A range of the text.
    Key(Range),
    /// The position in a list.
    #[allow(
        dead_code,
        reason = "made by `build.rs`; in the library only if a bundled template has such a step"
    )]
    Index(u32),
    /// What is computed.
    Dynamic,
}

/// A variable of a template.
#[derive(Clone, Copy, Debug)]
pub struct PackedVariable {
    /// The template.
    pub template: u32,
    /// A range of the text.
    pub name: Range,
    /// A range of the aliases.
    pub aliases: Range,
}

/// What a variable may stand for.
#[derive(Clone, Copy, Debug)]
pub struct PackedAlias {
    /// The template that the path is written in.
    pub template: u32,
    /// The path.
    pub path: PackedPath,
    /// The variable takes each item of what the path leads to.
    pub element: bool,
}

/// The fingerprint of some texts, in hexadecimal: FNV-1a over words of eight bytes, with the length of each text behind
/// it.
///
/// FNV-1a is defined over bytes. Words are taken because it is computed at the start of every run of a bundled chart,
/// before anything else can begin. It protects against a plan that is stale, not against an attacker, so no
/// cryptographic hash is needed.
pub fn fingerprint<'t>(texts: impl IntoIterator<Item = &'t str>) -> String {
    const OFFSET_BASIS: u64 = 0xcbf2_9ce4_8422_2325;
    let mut hash = OFFSET_BASIS;
    for text in texts {
        let (words, rest) = text.as_bytes().as_chunks::<8>();
        for word in words {
            hash = mix(hash, u64::from_le_bytes(*word));
        }
        for byte in rest {
            hash = mix(hash, u64::from(*byte));
        }
        // Without it, `["ab", "c"]` and `["a", "bc"]` would be the same.
        hash = mix(hash, text.len() as u64);
    }
    format!("{hash:016x}")
}

/// One step of FNV-1a, and a shift: a product gathers in its high bits what it mixes, and with whole words these would
/// never reach the low ones.
fn mix(hash: u64, word: u64) -> u64 {
    const PRIME: u64 = 0x0100_0000_01b3;
    let product = (hash ^ word).wrapping_mul(PRIME);
    product ^ (product >> 29)
}
