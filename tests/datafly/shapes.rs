//! What must hold for scalers, budgets, policies and Ingresses of every case.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::laws::{all_under, containers, each, items};

#[test]
fn an_autoscaled_deployment_has_one_scaler_no_replicas_and_a_request() {
    each(|rendered| {
        let scalers = rendered.of_kind("HorizontalPodAutoscaler").chain(rendered.of_kind("ScaledObject"));
        let mut targets = BTreeSet::new();
        for scaler in scalers {
            let name = scaler["spec"]["scaleTargetRef"]["name"].as_str().expect("a name");
            assert!(targets.insert(name), "{}: two scalers of {name}", rendered.case);
            let target = rendered.of_kind("Deployment").find(|it| it["metadata"]["name"] == *name);
            let target = target.expect("the target");
            assert_eq!(target["spec"]["replicas"], Value::Null, "{}", rendered.case);
            for container in containers(&target["spec"]["template"]) {
                assert!(container["resources"]["requests"]["cpu"].is_string(), "{}: {name}", rendered.case);
            }
        }
        let fixed = rendered.of_kind("Deployment").filter(|it| !it["spec"]["replicas"].is_null());
        assert_eq!(fixed.count() + targets.len(), 6, "{}", rendered.case);
    });
}

#[test]
fn what_keda_is_told_is_text() {
    each(|rendered| {
        for metadata in
            rendered.of_kind("ScaledObject").flat_map(|it| all_under(&it["spec"]["triggers"], "metadata"))
        {
            let all = metadata.as_object().expect("a map");
            assert!(all.values().all(Value::is_string), "{}: {metadata}", rendered.case);
        }
    });
}

#[test]
fn budgets_have_numbers_or_percentages_and_leave_room() {
    each(|rendered| {
        for budget in rendered.of_kind("PodDisruptionBudget") {
            let spec = &budget["spec"];
            let bounds = [&spec["minAvailable"], &spec["maxUnavailable"]];
            let given: Vec<&&Value> = bounds.iter().filter(|bound| !bound.is_null()).collect();
            assert_eq!(given.len(), 1, "{}: {spec}", rendered.case);
            let right = given[0].is_i64() || given[0].as_str().is_some_and(|text| text.ends_with('%'));
            assert!(right, "{}: {spec}", rendered.case);
        }
    });
}

#[test]
fn a_policy_with_egress_lets_names_be_resolved() {
    each(|rendered| {
        for policy in rendered.of_kind("NetworkPolicy") {
            let egress = policy["spec"]["egress"].as_array().expect("egress");
            let open = egress.iter().any(|rule| rule.as_object().is_some_and(serde_json::Map::is_empty));
            let dns = egress.iter().any(|rule| items(&rule["ports"]).any(|port| port["port"] == 53));
            assert!(open || dns || egress.is_empty(), "{}: {policy}", rendered.case);
        }
    });
}

#[test]
fn tls_hosts_are_hosts_of_rules() {
    each(|rendered| {
        for ingress in rendered.of_kind("Ingress") {
            let hosts: BTreeSet<&str> =
                items(&ingress["spec"]["rules"]).filter_map(|it| it["host"].as_str()).collect();
            let secured =
                items(&ingress["spec"]["tls"]).flat_map(|it| items(&it["hosts"])).filter_map(Value::as_str);
            assert_eq!(secured.collect::<BTreeSet<&str>>(), hosts, "{}", rendered.case);
            let types = all_under(&ingress["spec"], "pathType");
            assert_eq!(types.len(), all_under(&ingress["spec"], "path").len(), "{}", rendered.case);
        }
    });
}
