//! The charts that `plimsoll new` writes: which shapes there are, and the files of each, with a name put in.
//!
//! The texts are files of `charts/new/`, so that each setting and each template is there once:
//!
//! ```text
//! charts/new/settings/NAME.yaml    some settings with their comments, as they stand in `values.yaml`
//! charts/new/settings/NAME.json    their part of `values.schema.json`
//! charts/new/common/…              files that all shapes have, by their paths in the chart
//! charts/new/deployment/…          files of the shapes that are Deployments; and so for other folders
//! ```
//!
//! `values.yaml` and the schema are put together of the settings that a shape has. Between two `@` stands what differs:
//! `@name@` (`@name-scalar@` where it stands alone in YAML), and the `Words` of a shape. Whoever adds a shape adds a row to `SHAPES`; a test renders, lints and tests
//! the chart of each.

use crate::chart::FolderFile;
use crate::diagnostic::{Code, Diagnostic};
use crate::session::{Outcome, Session};

/// What a new chart may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Pods that answer requests by HTTP: a Deployment with a Service.
    Web,
    /// Pods that nobody connects to, such as those that work on a queue: a Deployment.
    Worker,
    /// Pods that run by the clock, and end: a CronJob.
    CronJob,
    /// Pods with a name and a disk of their own, such as those of a database: a StatefulSet.
    Stateful,
}

/// Kubernetes takes no longer name for a CronJob, as it adds eleven characters for each run; and the names of
/// StatefulSets stand in a label with as many behind them.
const LONGEST_NAME: usize = 52;

/// Reports a name that a chart cannot have, because objects cannot have it.
///
/// # Errors
/// C008, with a name that it may be.
pub fn check_name(session: &Session, name: &str) -> Outcome<()> {
    // A Service's name begins with a letter; those of other objects need not.
    let is_allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let is_right = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(is_allowed)
        && !name.ends_with('-')
        && name.len() <= LONGEST_NAME;
    if is_right {
        return Ok(());
    }
    let message = format!("`{name}` cannot be the name of a chart: Kubernetes does not accept it");
    let finding = Diagnostic::error(Code::C008, message).note(format!(
        "a name has lower-case letters, digits and dashes, at most {LONGEST_NAME}, with a letter first and a letter or a digit \
         last"
    ));
    Err(session.report(finding.help(format!("call it `{}`, for example", nearest_name(name)))))
}

/// The name that was probably meant: `My_Shop` is `my-shop`.
fn nearest_name(name: &str) -> String {
    let mut near = String::new();
    let mut was_lower = false;
    for c in name.chars() {
        if c.is_ascii_alphanumeric() {
            if c.is_ascii_uppercase() && was_lower {
                near.push('-');
            }
            near.push(c.to_ascii_lowercase());
        } else if !near.is_empty() && !near.ends_with('-') {
            near.push('-');
        }
        was_lower = c.is_ascii_lowercase();
    }
    if near.starts_with(|c: char| c.is_ascii_digit()) {
        near.insert_str(0, "app-");
    }
    // Of ASCII alone, so every byte is a character.
    near.truncate(LONGEST_NAME);
    let near = near.trim_matches('-');
    if near.is_empty() { "my-app".to_owned() } else { near.to_owned() }
}

/// The files of a new chart, sorted by their paths. `name` is one that [`check_name`] finds right.
pub fn files(kind: Kind, name: &str) -> Vec<FolderFile> {
    let shape = shape(kind);
    let mut files: Vec<FolderFile> = shape
        .folders
        .iter()
        .flat_map(|folder| folder.iter())
        .map(|(path, text)| FolderFile { path: (*path).to_owned(), text: shape.filled_in(text, name) })
        .collect();
    files.push(FolderFile { path: "values.yaml".to_owned(), text: shape.values(name) });
    files.push(FolderFile { path: "values.schema.json".to_owned(), text: shape.schema(name) });
    files.sort_by(|one, other| one.path.cmp(&other.path));
    files
}

/// What a new chart of a kind is, in a few words with an article: `a web application`.
pub fn noun(kind: Kind) -> &'static str {
    shape(kind).noun
}

/// A shape: what its chart has.
struct Shape {
    kind: Kind,
    /// `a web application`.
    noun: &'static str,
    words: Words,
    settings: &'static [Setting],
    folders: &'static [&'static [File]],
}

/// What stands for the `@word@`s of a text.
struct Words {
    /// The description in `chart.yaml`.
    about: &'static str,
    /// An image that runs as it is, without its tag, so that the new chart can be applied at once.
    image: &'static str,
    /// Its tag.
    version: &'static str,
    /// What the container runs, as a list of JSON. YAML reads it alike.
    command: &'static str,
    args: &'static str,
    /// The port that the application listens on, and its name. Empty for what listens on none.
    port: &'static str,
    port_name: &'static str,
    /// The path that probes ask for, as JSON.
    path: &'static str,
}

/// Path in the chart's folder, and text.
type File = (&'static str, &'static str);

/// Lines of `values.yaml`, and the properties of the schema as a map of JSON.
type Setting = (&'static str, &'static str);

fn shape(kind: Kind) -> &'static Shape {
    #[expect(clippy::expect_used, reason = "a test finds every kind in the table")]
    SHAPES.iter().find(|shape| shape.kind == kind).expect("a row for each kind")
}

impl Shape {
    fn filled_in(&self, text: &str, name: &str) -> String {
        let Words { about, image, version, command, args, port, port_name, path } = &self.words;
        let scalar = scalar(name);
        let words = [
            ("@name@", name),
            ("@name-scalar@", scalar.as_str()),
            ("@about@", about),
            ("@image@", image),
            ("@version@", version),
            ("@command@", command),
            ("@args@", args),
            ("@port@", port),
            ("@port-name@", port_name),
            ("@path@", path),
        ];
        words.iter().fold(text.to_owned(), |text, (word, meaning)| text.replace(word, meaning))
    }

    fn values(&self, name: &str) -> String {
        let mut text = String::from(
            "# yaml-language-server: $schema=values.schema.json\n\
             # The values of the chart. A file of your own has only what it changes; `null` removes a key.\n",
        );
        for (values, _) in self.settings {
            text.push('\n');
            text.push_str(&self.filled_in(values, name));
        }
        text
    }

    fn schema(&self, name: &str) -> String {
        let properties: Vec<String> = self.settings.iter().map(|(_, schema)| inner_lines(schema)).collect();
        let text = format!(
            r#"{{
  "$schema": "http://json-schema.org/draft-07/schema#",
  "title": "Values of @name@",
  "description": "What can be set of @name@.",
  "type": "object",
  "additionalProperties": false,
  "properties": {{
{}
  }}
}}
"#,
            properties.join(",\n")
        );
        self.filled_in(&text, name)
    }
}

/// A name as a scalar of YAML: in quotes where YAML 1.1 or 1.2 reads something else in it.
fn scalar(name: &str) -> String {
    let is_word = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"].contains(&name);
    if is_word { format!("\"{name}\"") } else { name.to_owned() }
}

/// The lines within the outermost braces of JSON, one level deeper.
fn inner_lines(json: &str) -> String {
    let lines: Vec<&str> = json.trim_end().lines().collect();
    let inner = lines.get(1..lines.len().saturating_sub(1)).unwrap_or_default();
    inner.iter().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
}

/// Files of a folder of `charts/new/`, by their paths in it.
macro_rules! folder {
    ($folder:literal: $($path:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!("../charts/new/", $folder, "/", $path)))),*]
    };
}

/// Some settings of `charts/new/settings/`.
macro_rules! settings {
    ($($name:literal),* $(,)?) => {
        &[$((
            include_str!(concat!("../charts/new/settings/", $name, ".yaml")),
            include_str!(concat!("../charts/new/settings/", $name, ".json")),
        )),*]
    };
}

static COMMON: &[File] =
    folder!("common": "chart.yaml", "plimsoll.yaml", "templates/_lib.yaml", "templates/service-account.yaml");
static DEPLOYMENT: &[File] = folder!("deployment": "presets/production.yaml", "templates/scaling.yaml");
/// Of what is connected to, and of what is not.
static SERVED: &[File] = folder!("served": "templates/network-policy.yaml");
static UNSERVED: &[File] = folder!("unserved": "templates/network-policy.yaml");

/// The settings stand in the order in which they are read: what it is first, where it runs last.
static SHAPES: &[Shape] = &[
    Shape {
        kind: Kind::Web,
        noun: "a web application",
        words: Words {
            about: "A web application",
            image: "docker.io/nginxinc/nginx-unprivileged",
            version: "1.29.3",
            command: "[]",
            args: "[]",
            port: "8080",
            port_name: "http",
            path: "\"/\"",
        },
        settings: settings![
            "image",
            "scaling",
            "budget",
            "port",
            "service",
            "probes",
            "variables",
            "resources",
            "network-policy",
            "pods",
        ],
        folders: &[
            COMMON,
            DEPLOYMENT,
            SERVED,
            folder!("web": "templates/deployment.yaml", "templates/service.yaml", "tests/web.yaml"),
        ],
    },
    Shape {
        kind: Kind::Worker,
        noun: "a worker",
        words: Words {
            about: "A worker, which nobody connects to",
            image: "docker.io/library/busybox",
            version: "1.37.0",
            command: r#"["sh", "-c"]"#,
            args: r#"["trap 'exit 0' TERM; while true; do date > /tmp/alive; sleep 5 & wait $!; done"]"#,
            port: "",
            port_name: "",
            path: "",
        },
        settings: settings![
            "image",
            "scaling",
            "budget",
            "heartbeat",
            "variables",
            "resources",
            "egress-policy",
            "pods",
        ],
        folders: &[
            COMMON,
            DEPLOYMENT,
            UNSERVED,
            folder!("worker": "templates/deployment.yaml", "tests/worker.yaml"),
        ],
    },
    Shape {
        kind: Kind::CronJob,
        noun: "a cron job",
        words: Words {
            about: "A job that runs on a schedule",
            image: "docker.io/library/busybox",
            version: "1.37.0",
            command: r#"["date"]"#,
            args: "[]",
            port: "",
            port_name: "",
            path: "",
        },
        settings: settings!["image", "schedule", "variables", "resources", "egress-policy", "pods"],
        folders: &[
            COMMON,
            UNSERVED,
            folder!("cron-job": "presets/production.yaml", "templates/cron-job.yaml", "tests/cron-job.yaml"),
        ],
    },
    Shape {
        kind: Kind::Stateful,
        noun: "a stateful service",
        words: Words {
            about: "A service whose pods each have a name and a disk",
            image: "docker.io/valkey/valkey",
            version: "8.1.4",
            command: "[]",
            args: "[]",
            port: "6379",
            port_name: "main",
            path: "\"\"",
        },
        settings: settings![
            "image",
            "members",
            "storage",
            "budget",
            "port",
            "probes",
            "variables",
            "resources",
            "network-policy",
            "pods",
        ],
        folders: &[
            COMMON,
            SERVED,
            folder!(
                "stateful": "presets/production.yaml", "templates/budget.yaml", "templates/service.yaml",
                "templates/stateful-set.yaml", "tests/stateful.yaml",
            ),
        ],
    },
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use serde_json::Value;

    use super::*;

    const KINDS: [Kind; 4] = [Kind::Web, Kind::Worker, Kind::CronJob, Kind::Stateful];

    /// Every file of `charts/new/` is in the program.
    #[test]
    fn table_is_complete() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("charts/new");
        let names = crate::source::list_files(&folder, &crate::limits::Limits::default()).expect("a folder");
        let mut used: BTreeSet<&str> = BTreeSet::new();
        for shape in SHAPES {
            used.extend(shape.folders.iter().flat_map(|files| files.iter()).map(|(_, text)| *text));
            used.extend(shape.settings.iter().flat_map(|(values, schema)| [*values, *schema]));
        }
        for name in names {
            let text = std::fs::read_to_string(folder.join(&name)).expect("a text");
            assert!(used.contains(text.as_str()), "{name}");
        }
    }

    #[test]
    fn no_word_is_left() {
        for kind in KINDS {
            for file in files(kind, "shop") {
                for (at, _) in file.text.match_indices('@') {
                    let rest = &file.text[at + 1..];
                    let word = rest.split('@').next().unwrap_or_default();
                    let is_word =
                        rest.contains('@') && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
                    assert!(!is_word || word.is_empty(), "{kind:?}: {}: @{word}@", file.path);
                }
            }
        }
    }

    /// What an editor shows of a setting: a title, a description, and the default that `values.yaml` has.
    #[test]
    fn every_setting_is_described_with_its_default() {
        for kind in KINDS {
            let files = files(kind, "shop");
            let text = |path: &str| &files.iter().find(|file| file.path == path).expect("a file").text;
            let schema: Value = serde_json::from_str(text("values.schema.json")).expect("JSON");
            let session = Session::new();
            let values = session.add_source(
                crate::source::SourceKind::File,
                "values.yaml",
                text("values.yaml").clone(),
            );
            let values = crate::yaml::parse_one(&session, values).expect("YAML").expect("values");
            let values: Value = serde_json::from_str(&crate::yaml::print_json(&values)).expect("JSON");
            assert_described(&schema, &values, "");
        }
    }

    fn assert_described(schema: &Value, values: &Value, path: &str) {
        assert!(schema["title"].is_string() && schema["description"].is_string(), "{path}: {schema}");
        let Some(properties) = schema["properties"].as_object() else {
            assert_eq!(&schema["default"], values, "{path}");
            return;
        };
        assert_eq!(schema["additionalProperties"], Value::Bool(false), "{path} is open");
        for (key, value) in values.as_object().expect("a map") {
            assert_described(&properties[key], value, &format!("{path}.{key}"));
        }
        for (key, property) in properties {
            assert!(property["title"].is_string() && property["description"].is_string(), "{path}.{key}");
            assert!(
                values.get(key).is_some() || property.get("default").is_none(),
                "{path}.{key}: no such default"
            );
        }
    }

    #[test]
    fn names_are_those_that_kubernetes_takes() {
        let session = Session::new();
        let long = "a".repeat(LONGEST_NAME);
        for name in ["shop", "a", "shop-2", "no", &long] {
            assert!(check_name(&session, name).is_ok(), "{name}");
        }
        let too_long = format!("{long}b");
        #[rustfmt::skip]
        let refused = [
            ("My_Shop", "my-shop"), ("MyShop", "my-shop"), ("HTTPServer", "httpserver"), ("shop.web", "shop-web"),
            ("-shop-", "shop"), ("2fast", "app-2fast"), ("", "my-app"), ("日本", "my-app"), ("Läden", "l-den"),
            (&too_long, &long), ("a\u{1b}[31mb", "a-31mb"), ("shop ", "shop"),
        ];
        for (name, near) in refused {
            assert!(check_name(&session, name).is_err(), "{name}");
            assert_eq!(nearest_name(name), near);
            assert!(check_name(&session, near).is_ok(), "{near}");
        }
    }
}
