//! What functions of Go templates, of Sprig and of Helm are here.

use super::translated::{Binds, Translated, choice, infix, list};

/// What a call becomes.
pub(crate) enum Called {
    /// It is written so here as well.
    Same(Translated),
    Written(Translated),
    /// Nothing here is the same: what takes its place.
    Instead(String),
    Unknown,
}

/// Whether a word can be the name of a function.
pub(crate) fn is_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && !word.contains('.')
}

/// A path from the top of what Helm's templates see, as it is here; none for what is not here.
pub(crate) fn root_path(path: &str) -> Option<String> {
    let rest = path.strip_prefix('.')?;
    let (root, below) = rest.split_once('.').unwrap_or((rest, ""));
    let joined = |name: &str| match below {
        "" => name.to_owned(),
        _ => format!("{name}.{below}"),
    };
    let known = match (root, below) {
        // What is handed to `include` and `tpl`, which take nothing here.
        ("", "") => "values".to_owned(),
        ("Values", _) => joined("values"),
        ("Release", "Name") => "release.name".to_owned(),
        ("Release", "Namespace") => "release.namespace".to_owned(),
        ("Release", "Service") => "\"plimsoll\"".to_owned(),
        ("Chart", "Name") => "chart.name".to_owned(),
        ("Chart", "Version") => "chart.version".to_owned(),
        ("Chart", "AppVersion") => "chart.appVersion".to_owned(),
        ("Capabilities", "KubeVersion" | "KubeVersion.Version" | "KubeVersion.GitVersion") => {
            "kube.version".to_owned()
        }
        // Methods, which their call writes.
        ("Files", "Get") | ("Capabilities", "APIVersions.Has") => rest.to_owned(),
        _ if is_root(root) => return None,
        // A setting without `Values`.
        _ => format!("values.{rest}"),
    };
    Some(known)
}

/// What to do without something of Helm that is not here.
pub(crate) fn instead_of_root(path: &str) -> String {
    match path {
        _ if path.starts_with(".Files") => "text files of `files/` are `files[\"name\"]`".to_owned(),
        _ if path.starts_with(".Capabilities") => {
            "`kube.version` and `kube.has(\"apps/v1/Deployment\")` tell what is rendered for".to_owned()
        }
        _ if path.starts_with(".Release") => "there are `release.name` and `release.namespace`".to_owned(),
        _ if path.starts_with(".Chart") => {
            "there are `chart.name`, `chart.version` and `chart.appVersion`".to_owned()
        }
        _ => format!("nothing here is `{path}`"),
    }
}

pub(crate) fn is_root(name: &str) -> bool {
    matches!(name, "Values" | "Release" | "Chart" | "Capabilities" | "Files" | "Template" | "Subcharts")
}

/// A call of a function, or a filter with what is before it in `piped`. In Go that is the last argument.
pub(crate) fn call(
    name: &str,
    arguments: &[Translated],
    piped: Option<&Translated>,
    by_parentheses: bool,
) -> Called {
    if by_parentheses && !is_of_go_alone(name) {
        let listed = list(arguments);
        return Called::Same(match piped {
            Some(value) => Translated::new(
                format!("{} | {name}({listed})", value.at_least(Binds::Filter)),
                Binds::Filter,
            ),
            None => Translated::new(format!("{name}({listed})"), Binds::Operand),
        });
    }
    let all: Vec<&Translated> = arguments.iter().chain(piped).collect();
    // A filter of both languages, without arguments.
    if arguments.is_empty()
        && is_same_filter(name)
        && let Some(value) = piped
    {
        return Called::Same(filter(value, name, &[]));
    }
    go_call(name, &all)
}

/// Names that mean something in Go's templates, and nothing here.
fn is_of_go_alone(name: &str) -> bool {
    matches!(
        name,
        "toYaml"
            | "toJson"
            | "nindent"
            | "indent"
            | "quote"
            | "squote"
            | "tpl"
            | "include"
            | "lookup"
            | "required"
            | "printf"
            | "b64enc"
            | "trunc"
            | "trimSuffix"
            | "trimPrefix"
            | "hasKey"
            | "ternary"
            | "sha256sum"
            | "toString"
    )
}

/// Filters that are called the same in both.
fn is_same_filter(name: &str) -> bool {
    matches!(
        name,
        "upper"
            | "lower"
            | "title"
            | "trim"
            | "int"
            | "first"
            | "last"
            | "join"
            | "sort"
            | "unique"
            | "length"
            | "string"
            | "items"
            | "list"
            | "b64encode"
            | "shell_quote"
            | "to_json"
            | "to_yaml"
            | "urlencode"
            | "float"
            | "abs"
            | "reverse"
            | "round"
            | "min"
            | "max"
            | "sum"
            | "default"
            | "count"
            | "bool"
            | "lines"
            | "capitalize"
    )
}

fn filter(value: &Translated, name: &str, arguments: &[&Translated]) -> Translated {
    let arguments = arguments.iter().map(|one| one.text.as_str()).collect::<Vec<_>>().join(", ");
    let call = if arguments.is_empty() { name.to_owned() } else { format!("{name}({arguments})") };
    Translated::new(format!("{} | {call}", value.at_least(Binds::Filter)), Binds::Filter)
}

fn go_call(name: &str, all: &[&Translated]) -> Called {
    let written = |text: String, binds: Binds| Called::Written(Translated::new(text, binds));
    let instead = |text: &str| Called::Instead(text.to_owned());
    match (name, all) {
        // What binding does by itself.
        ("toYaml" | "toYamlPretty" | "mustToYaml", [value]) => Called::Written((*value).clone()),
        ("nindent" | "indent", [_, value]) => Called::Written((*value).clone()),
        ("tpl", [value, _]) => Called::Written((*value).clone()),
        ("quote" | "squote", [value]) => Called::Written(Translated { quoted: true, ..(*value).clone() }),
        ("toString", [value]) => Called::Written(filter(value, "string", &[])),

        ("default", [otherwise, value]) => Called::Written(filter(value, "default", &[otherwise])),
        ("coalesce", [_, ..]) => {
            let texts: Vec<&str> = all.iter().map(|one| one.text.as_str()).collect();
            written(format!("coalesce({})", texts.join(", ")), Binds::Operand)
        }
        ("required", [_, value]) => Called::Written((*value).clone()),
        ("empty", [value]) => written(format!("not {}", value.at_least(Binds::Not)), Binds::Not),
        ("ternary", [chosen, other, test]) => Called::Written(choice(test, chosen, other)),
        ("not", [value]) => written(format!("not {}", value.at_least(Binds::Not)), Binds::Not),
        ("and", [first, rest @ ..]) if !rest.is_empty() => {
            Called::Written(chain(first, rest, "and", Binds::And))
        }
        ("or", [first, rest @ ..]) if !rest.is_empty() => {
            Called::Written(chain(first, rest, "or", Binds::Or))
        }
        ("eq", [value, others @ ..]) if others.len() > 1 => {
            let listed = others.iter().map(|one| one.text.as_str()).collect::<Vec<_>>().join(", ");
            written(format!("{} in [{listed}]", value.at_least(Binds::Sum)), Binds::Comparison)
        }
        ("eq" | "ne" | "lt" | "le" | "gt" | "ge", [left, right]) => {
            let sign = match name {
                "eq" => "==",
                "ne" => "!=",
                "lt" => "<",
                "le" => "<=",
                "gt" => ">",
                _ => ">=",
            };
            Called::Written(infix(left, sign, right, Binds::Comparison))
        }
        ("add" | "sub" | "mul" | "div" | "mod", [left, right]) => {
            Called::Written(infix(left, arithmetic_sign(name), right, Binds::Sum))
        }
        ("add1", [value]) => written(format!("{} + 1", value.at_least(Binds::Sum)), Binds::Sum),
        ("len", [value]) => Called::Written(filter(value, "length", &[])),
        ("index", [value, keys @ ..]) if !keys.is_empty() => {
            let keys: String = keys.iter().map(|key| format!("[{}]", key.text)).collect();
            written(format!("{}{keys}", value.at_least(Binds::Operand)), Binds::Operand)
        }
        ("get", [map, key]) => {
            written(format!("{}[{}]", map.at_least(Binds::Operand), key.text), Binds::Operand)
        }
        ("hasKey", [map, key]) => Called::Written(infix(key, "in", map, Binds::Comparison)),
        ("has", [item, list]) => Called::Written(infix(item, "in", list, Binds::Comparison)),
        ("contains", [part, text]) => Called::Written(infix(part, "in", text, Binds::Comparison)),
        ("hasPrefix" | "hasSuffix", [part, text]) => {
            let test = if name == "hasPrefix" { "startingwith" } else { "endingwith" };
            written(format!("{} is {test}({})", text.at_least(Binds::Sum), part.text), Binds::Comparison)
        }
        ("list" | "tuple", _) => {
            let texts: Vec<&str> = all.iter().map(|one| one.text.as_str()).collect();
            written(format!("[{}]", texts.join(", ")), Binds::Operand)
        }
        ("dict", pairs) if pairs.len() % 2 == 0 => {
            let entries = pairs.chunks(2).filter_map(|pair| match pair {
                [key, value] => Some(format!("{}: {}", key.text, value.text)),
                _ => None,
            });
            let entries = entries.collect::<Vec<_>>().join(", ");
            written(format!("{{{entries}}}"), Binds::Operand)
        }
        ("printf", [format, values @ ..]) if !values.is_empty() => {
            Called::Written(filter(format, "format", values))
        }
        ("print" | "cat", [first, rest @ ..]) if !rest.is_empty() => {
            Called::Written(chain(first, rest, "~", Binds::Sum))
        }
        ("upper" | "lower" | "title" | "trim" | "first" | "last", [value]) => {
            Called::Written(filter(value, name, &[]))
        }
        ("int" | "int64" | "atoi", [value]) => Called::Written(filter(value, "int", &[])),
        ("float64", [value]) => Called::Written(filter(value, "float", &[])),
        ("trunc", [length, value]) => {
            written(format!("{}[:{}]", value.at_least(Binds::Operand), length.text), Binds::Operand)
        }
        ("trimSuffix" | "trimPrefix", [end, value]) => {
            let name = if name == "trimSuffix" { "trim_suffix" } else { "trim_prefix" };
            Called::Written(filter(value, name, &[end]))
        }
        ("replace", [from, to, value]) => Called::Written(filter(value, "replace", &[from, to])),
        ("join", [separator, value]) => Called::Written(filter(value, "join", &[separator])),
        ("splitList" | "split", [separator, value]) => Called::Written(filter(value, "split", &[separator])),
        ("uniq", [value]) => Called::Written(filter(value, "unique", &[])),
        ("sortAlpha", [value]) => Called::Written(filter(value, "sort", &[])),
        ("keys", [value]) => Called::Written(filter(value, "list", &[])),
        ("until", [value]) => written(format!("range({})", value.text), Binds::Operand),
        ("b64enc", [value]) => Called::Written(filter(value, "b64encode", &[])),
        ("toJson" | "mustToJson" | "toRawJson", [value]) => Called::Written(filter(value, "to_json", &[])),
        ("urlquery", [value]) => Called::Written(filter(value, "urlencode", &[])),
        ("sha256sum", [value]) => written(format!("checksum({})", value.text), Binds::Operand),
        ("merge" | "mergeOverwrite", [_, _, ..]) => {
            // Sprig's `merge` keeps what is first, and here what is last wins.
            let mut texts: Vec<&str> = all.iter().map(|one| one.text.as_str()).collect();
            if name == "merge" {
                texts.reverse();
            }
            written(format!("merge({})", texts.join(", ")), Binds::Operand)
        }
        ("fail", [message]) => written(format!("fail({})", message.text), Binds::Operand),
        ("include", [template, _]) => match macro_name(&template.text) {
            Some(name) => written(format!("{name}()"), Binds::Operand),
            None => Called::Unknown,
        },

        ("lookup", _) => instead("a chart sees no cluster: make what was looked up a setting"),
        (
            "randAlphaNum" | "randAlpha" | "randNumeric" | "randAscii" | "uuidv4" | "genCA" | "genSignedCert"
            | "genSelfSignedCert" | "genPrivateKey" | "htpasswd",
            _,
        ) => instead(
            "nothing is drawn from chance here: make it a setting with `x-generate` in the values schema, which `plimsoll secrets` fills once",
        ),
        ("now" | "date" | "dateInZone" | "htmlDate", _) => {
            instead("there is no clock here, so that the same input gives the same bytes: make it a setting")
        }
        (
            "regexReplaceAll" | "regexMatch" | "semverCompare" | "camelcase" | "kebabcase" | "snakecase"
            | "dig" | "pluck" | "pick" | "omit" | "set" | "fromYaml" | "fromJson" | "b64dec" | "typeOf"
            | "kindOf" | "kindIs" | "typeIs",
            _,
        ) => Called::Instead(format!(
            "there is no `{name}` here: `plimsoll explain templates` lists the functions, filters and tests that there are"
        )),
        _ => Called::Unknown,
    }
}

/// The values with the sign between each two.
fn chain(first: &Translated, rest: &[&Translated], sign: &str, binds: Binds) -> Translated {
    rest.iter().fold((*first).clone(), |all, next| infix(&all, sign, next, binds))
}

/// The macro that a template of this name becomes: `"web.labels"` is `web_labels`, and `"labels"` is `labels`.
pub(crate) fn macro_name(rest: &str) -> Option<String> {
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '`'))?;
    let (name, _) = rest.get(1..)?.split_once(quote)?;
    let word: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    (!word.is_empty() && !word.starts_with(|c: char| c.is_ascii_digit())).then_some(word)
}

/// The operator that a function of Sprig for two numbers is written with.
pub(crate) fn arithmetic_sign(name: &str) -> &'static str {
    match name {
        "add" => "+",
        "sub" => "-",
        "mul" => "*",
        // Whole numbers, as Sprig's.
        "div" => "//",
        _ => "%",
    }
}
