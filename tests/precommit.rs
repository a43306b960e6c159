//! The pre-commit hooks, with the real `pre-commit` in a scratch repository.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, clippy::print_stderr)]

mod support;

use std::path::Path;
use std::process::{Command, Output};

use support::files::write;
use support::program::search_path;

const DEPLOYMENT: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: registry.example/web:1.2.3
";
const VALUES: &str = "# plimsoll: chart=skyflo preset=evaluation\nengine:\n  replicaCount: 2\n";

fn git(folder: &Path, arguments: &[&str]) -> Output {
    let identity =
        ["-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"];
    let mut command = Command::new("git");
    command.args(identity).args(arguments).current_dir(folder).env("PATH", search_path());
    // A git that runs this test as a hook must not lend its own repository.
    for name in ["GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"] {
        command.env_remove(name);
    }
    command.env("PRE_COMMIT_HOME", folder.join(".cache")).output().expect("git")
}

/// The hooks as a repository names them: their own file is the truth, so it is read, and run as local hooks.
fn configuration() -> String {
    let hooks = std::fs::read_to_string(".pre-commit-hooks.yaml").unwrap();
    let system: Vec<&str> = hooks.split("\n\n").filter(|hook| hook.contains("language: system")).collect();
    assert_eq!(system.len(), 2, "{hooks}");
    let lines = system.iter().flat_map(|hook| hook.lines()).map(|line| format!("      {line}\n"));
    format!("repos:\n  - repo: local\n    hooks:\n{}", lines.collect::<String>())
}

fn commit(folder: &Path) -> (bool, String) {
    assert!(git(folder, &["add", "-A"]).status.success());
    let output = git(folder, &["commit", "-m", "x"]);
    let text =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output.status.success(), text)
}

/// A repository with the hooks; none where pre-commit is not installed.
fn repository() -> Option<tempfile::TempDir> {
    if !Command::new("pre-commit").arg("--version").output().is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: pre-commit is not installed");
        return None;
    }
    let repository = tempfile::tempdir().unwrap();
    let folder = repository.path();
    assert!(git(folder, &["init", "--quiet"]).status.success());
    write(folder, ".gitignore", ".cache\n");
    write(folder, ".pre-commit-config.yaml", configuration());
    let hook = "#!/bin/sh\nexec pre-commit run\n";
    write(folder, ".git/hooks/pre-commit", hook);
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(folder.join(".git/hooks/pre-commit"), executable).unwrap();
    Some(repository)
}

#[test]
fn a_clean_commit_passes_and_a_wrong_one_is_stopped_with_its_line() {
    let Some(folder) = repository() else { return };
    let folder = folder.path();
    write(folder, "manifests/web.yaml", DEPLOYMENT);
    write(folder, "envs/production.yaml", VALUES.replace("replicaCount", "replicas"));
    let (passed, text) = commit(folder);
    assert!(passed && text.matches("Passed").count() == 2, "{text}");

    write(folder, "manifests/web.yaml", DEPLOYMENT.replace("image:", "imgae:"));
    write(folder, "envs/production.yaml", VALUES);
    let (passed, text) = commit(folder);
    assert!(!passed && text.matches("Failed").count() == 2, "{text}");
    assert!(text.contains("manifests/web.yaml:12:11") && text.contains("has no field `imgae`"), "{text}");
    assert!(
        text.contains("envs/production.yaml:3:3") && text.contains("`engine.replicaCount` is not a setting"),
        "{text}"
    );

    write(folder, "envs/production.yaml", VALUES.replace("replicaCount", "replicas"));
    write(folder, "manifests/web.yaml", DEPLOYMENT);
    write(
        folder,
        "manifests/service.yaml",
        "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {app: web}, ports: [{port: 80}]}\n",
    );
    let (passed, text) = commit(folder);
    assert!(passed, "the Service finds the pods of a file that has not changed: {text}");
}

#[test]
fn each_file_of_a_helm_chart_lints_its_chart() {
    let Some(folder) = repository() else { return };
    let folder = folder.path();
    let metadata = "apiVersion: v2\nname: shop\nversion: 1.0.0\n";
    let template =
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: shop}\ndata:\n  size: {{ include \"size\" . }}\n";
    let partial = "{{- define \"size\" }}{{ .Values.size | quote }}{{ end }}";
    // What is changed, how, and what stops the commit.
    let files = [
        ("charts/shop/Chart.yaml", metadata, "apiVersion: v2\nname: shop\n", "H001"),
        ("charts/shop/values.yaml", "size: 3\n", "size: [3\n", "H009"),
        ("charts/shop/ci/large-values.yaml", "size: 9\n", "size: {}\nmore: : \n", "H009"),
        (
            "charts/shop/templates/map.yaml",
            template,
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: S}\n",
            "K005",
        ),
        ("charts/shop/templates/_helpers.tpl", partial, "{{ define \"other\" }}{{ end }}", "H005"),
        ("charts/shop/templates/NOTES.txt", "It runs.\n", "{{ .Values.size.x.y }}", "H005"),
    ];
    for (path, text, _, _) in files {
        write(folder, path, text);
    }
    let (passed, text) = commit(folder);
    assert!(passed, "{text}");
    for (path, right, wrong, code) in files {
        write(folder, path, wrong);
        let (passed, text) = commit(folder);
        assert!(!passed && text.contains(&format!("error[{code}]")), "{path}: {text}");
        write(folder, path, right);
    }
}
