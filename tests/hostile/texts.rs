//! Small and large texts that expand, nest or repeat without end: values, flags, schemas and documents.

use super::{Chart, OBJECT};

const DEEP: usize = 100_000;

fn with_values(values: &str) -> Chart {
    Chart::new(&[("templates/t.yaml", OBJECT), ("v.yaml", values)])
}

#[test]
fn aliases_that_multiply_are_stopped_at_the_alias() {
    let lists: String =
        (1..12).map(|n| format!("a{n}: &a{n} [{}]\n", vec![format!("*a{}", n - 1); 10].join(", "))).collect();
    with_values(&format!("a0: &a0 [x, x]\n{lists}"))
        .refuses("-f v.yaml")
        .at("Y004", "v.yaml:6:")
        .says("its anchor");
    let merges: String =
        (1..40).map(|n| format!("a{n}: &a{n} {{k: *a{m}, l: *a{m}, <<: *a{m}}}\n", m = n - 1)).collect();
    with_values(&format!("a0: &a0 {{x: 1}}\n{merges}")).refuses("-f v.yaml").at("Y004", "v.yaml:15:");
}

#[test]
fn deep_texts_are_refused() {
    let blocks: String = (0..1_000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
    let texts = [
        "a: ".to_owned() + &"[".repeat(DEEP),
        "{a: ".repeat(DEEP),
        "- ".repeat(DEEP),
        blocks,
        "a: ".to_owned() + &"[".repeat(500) + &"]".repeat(500),
    ];
    for text in texts {
        let chart = with_values(&text);
        let ended = chart.run_with("plimsoll render . -f v.yaml", 2_048).refused(&text[..20]);
        ended.says("v.yaml:1");
    }
    with_values(&("? ".repeat(DEEP) + "a")).refuses("-f v.yaml").at("Y003", "v.yaml:1:3");
}

#[test]
fn long_paths_and_large_indices_of_flags_are_refused() {
    let chart = Chart::new(&[("templates/t.yaml", OBJECT), ("values.yaml", "a: [1]\n")]);
    chart.refuses("--set $(printf 'a.%.0s' {1..30000})b=1").at("V002", "--set (flag 1):1:");
    chart.refuses("--set-json a=$(printf '[%.0s' {1..100000})").at("V002", "--set-json (flag 1):1:");
    chart.refuses("--set 'a[9999999999]=1'").at("V003", "--set (flag 1):1:2");
    chart.refuses("--set 'a[99999999999999999999999999]=1'").at("V002", "--set (flag 1):1:2");
    chart.refuses("--set 'a[-1]=1'").at("V002", "--set (flag 1):1:2");
    chart.refuses("--set a.b.c=1").at("V003", "--set (flag 1):1:");
}

#[test]
fn schemas_that_are_deep_or_explode_are_refused() {
    let deep = r#"{"properties":{"a":"#.repeat(DEEP) + "{}" + &"}}".repeat(DEEP);
    let nested = "(".repeat(DEEP) + &")".repeat(DEEP);
    let pattern = |pattern: &str| format!(r#"{{"properties": {{"a": {{"pattern": "{pattern}"}}}}}}"#);
    for (schema, code) in
        [(deep, "Y004"), (pattern("((((a{1000}){1000}){1000}){1000})"), "C004"), (pattern(&nested), "C004")]
    {
        let chart = Chart::new(&[
            ("templates/t.yaml", OBJECT),
            ("values.yaml", "a: x\n"),
            ("values.schema.json", &schema),
        ]);
        chart.refuses("").at(code, "values.schema.json:1:");
    }
}

#[test]
fn many_documents_and_many_findings_take_linear_time() {
    let documents: String =
        (0..5_000).map(|n| format!("---\n{}", OBJECT.replace("name: t", &format!("name: t{n}")))).collect();
    let chart = Chart::new(&[("templates/t.yaml", &documents)]);
    let ended = chart.run("plimsoll render .").succeeded();
    assert_eq!(ended.out.matches("\n  name: t").count(), 5_000);
    let chart = with_values(&"a: 1\n".repeat(2_000));
    chart.refuses("-f v.yaml").at("Y002", "v.yaml:2:1").says("1999 errors");
    let chart = with_values(&("{".to_owned() + &"a: 1, ".repeat(1_000) + "}"));
    chart.refuses("-f v.yaml").at("Y002", "v.yaml:1:8").says("999 errors");
}

#[test]
fn a_long_line_is_cut_around_the_place() {
    let ended = with_values(&format!("a: {}\nb: [\n", "x".repeat(5_000_000))).refuses("-f v.yaml");
    assert!(ended.err.len() < 4_000, "{}", ended.err.len());
    let ended = with_values(&format!("a: \"{}\" b\n", "x".repeat(5_000_000))).refuses("-f v.yaml");
    assert!(ended.err.len() < 4_000, "{}", ended.err.len());
}
