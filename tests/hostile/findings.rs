//! Very many findings: they end, and what is said of them ends too.

use super::Chart;

/// Values and a schema in which everything is wrong.
fn chart(schema: &str, values: &str) -> Chart {
    let chart = Chart::new(&[]);
    chart.write("values.schema.json", schema);
    chart.write("wrong.yaml", values);
    chart
}

/// The last words of a run that finds very much.
fn last_words(chart: &Chart) -> String {
    let line = "plimsoll values . -f wrong.yaml 2> said; code=$?; ls -l said | awk '{print $5}'; tail -n 4 said >&2; exit $code";
    let ended = chart.run(line);
    assert_eq!(ended.code, Some(1), "{}", ended.err);
    let bytes: usize = ended.out.trim().parse().unwrap();
    assert!(bytes < 50_000_000, "{bytes} bytes");
    ended.err
}

#[test]
fn thousands_of_unknown_keys_beside_thousands_of_known_ones() {
    for (known, unknown, count) in
        [("known", "unknown", 20_000), (&*"ab".repeat(120), &*"ba".repeat(120), 500)]
    {
        let keys: Vec<String> = (0..count).map(|number| format!("\"{known}{number:05}\": {{}}")).collect();
        let schema = format!("{{\"additionalProperties\": false, \"properties\": {{{}}}}}", keys.join(","));
        let values: String = (0..count).map(|number| format!("{unknown}{number:05}: 1\n")).collect();
        let said = last_words(&chart(&schema, &values));
        assert!(said.contains("error"), "{said}");
    }
}

#[test]
fn an_enum_of_very_many_words() {
    let words: Vec<String> = (0..300_000).map(|number| format!("\"word{number}\"")).collect();
    let schema = format!("{{\"properties\": {{\"l\": {{\"items\": {{\"enum\": [{}]}}}}}}}}", words.join(","));
    let values: String = (0..200).map(|number| format!("- wrod{number}\n")).collect();
    let said = last_words(&chart(&schema, &format!("l:\n{values}")));
    assert!(said.contains("error"), "{said}");
}

/// The text goes on behind what is not YAML.
#[test]
fn what_is_not_yaml_hides_nothing_of_other_documents() {
    let chart = Chart::new(&[]);
    let object = |name: &str, field: &str| {
        format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\n{field}: {{}}\n---\n")
    };
    let text = [object("a", "dataa"), "apiVersion: [\n---\n".to_owned(), object("c", "dataaa")].concat();
    chart.write("m.yaml", text);
    let ended = chart.run("plimsoll lint m.yaml");
    assert_eq!(ended.code, Some(1), "{}", ended.err);
    for said in ["error[Y001]", "has no field `dataa`", "has no field `dataaa`"] {
        assert!(ended.err.contains(said), "{said}: {}", ended.err);
    }
}

#[test]
fn a_flag_that_does_not_fit_hides_nothing_of_other_flags() {
    let chart = chart("{\"properties\": {\"a\": {\"type\": \"integer\"}}}", "");
    let ended = chart.refuses("--set l=1 --set l.x=2 --set a=two");
    for said in ["error[V003]", "error[V103]"] {
        assert!(ended.err.contains(said), "{said}: {}", ended.err);
    }
}

#[test]
fn a_schema_that_is_wrong_is_not_printed() {
    let chart = chart("{\"properties\": {\"a\": {\"type\": \"intger\"}}}", "");
    chart.run("plimsoll schema .").refused("schema").says("error[C004]");
}

#[test]
fn a_pipe_in_the_place_of_a_template_is_no_template() {
    let chart = Chart::of_data("  a: b\n");
    chart.run("mkfifo templates/p.yaml; plimsoll render .").refused("render").says("not a regular file");
}
