//! Items as one text or one value: what a helper prints that is no piece of YAML.

use super::symbols::{Expression, Form, Item, Layout, Shape, quoted};
use crate::helm::tree::Tree;
use crate::template::go_syntax::{Binds, Translated, choice, infix};

/// Texts, one behind the other.
pub(super) fn joined(parts: &[Translated]) -> Translated {
    let Some((first, rest)) = parts.split_first() else { return Translated::new("\"\"", Binds::Operand) };
    rest.iter().fold(first.clone(), |all, next| infix(&all, "~", next, Binds::Sum))
}

/// What the first words of a text are a part of.
pub(super) fn shape_of(text: &str) -> Shape {
    let first = text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'));
    match first.is_some_and(|line| line == "-" || line.starts_with("- ")) {
        true => Shape::List,
        false => Shape::Map,
    }
}

pub(super) fn has_loop(items: &[Item<'_>]) -> bool {
    items.iter().any(|item| match item {
        Item::For { .. } => true,
        Item::If { branches, otherwise } => {
            branches.iter().any(|(_, body)| has_loop(body)) || has_loop(otherwise)
        }
        _ => false,
    })
}

/// Whether what is printed is one line of text, and no piece of YAML.
pub(super) fn is_one_line(items: &[Item<'_>]) -> bool {
    let last = items.len().saturating_sub(1);
    items.iter().enumerate().all(|(index, item)| match item {
        Item::Text(text) => {
            // Blanks around all of it count for nothing, and a line break between two parts does.
            let line = match (index, index == last) {
                (0, true) => text.trim(),
                (0, false) => text.trim_start(),
                (_, true) => text.trim_end(),
                (_, false) => text,
            };
            !line.contains('\n') && !line.contains(": ") && !line.starts_with("- ")
        }
        Item::Print(value, _) => {
            matches!(value.form, Form::Plain | Form::Quoted(_)) && value.layout == Layout::Inline
        }
        Item::Lines(..) => false,
        Item::If { branches, otherwise } => {
            branches.iter().all(|(_, body)| is_one_line(body)) && is_one_line(otherwise)
        }
        Item::For { body, otherwise, .. } => is_one_line(body) && is_one_line(otherwise),
        Item::Set { .. } | Item::Statement(_) | Item::Comment(_) | Item::Note(_) => true,
    })
}

/// Statements that append what is printed to a variable; none if it has no text.
pub(super) fn append<'t>(items: &[Item<'t>], target: &str, statements: &mut Vec<Item<'t>>) -> Option<()> {
    let mut parts: Vec<Translated> = Vec::new();
    let flush = |parts: &mut Vec<Translated>, statements: &mut Vec<Item<'t>>| {
        if !parts.is_empty() {
            let mut all = vec![Translated::new(target, Binds::Operand)];
            all.append(parts);
            statements.push(Item::Set { name: target.to_owned(), value: joined(&all).text });
        }
    };
    for item in items {
        match item {
            Item::Text(text) => parts.push(Translated::new(quoted(text), Binds::Operand)),
            Item::Print(value, _) => {
                let text = value.plain().ok()?.in_joined();
                let moved = |text: &Translated, width: usize| {
                    let margin = " ".repeat(width.min(200));
                    let code = format!(
                        "{} | replace(\"\\n\", {})",
                        text.at_least(Binds::Filter),
                        quoted(&format!("\n{margin}"))
                    );
                    (Translated::new(code, Binds::Filter), margin)
                };
                match value.layout {
                    Layout::Inline => parts.push(text),
                    Layout::NewLine(width) => {
                        let (text, margin) = moved(&text, width);
                        parts.push(Translated::new(quoted(&format!("\n{margin}")), Binds::Operand));
                        parts.push(text);
                    }
                    Layout::Indented(width) => {
                        let (text, margin) = moved(&text, width);
                        parts.push(Translated::new(quoted(&margin), Binds::Operand));
                        parts.push(text);
                    }
                }
            }
            Item::If { branches, otherwise } => {
                flush(&mut parts, statements);
                let mut made = Vec::new();
                for (test, body) in branches {
                    let mut inner = Vec::new();
                    append(body, target, &mut inner)?;
                    made.push((test.clone(), inner));
                }
                let mut inner = Vec::new();
                append(otherwise, target, &mut inner)?;
                statements.push(Item::If { branches: made, otherwise: inner });
            }
            Item::For { head, is_filled, body, otherwise } => {
                flush(&mut parts, statements);
                let mut inner = Vec::new();
                append(body, target, &mut inner)?;
                let mut none = Vec::new();
                append(otherwise, target, &mut none)?;
                statements.push(Item::For {
                    head: head.clone(),
                    is_filled: *is_filled,
                    body: inner,
                    otherwise: none,
                });
            }
            Item::Set { .. } | Item::Statement(_) => {
                flush(&mut parts, statements);
                statements.push(item.clone());
            }
            Item::Comment(_) => {}
            Item::Note(_) | Item::Lines(..) => return None,
        }
    }
    flush(&mut parts, statements);
    Some(())
}

pub(super) fn is_blank(item: &Item<'_>) -> bool {
    matches!(item, Item::Text(text) if text.trim().is_empty())
}

/// Without blanks at both ends.
pub(super) fn trimmed(mut items: Vec<Item<'_>>) -> Vec<Item<'_>> {
    while items.last().is_some_and(is_blank) {
        items.pop();
    }
    let blanks = items.iter().take_while(|item| is_blank(item)).count();
    items.drain(..blanks);
    if let Some(Item::Text(text)) = items.last_mut() {
        text.truncate(text.trim_end().len());
    }
    if let Some(Item::Text(text)) = items.first_mut() {
        *text = text.trim_start().to_owned();
    }
    items
}

pub(super) fn has_note(items: &[Item<'_>]) -> bool {
    items.iter().any(|item| match item {
        Item::Note(_) => true,
        Item::If { branches, otherwise } => {
            branches.iter().any(|(_, body)| has_note(body)) || has_note(otherwise)
        }
        Item::For { body, otherwise, .. } => has_note(body) || has_note(otherwise),
        Item::Lines(lines, _) => has_note(lines),
        _ => false,
    })
}

/// Items that print one text, as an expression; none for what prints lines, or a piece of YAML.
pub(super) fn concatenated<'t>(items: &[Item<'t>]) -> Option<Expression<'t>> {
    if let [Item::Print(only, _)] = items {
        let is_piece = matches!(only.form, Form::Fragment(_)) || only.layout != Layout::Inline;
        return (!is_piece || matches!(only.form, Form::Yaml))
            .then(|| Expression { layout: Layout::Inline, ..only.clone() });
    }
    let mut parts: Vec<Translated> = Vec::new();
    let mut constant = Some(String::new());
    let mut choices = Vec::new();
    for (index, item) in items.iter().enumerate() {
        match item {
            Item::Text(text) => {
                // `host:` with a port behind it is no key.
                let is_key = text.contains(": ") || (text.ends_with(':') && index + 1 == items.len());
                if text.contains('\n') || is_key || text.starts_with("- ") {
                    return None;
                }
                let part = Expression::constant(text);
                constant = constant.map(|before| before + text);
                parts.push(part.code);
            }
            Item::Print(value, _) => {
                let is_piece =
                    matches!(value.form, Form::Fragment(_) | Form::Yaml) || value.layout != Layout::Inline;
                if is_piece {
                    return None;
                }
                constant = match (constant, &value.constant) {
                    (Some(before), Some(text)) if value.form == Form::Plain => Some(before + text),
                    _ => None,
                };
                parts.push(value.plain().ok()?.in_joined());
            }
            Item::If { branches, otherwise } => {
                constant = None;
                let (mut code, mut all) = part_of(otherwise)?;
                for (test, body) in branches.iter().rev() {
                    let (body, more) = part_of(body)?;
                    all = all.zip(more).map(|(all, more)| [all, more].concat());
                    code = choice(test, &body, &code);
                }
                if items.len() == 1 {
                    choices = all.unwrap_or_default();
                }
                parts.push(code);
            }
            Item::Comment(_) => {}
            _ => return None,
        }
    }
    if parts.is_empty() {
        return None;
    }
    if let Some(text) = constant {
        return Some(Expression::constant(&text));
    }
    let code = joined(&parts);
    Some(Expression { choices, ..Expression::text(code.text, code.binds) })
}

/// A branch inside of a text, and what it can be.
pub(super) fn part_of(items: &[Item<'_>]) -> Option<(Translated, Option<Vec<String>>)> {
    if items.is_empty() {
        return Some((Translated::new("\"\"", Binds::Operand), Some(vec![String::new()])));
    }
    let value = concatenated(items)?;
    match value.form {
        Form::Plain | Form::Quoted(_) => {
            let choices = Some(value.all_choices()).filter(|all| !all.is_empty());
            Some((value.plain().ok()?.in_joined(), choices))
        }
        _ => None,
    }
}

/// What is known of a value that is one of two; none if they are printed in ways that do not fit.
pub(super) fn either<'t>(one: &Expression<'t>, other: &Expression<'t>) -> Option<Expression<'t>> {
    let is_nothing = |value: &Expression<'t>| value.constant.as_deref() == Some("");
    let form = match (one.form, other.form) {
        (one, other) if one == other => one,
        (form, _) if is_nothing(other) => form,
        (_, form) if is_nothing(one) => form,
        // A value and its YAML are one, if the value is no text.
        (Form::Yaml, Form::Plain) | (Form::Plain, Form::Yaml) => Form::Yaml,
        (Form::Quoted(_), Form::Plain) | (Form::Plain, Form::Quoted(_)) => Form::Plain,
        _ => return None,
    };
    let known =
        if one.known.is_some_and(|known| !matches!(known, Tree::Nil)) { one.known } else { other.known };
    let (mine, its) = (one.all_choices(), other.all_choices());
    let choices = if mine.is_empty() || its.is_empty() { Vec::new() } else { [mine, its].concat() };
    let is_text_or_yaml =
        one.is_text_or_yaml || other.is_text_or_yaml || (one.form != other.form && form == Form::Yaml);
    Some(Expression {
        form,
        known,
        is_text_or_yaml,
        choices,
        is_nullable: one.is_nullable || other.is_nullable,
        is_text: one.is_text && other.is_text,
        constant: None,
        ..Expression::value("", Binds::Operand)
    })
}

/// What a helper prints is a part of.
pub(super) fn shape_of_items(items: &[Item<'_>]) -> Shape {
    fn first(items: &[Item<'_>]) -> Option<Shape> {
        items.iter().find_map(|item| match item {
            Item::Text(text) if !text.trim().is_empty() => Some(shape_of(text)),
            Item::Lines(lines, _) => first(lines),
            Item::Print(value, _) => match value.form {
                Form::Fragment(shape) => Some(shape),
                _ if value.is_list() => Some(Shape::List),
                _ => Some(Shape::Map),
            },
            Item::If { branches, otherwise } => {
                branches.iter().find_map(|(_, body)| first(body)).or_else(|| first(otherwise))
            }
            Item::For { body, .. } => first(body),
            _ => None,
        })
    }
    first(items).unwrap_or(Shape::Map)
}
