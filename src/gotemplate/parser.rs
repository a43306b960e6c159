//! From words to parsed templates.

use std::sync::Arc;

use super::ast::{
    At, Callee, Command, Condition, Invocation, List, Names, Node, Operand, OperandKind, Pipe, Range,
    Template, Unit, Variable,
};
use super::error::ErrorKind;
use super::function::Function;
use super::lexer::{Keyword, Kind, Lexer, Word};
use super::{number, quote};
use crate::limits::Limit;

/// Blocks and parentheses inside each other. Templates that are nested as deep would overflow the stack.
const DEPTH: usize = 200;

/// Commands of one pipeline, as in Go.
const COMMANDS: usize = 100_000;

/// Finds functions by their names.
pub(super) trait Functions {
    /// A function of a host.
    fn host(&self, name: &str) -> Option<&'static Function>;
    /// One of Go's own.
    fn builtin(&self, name: &str) -> Option<&'static Function>;
}

/// What is wrong with the text of a template, and where.
#[derive(Debug)]
pub(super) struct Wrong {
    pub message: String,
    pub at: At,
    pub kind: ErrorKind,
}

/// Parses a unit: gives the template that it is itself, and those that it defines.
pub(super) fn parse(unit: &Arc<Unit>, functions: &dyn Functions) -> Result<Vec<Template>, Wrong> {
    let mut parser = Parser {
        lexer: Lexer::new(&unit.text),
        unit,
        functions,
        ahead: Vec::new(),
        last: At::default(),
        scope: Scope::default(),
        depth: 0,
        defined: Vec::new(),
    };
    let body = parser.top_level()?;
    let name = unit.name.clone();
    parser.define(name, body)?;
    Ok(parser.defined)
}

struct Parser<'p> {
    lexer: Lexer<'p>,
    unit: &'p Arc<Unit>,
    functions: &'p dyn Functions,
    /// Words that were looked at and put back, the next one last.
    ahead: Vec<Word>,
    /// The word that was read last, for errors.
    last: At,
    scope: Scope,
    depth: usize,
    defined: Vec<Template>,
}

/// The variables of a template.
struct Scope {
    /// Those that there are at this place when the template runs, by their slots.
    names: Vec<Arc<str>>,
    /// Those that Go's parser knows: it forgets them later, so that what a branch declares is known in its `else`.
    known: Vec<Arc<str>>,
    most: usize,
    loops: usize,
}

impl Default for Scope {
    fn default() -> Scope {
        let dollar: Arc<str> = Arc::from("$");
        Scope { names: vec![dollar.clone()], known: vec![dollar], most: 1, loops: 0 }
    }
}

impl Scope {
    fn declare(&mut self, name: Arc<str>) -> Variable {
        self.names.push(name);
        self.most = self.most.max(self.names.len());
        Variable::Slot(self.names.len() - 1)
    }

    fn find(&self, name: &str) -> Variable {
        match self.names.iter().rposition(|known| **known == *name) {
            Some(slot) => Variable::Slot(slot),
            None => Variable::Undefined(Arc::from(name)),
        }
    }
}

/// How a list of nodes ended.
enum Ended {
    End,
    Else,
}

/// What a node came to.
enum Item {
    Node(Node),
    End,
    Else,
}

type Parsed<T> = Result<T, Wrong>;

fn at(word: Word) -> At {
    // No text of more than 4 GiB is read.
    At { start: word.start as u32, end: word.end as u32 }
}

impl Parser<'_> {
    fn bytes(&self, word: Word) -> &[u8] {
        self.unit.text.get(word.start..word.end).unwrap_or_default()
    }

    /// A word that is a name: these are letters and digits.
    fn name(&self, word: Word) -> Arc<str> {
        Arc::from(String::from_utf8_lossy(self.bytes(word)))
    }

    fn wrong<T>(&self, message: impl Into<String>) -> Parsed<T> {
        Err(Wrong { message: message.into(), at: self.last, kind: ErrorKind::Syntax })
    }

    fn unexpected<T>(&mut self, word: Word, context: &str) -> Parsed<T> {
        self.last = at(word);
        let shown = match word.kind {
            Kind::End => "EOF".to_owned(),
            Kind::Keyword(_) | Kind::Dot | Kind::Nil => {
                format!("<{}>", String::from_utf8_lossy(self.bytes(word)))
            }
            _ => {
                let text = self.bytes(word);
                // Ten characters say enough.
                let cut = String::from_utf8_lossy(text).char_indices().nth(10).map(|(at, _)| at);
                let more = if cut.is_some() { "..." } else { "" };
                format!("{}{more}", quote::quoted(text.get(..cut.unwrap_or(text.len())).unwrap_or(text)))
            }
        };
        self.wrong(format!("unexpected {shown} in {context}"))
    }

    fn next(&mut self) -> Parsed<Word> {
        let word = match self.ahead.pop() {
            Some(word) => word,
            None => self.lexer.next().map_err(|wrong| Wrong {
                message: wrong.message,
                at: At { start: wrong.start as u32, end: wrong.end as u32 },
                kind: ErrorKind::Syntax,
            })?,
        };
        self.last = at(word);
        Ok(word)
    }

    fn put_back(&mut self, word: Word) {
        self.ahead.push(word);
    }

    fn peek(&mut self) -> Parsed<Word> {
        let word = self.next()?;
        self.put_back(word);
        Ok(word)
    }

    fn next_after_space(&mut self) -> Parsed<Word> {
        loop {
            let word = self.next()?;
            if word.kind != Kind::Space {
                return Ok(word);
            }
        }
    }

    fn peek_after_space(&mut self) -> Parsed<Word> {
        let word = self.next_after_space()?;
        self.put_back(word);
        Ok(word)
    }

    fn expect_end_of_action(&mut self, context: &str) -> Parsed<Word> {
        let word = self.next_after_space()?;
        if word.kind == Kind::RightDelimiter { Ok(word) } else { self.unexpected(word, context) }
    }

    /// One level deeper in blocks or parentheses.
    fn deeper<T>(&mut self, parse: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth >= DEPTH {
            let message = format!("more than {DEPTH} blocks and parentheses inside each other");
            return Err(Wrong { message, at: self.last, kind: ErrorKind::Limit(Limit::Nesting) });
        }
        self.depth += 1;
        let parsed = parse(self);
        self.depth -= 1;
        parsed
    }

    /// The whole text: here alone `define` may stand.
    fn top_level(&mut self) -> Parsed<List> {
        let mut nodes = Vec::new();
        loop {
            let word = self.next()?;
            match word.kind {
                Kind::End => return Ok(nodes.into_boxed_slice()),
                Kind::LeftDelimiter => {
                    let first = self.next_after_space()?;
                    if first.kind == Kind::Keyword(Keyword::Define) {
                        self.definition()?;
                        continue;
                    }
                    self.put_back(first);
                }
                _ => {}
            }
            self.put_back_or_text(word, &mut nodes)?;
        }
    }

    fn put_back_or_text(&mut self, word: Word, nodes: &mut Vec<Node>) -> Parsed<()> {
        match self.text_or_action(word)? {
            Item::Node(node) => nodes.push(node),
            Item::End => return self.wrong("unexpected {{end}}"),
            Item::Else => return self.wrong("unexpected {{else}}"),
        }
        Ok(())
    }

    fn definition(&mut self) -> Parsed<()> {
        const CONTEXT: &str = "define clause";
        let word = self.next_after_space()?;
        let name = self.template_name(word, CONTEXT)?;
        self.expect_end_of_action(CONTEXT)?;
        self.template(name, CONTEXT)
    }

    /// The body of a `define` or `block`, which has variables of its own.
    fn template(&mut self, name: Arc<str>, context: &str) -> Parsed<()> {
        let outer = std::mem::take(&mut self.scope);
        let (body, ended) = self.deeper(Self::list)?;
        if let Ended::Else = ended {
            return self.wrong(format!("unexpected {{{{else}}}} in {context}"));
        }
        self.define(name, body)?;
        self.scope = outer;
        Ok(())
    }

    fn define(&mut self, name: Arc<str>, body: List) -> Parsed<()> {
        let is_empty = body.iter().all(|node| match node {
            Node::Text(at) => {
                let text = self.unit.text.get(at.start as usize..at.end as usize).unwrap_or_default();
                String::from_utf8_lossy(text).trim().is_empty()
            }
            _ => false,
        });
        let variables = self.scope.most;
        let template = Template { name, unit: self.unit.clone(), body, variables, is_empty };
        match self.defined.iter_mut().find(|known| known.name == template.name) {
            Some(known) if known.is_empty => *known = template,
            Some(_) if template.is_empty => {}
            Some(_) => {
                let shown = quote::quoted(template.name.as_bytes());
                return self.wrong(format!("multiple definition of template {shown}"));
            }
            None => self.defined.push(template),
        }
        Ok(())
    }

    fn template_name(&mut self, word: Word, context: &str) -> Parsed<Arc<str>> {
        if !matches!(word.kind, Kind::String | Kind::RawString) {
            return self.unexpected(word, context);
        }
        match quote::unquote(self.bytes(word)) {
            Some(name) => Ok(Arc::from(String::from_utf8_lossy(&name))),
            None => self.wrong("invalid syntax"),
        }
    }

    /// Nodes up to an `end` or `else`.
    fn list(&mut self) -> Parsed<(List, Ended)> {
        let mut nodes = Vec::new();
        loop {
            let word = self.next_after_space()?;
            if word.kind == Kind::End {
                return self.wrong("unexpected EOF");
            }
            match self.text_or_action(word)? {
                Item::Node(node) => nodes.push(node),
                Item::End => return Ok((nodes.into_boxed_slice(), Ended::End)),
                Item::Else => return Ok((nodes.into_boxed_slice(), Ended::Else)),
            }
        }
    }

    fn text_or_action(&mut self, word: Word) -> Parsed<Item> {
        match word.kind {
            Kind::Text => Ok(Item::Node(Node::Text(at(word)))),
            Kind::LeftDelimiter => self.action(),
            _ => self.unexpected(word, "input"),
        }
    }

    fn action(&mut self) -> Parsed<Item> {
        let word = self.next_after_space()?;
        let Kind::Keyword(keyword) = word.kind else {
            self.put_back(word);
            let pipe = self.pipe("command", Kind::RightDelimiter)?;
            return Ok(Item::Node(Node::Print(pipe)));
        };
        let node = match keyword {
            Keyword::Block => self.block(word)?,
            Keyword::Break => {
                self.leaves_loop("{{break}}")?;
                Node::Break
            }
            Keyword::Continue => {
                self.leaves_loop("{{continue}}")?;
                Node::Continue
            }
            Keyword::Define => return self.unexpected(word, "command"),
            Keyword::Else => {
                let next = self.peek_after_space()?;
                if !matches!(next.kind, Kind::Keyword(Keyword::If | Keyword::With)) {
                    self.expect_end_of_action("else")?;
                }
                return Ok(Item::Else);
            }
            Keyword::End => {
                self.expect_end_of_action("end")?;
                return Ok(Item::End);
            }
            Keyword::If => self.deeper(|parser| parser.condition("if"))?,
            Keyword::With => self.deeper(|parser| parser.condition("with"))?,
            Keyword::Range => self.deeper(Self::range)?,
            Keyword::Template => self.invocation(word)?,
        };
        Ok(Item::Node(node))
    }

    fn leaves_loop(&mut self, shown: &str) -> Parsed<()> {
        self.expect_end_of_action(shown)?;
        if self.scope.loops == 0 { self.wrong(format!("{shown} outside {{{{range}}}}")) } else { Ok(()) }
    }

    /// `if` or `with`, with all its branches.
    fn condition(&mut self, keyword: &'static str) -> Parsed<Node> {
        let (names, known) = (self.scope.names.len(), self.scope.known.len());
        let mut branches = Vec::new();
        let mut otherwise = List::default();
        loop {
            let pipe = self.pipe(keyword, Kind::RightDelimiter)?;
            let before = self.scope.names.len();
            let (body, ended) = self.list()?;
            // What a branch declares is not there in another one; what the pipe declares is.
            self.scope.names.truncate(before);
            branches.push((pipe, body));
            if let Ended::End = ended {
                break;
            }
            let next = self.peek()?;
            let again = match next.kind {
                Kind::Keyword(Keyword::If) => keyword == "if",
                Kind::Keyword(Keyword::With) => keyword == "with",
                _ => false,
            };
            if again {
                self.next()?;
                continue;
            }
            let (list, ended) = self.list()?;
            if let Ended::Else = ended {
                return self.wrong("expected end; found {{else}}");
            }
            otherwise = list;
            break;
        }
        self.scope.names.truncate(names);
        self.scope.known.truncate(known);
        let branches = branches.into_boxed_slice();
        Ok(Node::Condition(Box::new(Condition { sets_dot: keyword == "with", branches, otherwise })))
    }

    fn range(&mut self) -> Parsed<Node> {
        let (names, known) = (self.scope.names.len(), self.scope.known.len());
        let pipe = self.pipe("range", Kind::RightDelimiter)?;
        let before = self.scope.names.len();
        self.scope.loops += 1;
        let (body, ended) = self.list()?;
        self.scope.loops -= 1;
        self.scope.names.truncate(before);
        let mut otherwise = List::default();
        if let Ended::Else = ended {
            let (list, ended) = self.list()?;
            if let Ended::Else = ended {
                return self.wrong("expected end; found {{else}}");
            }
            otherwise = list;
        }
        self.scope.names.truncate(names);
        self.scope.known.truncate(known);
        Ok(Node::Range(Box::new(Range { pipe, body, otherwise })))
    }

    fn block(&mut self, keyword: Word) -> Parsed<Node> {
        const CONTEXT: &str = "block clause";
        let word = self.next_after_space()?;
        let name = self.template_name(word, CONTEXT)?;
        let pipe = self.pipe(CONTEXT, Kind::RightDelimiter)?;
        let at = At { start: keyword.start as u32, end: pipe.at.end };
        self.template(name.clone(), CONTEXT)?;
        Ok(Node::Template(Box::new(Invocation { at, name, pipe: Some(pipe) })))
    }

    fn invocation(&mut self, keyword: Word) -> Parsed<Node> {
        const CONTEXT: &str = "template clause";
        let word = self.next_after_space()?;
        let name = self.template_name(word, CONTEXT)?;
        let next = self.next_after_space()?;
        let mut end = word.end as u32;
        let mut pipe = None;
        if next.kind != Kind::RightDelimiter {
            self.put_back(next);
            let parsed = self.pipe(CONTEXT, Kind::RightDelimiter)?;
            end = parsed.at.end;
            pipe = Some(parsed);
        }
        let at = At { start: keyword.start as u32, end };
        Ok(Node::Template(Box::new(Invocation { at, name, pipe })))
    }

    /// Declarations and commands, up to the end of the action or parenthesis, which is read.
    fn pipe(&mut self, context: &str, end: Kind) -> Parsed<Pipe> {
        let start = self.peek_after_space()?.start as u32;
        let (names, declares) = self.declarations(context)?;
        let mut commands: Vec<Command> = Vec::new();
        let mut ends_at = start;
        loop {
            let word = self.next_after_space()?;
            match word.kind {
                kind if kind == end => break,
                Kind::Bool
                | Kind::Character
                | Kind::Complex
                | Kind::Dot
                | Kind::Field
                | Kind::Identifier
                | Kind::Number
                | Kind::Nil
                | Kind::RawString
                | Kind::String
                | Kind::Variable
                | Kind::LeftParenthesis => {
                    self.put_back(word);
                    let command = self.command()?;
                    ends_at = command.args.last().map_or(command.word.at.end, |last| last.at.end);
                    commands.push(command);
                    if commands.len() > COMMANDS {
                        return self.wrong("pipeline too long");
                    }
                }
                _ => return self.unexpected(word, context),
            }
        }
        if commands.is_empty() {
            return self.wrong(format!("missing value for {context}"));
        }
        for (index, command) in commands.iter().enumerate().skip(1) {
            use OperandKind::{Bool, Dot, Nil, Number, String};
            if matches!(command.word.kind, Bool(_) | Dot | Nil | Number(_) | String { .. }) {
                self.last = command.word.at;
                return self.wrong(format!("non executable command in pipeline stage {}", index + 1));
            }
        }
        // A variable is there behind its pipe: what stands in it means another one of the same name.
        let sets = names.into_iter().map(|name| match declares {
            true => self.scope.declare(name),
            false => self.scope.find(&name),
        });
        let sets = sets.collect();
        let at = At { start, end: ends_at };
        Ok(Pipe { at, commands: commands.into_boxed_slice(), sets })
    }

    /// `$x :=`, `$x, $y :=`, or with `=`: the names, and whether they are declared.
    fn declarations(&mut self, context: &str) -> Parsed<(Vec<Arc<str>>, bool)> {
        let mut names = Vec::new();
        loop {
            let variable = self.peek_after_space()?;
            if variable.kind != Kind::Variable {
                return Ok((names, true));
            }
            self.next()?;
            let after = self.peek()?;
            let next = self.peek_after_space()?;
            let is_comma = next.kind == Kind::Sign && self.bytes(next) == b",";
            match next.kind {
                Kind::Assign | Kind::Declare => {
                    self.next_after_space()?;
                    self.known(variable, &mut names);
                    return Ok((names, next.kind == Kind::Declare));
                }
                _ if is_comma => {
                    self.next_after_space()?;
                    self.known(variable, &mut names);
                    if context != "range" || names.len() >= 2 {
                        return self.wrong(format!("too many declarations in {context}"));
                    }
                    let next = self.peek_after_space()?;
                    if !matches!(next.kind, Kind::Variable | Kind::RightDelimiter | Kind::RightParenthesis) {
                        return self.wrong("range can only initialize variables");
                    }
                }
                _ => {
                    // An argument, not a declaration. The space tells `$x .y` from `$x.y`.
                    if after.kind == Kind::Space {
                        self.put_back(after);
                    }
                    self.put_back(variable);
                    return Ok((names, true));
                }
            }
        }
    }

    fn known(&mut self, variable: Word, names: &mut Vec<Arc<str>>) {
        let name = self.name(variable);
        self.scope.known.push(name.clone());
        names.push(name);
    }

    /// Operands up to a `|`, which is read, or the end of the pipe, which is not.
    fn command(&mut self) -> Parsed<Command> {
        let mut operands = Vec::new();
        loop {
            self.peek_after_space()?;
            if let Some(operand) = self.operand()? {
                operands.push(operand);
            }
            let word = self.next()?;
            match word.kind {
                Kind::Space => {}
                Kind::RightDelimiter | Kind::RightParenthesis => {
                    self.put_back(word);
                    break;
                }
                Kind::Pipe => break,
                _ => return self.unexpected(word, "operand"),
            }
        }
        let mut operands = operands.into_iter();
        match operands.next() {
            Some(word) => Ok(Command { word, args: operands.collect() }),
            None => self.wrong("empty command"),
        }
    }

    /// A term with the fields behind it.
    fn operand(&mut self) -> Parsed<Option<Operand>> {
        let Some(mut operand) = self.term()? else { return Ok(None) };
        let mut names = Vec::new();
        while self.peek()?.kind == Kind::Field {
            let word = self.next()?;
            names.push(self.field_name(word));
            operand.at.end = word.end as u32;
        }
        if names.is_empty() {
            return Ok(Some(operand));
        }
        operand.kind = match operand.kind {
            OperandKind::Field(first) => OperandKind::Field(joined(first, names)),
            OperandKind::Variable(variable, first) => OperandKind::Variable(variable, joined(first, names)),
            OperandKind::Bool(_)
            | OperandKind::String { .. }
            | OperandKind::Number(_)
            | OperandKind::Nil
            | OperandKind::Dot => {
                self.last = operand.at;
                return self.wrong("unexpected . after term");
            }
            kind => {
                let base = Operand { at: operand.at, kind };
                OperandKind::Chain(Box::new(base), names.into_boxed_slice())
            }
        };
        Ok(Some(operand))
    }

    fn field_name(&self, word: Word) -> Box<str> {
        String::from_utf8_lossy(self.bytes(word).get(1..).unwrap_or_default()).into()
    }

    fn term(&mut self) -> Parsed<Option<Operand>> {
        let word = self.next_after_space()?;
        let mut place = at(word);
        let kind = match word.kind {
            Kind::Identifier => OperandKind::Function(self.function(word)?),
            Kind::Dot => OperandKind::Dot,
            Kind::Nil => OperandKind::Nil,
            Kind::Variable => {
                let name = self.name(word);
                if !self.scope.known.contains(&name) {
                    return self.wrong(format!("undefined variable {}", quote::quoted(name.as_bytes())));
                }
                OperandKind::Variable(self.scope.find(&name), Names::default())
            }
            Kind::Field => OperandKind::Field(Box::new([self.field_name(word)])),
            Kind::Bool => OperandKind::Bool(self.bytes(word) == b"true"),
            Kind::Complex => return self.wrong("complex numbers are not supported"),
            Kind::Number | Kind::Character => {
                match number::constant(self.bytes(word), word.kind == Kind::Character) {
                    Ok(number) => OperandKind::Number(number),
                    Err(message) => return self.wrong(message),
                }
            }
            Kind::LeftParenthesis => {
                let pipe =
                    self.deeper(|parser| parser.pipe("parenthesized pipeline", Kind::RightParenthesis))?;
                place.end = self.last.end;
                OperandKind::Pipe(Box::new(pipe))
            }
            Kind::String | Kind::RawString => {
                let quoted = self.bytes(word);
                let Some(text) = quote::unquote(quoted) else { return self.wrong("invalid syntax") };
                let same = quoted.get(1..quoted.len() - 1) == Some(text.as_slice());
                let verbatim = same.then_some(At { start: place.start + 1, end: place.end - 1 });
                OperandKind::String { text: text.into_boxed_slice(), verbatim }
            }
            _ => {
                self.put_back(word);
                return Ok(None);
            }
        };
        Ok(Some(Operand { at: place, kind }))
    }

    fn function(&self, word: Word) -> Parsed<Callee> {
        let name = self.name(word);
        if let Some(function) = self.functions.host(&name) {
            return Ok(Callee { function, ends_at: None });
        }
        let Some(function) = self.functions.builtin(&name) else {
            return self.wrong(format!("function {} not defined", quote::quoted(name.as_bytes())));
        };
        let ends_at = match function.name {
            "and" => Some(false),
            "or" => Some(true),
            _ => None,
        };
        Ok(Callee { function, ends_at })
    }
}

fn joined(first: Names, more: Vec<Box<str>>) -> Names {
    first.into_iter().chain(more).collect()
}
