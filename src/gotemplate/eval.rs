//! Running templates: fields, pipelines, calls, and the text that they print.

use std::any::Any;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use super::ast::{
    At, Callee, Command, Condition, Invocation, Node, Number, Operand, OperandKind, Pipe, Range, Template,
    Variable,
};
use super::budget::Budget;
use super::error::{Error, ErrorKind, Failure, NamedField};
use super::function::{Call, Function, Param, Run, Signature};
use super::parser::Wrong;
use super::print::{display, show, without_no_value};
use super::quote::quoted;
use super::templates::Templates;
use super::text::{Origin, Text, TextBuilder};
use super::value::{Int, IntType, ListType, MapType, Value};
use crate::limits::{Limit, Limits};
use crate::source::Span;

/// How often a template may be included inside itself, as in Helm.
const INCLUDES: u32 = 1000;

/// How much of a thread's stack templates inside templates may take, of the 8 MiB that each thread has. What they call
/// needs some, too.
const STACK: usize = 5 << 20;

/// A run of templates: scopes, budgets, and what the host of the engine keeps for its functions.
pub struct Evaluation<'e> {
    templates: &'e Templates,
    host: &'e dyn Any,
    budget: Budget,
    /// What texts that are being run by `tpl` have defined, the innermost last.
    scopes: Vec<Scope>,
    /// How often each template is included inside itself.
    included: HashMap<Arc<str>, u32>,
    /// Texts that `tpl` has run, parsed.
    parsed: HashMap<Rc<[u8]>, Rc<[Arc<Template>]>>,
    /// Where the stack was when the run began.
    stack: usize,
}

/// A text that `tpl` runs, where that was called, and what the text defines.
struct Scope {
    text: Text,
    call: Span,
    parsed: Rc<[Arc<Template>]>,
}

/// A template that was found by its name, and the text that it stands in, if that is no file.
struct Found {
    template: Arc<Template>,
    of: Option<(Text, Span)>,
}

/// What the evaluation of an expression gives.
#[derive(Clone, Debug, Default)]
struct Got {
    value: Value,
    /// Whether it was read out of a map or list of anything. Then a `nil` has no fields; another `nil` has all of them, and
    /// each is `nil`.
    boxed: bool,
}

impl Got {
    fn boxed(value: Value) -> Got {
        Got { value, boxed: true }
    }
}

impl From<Value> for Got {
    fn from(value: Value) -> Got {
        Got { value, boxed: false }
    }
}

/// What a call is given.
#[derive(Default)]
struct Arguments<'a> {
    /// What stands behind its name.
    written: &'a [Operand],
    /// What the command before in the pipe gave, which comes last.
    piped: Option<Got>,
}

impl Arguments<'_> {
    fn is_empty(&self) -> bool {
        self.written.is_empty() && self.piped.is_none()
    }

    fn len(&self) -> usize {
        self.written.len() + usize::from(self.piped.is_some())
    }
}

/// How a list of nodes was left.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Flow {
    On,
    Break,
    Continue,
}

type Evaluated<T> = Result<T, Box<Error>>;

/// A template that is running.
struct Frame<'f> {
    places: Places<'f>,
    text: &'f [u8],
    variables: Vec<Option<Got>>,
}

/// Where the bytes of a unit stand.
#[derive(Clone, Copy)]
enum Places<'f> {
    File(crate::source::SourceId),
    /// A text that `tpl` was given at a place.
    Text(&'f Text, Span),
}

impl Frame<'_> {
    /// The place of bytes of the unit, for errors and for what functions are told.
    fn span(&self, at: At) -> Span {
        match self.places {
            Places::File(source) => Span { source, start: at.start, end: at.end },
            Places::Text(text, call) => {
                let origin = origin_in(text, at);
                let place = if origin.template == Span::NOWHERE { origin.value } else { origin.template };
                if place == Span::NOWHERE { call } else { place }
            }
        }
    }

    /// The origin of what an action prints, or of a constant.
    fn origin(&self, at: At) -> Origin {
        match self.places {
            Places::File(source) => {
                let template = Span { source, start: at.start, end: at.end };
                Origin { template, ..Origin::NOWHERE }
            }
            Places::Text(text, call) => Origin { verbatim: false, ..origin_in(text, at).printed_at(call) },
        }
    }

    /// The origin of bytes that are repeated as they are.
    fn verbatim(&self, at: At) -> Origin {
        match self.places {
            Places::File(_) => Origin { verbatim: true, ..self.origin(at) },
            Places::Text(..) => self.origin(at),
        }
    }

    fn slot(&mut self, variable: &Variable) -> Option<&mut Option<Got>> {
        match variable {
            Variable::Slot(slot) => self.variables.get_mut(*slot),
            Variable::Undefined(_) => None,
        }
    }
}

/// What a part of a text was made of.
fn origin_in(text: &Text, at: At) -> Origin {
    let (start, end) = (at.start as usize, (at.end as usize).max(at.start as usize + 1).min(text.len()));
    let mut segments = text.segments_in(start..end);
    match (segments.next(), segments.next()) {
        (Some((range, origin)), None) => origin.remade(range.len()),
        _ => Origin::of_all(text.segments_in(start..end).map(|(_, origin)| origin)),
    }
}

impl<'e> Evaluation<'e> {
    /// A run with full budgets. All templates of a chart share one.
    pub fn new(templates: &'e Templates, host: &'e dyn Any, limits: &Limits) -> Evaluation<'e> {
        Evaluation {
            templates,
            host,
            budget: Budget::new(limits),
            scopes: Vec::new(),
            included: HashMap::new(),
            parsed: HashMap::new(),
            stack: stack_pointer(),
        }
    }

    /// What a template prints. `<no value>`, which Go prints for what is missing, is taken out of it.
    ///
    /// # Errors
    /// What is wrong, with its place.
    pub fn run(&mut self, name: &str, data: Value) -> Result<Text, Error> {
        self.stack = stack_pointer();
        let Some(found) = self.find(name) else {
            let message = format!("there is no template {}", quoted(name.as_bytes()));
            return Err(Error::new(ErrorKind::Evaluation, Span::NOWHERE, message));
        };
        let printed = self.print_template(&found, data.into());
        // An error leaves them as they were where it happened.
        self.scopes.clear();
        self.included.clear();
        printed.map(|text| without_no_value(&text)).map_err(|error| *error)
    }

    fn find(&self, name: &str) -> Option<Found> {
        // What is empty does not replace what was there.
        let mut empty = None;
        for scope in self.scopes.iter().rev() {
            if let Some(template) = scope.parsed.iter().find(|template| &*template.name == name) {
                let of = Some((scope.text.clone(), scope.call));
                let found = Found { template: template.clone(), of };
                if !template.is_empty {
                    return Some(found);
                }
                empty = Some(found);
            }
        }
        self.templates.get(name).map(|template| Found { template: template.clone(), of: None }).or(empty)
    }

    /// What a template prints, in a text of its own.
    fn print_template(&mut self, found: &Found, data: Got) -> Evaluated<Text> {
        let mut out = TextBuilder::default();
        self.run_template(found, data, &mut out)?;
        Ok(out.finish())
    }

    fn run_template(&mut self, found: &Found, data: Got, out: &mut TextBuilder) -> Evaluated<()> {
        let template = &found.template;
        let places = match (template.unit.source, &found.of) {
            (None, Some((text, call))) => Places::Text(text, *call),
            (source, _) => Places::File(source.unwrap_or(Span::NOWHERE.source)),
        };
        let mut variables = Vec::with_capacity(template.variables);
        variables.push(Some(data.clone()));
        variables.resize(template.variables, None);
        let mut frame = Frame { places, text: &template.unit.text, variables };
        self.list(&mut frame, out, &data, &template.body)?;
        Ok(())
    }

    /// A failure as an error at a place.
    fn at<T>(frame: &Frame<'_>, at: At, result: Result<T, Failure>) -> Evaluated<T> {
        match result {
            Ok(value) => Ok(value),
            Err(failure) => Err(Self::error_of(failure, frame.span(at))),
        }
    }

    fn error_of(failure: Failure, place: Span) -> Box<Error> {
        match failure.at {
            Some(error) => error,
            None => Box::new(Error::new(failure.kind, place, failure.message)),
        }
    }

    fn wrong<T>(frame: &Frame<'_>, at: At, message: impl Into<String>) -> Evaluated<T> {
        Err(Box::new(Error::new(ErrorKind::Evaluation, frame.span(at), message)))
    }

    /// Pays for a step, and looks whether there is stack left.
    fn step(&mut self, frame: &Frame<'_>, at: At) -> Evaluated<()> {
        if self.stack.abs_diff(stack_pointer()) > STACK {
            let failure = Failure::limit(Limit::Recursion, "templates are nested too deep inside each other");
            return Err(Self::error_of(failure, frame.span(at)));
        }
        let charged = self.budget.charge_fuel(1);
        Self::at(frame, at, charged)
    }

    fn list(
        &mut self,
        frame: &mut Frame<'_>,
        out: &mut TextBuilder,
        dot: &Got,
        nodes: &[Node],
    ) -> Evaluated<Flow> {
        for node in nodes {
            let flow = match node {
                Node::Text(at) => {
                    self.literal(frame, out, *at)?;
                    Flow::On
                }
                Node::Print(pipe) => {
                    self.action(frame, out, dot, pipe)?;
                    Flow::On
                }
                Node::Condition(condition) => self.condition(frame, out, dot, condition)?,
                Node::Range(range) => self.range(frame, out, dot, range)?,
                Node::Template(invocation) => {
                    self.invocation(frame, out, dot, invocation)?;
                    Flow::On
                }
                Node::Break => Flow::Break,
                Node::Continue => Flow::Continue,
            };
            if flow != Flow::On {
                return Ok(flow);
            }
        }
        Ok(Flow::On)
    }

    fn literal(&mut self, frame: &Frame<'_>, out: &mut TextBuilder, at: At) -> Evaluated<()> {
        let range = at.start as usize..at.end as usize;
        self.grow(frame, out, at, range.len())?;
        match frame.places {
            Places::File(_) => out.push(frame.text.get(range).unwrap_or_default(), frame.verbatim(at)),
            Places::Text(text, call) => {
                push_printed(out, &text.slice(range), Origin::NOWHERE.printed_at(call))
            }
        }
        Ok(())
    }

    /// Before bytes are printed.
    fn grow(&mut self, frame: &Frame<'_>, out: &TextBuilder, at: At, bytes: usize) -> Evaluated<()> {
        if out.len() + bytes > self.budget.limits().of(Limit::Output) {
            let most = self.budget.limits().said(Limit::Output);
            let failure = Failure::limit(Limit::Output, format!("a template prints more than {most}"));
            return Err(Self::error_of(failure, frame.span(at)));
        }
        let charged = self.budget.charge_fuel(bytes / 64);
        Self::at(frame, at, charged)
    }

    fn action(
        &mut self,
        frame: &mut Frame<'_>,
        out: &mut TextBuilder,
        dot: &Got,
        pipe: &Pipe,
    ) -> Evaluated<()> {
        let got = self.pipe(frame, dot, pipe)?;
        if !pipe.sets.is_empty() {
            return Ok(());
        }
        let text = match got.value {
            Value::String(text) => text,
            Value::Nil => Text::plain("<no value>"),
            Value::Object(object) => {
                let shown = show(&object, &mut self.budget);
                Self::at(frame, pipe.at, shown)?
            }
            other => {
                let shown = display(&other, &mut self.budget);
                Self::at(frame, pipe.at, shown)?
            }
        };
        self.grow(frame, out, pipe.at, text.len())?;
        push_printed(out, &text, frame.origin(pipe.at));
        Ok(())
    }

    fn condition(
        &mut self,
        frame: &mut Frame<'_>,
        out: &mut TextBuilder,
        dot: &Got,
        condition: &Condition,
    ) -> Evaluated<Flow> {
        for (index, (pipe, body)) in condition.branches.iter().enumerate() {
            let got = self.pipe(frame, dot, pipe)?;
            if got.value.is_true() {
                let inner = if condition.sets_dot { &got } else { dot };
                let flow = self.list(frame, out, inner, body);
                let asked = condition.branches.get(..=index).unwrap_or_default();
                return flow.map_err(|error| led_to(error, frame, dot, asked));
            }
        }
        let flow = self.list(frame, out, dot, &condition.otherwise);
        flow.map_err(|error| led_to(error, frame, dot, &condition.branches))
    }

    fn range(
        &mut self,
        frame: &mut Frame<'_>,
        out: &mut TextBuilder,
        dot: &Got,
        range: &Range,
    ) -> Evaluated<Flow> {
        let got = self.pipe(frame, dot, &range.pipe)?;
        let value = match &got.value {
            Value::Object(object) if matches!(object.kind_name(), "map" | "slice") => object.plain(),
            _ => got.value,
        };
        let mut ran = false;
        match &value {
            Value::List(list) => {
                let boxed = matches!(list.of, ListType::Any | ListType::Named(_));
                for (index, item) in list.items.iter().enumerate() {
                    ran = true;
                    let element = Got { value: item.clone(), boxed };
                    let key = || Value::int(i64::try_from(index).unwrap_or(i64::MAX));
                    if self.iteration(frame, out, range, key, element)? == Flow::Break {
                        break;
                    }
                }
            }
            Value::Bytes(text) => {
                for (index, byte) in text.as_bytes().iter().enumerate() {
                    ran = true;
                    let element = Value::Int(Int::of(i128::from(*byte), IntType::Uint8), text.origin());
                    let key = || Value::int(i64::try_from(index).unwrap_or(i64::MAX));
                    if self.iteration(frame, out, range, key, element.into())? == Flow::Break {
                        break;
                    }
                }
            }
            Value::Map(map) => {
                // What the body changes in the map is not seen by the loop.
                let entries: Vec<_> =
                    map.entries.borrow().iter().map(|(key, entry)| (key.clone(), entry.clone())).collect();
                let charged = self.budget.charge_fuel(entries.len());
                Self::at(frame, range.pipe.at, charged)?;
                for (key, entry) in entries {
                    ran = true;
                    let element = Got { value: entry.value, boxed: !map.holds_strings() };
                    let key = || Value::String(Text::new(key.to_vec(), entry.key));
                    if self.iteration(frame, out, range, key, element)? == Flow::Break {
                        break;
                    }
                }
            }
            Value::Int(int, origin) => {
                if range.pipe.sets.len() > 1 {
                    let message = format!("can't use {} to iterate over more than one variable", int.value());
                    return Self::wrong(frame, range.pipe.at, message);
                }
                let mut number = 0;
                while number < int.value() {
                    ran = true;
                    let element = Value::Int(Int::of(number, int.of), *origin);
                    if self.iteration(frame, out, range, Value::default, element.into())? == Flow::Break {
                        break;
                    }
                    number += 1;
                }
            }
            Value::Nil => {}
            other => {
                let shown = display(other, &mut self.budget);
                let shown = Self::at(frame, range.pipe.at, shown)?;
                let message = format!("range can't iterate over {}", shown.to_str());
                return Self::wrong(frame, range.pipe.at, message);
            }
        }
        if ran { Ok(Flow::On) } else { self.list(frame, out, dot, &range.otherwise) }
    }

    fn iteration(
        &mut self,
        frame: &mut Frame<'_>,
        out: &mut TextBuilder,
        range: &Range,
        key: impl FnOnce() -> Value,
        element: Got,
    ) -> Evaluated<Flow> {
        self.step(frame, range.pipe.at)?;
        // A loop whose body does nothing costs as much as one that does a little.
        let charged = self.budget.charge_fuel(4);
        Self::at(frame, range.pipe.at, charged)?;
        match &*range.pipe.sets {
            [] => {}
            [one] => self.set(frame, range.pipe.at, one, element.clone())?,
            [first, second, ..] => {
                self.set(frame, range.pipe.at, first, key().into())?;
                self.set(frame, range.pipe.at, second, element.clone())?;
            }
        }
        self.list(frame, out, &element, &range.body)
    }

    fn set(&mut self, frame: &mut Frame<'_>, at: At, variable: &Variable, got: Got) -> Evaluated<()> {
        match (frame.slot(variable), variable) {
            (Some(slot), _) => *slot = Some(got),
            (None, Variable::Undefined(name)) => {
                return Self::wrong(frame, at, format!("undefined variable: {name}"));
            }
            (None, Variable::Slot(_)) => {}
        }
        Ok(())
    }

    fn invocation(
        &mut self,
        frame: &mut Frame<'_>,
        out: &mut TextBuilder,
        dot: &Got,
        invocation: &Invocation,
    ) -> Evaluated<()> {
        self.step(frame, invocation.at)?;
        let Some(found) = self.find(&invocation.name) else {
            let name = quoted(invocation.name.as_bytes());
            return Self::wrong(frame, invocation.at, format!("template {name} not defined"));
        };
        let data = match &invocation.pipe {
            Some(pipe) => self.pipe(frame, dot, pipe)?,
            None => Got::default(),
        };
        self.run_template(&found, data, out).map_err(|mut error| {
            error.calls.push((invocation.name.to_string(), frame.span(invocation.at)));
            error
        })
    }

    /// The value of a pipe. What it declares is set.
    fn pipe(&mut self, frame: &mut Frame<'_>, dot: &Got, pipe: &Pipe) -> Evaluated<Got> {
        self.step(frame, pipe.at)?;
        let mut last: Option<Got> = None;
        for (index, command) in pipe.commands.iter().enumerate() {
            let mut got = self.command(frame, dot, command, last).map_err(|mut error| {
                if error.kind == ErrorKind::Refused && error.calls.is_empty() && error.fields.is_empty() {
                    let before = index.checked_sub(1).and_then(|before| pipe.commands.get(before));
                    before.iter().for_each(|command| name_fields_of(command, frame, dot, &mut error.fields));
                }
                error
            })?;
            // A pipe gives what is in the box.
            got.boxed = false;
            last = Some(got);
        }
        let got = last.unwrap_or_default();
        for variable in &pipe.sets {
            self.set(frame, pipe.at, variable, got.clone())?;
        }
        Ok(got)
    }

    /// `piped` is what the command before in the pipe gave.
    fn command(
        &mut self,
        frame: &mut Frame<'_>,
        dot: &Got,
        command: &Command,
        piped: Option<Got>,
    ) -> Evaluated<Got> {
        let at = command.word.at;
        let args = Arguments { written: &command.args, piped };
        match &command.word.kind {
            OperandKind::Field(names) => self.fields(frame, dot, dot, at, names, args),
            OperandKind::Chain(base, names) => {
                let base = self.chain_base(frame, dot, base)?;
                self.fields(frame, dot, &base, at, names, args)
            }
            OperandKind::Function(callee) => {
                let end = command.args.last().map_or(at.end, |last| last.at.end);
                self.function(frame, dot, At { end, ..at }, *callee, args)
            }
            OperandKind::Variable(variable, names) if !names.is_empty() => {
                let value = self.variable(frame, at, variable)?;
                self.fields(frame, dot, &value, at, names, args)
            }
            kind => {
                if !args.is_empty() {
                    let shown = shown(frame, at);
                    return Self::wrong(frame, at, format!("can't give argument to non-function {shown}"));
                }
                match kind {
                    OperandKind::Nil => Self::wrong(frame, at, "nil is not a command"),
                    _ => self.untyped(frame, dot, &command.word),
                }
            }
        }
    }

    fn variable(&mut self, frame: &mut Frame<'_>, at: At, variable: &Variable) -> Evaluated<Got> {
        if let Some(Some(got)) = frame.slot(variable) {
            return Ok(got.clone());
        }
        let name = match variable {
            Variable::Undefined(name) => name.to_string(),
            Variable::Slot(_) => shown(frame, at),
        };
        Self::wrong(frame, at, format!("undefined variable: {name}"))
    }

    fn chain_base(&mut self, frame: &mut Frame<'_>, dot: &Got, base: &Operand) -> Evaluated<Got> {
        if let OperandKind::Nil = base.kind {
            let message = format!("indirection through explicit nil in {}", shown(frame, base.at));
            return Self::wrong(frame, base.at, message);
        }
        self.untyped(frame, dot, base)
    }

    /// An operand alone, where nothing asks for a type.
    fn untyped(&mut self, frame: &mut Frame<'_>, dot: &Got, operand: &Operand) -> Evaluated<Got> {
        let at = operand.at;
        match &operand.kind {
            OperandKind::Dot => Ok(dot.clone()),
            OperandKind::Nil => Ok(Got::default()),
            OperandKind::Field(names) => self.fields(frame, dot, dot, at, names, Arguments::default()),
            OperandKind::Variable(variable, names) => {
                let value = self.variable(frame, at, variable)?;
                if names.is_empty() {
                    return Ok(value);
                }
                self.fields(frame, dot, &value, at, names, Arguments::default())
            }
            OperandKind::Function(callee) => self.function(frame, dot, at, *callee, Arguments::default()),
            OperandKind::Chain(base, names) => {
                let base = self.chain_base(frame, dot, base)?;
                self.fields(frame, dot, &base, at, names, Arguments::default())
            }
            OperandKind::Pipe(pipe) => self.pipe(frame, dot, pipe),
            OperandKind::Bool(value) => Ok(Value::Bool(*value, frame.origin(at)).into()),
            OperandKind::String { text, verbatim } => Ok(string(frame, at, text, *verbatim).into()),
            OperandKind::Number(number) => match (number.is_float, number.float, number.int) {
                (true, Some(float), _) => Ok(Value::Float(float, frame.origin(at)).into()),
                (_, _, Some(int)) => Ok(Value::Int(Int::new(int), frame.origin(at)).into()),
                _ => Self::wrong(frame, at, format!("{} overflows int", shown(frame, at))),
            },
        }
    }

    /// Fields of a value, one inside the other; the last one may be a method and take arguments.
    fn fields(
        &mut self,
        frame: &mut Frame<'_>,
        dot: &Got,
        receiver: &Got,
        at: At,
        names: &[Box<str>],
        args: Arguments<'_>,
    ) -> Evaluated<Got> {
        let Some((final_name, before)) = names.split_last() else { return Ok(receiver.clone()) };
        let with_name = |mut error: Box<Error>| {
            if error.kind == ErrorKind::Evaluation && error.fields.is_empty() {
                error.fields.extend(named_field(&receiver.value, names));
            }
            error
        };
        let mut current: Option<Got> = None;
        for name in before {
            let next =
                self.field(frame, dot, current.as_ref().unwrap_or(receiver), at, name, Arguments::default());
            current = Some(next.map_err(with_name)?);
        }
        let from = current.as_ref().unwrap_or(receiver);
        let is_method = !args.written.is_empty();
        let got = self.field(frame, dot, from, at, final_name, args);
        if is_method { got } else { got.map_err(with_name) }
    }

    fn field(
        &mut self,
        frame: &mut Frame<'_>,
        dot: &Got,
        receiver: &Got,
        at: At,
        name: &str,
        args: Arguments<'_>,
    ) -> Evaluated<Got> {
        let charged = self.budget.charge_fuel(1);
        Self::at(frame, at, charged)?;
        if let Some(method) = self.method_of(&receiver.value, name) {
            return self.method(frame, dot, &receiver.value, at, method, args);
        }
        let has_args = !args.is_empty();
        match &receiver.value {
            Value::Nil if receiver.boxed => {
                Self::wrong(frame, at, format!("nil pointer evaluating interface {{}}.{name}"))
            }
            Value::Nil => Ok(Got::default()),
            Value::Map(map) => {
                if has_args {
                    return Self::wrong(frame, at, format!("{name} is not a method but has arguments"));
                }
                Ok(match (map.get(name.as_bytes()), map.holds_strings()) {
                    (Some(value), true) => value.into(),
                    (None, true) => Value::plain_string("").into(),
                    (value, _) => Got::boxed(value.unwrap_or_default()),
                })
            }
            Value::Object(object) => match object.field(name) {
                Some(_) if has_args => {
                    let message = format!("{name} has arguments but cannot be invoked as function");
                    Self::wrong(frame, at, message)
                }
                Some(value) => Ok(value.into()),
                None if object.kind_name() == "map" => Ok(Got::boxed(Value::Nil)),
                None => self.no_field(frame, receiver, at, name),
            },
            _ => self.no_field(frame, receiver, at, name),
        }
    }

    /// A method of a value, of those types that have any.
    fn method_of(&self, value: &Value, name: &str) -> Option<&'static Function> {
        let of = match value {
            Value::Object(object) => object.type_name(),
            Value::Map(map) => match map.of {
                MapType::Named(of) => of,
                _ => return None,
            },
            Value::List(list) => match list.of {
                ListType::Named(of) => of,
                _ => return None,
            },
            _ => return None,
        };
        self.templates.method(of, name)
    }

    fn no_field(&mut self, frame: &Frame<'_>, receiver: &Got, at: At, name: &str) -> Evaluated<Got> {
        let of = if receiver.boxed { "interface {}" } else { receiver.value.type_name() };
        Self::wrong(frame, at, format!("can't evaluate field {name} in type {of}"))
    }

    fn method(
        &mut self,
        frame: &mut Frame<'_>,
        dot: &Got,
        receiver: &Value,
        at: At,
        method: &'static Function,
        args: Arguments<'_>,
    ) -> Evaluated<Got> {
        self.call(frame, dot, at, method, Some(receiver), args)
    }

    fn function(
        &mut self,
        frame: &mut Frame<'_>,
        dot: &Got,
        at: At,
        callee: Callee,
        args: Arguments<'_>,
    ) -> Evaluated<Got> {
        match callee.ends_at {
            Some(ends_at) => self.short_circuit(frame, dot, at, callee.function, ends_at, args),
            None => self.call(frame, dot, at, callee.function, None, args),
        }
    }

    /// `and`, `or`: the first argument that decides, or the last one.
    fn short_circuit(
        &mut self,
        frame: &mut Frame<'_>,
        dot: &Got,
        at: At,
        function: &Function,
        ends_at: bool,
        args: Arguments<'_>,
    ) -> Evaluated<Got> {
        if args.is_empty() {
            let message = format!("wrong number of args for {}: want at least 1 got 0", function.name);
            return Self::wrong(frame, at, message);
        }
        let mut got = Got::default();
        for arg in args.written {
            got = match arg.kind {
                OperandKind::Nil => Got::default(),
                _ => self.untyped(frame, dot, arg)?,
            };
            if got.value.is_true() == ends_at {
                return Ok(got);
            }
        }
        Ok(args.piped.unwrap_or(got))
    }

    /// Checks and converts arguments, and calls. A method has a receiver, which is its first argument.
    fn call(
        &mut self,
        frame: &mut Frame<'_>,
        dot: &Got,
        at: At,
        function: &'static Function,
        receiver: Option<&Value>,
        args: Arguments<'_>,
    ) -> Evaluated<Got> {
        let Signature { params, rest } = function.signature;
        let params = params.get(usize::from(receiver.is_some())..).unwrap_or_default();
        let given = args.len();
        let (want, name) = (params.len(), function.name);
        if rest.is_some() && given < want {
            let message =
                format!("wrong number of args for {name}: want at least {want} got {}", args.written.len());
            return Self::wrong(frame, at, message);
        }
        if rest.is_none() && given != want {
            return Self::wrong(
                frame,
                at,
                format!("wrong number of args for {name}: want {want} got {given}"),
            );
        }
        let mut values = Vec::with_capacity(given + 1);
        values.extend(receiver.cloned());
        let param = |index: usize| params.get(index).copied().or(rest).unwrap_or(Param::Any);
        for (index, arg) in args.written.iter().enumerate() {
            values.push(self.argument(frame, dot, arg, param(index))?);
        }
        if let Some(piped) = args.piped {
            values.push(self.checked(frame, at, piped, param(args.written.len()))?);
        }
        self.finish_call(frame, at, function, &values).map_err(|mut error| {
            if error.kind == ErrorKind::Refused && error.calls.is_empty() {
                args.written.iter().for_each(|arg| name_fields(arg, frame, dot, &mut error.fields));
            }
            error
        })
    }

    fn finish_call(
        &mut self,
        frame: &Frame<'_>,
        at: At,
        function: &'static Function,
        values: &[Value],
    ) -> Evaluated<Got> {
        self.step(frame, at)?;
        let place = frame.span(at);
        let result = (function.run)(&mut Call { args: values, place, evaluation: self });
        match result {
            // A function gives an interface, but for strings and other types of its own: only `nil` tells them apart.
            Ok(value) => Ok(Got { boxed: matches!(value, Value::Nil), value }),
            Err(mut failure) => {
                if failure.kind == ErrorKind::Function {
                    failure.message = format!("error calling {}: {}", function.name, failure.message);
                }
                Err(Self::error_of(failure, place))
            }
        }
    }

    /// An argument of a type.
    fn argument(
        &mut self,
        frame: &mut Frame<'_>,
        dot: &Got,
        arg: &Operand,
        param: Param,
    ) -> Evaluated<Value> {
        let at = arg.at;
        let found =
            |expected: &str, frame: &Frame<'_>| format!("expected {expected}; found {}", shown(frame, at));
        match &arg.kind {
            OperandKind::Nil if can_be_nil(param) => Ok(Value::Nil),
            OperandKind::Nil => Self::wrong(frame, at, format!("cannot assign nil to {}", param.type_name())),
            OperandKind::Bool(_) | OperandKind::Number(_) | OperandKind::String { .. } => {
                match (param, &arg.kind) {
                    (Param::Any | Param::Reflect, _) => self.untyped(frame, dot, arg).map(|got| got.value),
                    (Param::Bool, OperandKind::Bool(value)) => Ok(Value::Bool(*value, frame.origin(at))),
                    (Param::String | Param::Constant, OperandKind::String { text, verbatim }) => {
                        Ok(string(frame, at, text, *verbatim))
                    }
                    (Param::Int | Param::Int64, OperandKind::Number(Number { int: Some(int), .. })) => {
                        let of = if param == Param::Int { IntType::Int } else { IntType::Int64 };
                        Ok(Value::Int(Int::of(i128::from(*int), of), frame.origin(at)))
                    }
                    (Param::Uint32, OperandKind::Number(Number { uint: Some(uint), .. })) => {
                        Ok(Value::Int(Int::of(i128::from(*uint), IntType::Uint32), frame.origin(at)))
                    }
                    (Param::Float64, OperandKind::Number(Number { float: Some(float), .. })) => {
                        Ok(Value::Float(*float, frame.origin(at)))
                    }
                    (Param::Bool, _) => Self::wrong(frame, at, found("bool", frame)),
                    (Param::String | Param::Constant, _) => Self::wrong(frame, at, found("string", frame)),
                    (Param::Int | Param::Int64, _) => Self::wrong(frame, at, found("integer", frame)),
                    (Param::Uint32, _) => Self::wrong(frame, at, found("unsigned integer", frame)),
                    (Param::Float64, _) => Self::wrong(frame, at, found("float", frame)),
                    _ => {
                        let (shown, name) = (shown(frame, at), param.type_name());
                        Self::wrong(frame, at, format!("can't handle {shown} for arg of type {name}"))
                    }
                }
            }
            _ => {
                let got = self.untyped(frame, dot, arg)?;
                self.checked(frame, at, got, param)
            }
        }
    }

    /// A value as one of a type, which it must have.
    fn checked(&mut self, frame: &Frame<'_>, at: At, got: Got, param: Param) -> Evaluated<Value> {
        let fits = match (&got.value, param) {
            (_, Param::Any | Param::Reflect) => true,
            (Value::Nil, _) if got.boxed => {
                let expected = param.type_name();
                let message = format!("wrong type for value; expected {expected}; got interface {{}}");
                return Self::wrong(frame, at, message);
            }
            (Value::Nil, _) if can_be_nil(param) => true,
            (Value::Nil, _) => {
                return Self::wrong(frame, at, format!("invalid value; expected {}", param.type_name()));
            }
            (Value::String(_), Param::String)
            | (Value::Float(..), Param::Float64)
            | (Value::Bool(..), Param::Bool)
            | (Value::Bytes(_), Param::Bytes) => true,
            (Value::Int(int, _), Param::Int) => int.of == IntType::Int,
            (Value::Int(int, _), Param::Int64) => int.of == IntType::Int64,
            (Value::Int(int, _), Param::Uint32) => int.of == IntType::Uint32,
            (Value::List(list), Param::List) => list.of == ListType::Any,
            (Value::List(list), Param::Strings) => list.of == ListType::Strings,
            (Value::Map(map), Param::Map) => !map.holds_strings(),
            (Value::Map(map), Param::StringMap) => map.holds_strings(),
            (value, Param::Named(name)) => value.type_name() == name,
            _ => false,
        };
        if let (Value::Map(map), Param::Map, true) = (&got.value, param, map_is_named(&got.value)) {
            return Ok(Value::Map(Rc::new(map.shared_as(MapType::Any))));
        }
        if fits {
            return Ok(got.value);
        }
        let (expected, found) = (param.type_name(), got.value.type_name());
        Self::wrong(frame, at, format!("wrong type for value; expected {expected}; got {found}"))
    }

    /// What a text of `tpl` comes to, parsed once.
    fn parsed(&mut self, text: &Text) -> Result<Rc<[Arc<Template>]>, Wrong> {
        if let Some(parsed) = self.parsed.get(text.as_bytes()) {
            return Ok(parsed.clone());
        }
        let templates = self.templates.parse_text(TPL, text.as_bytes())?;
        let parsed: Rc<[Arc<Template>]> = templates.into_iter().map(Arc::new).collect();
        self.parsed.insert(Rc::from(text.as_bytes()), parsed.clone());
        Ok(parsed)
    }
}

/// The name of a text that `tpl` is given.
const TPL: &str = "gotpl";

impl<'e> Run<'e> for Evaluation<'e> {
    fn host(&self) -> &'e dyn Any {
        self.host
    }

    fn budget(&mut self) -> &mut Budget {
        &mut self.budget
    }

    fn include(&mut self, name: &str, data: Value, place: Span) -> Result<Text, Failure> {
        let Some(found) = self.find(name) else {
            return Err(Failure::new(format!("there is no template {}", quoted(name.as_bytes()))));
        };
        let count = self.included.entry(found.template.name.clone()).or_default();
        if *count > INCLUDES {
            return Err(Failure::limit(
                Limit::Recursion,
                format!(
                    "the template {} includes itself more than {INCLUDES} times",
                    quoted(name.as_bytes())
                ),
            ));
        }
        *count += 1;
        let printed = self.print_template(&found, data.into());
        if let Some(count) = self.included.get_mut(&found.template.name) {
            *count -= 1;
        }
        let text = printed.map_err(|mut error| {
            error.calls.push((name.to_owned(), place));
            error
        })?;
        self.budget.charge_text(text.len())?;
        Ok(text)
    }

    fn tpl(&mut self, text: &Text, data: Value, place: Span) -> Result<Text, Failure> {
        self.budget.charge_fuel(1 + text.len() / 8)?;
        if memchr::memmem::find(text.as_bytes(), b"{{").is_none() {
            return Ok(without_no_value(text));
        }
        let called = |mut error: Box<Error>| {
            error.calls.push(("tpl".to_owned(), place));
            error
        };
        let parsed = self.parsed(text).map_err(|wrong| {
            let places = Places::Text(text, place);
            let frame = Frame { places, text: text.as_bytes(), variables: Vec::new() };
            called(Box::new(Error::new(wrong.kind, frame.span(wrong.at), wrong.message)))
        })?;
        // The text itself comes last, and is there unless it is empty and defines one of its own name.
        let main = parsed.iter().find(|template| &*template.name == TPL).cloned();
        let Some(template) = main else { return Ok(Text::plain("")) };
        self.scopes.push(Scope { text: text.clone(), call: place, parsed });
        let found = Found { template, of: Some((text.clone(), place)) };
        let printed = self.print_template(&found, data.into());
        self.scopes.pop();
        let printed = without_no_value(&printed.map_err(called)?);
        self.budget.charge_text(printed.len())?;
        Ok(printed)
    }
}

/// Appends a text, with what an action gives to the bytes that nothing is known of.
fn push_printed(out: &mut TextBuilder, text: &Text, action: Origin) {
    for (range, origin) in text.segments() {
        let mut origin = origin.printed_at(action.template);
        if origin.value == Span::NOWHERE {
            origin.value = action.value;
        }
        origin.drawn |= action.drawn;
        out.push(text.as_bytes().get(range).unwrap_or_default(), origin);
    }
}

/// Adds to an error of the chart's author the fields of the conditions that led to it.
fn led_to(
    mut error: Box<Error>,
    frame: &mut Frame<'_>,
    dot: &Got,
    asked: &[(Pipe, super::ast::List)],
) -> Box<Error> {
    if error.kind == ErrorKind::Refused {
        for (pipe, _) in asked.iter().rev() {
            name_fields_of_pipe(pipe, frame, dot, &mut error.fields);
        }
    }
    error
}

/// The most fields that are named of one error: nobody reads more.
const MOST_FIELDS: usize = 16;

fn name_fields_of_pipe(pipe: &Pipe, frame: &mut Frame<'_>, dot: &Got, found: &mut Vec<NamedField>) {
    pipe.commands.iter().for_each(|command| name_fields_of(command, frame, dot, found));
}

fn name_fields_of(command: &Command, frame: &mut Frame<'_>, dot: &Got, found: &mut Vec<NamedField>) {
    name_fields(&command.word, frame, dot, found);
    command.args.iter().for_each(|arg| name_fields(arg, frame, dot, found));
}

/// The fields that an operand names, with those inside it.
fn name_fields(operand: &Operand, frame: &mut Frame<'_>, dot: &Got, found: &mut Vec<NamedField>) {
    let field = match &operand.kind {
        OperandKind::Field(names) => named_field(&dot.value, names),
        OperandKind::Variable(variable, names) => match frame.slot(variable) {
            Some(Some(got)) => named_field(&got.value, names),
            _ => None,
        },
        OperandKind::Chain(base, _) => return name_fields(base, frame, dot, found),
        OperandKind::Pipe(pipe) => return name_fields_of_pipe(pipe, frame, dot, found),
        _ => None,
    };
    if let Some(field) = field.filter(|field| found.len() < MOST_FIELDS && !found.contains(field)) {
        found.push(field);
    }
}

/// A field of a value, as far as it is there.
fn named_field(receiver: &Value, names: &[Box<str>]) -> Option<NamedField> {
    let mut field = NamedField {
        names: names.iter().map(|name| name.to_string()).collect(),
        place: Span::NOWHERE,
        found: 0,
        beside: Span::NOWHERE,
        is_empty: false,
    };
    if names.is_empty() {
        return None;
    }
    if let Value::Map(map) = receiver {
        let entries = map.entries.borrow();
        let mut places = entries.values().map(|entry| entry.key.value);
        field.beside = places.find(|place| *place != Span::NOWHERE).unwrap_or(Span::NOWHERE);
    }
    let mut value = receiver.clone();
    for name in names {
        let Value::Map(map) = &value else { break };
        let entry = map.entries.borrow().get(name.as_bytes()).cloned();
        let Some(entry) = entry else { break };
        let place = match entry.value.origin().value {
            Span::NOWHERE => entry.key.value,
            place => place,
        };
        if place != Span::NOWHERE {
            field.place = place;
        }
        if matches!(entry.value, Value::Nil) {
            break;
        }
        field.found += 1;
        value = entry.value;
    }
    field.is_empty = !field.is_missing()
        && match &value {
            Value::String(text) => text.is_empty(),
            Value::List(list) => list.items.is_empty(),
            Value::Map(map) => map.entries.borrow().is_empty(),
            _ => false,
        };
    Some(field)
}

/// A constant string.
fn string(frame: &Frame<'_>, at: At, text: &[u8], verbatim: Option<At>) -> Value {
    let origin = match verbatim {
        Some(at) => frame.verbatim(at),
        None => frame.origin(at),
    };
    Value::String(Text::new(text, origin))
}

/// An operand as it stands in the template.
fn shown(frame: &Frame<'_>, at: At) -> String {
    let text = frame.text.get(at.start as usize..at.end as usize).unwrap_or_default();
    String::from_utf8_lossy(text).into_owned()
}

/// Whether a value is a map of a type with a name, other than Go's own.
fn map_is_named(value: &Value) -> bool {
    matches!(value, Value::Map(map) if matches!(map.of, MapType::Named(_)))
}

/// Whether Go's type has a `nil`.
fn can_be_nil(param: Param) -> bool {
    matches!(
        param,
        Param::Any
            | Param::Reflect
            | Param::List
            | Param::Strings
            | Param::Map
            | Param::StringMap
            | Param::Bytes
    )
}

/// Where the stack is: the address of something on it.
#[inline(never)]
fn stack_pointer() -> usize {
    let here = 0_u8;
    std::ptr::from_ref(std::hint::black_box(&here)).addr()
}
