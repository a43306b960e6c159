//! Every two toggles of a chart together: they are rendered, or refused with words; never is anything else the end.
//!
//! A sample of the pairs runs always, the same each time; `EVERY=1` runs them all.

use plimsoll::manifest::Document;
use plimsoll::yaml::print_json;
use serde_json::Value;

use crate::PROFILES;
use crate::harness::Profile;
use crate::json::{all_under, items};

/// Of how many pairs one is in the sample. A prime, so that it takes turns with each toggle.
const STEP: usize = 11;

#[test]
fn two_toggles_together_are_rendered_or_refused_with_words() {
    let step = if std::env::var_os("EVERY").is_some() { 1 } else { STEP };
    for profile in PROFILES {
        let toggles = profile.objects.toggles;
        let pairs = (0..toggles.len())
            .flat_map(|first| (first + 1..toggles.len()).map(move |second| (first, second)));
        let (mut rendered, mut refused) = (0, 0);
        for (first, second) in pairs.step_by(step) {
            let sets: Vec<&str> = profile
                .objects
                .sets
                .iter()
                .chain(toggles[first].0)
                .chain(toggles[second].0)
                .copied()
                .collect();
            let (documents, findings) =
                profile.run(&profile.request(profile.find(profile.objects.base), &sets));
            match documents {
                Ok(documents) => {
                    rendered += 1;
                    check(profile, &sets, &documents);
                }
                // Two settings may exclude each other; a template that fails, or an object that Kubernetes refuses, is a
                // mistake of the chart's.
                Err(()) => {
                    refused += 1;
                    let errors = findings.lines().filter_map(|line| line.strip_prefix("error["));
                    let words = |line: &str| line.starts_with('V') || line.starts_with("T010");
                    let wrong: Vec<&str> = errors.filter(|line| !words(line)).collect();
                    assert_eq!(wrong, Vec::<&str>::new(), "{} {sets:?}:\n{findings}", profile.name);
                }
            }
        }
        assert!(rendered > refused, "{}: {rendered} rendered, {refused} refused", profile.name);
    }
}

/// What is rendered refers to nothing that is not there.
fn check(profile: &Profile, sets: &[&str], documents: &[Document]) {
    let value =
        |document: &Document| -> Value { serde_json::from_str(&print_json(&document.node)).expect("JSON") };
    let all: Vec<Value> = documents.iter().map(value).collect();
    let has = |kind: &str, name: &Value| {
        all.iter().any(|object| object["kind"] == kind && object["metadata"]["name"] == *name)
    };
    let services: Vec<&Value> = all.iter().filter(|object| object["kind"] == "Service").collect();
    for object in &all {
        for backend in all_under(&object["spec"]["rules"], "service") {
            assert!(has("Service", &backend["name"]), "{} {sets:?}: {backend}", profile.name);
        }
        if object["kind"] == "HorizontalPodAutoscaler" {
            let target = &object["spec"]["scaleTargetRef"];
            let kind = target["kind"].as_str().expect("a kind");
            assert!(has(kind, &target["name"]), "{} {sets:?}: {target}", profile.name);
        }
        let claims = items(&object["spec"]["template"]["spec"]["volumes"])
            .map(|volume| &volume["configMap"]["name"])
            .filter(|name| name.is_string());
        for name in claims {
            let known = format!("ConfigMap/{}", name.as_str().expect("a name"));
            let exists = profile.existing.contains(&known.as_str());
            assert!(exists || has("ConfigMap", name), "{} {sets:?}: {name}", profile.name);
        }
    }
    for service in services {
        let labels = service["spec"]["selector"].as_object().expect("labels");
        let selected = all.iter().any(|object| {
            let pod = &object["spec"]["template"]["metadata"]["labels"];
            labels.iter().all(|(key, value)| pod[key] == *value)
        });
        assert!(selected, "{} {sets:?}: {} selects nothing", profile.name, service["metadata"]["name"]);
    }
}
