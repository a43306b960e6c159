//! The time of rules grows with the set and no faster: what is quadratic would show by the time that these take, since
//! all pairs of what is made here are many millions.

use std::fmt::Write;
use std::sync::Arc;

use super::{ObjectSet, check, levels};
use crate::config::Config;
use crate::manifest::{PackedDocument, split};
use crate::session::Session;
use crate::source::SourceKind;

/// The messages of one rule about the objects of a text.
fn found(text: String, code: &str) -> Vec<String> {
    let session = Session::new();
    let source = session.add_source(SourceKind::File, "all.yaml", text);
    let documents = split(&session, &Arc::from("all.yaml"), source, &[]).all().unwrap();
    let documents = PackedDocument::pack_all(documents);
    let set = ObjectSet::new(&session, &documents, &[], Vec::new());
    // What was found is asked of the session.
    let _ = check(&session, &set, levels(&Config::default(), &[]), &[]);
    let findings = session.diagnostics();
    findings.iter().filter(|one| one.code.id == code).map(|one| one.message.clone()).collect()
}

#[test]
fn a_pod_with_many_volumes_and_mounts() {
    const COUNT: usize = 20_000;
    let pod = |volume: &dyn Fn(usize) -> String| {
        let mut text = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n    - name: main\n      \
                        image: web:1\n      volumeMounts:\n"
            .to_owned();
        for number in 0..COUNT {
            writeln!(text, "        - {{name: v{number}, mountPath: /v{number}}}").unwrap();
        }
        text.push_str("  volumes:\n");
        for number in 0..COUNT {
            writeln!(text, "    - {{name: {}, emptyDir: {{}}}}", volume(number)).unwrap();
        }
        text
    };
    assert_eq!(found(pod(&|number| format!("v{number}")), "R119"), [""; 0]);
    let last_is_other = |number| if number == COUNT - 1 { "other".to_owned() } else { format!("v{number}") };
    assert_eq!(found(pod(&last_is_other), "R119"), ["no container mounts the volume `other`"]);
}

#[test]
fn many_monitors_of_many_services() {
    let mut text = String::new();
    for number in 0..4_000 {
        write!(
            text,
            "---\napiVersion: v1\nkind: Service\nmetadata: {{name: s{number}, labels: {{app: s{number}}}}}\n\
             spec: {{ports: [{{name: http, port: 80}}]}}\n---\n\
             apiVersion: monitoring.coreos.com/v1\nkind: ServiceMonitor\nmetadata: {{name: s{number}}}\n\
             spec: {{selector: {{matchLabels: {{app: s{number}}}}}, endpoints: [{{port: {}}}]}}\n",
            if number == 7 { "web" } else { "http" }
        )
        .unwrap();
    }
    assert_eq!(found(text, "R120"), ["nothing that this monitor selects has a port `web`"]);
}

#[test]
fn a_monitor_of_many_services_and_many_monitors_of_them() {
    let set = |services: usize, monitors: usize| {
        let mut text = String::new();
        for number in 0..services {
            write!(
                text,
                "---\napiVersion: v1\nkind: Service\nmetadata: {{name: s{number}, labels: {{app: web}}}}\n\
                 spec: {{ports: [{{name: http, port: 80}}]}}\n"
            )
            .unwrap();
        }
        for number in 0..monitors {
            write!(
                text,
                "---\napiVersion: monitoring.coreos.com/v1\nkind: ServiceMonitor\nmetadata: {{name: m{number}}}\n\
                 spec: {{selector: {{matchLabels: {{app: web}}}}, endpoints: [{{port: web}}]}}\n"
            )
            .unwrap();
        }
        text
    };
    let expected = "nothing that this monitor selects has a port `web`";
    assert_eq!(found(set(3_000, 1), "R120"), [expected]);
    assert_eq!(found(set(1_500, 20), "R120"), [expected; 20]);
    // They would look at nine millions.
    let stopped = "the rule `monitor-without-services` has stopped: there is too much to compare";
    assert_eq!(found(set(3_000, 3_000), "R120"), [stopped]);
}

#[test]
fn many_names_that_are_missing() {
    // Each of them is looked for among the names that are there.
    let mut text = String::new();
    for number in 0..2_000 {
        write!(
            text,
            "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: settings-{number}}}\n---\n\
             apiVersion: v1\nkind: Pod\nmetadata: {{name: p{number}}}\nspec:\n  containers:\n    - name: main\n      \
             image: web:1\n      envFrom: [{{configMapRef: {{name: \"{number}\"}}}}]\n"
        )
        .unwrap();
    }
    assert_eq!(found(text, "R105").len(), 2_000);
}

/// Deployments, and as many objects with a selector that names no label's value: each may match every pod.
fn of_selectors_without_values(count: usize, object: &dyn Fn(usize) -> String) -> String {
    let mut text = String::new();
    for number in 0..count {
        write!(
            text,
            "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: d{number}}}\nspec:\n  replicas: 2\n  \
             selector: {{matchLabels: {{app: d{number}}}}}\n  template:\n    metadata: {{labels: {{app: d{number}}}}}\n    \
             spec: {{containers: [{{name: main, image: 'web:1'}}]}}\n---\n{}\n",
            object(number)
        )
        .unwrap();
    }
    text
}

#[test]
fn a_rule_that_would_compare_too_much_stops_and_says_so() {
    let budget = |expression: &str, number: usize| {
        format!(
            "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {{name: b{number}}}\n\
             spec: {{minAvailable: 1, selector: {{matchExpressions: [{expression}]}}}}"
        )
    };
    let exists = |number| budget("{key: app, operator: Exists}", number);
    assert_eq!(found(of_selectors_without_values(100, &exists), "R204"), [""; 0]);
    let stopped = |rule: &str| format!("the rule `{rule}` has stopped: there is too much to compare");
    assert_eq!(found(of_selectors_without_values(3_000, &exists), "R204"), [stopped("budget-blocks-drain")]);
    // What is found in part of the set is nothing.
    let unmatched = |number| budget("{key: nowhere, operator: Exists}", number);
    let found = found(of_selectors_without_values(3_000, &unmatched), "R111");
    assert_eq!(found.last(), Some(&stopped("budget-without-pods")));
    assert!(found.len() < 3_000 && found[0].contains("no pod has it"), "{}", found.len());
}
