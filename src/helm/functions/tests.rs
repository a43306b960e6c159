//! Each function against what Helm answers: `tests/helm/functions` has a file a family, with templates and what they print.

use std::fmt::Write as _;
use std::rc::Rc;

use super::{METHODS, TABLES};
use crate::gotemplate::error::{Error, ErrorKind};
use crate::gotemplate::eval::Evaluation;
use crate::gotemplate::templates::Templates;
use crate::gotemplate::text::{Origin, Text};
use crate::gotemplate::value::{Map, MapType, Value};
use crate::helm::host::{FIXED_NOW, Host};
use crate::helm::json;
use crate::limits::Limits;
use crate::session::Session;
use crate::source::{SourceKind, Span};

/// The values that templates see: those of the file, each time anew.
fn values() -> Value {
    let text = Text::plain(include_str!("../../../tests/helm/functions/values.json"));
    let Ok(Value::Map(read)) = json::parse_map(&text) else { panic!("the values are no map") };
    let values = Map::new(MapType::Named("common.Values"));
    values.entries.borrow_mut().extend(read.entries.take());
    Value::map([("Values", Value::Map(Rc::new(values)))])
}

/// What a template prints, for a host.
fn printed(template: &str, data: Value, host: &Host) -> Result<Text, Error> {
    let session = Session::default();
    let source = session.add_source(SourceKind::File, "template", template);
    let mut templates = Templates::new(TABLES, METHODS);
    templates.parse("template", template, source)?;
    Evaluation::new(&templates, host, &Limits::default()).run("template", data)
}

fn print(template: &str) -> Result<Text, Error> {
    printed(template, values(), &Host::fixed(FIXED_NOW))
}

/// Bytes as the files have them: each that is no UTF-8 as U+FFFD.
fn shown(text: &Text) -> String {
    let mut out = String::new();
    super::convert::for_each_rune(text.as_bytes(), |rune, _| out.push(rune.unwrap_or('\u{FFFD}')));
    out
}

/// Checks a file: a template, and below it what it prints, or `refused`.
fn check(file: &str) {
    let mut wrong = String::new();
    let lines: Vec<&str> = file.lines().collect();
    assert!(lines.len() > 10, "the file has hardly a case");
    for pair in lines.chunks(2) {
        let &[template, expected] = pair else { panic!("a template without an answer") };
        let expected = expected.trim();
        let found = match print(template) {
            Ok(text) => Some(shown(&text)),
            Err(error) => {
                assert!(!matches!(error.kind, ErrorKind::Limit(_)), "{template}: {}", error.message);
                None
            }
        };
        let expected: Option<String> =
            (expected != "refused").then(|| serde_json::from_str(expected).expect("a string in JSON"));
        if found != expected {
            let _ = writeln!(wrong, "{template}\n    Helm: {expected:?}\n    here: {found:?}");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

macro_rules! families {
    ($($family:ident)*) => {
        $(
            #[test]
            fn $family() {
                check(include_str!(concat!("../../../tests/helm/functions/", stringify!($family), ".txt")));
            }
        )*
    };
}

families! {
    casing codecs crypto dates dicts encoding flow lists math paths regexes semver strings templates together tomls types urls
}

#[test]
fn every_function_that_helm_has_is_there_once() {
    let mut names: Vec<&str> =
        TABLES.iter().flat_map(|table| table.iter()).map(|function| function.name).collect();
    names.sort_unstable();
    let before = names.len();
    names.dedup();
    assert_eq!(names.len(), before);
    let mut expected: Vec<&str> =
        include_str!("../../../tests/helm/functions/names").split_whitespace().collect();
    expected.sort_unstable();
    assert_eq!(names, expected);
}

/// The parts of a text, each with whether it was drawn, and the places of the values and templates that it came from.
fn origins(text: &Text) -> Vec<(String, Origin)> {
    let part = |(range, origin): (std::ops::Range<usize>, Origin)| {
        (String::from_utf8_lossy(text.as_bytes().get(range).unwrap_or_default()).into_owned(), origin)
    };
    text.segments().map(part).collect()
}

/// The parts of what a template prints that were written in the values, with the names of those.
fn parts_of_values(template: &str) -> String {
    let session = Session::default();
    let source = session.add_source(SourceKind::File, "values", "left right");
    let (left, right) = (Span::new(source, 0, 4), Span::new(source, 5, 10));
    let of = |text: &str, place: Span| Value::String(Text::new(text, Origin::value(place)));
    let data = Value::map([("a", of("left,x", left)), ("b", of("right", right))]);
    let text = printed(template, data, &Host::fixed(FIXED_NOW)).expect("it is printed");
    let mut out = String::new();
    for (part, origin) in origins(&text) {
        let name = match origin.value {
            place if place == left => "<a>",
            place if place == right => "<b>",
            _ => "",
        };
        let _ = write!(out, "{part}{name}|");
    }
    out
}

#[test]
fn bytes_carry_their_origins() {
    let cases = [
        (r#"{{ trunc 2 .a }}"#, "le<a>|"),
        (r#"{{ trimSuffix ",x" .a }}"#, "left<a>|"),
        (r#"{{ upper .a }}"#, "LEFT,X<a>|"),
        (r#"{{ quote .a }}"#, "\"left,x\"<a>|"),
        (r#"{{ join "-" (list .a .b) }}"#, "left,x<a>|-|right<b>|"),
        (r#"{{ cat .a .b }}"#, "left,x<a>| |right<b>|"),
        (r#"{{ replace "," "-" .a }}"#, "left<a>|-|x<a>|"),
        (r#"{{ replace "," .b .a }}"#, "left<a>|right<b>|x<a>|"),
        (r#"{{ index (splitList "," .a) 1 }}"#, "x<a>|"),
        (r#"{{ (split "," .a)._0 }}"#, "left<a>|"),
        (r#"{{ nindent 2 .a }}"#, "\n  |left,x<a>|"),
        (r#"{{ repeat 2 .b }}"#, "rightright<b>|"),
        (r#"{{ b64enc .b }}"#, "cmlnaHQ=<b>|"),
        (r#"{{ sha1sum .b | trunc 3 }}"#, "d27<b>|"),
        (r#"{{ regexReplaceAll "l(.)" .a "${1}-" }}"#, "e<a>|-|ft,x<a>|"),
        (r#"{{ regexFind "[a-z]+" .b }}"#, "right<b>|"),
        (r#"{{ default .b .nope }}"#, "right<b>|"),
        (r#"{{ ternary .a .b false }}"#, "right<b>|"),
        (r#"{{ .b | len | add 1 }}"#, "6<b>|"),
        (r#"{{ keys (dict .b 1) | first }}"#, "right<b>|"),
        (r#"{{ (merge (dict) (dict "k" .b)).k }}"#, "right<b>|"),
        (r#"{{ dig "k" "x" (dict "k" .b) }}"#, "right<b>|"),
        (r#"{{ toYaml (dict "k" .b) }}"#, "k|: |right<b>|"),
        (r#"{{ tpl "{{ .b }}" . }}"#, "right<b>|"),
        (r#"{{ base (print "x/" .b) }}"#, "right<b>|"),
    ];
    let wrong: Vec<String> = cases
        .iter()
        .map(|(template, expected)| (template, expected, parts_of_values(template)))
        .filter(|(_, expected, found)| *expected != found)
        .map(|(template, expected, found)| format!("{template}\n    {expected:?}\n    {found:?}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Templates all of whose output was drawn.
const DRAWN: [&str; 22] = [
    "{{ randAlphaNum 8 }}",
    "{{ randAlpha 8 | upper }}",
    "{{ randNumeric 8 | quote }}",
    "{{ randAscii 8 | b64enc }}",
    "{{ randBytes 8 }}",
    "{{ randInt 1 100 }}",
    "{{ uuidv4 }}",
    "{{ shuffle \"abc\" }}",
    "{{ bcrypt \"x\" }}",
    "{{ htpasswd \"a\" \"x\" | sha256sum }}",
    "{{ encryptAES \"k\" \"x\" }}",
    "{{ genPrivateKey \"ed25519\" }}",
    "{{ (genCA \"x\" 1).Cert }}",
    "{{ (genSelfSignedCert \"x\" nil nil 1).Key | b64enc }}",
    "{{ now }}",
    "{{ now.Year }}",
    "{{ now | date \"2006\" }}",
    "{{ date \"2006\" \"no date\" }}",
    "{{ now | unixEpoch }}",
    "{{ ago 0 }}",
    "{{ dateModify \"1h\" now | htmlDate }}",
    "{{ (now.AddDate 1 0 0).Format \"2006\" }}",
];

#[test]
fn what_is_drawn_says_so() {
    for template in DRAWN {
        let text = print(template).unwrap_or_else(|error| panic!("{template}: {}", error.message));
        let parts = origins(&text);
        assert!(!parts.is_empty() && parts.iter().all(|(_, origin)| origin.drawn), "{template}: {parts:?}");
    }
    for template in
        ["{{ derivePassword 1 \"pin\" \"p\" \"u\" \"s\" }}", "{{ date \"2006\" 0 }}", "{{ sha256sum \"x\" }}"]
    {
        let text = print(template).unwrap_or_else(|error| panic!("{template}: {}", error.message));
        assert!(origins(&text).iter().all(|(_, origin)| !origin.drawn), "{template}");
    }
}

#[test]
fn the_same_seed_draws_the_same() {
    let draw = |template: &str, host: &Host| {
        printed(template, values(), host).unwrap_or_else(|error| panic!("{template}: {}", error.message))
    };
    let seeded = |seed: &str| Host::seeded(seed, FIXED_NOW);
    let twice = "{{ randAlphaNum 8 }} {{ randAlphaNum 8 }}";
    let first = draw(twice, &seeded("0123456789abcdef"));
    assert_eq!(first, draw(twice, &seeded("0123456789abcdef")));
    assert_ne!(first, draw(twice, &seeded("another seed of them")));
    let text = first.to_str().into_owned();
    let (one, other) = text.split_once(' ').expect("two");
    assert_ne!(one, other);
    // What is drawn elsewhere with other arguments changes nothing.
    let later = draw(
        "{{ $_ := randAlphaNum 9 }}{{ uuidv4 | trunc 0 }}{{ randAlphaNum 8 }}",
        &seeded("0123456789abcdef"),
    );
    assert_eq!(one, later.to_str());
}

#[test]
fn what_grows_is_bounded() {
    let hostile = [
        "{{ repeat 1000000000 \"x\" }}",
        "{{ indent 2000000000 \"x\" }}",
        "{{ nindent 100000 (repeat 1000 \"\\n\") }}",
        "{{ until 9223372036854775807 }}",
        "{{ untilStep -9223372036854775807 9223372036854775807 1 }}",
        "{{ seq 1 1000000000 }}",
        "{{ randAlphaNum 9223372036854775807 }}",
        "{{ randBytes 999999999999 }}",
        "{{ $x := \"xxxxxxxx\" }}{{ range until 99 }}{{ $x = print $x $x | replace \"x\" \"xx\" }}{{ end }}",
        "{{ $x := list 1 }}{{ range until 99 }}{{ $x = concat $x $x }}{{ end }}",
        "{{ $x := repeat 100000 \"x\" }}{{ $x | replace \"\" $x }}",
        "{{ $x := repeat 100000 \"x\" }}{{ regexReplaceAll \"\" $x $x }}",
        "{{ $x := until 50000 }}{{ join (repeat 10000 \"x\") $x }}",
        "{{ wrapWith 1 (repeat 100000 \"x\") (repeat 100000 \"y\") }}",
        "{{ $d := dict }}{{ $_ := set $d \"d\" $d }}{{ deepCopy $d }}",
        "{{ $d := dict }}{{ $_ := set $d \"d\" $d }}{{ merge (dict \"d\" (dict \"x\" 1)) $d | toJson | fail }}",
        "{{ $d := dict }}{{ $_ := set $d \"d\" $d }}{{ $e := dict }}{{ $_ := set $e \"d\" $e }}{{ mergeOverwrite $d $e }}",
        "{{ $d := dict }}{{ $_ := set $d \"d\" $d }}{{ toString $d }}",
        "{{ $d := dict }}{{ $_ := set $d \"d\" $d }}{{ mustToToml $d }}",
    ];
    for template in hostile {
        assert!(print(template).is_err(), "{template}");
    }
    let unlike = "{{ regexMatch \"((((a{1,10}){1,10}){1,10}){1,2}){1,2}\" \"a\" }}";
    assert_eq!(print(unlike).map(|text| shown(&text)).ok().as_deref(), Some("false"));
}
