//! Pages of Markdown as tests read them: headings and fenced blocks.

/// A part of a page that a test looks at.
pub enum Part<'t> {
    /// A heading of the second level.
    Heading(&'t str),
    /// A fenced block.
    Block {
        /// What stands behind the opening fence, such as `yaml values.yaml`.
        info: &'t str,
        /// Its lines, each with its line end.
        body: &'t str,
        /// Where the body begins in the page, in bytes.
        start: usize,
    },
}

/// The headings and blocks of a page. A block ends at a fence of as many backticks as began it.
pub fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut offset = 0;
    let mut open: Option<(&str, &str, usize)> = None;
    for line in text.split_inclusive('\n') {
        let next = offset + line.len();
        let trimmed = line.trim_end();
        match open {
            Some((fence, info, start)) if trimmed == fence => {
                parts.push(Part::Block { info, body: &text[start..offset], start });
                open = None;
            }
            Some(_) => {}
            None => {
                let ticks = trimmed.len() - trimmed.trim_start_matches('`').len();
                if ticks >= 3 {
                    open = Some((&trimmed[..ticks], &trimmed[ticks..], next));
                } else if let Some(title) = trimmed.strip_prefix("## ") {
                    parts.push(Part::Heading(title));
                }
            }
        }
        offset = next;
    }
    parts
}

/// The blocks of a page, each as what stands behind its opening fence and its body.
pub fn blocks(text: &str) -> Vec<(&str, &str)> {
    let block = |part| match part {
        Part::Block { info, body, .. } => Some((info, body)),
        Part::Heading(_) => None,
    };
    parts(text).into_iter().filter_map(block).collect()
}
