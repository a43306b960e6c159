//! Plans that are stored: what comes back renders the same, and what was damaged does no harm.

use std::sync::Arc;

use serde_json::Value as Json;

use super::{Capabilities, Plan, Program, RenderInput, Role, TemplateFile, analyse, render};
use crate::secrets::SecretTexts;
use crate::session::Session;
use crate::source::SourceKind;
use crate::yaml::{Wants, parse_one};

/// One of each kind of insertion, of step and of alias.
const TEMPLATES: [(&str, &str); 2] = [
    (
        "_lib.yaml",
        "{% macro label(name, caller) %}app: {{ name ~ '-x' }}{% endmacro %}\n{% set port = values.port %}\n",
    ),
    (
        "main.yaml",
        "{% import \"_lib.yaml\" as lib %}
{%- from \"_lib.yaml\" import label as other, port +%}
{% set list = [values.port, 2] %}
a long line of text that is counted: sixty-four bytes and more of it
{{ lib.label(values.name) }}
{%- for host in values.hosts %}
ä: {{- host.name }} {{ host.ports[0] }} {{ values.hosts[loop.index0].name if true }}
{% endfor %}
{% call lib.label(values.name) %}x{% endcall %}
n: {{ list[1] + lib.port + port }}
{% if values.odd %}{{ 'a' ~ fail('odd', values.odd) }}{% endif %}
",
    ),
];

const VALUES: &str = "name: n\nport: 80\nodd:\nhosts: [{name: h, ports: [1]}, {name: i, ports: [2]}]\n";

struct Chart {
    session: Session,
    templates: Vec<TemplateFile>,
    wants: Arc<Wants>,
}

fn chart(texts: &[(&str, &str)]) -> Chart {
    let session = Session::new();
    let template = |(name, text): &(&str, &str)| TemplateFile {
        name: Arc::from(*name),
        source: session.add_source(SourceKind::File, *name, *text),
        role: if name.starts_with('_') { Role::Library } else { Role::Document },
    };
    let templates = texts.iter().map(template).collect();
    Chart { session, templates, wants: Arc::new(Wants::anything()) }
}

impl Chart {
    fn plan(&self) -> Plan {
        analyse(&self.session, &self.templates, &self.wants).expect("right templates")
    }

    /// What the templates print with a plan, and every value that they use; or what is found wrong.
    fn rendered(&self, plan: Plan) -> String {
        let session = self.session.snapshot().overlay();
        let values = session.add_source(SourceKind::File, "values.yaml", VALUES);
        let values = Arc::new(parse_one(&session, values).expect("values").expect("a map"));
        let program = Program::new(&session, &self.templates, plan, &self.wants);
        let input = RenderInput {
            values: Arc::clone(&values),
            tombstones: Arc::default(),
            globals: Vec::new(),
            capabilities: Capabilities { version: "1.36".to_owned(), has: Arc::new(|_| false) },
            secrets: SecretTexts::default(),
        };
        let rendered = render(&session, &program, input);
        let texts = rendered
            .map(|all| all.iter().map(|one| session.source(one.source).text.to_string()).collect::<Vec<_>>());
        let uses = program.value_uses(&session, &values);
        format!("{texts:?} {uses:?} {:?}", session.diagnostics())
    }
}

#[test]
fn a_plan_that_was_stored_renders_the_same() {
    let chart = chart(&TEMPLATES);
    let plan = chart.plan();
    let stored = serde_json::to_string(&plan).expect("JSON");
    let read: Plan = serde_json::from_str(&stored).expect("a plan");
    assert_eq!(read, plan);
    assert!(read.is_sound(&chart.session, &chart.templates));
    assert!(!read.is_sound(&chart.session, &chart.templates[1..]), "a plan of other templates");
    let rendered = chart.rendered(plan);
    assert!(rendered.starts_with("Ok("), "{rendered}");
    assert_eq!(chart.rendered(read), rendered);
}

/// All numbers of a tree, each changed in some ways; and all lists of it, each without its last item.
fn damaged(tree: &Json) -> Vec<Json> {
    fn each_place(tree: &Json, pointer: &str, places: &mut Vec<String>) {
        places.push(pointer.to_owned());
        match tree {
            Json::Array(items) => {
                for (at, item) in items.iter().enumerate() {
                    each_place(item, &format!("{pointer}/{at}"), places);
                }
            }
            Json::Object(map) => {
                for (key, value) in map {
                    each_place(value, &format!("{pointer}/{key}"), places);
                }
            }
            _ => {}
        }
    }
    let mut places = Vec::new();
    each_place(tree, "", &mut places);
    let mut all = Vec::new();
    for place in places {
        let changes: Vec<Json> = match tree.pointer(&place).expect("a place") {
            Json::Number(number) => {
                let number = number.as_u64().expect("a position");
                [0, 1, number + 1, number.wrapping_sub(1), number + 1_000, u64::from(u32::MAX)]
                    .map(Json::from)
                    .to_vec()
            }
            Json::Bool(flag) => vec![Json::from(!flag)],
            Json::Array(items) if !items.is_empty() => {
                vec![
                    items[..items.len() - 1].into(),
                    items[1..].into(),
                    [items.clone(), items.clone()].concat().into(),
                ]
            }
            Json::String(text) if place == "/names" => {
                vec![text[1..].into(), "".into(), "ääääää".repeat(9).into()]
            }
            // The kind of an insertion.
            Json::String(_) => ["Open", "Measure", "Mark", "OpenFail", "LineBreak"].map(Json::from).to_vec(),
            _ => Vec::new(),
        };
        for change in changes {
            let mut tree = tree.clone();
            *tree.pointer_mut(&place).expect("a place") = change;
            all.push(tree);
        }
    }
    all
}

#[test]
fn a_damaged_plan_is_refused_or_does_no_harm() {
    let chart = chart(&TEMPLATES);
    let plan = serde_json::to_value(chart.plan()).expect("JSON");
    let (mut refused, mut used) = (0, 0);
    for damaged in damaged(&plan) {
        // Some do not fit into their types.
        let Ok(plan) = serde_json::from_value::<Plan>(damaged) else { continue };
        if plan.is_sound(&chart.session, &chart.templates) {
            chart.rendered(plan);
            used += 1;
        } else {
            refused += 1;
        }
    }
    assert!(refused > 500 && used > 100, "{refused} refused, {used} used");
}

/// What is put in nests as deep as it is much, unless it is bounded.
#[test]
fn a_plan_that_makes_a_template_deep_is_refused() {
    let chart = chart(&[("t.yaml", "a: {{ b if c }}\n"), ("l.yaml", "{% from \"m.yaml\" import d %}")]);
    let unbound = serde_json::json!({
        "names": "bd", "templates": [{"start": 0, "end": 0}, {"start": 0, "end": 0}], "insertions": [], "imports": [],
        "imported": [], "expressions": [{"template": 0, "place": {"start": 6, "end": 7}, "paths": {"start": 0, "end": 0},
        "bare": false, "in_schema": false, "trims_before": false}], "paths": [], "steps": [], "variables": [],
        "aliases": [],
    });
    let with = |insertions: Vec<Json>, names: usize| {
        let mut plan = unbound.clone();
        plan["templates"][0]["end"] = insertions.len().into();
        plan["templates"][1]["start"] = insertions.len().into();
        plan["templates"][1]["end"] = insertions.len().into();
        plan["insertions"] = insertions.into();
        if names > 0 {
            let name = serde_json::json!({"start": 1, "end": 2});
            let imported = serde_json::json!({"exported": name, "name": name});
            plan["imported"] = vec![imported; names].into();
            plan["imports"] = serde_json::json!([{"library": 1, "whole": false, "names": {"start": 0, "end": names},
                "before": "Default", "behind": "Default"}]);
        }
        let plan: Plan = serde_json::from_value(plan).expect("a plan");
        plan.is_sound(&chart.session, &chart.templates).then(|| chart.rendered(plan))
    };
    let at = |at: usize, kind: Json| serde_json::json!({"at": at, "kind": kind});
    let bind = |place| at(place, serde_json::json!({"Bind": 0}));
    let around = |names| {
        with(
            vec![at(0, serde_json::json!({"TakeLibrary": 0})), at(0, serde_json::json!({"KeepLibrary": 0}))],
            names,
        )
    };
    assert!(with(vec![bind(13)], 0).is_some());
    assert_eq!(with(vec![bind(13); 20_000], 0), None);
    assert_eq!(with(vec![bind(12)], 0), None, "not at the end of the tag");
    assert!(around(2).is_some());
    assert_eq!(around(20_000), None);
    let calls = |pairs: usize| {
        let kinds = (0..pairs).flat_map(|_| ["Open", "Measure"]);
        with(kinds.map(|kind| at(7, kind.into())).collect(), 0)
    };
    assert!(calls(500).is_some());
    assert_eq!(calls(20_000), None, "filters behind each other");
    // The engine's parser bounds these, and refuses the template.
    let opened = with(vec![at(5, "Open".into()); 1_000], 0);
    assert!(opened.is_some_and(|found| found.contains("T001")), "parentheses");
}

/// A stored plan takes the place of parsing, so what parsing refuses must be refused here.
#[test]
fn a_plan_of_texts_that_the_engine_cannot_compile_is_refused() {
    let deep = format!("a: {{{{ {}1 }}}}\n", "not ".repeat(200_000));
    let hidden = format!("a: {{{{ '\\\\' ~ {}1 }}}}\n", "- ".repeat(200_000));
    let elifs = format!("{{% if a %}}{}{{% endif %}}\n", "{%- elif b %}".repeat(20_000));
    for text in [
        deep.as_str(),
        &hidden,
        &elifs,
        "{% import 'a.yaml' as 5 %}\n",
        "{% import \"a.yaml\" as a%b %}\n",
        "{%- import \"a.yaml\"as 5 is as b -%}\n",
        "{% import \"a.yaml\" as 5 is as b %}\n",
        "a: \u{fdd0}0\u{fdd1}\n",
    ] {
        assert!(!is_sound_without_insertions(text), "{}", &text[..text.len().min(60)]);
    }
    for text in
        ["{% import \"a.yaml\" as b %}\n", "{%- import 'a b.yaml' as b with context +%}\n", "{{ 'ä' }}"]
    {
        assert!(is_sound_without_insertions(text), "{text}");
    }
}

fn is_sound_without_insertions(text: &str) -> bool {
    let chart = chart(&[("t.yaml", text)]);
    let plan = serde_json::json!({
        "names": "", "templates": [{"start": 0, "end": 0}], "insertions": [], "imports": [], "imported": [],
        "expressions": [], "paths": [], "steps": [], "variables": [], "aliases": [],
    });
    let plan: Plan = serde_json::from_value(plan).expect("a plan");
    plan.is_sound(&chart.session, &chart.templates)
}
