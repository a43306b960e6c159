//! Every filter, function, test and operator with arguments as large as they can be: a value, or one short message.
//!
//! What each can be made to grow by is a line of [`GROWTH`]; besides, all of them get each of the [`ARGUMENTS`]. A
//! filter that is not in the table fails [`every_name_is_in_the_table`].

use std::collections::BTreeSet;

use plimsoll::template::{FUNCTIONS, filter_names, test_names};

use super::Chart;

/// The filters, and what might make them grow. A template has `text`, of nearly eight million characters, and `list`,
/// of nearly a hundred thousand items; `values` has `l`, a list of as many numbers, and `t`, a text of as many.
const GROWTH: &[(&str, &[&str])] = &[
    ("abs", &["1e300 | abs", "-170141183460469231731687303715884105727 | abs"]),
    ("attr", &["list | attr('x' * 8000000)", "values | attr(text)"]),
    ("b64encode", &["text | b64encode", "(text | b64encode) | b64encode"]),
    (
        "batch",
        &[
            "[1] | batch(1000000000, 0)",
            "list | batch(1, text)",
            "values.l | batch(99999, values.l)",
            "[1] | batch(values.n, 0)",
        ],
    ),
    ("bool", &["text | bool", "list | bool"]),
    ("capitalize", &["text | capitalize", "('ŉ' * 4000000) | capitalize", "list | capitalize"]),
    ("chain", &["list | chain(list, list, list)", "text | chain(text)", "list | chain(*list)"]),
    ("count", &["text | count", "list | count"]),
    ("d", &["none | d(text)", "none | d(list)"]),
    ("default", &["none | default(text)", "none | default(list)"]),
    (
        "dictsort",
        &[
            "values.m | dictsort",
            "dict(a=text, b=list) | dictsort(by='value')",
            "dict(a=text, b=text) | dictsort(by='value')",
        ],
    ),
    ("files_base64", &["files_base64(text)", "files_base64('*' * 300)", "files_base64('{a,b}' * 60)"]),
    ("files_text", &["files_text(text)", "files_text('**/' * 100)", "files_text('[a-z]' * 60)"]),
    ("first", &["text | first", "list | first"]),
    ("float", &["text | float", "('1' * 8000000) | float", "1e308 | float", "'1e999999999' | float"]),
    (
        "format",
        &[
            "'%s%s' | format(text, text)",
            "'%999d' * 9000 | format(1)",
            "'%s' | format(list)",
            "('%s' * 90000) | format(*list)",
        ],
    ),
    ("groupby", &["values.o | groupby('a')", "list | groupby(text)", "values.o | groupby('b')"]),
    (
        "int",
        &[
            "text | int",
            "('1' * 8000000) | int",
            "'1e38' | int",
            "'1e39' | int",
            "1e39 | int",
            "'nan' | float | int",
        ],
    ),
    ("items", &["values.m | items", "{1: text, 2: text} | items"]),
    (
        "join",
        &[
            "list | join(text)",
            "[text, text] | join",
            "list | join(d=text)",
            "values.o | join(',', attribute='b')",
            "values.o | join(attribute='b', d=text)",
        ],
    ),
    ("last", &["text | last", "list | last", "list | map('string') | last"]),
    ("length", &["text | length", "list | length"]),
    ("lines", &["('\\n' * 8000000) | lines", "text | lines"]),
    ("list", &["text | list", "list | list", "('é' * 4000000) | list"]),
    ("lower", &["text | lower", "('İ' * 4000000) | lower", "list | lower"]),
    (
        "map",
        &[
            "list | map('replace', '1', 'b' * 80000) | list",
            "list | map('string') | map('replace', '', text)",
            "list | map('default', text)",
            "list | map('list')",
            "text | map('upper')",
            "list | map('map', 'map')",
            "list | map(values.t)",
            "values.o | map(attribute='b', default=text)",
            "list | map('batch', 99999, text)",
            "list | map('_' ~ 'm')",
            "list | map('to' ~ 'json')",
        ],
    ),
    (
        "max",
        &[
            "text | max",
            "([text] + values.l) | max",
            "values.o | max(attribute='b')",
            "values.l | map('string') | list + [text] | max",
        ],
    ),
    ("min", &["text | min", "([text] + values.l) | min", "([text] + values.s) | min"]),
    (
        "regex_replace",
        &[
            "text | regex_replace('a', 'bb')",
            "text | regex_replace('(a?){1,900}', 'b' * 1000)",
            "text | regex_replace('', text)",
            "('a' * 4000) | regex_replace('a', 'b' * 4000)",
            "('a' * 4000) | regex_replace('(.*)', '$1$1$1$1$1$1$1$1')",
            "'a' | regex_replace(text, 'b')",
            "'a' | regex_replace('(' * 60000, 'b')",
            "'a' | regex_replace('((a{1,100}){1,100}){1,100}', 'b')",
        ],
    ),
    ("reject", &["list | reject('in', values.l)", "list | reject('eq', text)", "text | reject"]),
    ("rejectattr", &["values.o | rejectattr('b', 'in', text)", "values.o | rejectattr(text)"]),
    (
        "replace",
        &[
            "text | replace('a', 'bb')",
            "text | replace('', 'b' * 1000)",
            "('a' * 4000) | replace('a', 'b' * 4000)",
            "list | replace(1, text)",
        ],
    ),
    ("reverse", &["text | reverse", "list | reverse"]),
    (
        "round",
        &[
            "1.5 | round(1000000000)",
            "1e308 | round(-308)",
            "1e308 | round(-2147483648)",
            "5 | round(-2147483648, 'ceil')",
        ],
    ),
    (
        "select",
        &[
            "values.s | select('in', text)",
            "list | select('ne', text)",
            "values.s | select('startingwith', text)",
            "text | select",
        ],
    ),
    ("selectattr", &["values.o | selectattr('b', 'eq', text)", "values.o | selectattr('b', 'in', values.s)"]),
    ("semver", &["semver(text)", "semver('1.' ~ text)"]),
    ("shell_quote", &["(\"'\" * 8000000) | shell_quote", "text | shell_quote"]),
    (
        "slice",
        &[
            "[1] | slice(1000000000)",
            "list | slice(99999, text)",
            "text | slice(1000)",
            "[1] | slice(values.n)",
        ],
    ),
    (
        "sort",
        &[
            "([text] + values.s) | sort",
            "text | sort",
            "values.o | sort(attribute='b,a,b,a')",
            "values.s | sort(attribute=text)",
            "list | sort(reverse=true)",
        ],
    ),
    (
        "split",
        &[
            "text | split('')",
            "(' a' * 4000000) | split",
            "text | split('b', 1000000000)",
            "text | split(text)",
        ],
    ),
    ("string", &["list | string", "[text] | string", "values.o | string", "1e308 | string"]),
    (
        "sum",
        &[
            "values.l | sum",
            "values.s | sum(start='')",
            "(values.s | map('list')) | sum(start=[])",
            "([list] * 90000) | sum(start=[])",
            "list | sum(attribute=text)",
            "[1e308] * 9 | sum",
        ],
    ),
    ("title", &["text | title", "('ŉ ' * 3000000) | title"]),
    ("to_json", &["text | to_json", "('\\x07' * 8000000) | to_json", "list | to_json", "values | to_json"]),
    ("to_yaml", &["text | to_yaml", "('\\x07' * 8000000) | to_yaml", "list | to_yaml", "values | to_yaml"]),
    ("trim", &["text | trim(text)", "('ab' * 4000000) | trim('ba' * 4000000)", "text | trim"]),
    ("trim_prefix", &["text | trim_prefix(text)", "('x' * 8000000) | trim_prefix('x')"]),
    ("trim_suffix", &["text | trim_suffix(text)", "('x' * 8000000) | trim_suffix('x')"]),
    ("unique", &["([text] + values.s) | unique", "text | unique", "values.o | unique(attribute='b')"]),
    ("upper", &["text | upper", "('ΐ' * 4000000) | upper"]),
    ("urlencode", &["(' ' * 8000000) | urlencode", "text | urlencode"]),
    ("zip", &["list | zip(*list)", "text | zip(text)", "list | zip(list, list, list)"]),
    // Functions that are no filters.
    ("checksum", &["checksum(*list)", "checksum(text, text)", "checksum(*([values.o] * 1000))"]),
    ("coalesce", &["coalesce(*list)", "coalesce('', text)"]),
    ("dict", &["dict(a=text)", "dict(values.m)", "dict(dict(a=list), b=list)"]),
    (
        "endpoints",
        &["endpoints(text)", "endpoints('h:1,' * 1900000)", "endpoints('http://a' ~ text, 99999999)"],
    ),
    (
        "parse_yaml",
        &[
            "parse_yaml(text)",
            "('- 1\n' * 1900000) | parse_yaml",
            "('[' * 8000000) | parse_yaml",
            "('[' ~ '1,' * 3900000 ~ ']') | parse_yaml",
            "('a: &a [1, 2, 3, 4, 5, 6, 7, 8]\nb: [*a, *a, *a, *a]\n') | parse_yaml",
            "('{a: ' * 9000 ~ '}' * 9000) | parse_yaml",
            "('\"' ~ text) | parse_yaml",
        ],
    ),
    (
        "peers",
        &[
            "peers(*values.s)",
            "peers(text, list)",
            "peers('10.0.0.0/8', except=values.s)",
            "peers(values.s, except=values.s)",
        ],
    ),
    ("env", &["env(values.m)", "env(dict(a=text))"]),
    ("fail", &["fail(text)", "fail(text, *list)"]),
    (
        "image",
        &[
            "image({'repository': text, 'tag': text})",
            "image({'repository': text, 'registry': text, 'digest': text})",
        ],
    ),
    ("merge", &["merge(*([values.m] * 1000))", "merge(dict(a=text), dict(b=text))"]),
    ("name", &["name(text)", "name(*values.l)"]),
    ("namespace", &["namespace(a=text)", "namespace(values.m)"]),
    ("omit", &["omit(values.m, text)", "omit(values.m, *values.s)"]),
    ("pick", &["pick(values.m, text)", "pick(values.m, *values.s)"]),
    (
        "range",
        &[
            "range(1000000000)",
            "range(9223372036854775807, -9223372036854775807, -1)",
            "range(0, 1, -9223372036854775807)",
            "range(1e18)",
        ],
    ),
    ("warn", &["warn(text)", "warn('x', list)"]),
];

/// What each filter, function and test is given besides, and how the first argument is called.
const ARGUMENTS: &[(&str, &str)] = &[
    ("text", ""),
    ("list", "1000000000"),
    ("list", "text"),
    ("text", "'a', text"),
    ("values.o", "attribute='b'"),
    ("-9223372036854775808", "-1"),
];

/// The same for tests; the item is on the left.
const TESTS: &[&str] = &[
    "text is NAME",
    "list is NAME",
    "text is NAME(text)",
    "list is NAME(values.l)",
    "5 is NAME(0)",
    "-5 is NAME(-1)",
];

/// Operators, in turns of a loop and by themselves.
const OPERATORS: &[&str] = &[
    "(1,) * 100000000",
    "[1] * 100000000",
    "'a' * 100000000",
    "100000000 * list",
    "list * list",
    "text * values.n",
    "text * values.l",
    "list * 99999 * 99999",
    "text ~ text",
    "text ~ list ~ list",
    "list + list + list",
    "(1,) + (2,) * 90000000",
    "2 ** 127",
    "2 ** -9999",
    "1e308 * 10",
    "-170141183460469231731687303715884105728 // -1",
    "-170141183460469231731687303715884105728 % -1",
    "text[:99999999999]",
    "list[::9223372036854775807]",
    "list[-9223372036854775808:9223372036854775807]",
    "list[0:2:-1]",
    "[][::-1]",
    "''[::-1]",
    "values.empty[::-1]",
    "list[::0]",
    "list[::values.minus]",
];

/// What is done ninety thousand times.
const IN_LOOP: &[&str] = &[
    "text == text ~ ''",
    "text < text ~ 'a'",
    "text ~ '' < text",
    "'zz' in text",
    "values.zz in text",
    "text is eq(text ~ '')",
    "text is startingwith(text ~ '')",
    "values.zz in values.s",
    "list == values.l",
    "values.o == values.o | list",
    "text | length",
    "text | replace('zz', '')",
    "text | split('zz')",
    "text | upper",
    "text[1:]",
    "text | trim",
    "values.o | sort(attribute='b')",
    "values.l | unique",
    "values.o | to_json",
    "checksum(values.o)",
    "merge(values.m, values.m)",
    "values.s | join",
    "values.m | items",
    "values.m | dictsort",
    "checksum(text)",
    "warn(text)",
    "parse_yaml(text)",
    "text | regex_replace('c', 'd')",
    "[text] | to_yaml",
];

/// A chart with a template for each expression, so that all of them run. What is printed has no place in a document:
/// a comment may hold any value.
fn chart(expressions: impl Iterator<Item = String>) -> Chart {
    let chart = Chart::new(&[]);
    let numbers: Vec<String> = (0..9_000).map(|number| number.to_string()).collect();
    let texts: Vec<String> = (0..9_000).map(|number| format!("t{number}")).collect();
    let entries: Vec<String> = (0..3_000).map(|number| format!("k{number}: {number}")).collect();
    let objects: Vec<String> =
        (0..3_000).map(|number| format!("{{a: {}, b: text{number}}}", number % 7)).collect();
    chart.write(
        "values.yaml",
        format!(
            "n: 1000000000\nminus: -1\nempty: []\nzz: zz\nt: {}\nl: [{}]\ns: [{}]\nm: {{{}}}\no: [{}]\n",
            "t".repeat(90_000),
            numbers.join(", "),
            texts.join(", "),
            entries.join(", "),
            objects.join(", ")
        ),
    );
    for (number, expression) in expressions.enumerate() {
        let template = format!(
            "{{% set text = 'ab' * 3900000 %}}{{% set list = range(99000) %}}\n# {{{{ ({expression}) is string }}}}\n"
        );
        chart.write(&format!("templates/t{number:03}.yaml"), template);
    }
    // What cannot be run at all is found before anything runs.
    chart.write("templates/z.yaml", "# {{ fail('it was run') }}\n");
    chart
}

/// A value or a message for each template, in less memory than one of them could take.
fn ends_well(name: &str, expressions: impl Iterator<Item = String>) {
    let ended = chart(expressions).run_within("plimsoll render .", 900_000);
    let ended = ended.refused(name).says("it was run");
    assert!(ended.err.len() < 200_000, "{name}: {} bytes", ended.err.len());
}

#[test]
fn every_name_is_in_the_table() {
    let known: BTreeSet<&str> =
        filter_names().into_iter().chain(FUNCTIONS.iter().map(|one| one.name)).collect();
    let listed: BTreeSet<&str> = GROWTH.iter().map(|(name, _)| *name).collect();
    assert_eq!(listed, known);
    assert!(GROWTH.iter().all(|(_, lines)| lines.len() > 1));
}

#[test]
fn filters_and_functions_end_with_their_largest_arguments() {
    let functions: BTreeSet<&str> = FUNCTIONS.iter().map(|one| one.name).collect();
    for (name, lines) in GROWTH {
        let of_all = ARGUMENTS.iter().map(|(value, arguments)| {
            if functions.contains(name) {
                format!("{name}({value}{}{arguments})", if arguments.is_empty() { "" } else { ", " })
            } else {
                format!("{value} | {name}({arguments})")
            }
        });
        ends_well(name, lines.iter().map(|line| (*line).to_owned()).chain(of_all));
    }
}

#[test]
fn tests_end_with_their_largest_arguments() {
    for name in test_names() {
        ends_well(name, TESTS.iter().map(|test| test.replace("NAME", name)));
    }
}

#[test]
fn operators_end_with_their_largest_operands() {
    ends_well("operators", OPERATORS.iter().map(|line| (*line).to_owned()));
}

/// Work that the engine's fuel does not count: each ends with a message, long before the loop does.
#[test]
fn what_is_looked_at_in_a_loop_is_paid_for() {
    for expression in IN_LOOP {
        let template = format!(
            "{{% set text = 'ab' * 3500000 %}}{{% set list = range(9000) %}}{{% for i in range(90000) %}}{{% if ({expression}) is string %}}{{% endif %}}{{% endfor %}}\n"
        );
        let chart = chart(std::iter::empty());
        chart.write("templates/t.yaml", template);
        // A part of what is allowed, so that a debug build on a busy machine gets there too.
        let ended = chart.run_within("plimsoll render . --limit made=1000000", 900_000).refused(expression);
        assert!(
            ended.err.contains("it was run") && ended.err.contains("T008"),
            "{expression}: {:.500}",
            ended.err
        );
    }
}

/// Values that are held at the same time are bounded together.
#[test]
fn many_large_values_are_refused_together() {
    let all = |value: &str| {
        (0..300).map(|number| format!("{{% set v{number} = {value} %}}\n")).collect::<String>()
            + "# {{ 1 }}\n"
    };
    for value in [
        "'x' * 8000000",
        "range(99999) | list",
        "values.o | list",
        "[values.o[0]] * 99999",
        "('x' * 99000) | list",
        "merge(values.m)",
        "{'a': range(9999) | list}",
        "values.m | items",
    ] {
        let chart = chart(std::iter::empty());
        chart.write("templates/t.yaml", all(value));
        chart.run_within("plimsoll render .", 900_000).refused(value).says("it was run");
    }
}
