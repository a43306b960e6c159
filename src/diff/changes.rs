//! What a comparison finds: which objects came, went or changed, and where in them.

use super::lines::TextLine;
use super::masked_value::MaskedValue;
use super::path::FieldPath;
use crate::manifest::Identity;

/// An object that is not the same on both sides.
#[derive(Clone, Debug)]
pub struct ObjectChange {
    /// The object, as the new side calls it if it is there.
    pub object: Identity,
    /// What became of it.
    pub kind: ChangeKind,
}

/// What became of an object.
#[derive(Clone, Debug)]
pub enum ChangeKind {
    /// Only the new side has it.
    Added,
    /// Only the old side has it.
    Removed,
    /// Both have it, with these fields changed; at least one.
    Changed(Vec<FieldChange>),
}

/// A field that is not the same on both sides.
#[derive(Clone, Debug)]
pub struct FieldChange {
    /// Where it is in the object.
    pub path: FieldPath,
    /// What became of it.
    pub edit: FieldEdit,
}

/// What became of a field.
#[derive(Clone, Debug)]
pub enum FieldEdit {
    /// Only the new side has it.
    Added(MaskedValue),
    /// Only the old side has it.
    Removed(MaskedValue),
    /// Both sides have it, with other values: the old one and the new one.
    Changed(MaskedValue, MaskedValue),
    /// Both sides have a text of several lines: those that differ, with some around them.
    Text(Vec<TextLine>),
    /// The same items stand in another order; what they are called, on the old side and on the new.
    Reordered(Vec<String>, Vec<String>),
}
