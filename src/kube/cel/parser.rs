//! From tokens to expressions: recursive descent, with the macros of CEL and of Kubernetes.

use super::Refusal;
use super::ast::{Comprehension, Element, Expr, Kind, Literal, MapEntry, Operator, Quantifier, RESERVED};
use super::lexer::{Token, tokens};

/// So deep may expressions be nested: what `cel-go` allows is more than anybody writes.
const MAX_DEPTH: usize = 100;
/// So many operators of one rank may follow each other: each makes the tree deeper by one.
const MAX_CHAIN: usize = 300;

/// Parses an expression.
///
/// # Errors
/// Where it is none.
pub(in crate::kube) fn parse(text: &str) -> Result<Expr, Refusal> {
    let mut parser = Parser { tokens: tokens(text)?, at: 0, depth: 0 };
    let expr = parser.expression()?;
    match parser.peek() {
        Token::End => Ok(expr),
        _ => Err(parser.unexpected()),
    }
}

struct Parser {
    tokens: Vec<(usize, Token)>,
    at: usize,
    depth: usize,
}

type Parsed<T> = Result<T, Refusal>;

impl Parser {
    fn peek(&self) -> &Token {
        self.tokens.get(self.at).map_or(&Token::End, |(_, token)| token)
    }

    fn offset(&self) -> usize {
        self.tokens.get(self.at).map_or(0, |(offset, _)| *offset)
    }

    fn advance(&mut self) -> Token {
        let token = self.peek().clone();
        self.at += 1;
        token
    }

    /// Whether the next token is this sign; it is taken then.
    fn takes(&mut self, sign: &str) -> bool {
        let is = matches!(self.peek(), Token::Sign(next) if *next == sign);
        self.at += usize::from(is);
        is
    }

    fn expect(&mut self, sign: &str) -> Parsed<()> {
        if self.takes(sign) { Ok(()) } else { Err(self.unexpected()) }
    }

    fn unexpected(&self) -> Refusal {
        let what = match self.peek() {
            Token::End => "the expression ends too early".to_owned(),
            Token::Sign(sign) => format!("`{sign}` cannot stand here"),
            Token::Ident(name) | Token::QuotedIdent(name) => format!("`{name}` cannot stand here"),
            _ => "a literal cannot stand here".to_owned(),
        };
        Refusal::new(self.offset(), what)
    }

    /// Takes the first of these operators that comes next.
    fn operator(&mut self, operators: &[(&str, Operator)]) -> Option<Operator> {
        operators.iter().find(|(sign, _)| self.takes(sign)).map(|(_, operator)| *operator)
    }

    fn expression(&mut self) -> Parsed<Expr> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Refusal::limit(self.offset()));
        }
        let offset = self.offset();
        let condition = self.or()?;
        let expr = if self.takes("?") {
            let then = self.or()?;
            self.expect(":")?;
            let otherwise = self.expression()?;
            let kind = Kind::Choice {
                condition: Box::new(condition),
                then: Box::new(then),
                otherwise: Box::new(otherwise),
            };
            Expr { offset, kind }
        } else {
            condition
        };
        self.depth -= 1;
        Ok(expr)
    }

    /// A chain of operators of one rank, from left to right.
    fn chain(
        &mut self,
        operators: &[(&str, Operator)],
        below: fn(&mut Self) -> Parsed<Expr>,
    ) -> Parsed<Expr> {
        let offset = self.offset();
        let mut left = below(self)?;
        let mut length = 0;
        while let Some(operator) = self.operator(operators) {
            length += 1;
            if length > MAX_CHAIN {
                return Err(Refusal::limit(offset));
            }
            let right = below(self)?;
            left = Expr {
                offset,
                kind: Kind::Binary { operator, left: Box::new(left), right: Box::new(right) },
            };
        }
        Ok(left)
    }

    fn or(&mut self) -> Parsed<Expr> {
        self.chain(&[("||", Operator::Or)], Self::and)
    }

    fn and(&mut self) -> Parsed<Expr> {
        self.chain(&[("&&", Operator::And)], Self::relation)
    }

    fn relation(&mut self) -> Parsed<Expr> {
        const RELATIONS: &[(&str, Operator)] = &[
            ("<=", Operator::LessEqual),
            (">=", Operator::GreaterEqual),
            ("<", Operator::Less),
            (">", Operator::Greater),
            ("==", Operator::Equal),
            ("!=", Operator::NotEqual),
        ];
        let offset = self.offset();
        let mut left = self.addition()?;
        loop {
            let operator = match self.peek() {
                Token::Ident(word) if word == "in" => {
                    self.at += 1;
                    Operator::In
                }
                _ => match self.operator(RELATIONS) {
                    Some(operator) => operator,
                    None => return Ok(left),
                },
            };
            let right = self.addition()?;
            left = Expr {
                offset,
                kind: Kind::Binary { operator, left: Box::new(left), right: Box::new(right) },
            };
        }
    }

    fn addition(&mut self) -> Parsed<Expr> {
        self.chain(&[("+", Operator::Add), ("-", Operator::Subtract)], Self::multiplication)
    }

    fn multiplication(&mut self) -> Parsed<Expr> {
        const PRODUCTS: &[(&str, Operator)] =
            &[("*", Operator::Multiply), ("/", Operator::Divide), ("%", Operator::Remainder)];
        self.chain(PRODUCTS, Self::unary)
    }

    fn unary(&mut self) -> Parsed<Expr> {
        let offset = self.offset();
        let (mut nots, mut minuses) = (0_usize, 0_usize);
        while self.takes("!") {
            nots += 1;
        }
        if nots == 0 {
            while self.takes("-") {
                minuses += 1;
            }
        }
        let mut expr = self.member(minuses > 0)?;
        // The sign of a literal has been taken with it.
        if minuses > 0 && matches!(expr.kind, Kind::Literal(Literal::Int(_) | Literal::Double(_))) {
            minuses -= 1;
        }
        // Two of them make a boolean of what is one.
        let nots = if nots > 2 { 2 - nots % 2 } else { nots };
        for _ in 0..nots {
            expr = Expr { offset, kind: Kind::Not(Box::new(expr)) };
        }
        if minuses % 2 == 1 {
            expr = Expr { offset, kind: Kind::Negate(Box::new(expr)) };
        }
        Ok(expr)
    }

    /// A primary expression with what follows it: `.field`, `[index]`, `.call(…)`.
    fn member(&mut self, negative: bool) -> Parsed<Expr> {
        let offset = self.offset();
        let mut expr = self.primary(negative)?;
        let mut length = 0;
        loop {
            length += 1;
            if length > MAX_CHAIN {
                return Err(Refusal::limit(offset));
            }
            if self.takes(".") {
                let optional = self.takes("?");
                let at = self.offset();
                let (field, quoted) = match self.advance() {
                    Token::Ident(name) => (name, false),
                    Token::QuotedIdent(name) => (name, true),
                    _ => {
                        self.at -= 1;
                        return Err(self.unexpected());
                    }
                };
                if !optional && !quoted && self.takes("(") {
                    let arguments = self.list_until(")")?;
                    expr = method(offset, at, expr, field, arguments)?;
                } else if !optional && matches!(self.peek(), Token::Sign("{")) && is_qualified_name(&expr) {
                    let name = format!("{}.{field}", qualified_name(&expr));
                    expr = self.message(offset, name)?;
                } else {
                    expr = Expr { offset, kind: Kind::Select { operand: Box::new(expr), field, optional } };
                }
            } else if self.takes("[") {
                let optional = self.takes("?");
                let index = self.expression()?;
                self.expect("]")?;
                let kind = Kind::Index { operand: Box::new(expr), index: Box::new(index), optional };
                expr = Expr { offset, kind };
            } else {
                return Ok(expr);
            }
        }
    }

    fn primary(&mut self, negative: bool) -> Parsed<Expr> {
        let offset = self.offset();
        let literal = |literal| Ok(Expr { offset, kind: Kind::Literal(literal) });
        match self.advance() {
            Token::Text(text) => literal(Literal::Text(text)),
            Token::Bytes(bytes) => literal(Literal::Bytes(bytes)),
            Token::Uint(value) => literal(Literal::Uint(value)),
            Token::Double(value) => literal(Literal::Double(if negative { -value } else { value })),
            Token::Int(value) => {
                let signed = if negative { -i128::from(value) } else { i128::from(value) };
                match i64::try_from(signed) {
                    Ok(value) => literal(Literal::Int(value)),
                    Err(_) => Err(Refusal::new(offset, "the number is too large")),
                }
            }
            Token::Sign("(") => {
                let inner = self.expression()?;
                self.expect(")")?;
                Ok(inner)
            }
            Token::Sign("[") => {
                let mut elements = Vec::new();
                while !self.takes("]") {
                    let optional = self.takes("?");
                    elements.push(Element { optional, value: self.expression()? });
                    if !self.takes(",") {
                        self.expect("]")?;
                        break;
                    }
                }
                Ok(Expr { offset, kind: Kind::List(elements) })
            }
            Token::Sign("{") => Ok(Expr { offset, kind: Kind::Map(self.entries(false)?) }),
            // A leading dot names what is declared outside of all containers.
            Token::Sign(".") => match self.advance() {
                Token::Ident(name) => self.name(offset, name),
                _ => {
                    self.at -= 1;
                    Err(self.unexpected())
                }
            },
            Token::Ident(name) => match name.as_str() {
                "true" => literal(Literal::Bool(true)),
                "false" => literal(Literal::Bool(false)),
                "null" => literal(Literal::Null),
                _ => self.name(offset, name),
            },
            _ => {
                self.at -= 1;
                Err(self.unexpected())
            }
        }
    }

    /// A variable, a call, or a message.
    fn name(&mut self, offset: usize, name: String) -> Parsed<Expr> {
        if name == "in" || RESERVED.contains(&name.as_str()) {
            return Err(Refusal::new(offset, format!("`{name}` is a word of CEL, and no name")));
        }
        if self.takes("(") {
            let arguments = self.list_until(")")?;
            return call(offset, name, arguments);
        }
        if matches!(self.peek(), Token::Sign("{")) {
            return self.message(offset, name);
        }
        Ok(Expr { offset, kind: Kind::Ident(name) })
    }

    fn message(&mut self, offset: usize, name: String) -> Parsed<Expr> {
        self.expect("{")?;
        Ok(Expr { offset, kind: Kind::Message { name, fields: self.entries(true)? } })
    }

    /// The entries of a map or a message, up to the closing brace.
    fn entries(&mut self, of_message: bool) -> Parsed<Vec<MapEntry>> {
        let mut entries = Vec::new();
        while !self.takes("}") {
            let optional = self.takes("?");
            let offset = self.offset();
            let key = match (of_message, self.peek().clone()) {
                (true, Token::Ident(name) | Token::QuotedIdent(name)) => {
                    self.at += 1;
                    Expr { offset, kind: Kind::Literal(Literal::Text(name)) }
                }
                (true, _) => return Err(self.unexpected()),
                (false, _) => self.expression()?,
            };
            self.expect(":")?;
            entries.push(MapEntry { optional, key, value: self.expression()? });
            if !self.takes(",") {
                self.expect("}")?;
                break;
            }
        }
        Ok(entries)
    }

    fn list_until(&mut self, close: &str) -> Parsed<Vec<Expr>> {
        let mut items = Vec::new();
        if self.takes(close) {
            return Ok(items);
        }
        loop {
            items.push(self.expression()?);
            if !self.takes(",") {
                self.expect(close)?;
                return Ok(items);
            }
        }
    }
}

fn is_qualified_name(expr: &Expr) -> bool {
    match &expr.kind {
        Kind::Ident(_) => true,
        Kind::Select { operand, optional: false, .. } => is_qualified_name(operand),
        _ => false,
    }
}

fn qualified_name(expr: &Expr) -> String {
    match &expr.kind {
        Kind::Ident(name) => name.clone(),
        Kind::Select { operand, field, .. } => format!("{}.{field}", qualified_name(operand)),
        _ => String::new(),
    }
}

/// A call without a target: `has` is a macro.
fn call(offset: usize, function: String, mut arguments: Vec<Expr>) -> Parsed<Expr> {
    if function == "has" && arguments.len() == 1 {
        let argument = arguments.pop().map(|argument| argument.kind);
        return match argument {
            Some(Kind::Select { operand, field, optional: false }) => {
                Ok(Expr { offset, kind: Kind::Has { operand, field } })
            }
            _ => Err(Refusal::new(offset, "`has` takes a field, as `has(self.a)`")),
        };
    }
    Ok(Expr { offset, kind: Kind::Call { target: None, function, arguments } })
}

/// A call with a target, or a macro.
fn method(offset: usize, at: usize, target: Expr, function: String, arguments: Vec<Expr>) -> Parsed<Expr> {
    let quantifier = match (function.as_str(), arguments.len()) {
        ("all", 2 | 3) => Quantifier::All,
        ("exists", 2 | 3) => Quantifier::Exists,
        ("exists_one" | "existsOne", 2 | 3) => Quantifier::ExistsOne,
        ("filter", 2) => Quantifier::Filter,
        ("map", 2 | 3) | ("transformList", 3 | 4) => Quantifier::Map,
        ("transformMap", 3 | 4) => Quantifier::TransformMap,
        ("transformMapEntry", 3 | 4) => Quantifier::TransformMapEntry,
        ("optMap", 2) => Quantifier::OptMap,
        ("optFlatMap", 2) => Quantifier::OptFlatMap,
        ("bind", 3) if matches!(&target.kind, Kind::Ident(name) if name == "cel") => {
            return bind(offset, arguments);
        }
        _ => {
            let kind = Kind::Call { target: Some(Box::new(target)), function, arguments };
            return Ok(Expr { offset, kind });
        }
    };
    let two_names = match function.as_str() {
        "transformList" | "transformMap" | "transformMapEntry" => true,
        "map" => false,
        _ => arguments.len() == 3,
    };
    let count = if two_names { 2 } else { 1 };
    let mut names = Vec::new();
    let mut arguments = arguments.into_iter();
    for argument in arguments.by_ref().take(count) {
        match argument.kind {
            Kind::Ident(name) => names.push(name),
            _ => {
                return Err(Refusal::new(
                    argument.offset,
                    format!("`{function}` takes the name of a variable here"),
                ));
            }
        }
    }
    let mut parts: Vec<Expr> = arguments.collect();
    let (Some(body), filter) = (parts.pop(), parts.pop()) else {
        return Err(Refusal::new(at, format!("`{function}` takes more arguments")));
    };
    let comprehension = Comprehension { quantifier, range: target, names, filter, body };
    Ok(Expr { offset, kind: Kind::Comprehension(Box::new(comprehension)) })
}

fn bind(offset: usize, arguments: Vec<Expr>) -> Parsed<Expr> {
    let mut arguments = arguments.into_iter();
    match (arguments.next(), arguments.next(), arguments.next()) {
        (Some(Expr { kind: Kind::Ident(name), .. }), Some(value), Some(body)) => {
            Ok(Expr { offset, kind: Kind::Bind { name, value: Box::new(value), body: Box::new(body) } })
        }
        _ => Err(Refusal::new(offset, "`cel.bind` takes the name of a variable first")),
    }
}
