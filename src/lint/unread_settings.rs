//! Settings that no template reads (V111): mistyped, or left behind when a template changed.
//!
//! What is read is found out from the text of the templates, in all their branches ([`Prepared::setting_reads`]), and not
//! by rendering: a setting that only another preset makes use of is no mistake.
//!
//! | what is linted | whose settings are looked at |
//! |---|---|
//! | a values file | those of the file |
//! | a preset | those of the preset |
//! | a chart's defaults | those of the defaults, and those that the schema names besides |

use crate::diagnostic::{Code, Diagnostic};
use crate::pipeline::{Merged, Prepared};
use crate::secrets;
use crate::session::Session;
use crate::source::{SourceId, Span};
use crate::template::SettingReads;
use crate::values::{Layer, LayerKind};
use crate::yaml::{self, Node, Segment, ValuePath};

/// Warns of settings in the uppermost layers that no template reads. Lower layers are the chart's own, and are looked
/// at when the chart is linted. Where it is linted by itself, its schema counts as a layer, too.
pub(super) fn report(session: &Session, prepared: &Prepared, merged: &Merged) {
    if merged.chart().is_helm {
        return merged.report_unread_of_helm(session, |_, _| true);
    }
    // Templates that cannot be read were reported when they were compiled, and would make every setting look unread.
    let Some(reads) = prepared.setting_reads(session) else { return };
    let is_given = |layer: &&Layer| layer.kind != LayerKind::Derived;
    let Some(uppermost) = merged.layers.iter().filter(is_given).map(|layer| layer.kind).max() else { return };
    // Derived values are the chart's own, as its defaults are.
    let is_looked_at = |layer: &&Layer| {
        layer.kind == uppermost || layer.kind == LayerKind::Derived && uppermost == LayerKind::Defaults
    };
    // Of charts of Helm that the chart brings along; their own defaults are theirs.
    let own = merged.layers.iter().filter(is_looked_at).filter(|layer| !merged.is_of_member(layer));
    let own: Vec<SourceId> = own.map(|layer| layer.root.span.source).collect();
    merged.report_unread_of_helm(session, |path, source| own.contains(&source) && !reads.is_read(path));
    let mut found: Vec<(ValuePath, Span)> = Vec::new();
    for layer in merged.layers.iter().filter(is_looked_at) {
        let unread = reads.unread(&layer.root).into_iter();
        let unread: Vec<_> =
            unread.filter(|(path, _)| found.iter().all(|(known, _)| known != path)).collect();
        found.extend(unread);
    }
    if uppermost == LayerKind::Defaults {
        found.extend(unread_in_schema(session, merged, reads, &found));
    }
    for (path, span) in found {
        if is_setting(merged, &path) {
            let message = format!(
                "no template of the chart `{}` reads `{}`",
                merged.chart().name,
                secrets::shown_path(&path)
            );
            let finding = Diagnostic::warning(Code::V111, message).at(span, "this setting has no effect");
            session.report(finding.help("remove it, or look for the setting that is meant"));
        }
    }
}

/// Whether it is a setting that templates are to read. A key that the schema does not know is an error already. The
/// setting that holds the chart's namespace, and the maps around it, are read by the program.
fn is_setting(merged: &Merged, path: &ValuePath) -> bool {
    let known = path.0.iter().try_fold(merged.wants().root(), |want, segment| match segment {
        Segment::Key(key) => want.property(key),
        Segment::Index(_) => want.item(),
    });
    let leads_to_namespace = merged.chart().namespace_from.as_deref().is_some_and(|namespace| {
        // With a dot behind both, so that `name` is no beginning of `namespace`.
        format!("{namespace}.").starts_with(&format!("{path}."))
    });
    known.is_some() && !leads_to_namespace
}

/// Settings of the chart's schema that the defaults do not show; they are underlined in the schema.
fn unread_in_schema(
    session: &Session,
    merged: &Merged,
    reads: &SettingReads,
    shown: &[(ValuePath, Span)],
) -> Vec<(ValuePath, Span)> {
    let Some(source) = merged.chart().schema else { return Vec::new() };
    let unread = reads.unread_in_schema(merged.wants().root());
    // Without those of the defaults: one warning at the default is enough.
    let unread: Vec<ValuePath> =
        unread.into_iter().filter(|path| shown.iter().all(|(known, _)| known != path)).collect();
    if unread.is_empty() {
        return Vec::new();
    }
    let Ok(Some(schema)) = yaml::parse_one(session, source) else { return Vec::new() };
    // What only the conditions of a rule (`if`) name is no setting: no property has its path.
    unread.into_iter().filter_map(|path| Some((path.clone(), property_span(&schema, &path)?))).collect()
}

/// Where a schema names a setting: the key in `properties`. None below lists.
fn property_span(schema: &Node, path: &ValuePath) -> Option<Span> {
    let mut here = schema;
    let mut span = None;
    for segment in &path.0 {
        let Segment::Key(key) = segment else { return None };
        let property = subschemas(schema, here)
            .into_iter()
            .filter_map(|part| part.get("properties").and_then(Node::as_map))
            .find_map(|properties| properties.get(key.as_str()))?;
        here = &property.node;
        span = Some(property.key_span);
    }
    span
}

/// The schemas that hold for the same value: itself, what `$ref` names, and all of `allOf`; and so on with those.
fn subschemas<'n>(root: &'n Node, schema: &'n Node) -> Vec<&'n Node> {
    // A worklist that grows while it is walked, and no recursion: `$ref` and `allOf` nest as deeply as a schema likes.
    let mut found = vec![schema];
    let mut next = 0;
    while next < found.len() && next < MAX_SUBSCHEMAS {
        let part = found[next];
        let target = part.get("$ref").and_then(Node::as_str).and_then(|target| target.strip_prefix('#'));
        found.extend(target.and_then(|pointer| ValuePath::from_pointer(pointer, root).find(root)));
        found.extend(part.get("allOf").and_then(Node::as_list).into_iter().flatten());
        next += 1;
    }
    found
}

/// Schemas that are looked at for one setting: references can be circular.
const MAX_SUBSCHEMAS: usize = 64;
