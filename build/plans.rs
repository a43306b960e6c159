//! What the templates of bundled charts come to (`schemas/NAME.templates.json`), as constant data in the types of
//! `src/template/analysis/packed_plan.rs`.

use std::collections::HashMap;
use std::fmt::Write as _;

use serde::Deserialize;
use serde_json::Value;

use super::packed_plan::{
    PackedAlias, PackedExpression, PackedInsertion, PackedPath, PackedStep, PackedVariable, Range,
};
use super::{Result, array};

/// A plan as it is written down.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Plan {
    of: String,
    insertions: Vec<Vec<(u32, String)>>,
    expressions: Vec<Expression>,
    aliases: Vec<((u32, String), Vec<Alias>)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expression {
    #[serde(rename = "t")]
    template: u32,
    #[serde(rename = "s")]
    start: u32,
    #[serde(rename = "e")]
    end: u32,
    #[serde(rename = "b")]
    bare: Option<Path>,
    /// The paths that it reads besides the bare one.
    #[serde(rename = "p", default)]
    paths: Vec<Path>,
    #[serde(rename = "k", default)]
    in_schema: bool,
    #[serde(rename = "w", default)]
    trims_before: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Alias {
    template: u32,
    path: Path,
    element: bool,
}

/// The variable, then each step: a string for a key, a number for an index, null for what is computed.
type Path = Vec<Value>;

/// The arrays while they are filled.
#[derive(Default)]
struct Packer {
    text: String,
    /// The ranges of what is in the text: names and inserted texts repeat, and are packed once.
    known: HashMap<String, Range>,
    templates: Vec<Range>,
    insertions: Vec<PackedInsertion>,
    expressions: Vec<PackedExpression>,
    paths: Vec<PackedPath>,
    steps: Vec<PackedStep>,
    variables: Vec<PackedVariable>,
    aliases: Vec<PackedAlias>,
}

/// A module of Rust source with the plan in a text.
pub fn packed(name: &str, json: &str) -> Result<String> {
    let plan: Plan = serde_json::from_str(json)?;
    let mut packer = Packer::default();
    for insertions in &plan.insertions {
        packer.template(insertions)?;
    }
    for expression in &plan.expressions {
        packer.expression(expression)?;
    }
    for ((template, variable), aliases) in &plan.aliases {
        packer.variable(*template, variable, aliases)?;
    }
    packer.source(name, &plan.of)
}

impl Packer {
    fn template(&mut self, insertions: &[(u32, String)]) -> Result<()> {
        let before = self.insertions.len();
        for (at, text) in insertions {
            let text = self.add(text)?;
            self.insertions.push(PackedInsertion(*at, text));
        }
        self.templates.push(range(before, self.insertions.len())?);
        Ok(())
    }

    fn expression(&mut self, expression: &Expression) -> Result<()> {
        let before = self.paths.len();
        for path in expression.bare.iter().chain(&expression.paths) {
            let path = self.path(path)?;
            self.paths.push(path);
        }
        self.expressions.push(PackedExpression {
            template: expression.template,
            place: Range(expression.start, expression.end),
            bare: expression.bare.is_some(),
            paths: range(before, self.paths.len())?,
            in_schema: expression.in_schema,
            trims_before: expression.trims_before,
        });
        Ok(())
    }

    fn variable(&mut self, template: u32, name: &str, aliases: &[Alias]) -> Result<()> {
        let before = self.aliases.len();
        for Alias { template, path, element } in aliases {
            let path = self.path(path)?;
            self.aliases.push(PackedAlias { template: *template, path, element: *element });
        }
        let aliases = range(before, self.aliases.len())?;
        let name = self.add(name)?;
        self.variables.push(PackedVariable { template, name, aliases });
        Ok(())
    }

    fn path(&mut self, path: &[Value]) -> Result<PackedPath> {
        let (root, steps) = path.split_first().ok_or("a path without a variable")?;
        let root = self.add(root.as_str().ok_or("a variable without a name")?)?;
        let before = self.steps.len();
        for step in steps {
            let step = match step {
                Value::String(key) => PackedStep::Key(self.add(key)?),
                Value::Number(index) => PackedStep::Index(index.as_u64().ok_or("an odd index")?.try_into()?),
                Value::Null => PackedStep::Dynamic,
                other => return Err(format!("no step of a path: {other}").into()),
            };
            self.steps.push(step);
        }
        Ok(PackedPath { root, steps: range(before, self.steps.len())? })
    }

    fn add(&mut self, text: &str) -> Result<Range> {
        if let Some(range) = self.known.get(text) {
            return Ok(*range);
        }
        let start = self.text.len();
        self.text.push_str(text);
        let range = range(start, self.text.len())?;
        self.known.insert(text.to_owned(), range);
        Ok(range)
    }

    fn source(&self, name: &str, of: &str) -> Result<String> {
        let mut out = format!("mod {name} {{\nuse super::*;\nuse PackedStep::*;\n");
        writeln!(out, "static TEXT: &str = {:?};", self.text)?;
        array(&mut out, "TEMPLATES: &[Range]", &self.templates)?;
        array(&mut out, "INSERTIONS: &[PackedInsertion]", &self.insertions)?;
        array(&mut out, "EXPRESSIONS: &[PackedExpression]", &self.expressions)?;
        array(&mut out, "PATHS: &[PackedPath]", &self.paths)?;
        array(&mut out, "STEPS: &[PackedStep]", &self.steps)?;
        array(&mut out, "VARIABLES: &[PackedVariable]", &self.variables)?;
        array(&mut out, "ALIASES: &[PackedAlias]", &self.aliases)?;
        writeln!(
            out,
            "pub(super) static PLAN: PackedPlan = PackedPlan {{ of: {of:?}, text: TEXT, templates: TEMPLATES, \
             insertions: INSERTIONS, expressions: EXPRESSIONS, paths: PATHS, steps: STEPS, \
             variables: VARIABLES, aliases: ALIASES }};\n}}"
        )?;
        Ok(out)
    }
}

fn range(start: usize, end: usize) -> Result<Range> {
    Ok(Range(u32::try_from(start)?, u32::try_from(end)?))
}

/// All plans: a module each, and the table of them by the charts' names.
pub fn source(plans: &[(String, String)]) -> Result<String> {
    let mut out = String::new();
    let mut table = "pub(super) static PLANS: &[(&str, &PackedPlan)] = &[\n".to_owned();
    for (name, json) in plans {
        out.push_str(&packed(name, json)?);
        writeln!(table, "({name:?}, &{name}::PLAN),")?;
    }
    Ok(out + &table + "];\n")
}
