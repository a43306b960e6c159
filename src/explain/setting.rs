//! What a setting is, and who set it.

use super::place::{LayerLocation, is_flag, location};
use super::sought;
use crate::pipeline::Merged;
use crate::schema::{About, Outline, Rule, pattern, rules};
use crate::secrets::ValueMask;
use crate::session::{Outcome, Session};
use crate::source::Span;
use crate::values::{self, EffectKind, EffectStatus, LayerEffect, LayerKind};
use crate::yaml::{Node, Value, ValuePath};

/// A setting of a chart.
#[derive(Clone, Debug)]
pub struct Setting {
    /// Its path.
    pub path: ValuePath,
    /// What the schema says of it; none without a schema, or where the schema lets anything stand.
    pub about: Option<About>,
    /// What the chart's defaults say.
    pub default: Option<Node>,
    /// What it is now; none when nothing sets it.
    pub value: Option<Node>,
    /// What each layer did, lowest first.
    pub history: Vec<HistoryEntry>,
    /// The settings in it, if it is a map.
    pub children: Vec<ChildSetting>,
    /// The schema's rules about it and others.
    pub rules: Vec<Rule>,
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
}

/// A setting inside another.
#[derive(Clone, Debug)]
pub struct ChildSetting {
    /// Its name.
    pub name: String,
    /// What the schema says of it.
    pub about: Option<About>,
    /// What it is now.
    pub value: Option<Node>,
}

/// Explains the setting at `path`; every value of the answer has stars in the place of secrets.
///
/// # Errors
/// V101 for a path that neither the schema nor a layer knows.
pub fn setting(session: &Session, merged: &Merged, path: &str) -> Outcome<Setting> {
    let path = sought::setting(session, merged, path)?;
    let schema = merged.schema.as_ref().map(|schema| schema.tree(session)).transpose()?;
    let outline = schema.as_ref().map(Outline::new);
    let about = outline.as_ref().and_then(|outline| about(outline, &path));
    let shown = Shown::new(session, merged);
    let value = path.find(&shown.values).cloned();
    Ok(Setting {
        default: shown.defaults().and_then(|defaults| path.find(defaults)).cloned(),
        history: steps(session, merged, &shown, &path),
        children: keys(outline.as_ref(), &path, value.as_ref()),
        rules: outline.as_ref().map(|outline| rules_about(outline, &path)).unwrap_or_default(),
        path,
        about,
        value,
    })
}

fn about(outline: &Outline<'_>, path: &ValuePath) -> Option<About> {
    outline.at(path).map(|spot| outline.about(&spot))
}

fn steps(session: &Session, merged: &Merged, shown: &Shown, path: &ValuePath) -> Vec<HistoryEntry> {
    let effects = values::history(session, &merged.layers, &merged.edits, &merged.wants, path);
    let step = |effect: LayerEffect| {
        let is_flag = is_flag(session, effect.span);
        let written =
            LayerLocation { layer: effect.layer, location: location(session, effect.span), is_flag };
        let value = shown.at(effect.span).filter(|_| effect.kind != EffectKind::Removed);
        HistoryEntry { effect: effect.kind, status: effect.status, written, value }
    };
    effects.into_iter().map(step).collect()
}

fn keys(outline: Option<&Outline<'_>>, path: &ValuePath, value: Option<&Node>) -> Vec<ChildSetting> {
    let spot = outline.and_then(|outline| Some((outline, outline.at(path)?)));
    let mut keys: Vec<ChildSetting> = Vec::new();
    for (name, inner) in spot.iter().flat_map(|(outline, spot)| outline.properties(spot)) {
        let about = outline.map(|outline| outline.about(&inner));
        let value = value.and_then(|value| value.get(&name)).cloned();
        keys.push(ChildSetting { name, about, value });
    }
    for (name, entry) in value.and_then(Node::as_map).into_iter().flatten() {
        if !keys.iter().any(|key| *key.name == **name) {
            keys.push(ChildSetting { name: name.to_string(), about: None, value: Some(entry.node.clone()) });
        }
    }
    keys
}

/// The rules that point at a setting, and those that name it.
fn rules_about(outline: &Outline<'_>, path: &ValuePath) -> Vec<Rule> {
    let (at, name) = (pattern(path), format!("`{path}`"));
    let mut found = rules(outline);
    found.retain(|rule| !path.0.is_empty() && (rule.at == at || rule.message.contains(&name)));
    found
}

/// The layers and what became of them, with stars in the place of secrets.
struct Shown {
    values: Node,
    layers: Vec<(LayerKind, Node)>,
    flags: Vec<Node>,
}

impl Shown {
    fn new(session: &Session, merged: &Merged) -> Self {
        let mask = ValueMask::new(session);
        let root = Some(merged.wants.root());
        let masked = |node: &Node, want| {
            let mut node = node.clone();
            mask.apply(&mut node, want);
            node
        };
        let flags =
            merged.edits.iter().map(|edit| masked(&edit.node, merged.wants.root().descend(&edit.path())));
        Shown {
            values: masked(&merged.values, root),
            layers: merged.layers.iter().map(|layer| (layer.kind, masked(&layer.root, root))).collect(),
            flags: flags.collect(),
        }
    }

    fn defaults(&self) -> Option<&Node> {
        self.layers.iter().find(|(kind, _)| *kind == LayerKind::Defaults).map(|(_, root)| root)
    }

    /// What is written at a place of a layer.
    fn at(&self, span: Span) -> Option<Node> {
        let roots = self.layers.iter().map(|(_, root)| root).chain(&self.flags);
        roots.filter(|root| root.span.source == span.source).find_map(|root| node_at(root, span)).cloned()
    }
}

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
