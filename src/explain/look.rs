//! Where templates look at a setting to decide what they write.

use super::place::{Index, Location, location};
use crate::pipeline::Rendering;
use crate::session::Session;
use crate::yaml::ValuePath;

/// A line of a template that looks at a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingUse {
    /// Where.
    pub template: Location,
    /// The line, without the white space around it.
    pub line: String,
}

/// Every line of the templates that looks at a setting, or at a part of it, in a condition, a loop or a computed variable.
/// Such a line may have no effect on this output.
pub fn setting_uses(session: &Session, rendering: &Rendering, setting: &ValuePath) -> Vec<SettingUse> {
    let index = Index::new(&rendering.merged);
    let within = |span| index.settings(span).iter().any(|path| path.0.starts_with(&setting.0));
    let mut found: Vec<SettingUse> = Vec::new();
    for look in rendering.program.value_uses(session, &rendering.merged.values) {
        if !look.values.iter().any(|span| within(*span)) {
            continue;
        }
        let template = location(session, look.span);
        let same = |other: &SettingUse| {
            (&other.template.file, other.template.line) == (&template.file, template.line)
        };
        if !found.iter().any(same) {
            let text = session.source(look.span.source).text.clone();
            let line = text.lines().nth(template.line - 1).unwrap_or_default().trim().to_owned();
            found.push(SettingUse { template, line });
        }
    }
    found
}
