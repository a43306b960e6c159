//! Settings that no template reads.

use crate::diagnostic::{Code, Diagnostic};
use crate::pipeline::{self, Merged};
use crate::session::Session;
use crate::source::Span;
use crate::template::{self, SettingReads};
use crate::values::LayerKind;
use crate::yaml::{self, Node, Segment, ValuePath};

/// Warns of settings in the uppermost layers that no template reads (V111); where a chart is linted by itself, of those in its schema too.
pub(super) fn report(session: &Session, merged: &Merged) {
    let templates = pipeline::templates(session, &merged.chart);
    let Ok(reads) = template::setting_reads(session, &templates, &merged.wants) else { return };
    let Some(kind) = merged.layers.iter().map(|layer| layer.kind).max() else { return };
    let mut found = Vec::new();
    for layer in merged.layers.iter().filter(|layer| layer.kind == kind) {
        found.extend(reads.unread(&layer.root));
    }
    if kind == LayerKind::Defaults {
        found.extend(in_schema(session, merged, &reads, &found));
    }
    for (path, span) in found {
        if is_setting(merged, &path) {
            let message = format!("no template of the chart `{}` reads `{path}`", merged.chart.name);
            let finding = Diagnostic::warning(Code::V111, message).at(span, "this setting has no effect");
            session.report(finding.help("remove it, or look for the setting that is meant"));
        }
    }
}

/// Whether it is a setting at all: a key that the schema does not know is an error already, and the namespace is read by the chart itself.
fn is_setting(merged: &Merged, path: &ValuePath) -> bool {
    let known = path.0.iter().try_fold(merged.wants.root(), |want, segment| match segment {
        Segment::Key(key) => want.property(key),
        Segment::Index(_) => want.item(),
    });
    let namespace = merged.chart.namespace_from.as_deref().unwrap_or_default();
    known.is_some() && !format!("{namespace}.").starts_with(&format!("{path}."))
}

/// Settings of the chart's schema that the defaults do not show; they are underlined in the schema.
fn in_schema(
    session: &Session,
    merged: &Merged,
    reads: &SettingReads,
    shown: &[(ValuePath, Span)],
) -> Vec<(ValuePath, Span)> {
    let Some(source) = merged.chart.schema else { return Vec::new() };
    let unread = reads.unread_in_schema(merged.wants.root());
    let unread: Vec<ValuePath> =
        unread.into_iter().filter(|path| shown.iter().all(|(known, _)| known != path)).collect();
    if unread.is_empty() {
        return Vec::new();
    }
    let Ok(Some(schema)) = yaml::parse_one(session, source) else { return Vec::new() };
    // What only the conditions of a rule speak of is no setting.
    unread.into_iter().filter_map(|path| Some((path.clone(), place(&schema, &path)?))).collect()
}

/// Where a schema names a setting.
fn place(schema: &Node, path: &ValuePath) -> Option<Span> {
    let (mut here, mut span) = (schema, None);
    for segment in &path.0 {
        let Segment::Key(key) = segment else { return None };
        let properties = applied(schema, here).into_iter().find_map(|part| {
            part.get("properties").and_then(Node::as_map).and_then(|properties| properties.get(key.as_str()))
        })?;
        (here, span) = (&properties.node, Some(properties.key_span));
    }
    span
}

/// The schemas that hold for the same value: itself, what `$ref` names, and all of `allOf`; a few levels deep.
fn applied<'n>(root: &'n Node, schema: &'n Node) -> Vec<&'n Node> {
    let mut found = vec![schema];
    let mut looked = 0;
    while looked < found.len() && looked < MAX_PARTS {
        let part = found[looked];
        let target = part.get("$ref").and_then(Node::as_str).and_then(|target| target.strip_prefix('#'));
        found.extend(target.and_then(|pointer| ValuePath::from_pointer(pointer, root).find(root)));
        found.extend(part.get("allOf").and_then(Node::as_list).into_iter().flatten());
        looked += 1;
    }
    found
}

/// Schemas that are looked at for one setting: references can lead round in circles.
const MAX_PARTS: usize = 64;
