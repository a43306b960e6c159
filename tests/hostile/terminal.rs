//! What reaches a terminal: no control characters of the input, no secret, no colour that nobody wants.

use super::{Chart, OBJECT};

const ESCAPES: &[char] = &['\u{1b}', '\u{7}', '\u{9b}', '\u{202e}', '\u{2028}', '\r'];

#[test]
fn no_control_character_of_the_input_is_shown() {
    let evil = "\u{1b}[31m\u{7}\u{9b}2J\u{202e}\u{2028}::error::x%0A";
    let chart = Chart::new(&[
        ("templates/t.yaml", OBJECT),
        (
            "values.schema.json",
            r#"{"type": "object", "additionalProperties": false, "properties": {"a": {"type": "integer"}}}"#,
        ),
    ]);
    chart.write(&format!("{evil}.yaml").replace('/', ""), format!("b{evil}: 1\na: 'x{evil}'\n"));
    let lines = [
        "-f *error*.yaml".to_owned(),
        format!("--set $'a=x{evil}'"),
        format!("--set $'b{evil}=1'"),
        format!("--preset $'{evil}'"),
        format!("--show-only $'{evil}'"),
        format!("-f $'{evil}'"),
        format!("-o $'{evil}'"),
        format!("--kube-version $'{evil}'"),
        format!("--namespace $'{evil}'"),
        format!("$'--{evil}'"),
        format!("--output-dir $'/dev/null/{evil}'"),
    ];
    for line in lines {
        let ended = chart.refuses(&line);
        let shown: Vec<char> = ended.err.chars().filter(|c| ESCAPES.contains(c)).collect();
        assert!(shown.is_empty(), "{line:?}: {shown:?} in {:?}", ended.err);
        assert!(!ended.err.lines().any(|line| line.starts_with("::")), "{}", ended.err);
    }
}

#[test]
fn no_secret_is_shown() {
    let schema = r#"{"type": "object", "additionalProperties": false, "properties": {
        "p": {"type": "string", "writeOnly": true, "pattern": "^[a-z]$", "maxLength": 3}, "n": {"type": "integer", "writeOnly": true},
        "a": {"type": "string"}}}"#;
    let template = format!("{OBJECT}data:\n  a: {{{{ values.p + 1 }}}}\n");
    let chart = Chart::new(&[("templates/t.yaml", &template), ("values.schema.json", schema)]);
    let lines = [
        "--set p=hunter2hunter2",
        "--set-string n=hunter2",
        "--set-json 'p=[\"hunter2\"'",
        "-f <(echo) --set p=hunter2",
        "-f s.yaml",
        "-f twice.yaml",
    ];
    chart.write("s.yaml", "p: hunter2\nn: hunter2\nunknown: 1\n");
    chart.write("twice.yaml", "password: hunter2\npassword: hunter2\n");
    for line in lines {
        let ended = chart.refuses(line);
        assert!(!ended.err.contains("hunter2"), "{line}: {}", ended.err);
    }
    let json = chart.run("plimsoll render . -f s.yaml --format json");
    assert!(json.code == Some(1) && json.out.is_empty() && !json.err.contains("hunter2"), "{}", json.err);
    let values = chart.run("plimsoll values . --set p=a").succeeded();
    assert_eq!(values.out, "p: \"***\"\n");
}

#[test]
fn colours_and_width_are_as_wanted() {
    let chart = Chart::new(&[("templates/t.yaml", "kind: X\n")]);
    let plain = chart.refuses("");
    for setting in ["NO_COLOR=1", "TERM=dumb", "COLUMNS=20", "TERM=", "LC_ALL=C", "LANG=xx"] {
        let ended = chart.run(&format!("{setting} plimsoll render .")).refused(setting);
        assert_eq!(ended.err, plain.err, "{setting}");
    }
    let colored = chart.run("plimsoll render . --color always");
    assert!(colored.err.contains('\u{1b}'), "{}", colored.err);
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let objects: String =
        (0..2_000).map(|n| format!("---\n{}", OBJECT.replace("name: t", &format!("name: t{n}")))).collect();
    let chart = Chart::new(&[("templates/t.yaml", &objects)]);
    let ended = chart.run("set -o pipefail; plimsoll render . | head -1").succeeded();
    assert_eq!((ended.out.as_str(), ended.err.as_str()), ("---\n", ""));
    let ended = chart.run("plimsoll render . > /dev/full");
    assert_eq!(
        (ended.code, ended.err.contains("cannot write to standard output")),
        (Some(2), true),
        "{}",
        ended.err
    );
    let chart = Chart::new(&[("templates/t.yaml", "kind: X\n")]);
    for line in ["plimsoll render . 2>&-", "plimsoll render . 2> >(exit)"] {
        assert_eq!(chart.run(line).code, Some(1), "{line}");
    }
}
