//! Plans that are stored: what comes back renders the same, and what was damaged does no harm.

use std::collections::BTreeMap;
use std::path::Path;
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
n: {{ list[1] + lib.port + port }} {{ -port * (list)[0] }} {{ [port, 2][values.port - 80] }} {{ list[::-1][0] }}
{% set ns = namespace(a=1) %}{% set ns.a = list[::port] %}{{ 1 < port <= 80 and port in list and port == list[0] }}
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
            files: super::ChartFiles::default(),
            capabilities: Capabilities { version: "1.37".to_owned(), has: Arc::new(|_| false) },
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
            Json::String(_) => {
                ["Open", "Close", "Measure", "Store", "Operand", "Mark", "OpenFail", "LineBreak"]
                    .map(Json::from)
                    .to_vec()
            }
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

/// What is put in nests as deep as it is much, unless it is bounded. Ranges are written as a start and a length.
#[test]
fn a_plan_that_makes_a_template_deep_is_refused() {
    let chart = chart(&[("t.yaml", "a: {{ b if c }}\n"), ("l.yaml", "{% from \"m.yaml\" import d %}")]);
    let unbound = serde_json::json!({
        "names": "bd", "templates": [[0, 0], [0, 0]], "insertions": [], "imports": [],
        "imported": [], "expressions": [{"template": 0, "place": [6, 1],
        "paths": [0, 0], "bare": false, "in_schema": false, "trims_before": false}], "paths": [],
        "steps": [], "variables": [], "aliases": [],
    });
    let with = |insertions: Vec<Json>, names: usize| {
        let mut plan = unbound.clone();
        plan["templates"] = serde_json::json!([[0, insertions.len()], [insertions.len(), 0]]);
        plan["insertions"] = insertions.into();
        if names > 0 {
            let name = serde_json::json!([1, 1]);
            let imported = serde_json::json!({"exported": name, "name": name});
            plan["imported"] = vec![imported; names].into();
            plan["imports"] = serde_json::json!([{"library": 1, "whole": false, "names": [0, names],
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
    plan_of_insertions(&[]).is_sound(&chart.session, &chart.templates)
}

/// A plan of one template that has nothing but insertions, as offsets and kinds.
fn plan_of_insertions(insertions: &[(usize, &str)]) -> Plan {
    let insertions: Vec<Json> =
        insertions.iter().map(|(at, kind)| serde_json::json!({"at": at, "kind": kind})).collect();
    let plan = serde_json::json!({
        "names": "", "templates": [[0, insertions.len()]], "insertions": insertions, "imports": [],
        "imported": [], "expressions": [], "paths": [], "steps": [], "variables": [], "aliases": [],
    });
    serde_json::from_value(plan).expect("a plan")
}

/// Whether insertions may stand where they do: `«` is a parenthesis that is opened, `»` the measuring filter behind one
/// that is closed, `‹` the call around a `fail`, `¦` a mark, `¬` a line break. If they may, the engine must bear them.
fn may_stand_there(text: &str) -> bool {
    let kinds = [('«', "Open"), ('»', "Measure"), ('‹', "OpenFail"), ('¦', "Mark"), ('¬', "LineBreak")];
    let mut template = String::new();
    let mut insertions = Vec::new();
    for sign in text.chars() {
        match kinds.iter().find(|(known, _)| *known == sign) {
            Some((_, kind)) => insertions.push((template.len(), *kind)),
            None => template.push(sign),
        }
    }
    let chart = chart(&[("t.yaml", &template)]);
    let plan = plan_of_insertions(&insertions);
    let sound = plan.is_sound(&chart.session, &chart.templates);
    if sound {
        chart.rendered(plan);
    }
    sound
}

/// An import whose name is no name ends the engine's compiler, and so it must not come about.
#[test]
fn a_plan_that_puts_something_where_it_makes_another_template_is_refused() {
    // One that is plain, and one that only the engine's tokenizer can cut up.
    let both = |text: &str| [may_stand_there(text), may_stand_there(&format!("{{{{ 'ä' }}}}{text}"))];
    for text in [
        "{% import \"a.yaml\" as «b» %}",
        "{% import \"a.yaml\" as ‹b» %}",
        "{% import \"a.yaml\" as «b» with context %}",
        "{% import («\"a.yaml\"») as («b») %}",
        "{«# {% import \"a.yaml\" as 5 %} #}",
        "{¦# {% import \"a.yaml\" as 5 %} #}",
        "{# a #¬}{{ '#}{% import \"a.yaml\" as 5 %}' }}",
        "{«{ '{% import \"a.yaml\" as 5 %}' }}",
        "{¬{ '{% import \"a.yaml\" as 5 %}' }}",
        "{¬% if '{% import \"a.yaml\" as 5 %}' %}{% endif %}",
        "{{ 'a\\«'b' }}",
        "{% raw %}{{ a }}{% end¬raw %}{{ '{% endraw %}{% import \"a.yaml\" as 5 %}' }}",
        "{% raw %}{{ a }}{¬% endraw %}{{ '{% endraw %}{% import \"a.yaml\" as 5 %}' }}",
        "{¬% raw %}{{ a }}{% import \"a.yaml\" as 5 %}{% endraw %}",
        "{% raw ¬%}{{ a }}{% import \"a.yaml\" as 5 %}{% endraw %}",
        "a« b» {{ 1 }}",
        "{{ 1 }« }»",
        "{{ ¦1 }}",
    ] {
        assert_eq!(both(text), [false; 2], "{text}");
    }
    for text in [
        "¦a {{« 1 ~ 2» }}¬¦ b",
        "{%- set a =« 1» -%}¬\n¦b",
        "{% set a = ['', «[1]»] %}",
        "{% import «\"a\" ~ \"b\"» as c %}",
        "{% import« b» as b %}",
        "{% if «[1]» %}{# # #}¦a{% raw %}¦{{ b }} {% endraw %}{% endif %}",
        "¬{{ {'a': {'b': «1 ~ 2»}} }}",
        "{{«{'a': {'b': 1}}»}}¦}}",
        // The engine's parser takes words alone there.
        "{% set «a» = 1 %}",
        "{% set «a»%}b{% endset %}",
        "{% set a, «b» = 1 %}",
        "{% for «a» in [1] %}b{% endfor %}",
        "{% for a, «b» in [1] %}c{% endfor %}",
        "{% with «a» = 1 %}b{% endwith %}",
        "{% macro «a»() %}b{% endmacro %}",
        "{% macro a(«b», c) %}d{% endmacro %}",
        "{% call(«a») b() %}c{% endcall %}",
        "{% from \"a.yaml\" import «a» %}",
        "{% from \"a.yaml\" import a as «b» %}",
        "{% from \"a.yaml\" import a as ‹b» %}",
    ] {
        assert_eq!(both(text), [true; 2], "{text}");
    }
}

/// Of every template that the tests of the program have, each with the libraries before it.
#[test]
fn what_is_analysed_is_sound() {
    fn each_page(folder: &Path, visit: &mut dyn FnMut(&str)) {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            match path.extension().and_then(|name| name.to_str()) {
                Some("md") => visit(&std::fs::read_to_string(&path).expect("a page")),
                _ if path.is_dir() => each_page(&path, visit),
                _ => {}
            }
        }
    }
    let mut sound = 0;
    each_page(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/spec"), &mut |page| {
        let mut libraries: BTreeMap<&str, &str> = BTreeMap::new();
        for block in page.split("\n```").filter_map(|block| block.split_once('\n')) {
            let Some((_, name)) = block.0.split_once(" templates/") else { continue };
            let mut texts: Vec<(&str, &str)> = libraries.iter().map(|(name, text)| (*name, *text)).collect();
            if name.starts_with('_') {
                libraries.insert(name, block.1);
            } else {
                texts.push((name, block.1));
            }
            let chart = chart(&texts);
            // Some are wrong, which is what they are for.
            if let Ok(plan) = analyse(&chart.session, &chart.templates, &chart.wants) {
                assert!(plan.is_sound(&chart.session, &chart.templates), "{texts:?}");
                sound += 1;
            }
        }
    });
    assert!(sound > 100, "{sound}");
}
