//! Expressions of a Helm template as those of a bound one: operands, fields, pipelines.

use super::scope::Scope;
use super::symbols::{Expression, Form, Symbol, Unsure, is_identifier, quoted, version};
use super::translator::Translator;
use crate::gotemplate::ast::{At, Command, Operand, OperandKind, Pipe, Variable};
use crate::helm::tree::Tree;
use crate::template::go_syntax::Binds;

pub(super) type Evaluated<'t> = Result<Symbol<'t>, Unsure>;

/// The most steps of one chart: templates that include each other many times would never come to an end.
const STEPS: usize = 400_000;

impl<'t> Translator<'t> {
    /// What a pipeline gives.
    pub(super) fn pipe(&mut self, scope: &mut Scope<'t>, pipe: &Pipe) -> Evaluated<'t> {
        self.step()?;
        let mut value = None;
        for command in &pipe.commands {
            value = Some(self.command(scope, command, value)?);
        }
        value.ok_or_else(|| Unsure::new("nothing is printed"))
    }

    pub(super) fn step(&mut self) -> Result<(), Unsure> {
        self.steps += 1;
        match self.steps > STEPS {
            true => Err(Unsure::new("the chart's templates include each other too often")),
            false => Ok(()),
        }
    }

    fn command(
        &mut self,
        scope: &mut Scope<'t>,
        command: &Command,
        piped: Option<Symbol<'t>>,
    ) -> Evaluated<'t> {
        let word = &command.word;
        if let OperandKind::Function(callee) = &word.kind {
            let mut arguments = Vec::new();
            for argument in &command.args {
                arguments.push(self.operand(scope, argument)?);
            }
            arguments.extend(piped);
            let name = callee.function.name;
            if name == "set" || name == "unset" {
                return self.set_key(scope, command, arguments);
            }
            return self.call(scope, name, arguments);
        }
        let value = self.operand(scope, word)?;
        if command.args.is_empty() && piped.is_none() {
            return Ok(value);
        }
        let mut arguments = Vec::new();
        for argument in &command.args {
            arguments.push(self.operand(scope, argument)?);
        }
        arguments.extend(piped);
        self.method(value, &arguments)
    }

    /// A method of something that Helm gives.
    fn method(&mut self, value: Symbol<'t>, arguments: &[Symbol<'t>]) -> Evaluated<'t> {
        let Symbol::Context(path) = &value else { return Err(Unsure::new("there are no methods here")) };
        let argument = match arguments {
            [argument] => Expression::of(argument)?,
            _ => return Err(Unsure::new("there is no such method here")),
        };
        let code = &argument.code.text;
        match path.as_str() {
            "Files.Get" | "Files.GetBytes" => match &argument.constant {
                Some(name) if self.has_text_file(name) => {
                    Ok(Symbol::Value(Expression::text(format!("files[{}]", quoted(name)), Binds::Operand)))
                }
                // What is not there is empty.
                Some(name) if !self.has_file(name) => Ok(Symbol::Value(Expression::constant(""))),
                Some(_) => Err(Unsure::new("files that are not text have no place in a bound chart")),
                None => Ok(Symbol::Value(Expression::text(format!("files[{code}]"), Binds::Operand))),
            },
            "Files.Glob" => match &argument.constant {
                Some(pattern) => Ok(Symbol::Files(pattern.clone())),
                None => Err(Unsure::new("the pattern of the files is not known")),
            },
            "Files.Lines" => match &argument.constant {
                Some(name) if self.has_text_file(name) => Ok(Symbol::Value(Expression::value(
                    format!("files[{}] | lines", quoted(name)),
                    Binds::Filter,
                ))),
                _ => Err(Unsure::new("which file it is is not known")),
            },
            "Capabilities.APIVersions.Has" => {
                Ok(Symbol::Value(Expression::value(format!("kube.has({code})"), Binds::Operand)))
            }
            _ => Err(Unsure::new(format!("there is no `.{path}` here"))),
        }
    }

    fn operand(&mut self, scope: &mut Scope<'t>, operand: &Operand) -> Evaluated<'t> {
        Ok(match &operand.kind {
            OperandKind::Dot => scope.dot.clone(),
            OperandKind::Nil => Symbol::Value(Expression::none()),
            OperandKind::Bool(value) => Symbol::Value(Expression::value(value.to_string(), Binds::Operand)),
            OperandKind::Number(number) => {
                Symbol::Value(Expression::number(number, &scope.written(operand.at)))
            }
            OperandKind::String { text, .. } => {
                Symbol::Value(Expression::constant(&String::from_utf8_lossy(text)))
            }
            OperandKind::Field(names) => self.fields_in(scope, scope.dot.clone(), names)?,
            OperandKind::Variable(variable, names) => {
                let value = Self::variable(scope, variable)?;
                self.fields_in(scope, value, names)?
            }
            OperandKind::Function(callee) => self.call(scope, callee.function.name, Vec::new())?,
            OperandKind::Chain(base, names) => {
                // Of nothing in parentheses, Go takes nothing.
                let base = self.operand(scope, base)?;
                names.iter().try_fold(base, |value, name| match value {
                    Symbol::Value(value) if !value.is_split => {
                        Ok(Symbol::Value(value.plain()?.part_if_any(name)))
                    }
                    other => self.field(other, name),
                })?
            }
            OperandKind::Pipe(pipe) => self.pipe(scope, pipe)?,
        })
    }

    fn variable(scope: &Scope<'t>, variable: &Variable) -> Evaluated<'t> {
        let Variable::Slot(slot) = variable else { return Err(Unsure::new("nobody declares the variable")) };
        match scope.variables.get(*slot) {
            Some(Some(variable)) => Ok(variable.symbol.clone()),
            _ => Err(Unsure::of_variable(scope.lost.get(slot), &scope.unit.name)),
        }
    }

    pub(super) fn fields(&self, value: Symbol<'t>, names: &[Box<str>]) -> Evaluated<'t> {
        names.iter().try_fold(value, |value, name| self.field(value, name))
    }

    /// As [`Translator::fields`], in a place that may have asked before whether there is something to take from.
    fn fields_in(&mut self, scope: &Scope<'t>, value: Symbol<'t>, names: &[Box<str>]) -> Evaluated<'t> {
        let mut value = value;
        for name in names {
            if let Symbol::Value(of) = &value
                && of.is_nullable
                && !scope.present.contains(&of.code.text)
            {
                self.may_fail = true;
            }
            value = self.field(value, name)?;
        }
        Ok(value)
    }

    fn field(&self, of: Symbol<'t>, name: &str) -> Evaluated<'t> {
        match of {
            // A text that was taken apart: `(split ":" .Values.image)._0`.
            Symbol::Value(value) if value.is_split && name.strip_prefix('_').is_some_and(is_number) => {
                let index = name.trim_start_matches('_');
                let code = format!("{}[{index}]", value.code.at_least(Binds::Operand));
                Ok(Symbol::Value(Expression { is_nullable: true, ..Expression::text(code, Binds::Operand) }))
            }
            Symbol::Root if name == "Values" => {
                Ok(Symbol::Value(Expression::setting("values", Some(&self.chart.values))))
            }
            Symbol::Root => Ok(Symbol::Context(name.to_owned())),
            Symbol::Context(path) => Ok(Symbol::Context(format!("{path}.{name}"))),
            Symbol::Dict(entries) => {
                let found = entries.into_iter().find(|(key, _)| key == name).map(|(_, value)| value);
                Ok(found.unwrap_or_else(|| Symbol::Value(Expression::none())))
            }
            Symbol::Files(pattern) => self.files_field(&pattern, name),
            Symbol::List(_) | Symbol::KindOf(_) | Symbol::File(_) => Err(Unsure::new("this has no fields")),
            Symbol::Value(value) => Ok(Symbol::Value(value.plain()?.part(name))),
        }
    }

    /// Something that Helm gives, as a value.
    pub(super) fn context_value(&self, path: &str) -> Result<Expression<'t>, Unsure> {
        let metadata = &self.chart.metadata;
        let text = |code: &str| Ok(Expression::text(code, Binds::Operand));
        match path {
            "Release.Name" => text("release.name"),
            "Release.Namespace" => text("release.namespace"),
            "Release.Service" => Ok(Expression::constant("Helm")),
            "Release.IsInstall" => Ok(Expression::value("true", Binds::Operand)),
            "Release.IsUpgrade" => Ok(Expression::value("false", Binds::Operand)),
            "Release.Revision" => Ok(Expression::value("1", Binds::Operand)),
            "Chart.Name" => text("chart.name"),
            // A version has three numbers here, and nothing before them.
            "Chart.Version" => match metadata.version.text.strip_prefix('v') {
                Some(rest) if version(rest) == rest => {
                    Ok(Expression::text("\"v\" ~ chart.version", Binds::Sum))
                }
                None if version(&metadata.version.text) == metadata.version.text => text("chart.version"),
                _ => Ok(Expression::constant(&metadata.version.text)),
            },
            "Chart.AppVersion" if !metadata.app_version.is_empty() => text("chart.appVersion"),
            "Chart.AppVersion" => Ok(Expression::constant("")),
            "Chart.KubeVersion" => Ok(Expression::constant(&metadata.kube_version.text)),
            "Capabilities.KubeVersion"
            | "Capabilities.KubeVersion.Version"
            | "Capabilities.KubeVersion.GitVersion" => {
                Ok(Expression::text("\"v\" ~ kube.version ~ \".0\"", Binds::Sum))
            }
            "Capabilities.KubeVersion.Major" => {
                Ok(Expression::text("(\"\" ~ kube.version) | split(\".\") | first", Binds::Filter))
            }
            "Capabilities.KubeVersion.Minor" => {
                Ok(Expression::text("(\"\" ~ kube.version) | split(\".\") | last", Binds::Filter))
            }
            "Chart.Description" => Ok(Expression::constant(&metadata.description.text)),
            "Chart.Home" => Ok(Expression::constant(&metadata.home.text)),
            "Chart.Icon" => Ok(Expression::constant(&metadata.icon.text)),
            "Chart.Type" => Ok(Expression::constant(&metadata.kind.text)),
            "Chart.APIVersion" => Ok(Expression::constant(&metadata.api_version.text)),
            "Template.BasePath" => Ok(Expression::constant(&format!("{}/templates", metadata.name.text))),
            "Template.Name" => Ok(Expression::constant(&self.template_name)),
            // The name of the program that renders, and its version.
            "Capabilities.HelmVersion.Version" => Ok(Expression::constant("v3.18.0")),
            _ => match path.strip_prefix("Chart.Annotations.") {
                Some(name) => {
                    let annotations = metadata.annotations.iter().flatten();
                    let found = annotations.into_iter().find(|(key, _)| key.text == name);
                    Ok(found.map_or_else(Expression::none, |(_, value)| Expression::constant(&value.text)))
                }
                None => Err(Unsure::new(format!("there is no `.{path}` here"))),
            },
        }
    }

    /// What is handed on as a value.
    ///
    /// # Errors
    /// What is no value in a bound template.
    pub(super) fn value(&self, symbol: &Symbol<'t>) -> Result<Expression<'t>, Unsure> {
        match symbol {
            Symbol::Context(path) => self.context_value(path),
            Symbol::Root => Err(Unsure::new("all that Helm gives is not a value here")),
            Symbol::KindOf(_) => {
                Err(Unsure::new("a type has no name here: write a test, such as `is string`"))
            }
            Symbol::Files(_) => Err(Unsure::new(
                "files of a pattern are not a value here: write `files_text(…)` or `files_base64(…)`",
            )),
            Symbol::File(path) => match self.has_text_file(path) {
                true => Ok(Expression::text(format!("files[{}]", quoted(path)), Binds::Operand)),
                false => Err(Unsure::new("files that are not text have no place in a bound chart")),
            },
            Symbol::Value(value) => Ok(value.clone()),
            Symbol::Dict(entries) => {
                let mut codes = Vec::new();
                for (key, value) in entries {
                    codes.push(format!("{}: {}", quoted(key), self.value(value)?.plain()?.compared().text));
                }
                Ok(Expression::value(format!("{{{}}}", codes.join(", ")), Binds::Operand))
            }
            Symbol::List(items) => {
                let mut codes = Vec::new();
                for item in items {
                    codes.push(self.value(item)?.plain()?.compared().text);
                }
                Ok(Expression::value(format!("[{}]", codes.join(", ")), Binds::Operand))
            }
        }
    }

    /// What is tested by `if`.
    pub(super) fn truth(&self, symbol: &Symbol<'t>) -> Result<Expression<'t>, Unsure> {
        match symbol {
            Symbol::Root => Ok(Expression::value("true", Binds::Operand)),
            Symbol::Context(path)
                if matches!(
                    path.as_str(),
                    "Capabilities" | "Chart" | "Release" | "Release.Name" | "Chart.Name" | "Chart.Version"
                ) || (path == "Chart.AppVersion" && !self.chart.metadata.app_version.is_empty()) =>
            {
                Ok(Expression::value("true", Binds::Operand))
            }
            Symbol::Files(pattern) => {
                let has = !self.files_of(pattern).is_empty();
                Ok(Expression::value(has.to_string(), Binds::Operand))
            }
            Symbol::File(_) => Ok(Expression::value("true", Binds::Operand)),
            Symbol::Dict(entries) => Ok(Expression::value((!entries.is_empty()).to_string(), Binds::Operand)),
            Symbol::List(items) => Ok(Expression::value((!items.is_empty()).to_string(), Binds::Operand)),
            other => {
                let value = self.value(other)?;
                // What is always the same decides by itself.
                let known = match &value.constant {
                    Some(text) => Some(!text.is_empty()),
                    None if value.code.text == "none" => Some(false),
                    None => None,
                };
                match (known, value.form) {
                    (Some(truth), _) => Ok(Expression::value(truth.to_string(), Binds::Operand)),
                    (None, Form::Fragment(_)) => value.plain(),
                    (None, _) => Ok(value),
                }
            }
        }
    }

    /// The action around a place.
    pub(super) fn action_at(scope: &Scope<'t>, at: At) -> String {
        let text = String::from_utf8_lossy(&scope.unit.text).into_owned();
        let (start, end) = (at.start as usize, at.end as usize);
        let before = text.get(..start).and_then(|before| before.rfind("{{")).unwrap_or(start);
        let after = text.get(end..).and_then(|after| after.find("}}")).map_or(end, |found| end + found + 2);
        text.get(before..after).unwrap_or_default().to_owned()
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_digit())
}

/// The item that stands for all of a list's.
pub(super) fn item_of<'t>(list: &Expression<'t>, name: &str) -> Expression<'t> {
    let known = match list.known {
        Some(Tree::List(items)) => items.first(),
        _ => None,
    };
    let mut item = Expression::setting(name, known);
    item.is_item = true;
    item.is_nullable = false;
    item
}

/// The entry that stands for all of a map's.
pub(super) fn entry_of<'t>(map: &Expression<'t>, name: &str) -> Expression<'t> {
    let known = match map.known {
        Some(Tree::Map(fields)) => fields.first().map(|field| &field.value),
        _ => None,
    };
    // What other entries are is not known: only of maps is a type worth knowing.
    let known = known.filter(|known| matches!(known, Tree::Map(_) | Tree::List(_)));
    let mut entry = Expression::setting(name, known);
    entry.is_item = true;
    entry.is_nullable = true;
    entry
}

/// A key behind a value, as it is written.
pub(super) fn subscript<'t>(value: &Expression<'t>, key: &Expression<'t>) -> Expression<'t> {
    if let Some(name) = &key.constant {
        return value.part(name);
    }
    let base = value.code.at_least(Binds::Operand);
    let known = match value.known {
        Some(Tree::List(items)) => items.first(),
        _ => None,
    };
    let is_number = is_identifier(&key.code.text).then_some(()).is_none()
        && key.code.text.chars().all(|c| c.is_ascii_digit());
    let mut part = Expression::setting(format!("{base}[{}]", key.code.text), known.filter(|_| is_number));
    part.is_item = true;
    part.is_nullable = true;
    part
}
