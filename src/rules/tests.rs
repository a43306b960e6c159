//! The time of rules grows with the set and no faster: what is quadratic would show by the time that these take, since
//! all pairs of what is made here are many millions.

use std::fmt::Write;
use std::sync::Arc;

use super::{ObjectSet, check, levels};
use crate::config::Config;
use crate::manifest::split;
use crate::session::Session;
use crate::source::SourceKind;

/// The messages of one rule about the objects of a text.
fn found(text: String, code: &str) -> Vec<String> {
    let session = Session::new();
    let source = session.add_source(SourceKind::File, "all.yaml", text);
    let documents = split(&session, &Arc::from("all.yaml"), source, &[]).all().unwrap();
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
    assert_eq!(found(set(3_000, 3_000), "R120"), [""; 0]);
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
