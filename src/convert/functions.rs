//! Calls of functions of Helm's templates: those of which it is certain what they are in a bound template.
//!
//! What is written alike for every reader is in one table, that of `template::go_syntax`; here is what has to be exact where a
//! value may be missing, and what is not a value at all (`include`, `toYaml`, `nindent`).

use std::rc::Rc;

use super::expressions::{Evaluated, subscript};
use super::scope::{Scope, Variable as Held};
use super::symbols::{Expression, Form, Item, Layout, Symbol, Unsure, quoted};
use super::texts::joined;
use super::translator::Translator;
use crate::gotemplate::ast::{Command, OperandKind, Variable};
use crate::helm::tree::Tree;
use crate::template::go_syntax::{self, Binds, Called, Translated, arithmetic_sign, choice, infix};

/// Functions that the shared table writes with the same meaning, when all their arguments have values.
const SAME: &[&str] = &[
    "ne",
    "lt",
    "le",
    "gt",
    "ge",
    "not",
    "ternary",
    "upper",
    "lower",
    "title",
    "replace",
    "join",
    "splitList",
    "uniq",
    "b64enc",
    "urlquery",
];

/// What is said of a text that is run as a template.
const OWN_TEMPLATE: &str =
    "the text is a template itself, by the chart's own values: make what it prints settings";

impl<'t> Translator<'t> {
    pub(super) fn call(
        &mut self,
        scope: &mut Scope<'t>,
        name: &str,
        arguments: Vec<Symbol<'t>>,
    ) -> Evaluated<'t> {
        self.step()?;
        // With `must`, Sprig's functions refuse what the others pass over.
        let name = without_must(name);
        // What is not a value, or may be none.
        match (name, &arguments[..]) {
            ("include", [template, dot]) => return self.include_by_name(scope, template, dot.clone()),
            ("dict", entries) => return dict(entries),
            ("list" | "tuple", items) => return Ok(Symbol::List(items.to_vec())),
            ("deepCopy", [value]) => return Ok(value.clone()),
            ("index" | "get", [value, keys @ ..]) => return self.index(value.clone(), keys),
            ("tpl", [text, _]) => return self.tpl(scope, text),
            ("and" | "or", [first, rest @ ..]) => return self.chain(name, first, rest),
            ("not", [value]) => {
                let value = self.truth(value)?;
                let code = format!("not {}", value.code.at_least(Binds::Not));
                return Ok(Symbol::Value(Expression::value(code, Binds::Not)));
            }
            ("empty", [value]) => {
                let value = self.truth(value)?;
                let code = format!("not {}", value.code.at_least(Binds::Not));
                return Ok(Symbol::Value(Expression::value(code, Binds::Not)));
            }
            // A template in a text of the values stays a text here.
            ("contains", [part, text]) if self.is_brace(part) => {
                let value = self.value(text)?;
                if value.constant.as_deref().is_some_and(|text| text.contains("{{"))
                    || value.known.is_some_and(has_template)
                {
                    return Err(Unsure::new(OWN_TEMPLATE));
                }
                return Ok(Symbol::Value(Expression::value("false", Binds::Operand)));
            }
            // `ternary .x (toYaml .x) (typeIs "string" .x)`: a text as it is, and anything else as YAML.
            ("ternary", [Symbol::Value(one), Symbol::Value(other), test])
                if other.form == Form::Yaml
                    && one.form == Form::Plain
                    && one.code.text == other.code.text
                    && self.value(test)?.code.text.ends_with("is string") =>
            {
                return Ok(Symbol::Value(match is_text(one) || one.is_text {
                    true => one.clone(),
                    false => Expression { is_text_or_yaml: true, ..other.clone() },
                }));
            }
            ("ternary", [chosen, other, test]) => {
                let truth = self.truth(test)?;
                match truth.code.text.as_str() {
                    "true" => return Ok(chosen.clone()),
                    "false" => return Ok(other.clone()),
                    _ => {}
                }
            }
            ("fromYaml" | "fromJson" | "fromYamlArray" | "fromJsonArray", [text]) => {
                return self.parsed(text);
            }
            ("lookup", _) => {
                self.remark(scope, "a chart sees no cluster, so nothing is found, as with `helm template`: make what was looked up a setting");
                return Ok(Symbol::Dict(Vec::new()));
            }
            ("default", [value]) => return Ok(value.clone()),
            // Against a text that no other type prints, the value itself is compared.
            ("eq" | "ne", [Symbol::Value(one), Symbol::Value(other)])
                if one.of_string.is_some() != other.of_string.is_some() =>
            {
                let (text, other) = if one.of_string.is_some() { (one, other) } else { (other, one) };
                let is_word = other.constant.as_ref().is_some_and(|word| {
                    word.starts_with(|c: char| c.is_ascii_uppercase())
                        && !matches!(word.as_str(), "True" | "False")
                });
                if let (true, Some(value)) = (is_word, &text.of_string) {
                    let all = [Expression::clone(value), other.clone()];
                    return Ok(Symbol::Value(self.call_of_values(name, &all)?));
                }
            }
            ("hasKey", [Symbol::Dict(entries), key]) => {
                if let Some(key) = self.value(key)?.constant {
                    let has = entries.iter().any(|(name, _)| *name == key);
                    return Ok(Symbol::Value(Expression::value(has.to_string(), Binds::Operand)));
                }
            }
            ("typeOf" | "kindOf", [value]) => {
                return Ok(Symbol::KindOf(Box::new(self.value(value)?.plain()?)));
            }
            ("eq" | "ne", [Symbol::KindOf(value), kind] | [kind, Symbol::KindOf(value)]) => {
                let found = kind_is(&self.value(kind)?, value)?;
                return Ok(Symbol::Value(match name {
                    "eq" => found,
                    _ => Expression::value(format!("not {}", found.code.at_least(Binds::Not)), Binds::Not),
                }));
            }
            ("kindIs" | "typeIs", [kind, of @ (Symbol::Dict(_) | Symbol::List(_))]) => {
                let kind = self.value(kind)?.constant;
                let is_kind = match of {
                    Symbol::Dict(_) => matches!(kind.as_deref(), Some("map" | "map[string]interface {}")),
                    _ => matches!(kind.as_deref(), Some("slice" | "[]interface {}")),
                };
                return Ok(Symbol::Value(Expression::value(is_kind.to_string(), Binds::Operand)));
            }
            ("compact", [list]) => {
                let list = filter(&self.value(list)?.plain()?.collection("[]"), "select");
                return Ok(Symbol::Value(filter(&list.code, "list")));
            }
            ("default", [other, Symbol::Dict(entries)]) if entries.is_empty() => return Ok(other.clone()),
            ("default", [_, value @ (Symbol::Dict(_) | Symbol::Root)]) => return Ok(value.clone()),
            // Of what is always false or always true.
            ("default", [Symbol::Dict(entries), value]) if entries.is_empty() => {
                let value = match self.value(value)? {
                    // `fromYaml (include …)`: a call of a macro is no value, and what it prints as a text is one.
                    value if matches!(value.form, Form::Fragment(_)) => value.plain()?,
                    value => value,
                };
                return Ok(Symbol::Value(Expression {
                    is_nullable: false,
                    ..or(&value, &Translated::new("{}", Binds::Operand))
                }));
            }
            ("first", [Symbol::List(items)]) if !items.is_empty() => {
                return Ok(items.first().cloned().unwrap_or(Symbol::Root));
            }
            ("len", [Symbol::List(items)]) => {
                return Ok(Symbol::Value(Expression::value(items.len().to_string(), Binds::Operand)));
            }
            ("append" | "push", [Symbol::List(items), item]) => {
                return Ok(Symbol::List(items.iter().chain([item]).cloned().collect()));
            }
            ("prepend", [Symbol::List(items), item]) => {
                return Ok(Symbol::List([item].into_iter().chain(items).cloned().collect()));
            }
            ("base" | "dir" | "ext", [path]) => return self.part_of_path(name, path),
            ("pick" | "omit", [Symbol::Dict(entries), keys @ ..]) => {
                let mut named = Vec::new();
                for key in keys {
                    let key = self.value(key)?.constant;
                    named.push(key.ok_or_else(|| Unsure::new("the key is not known"))?);
                }
                let is_kept = |key: &String| named.contains(key) == (name == "pick");
                let kept = entries.iter().filter(|(key, _)| is_kept(key)).cloned().collect();
                return Ok(Symbol::Dict(kept));
            }
            ("merge" | "mergeOverwrite", maps) => {
                return self.merge(name, maps);
            }
            ("semverCompare", [constraint, version]) => return self.semver(constraint, version),
            _ => {}
        }
        let mut values = Vec::new();
        for argument in &arguments {
            values.push(self.value(argument)?);
        }
        Ok(Symbol::Value(self.call_of_values(name, &values)?))
    }

    fn call_of_values(&mut self, name: &str, values: &[Expression<'t>]) -> Result<Expression<'t>, Unsure> {
        // Of a file there is only a checksum, of whatever part of it.
        if let Some(file) = values.iter().find(|value| value.is_file)
            && matches!(name, "toYaml" | "toJson" | "pick" | "omit" | "index" | "get" | "trim" | "toString")
        {
            return Ok(file.clone());
        }
        // Those that are about how a value is printed.
        match (name, values) {
            ("nindent" | "indent", [width, value]) => {
                let width = width.code.text.parse().map_err(|_| Unsure::new("the width is not a number"))?;
                let layout = if name == "nindent" { Layout::NewLine(width) } else { Layout::Indented(width) };
                return Ok(Expression { layout, ..value.clone() });
            }
            ("toYaml" | "toYamlPretty", [value]) if matches!(value.form, Form::Fragment(_)) => {
                return Ok(value.clone());
            }
            ("toYaml" | "toYamlPretty", [value]) => {
                return Ok(Expression { form: Form::Yaml, ..value.plain()? });
            }
            ("toJson" | "toRawJson" | "toPrettyJson", [value]) => {
                return Ok(Expression { form: Form::Json, ..value.plain()? });
            }
            ("quote", [value]) => return in_quotes(value, '"'),
            ("squote", [value]) => return in_quotes(value, '\''),
            ("trim" | "trimSuffix" | "trimPrefix" | "trimAll", [.., value])
                if !matches!(value.form, Form::Plain | Form::Quoted(_)) =>
            {
                let about_blanks = name == "trim"
                    || values[0].constant.as_deref().is_some_and(|text| text.trim().is_empty());
                return match about_blanks {
                    true => Ok(value.clone()),
                    false => Err(Unsure::new("a part of a text that is YAML")),
                };
            }
            ("default", [other, value]) if matches!(value.form, Form::Yaml | Form::Json) => {
                let other = match other.constant.as_deref().map(str::trim) {
                    Some(empty @ ("{}" | "[]")) => Translated::new(empty, Binds::Operand),
                    _ => other.plain()?.code,
                };
                let found = or(&Expression { form: Form::Plain, ..value.clone() }, &other);
                return Ok(Expression { form: value.form, ..found });
            }
            ("sha256sum" | "sha1sum" | "md5sum", [value]) => {
                let code = match value.form {
                    _ if value.is_file => format!("checksum({})", value.code.text),
                    Form::Fragment(_) if value.as_text.is_some() => {
                        format!("checksum({})", value.plain()?.code.text)
                    }
                    Form::Fragment(_) => {
                        return Err(Unsure::new(
                            "what a macro prints has no checksum: write `checksum(…)` of the settings that it reads",
                        ));
                    }
                    _ => format!("checksum({})", value.code.text),
                };
                return Ok(Expression::text(code, Binds::Operand));
            }
            _ => {}
        }
        let mut plain = Vec::new();
        for value in values {
            plain.push(value.plain()?);
        }
        self.call_of_plain(name, &plain)
    }

    #[expect(clippy::too_many_lines, reason = "a table")]
    fn call_of_plain(&mut self, name: &str, values: &[Expression<'t>]) -> Result<Expression<'t>, Unsure> {
        let value_of = |code: Translated| Expression { code, ..Expression::value("", Binds::Operand) };
        let text_of = |code: Translated| Expression { code, ..Expression::text("", Binds::Operand) };
        Ok(match (name, values) {
            ("default", [other, value]) => {
                // A default that is there is not asked for another.
                let mut found = or(value, &other.code);
                found.is_nullable = other.is_nullable;
                found.is_text = other.is_text && (value.is_text || is_text(value));
                if value.known.is_none_or(is_empty) {
                    found.known = other.known;
                }
                found
            }
            ("coalesce", [first, rest @ ..]) => {
                let mut found = first.clone();
                for next in rest {
                    found = Expression { is_nullable: next.is_nullable, ..or(&found, &next.code) };
                }
                found
            }
            ("required", [message, value]) => {
                self.may_fail = true;
                let code = format!(
                    "coalesce({}, fail({}, {}))",
                    value.code.text, message.code.text, value.code.text
                );
                let known = value.known.filter(|known| !is_empty(known));
                Expression { known, is_text: value.is_text, ..Expression::value(code, Binds::Operand) }
            }
            ("fail", [message]) => {
                self.may_fail = true;
                Expression::value(format!("fail({})", message.code.text), Binds::Operand)
            }
            ("eq", [value, others @ ..]) if !others.is_empty() => {
                if let ([other], Some(left)) = (others, &value.constant)
                    && let Some(right) = &other.constant
                {
                    return Ok(Expression::value((left == right).to_string(), Binds::Operand));
                }
                match others {
                    [other] => value_of(infix(&value.compared(), "==", &other.compared(), Binds::Comparison)),
                    _ => {
                        let listed: Vec<String> = others.iter().map(|one| one.compared().text).collect();
                        let list = Translated::new(format!("[{}]", listed.join(", ")), Binds::Operand);
                        value_of(infix(&value.compared(), "in", &list, Binds::Comparison))
                    }
                }
            }
            ("ne" | "lt" | "le" | "gt" | "ge", [left, right]) => {
                let side = |one: &Expression<'t>| match name {
                    "ne" => one.compared(),
                    _ if one.is_nullable => one.with_default("0"),
                    _ => one.code.clone(),
                };
                let sides = [value_of(side(left)), value_of(side(right))];
                return self.shared(name, &sides);
            }
            (
                "toString" | "print" | "printf" | "trimAll" | "nospace" | "substr" | "trunc" | "trimSuffix"
                | "trimPrefix" | "trim",
                _,
            ) => {
                let of_string = match (name, values) {
                    ("toString", [value]) => Some(Rc::new(value.clone())),
                    _ => None,
                };
                Expression { of_string, ..text_of(texts(name, values)?) }
            }
            ("upper" | "lower" | "title" | "urlquery" | "b64enc", [value]) => {
                let found = self.shared(name, &[text_of(value.in_text())])?;
                Expression { is_text: true, ..found }
            }
            ("replace", [from, to, value]) => {
                let found = self.shared(name, &[from.clone(), to.clone(), text_of(value.in_text())])?;
                Expression { is_text: true, ..found }
            }
            ("contains", [part, text]) => {
                value_of(infix(&part.code, "in", &text.in_text(), Binds::Comparison))
            }
            ("hasPrefix" | "hasSuffix", [part, text]) => {
                let test = if name == "hasPrefix" { "startingwith" } else { "endingwith" };
                let code = format!("{} is {test}({})", text.in_text().at_least(Binds::Sum), part.code.text);
                Expression::value(code, Binds::Comparison)
            }
            ("hasKey", [map, key]) => {
                value_of(infix(&key.code, "in", &map.collection("{}"), Binds::Comparison))
            }
            ("has", [item, list]) => {
                value_of(infix(&item.compared(), "in", &list.collection("[]"), Binds::Comparison))
            }
            ("len", [value]) => filter(&value.collection("[]"), "length"),
            ("int" | "int64" | "float64" | "atoi", [value]) => {
                let to = if name == "float64" { "float" } else { "int" };
                let from = if value.is_nullable { value.with_default("0") } else { value.code.clone() };
                filter(&from, to)
            }
            ("add" | "sub" | "mul" | "div" | "mod", [first, rest @ ..]) if !rest.is_empty() => {
                let sign = arithmetic_sign(name);
                rest.iter().fold(Expression { code: whole(first), ..first.clone() }, |sum, next| {
                    value_of(infix(&sum.code, sign, &whole(next), Binds::Sum))
                })
            }
            ("add1", [value]) => {
                value_of(infix(&whole(value), "+", &Translated::new("1", Binds::Operand), Binds::Sum))
            }
            ("ternary", [chosen, other, test]) => {
                let is_text = chosen.is_text && other.is_text;
                let choices = match (&chosen.constant, &other.constant) {
                    (Some(one), Some(other)) => vec![one.clone(), other.clone()],
                    _ => Vec::new(),
                };
                Expression { is_text, choices, ..value_of(choice(&test.code, &chosen.code, &other.code)) }
            }
            ("join", [separator, list]) => {
                let code = format!(
                    "{} | join({})",
                    list.collection("[]").at_least(Binds::Filter),
                    separator.code.text
                );
                Expression::text(code, Binds::Filter)
            }
            ("splitList", [separator, text]) => {
                let code =
                    format!("{} | split({})", text.in_text().at_least(Binds::Filter), separator.code.text);
                Expression::value(code, Binds::Filter)
            }
            ("uniq", [list]) => filter(&list.collection("[]"), "unique(case_sensitive=true)"),
            ("sortAlpha", [list]) => filter(&list.collection("[]"), "sort(case_sensitive=true)"),
            ("keys", [map]) => filter(&map.collection("{}"), "list"),
            ("first" | "last", [list]) => {
                let found = filter(&list.collection("[]"), name);
                Expression { is_nullable: true, ..found }
            }
            ("reverse", [list]) => filter(&list.collection("[]"), "reverse"),
            ("concat", [first, rest @ ..]) => {
                let others: Vec<String> = rest.iter().map(|list| list.collection("[]").text).collect();
                match others.is_empty() {
                    true => first.clone(),
                    false => {
                        let code = format!("chain({})", others.join(", "));
                        let chained = filter(&first.collection("[]"), &code);
                        filter(&chained.code, "list")
                    }
                }
            }
            ("prepend", [list, item]) => {
                let first = Translated::new(format!("[{}]", item.code.text), Binds::Operand);
                let chained = filter(&first, &format!("chain({})", list.collection("[]").text));
                filter(&chained.code, "list")
            }
            ("rest", [list]) => {
                let code = format!("{}[1:]", list.collection("[]").at_least(Binds::Operand));
                Expression::value(code, Binds::Operand)
            }
            ("values", [map]) => {
                filter(&filter(&map.collection("{}"), "dictsort(case_sensitive=true)").code, "map(\"last\")")
            }
            ("min" | "max", [first, rest @ ..]) if !rest.is_empty() => {
                let all: Vec<String> = [first].into_iter().chain(rest).map(|one| whole(one).text).collect();
                let list = Translated::new(format!("[{}]", all.join(", ")), Binds::Operand);
                filter(&list, name)
            }
            ("split", [separator, text]) => {
                let code =
                    format!("{} | split({})", text.in_text().at_least(Binds::Filter), separator.code.text);
                Expression { is_split: true, ..Expression::value(code, Binds::Filter) }
            }
            ("regexReplaceAll" | "regexReplaceAllLiteral", [pattern, text, replacement]) => {
                let replacement = match (name, &replacement.constant) {
                    ("regexReplaceAll", _) => replacement.code.text.clone(),
                    (_, Some(constant)) => quoted(&constant.replace('$', "$$")),
                    _ => return Err(Unsure::new("what takes the place of a match is not known")),
                };
                let call = format!("regex_replace({}, {replacement})", pattern.code.text);
                let text = text.in_text();
                Expression::text(format!("{} | {call}", text.at_least(Binds::Filter)), Binds::Filter)
            }
            ("regexMatch", [pattern, text]) => {
                let subject = text.in_text();
                let code = format!("{} is matching({})", subject.at_least(Binds::Sum), pattern.code.text);
                Expression::value(code, Binds::Comparison)
            }
            ("append" | "push", [list, item]) => {
                let chained = filter(&list.collection("[]"), &format!("chain([{}])", item.code.text));
                filter(&chained.code, "list")
            }
            ("until", [count]) => Expression::value(format!("range({})", count.code.text), Binds::Operand),
            ("kindIs" | "typeIs", [kind, value]) => kind_is(kind, value)?,
            ("dig", [keys @ .., other, map]) if !keys.is_empty() => {
                let found = keys.iter().fold(map.clone(), |value, key| subscript(&value, key));
                let code = found.with_default(&other.code.text);
                Expression { is_nullable: other.is_nullable, ..value_of(code) }
            }
            ("pick" | "omit", [map, keys @ ..]) if !keys.is_empty() => {
                let keys: Vec<&str> = keys.iter().map(|key| key.code.text.as_str()).collect();
                let code = format!("{name}({}, {})", map.collection("{}").text, keys.join(", "));
                Expression { known: map.known, ..Expression::value(code, Binds::Operand) }
            }
            ("cat", parts) if !parts.is_empty() => {
                let mut all = Vec::new();
                for (index, part) in parts.iter().enumerate() {
                    if index > 0 {
                        all.push(Translated::new("\" \"", Binds::Operand));
                    }
                    all.push(part.in_joined());
                }
                text_of(joined(&all))
            }
            _ if SAME.contains(&name) => return self.shared(name, values),
            _ => return self.shared_reason(name, values),
        })
    }

    /// Whether it is the sign that begins an action of a template.
    fn is_brace(&self, symbol: &Symbol<'t>) -> bool {
        matches!(symbol, Symbol::Value(value) if value.constant.as_deref() == Some("{{"))
    }

    /// A text of YAML or JSON as a value: what was just turned into a text is what it was.
    fn parsed(&self, text: &Symbol<'t>) -> Evaluated<'t> {
        let value = self.value(text)?;
        if value.is_file {
            return Ok(Symbol::Value(value));
        }
        // What a macro prints stays that where it is printed again, and is a value elsewhere.
        if matches!(value.form, Form::Fragment(_)) {
            let as_text = value.as_text.as_ref().map(|text| {
                let call = format!("(parse_yaml({}) or {{}})", text.code.text);
                Rc::new(Expression { is_item: true, ..Expression::value(call, Binds::Operand) })
            });
            return Ok(Symbol::Value(Expression { as_text, layout: Layout::Inline, ..value }));
        }
        let is_structure = matches!(value.known, Some(Tree::Map(_) | Tree::List(_)));
        if value.form == Form::Yaml && value.is_text_or_yaml && !is_structure && !is_text(&value) {
            let code = value.compared();
            let parsed = Translated::new(format!("parse_yaml({})", code.text), Binds::Operand);
            let test = Translated::new(format!("{} is string", code.at_least(Binds::Sum)), Binds::Comparison);
            let code = choice(&test, &parsed, &code);
            return Ok(Symbol::Value(Expression {
                code,
                is_nullable: true,
                ..Expression::value("", Binds::Operand)
            }));
        }
        if matches!(value.form, Form::Yaml | Form::Json) && (!value.is_text_or_yaml || is_structure) {
            return Ok(Symbol::Value(Expression { form: Form::Plain, layout: Layout::Inline, ..value }));
        }
        let text = value.plain()?.in_text();
        let call = format!("parse_yaml({})", text.text);
        // An empty text has no value.
        let code = Translated::new(format!("{call} or {{}}"), Binds::Or);
        Ok(Symbol::Value(Expression { code, is_item: true, ..Expression::value("", Binds::Operand) }))
    }

    /// `base`, `dir` and `ext` of a path that is known.
    fn part_of_path(&self, name: &str, path: &Symbol<'t>) -> Evaluated<'t> {
        let Some(path) = self.value(path)?.constant else {
            return Err(Unsure::new(format!("there is no `{name}` here")));
        };
        let file = path.rsplit('/').next().unwrap_or_default();
        Ok(Symbol::Value(Expression::constant(match name {
            "base" => file,
            "ext" => file.rfind('.').and_then(|at| file.get(at..)).unwrap_or_default(),
            _ => path.rsplit_once('/').map_or(".", |(folder, _)| folder),
        })))
    }

    /// What the table that messages are made of has for a call.
    fn shared(&self, name: &str, values: &[Expression<'t>]) -> Result<Expression<'t>, Unsure> {
        let codes: Vec<Translated> = values.iter().map(|value| value.code.clone()).collect();
        match go_syntax::call(name, &codes, None, false) {
            Called::Same(code) | Called::Written(code) => {
                Ok(Expression { code, ..Expression::value("", Binds::Operand) })
            }
            Called::Instead(instead) => Err(Unsure::new(instead)),
            Called::Unknown => Err(Unsure::new(format!("there is no `{name}` here"))),
        }
    }

    /// Why a call is not translated.
    fn shared_reason(&self, name: &str, values: &[Expression<'t>]) -> Result<Expression<'t>, Unsure> {
        let codes: Vec<Translated> = values.iter().map(|value| value.code.clone()).collect();
        match go_syntax::call(name, &codes, None, false) {
            Called::Instead(instead) => Err(Unsure::new(instead)),
            _ => Err(Unsure::new(format!("there is no `{name}` here"))),
        }
    }

    /// `and`, `or`: one of the arguments, as in Jinja.
    fn chain(&self, name: &str, first: &Symbol<'t>, rest: &[Symbol<'t>]) -> Evaluated<'t> {
        let binds = if name == "or" { Binds::Or } else { Binds::And };
        let mut found = self.truth(first)?;
        for next in rest {
            let next = self.truth(next)?;
            // What is always true or false decides nothing, or all.
            match (name, found.code.text.as_str()) {
                ("and", "true") | ("or", "false") => found = next,
                ("and", "false") | ("or", "true") => {}
                _ if name == "and" && next.code.text == "true" => {}
                _ => {
                    found = Expression {
                        code: infix(&found.code, name, &next.code, binds),
                        is_nullable: found.is_nullable || next.is_nullable,
                        is_text: found.is_text && next.is_text,
                        form: found.form,
                        ..Expression::value("", Binds::Operand)
                    };
                }
            }
        }
        Ok(Symbol::Value(found))
    }

    fn index(&self, value: Symbol<'t>, keys: &[Symbol<'t>]) -> Evaluated<'t> {
        let mut found = value;
        for key in keys {
            let key = self.value(key)?;
            found = match (found, &key.constant) {
                (Symbol::Value(value), _) => Symbol::Value(subscript(&value.plain()?, &key)),
                (Symbol::List(items), _) if key.code.text.chars().all(|c| c.is_ascii_digit()) => {
                    let at: usize = key.code.text.parse().unwrap_or(usize::MAX);
                    items.into_iter().nth(at).ok_or_else(|| Unsure::new("the list has no such item"))?
                }
                (other, Some(name)) => self.fields(other, &[name.as_str().into()])?,
                (other @ (Symbol::Dict(_) | Symbol::List(_)), None) => {
                    Symbol::Value(subscript(&self.value(&other)?, &key.plain()?))
                }
                _ => return Err(Unsure::new("the key is not known")),
            };
        }
        Ok(found)
    }

    /// A text that is run as a template: one that is known not to be one is what it is.
    fn tpl(&self, scope: &mut Scope<'t>, text: &Symbol<'t>) -> Evaluated<'t> {
        let value = self.value(text)?;
        if self.is_template_file(&value.code.text) {
            return Err(Unsure::new("the file is a template itself: make it one of the chart's templates"));
        }
        if value.constant.as_deref().is_some_and(|text| text.contains("{{"))
            || value.known.is_some_and(has_template)
        {
            // Of a larger piece, most is no template.
            let is_piece = matches!(value.known, Some(Tree::Map(_) | Tree::List(_)));
            return match is_piece {
                true => {
                    self.remark(scope, OWN_TEMPLATE);
                    Ok(Symbol::Value(value))
                }
                false => Err(Unsure::new(OWN_TEMPLATE)),
            };
        }
        Ok(Symbol::Value(value))
    }

    /// Whether an expression is a file of the chart with actions of a template in it.
    fn is_template_file(&self, code: &str) -> bool {
        let name = code.strip_prefix("files[\"").and_then(|rest| rest.strip_suffix("\"]"));
        let file = self.chart.files.iter().find(|file| Some(&*file.name) == name);
        file.and_then(|file| file.source).is_some_and(|source| self.text_of(source).contains("{{"))
    }

    fn merge(&self, name: &str, maps: &[Symbol<'t>]) -> Evaluated<'t> {
        let has_root = maps.iter().any(|map| matches!(map, Symbol::Root));
        if has_root || maps.iter().all(|map| matches!(map, Symbol::Dict(_))) {
            // Sprig's `merge` keeps what is first.
            let mut merged: Vec<(String, Symbol<'t>)> = Vec::new();
            let overwrites = name.ends_with("Overwrite");
            let mut parts = Vec::new();
            for map in maps {
                match map {
                    Symbol::Dict(entries) => parts.extend(entries.clone()),
                    Symbol::Root => parts.extend(self.root_fields()?),
                    _ => return Err(Unsure::new("what Helm gives and the values do not make one map")),
                }
            }
            for (key, value) in parts {
                match merged.iter_mut().find(|(known, _)| *known == key) {
                    Some(entry) if overwrites => entry.1 = value,
                    Some(_) => {}
                    None => merged.push((key, value)),
                }
            }
            return Ok(Symbol::Dict(merged));
        }
        let mut codes = Vec::new();
        for map in maps {
            let map = self.value(map)?.plain()?;
            if map.code.text != "{}" {
                codes.push(map.code.text);
            }
        }
        if !name.ends_with("Overwrite") {
            codes.reverse();
        }
        Ok(Symbol::Value(match codes.as_slice() {
            [] => Expression::value("{}", Binds::Operand),
            _ => Expression::value(format!("merge({})", codes.join(", ")), Binds::Operand),
        }))
    }

    /// What Helm gives, field by field: for a map that has more besides.
    fn root_fields(&self) -> Result<Vec<(String, Symbol<'t>)>, Unsure> {
        let fields = ["Values", "Release", "Chart", "Capabilities", "Files", "Template"];
        fields
            .iter()
            .map(|name| Ok(((*name).to_owned(), self.fields(Symbol::Root, &[(*name).into()])?)))
            .collect()
    }

    /// A constraint on a version, of the forms that comparisons can say.
    fn semver(&self, constraint: &Symbol<'t>, version: &Symbol<'t>) -> Evaluated<'t> {
        let Some(constraint) = self.value(constraint)?.constant else {
            return Err(Unsure::new("the constraint is not known"));
        };
        let subject = match version {
            Symbol::Context(path) if path.starts_with("Capabilities.KubeVersion") => {
                "kube.version".to_owned()
            }
            other => {
                let version = self.value(other)?.plain()?.code;
                format!("semver({} | trim_prefix(\"v\"))", version.at_least(Binds::Filter))
            }
        };
        let Some(code) = comparisons(&constraint, &subject) else {
            return Err(Unsure::new("write the constraint as comparisons: `kube.version >= \"1.30\"`"));
        };
        Ok(Symbol::Value(Expression { code, ..Expression::value("", Binds::Operand) }))
    }

    /// `set $map "key" value` and `unset $map "key"`, of a map that a variable holds.
    pub(super) fn set_key(
        &mut self,
        scope: &mut Scope<'t>,
        command: &Command,
        arguments: Vec<Symbol<'t>>,
    ) -> Evaluated<'t> {
        let unsure = || Unsure::new("a map that is changed has no place here: make another one");
        let (map, key, new) = match &arguments[..] {
            [map, key, new] => (map, key, Some(new)),
            [map, key] => (map, key, None),
            _ => return Err(unsure()),
        };
        let Some(OperandKind::Variable(Variable::Slot(slot), names)) =
            command.args.first().map(|one| &one.kind)
        else {
            return Err(unsure());
        };
        let Some(Some(variable)) = scope.variables.get(*slot).cloned() else { return Err(unsure()) };
        if !names.is_empty() || *slot == 0 {
            return Err(unsure());
        }
        let is_same_block = variable.depth == scope.depth && variable.loops == scope.loops;
        let key = self.value(key)?;
        if let (Symbol::Dict(entries), None, Some(key)) = (map, &variable.name, &key.constant) {
            if !is_same_block {
                return Err(self.hold(&variable.declared));
            }
            let mut entries = entries.clone();
            match (entries.iter().position(|(name, _)| name == key), new) {
                (Some(at), Some(new)) => {
                    if let Some(entry) = entries.get_mut(at) {
                        entry.1 = new.clone();
                    }
                }
                (Some(at), None) => {
                    entries.remove(at);
                }
                (None, Some(new)) => entries.push((key.clone(), new.clone())),
                (None, None) => {}
            }
            let changed = Symbol::Dict(entries);
            scope.set_variable(*slot, Some(Held { symbol: changed.clone(), ..variable }));
            return Ok(changed);
        }
        let base = self.value(map)?.plain()?;
        // Whoever reads the settings themselves would see the change as well.
        if base.code.text.starts_with("values") && self.is_read_elsewhere(scope, &base, &key) {
            return Err(unsure());
        }
        let (from, name) = (base.collection("{}").text, key.code.text.clone());
        let code = match new {
            None => format!("omit({from}, {name})"),
            Some(new) => {
                let new = self.value(new)?.plain()?;
                // Another map would be merged into the one that is there.
                let without = match new.is_text || new.constant.is_some() || from == "{}" {
                    true => from,
                    false => format!("omit({from}, {name})"),
                };
                format!("merge({without}, {{{name}: {}}})", new.compared().text)
            }
        };
        let changed = Expression::value(code, Binds::Operand);
        match &variable.name {
            Some(known) if is_same_block || variable.in_namespace => {
                let held = Symbol::Value(changed.called(known.clone()));
                scope.pending.push(Item::Set { name: known.clone(), value: changed.code.text });
                scope.set_variable(*slot, Some(Held { symbol: held.clone(), ..variable }));
                Ok(held)
            }
            None if is_same_block => {
                let symbol = Symbol::Value(changed);
                scope.set_variable(*slot, Some(Held { symbol: symbol.clone(), ..variable }));
                Ok(symbol)
            }
            _ => Err(self.hold(&variable.declared)),
        }
    }

    /// Whether another template, or another place of this one, asks for this key of a setting.
    fn is_read_elsewhere(&self, scope: &Scope<'t>, base: &Expression<'t>, key: &Expression<'t>) -> bool {
        let Some(key) = &key.constant else { return true };
        let last = base.code.text.rsplit('.').next().unwrap_or_default();
        let path = format!("{last}.{key}");
        let is_in = |text: &[u8]| {
            String::from_utf8_lossy(text)
                .match_indices(&path)
                .any(|(at, _)| !text.get(..at).is_some_and(|before| before.ends_with(b"$")))
        };
        let units = self.defined.values().map(|template| &template.unit);
        units.filter(|unit| unit.name != scope.unit.name).any(|unit| is_in(&unit.text))
    }
}

/// A name of Sprig without `must`, which refuses what the other passes over.
fn without_must(name: &str) -> &str {
    match name {
        "mustFromJson" => "fromJson",
        "mustToJson" => "toJson",
        "mustToYaml" => "toYaml",
        "mustRegexReplaceAll" => "regexReplaceAll",
        "mustRegexReplaceAllLiteral" => "regexReplaceAllLiteral",
        "mustRegexMatch" => "regexMatch",
        "mustMerge" => "merge",
        "mustMergeOverwrite" => "mergeOverwrite",
        "mustAppend" | "mustPush" => "append",
        "mustPrepend" => "prepend",
        "mustUniq" => "uniq",
        "mustCompact" => "compact",
        "mustHas" => "has",
        "mustFirst" => "first",
        "mustLast" => "last",
        "mustRest" => "rest",
        "mustReverse" => "reverse",
        "mustDeepCopy" => "deepCopy",
        other => other,
    }
}

fn dict<'t>(entries: &[Symbol<'t>]) -> Evaluated<'t> {
    let mut found = Vec::new();
    for pair in entries.chunks(2) {
        let [Symbol::Value(key), value] = pair else { return Err(Unsure::new("a key without a value")) };
        let Some(key) = &key.constant else { return Err(Unsure::new("a key that is not known")) };
        found.push((key.clone(), value.clone()));
    }
    Ok(Symbol::Dict(found))
}

/// `value or other`.
fn or<'t>(value: &Expression<'t>, other: &Translated) -> Expression<'t> {
    if let Some(constant) = &value.constant {
        return match constant.is_empty() {
            true => Expression { code: other.clone(), ..Expression::value("", Binds::Operand) },
            false => value.clone(),
        };
    }
    let code = infix(&value.code, "or", other, Binds::Or);
    Expression { code, known: value.known, is_item: value.is_item, ..Expression::value("", Binds::Operand) }
}

fn filter<'t>(value: &Translated, name: &str) -> Expression<'t> {
    Expression::value(format!("{} | {name}", value.at_least(Binds::Filter)), Binds::Filter)
}

/// A whole number, as Sprig's arithmetic has it.
fn whole(value: &Expression<'_>) -> Translated {
    let is_whole = value.is_number() && !value.is_item
        || value.code.text.chars().all(|c| c.is_ascii_digit())
        || value.code.text.ends_with("| int")
        || value.code.text.ends_with("| length");
    match is_whole {
        true => value.code.clone(),
        false => {
            let from = if value.is_nullable { value.with_default("0") } else { value.code.clone() };
            Translated::new(format!("{} | int", from.at_least(Binds::Filter)), Binds::Filter)
        }
    }
}

fn is_text(value: &Expression<'_>) -> bool {
    matches!(value.known, Some(Tree::String(..)))
}

fn is_empty(tree: &Tree) -> bool {
    match tree {
        Tree::Nil => true,
        Tree::Bool(value, _) => !value,
        Tree::Int(value, _) => value.value() == 0,
        Tree::Float(value, _) => *value == 0.0,
        Tree::String(text, _) => text.is_empty(),
        Tree::List(items) => items.is_empty(),
        Tree::Map(fields) => fields.is_empty(),
    }
}

/// Whether a text in it is a template.
fn has_template(tree: &Tree) -> bool {
    match tree {
        Tree::String(text, _) => memchr::memmem::find(text, b"{{").is_some(),
        Tree::List(items) => items.iter().any(has_template),
        Tree::Map(fields) => fields.iter().any(|field| has_template(&field.value)),
        _ => false,
    }
}

fn in_quotes<'t>(value: &Expression<'t>, quote: char) -> Result<Expression<'t>, Unsure> {
    let value = match value.form {
        Form::Quoted(_) => return Err(Unsure::new("quotes inside of quotes")),
        _ => value.plain()?,
    };
    Ok(Expression { form: Form::Quoted(quote), ..value })
}

/// Functions that make texts of texts.
fn texts(name: &str, values: &[Expression<'_>]) -> Result<Translated, Unsure> {
    let filtered = |value: &Expression<'_>, filter: String| {
        Translated::new(format!("{} | {filter}", value.in_text().at_least(Binds::Filter)), Binds::Filter)
    };
    Ok(match (name, values) {
        ("toString", [value]) if value.is_text => value.code.clone(),
        ("toString", [value]) if matches!(value.known, Some(Tree::Bool(..))) => value.in_joined(),
        // Which type it has is not known: a boolean is written in lower case.
        ("toString", [value])
            if value.known.is_none_or(|known| matches!(known, Tree::Nil)) && !value.is_number() =>
        {
            let text = value.in_text();
            let (lower, same) = (
                Translated::new(format!("{} | lower", text.at_least(Binds::Filter)), Binds::Filter),
                Translated::new(format!("{} | string", text.at_least(Binds::Filter)), Binds::Filter),
            );
            let test =
                Translated::new(format!("{} is boolean", text.at_least(Binds::Sum)), Binds::Comparison);
            choice(&test, &lower, &same)
        }
        ("toString", [value]) => filtered(value, "string".to_owned()),
        ("trim", [value]) => filtered(value, "trim".to_owned()),
        ("trimAll", [chars, value]) => filtered(value, format!("trim({})", chars.code.text)),
        ("nospace", [value]) => filtered(value, "replace(\" \", \"\")".to_owned()),
        ("trimSuffix", [end, value]) => filtered(value, format!("trim_suffix({})", end.code.text)),
        ("trimPrefix", [start, value]) => filtered(value, format!("trim_prefix({})", start.code.text)),
        ("trunc", [length, value]) if !length.code.text.starts_with('-') => Translated::new(
            format!("{}[:{}]", value.in_text().at_least(Binds::Operand), length.code.text),
            Binds::Operand,
        ),
        ("substr", [from, to, value]) => {
            let text = value.in_text();
            Translated::new(
                format!("{}[{}:{}]", text.at_least(Binds::Operand), from.code.text, to.code.text),
                Binds::Operand,
            )
        }
        // A blank is put between two that are no texts.
        ("print", parts)
            if parts
                .windows(2)
                .all(|pair| pair.iter().any(|part| part.is_text || part.constant.is_some())) =>
        {
            let parts: Vec<Translated> = parts.iter().map(Expression::in_joined).collect();
            joined(&parts)
        }
        ("print", _) => {
            return Err(Unsure::new("`print` puts spaces between some of its arguments: join them by `~`"));
        }
        ("printf", [format, values @ ..]) => {
            let Some(format) = &format.constant else { return Err(Unsure::new("the format is not known")) };
            formatted(format, values)?
        }
        _ => return Err(Unsure::new(format!("there is no `{name}` like this here"))),
    })
}

/// `printf`, of the verbs that print a value as it is.
fn formatted(format: &str, values: &[Expression<'_>]) -> Result<Translated, Unsure> {
    let mut parts: Vec<Translated> = Vec::new();
    let mut text = String::new();
    let mut values = values.iter();
    let mut rest = format.chars();
    while let Some(character) = rest.next() {
        if character != '%' {
            text.push(character);
            continue;
        }
        match rest.next() {
            Some('%') => text.push('%'),
            Some('q') => {
                text.push('"');
                let value = values.next().ok_or_else(|| Unsure::new("`printf` has too few values"))?;
                if let Some(constant) = &value.constant {
                    text.push_str(constant);
                } else {
                    parts.push(Translated::new(quoted(&std::mem::take(&mut text)), Binds::Operand));
                    parts.push(value.in_text());
                }
                text.push('"');
            }
            Some('s' | 'd' | 'v' | 't') => {
                if !text.is_empty() {
                    parts.push(Translated::new(quoted(&std::mem::take(&mut text)), Binds::Operand));
                }
                let value = values.next().ok_or_else(|| Unsure::new("`printf` has too few values"))?;
                match &value.constant {
                    Some(constant) => text.push_str(constant),
                    None => parts.push(value.in_joined()),
                }
            }
            _ => return Err(Unsure::new("`printf` with this verb: write it with the filter `format`")),
        }
    }
    if values.next().is_some() {
        return Err(Unsure::new("`printf` has too many values"));
    }
    if !text.is_empty() || parts.is_empty() {
        parts.push(Translated::new(quoted(&text), Binds::Operand));
    }
    // One part alone may be a number: a text is what is meant.
    if let [only] = &parts[..]
        && format != "%s"
        && format.starts_with('%')
    {
        return Ok(Translated::new(format!("{} | string", only.at_least(Binds::Filter)), Binds::Filter));
    }
    Ok(joined(&parts))
}

fn kind_is<'t>(kind: &Expression<'t>, value: &Expression<'t>) -> Result<Expression<'t>, Unsure> {
    let test = match kind.constant.as_deref() {
        Some("string") => "string",
        Some("map" | "map[string]interface {}") => "mapping",
        Some("slice" | "[]interface {}") => "sequence",
        Some("bool") => "boolean",
        // Helm reads whole numbers of files as such, too.
        Some("float64") => "number",
        // No number of a file is one of these for Helm.
        Some("int" | "int64" | "int32") => return Ok(Expression::value("false", Binds::Operand)),
        Some("invalid") => "none",
        _ => return Err(Unsure::new("a type that has no test here")),
    };
    let subject = value.compared();
    Ok(Expression::value(format!("{} is {test}", subject.at_least(Binds::Sum)), Binds::Comparison))
}

/// `>=1.19-0 <1.25` as comparisons.
fn comparisons(constraint: &str, subject: &str) -> Option<Translated> {
    let mut any = Vec::new();
    for alternative in constraint.split("||") {
        let mut all = Vec::new();
        let spaced = alternative.replace(',', " ");
        let mut words = spaced.split_whitespace();
        while let Some(word) = words.next() {
            let digits = word.find(|c: char| c.is_ascii_digit() || c == 'v').unwrap_or(word.len());
            let (sign, version) = match word.split_at(digits) {
                (sign, "") => (sign, words.next()?),
                both => both,
            };
            let version = version.trim_start_matches('v').split('-').next().unwrap_or_default();
            let is_version =
                version.split('.').all(|part| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit()));
            if !is_version || !matches!(sign, ">=" | ">" | "<" | "<=") {
                return None;
            }
            // `<= 1.20` takes all of 1.20, and `> 1.20` none of it, which comparisons do not say.
            if matches!(sign, ">" | "<=") && version.matches('.').count() < 2 && subject != "kube.version" {
                return None;
            }
            all.push(Translated::new(format!("{subject} {sign} {}", quoted(version)), Binds::Comparison));
        }
        let (first, rest) = all.split_first()?;
        any.push(rest.iter().fold(first.clone(), |found, next| infix(&found, "and", next, Binds::And)));
    }
    let (first, rest) = any.split_first()?;
    Some(rest.iter().fold(first.clone(), |found, next| infix(&found, "or", next, Binds::Or)))
}
