//! Values files of many Datafly customers, for `render --each`.

use std::fmt::Write;
use std::fs;
use std::path::Path;

/// Writes so many into a new folder.
pub fn write(folder: &Path, count: u32) {
    fs::create_dir(folder).expect("a folder");
    for index in 0..count {
        fs::write(folder.join(format!("customer-{index:04}.yaml")), values(index)).expect("a file");
    }
}

/// What customers of one chart differ in: hosts, sizes, stores, and which parts scale.
fn values(index: u32) -> String {
    let name = format!("customer-{index:04}");
    let mut text = format!(
        "global:\n  namespace: {name}\n  existingSecret: {name}-keys\nimage:\n  tag: 1.{}.{}\n",
        index % 7,
        index % 23
    );
    let _ = write!(
        text,
        "kafka:\n  brokers: b-1.{name}.kafka.internal:9094,b-2.{name}.kafka.internal:9094\n  partitions: {}\n  tls: {{ enabled: true }}\n\
         redis:\n  existingSecret: {name}-redis\ningestionGateway:\n  replicas: {}\n  env:\n    \
         CORS_ORIGINS: https://www.{name}.example,https://shop.{name}.example\n    COOKIE_DOMAIN: .{name}.example\n",
        12 + index % 5 * 6,
        2 + index % 4,
    );
    let hosts = [("data", "ingestion-gateway"), ("app", "management-ui"), ("api", "management-api")];
    let _ = write!(text, "ingress:\n  enabled: true\n  hosts:\n");
    for (host, service) in hosts {
        let _ = write!(
            text,
            "    - host: {host}.{name}.example\n      paths: [{{ path: /, service: {service} }}]\n"
        );
    }
    let _ = write!(
        text,
        "  tls:\n    - secretName: {name}-tls\n      hosts: [data.{name}.example, app.{name}.example, api.{name}.example]\n\
         autoscaling:\n  eventProcessor: {{ enabled: true, minReplicas: 2, maxReplicas: {} }}\n  \
         deliveryWorkers: {{ enabled: true, minReplicas: 2, maxReplicas: {} }}\n\
         deliveryWorkers:\n  resources:\n    requests: {{ cpu: {}m, memory: {}Mi }}\n    limits: {{ cpu: \"2\", memory: 1Gi }}\n",
        6 + index % 6,
        4 + index % 8,
        250 + index % 4 * 250,
        256 + index % 3 * 256,
    );
    text
}
