//! Templates that loop, nest or multiply: one short message, and an end.

use super::Chart;

/// Each of these would overflow the stack of the parser, of the engine or of what walks the tree.
#[test]
fn long_chains_are_refused_before_they_are_parsed() {
    let chain =
        |head: &str, link: &str, tail: &str| format!("  x: {{{{ {head}{}{tail} }}}}\n", link.repeat(50_000));
    let chains = [
        chain("1", "+1", ""),
        chain("1", "~1", ""),
        chain("1", " and 1", ""),
        chain("values", ".a", ""),
        chain("values", "[0]", ""),
        chain("values.s", "|upper", ""),
        chain("", "not ", "1"),
        chain("", "-", "1"),
        chain("dict", "()", ""),
        chain("", "1 if values.a else ", "1"),
        chain("", "(", "1"),
        chain("", "[", ""),
        chain("", "{1:", ""),
        format!("{{% if values.a %}}{}{{% endif %}}\n", "{% elif values.a %}".repeat(50_000)),
        "{% if values.a %}".repeat(20_000),
        "{% for x in values.l %}".repeat(20_000),
    ];
    for text in chains {
        let ended = Chart::of_data(&text).refuses("").says("templates/t.yaml:6:");
        assert!(ended.err.contains("error[T008]") || ended.err.contains("error[T001]"), "{}", ended.err);
        assert!(ended.err.len() < 2_000, "{}", ended.err.len());
    }
}

/// What is just short enough works on half of the usual stack.
#[test]
fn chains_within_the_limit_are_no_danger() {
    let chain = |head: &str, link: &str, count, tail: &str| {
        format!("  x: {{{{ {head}{}{tail} }}}}\n", link.repeat(count))
    };
    let branches = "{% elif values.a %}\n".repeat(500);
    for text in [
        chain("1", "+1", 499, ""),
        chain("", "not ", 998, "1"),
        chain("values.s", "|upper", 400, ""),
        chain("", "1 if values.a else ", 160, "1"),
        format!("{{% if values.a %}}\n  x: y\n{branches}{{% endif %}}\n"),
    ] {
        let chart = Chart::of_data(&text);
        let ended = chart.run_with("plimsoll render .", 4_096);
        assert!(ended.code.is_some(), "{text:.40}: {}", ended.err);
    }
}

#[test]
fn what_doubles_is_stopped() {
    let repeat = |start: &str, step: &str, last: &str| {
        format!(
            "{{% set ns = namespace(v={start}) %}}{{% for i in range(60) %}}{{% set ns.v = {step} %}}{{% endfor %}}\n  x: {{{{ {last} }}}}\n"
        )
    };
    let fragments: String = (1..40)
        .map(|n| format!("{{% set f{n} %}}[{{{{ f{m} }}}}, {{{{ f{m} }}}}]{{% endset %}}\n", m = n - 1))
        .collect();
    for text in [
        repeat("'x'", "ns.v ~ ns.v", "ns.v"),
        repeat("'aaaa'", "ns.v | replace('a', ns.v)", "ns.v"),
        repeat("'aaaa'", "[ns.v, ns.v] | join(ns.v)", "ns.v"),
        repeat("'aaaa'", "'%s%s' | format(ns.v, ns.v)", "ns.v"),
        repeat("[1]", "ns.v + ns.v", "ns.v"),
        repeat("[1]", "[ns.v, ns.v]", "ns.v ~ ''"),
        repeat("[1]", "[ns.v, ns.v]", "ns.v | join(',')"),
        repeat("[1]", "{'a': ns.v, 'b': ns.v}", "ns.v | to_json"),
        format!("{{% set f0 %}}[1]{{% endset %}}\n{fragments}  x: {{{{ f39 }}}}\n"),
    ] {
        Chart::of_data(&text).refuses("").at("T008", "templates/t.yaml:");
    }
}

#[test]
fn what_is_large_at_once_is_stopped() {
    for text in [
        "  x: {{ 'a' * 2000000000 }}\n",
        "  x: {{ [1] * 2000000000 }}\n",
        "  x: {{ '%2000000000s' | format('a') }}\n",
        "  x: {{ '%.2000000000f' | format(1.5) }}\n",
        "  x: {{ range(1000000000) }}\n",
        "{% for i in range(1000000000) %}{% endfor %}\n",
        "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}\n",
        "{% macro m() %}{{ m() }}{{ m() }}{% endmacro %}\n  x: {{ m() }}\n",
        "{% include 't.yaml' %}\n",
        "  x: {{ 10 ** 400 }}\n",
        "  x: {{ 1 / 0 }}\n",
    ] {
        Chart::of_data(text).refuses("").says("templates/t.yaml:");
    }
}

/// A value that contains itself a million times over would overflow the stack when it is dropped.
#[test]
fn what_nests_in_a_loop_is_stopped() {
    for step in ["[ns.v]", "{'a': ns.v}", "dict(a=ns.v)", "ns.v | batch(1)"] {
        let text = format!(
            "{{% set ns = namespace(v=[1]) %}}{{% for i in range(90000) %}}{{% set ns.v = {step} %}}{{% endfor %}}\n  x: y\n"
        );
        Chart::of_data(&text).refuses("").at("T008", "templates/t.yaml:6:");
    }
}

#[test]
fn values_that_are_bound_over_and_over_are_stopped() {
    let chart = Chart::of_data("{% for i in range(20000) %}\n  x{{ i }}: {{ values.long }}\n{% endfor %}\n");
    chart.write("values.yaml", format!("long: [{}]\n", "1,".repeat(20_000)));
    chart.refuses("").at("T008", "templates/t.yaml:7:").says("binds more than 1,000,000 values");
    let chart = Chart::of_data("  x: {{ [values.long] * 1000 }}\n");
    chart.write("values.yaml", format!("long: [{}]\n", "1,".repeat(20_000)));
    chart.refuses("").at("T008", "templates/t.yaml:6:");
}
