//! What a setting is, and which layers set it.
//!
//! The history comes from `values::history`, which merges the layers once more and watches one path: that way the
//! answer cannot differ from the merge. This file looks the values of each step up in masked copies of the layers, and
//! adds what the schema says: type, limits, description, and the rules that speak of the setting.

use super::location::{LayerLocation, SettingIndex, is_flag, location};
use super::lookup;
use crate::pipeline::Merged;
use crate::schema::{SettingDocs, SettingRule, SettingTree, setting_rules, wildcard_path};
use crate::secrets::{ValueMask, shown_key};
use crate::session::{Outcome, Session};
use crate::source::{Input, Span};
use crate::values::{self, EffectKind, EffectStatus, FlagLayer, LayerEffect, LayerKind};
use crate::yaml::{Node, Value, ValuePath};

/// A setting of a chart.
#[derive(Clone, Debug)]
pub struct Setting {
    /// Its path.
    pub path: ValuePath,
    /// What the schema says of it; none without a schema, or where the schema lets anything stand.
    pub about: Option<SettingDocs>,
    /// What the chart's defaults say.
    pub default: Option<Node>,
    /// What it is now; none when nothing sets it.
    pub value: Option<Node>,
    /// What each layer did, lowest first.
    pub history: Vec<HistoryEntry>,
    /// The settings in it, if it is a map.
    pub children: Vec<ChildSetting>,
    /// The schema's rules about it and others.
    pub rules: Vec<SettingRule>,
}

/// What one layer did to a setting.
#[derive(Clone, Debug)]
pub struct HistoryEntry {
    /// What it did.
    pub effect: EffectKind,
    /// What became of it.
    pub status: EffectStatus,
    /// The layer, and the place in it.
    pub written: LayerLocation,
    /// What it says there.
    pub value: Option<Node>,
    /// Of a derived value: what it was computed from.
    pub inputs: Vec<InputValue>,
}

/// A value that a derived value was computed from.
#[derive(Clone, Debug)]
pub struct InputValue {
    /// As the expression writes it: `values.host`.
    pub name: String,
    /// Where it was written; none for what no layer sets.
    pub written: Option<LayerLocation>,
    /// What it is.
    pub value: Option<Node>,
}

/// A setting inside another.
#[derive(Clone, Debug)]
pub struct ChildSetting {
    /// Its name.
    pub name: String,
    /// What the schema says of it.
    pub about: Option<SettingDocs>,
    /// What it is now.
    pub value: Option<Node>,
}

/// Explains the setting at `path`, which is written as people type it: `env."a.b/c"`, `tolerations[0].key`. An empty
/// path is all settings.
///
/// # Errors
/// V101 for a path that neither the schema nor a layer knows.
pub fn setting(session: &Session, merged: &Merged, path: &str) -> Outcome<Setting> {
    let path = lookup::setting(session, merged, path)?;
    let schema = merged.described(session)?;
    let settings = Some(SettingTree::new(&schema));
    // All values of the answer are taken from these copies, never from the trees themselves.
    let masked = MaskedLayers::new(session, merged);
    let value = path.find(&masked.values).cloned();
    Ok(Setting {
        about: settings.as_ref().and_then(|settings| Some(settings.docs(&settings.at(&path)?))),
        // Of the defaults alone, below any preset: what the setting would be if nobody set it.
        default: masked.default_at(&path).cloned(),
        history: history(session, merged, &masked, &path),
        children: children(settings.as_ref(), &path, value.as_ref()),
        rules: settings.as_ref().map_or_else(Vec::new, |settings| rules_about(settings, &path)),
        path,
        value,
    })
}

/// What each layer and flag did to a path, lowest first, with the values masked.
fn history(session: &Session, merged: &Merged, masked: &MaskedLayers, path: &ValuePath) -> Vec<HistoryEntry> {
    let index = SettingIndex::new(merged);
    let entry = |effect: LayerEffect| {
        // All parts of a derived value are written where it is.
        let is_derived = effect.layer == LayerKind::Derived;
        let value = if is_derived { masked.derived(path) } else { masked.at(effect.span) };
        let inputs = session.derived_from(effect.span);
        let input = |input: &Input| {
            let written = input.span.and_then(|span| index.written(session, span));
            let setting = input.span.and_then(|span| index.settings(span).first());
            let value = setting.and_then(|setting| setting.find(&masked.values)).cloned();
            InputValue { name: input.path.to_string(), written, value }
        };
        HistoryEntry {
            effect: effect.kind,
            status: effect.status,
            written: LayerLocation {
                layer: effect.layer,
                location: location(session, effect.span),
                is_flag: is_flag(session, effect.span),
            },
            // A removal may be a `null` above, or a list that replaced the one that this was in: that is not its value.
            value: value.filter(|_| effect.kind != EffectKind::Removed),
            inputs: inputs.iter().flat_map(|inputs| inputs.iter()).map(input).collect(),
        }
    };
    let effects = match merged.chart().is_helm {
        true => values::history_with_flags(session, &merged.layers, &masked.given, merged.wants(), path),
        false => values::history(session, &merged.layers, merged.edits(), merged.wants(), path),
    };
    effects.into_iter().map(entry).collect()
}

/// The children that the schema names, in its order, and after them those that the values have besides.
fn children(settings: Option<&SettingTree<'_>>, path: &ValuePath, value: Option<&Node>) -> Vec<ChildSetting> {
    let mut children: Vec<ChildSetting> = Vec::new();
    if let Some(settings) = settings
        && let Some(setting) = settings.at(path)
    {
        for (name, child) in settings.properties(&setting) {
            let name = shown_key(&name).into_owned();
            let value = value.and_then(|value| value.get(&name)).cloned();
            children.push(ChildSetting { name, about: Some(settings.docs(&child)), value });
        }
    }
    // A schema may let other keys stand, and a chart may have no schema at all.
    for (name, entry) in value.and_then(Node::as_map).into_iter().flatten() {
        if !children.iter().any(|child| *child.name == **name) {
            let value = Some(entry.node.clone());
            children.push(ChildSetting { name: name.to_string(), about: None, value });
        }
    }
    children
}

/// The schema's rules that point at a setting, and those whose message names it. None for the root, which would have
/// all.
fn rules_about(settings: &SettingTree<'_>, path: &ValuePath) -> Vec<SettingRule> {
    if path.0.is_empty() {
        return Vec::new();
    }
    let pattern = wildcard_path(path);
    // By its name in backticks, as all messages of rules write settings: a rule points at one setting and may speak of
    // three.
    let name = format!("`{path}`");
    let mut found = setting_rules(settings);
    found.retain(|rule| rule.at == pattern || rule.message.contains(&name));
    found
}

/// Copies of the merged values and of each layer, with stars in the place of secrets.
///
/// A layer that was overridden may hold a secret too, so the layers are masked like the values, each flag by what the
/// schema wants at its path.
struct MaskedLayers {
    values: Node,
    layers: Vec<(LayerKind, Node)>,
    flags: Vec<Node>,
    /// What flags give, of a chart of Helm.
    given: Vec<FlagLayer>,
}

impl MaskedLayers {
    fn new(session: &Session, merged: &Merged) -> Self {
        let mask = ValueMask::new(session);
        let root = merged.wants().root();
        // A flag's tree has no root of its own: what the schema wants of it is what it wants at the flag's path.
        let masked = |node: &Node, want| {
            let mut node = node.clone();
            mask.apply(&mut node, want);
            node
        };
        MaskedLayers {
            values: masked(&merged.values, Some(root)),
            layers: merged.layers.iter().map(|layer| (layer.kind, masked(&layer.root, Some(root)))).collect(),
            flags: merged.edits().iter().map(|edit| masked(&edit.node, root.descend(&edit.path()))).collect(),
            given: merged
                .flags_of_helm(session)
                .into_iter()
                .map(|flag| FlagLayer { given: masked(&flag.given, Some(root)), ..flag })
                .collect(),
        }
    }

    /// What the chart's defaults say of a path, or those of a chart that it brings along.
    fn default_at(&self, path: &ValuePath) -> Option<&Node> {
        let defaults = self.layers.iter().rev().filter(|(kind, _)| *kind == LayerKind::Defaults);
        defaults.into_iter().find_map(|(_, root)| path.find(root))
    }

    /// What the chart computes for a path.
    fn derived(&self, path: &ValuePath) -> Option<Node> {
        let (_, root) = self.layers.iter().find(|(kind, _)| *kind == LayerKind::Derived)?;
        path.find(root).cloned()
    }

    /// What a layer or a flag has at a span.
    fn at(&self, span: Span) -> Option<Node> {
        let roots = self.layers.iter().map(|(_, root)| root).chain(&self.flags);
        let of_source = roots.filter(|root| root.span.source == span.source);
        let mut given = self.given.iter().filter(|flag| flag.source == span.source).map(|flag| &flag.given);
        let found = of_source.into_iter().find_map(|root| node_at(root, span));
        found.or_else(|| given.find_map(|root| node_at(root, span))).cloned()
    }
}

/// The node of a tree with this very span; of several, such as an alias and its anchor, the first, as all hold the same
/// value.
///
/// By search, since a tree has no index by span and the layers are walked a few times for one answer.
fn node_at(node: &Node, span: Span) -> Option<&Node> {
    if node.span == span {
        return Some(node);
    }
    match &node.value {
        Value::Scalar(_) => None,
        Value::Map(map) => map.values().find_map(|entry| node_at(&entry.node, span)),
        Value::List(items) => items.iter().find_map(|item| node_at(item, span)),
    }
}
