//! How much work one template may make.

/// Instructions of the engine for one template (a large chart's template takes about ten thousand).
pub(super) const FUEL: u64 = 10_000_000;
/// Macros and includes inside each other.
pub(super) const RECURSION: usize = 100;
/// Values that one template may print.
pub(super) const SLOTS: usize = 250_000;
/// Bytes that one template may print (64 MiB).
pub(super) const OUTPUT: usize = 64 << 20;
/// Bytes of one string that a function returns (8 MiB).
pub(super) const STRING: usize = 8 << 20;
/// Items of a list that operators make.
pub(super) const ITEMS: usize = 100_000;
/// Levels of lists and maps inside each other that a template may make.
pub(super) const DEPTH: usize = 64;
/// Nodes that one template may bind, all its values together.
pub(super) const NODES: usize = 1_000_000;
/// Parts of computed values that are looked at while they are measured, in one template.
pub(super) const MEASURED: usize = 20_000_000;
/// Tokens of one `{{ … }}` or `{% … %}`: the parser goes a level deeper with each of them.
pub(super) const TOKENS: usize = 1_000;
/// `elif` branches of one template: each stands inside the one before it.
pub(super) const BRANCHES: usize = 500;
