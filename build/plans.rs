//! What the templates of bundled charts come to (`schemas/NAME.templates.json`), as constant data in the types of
//! `src/template/analysis/packed_plan.rs`.
//!
//! A plan is what the analysis of a chart's templates finds before any value is known: where text is
//! inserted into them, which expressions are printed, which paths each of them reads, and what variables
//! stand for. As JSON, and packed:
//!
//! ```text
//! "insertions": [[[21, ")|__measure"]], …]                     by template: an offset, and the text that goes there
//! "expressions": [{ "t": 0, "s": 9, "e": 21, "b": ["values", "port"] }]
//!
//! text          ")|__measurevaluesport"
//! templates     (0, 1)                                       a range of the insertions for each template
//! insertions    (21, 0..11)
//! expressions   { template: 0, place: 9..21, bare, paths: 0..1 }
//! paths         { root: 11..17, steps: 0..1 }
//! steps         Key(17..21)
//! ```

use std::collections::HashMap;
use std::fmt::Write as _;

use serde::Deserialize;
use serde_json::Value;

use super::packed_plan::{
    PackedAlias, PackedExpression, PackedInsertion, PackedPath, PackedStep, PackedVariable, Range,
};
use super::{Result, array};

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

/// A plan as it is written down. Unknown fields fail the build: a plan that was written by another
/// version must not be read by halves.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Plan {
    /// The fingerprint of the templates and the wants that it was made of. The program compares it
    /// with that of the chart at hand.
    of: String,
    /// By template: offsets, ascending, and texts.
    insertions: Vec<Vec<(u32, String)>>,
    /// By id.
    expressions: Vec<Expression>,
    /// The variables by template and name, ascending, and all that each may stand for.
    aliases: Vec<((u32, String), Vec<Alias>)>,
}

/// A printed expression.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expression {
    #[serde(rename = "t")]
    template: u32,
    #[serde(rename = "s")]
    start: u32,
    #[serde(rename = "e")]
    end: u32,
    /// The path that is all of the expression, as in `{{ values.port }}`.
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

/// One thing that a variable may stand for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Alias {
    template: u32,
    path: Path,
    /// Whether it is each item of what the path leads to, as the variable of a loop is.
    element: bool,
}

/// The variable, then each step: a string for a key, a number for an index, null for what is computed.
type Path = Vec<Value>;

/// The arrays while they are filled.
#[derive(Default)]
struct PlanPacker {
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

/// A module of Rust source with the plan in a text. A module for each plan, as all have arrays of the same names.
fn packed(name: &str, json: &str) -> Result<String> {
    let plan: Plan = serde_json::from_str(json)?;
    // What belongs together is added together, here and in the methods below: its range is from the length of an array
    // before to the length after, so nothing else may be added in between.
    let mut packer = PlanPacker::default();
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

impl PlanPacker {
    /// Adds the insertions of the next template.
    fn template(&mut self, insertions: &[(u32, String)]) -> Result<()> {
        let before = self.insertions.len();
        for (at, text) in insertions {
            let text = self.intern(text)?;
            self.insertions.push(PackedInsertion(*at, text));
        }
        self.templates.push(range(before, self.insertions.len())?);
        Ok(())
    }

    /// Adds the next expression.
    fn expression(&mut self, expression: &Expression) -> Result<()> {
        let before = self.paths.len();
        // The bare path goes first, and `bare` says that it is one. It is read as well, so it need not be stored twice.
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

    /// Adds a variable of a template.
    fn variable(&mut self, template: u32, name: &str, aliases: &[Alias]) -> Result<()> {
        // The order is that of the file, ascending by template and name, by which the program searches.
        let before = self.aliases.len();
        for Alias { template, path, element } in aliases {
            let path = self.path(path)?;
            self.aliases.push(PackedAlias { template: *template, path, element: *element });
        }
        let aliases = range(before, self.aliases.len())?;
        let name = self.intern(name)?;
        self.variables.push(PackedVariable { template, name, aliases });
        Ok(())
    }

    /// Adds the steps of a path. The path itself is stored by the caller: in the array of paths, or in an alias.
    fn path(&mut self, path: &[Value]) -> Result<PackedPath> {
        let (root, steps) = path.split_first().ok_or("a path without a variable")?;
        let root = self.intern(root.as_str().ok_or("a variable without a name")?)?;
        let before = self.steps.len();
        // JSON has no sum types; the three kinds of steps are told apart by the types of their values.
        for step in steps {
            let step = match step {
                Value::String(key) => PackedStep::Key(self.intern(key)?),
                Value::Number(index) => PackedStep::Index(index.as_u64().ok_or("an odd index")?.try_into()?),
                Value::Null => PackedStep::Dynamic,
                other => return Err(format!("no step of a path: {other}").into()),
            };
            self.steps.push(step);
        }
        Ok(PackedPath { root, steps: range(before, self.steps.len())? })
    }

    /// Interns a text. By a table and not by searching, as in `wants.rs`: there are too many texts
    /// here, and inserted ones are long.
    fn intern(&mut self, text: &str) -> Result<Range> {
        if let Some(range) = self.known.get(text) {
            return Ok(*range);
        }
        let start = self.text.len();
        self.text.push_str(text);
        let range = range(start, self.text.len())?;
        self.known.insert(text.to_owned(), range);
        Ok(range)
    }

    /// All arrays as Rust source, and the plan that refers to them.
    fn source(&self, name: &str, of: &str) -> Result<String> {
        // The name of a chart is that of a module: those of the bundled ones are identifiers, and another one would not
        // compile. `PackedStep::*`, as `Debug` writes a variant without the name of its enum.
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

/// Fails where an array has more than four billion items.
fn range(start: usize, end: usize) -> Result<Range> {
    Ok(Range(u32::try_from(start)?, u32::try_from(end)?))
}
