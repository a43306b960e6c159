//! The pipelines of the examples: the commands that each runner executes are executed here, but for those that install.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, clippy::print_stdout, clippy::print_stderr)]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_yaml::Value;
use support::program::search_path;

/// A copy of an example, in a folder of its own.
struct Site {
    folder: tempfile::TempDir,
}

impl Site {
    fn of(example: &str) -> Self {
        let site = Site { folder: tempfile::tempdir().unwrap() };
        copy(&Path::new("examples").join(example), site.path());
        site
    }

    /// A copy that is a repository with one commit.
    fn repository(example: &str) -> Self {
        let site = Site::of(example);
        site.succeed("git init -q -b main && git add -A && git commit -qm base");
        site
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn yaml(&self, path: &str) -> Value {
        serde_yaml::from_str(&fs::read_to_string(self.path().join(path)).unwrap()).unwrap()
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path().join(path)).unwrap()
    }

    /// Runs a command as a runner does: in a clean environment, with the built program on the path.
    fn run(&self, program: &str, arguments: &[&str], folder: &str, environment: &Environment) -> Output {
        Command::new(program)
            .args(arguments)
            .current_dir(self.path().join(folder))
            .env_clear()
            .env("PATH", search_path())
            .env("HOME", self.path())
            .envs(["GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"].map(|name| (name, "you")))
            .envs(["GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"].map(|name| (name, "you@example.com")))
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .envs(environment)
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }

    fn succeed(&self, line: &str) -> String {
        let output = self.run("bash", &["-ec", line], ".", &Environment::new());
        assert!(output.status.success(), "{line}\n{}", said(&output));
        String::from_utf8(output.stdout).unwrap()
    }
}

type Environment = BTreeMap<String, String>;

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path: PathBuf = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value:?} is not text")).to_owned()
}

/// A change as it should be made, and its commit.
const CHANGE: &str = "sed -i 's/replicas: 3/replicas: 5/' envs/production.yaml
    plimsoll render charts/web -f envs/production.yaml -n shop --output-dir manifests/production
    git add -A && git commit -qm change";
/// A change of the values whose manifests were forgotten.
const FORGOTTEN: &str = "sed -i 's/replicas: 3/replicas: 5/' envs/production.yaml
    git add -A && git commit -qm change";

/// Runs the steps of the workflow as a runner for `ubuntu-latest` does (`bash -e`, a file each); gives the name of the step
/// that failed with what it said.
fn github(site: &Site) -> Result<(), (String, String)> {
    let workflow = site.yaml(".github/workflows/manifests.yaml");
    let base = site.succeed("git rev-parse HEAD~");
    let summary = site.path().join("summary.md");
    for step in workflow["jobs"]["manifests"]["steps"].as_sequence().unwrap() {
        let (Some(script), name) = (step.get("run"), step.get("name").map(text).unwrap_or_default()) else {
            continue;
        };
        if name.starts_with("Install") {
            continue;
        }
        let mut environment = Environment::new();
        environment.insert("GITHUB_STEP_SUMMARY".into(), summary.display().to_string());
        for (key, value) in step.get("env").and_then(Value::as_mapping).into_iter().flatten() {
            assert_eq!(text(value), "${{ github.event.pull_request.base.sha }}");
            environment.insert(text(key), base.trim().to_owned());
        }
        let output = site.run("bash", &["-ec", &text(script)], ".", &environment);
        if !output.status.success() {
            return Err((name, said(&output)));
        }
    }
    Ok(())
}

#[test]
fn github_actions_shows_what_a_change_does() {
    let site = Site::repository("05-github-actions");
    site.succeed(CHANGE);
    github(&site).unwrap();
    let summary = site.read("summary.md");
    assert!(summary.contains("~ Deployment shop/web (apps/v1)\n    ~ spec.replicas: 3 → 5\n"), "{summary}");
}

#[test]
fn github_actions_refuses_manifests_that_are_not_current() {
    let site = Site::repository("05-github-actions");
    site.succeed(FORGOTTEN);
    let (step, said) = github(&site).unwrap_err();
    assert_eq!(step, "The committed manifests are current");
    assert!(
        said.contains("::error file=manifests/production/deployment-web.yaml,title=not current::"),
        "{said}"
    );
    assert!(said.contains("spec.replicas: 3 → 5"), "{said}");
}

#[test]
fn github_actions_refuses_wrong_values() {
    let site = Site::repository("05-github-actions");
    site.succeed("echo 'replica: 3' >> envs/production.yaml && git commit -qam change");
    let (step, said) = github(&site).unwrap_err();
    assert_eq!(step, "Nothing is wrong");
    assert!(said.contains("::error file=envs/production.yaml,line=3,"), "{said}");
    assert!(said.contains("did you mean `replicas`?"), "{said}");
}

#[test]
fn a_helm_chart_is_linted_and_kept_as_manifests() {
    let site = Site::repository("09-helm-chart");
    site.succeed(&CHANGE.replace("charts/web", "charts/shop"));
    github(&site).unwrap();
    let summary = site.read("summary.md");
    assert!(summary.contains("~ Deployment shop/shop (apps/v1)\n    ~ spec.replicas: 3 → 5\n"), "{summary}");
    site.succeed("echo 'replica: 3' >> envs/production.yaml && git commit -qam change");
    let (step, said) = github(&site).unwrap_err();
    assert_eq!(step, "Nothing is wrong");
    assert!(said.contains("::warning file=envs/production.yaml,line=6,"), "{said}");
    assert!(said.contains("did you mean `replicas`?"), "{said}");
}

/// Runs the script of the job as GitLab's runner does: one shell for all lines, which ends at the first that fails.
fn gitlab(site: &Site) -> Result<String, String> {
    let job = &site.yaml(".gitlab-ci.yml")["manifests"];
    let base = site.succeed("git rev-parse HEAD~");
    let lines: Vec<String> = job["script"].as_sequence().unwrap().iter().map(text).collect();
    let environment = [("CI_MERGE_REQUEST_DIFF_BASE_SHA".to_owned(), base.trim().to_owned())].into();
    let output = site.run("bash", &["-eo", "pipefail", "-c", &lines.join("\n")], ".", &environment);
    if output.status.success() { Ok(said(&output)) } else { Err(said(&output)) }
}

#[test]
fn gitlab_shows_what_a_change_does() {
    let site = Site::repository("06-gitlab");
    site.succeed(CHANGE);
    let said = gitlab(&site).unwrap();
    assert!(said.contains("~ spec.replicas: 3 → 5"), "{said}");
    let artifacts = &site.yaml(".gitlab-ci.yml")["manifests"]["artifacts"];
    for artifact in artifacts["paths"].as_sequence().unwrap() {
        assert!(!site.read(&text(artifact)).is_empty());
    }
    let report: Value =
        serde_yaml::from_str(&site.read(&text(&artifacts["reports"]["codequality"]))).unwrap();
    assert_eq!(report, Value::Sequence(Vec::new()));
}

#[test]
fn gitlab_refuses_manifests_that_are_not_current() {
    let site = Site::repository("06-gitlab");
    site.succeed(FORGOTTEN);
    let said = gitlab(&site).unwrap_err();
    assert!(said.contains("1 file is not current"), "{said}");
}

/// Runs the plugin's command as the sidecar does, in the application's folder.
fn argocd(site: &Site, values: &str) -> Output {
    let plugin = site.yaml("plugin.yaml");
    let application = site.yaml("application.yaml");
    let folder = text(&application["spec"]["source"]["path"]);
    let generate = &plugin["spec"]["generate"];
    let words = |key: &str| generate[key].as_sequence().unwrap().iter().map(text).collect::<Vec<_>>();
    let command = [words("command"), words("args")].concat();
    let arguments: Vec<&str> = command[1..].iter().map(String::as_str).collect();
    let environment = [
        ("ARGOCD_APP_NAME", text(&application["metadata"]["name"])),
        ("ARGOCD_APP_NAMESPACE", text(&application["spec"]["destination"]["namespace"])),
        ("ARGOCD_ENV_VALUES", values.to_owned()),
    ];
    let environment = environment.map(|(key, value)| (key.to_owned(), value)).into();
    site.run(&command[0], &arguments, &folder, &environment)
}

#[test]
fn argo_cd_gets_manifests() {
    let site = Site::of("07-argocd");
    let application = site.yaml("application.yaml");
    let plugin = site.yaml("plugin.yaml");
    let source = &application["spec"]["source"];
    assert_eq!(source["plugin"]["name"], plugin["metadata"]["name"]);
    let discovered = text(&plugin["spec"]["discover"]["fileName"]);
    assert!(site.path().join(text(&source["path"])).join(discovered).is_file());
    assert_eq!(text(&source["plugin"]["env"][0]["name"]), "VALUES");
    let output = argocd(&site, &text(&source["plugin"]["env"][0]["value"]));
    assert!(output.status.success(), "{}", said(&output));
    let rendered: Value = serde_yaml::from_slice(&output.stdout).unwrap();
    assert_eq!(text(&rendered["metadata"]["name"]), "greeter-settings");
    assert_eq!(text(&rendered["metadata"]["namespace"]), "shop");
    assert_eq!(text(&rendered["data"]["greeting"]), "welcome");
}

#[test]
fn argo_cd_gets_nothing_of_wrong_values() {
    let site = Site::of("07-argocd");
    fs::write(site.path().join("app/wrong.yaml"), "colour: red\n").unwrap();
    let output = argocd(&site, "production.yaml wrong.yaml");
    assert!(!output.status.success() && output.stdout.is_empty(), "{}", said(&output));
    assert!(String::from_utf8_lossy(&output.stderr).contains("wrong.yaml:1:9"), "{}", said(&output));
}

fn has_kubectl() -> bool {
    let found = Command::new("kubectl").args(["version", "--client"]).output().is_ok();
    if !found {
        println!("skipped: there is no kubectl");
    }
    found
}

#[test]
fn kustomize_makes_the_plugins_config_map() {
    if !has_kubectl() {
        return;
    }
    let site = Site::of("07-argocd");
    let made: Value = serde_yaml::from_str(&site.succeed("kubectl kustomize .")).unwrap();
    assert_eq!(text(&made["data"]["plugin.yaml"]), site.read("plugin.yaml"));
}

#[test]
fn kustomize_reads_what_flux_applies() {
    let site = Site::of("08-flux");
    let object = site.yaml("clusters/production/web.yaml");
    let folder = text(&object["spec"]["path"]);
    let listed = site.yaml(&format!("{folder}/kustomization.yaml"));
    for resource in listed["resources"].as_sequence().unwrap() {
        assert!(site.path().join(&folder).join(text(resource)).is_file());
    }
    let page = site.read("README.md");
    let script = page.split("```sh\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    assert_eq!(script.lines().count(), 3);
    let lines = script.lines().filter(|line| !line.starts_with("kubectl") || has_kubectl());
    lines.for_each(|line| drop(site.succeed(&format!("set -o pipefail; {line}"))));
}
