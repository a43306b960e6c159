//! The syntax of templates: delimiters, and what happens to white space around blocks.

use minijinja::syntax::SyntaxConfig;

/// The syntax of templates. `trim_blocks` and `lstrip_blocks` together make a line with nothing but a `{% … %}` vanish,
/// so that control flow leaves no blank lines in YAML; a final line break is kept, because a block scalar may need it.
#[expect(clippy::expect_used, reason = "a wrong syntax would render something else")]
pub(crate) fn syntax() -> SyntaxConfig {
    let mut builder = SyntaxConfig::builder();
    builder.trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true);
    builder.build().expect("only delimiters can be wrong, and these are the default ones")
}
