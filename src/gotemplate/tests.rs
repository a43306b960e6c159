//! Templates against what Helm's engine makes of them, and what ours knows besides: places, segments, limits.

use std::rc::Rc;

use super::error::{Error, ErrorKind, Failure};
use super::eval::Evaluation;
use super::function::{Call, Function, Methods, Param, Signature};
use super::templates::Templates;
use super::text::{Origin, Text};
use super::value::{Int, List, ListType, MapType, Object, Value};
use crate::limits::{Limit, Limits, Raised};
use crate::source::{SourceId, Span};

/// A few functions, with the types that Sprig's and Helm's have.
const FUNCTIONS: &[Function] = &[
    function("dict", &[], Some(Param::Any), |call| {
        let pairs = call.args.chunks(2).map(|pair| match pair {
            [Value::String(key), value] => (key.as_bytes().to_vec(), value.clone()),
            [key, rest @ ..] => {
                let key = super::print::display(key, &mut super::budget::Budget::new(&Limits::default()));
                let value = rest.first().cloned().unwrap_or_else(|| Value::plain_string(""));
                (key.map(|key| key.as_bytes().to_vec()).unwrap_or_default(), value)
            }
            [] => (Vec::new(), Value::Nil),
        });
        Ok(Value::map(pairs))
    }),
    function("fail", &[Param::String], None, |call| Err(Failure::refused(call.text(0).to_str()))),
    function("hasKey", &[Param::Map, Param::String], None, |call| match call.arg(0) {
        Value::Map(map) => Ok(Value::bool(map.get(call.text(1).as_bytes()).is_some())),
        _ => Ok(Value::bool(false)),
    }),
    function("include", &[Param::String, Param::Any], None, |call| {
        let (name, data, place) = (call.text(0), call.arg(1), call.place);
        call.evaluation.include(&name.to_str(), data, place).map(Value::String)
    }),
    function("int", &[Param::Any], None, |call| Ok(number(&call.arg(0), Int::new))),
    function("int64", &[Param::Any], None, |call| Ok(number(&call.arg(0), Int::int64))),
    function("list", &[], Some(Param::Any), |call| Ok(Value::list(call.args.to_vec()))),
    function("required", &[Param::String, Param::Any], None, |call| match call.arg(1) {
        Value::Nil => Err(Failure::refused(call.text(0).to_str())),
        value => Ok(value),
    }),
    function("set", &[Param::Map, Param::String, Param::Any], None, |call| {
        if let Value::Map(map) = call.arg(0) {
            map.insert(call.text(1).as_bytes(), Origin::NOWHERE, call.arg(2));
        }
        Ok(call.arg(0))
    }),
    function("tpl", &[Param::String, Param::Any], None, |call| {
        let (text, data, place) = (call.text(0), call.arg(1), call.place);
        call.evaluation.tpl(&text, data, place).map(Value::String)
    }),
    function("trunc", &[Param::Int, Param::String], None, |call| match call.arg(0) {
        Value::Int(int, _) if int.value() >= 0 => {
            let text = call.text(1);
            let end = usize::try_from(int.value()).unwrap_or(usize::MAX).min(text.len());
            Ok(Value::String(text.slice(0..end)))
        }
        _ => Ok(Value::String(call.text(1))),
    }),
    function("until", &[Param::Int], None, |call| {
        let Value::Int(int, _) = call.arg(0) else { return Ok(Value::Nil) };
        let items = (0..int.value()).map(|item| Value::int(i64::try_from(item).unwrap_or(0))).collect();
        Ok(Value::List(Rc::new(List { items, of: ListType::Ints })))
    }),
    function("upper", &[Param::String], None, |call| {
        let text = call.text(0);
        Ok(Value::String(text.made(text.to_str().to_uppercase())))
    }),
];

const fn function(
    name: &'static str,
    params: &'static [Param],
    rest: Option<Param>,
    run: fn(&mut Call<'_, '_>) -> Result<Value, Failure>,
) -> Function {
    Function { name, signature: Signature { params, rest }, run }
}

fn number(value: &Value, of: fn(i64) -> Int) -> Value {
    let number = match value {
        Value::Int(int, _) => i64::try_from(int.value()).unwrap_or(0),
        Value::Float(float, _) => *float as i64,
        Value::String(text) => text.to_str().parse().unwrap_or(0),
        Value::Bool(true, _) => 1,
        _ => 0,
    };
    Value::Int(of(number), Origin::NOWHERE)
}

/// Values as Helm reads them: all numbers are floats.
fn value(json: &serde_json::Value) -> Value {
    match json {
        serde_json::Value::Null => Value::Nil,
        serde_json::Value::Bool(value) => Value::bool(*value),
        serde_json::Value::Number(number) => Value::Float(number.as_f64().unwrap(), Origin::NOWHERE),
        serde_json::Value::String(text) => Value::plain_string(text.as_str()),
        serde_json::Value::Array(items) => Value::list(items.iter().map(value).collect()),
        serde_json::Value::Object(fields) => {
            Value::map(fields.iter().map(|(key, field)| (key, value(field))))
        }
    }
}

const FILE: SourceId = SourceId(0);
const VALUES: SourceId = SourceId(1);

fn parsed(text: &str) -> Result<Templates, Error> {
    let mut templates = Templates::new(&[FUNCTIONS], &[]);
    templates.parse("t/templates/a.yaml", text, FILE)?;
    Ok(templates)
}

fn run_within(text: &str, data: Value, limits: &Limits) -> Result<Text, Error> {
    let templates = parsed(text)?;
    Evaluation::new(&templates, &(), limits).run("t/templates/a.yaml", data)
}

fn run(text: &str, data: Value) -> Result<Text, Error> {
    run_within(text, data, &Limits::default())
}

/// Holds the lines of a table against the engine; `ask.py` beside the tables says how one is written.
fn hold(table: &str) {
    let mut lines = table.lines();
    let values: serde_json::Value = serde_json::from_str(lines.next().unwrap()).unwrap();
    let mut wrong = Vec::new();
    for line in lines {
        let (shown, known) = line.split_once('\t').unwrap();
        let template = match shown.starts_with('"') {
            true => serde_json::from_str(shown).unwrap(),
            false => shown.to_owned(),
        };
        let data = match value(&values) {
            Value::Map(map) => Value::Map(Rc::new(map.shared_as(MapType::Named("common.Values")))),
            other => other,
        };
        let got = match run(&template, Value::map([("Values", data)])) {
            Ok(text) => serde_json::to_string(&text.to_str()).unwrap(),
            Err(error) => error.message,
        };
        let known = match known.starts_with('!') {
            true => known.trim_start_matches(['!', ' ']).to_owned(),
            false => serde_json::to_string(&serde_json::from_str::<String>(known).unwrap()).unwrap(),
        };
        if got != known {
            wrong.push(format!("{shown}\n  is    {got}\n  wants {known}"));
        }
    }
    assert!(wrong.is_empty(), "{} lines:\n{}", wrong.len(), wrong.join("\n"));
}

/// On a thread with as much stack as those of the program.
fn on_a_thread(test: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(8 << 20).spawn(test).unwrap();
    thread.join().unwrap();
}

#[test]
fn the_language_is_gos() {
    on_a_thread(|| hold(include_str!("../../tests/gotemplate/language.tsv")));
}

#[test]
fn verbs_and_flags_are_gos() {
    on_a_thread(|| hold(include_str!("../../tests/gotemplate/printf.tsv")));
}

#[test]
fn programs_print_what_they_print_in_helm() {
    on_a_thread(|| hold(include_str!("../../tests/gotemplate/programs.tsv")));
}

/// Helm has another function of this name.
#[test]
fn slices_are_gos() {
    for (template, want) in [
        (
            r#"{{ slice "abc" 1 }}|{{ slice "abc" 1 2 }}|{{ slice (list 1 2 3) 1 2 }}|{{ slice "abc" }}"#,
            "bc|b|[2]|abc",
        ),
        (r#"{{ slice (list 1 2 3) 0 2 3 }}"#, "[1 2]"),
        (r#"{{ slice "abc" 2 1 }}"#, "error calling slice: invalid slice index: 2 > 1"),
        (r#"{{ slice "abc" 1 9 }}"#, "error calling slice: index out of range: 9"),
        (r#"{{ slice "abc" 1 2 3 }}"#, "error calling slice: cannot 3-index slice a string"),
        (r#"{{ slice (list 1 2 3) 1 3 2 }}"#, "error calling slice: invalid slice index: 3 > 2"),
        (r#"{{ slice (list) 1 2 3 4 }}"#, "error calling slice: too many slice indexes: 4"),
        (r#"{{ slice (dict) 1 }}"#, "error calling slice: can't slice item of type map[string]interface {}"),
        (r#"{{ slice nil }}"#, "error calling slice: slice of untyped nil"),
    ] {
        let got =
            run(template, Value::Nil).map_or_else(|error| error.message, |text| text.to_str().into_owned());
        assert_eq!(got, want, "{template}");
    }
}

/// A string of the values, written there.
fn written(text: &str, start: usize) -> Value {
    Value::String(Text::new(text, Origin::value(Span::new(VALUES, start, start + text.len()))))
}

/// Each segment as `text <bytes of the template as written, or = if verbatim> <start in the values>`.
fn segments(template: &str, text: &Text) -> Vec<String> {
    text.segments()
        .map(|(range, origin)| {
            let shown = String::from_utf8_lossy(&text.as_bytes()[range.clone()]).into_owned();
            let place = match origin.template {
                Span::NOWHERE => "?",
                span if span.source != FILE => "elsewhere",
                span if origin.verbatim => &template[span.range()][..range.len()],
                span => &template[span.range()],
            };
            let place = if origin.verbatim { format!("={place}") } else { format!("<{place}>") };
            let value = match origin.value {
                Span::NOWHERE => String::new(),
                span => format!(" {}", span.start),
            };
            format!("{shown}|{place}{value}")
        })
        .collect()
}

#[test]
fn bytes_know_their_place() {
    let data = || {
        let list = Value::list(vec![written("x", 30), written("y", 40)]);
        let template = written("[{{ .name }}]", 60);
        Value::map([
            ("name", written("web", 10)),
            ("tag", written("1.27", 20)),
            ("l", list),
            ("t", template),
            ("u", written("{{ 1 }}{{ .name }}", 90)),
        ])
    };
    let cases: &[(&str, &[&str])] = &[
        ("a: {{ .name }}\n", &["a: |=a: ", "web|<.name> 10", "\n|=\n"]),
        ("{{ \"lit\" }}{{ 3 }}{{ `r` }}{{ \"\\n\" }}", &["lit|=lit", "3|<3>", "r|=r", "\n|<\"\\n\">"]),
        (
            "{{ printf \"%s:%s\" .name .tag }}",
            &["web|<printf \"%s:%s\" .name .tag> 10", ":|=:", "1.27|<printf \"%s:%s\" .name .tag> 20"],
        ),
        (
            "{{ printf \"%5s|%q\" .name .tag }}",
            &[
                "  web|<printf \"%5s|%q\" .name .tag> 10",
                "||=|",
                "\"1.27\"|<printf \"%5s|%q\" .name .tag> 20",
            ],
        ),
        (
            "{{ print .name \"-\" .tag }}",
            &["web|<print .name \"-\" .tag> 10", "-|=-", "1.27|<print .name \"-\" .tag> 20"],
        ),
        (
            "{{ range .l }}- {{ . }}\n{{ end }}",
            &["- |=- ", "x|<.> 30", "\n|=\n", "- |=- ", "y|<.> 40", "\n|=\n"],
        ),
        ("{{ define \"d\" }}<{{ .tag }}>{{ end }}{{ include \"d\" . }}", &["<|=<", "1.27|<.tag> 20", ">|=>"]),
        (
            "{{ define \"d\" }}<{{ .tag }}>{{ end }}{{ template \"d\" . }}",
            &["<|=<", "1.27|<.tag> 20", ">|=>"],
        ),
        // A text of the values: its place is the call, and what no value says about itself was written where the text was.
        ("{{ tpl .t . }}", &["[|<tpl .t .> 60", "web|<tpl .t .> 10", "]|<tpl .t .> 60"]),
        ("{{ tpl .u . }}", &["1|<tpl .u .> 90", "web|<tpl .u .> 10"]),
        ("{{ tpl \"({{ .name }})\" . }}", &["(|=(", "web|<.name> 10", ")|=)"]),
        ("{{ slice .name 1 }}{{ slice \"abc\" 1 2 }}", &["eb|<slice .name 1> 10", "b|=b"]),
        ("{{ $x := .name }}{{ if $x }}{{ $x }}{{ end }}", &["web|<$x> 10"]),
        ("{{ .nope }}{{ html \"a<b\" }}", &["a|=a", "&lt;|<<>", "b|=b"]),
        ("{{ upper .name }}{{ eq .name \"web\" }}", &["WEB|<upper .name> 10", "true|<web> 10"]),
        ("{{ .l }}", &["[|<.l>", "x|<.l> 30", " |<.l>", "y|<.l> 40", "]|<.l>"]),
        // Blanks at the ends of lines are those of the template.
        ("a\n  {{- .name -}}\n  b", &["a|=a", "web|<.name> 10", "b|=b"]),
    ];
    let mut wrong = Vec::new();
    for (template, want) in cases {
        let got = segments(template, &run(template, data()).unwrap());
        if got != *want {
            wrong.push(format!("{template}: {got:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn errors_know_their_place_and_the_way_there() {
    // The place is marked by `<<` and `>>`; behind it the calls with their places, the innermost first.
    for (marked, message, calls) in [
        ("a: {{ <<.Values.a.b>> }}", "nil pointer evaluating interface {}.b", &[][..]),
        ("{{ $x := 1 }}{{ <<index (list 1) 5>> }}", "error calling index: index out of range: 5", &[]),
        ("{{ upper <<3>> }}", "expected string; found 3", &[]),
        ("{{ 3 | <<upper>> }}", "wrong type for value; expected string; got int", &[]),
        (
            "{{ define \"d\" }}{{ <<fail \"no\">> }}{{ end }}{{ include \"d\" . }}",
            "no",
            &["d: include \"d\" ."],
        ),
        (
            "{{ define \"c\" }}{{ <<.x>> }}{{ end }}{{ define \"d\" }}{{ template \"c\" 3 }}{{ end }}{{ include \"d\" . }}",
            "can't evaluate field x in type int",
            &["c: template \"c\" 3", "d: include \"d\" ."],
        ),
        ("{{ tpl \"a{{ <<fail `x`>> }}\" . }}", "x", &["tpl: tpl \"a{{ fail `x` }}\" ."]),
        ("{{ tpl \"{{ <<nope>> }}\" . }}", "function \"nope\" not defined", &["tpl: tpl \"{{ nope }}\" ."]),
        ("{{ if <<nope>> }}", "function \"nope\" not defined", &[]),
        ("{{ if true }}a<<>>", "unexpected EOF", &[]),
        ("{{ <<\"abc>> }}", "unterminated quoted string", &[]),
        ("a <<{{>> 3", "unclosed action", &[]),
        ("{{ <<1+2i>> }}", "complex numbers are not supported", &[]),
        ("{{ <<3i>> }}", "complex numbers are not supported", &[]),
    ] {
        let template = marked.replace("<<", "").replace(">>", "");
        let error = run(&template, Value::map([("Values", Value::map([("x", Value::Nil)]))])).unwrap_err();
        let start = marked.find("<<").unwrap();
        let end = marked.find(">>").unwrap() - 2;
        assert_eq!(error.message, message, "{marked}");
        let shown = &template[error.place.range()];
        // An error of a word may reach as far as the word was read.
        assert_eq!(error.place.start as usize, start, "{marked}: {shown}");
        assert!(error.place.end as usize >= end.min(start + 1), "{marked}: {shown}");
        let way: Vec<String> =
            error.calls.iter().map(|(name, place)| format!("{name}: {}", &template[place.range()])).collect();
        assert_eq!(way, calls, "{marked}");
    }
}

#[test]
fn kinds_of_errors_are_told_apart() {
    for (template, kind) in [
        ("{{ if }}", ErrorKind::Syntax),
        ("{{ .a.b.c }}", ErrorKind::Evaluation),
        ("{{ index nil 1 }}", ErrorKind::Function),
        ("{{ required \"x\" nil }}", ErrorKind::Refused),
        ("{{ tpl \"{{\" . }}", ErrorKind::Syntax),
        ("{{ include \"t/templates/a.yaml\" . }}", ErrorKind::Limit(Limit::Recursion)),
    ] {
        let template = template.to_owned();
        on_a_thread(move || {
            let error = run(&template, Value::map([("a", Value::Nil)])).unwrap_err();
            assert_eq!(error.kind, kind, "{template}");
        });
    }
}

/// A struct with a field, and a map type with a method.
#[derive(Debug)]
struct Version;

impl Object for Version {
    fn type_name(&self) -> &'static str {
        "*test.Version"
    }

    fn kind_name(&self) -> &'static str {
        "ptr"
    }

    fn field(&self, name: &str) -> Option<Value> {
        (name == "Major").then(|| Value::int(3))
    }

    fn print(&self) -> String {
        "v3".to_owned()
    }

    fn plain(&self) -> Value {
        Value::map([("Major", Value::int(3))])
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

#[test]
fn objects_have_fields_and_methods() {
    const LATER: Function = function("Later", &[Param::Any, Param::Int], Some(Param::Int), |call| {
        Ok(Value::plain_string(format!("{}+{}", call.arg(0).type_name(), call.args.len() - 1)))
    });
    const METHODS: &[Methods] = &[
        Methods { of: "*test.Version", functions: &[LATER] },
        Methods { of: "test.Map", functions: &[LATER] },
    ];
    let map = super::value::Map::new(MapType::Named("test.Map"));
    map.insert(b"Later2", Origin::NOWHERE, Value::int(1));
    let data = Value::map([("v", Value::Object(Rc::new(Version))), ("m", Value::Map(Rc::new(map)))]);
    for (template, want) in [
        (
            "{{ .v }} {{ .v.Major }} {{ .v.Later 1 }} {{ .v.Later 1 2 3 }} {{ 5 | .v.Later }}",
            "v3 3 *test.Version+1 *test.Version+3 *test.Version+1",
        ),
        ("{{ .m.Later 1 }} {{ .m.Later2 }} {{ .m.nope }}", "test.Map+1 1 "),
        (
            "{{ if .v }}yes{{ end }} {{ eq .v .v }} {{ printf \"%T %v %s\" .v .v .v }}",
            "yes true *test.Version v3 v3",
        ),
        ("{{ .v.Later }}", "wrong number of args for Later: want at least 1 got 0"),
        ("{{ .v.Later \"x\" }}", "expected integer; found \"x\""),
        ("{{ .v.Minor }}", "can't evaluate field Minor in type interface {}"),
        ("{{ .v.Major 1 }}", "Major has arguments but cannot be invoked as function"),
        ("{{ .m.Later2 1 }}", "Later2 is not a method but has arguments"),
        ("{{ range .v }}{{ end }}", "range can't iterate over v3"),
        (
            "{{ hasKey .m \"Later2\" }} {{ set .m \"x\" 2 | printf \"%T\" }} {{ .m.x }}",
            "true map[string]interface {} 2",
        ),
    ] {
        let mut templates = Templates::new(&[FUNCTIONS], METHODS);
        templates.parse("a", template, FILE).unwrap();
        let got = Evaluation::new(&templates, &(), &Limits::default()).run("a", data.clone());
        let got = got.map_or_else(|error| error.message, |text| text.to_str().into_owned());
        assert_eq!(got, want, "{template}");
    }
}

/// What grows without end is stopped, and says which limit it was.
#[test]
fn everything_is_bounded() {
    let deep_list = "{{ $x := list }}{{ range until 15000 }}{{ $x = list $x }}{{ end }}";
    let blocks = ("{{ if true }}{{ with 1 }}".repeat(90), "{{ end }}{{ end }}".repeat(90));
    let parentheses = ("(print ".repeat(190), ")".repeat(190));
    let cases = [
        ("{{ range until 1000 }}{{ range until 1000 }}{{ end }}{{ end }}".to_owned(), Limit::Fuel),
        ("{{ range 1000000000 }}{{ end }}".to_owned(), Limit::Fuel),
        ("{{ range 1000000000 }}aaaaaaaaaaaaaaaaaaaaaaaaaaaaa{{ end }}".to_owned(), Limit::Output),
        ("{{ $x := \"aaaa\" }}{{ range 100 }}{{ $x = print $x $x }}{{ end }}".to_owned(), Limit::Text),
        ("{{ printf \"%900000d\" 1 }}".to_owned(), Limit::Text),
        ("{{ range 1000000 }}{{ $x := printf \"%50000d\" . }}{{ end }}".to_owned(), Limit::Made),
        ("{{ $x := 1 }}{{ range 150 }}{{ $x = list $x }}{{ end }}{{ print $x }}".to_owned(), Limit::Nesting),
        ("{{ $x := 1 }}{{ range 60 }}{{ $x = list $x $x }}{{ end }}{{ $x }}".to_owned(), Limit::Text),
        ("{{ $d := dict }}{{ $d = set $d \"d\" $d }}{{ $d }}".to_owned(), Limit::Nesting),
        (format!("{deep_list}{{{{ $x }}}}"), Limit::Nesting),
        (
            "{{ define \"x\" }}{{ template \"x\" . }}{{ end }}{{ template \"x\" . }}".to_owned(),
            Limit::Recursion,
        ),
        (
            "{{ define \"x\" }}{{ include \"x\" . }}{{ end }}{{ include \"x\" . }}".to_owned(),
            Limit::Recursion,
        ),
        ("{{ define \"x\" }}{{ tpl .t . }}{{ end }}{{ include \"x\" . }}".to_owned(), Limit::Recursion),
        ("{{ tpl .u . }}".to_owned(), Limit::Recursion),
        (format!("{{{{ {}1{} }}}}", "(".repeat(300), ")".repeat(300)), Limit::Nesting),
        ("{{ if true }}".repeat(100_000), Limit::Nesting),
        ("{{ with . }}{{ range . }}".repeat(300), Limit::Nesting),
        (
            format!(
                "{{{{ define \"x\" }}}}{}{{{{ include \"x\" . }}}}{}{{{{ end }}}}{{{{ include \"x\" . }}}}",
                blocks.0, blocks.1
            ),
            Limit::Recursion,
        ),
        (
            format!(
                "{{{{ define \"x\" }}}}{{{{ {}(include \"x\" .){} }}}}{{{{ end }}}}{{{{ include \"x\" . }}}}",
                parentheses.0, parentheses.1
            ),
            Limit::Recursion,
        ),
    ];
    let raised = ["fuel=200000", "output=1MiB", "text=256KiB", "made=100000"]
        .map(|text| text.parse::<Raised>().unwrap());
    let limits = Limits::default().with(&raised);
    for (template, limit) in cases {
        on_a_thread(move || {
            let shown: String = template.chars().take(200).collect();
            let data = Value::map([
                ("t", Value::plain_string("{{ include \"x\" . }}")),
                ("u", Value::plain_string("{{ tpl .u . }}")),
            ]);
            match run_within(&template, data, &limits) {
                Ok(text) => panic!("{shown}: {} bytes", text.len()),
                Err(error) => assert_eq!(error.kind, ErrorKind::Limit(limit), "{shown}: {}", error.message),
            }
        });
    }
    // These are long, and fine.
    on_a_thread(move || {
        let chain = "{{ else if false }}b".repeat(5000);
        let pipe = "| print ".repeat(2000);
        let template =
            format!("{deep_list}{{{{ if false }}}}a{chain}{{{{ else }}}}{{{{ \"c\" {pipe}}}}}{{{{ end }}}}");
        let got = run(&template, Value::Nil);
        assert_eq!(
            got.map(|text| text.to_str().into_owned()).map_err(|error| error.message),
            Ok("c".to_owned())
        );
    });
}

#[test]
fn budgets_span_all_templates_of_a_run() {
    let mut templates = Templates::new(&[FUNCTIONS], &[]);
    templates.parse("a", "{{ range until 1000 }}x{{ end }}", FILE).unwrap();
    let limits = Limits::default().with(&["fuel=20000".parse::<Raised>().unwrap()]);
    let mut run = Evaluation::new(&templates, &(), &limits);
    let runs = (0..10).take_while(|_| run.run("a", Value::Nil).is_ok()).count();
    assert!((1..5).contains(&runs), "{runs}");
}

#[test]
fn a_later_define_replaces_an_earlier_one_unless_it_is_empty() {
    let mut templates = Templates::new(&[FUNCTIONS], &[]);
    templates.parse("a", "{{ define \"x\" }}1{{ end }}{{ define \"y\" }}1{{ end }}", FILE).unwrap();
    templates.parse("b", "{{ define \"x\" }}2{{ end }}{{ define \"y\" }}  {{ end }}", VALUES).unwrap();
    templates.parse("c", "{{ template \"x\" }}{{ template \"y\" }}", FILE).unwrap();
    let text = Evaluation::new(&templates, &(), &Limits::default()).run("c", Value::Nil).unwrap();
    assert_eq!(text.to_str(), "21");
    assert!(templates.has("x") && !templates.has("z"));
}

#[test]
fn templates_are_shared_by_threads() {
    fn shared<T: Send + Sync>(_: &T) {}
    shared(&Templates::new(&[FUNCTIONS], &[]));
}
