//! What is left to a person: something of a Helm template that has no certain translation.

/// Something of a Helm template that has no certain translation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Note {
    /// The template, as Helm has it: `templates/service.yaml`.
    pub file: String,
    /// Its line, from 1.
    pub line: usize,
    /// The action as it is written there.
    pub action: String,
    /// Why it is left.
    pub why: String,
}

impl Note {
    /// As a comment of a template.
    pub(super) fn comment(&self) -> String {
        let action: String = self.action.split_whitespace().collect::<Vec<_>>().join(" ");
        let text = format!("convert: {}:{}: {action}: {}", self.file, self.line, self.why);
        // Nothing in it may end the comment.
        text.replace("#}", "# }")
    }
}
