//! The next version put into the table: what is new begins with it, what is gone ended before it.

use std::collections::BTreeMap;

use crate::table::{Field, Kind, Life, Table, Type};

/// What a version has changed, as lines for people.
pub type Changes = Vec<String>;

/// Adds the version after the last one.
pub fn add(table: &mut Table, version: &str, newest: Table) -> Result<Changes, String> {
    let before = table.versions.last().cloned();
    if let (Some(last), Some(next)) = (before.as_deref().and_then(minor), minor(version))
        && next != last + 1
    {
        return Err(format!("the table ends at 1.{last}, so 1.{} comes next, not {version}", last + 1));
    }
    minor(version).ok_or_else(|| format!("`{version}` is not a version: write for example `1.37`"))?;
    let fields = newest.types.values().flat_map(|of| of.fields.iter().flatten());
    let lists_values = fields.clone().any(|(_, field)| !field.r#enum.is_empty());
    let step = Step { before: before.as_deref(), version, lists_values };
    let mut changes = Changes::new();
    if !lists_values {
        changes.push(
            "it lists no allowed values, so those of the version before stay: give it the Go types"
                .to_owned(),
        );
    }
    add_kinds(table, newest.kinds, &step, &mut changes);
    add_types(table, newest.types, &step, &mut changes);
    table.versions.push(version.to_owned());
    Ok(changes)
}

/// From one version to the next; there is none before the first.
struct Step<'v> {
    before: Option<&'v str>,
    version: &'v str,
    /// Whether the description says what values are allowed. The OpenAPI file alone says it of no field.
    lists_values: bool,
}

impl Step<'_> {
    fn born(&self) -> Life {
        Life { since: self.before.map(|_| self.version.to_owned()), until: None }
    }

    /// Ends a life that goes on; whether it did.
    fn end(&self, life: &mut Life) -> bool {
        let ends = life.until.is_none() && self.before.is_some();
        if ends {
            life.until = self.before.map(str::to_owned);
        }
        ends
    }
}

fn minor(version: &str) -> Option<u32> {
    version.strip_prefix("1.")?.parse().ok()
}

fn add_kinds(table: &mut Table, newest: Vec<Kind>, step: &Step<'_>, changes: &mut Changes) {
    let key = |kind: &Kind| (kind.group.clone(), kind.version.clone(), kind.kind.clone());
    let mut newest: BTreeMap<_, _> = newest.into_iter().map(|kind| (key(&kind), kind)).collect();
    for known in &mut table.kinds {
        match newest.remove(&key(known)) {
            // A kind that comes back is taken as if it had never been away: the table has no gaps.
            Some(found) => *known = Kind { life: Life { until: None, ..known.life.clone() }, ..found },
            None => {
                if step.end(&mut known.life) {
                    changes.push(format!("gone: {known}"));
                }
            }
        }
    }
    for kind in newest.into_values() {
        changes.extend(step.before.map(|_| format!("new: {kind}")));
        table.kinds.push(Kind { life: step.born(), ..kind });
    }
    table.kinds.sort_by(|a, b| a.key().cmp(&b.key()));
}

fn add_types(table: &mut Table, mut newest: BTreeMap<String, Type>, step: &Step<'_>, changes: &mut Changes) {
    for (name, known) in &mut table.types {
        match newest.remove(name) {
            Some(found) => update_type(name, known, found, step, changes),
            None => {
                if step.end(&mut known.life) {
                    changes.push(format!("gone: type {name}"));
                    known.fields.iter_mut().flatten().for_each(|(_, field)| {
                        step.end(&mut field.life);
                    });
                }
            }
        }
    }
    for (name, mut of) in newest {
        of.life = step.born();
        of.fields.iter_mut().flatten().for_each(|(_, field)| field.life = step.born());
        changes.extend(step.before.map(|_| format!("new: type {name}")));
        table.types.insert(name, of);
    }
}

fn update_type(name: &str, known: &mut Type, found: Type, step: &Step<'_>, changes: &mut Changes) {
    if known.is != found.is {
        changes.push(format!("changed: type {name} was `{}` and is `{}`", known.is, found.is));
    }
    known.is = found.is;
    known.unions = found.unions;
    known.life.until = None;
    let mut newest = found.fields.unwrap_or_default();
    if newest.is_empty() && known.fields.is_none() {
        return;
    }
    let fields = known.fields.get_or_insert_default();
    for (key, field) in fields.iter_mut() {
        match newest.remove(key) {
            Some(found) => update_field(&format!("{name}.{key}"), field, found, step, changes),
            None => {
                if step.end(&mut field.life) {
                    changes.push(format!("gone: {name}.{key}"));
                }
            }
        }
    }
    for (key, field) in newest {
        changes.push(format!("new: {name}.{key}"));
        fields.insert(key, Field { life: step.born(), ..field });
    }
}

/// One description serves all versions, and it is the newest: a field that it requires was needed before in all but name. A
/// value is allowed if any version allows it, and any value where the newest version lists none.
fn update_field(name: &str, known: &mut Field, found: Field, step: &Step<'_>, changes: &mut Changes) {
    let life = Life { until: None, ..known.life.clone() };
    if known.r#type != found.r#type {
        changes.push(format!("changed: {name} was `{}` and is `{}`", known.r#type, found.r#type));
    }
    if known.required != found.required {
        changes.push(format!("changed: {name} is {}required now", if found.required { "" } else { "not " }));
    }
    if !step.lists_values {
        *known = Field { life, r#enum: std::mem::take(&mut known.r#enum), ..found };
        return;
    }
    let mut allowed = found.r#enum.clone();
    match (known.r#enum.is_empty(), allowed.is_empty()) {
        (true, true) => {}
        (true, false) => changes.push(format!("closed: {name} may only be {allowed:?}")),
        (false, true) => changes.push(format!("opened: {name} may be anything")),
        (false, false) => {
            let added: Vec<&String> = allowed.iter().filter(|value| !known.r#enum.contains(value)).collect();
            if !added.is_empty() {
                changes.push(format!("new: {name} may be {added:?}"));
            }
            allowed.extend(known.r#enum.iter().cloned());
            allowed.sort();
            allowed.dedup();
        }
    }
    *known = Field { life, r#enum: allowed, ..found };
}
