//! What a rule is, the table of rules that the engine is handed, and the documentation that is made of both.
//!
//! A rule is a constant: data with pointers to functions, no trait object. So the table is made by the compiler, and
//! it warns of a rule that is in no table: that is dead code.

use super::report::Report;
use crate::config::Level;
use crate::diagnostic::Code;
use crate::rules::facts::{ObjectSet, ObjectTree, PodTree, TypedObject, TypedPod};

/// One rule.
#[derive(Debug)]
pub struct Rule {
    /// Its stable code, `R101` for example.
    pub code: Code,
    /// Its name, by which levels and suppressions call it: `service-without-pods`.
    pub name: &'static str,
    /// Its level unless `plimsoll.yaml` or a flag says otherwise.
    pub level: Level,
    /// Its documentation.
    pub page: Page,
    /// What it looks at. Each check reports of the whole set before the next one does.
    pub(crate) checks: &'static [Check],
}

impl Rule {
    /// Whether it reports what is not there: a document that could not be read may hold it.
    pub(crate) fn needs_all_objects(&self) -> bool {
        // Of the rules about references, those that look at one object alone find all that they need in it.
        self.code.id.starts_with("R1") && self.checks.iter().any(|check| matches!(check, Check::Set(_)))
    }
}

/// The documentation of a rule, in Markdown. The page of its code is made of it.
#[derive(Debug)]
pub struct Page {
    /// What the rule looks at, and what it reports.
    pub what: &'static str,
    /// What would happen in the cluster.
    pub why: &'static str,
    /// A manifest that breaks the rule, as short as it can be. A test lints it.
    pub example: &'static str,
    /// The same manifest as it should be. The test lints it too.
    pub instead: &'static str,
}

/// What a rule looks at, with the function that does.
///
/// All but the last see one object at a time and keep nothing of it, so threads can share the objects out. They may
/// ask the set for others.
///
/// | what the rule needs | check |
/// |---|---|
/// | fields of pods, with their types | `Pod` |
/// | fields of pods, and custom workloads count too (Argo `Rollout`) | `PodTree` |
/// | fields of another kind of Kubernetes, with their types | `Object` |
/// | any object, by its fields' names | `ObjectTree` |
/// | objects held against each other, or in another order than the documents' | `Set` |
#[derive(Debug)]
pub(crate) enum Check {
    /// A decoded pod: one of its own, or what a workload of Kubernetes makes its pods from.
    Pod(fn(&ObjectSet<'_>, TypedPod<'_>, &mut Report)),
    /// A pod as a tree, of custom workloads too.
    PodTree(fn(&ObjectSet<'_>, &PodTree<'_>, &mut Report)),
    /// An object, decoded where Kubernetes defines its kind.
    Object(fn(&ObjectSet<'_>, TypedObject<'_>, &mut Report)),
    /// An object as a tree.
    ObjectTree(fn(&ObjectSet<'_>, &ObjectTree<'_>, &mut Report)),
    /// All objects together, as trees.
    Set(fn(&ObjectSet<'_>, &mut Report)),
}

/// A rule that is gone, as the API server refuses what it reported: that is a fact of validation now (`kube`). Its name
/// is accepted wherever rules are named, and changes nothing.
#[derive(Debug)]
pub struct MovedRule {
    /// The code that it had. Its page says where it went.
    pub code: Code,
    /// The name that it had.
    pub name: &'static str,
    /// The addresses of the facts that report it.
    pub facts: &'static [&'static str],
}

/// Every rule that there is. The engine knows no others than those of the table that it is handed.
#[derive(Clone, Copy, Debug)]
pub struct RuleTable {
    // A table of tables, as a constant cannot join slices.
    parts: &'static [&'static [Rule]],
    moved: &'static [MovedRule],
    /// The rules about what somebody else may make.
    of_closed_sets: &'static [Code],
}

impl RuleTable {
    /// The table of these parts, which are in the order of their codes.
    pub(crate) const fn new(
        parts: &'static [&'static [Rule]],
        moved: &'static [MovedRule],
        of_closed_sets: &'static [Code],
    ) -> Self {
        RuleTable { parts, moved, of_closed_sets }
    }

    /// Whether a rule is sure of closed sets alone: of what a chart renders, as a chart says what else there is. To plain
    /// manifests an operator, a Job or a program may add the Secret or the pods that are missing, so there it warns.
    pub(crate) fn is_of_closed_sets(&self, rule: &Rule) -> bool {
        self.of_closed_sets.contains(&rule.code)
    }

    /// Every rule, by code.
    pub fn iter(&self) -> impl Iterator<Item = &'static Rule> + Clone + use<> {
        self.parts.iter().copied().flatten()
    }

    /// The rule with this name, or with this code in any case (`r101`). None if there is no such rule; groups of
    /// rules are not looked for here.
    pub fn find(&self, name: &str) -> Option<&'static Rule> {
        self.iter().find(|rule| rule.name == name || rule.code.id.eq_ignore_ascii_case(name))
    }

    /// The rules that have become facts of validation, by code.
    pub fn moved(&self) -> &'static [MovedRule] {
        self.moved
    }

    /// The rule that had this name or code, and has become a fact of validation.
    pub fn find_moved(&self, name: &str) -> Option<&'static MovedRule> {
        self.moved.iter().find(|rule| rule.name == name || rule.code.id.eq_ignore_ascii_case(name))
    }
}

/// The Markdown page of a rule, as `plimsoll explain` prints it and `docs/codes/` has it: title, what, why, example
/// and alternative.
pub(crate) fn page(table: &RuleTable, rule: &Rule) -> String {
    let Rule { code, name, level, page, .. } = rule;
    let Page { what, why, example, instead } = page;
    // In words, for readers who do not know the levels yet.
    let effect = match level {
        Level::Allow => "it says nothing",
        Level::Warn => "it warns",
        Level::Deny if table.is_of_closed_sets(rule) => {
            "no chart that breaks it is rendered, and for plain manifests, to which others may add, it warns"
        }
        Level::Deny => "nothing that breaks it is rendered",
    };
    format!(
        "# {code}: {title}\n\n{what}\n\n\
         This is the rule `{name}`; {effect} unless `plimsoll.yaml` or a flag says otherwise. The annotation \
         `allow.plimsoll.dev/{name}: why` on the object or the comment `# plimsoll: allow({name}) why` suppresses it there.\n\n\
         ## Why it matters\n\n{why}\n\n\
         ## Example\n\n```yaml\n{example}\n```\n\n## Instead\n\n```yaml\n{instead}\n```\n",
        title = code.title,
        what = what.trim(),
        why = why.trim(),
        example = example.trim(),
        instead = instead.trim(),
    )
}

/// The Markdown table of all rules, as `docs/rules.md` has it: a line a rule, by code, with a link to its page.
pub(crate) fn table(table: &RuleTable) -> String {
    let mut text = String::from("| code | name | level | finds |\n|---|---|---|---|\n");
    for rule in table.iter() {
        let Rule { code, name, level, .. } = rule;
        let level = match level {
            Level::Deny if table.is_of_closed_sets(rule) => "deny, manifests: warn",
            Level::Allow => "allow",
            Level::Warn => "warn",
            Level::Deny => "deny",
        };
        text += &format!("| [{code}](codes/{code}.md) | `{name}` | {level} | {} |\n", code.title);
    }
    text
}
