//! The types of expressions: which names there are, which fields, and what comes out.
//!
//! It is less than the checker of `cel-go`, which knows every overload of every function. What is reported here is
//! certain: a name that nothing declares, a field that the schema does not have, an operator between values that it
//! does not take, a result of the wrong type. Anything else is [`Type::Dyn`], and passes.

use super::Refusal;
use super::ast::{Comprehension, Expr, Kind, Literal, Operator, Quantifier, is_word};
use crate::yaml::Node;

/// The type of an expression.
#[derive(Clone, Debug)]
pub(in crate::kube) enum Type<'s> {
    /// Anything, or not known.
    Dyn,
    Null,
    Bool,
    Int,
    Uint,
    Double,
    Text,
    Bytes,
    Timestamp,
    Duration,
    List(Box<Type<'s>>),
    Map(Box<Type<'s>>),
    /// An object with these fields and no others.
    Object(Vec<(&'s str, Type<'s>)>),
    /// A value of a structural schema that is an object with properties.
    Schema {
        schema: &'s Node,
        /// Whether it is that of a whole object, which has `metadata`, `kind` and `apiVersion`.
        whole: bool,
    },
}

impl<'s> Type<'s> {
    /// The type of values of a structural schema; none for what rules cannot see (`SchemaDeclType`).
    pub(in crate::kube) fn of_schema(schema: &'s Node, whole: bool) -> Option<Type<'s>> {
        let is_set = |key: &str| schema.get(key).and_then(Node::as_bool) == Some(true);
        if is_set("x-kubernetes-int-or-string") {
            return Some(Type::Dyn);
        }
        let format = schema.get("format").and_then(Node::as_str);
        Some(match schema.get("type").and_then(Node::as_str)? {
            "array" => Type::List(Box::new(Type::of_schema(schema.get("items")?, false)?)),
            "object" => match schema.get("additionalProperties").filter(|values| values.as_map().is_some()) {
                Some(values) => Type::Map(Box::new(Type::of_schema(values, false)?)),
                None => Type::Schema { schema, whole: whole || is_set("x-kubernetes-embedded-resource") },
            },
            "string" => match format {
                Some("byte") => Type::Bytes,
                Some("duration") => Type::Duration,
                Some("date" | "date-time") => Type::Timestamp,
                _ => Type::Text,
            },
            "boolean" => Type::Bool,
            "number" => Type::Double,
            "integer" => Type::Int,
            _ => return None,
        })
    }

    /// What messages call it.
    fn noun(&self) -> &'static str {
        match self {
            Type::Dyn => "a value",
            Type::Null => "null",
            Type::Bool => "a boolean",
            Type::Int => "an integer",
            Type::Uint => "an unsigned integer",
            Type::Double => "a number with a fraction",
            Type::Text => "a text",
            Type::Bytes => "bytes",
            Type::Timestamp => "a time",
            Type::Duration => "a duration",
            Type::List(_) => "a list",
            Type::Map(_) => "a map",
            Type::Object(_) | Type::Schema { .. } => "an object",
        }
    }

    /// Whether it may be anything.
    fn is_open(&self) -> bool {
        matches!(self, Type::Dyn)
    }

    fn is_number(&self) -> bool {
        matches!(self, Type::Int | Type::Uint | Type::Double)
    }

    /// Whether values of both types can be the same. Numbers of any kind are compared with each other.
    fn may_equal(&self, other: &Type<'_>) -> bool {
        use Type::{Bool, Bytes, Double, Duration, Int, List, Map, Text, Timestamp, Uint};
        match (self, other) {
            (Bool, Bool) | (Text, Text) | (Bytes, Bytes) | (Timestamp, Timestamp) | (Duration, Duration) => {
                true
            }
            (List(a), List(b)) | (Map(a), Map(b)) => a.may_equal(b),
            (Bool | Text | Bytes | Timestamp | Duration, Int | Uint | Double)
            | (Int | Uint | Double, Bool | Text | Bytes | Timestamp | Duration)
            | (Bool, Text | Bytes | Timestamp | Duration)
            | (Text, Bool | Bytes | Timestamp | Duration)
            | (Bytes, Bool | Text | Timestamp | Duration)
            | (Timestamp, Bool | Text | Bytes | Duration)
            | (Duration, Bool | Text | Bytes | Timestamp)
            | (List(_), Bool | Text | Int | Uint | Double | Map(_))
            | (Map(_), Bool | Text | Int | Uint | Double | List(_))
            | (Bool | Text | Int | Uint | Double, List(_) | Map(_)) => false,
            _ => true,
        }
    }
}

/// The variables that an expression may name.
#[derive(Clone, Debug, Default)]
pub(in crate::kube) struct Scope<'s> {
    variables: Vec<(String, Type<'s>)>,
}

impl<'s> Scope<'s> {
    /// Declares a variable.
    pub(in crate::kube) fn with(mut self, name: &str, of: Type<'s>) -> Self {
        self.variables.push((name.to_owned(), of));
        self
    }

    fn get(&self, name: &str) -> Option<&Type<'s>> {
        self.variables.iter().rev().find(|(known, _)| known == name).map(|(_, of)| of)
    }
}

/// Checks an expression, whose result has to be of the type `wanted`.
///
/// # Errors
/// The first thing that is certainly wrong with it.
pub(in crate::kube) fn check<'s>(expr: &Expr, scope: &Scope<'s>, wanted: &Type<'_>) -> Result<(), Refusal> {
    let mut checker = Checker { scope: scope.clone() };
    let found = checker.check(expr)?;
    let fits = match (&found, wanted) {
        (Type::Dyn, _) | (_, Type::Dyn) => true,
        (found, wanted) => std::mem::discriminant(found) == std::mem::discriminant(wanted),
    };
    if fits {
        return Ok(());
    }
    let message = format!("the result is {}, and must be {}", found.noun(), wanted.noun());
    Err(Refusal::new(expr.offset, message))
}

/// Names of types, which are values too: `type(x) == string`.
const TYPE_NAMES: &[&str] = &[
    "bool",
    "bytes",
    "double",
    "duration",
    "dyn",
    "int",
    "list",
    "map",
    "null_type",
    "string",
    "timestamp",
    "type",
    "uint",
];

/// What functions of libraries are named behind: `math.greatest(…)`.
const LIBRARIES: &[&str] = &[
    "base64",
    "cel",
    "cidr",
    "format",
    "google",
    "ip",
    "jsonpatch",
    "lists",
    "math",
    "optional",
    "regex",
    "semver",
    "sets",
    "strings",
];

/// Functions that take no target.
const FUNCTIONS: &[&str] = &[
    "bool",
    "bytes",
    "cidr",
    "double",
    "duration",
    "dyn",
    "int",
    "ip",
    "isCIDR",
    "isIP",
    "isQuantity",
    "isSemver",
    "isURL",
    "matches",
    "quantity",
    "semver",
    "size",
    "string",
    "timestamp",
    "type",
    "uint",
    "url",
];

/// Functions that take a target.
const METHODS: &[&str] = &[
    "add",
    "allowed",
    "asApproximateFloat",
    "asInteger",
    "charAt",
    "check",
    "compareTo",
    "contains",
    "containsCIDR",
    "containsIP",
    "distinct",
    "endsWith",
    "error",
    "errored",
    "family",
    "fieldSelector",
    "find",
    "findAll",
    "first",
    "flatten",
    "format",
    "getDate",
    "getDayOfMonth",
    "getDayOfWeek",
    "getDayOfYear",
    "getEscapedPath",
    "getFullYear",
    "getHost",
    "getHostname",
    "getHours",
    "getMilliseconds",
    "getMinutes",
    "getMonth",
    "getPort",
    "getQuery",
    "getScheme",
    "getSeconds",
    "group",
    "hasValue",
    "includes",
    "indexOf",
    "ip",
    "isGlobalUnicast",
    "isGreaterThan",
    "isInteger",
    "isLessThan",
    "isLinkLocalMulticast",
    "isLinkLocalUnicast",
    "isLoopback",
    "isSorted",
    "isUnspecified",
    "join",
    "labelSelector",
    "last",
    "lastIndexOf",
    "lowerAscii",
    "major",
    "masked",
    "matches",
    "max",
    "min",
    "minor",
    "name",
    "namespace",
    "or",
    "orValue",
    "patch",
    "path",
    "prefixLength",
    "reason",
    "replace",
    "resource",
    "reverse",
    "serviceAccount",
    "sign",
    "size",
    "slice",
    "sort",
    "sortBy",
    "split",
    "startsWith",
    "sub",
    "subresource",
    "substring",
    "sum",
    "trim",
    "upperAscii",
    "validate",
    "value",
    "verb",
];

struct Checker<'s> {
    scope: Scope<'s>,
}

impl<'s> Checker<'s> {
    fn check(&mut self, expr: &Expr) -> Result<Type<'s>, Refusal> {
        let refuse = |message: String| Err(Refusal::new(expr.offset, message));
        Ok(match &expr.kind {
            Kind::Literal(literal) => match literal {
                Literal::Null => Type::Null,
                Literal::Bool(_) => Type::Bool,
                Literal::Int(_) => Type::Int,
                Literal::Uint(_) => Type::Uint,
                Literal::Double(_) => Type::Double,
                Literal::Text(_) => Type::Text,
                Literal::Bytes(_) => Type::Bytes,
            },
            Kind::Ident(name) => match self.scope.get(name) {
                Some(of) => of.clone(),
                None if TYPE_NAMES.contains(&name.as_str()) => Type::Dyn,
                None => return refuse(format!("nothing declares `{name}`")),
            },
            Kind::Select { operand, field, optional } => {
                if self.is_library(operand) {
                    return Ok(Type::Dyn);
                }
                let of = self.check(operand)?;
                let found = self.field(expr.offset, &of, field)?;
                if *optional { Type::Dyn } else { found }
            }
            Kind::Has { operand, field } => {
                let of = self.check(operand)?;
                self.field(expr.offset, &of, field)?;
                Type::Bool
            }
            Kind::Index { operand, index, optional } => {
                let of = self.check(operand)?;
                let by = self.check(index)?;
                match of {
                    _ if *optional => Type::Dyn,
                    Type::List(items) => {
                        if !by.is_open() && !by.is_number() {
                            return refuse(format!("a list has no item under {}", by.noun()));
                        }
                        *items
                    }
                    Type::Map(values) => *values,
                    Type::Bool | Type::Int | Type::Uint | Type::Double | Type::Text | Type::Schema { .. } => {
                        return refuse(format!("{} has no items", of.noun()));
                    }
                    _ => Type::Dyn,
                }
            }
            Kind::Call { target, function, arguments } => {
                return self.call(expr.offset, target.as_deref(), function, arguments);
            }
            Kind::Not(operand) => {
                self.check_boolean(operand)?;
                Type::Bool
            }
            Kind::Negate(operand) => match self.check(operand)? {
                of @ (Type::Int | Type::Double | Type::Dyn) => of,
                of => return refuse(format!("`-` cannot stand before {}", of.noun())),
            },
            Kind::Binary { operator, left, right } => {
                return self.binary(expr.offset, *operator, left, right);
            }
            Kind::Choice { condition, then, otherwise } => {
                self.check_boolean(condition)?;
                let (then, otherwise) = (self.check(then)?, self.check(otherwise)?);
                if std::mem::discriminant(&then) == std::mem::discriminant(&otherwise) {
                    then
                } else {
                    Type::Dyn
                }
            }
            Kind::List(elements) => {
                let mut items: Option<Type<'s>> = None;
                for element in elements {
                    let of = self.check(&element.value)?;
                    items = Some(match items {
                        None => of,
                        Some(other) if std::mem::discriminant(&other) == std::mem::discriminant(&of) => of,
                        Some(_) => Type::Dyn,
                    });
                }
                Type::List(Box::new(items.unwrap_or(Type::Dyn)))
            }
            Kind::Map(entries) => {
                for entry in entries {
                    self.check(&entry.key)?;
                    self.check(&entry.value)?;
                }
                Type::Map(Box::new(Type::Dyn))
            }
            Kind::Message { fields, .. } => {
                for field in fields {
                    self.check(&field.value)?;
                }
                Type::Dyn
            }
            Kind::Comprehension(comprehension) => return self.comprehension(comprehension),
            Kind::Bind { name, value, body } => {
                let of = self.check(value)?;
                self.scope.variables.push((name.clone(), of));
                let of = self.check(body);
                self.scope.variables.pop();
                return of;
            }
        })
    }

    fn check_boolean(&mut self, expr: &Expr) -> Result<(), Refusal> {
        match self.check(expr)? {
            Type::Bool | Type::Dyn => Ok(()),
            of => Err(Refusal::new(expr.offset, format!("{} stands where a boolean must", of.noun()))),
        }
    }

    /// Whether a name is that of a library, and of no variable.
    fn is_library(&self, expr: &Expr) -> bool {
        match &expr.kind {
            Kind::Ident(name) => self.scope.get(name).is_none() && LIBRARIES.contains(&name.as_str()),
            Kind::Select { operand, .. } => self.is_library(operand),
            _ => false,
        }
    }

    fn field(&self, offset: usize, of: &Type<'s>, field: &str) -> Result<Type<'s>, Refusal> {
        let unknown = || Err(Refusal::new(offset, format!("there is no field `{field}`")));
        match of {
            Type::Map(values) => Ok((**values).clone()),
            Type::Object(fields) => {
                fields.iter().find(|(name, _)| *name == field).map_or_else(unknown, |(_, of)| Ok(of.clone()))
            }
            Type::Schema { schema, whole } => {
                let name = unescaped(field);
                if *whole && matches!(name.as_str(), "apiVersion" | "kind" | "metadata") {
                    return Ok(if name == "metadata" { Type::Dyn } else { Type::Text });
                }
                let property = schema.get("properties").and_then(|properties| properties.get(&name));
                property.and_then(|property| Type::of_schema(property, false)).map_or_else(unknown, Ok)
            }
            Type::Bool | Type::Int | Type::Uint | Type::Double | Type::Text | Type::List(_) => {
                Err(Refusal::new(offset, format!("{} has no field `{field}`", of.noun())))
            }
            _ => Ok(Type::Dyn),
        }
    }

    fn call(
        &mut self,
        offset: usize,
        target: Option<&Expr>,
        function: &str,
        arguments: &[Expr],
    ) -> Result<Type<'s>, Refusal> {
        let unknown = || Err(Refusal::new(offset, format!("there is no function `{function}`")));
        let of = match target {
            Some(target) if self.is_library(target) => Some(Type::Dyn),
            Some(target) => Some(self.check(target)?),
            None => None,
        };
        for argument in arguments {
            self.check(argument)?;
        }
        match target {
            None if !FUNCTIONS.contains(&function) => return unknown(),
            Some(target) if !METHODS.contains(&function) && !self.is_library(target) => return unknown(),
            _ => {}
        }
        let refuse_target =
            |of: &Type<'_>| Err(Refusal::new(offset, format!("{} has no `{function}`", of.noun())));
        Ok(match (function, of) {
            ("startsWith" | "endsWith" | "matches", Some(of)) if !matches!(of, Type::Text | Type::Dyn) => {
                return refuse_target(&of);
            }
            ("size", Some(of)) if matches!(of, Type::Bool | Type::Int | Type::Uint | Type::Double) => {
                return refuse_target(&of);
            }
            ("size", _) => Type::Int,
            (
                "contains" | "startsWith" | "endsWith" | "matches" | "isURL" | "isIP" | "isCIDR"
                | "isQuantity" | "isSemver" | "isSorted",
                _,
            ) => Type::Bool,
            ("string", None) => Type::Text,
            ("lowerAscii" | "upperAscii" | "trim" | "replace" | "substring" | "join" | "charAt", Some(_)) => {
                Type::Text
            }
            ("int", None) => Type::Int,
            ("double", None) => Type::Double,
            ("duration", None) => Type::Duration,
            ("timestamp", None) => Type::Timestamp,
            ("split", Some(_)) => Type::List(Box::new(Type::Text)),
            _ => Type::Dyn,
        })
    }

    fn binary(
        &mut self,
        offset: usize,
        operator: Operator,
        left: &Expr,
        right: &Expr,
    ) -> Result<Type<'s>, Refusal> {
        if matches!(operator, Operator::And | Operator::Or) {
            self.check_boolean(left)?;
            self.check_boolean(right)?;
            return Ok(Type::Bool);
        }
        let (left, right) = (self.check(left)?, self.check(right)?);
        let (first, second) = (left.noun(), right.noun());
        let is_open = left.is_open() || right.is_open();
        let refuse = |what: &str| Err(Refusal::new(offset, format!("{first} cannot be {what} {second}")));
        match operator {
            Operator::And | Operator::Or => Ok(Type::Bool),
            Operator::Equal | Operator::NotEqual => {
                if left.may_equal(&right) {
                    Ok(Type::Bool)
                } else {
                    refuse("compared with")
                }
            }
            Operator::Less | Operator::LessEqual | Operator::Greater | Operator::GreaterEqual => {
                let ordered = |of: &Type<'_>| {
                    of.is_number()
                        || matches!(
                            of,
                            Type::Text | Type::Bool | Type::Bytes | Type::Timestamp | Type::Duration
                        )
                };
                if is_open || (ordered(&left) && ordered(&right) && left.may_equal(&right)) {
                    Ok(Type::Bool)
                } else {
                    refuse("compared with")
                }
            }
            Operator::In => match &right {
                Type::List(items) if !left.may_equal(items) => refuse("an item of"),
                Type::List(_) | Type::Map(_) | Type::Dyn => Ok(Type::Bool),
                _ => refuse("looked for in"),
            },
            Operator::Add
            | Operator::Subtract
            | Operator::Multiply
            | Operator::Divide
            | Operator::Remainder => {
                let what = match operator {
                    Operator::Add => "added to",
                    Operator::Subtract => "reduced by",
                    Operator::Multiply => "multiplied by",
                    _ => "divided by",
                };
                match (&left, &right) {
                    (Type::Int, Type::Int) | (Type::Uint, Type::Uint) => Ok(left),
                    (Type::Double, Type::Double) if operator != Operator::Remainder => Ok(left),
                    (Type::Text, Type::Text) | (Type::Bytes, Type::Bytes) if operator == Operator::Add => {
                        Ok(left)
                    }
                    (Type::List(_), Type::List(_)) if operator == Operator::Add => {
                        Ok(Type::List(Box::new(Type::Dyn)))
                    }
                    (Type::Timestamp, Type::Duration)
                    | (Type::Duration, Type::Timestamp | Type::Duration)
                    | (Type::Timestamp, Type::Timestamp)
                        if matches!(operator, Operator::Add | Operator::Subtract) =>
                    {
                        Ok(Type::Dyn)
                    }
                    _ if is_open => Ok(Type::Dyn),
                    _ => refuse(what),
                }
            }
        }
    }

    fn comprehension(&mut self, comprehension: &Comprehension) -> Result<Type<'s>, Refusal> {
        let Comprehension { quantifier, range, names, filter, body } = comprehension;
        let of = self.check(range)?;
        let optional = matches!(quantifier, Quantifier::OptMap | Quantifier::OptFlatMap);
        let variables: Vec<Type<'s>> = match (&of, names.len()) {
            _ if optional => vec![Type::Dyn],
            (Type::List(items), 1) => vec![(**items).clone()],
            (Type::List(items), _) => vec![Type::Int, (**items).clone()],
            (Type::Map(_), 1) => vec![Type::Text],
            (Type::Map(values), _) => vec![Type::Text, (**values).clone()],
            (Type::Dyn | Type::Null, count) => vec![Type::Dyn; count],
            _ => return Err(Refusal::new(range.offset, format!("{} has no items to go through", of.noun()))),
        };
        let depth = self.scope.variables.len();
        self.scope.variables.extend(names.iter().cloned().zip(variables));
        let inner = (|| {
            if let Some(filter) = filter {
                self.check_boolean(filter)?;
            }
            match quantifier {
                Quantifier::All | Quantifier::Exists | Quantifier::ExistsOne | Quantifier::Filter => {
                    self.check_boolean(body).map(|()| Type::Bool)
                }
                _ => self.check(body),
            }
        })();
        self.scope.variables.truncate(depth);
        let body = inner?;
        Ok(match quantifier {
            Quantifier::All | Quantifier::Exists | Quantifier::ExistsOne => Type::Bool,
            Quantifier::Filter => match of {
                Type::List(_) => of,
                Type::Map(_) => Type::List(Box::new(Type::Text)),
                _ => Type::Dyn,
            },
            Quantifier::Map => Type::List(Box::new(body)),
            _ => Type::Dyn,
        })
    }
}

/// The name of a field as a schema has it: `__namespace__` is `namespace`, and `a__dash__b` is `a-b`.
pub(super) fn unescaped(name: &str) -> String {
    if !name.contains("__") {
        return name.to_owned();
    }
    let word = name.strip_prefix("__").and_then(|rest| rest.strip_suffix("__"));
    // Three words were reserved later, and are not escaped.
    let is_escaped = |word: &&str| is_word(word) && !matches!(*word, "var" | "void" | "while");
    if let Some(word) = word.filter(is_escaped) {
        return word.to_owned();
    }
    let mut text = name.to_owned();
    for (escape, sign) in [("__dot__", "."), ("__dash__", "-"), ("__slash__", "/"), ("__underscores__", "__")]
    {
        text = text.replace(escape, sign);
    }
    text
}
