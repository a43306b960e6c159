//! What a file is that is no manifest, though it may look like one: configuration of tools, patches, assertions of
//! tests, templates of text.
//!
//! ```text
//! skaffold.yaml     apiVersion: skaffold/v4beta11   kind: Config     a configuration of Skaffold
//! cluster.yaml      apiVersion: kind.x-k8s.io/…     kind: Cluster    a configuration of kind
//! replicas.yaml     $patch: delete                                   a patch
//! 00-assert.yaml    apiVersion: apps/v1 …                            an assertion of a test
//! compose.yaml      services: …                                      no manifest
//! ```
//!
//! Nothing is parsed: files are told apart before it is known whether they are YAML at all, by the keys at the top of
//! their documents.

use super::recognize::is_comment;
use crate::pipeline;

/// What the keys at the top of a document say.
#[derive(Debug, Default)]
struct Head<'t> {
    api_version: Option<&'t str>,
    kind: Option<&'t str>,
    /// Whether there is a key that objects have besides: then a key of the two that is missing was forgotten.
    has_object_key: bool,
    has_metadata: bool,
    has_items: bool,
}

/// Keys at the top of objects that are rare at the top of anything else.
const OBJECT_KEYS: &[&str] = &["metadata", "spec", "data", "stringData", "roleRef", "subjects"];

/// Groups of what is written like an object and read by a program, not applied, and what that is. A group stands for
/// those below it too (`.k14s.io`) if it begins with a dot.
#[rustfmt::skip]
const TOOLS: &[(&str, &str)] = &[
    ("abac.authorization.kubernetes.io", "a configuration of the API server"),
    ("apiserver.config.k8s.io", "a configuration of the API server"),
    ("audit.k8s.io", "a configuration of the API server"),
    ("pod-security.admission.config.k8s.io", "a configuration of the API server"),
    ("backstage.io", "an entry of a Backstage catalogue"),
    ("builtin", "a transformer of Kustomize"),
    ("kustomize.config.k8s.io", "a configuration of Kustomize"),
    ("chainsaw.kyverno.io", "a test of Chainsaw"),
    ("cli.kyverno.io", "a test of Kyverno"),
    ("kuttl.dev", "a test of kuttl"),
    ("scorecard.operatorframework.io", "a configuration of the Operator SDK"),
    ("client.authentication.k8s.io", "a credential of kubectl"),
    ("clusterctl.cluster.x-k8s.io", "a configuration of clusterctl"),
    ("config.kubernetes.io", "a list of resources for functions"),
    ("config.kwok.x-k8s.io", "a configuration of kwok"),
    ("controller-runtime.sigs.k8s.io", "a configuration of a controller"),
    ("ctlptl.dev", "a configuration of ctlptl"),
    ("descheduler", "a configuration of the descheduler"),
    ("eksctl.io", "a configuration of eksctl"),
    ("imgpkg.carvel.dev", "a configuration of imgpkg"),
    ("install.istio.io", "a configuration of istioctl"),
    ("k3d.io", "a configuration of k3d"),
    (".k14s.io", "a configuration of Carvel's tools"),
    ("kind.x-k8s.io", "a configuration of kind"),
    ("kpt.dev", "a package of kpt"),
    ("krew.googlecontainertools.github.com", "a plugin of krew"),
    ("kubeadm.k8s.io", "a configuration of kubeadm"),
    ("kubecontrollermanager.config.k8s.io", "a configuration of the controller manager"),
    ("kubelet.config.k8s.io", "a configuration of the kubelet"),
    ("kubeproxy.config.k8s.io", "a configuration of kube-proxy"),
    ("kubescheduler.config.k8s.io", "a configuration of the scheduler"),
    ("meta.pkg.crossplane.io", "a package of Crossplane"),
    ("skaffold", "a configuration of Skaffold"),
    ("tanka.dev", "an environment of Tanka"),
    ("tilt.dev", "a configuration of Tilt"),
];

/// Keys of strategic merge patches. What has one is no whole object.
const PATCH_KEYS: &[&str] = &["$patch:", "$retainKeys:", "$deleteFromPrimitiveList/", "$setElementOrder/"];

/// Annotations of what is read by a tool and never applied.
const LOCAL: &[&str] = &["config.kubernetes.io/local-config", "config.kubernetes.io/function"];

/// What a file is, if it is no manifest; none if it may be one. `no manifest` where there is nothing more to say.
pub(super) fn noun(name: &str, text: &str) -> Option<&'static str> {
    let first = text.lines().find(|line| !is_comment(line))?;
    if first.starts_with(['-', '[']) {
        // A list: `kubectl` takes none.
        let is_patch = ["op:", "\"op\":"].iter().any(|key| text.contains(key)) && text.contains("path");
        return Some(if is_patch { "a JSON patch" } else { "a list" });
    }
    if is_assertion(name) {
        return Some("an assertion of a test");
    }
    if text.lines().any(|line| {
        let line = line.trim_start().trim_start_matches("- ");
        PATCH_KEYS.iter().any(|key| line.starts_with(key))
    }) {
        return Some("a patch");
    }
    if LOCAL.iter().any(|annotation| text.contains(annotation)) {
        return Some("a configuration of a tool, by its annotation");
    }
    // Flow style, JSON, an indented document: keys at the top begin no line.
    if first.starts_with('{') && !is_template(text) {
        let head = flow_head(text);
        return head.noun().or((!head.is_object()).then_some("no manifest"));
    }
    if first.starts_with(' ') {
        return (!text.contains("apiVersion")).then_some("no manifest");
    }
    if is_template(text) {
        return Some("a template of text");
    }
    let heads = heads(text);
    let mut tool = None;
    for head in &heads {
        let noun = head.noun();
        if noun.is_none() && head.is_object() {
            return None;
        }
        tool = tool.or(noun);
    }
    Some(tool.unwrap_or("no manifest"))
}

fn tool_of(group: &str) -> Option<&'static str> {
    let is_of = |of: &str| group == of || (of.starts_with('.') && group.ends_with(of));
    TOOLS.iter().find(|(of, _)| is_of(of)).map(|(_, what)| *what)
}

impl<'t> Head<'t> {
    fn read(&mut self, key: &str, value: &'t str) {
        match key {
            "apiVersion" => self.api_version = Some(value),
            "kind" => self.kind = Some(value),
            key => self.has_object_key |= OBJECT_KEYS.contains(&key),
        }
        self.has_metadata |= key == "metadata";
        self.has_items |= key == "items";
    }

    /// What it is by its group and kind, if no cluster takes it.
    fn noun(&self) -> Option<&'static str> {
        let is_encrypted = |text: Option<&str>| text.is_some_and(|text| text.starts_with("ENC["));
        if is_encrypted(self.kind) || is_encrypted(self.api_version) {
            return Some("encrypted as a whole");
        }
        let version = self.api_version?;
        match (self.kind, version) {
            (Some("Config"), "v1") => return Some("a configuration of kubectl"),
            (Some("Policy"), "v1") if !self.has_metadata => return Some("a policy of the scheduler"),
            _ => {}
        }
        let group = version.split('/').next().unwrap_or(version);
        // A report, say, or the configuration of a program, in the form of an object. Of a kind that a cluster takes it is an
        // object whose `metadata` was forgotten.
        // A group without a dot is one of Kubernetes' own, or none that a cluster has.
        let is_nameless = !["apps", "autoscaling", "batch", "extensions", "policy"].contains(&group)
            && version.contains('/')
            && !self.has_metadata
            && !self.has_items
            && !self.kind.is_some_and(|kind| pipeline::is_built_in_kind(version, kind));
        tool_of(group).or(is_nameless.then_some("nothing that is applied, as it has no `metadata`"))
    }

    /// Whether it is an object, or one that lacks a key by mistake.
    fn is_object(&self) -> bool {
        match (self.api_version, self.kind) {
            (Some(_), Some(_)) => true,
            (None, None) => false,
            _ => self.has_object_key,
        }
    }
}

/// What stands at the top of each document.
fn heads(text: &str) -> Vec<Head<'_>> {
    let mut heads = vec![Head::default()];
    for line in text.lines() {
        // Keys at the top are not indented, and most lines are.
        if line.starts_with([' ', '#', '\t']) || line.is_empty() {
            continue;
        }
        if line.starts_with("---") {
            heads.push(Head::default());
            continue;
        }
        let Some((key, value)) = line.trim_start_matches('\u{feff}').split_once(':') else { continue };
        let Some(head) = heads.last_mut() else { continue };
        let value = value.split(" #").next().unwrap_or(value).trim().trim_matches(['"', '\'']);
        head.read(key.trim_matches(['"', '\'', ' ']), value);
    }
    heads
}

/// What stands at the top of a document in flow style: JSON, mostly.
fn flow_head(text: &str) -> Head<'_> {
    let mut head = Head::default();
    let mut depth = 0_usize;
    // Where the present word, quoted or not, begins; and the last key at the top.
    let mut begin = 0;
    let mut key = "";
    let mut quote = None;
    let mut bytes = text.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'\\' if quote.is_some() => {
                bytes.next();
            }
            b'"' | b'\'' if quote.is_none() => quote = Some(byte),
            _ if quote == Some(byte) => quote = None,
            _ if quote.is_some() => {}
            b'{' | b'[' => {
                depth += 1;
                begin = at + 1;
            }
            b':' if depth == 1 && key.is_empty() => {
                key = word(text, begin, at);
                begin = at + 1;
            }
            b',' | b'}' | b']' => {
                if depth == 1 && !key.is_empty() {
                    head.read(key, word(text, begin, at));
                    key = "";
                }
                depth -= usize::from(byte != b',' && depth > 0);
                begin = at + 1;
            }
            _ => {}
        }
    }
    head
}

fn word(text: &str, begin: usize, end: usize) -> &str {
    text.get(begin..end).unwrap_or_default().trim().trim_matches(['"', '\''])
}

/// Whether a text is made into YAML by a template engine first: its tags stand where a line or a value begins, or in the
/// name of an object. What stands in a block of text is none of ours.
fn is_template(text: &str) -> bool {
    // The indentation of the key whose block of text is passed over.
    let mut block: Option<usize> = None;
    for line in text.lines() {
        let content = line.trim_start_matches(' ');
        let indent = line.len() - content.len();
        if content.is_empty() || block.is_some_and(|key| indent > key) {
            continue;
        }
        block = None;
        let is_tag = |text: &str| text.starts_with("{{") || text.starts_with("{%") || is_marked(text);
        if is_tag(content) {
            return true;
        }
        let content = content.trim_start_matches("- ");
        if let Some((key, value)) = content.split_once(": ") {
            let value = value.trim();
            let names = matches!(key, "name" | "namespace" | "kind" | "apiVersion");
            if is_tag(value) || names && value.contains("{{") {
                return true;
            }
            if value.starts_with(['|', '>']) {
                block = Some(indent);
            }
        }
    }
    false
}

/// Whether a text begins with a name between `@`, which `configure` and others like it fill in: `@VERSION@`. YAML knows no text
/// that begins so.
fn is_marked(text: &str) -> bool {
    let name = text.strip_prefix('@').and_then(|rest| rest.split_once('@')).map_or("", |(name, _)| name);
    !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}

/// Whether a file is called a patch, or its folder is: `patches/replicas.yaml`, `manager_auth_patch.yaml`.
pub(super) fn is_called_patch(name: &str) -> bool {
    let mut parts = name.rsplit(['/', '\\']);
    let file = parts.next().unwrap_or(name);
    let stem = file.split('.').next().unwrap_or(file);
    let is_word = |word: &str| matches!(word, "patch" | "patches");
    stem.split(['-', '_']).any(is_word) || parts.next().is_some_and(is_word)
}

/// Whether a file is an assertion of kuttl or Chainsaw, by its name: `00-assert.yaml`, `errors.yaml`.
fn is_assertion(name: &str) -> bool {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let stem = file.split('.').next().unwrap_or(file);
    let mut words = stem.split(['-', '_']);
    let is_numbered_error = stem
        .strip_suffix("errors")
        .is_some_and(|rest| rest.is_empty() || rest.trim_end_matches('-').parse::<u32>().is_ok());
    words.any(|word| matches!(word, "assert" | "asserts" | "assertion" | "assertions")) || is_numbered_error
}

#[cfg(test)]
mod tests {
    use super::{is_called_patch, noun};

    #[test]
    fn files_of_tools_are_told_from_objects() {
        for (name, text, expected) in [
            ("a.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n", None),
            ("a.yaml", "# x\n---\n\"kind\": \"Pod\"\napiVersion: 'v1' # x\n", None),
            ("a.yaml", "{\"apiVersion\": \"v1\"}", Some("no manifest")),
            ("a.yaml", "{\"apiVersion\": \"v1\", \"kind\": \"Pod\"}", None),
            ("a.yaml", "  apiVersion: v1\n", None),
            ("a.yaml", "apiVersion: v1\nmetadata: {name: a}\n", None),
            ("a.yaml", "kind: Pod\nspec: {}\n", None),
            ("a.yaml", "services: {}\n---\napiVersion: v1\nkind: Pod\n", None),
            ("a.yaml", "services:\n  web: {image: web}\n", Some("no manifest")),
            ("a.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n", Some("no manifest")),
            ("a.yaml", "apiVersion: 1\ndatasources: []\n", Some("no manifest")),
            ("a.yaml", "kind: pipeline\ntype: docker\nsteps: []\n", Some("no manifest")),
            ("a.yaml", "openapi: 3.1.0\ninfo: {}\n", Some("no manifest")),
            ("a.yaml", "on: push\njobs:\n  a:\n    kind: Pod\n    apiVersion: v1\n", Some("no manifest")),
            ("a.json", "{\"name\": \"x\"}", Some("no manifest")),
            ("a.yaml", "apiVersion: skaffold/v4beta11\nkind: Config\n", Some("a configuration of Skaffold")),
            (
                "a.yaml",
                "kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\n",
                Some("a configuration of kind"),
            ),
            ("a.yaml", "apiVersion: builtin\nkind: PatchTransformer\n", Some("a transformer of Kustomize")),
            ("a.yaml", "apiVersion: v1\nkind: Config\nclusters: []\n", Some("a configuration of kubectl")),
            (
                "a.yaml",
                "apiVersion: vendir.k14s.io/v1\nkind: Config\n",
                Some("a configuration of Carvel's tools"),
            ),
            ("a.yaml", "apiVersion: v1\nkind: Pod\n---\napiVersion: k3d.io/v1\nkind: Simple\n", None),
            ("a.yaml", "apiVersion: ENC[AES256_GCM,data:x]\nkind: ENC[x]\n", Some("encrypted as a whole")),
            ("a.yaml", "- op: add\n  path: /spec\n  value: {apiVersion: v1}\n", Some("a JSON patch")),
            ("a.json", "[{\"op\": \"add\", \"path\": \"/spec\"}]", Some("a JSON patch")),
            ("a.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n$patch: delete\n", Some("a patch")),
            (
                "a.yaml",
                "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - $patch: replace\n",
                Some("a patch"),
            ),
            ("a.yaml", "{{- if .Values.a }}\napiVersion: v1\nkind: Pod\n", Some("a template of text")),
            (
                "a.yaml",
                "apiVersion: v1\nkind: ConfigMap\ndata:\n  x: |\n    {{ range . }}\n    $patch\n",
                None,
            ),
            ("t/00-assert.yaml", "apiVersion: v1\nkind: Pod\n", Some("an assertion of a test")),
            ("t/02-errors.yaml", "apiVersion: v1\nkind: Pod\n", Some("an assertion of a test")),
            ("t/my-errors.yaml", "apiVersion: v1\nkind: Pod\n", None),
            ("a.yaml", "metadata:\n  name: {{ name }}\n", Some("a template of text")),
            (
                "a.yaml",
                "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web-{{uid}}\n",
                Some("a template of text"),
            ),
            (
                "a.yaml",
                "apiVersion: v1\nkind: Pod\nmetadata:\n  name: @POD_NAME@\n",
                Some("a template of text"),
            ),
            ("a.yaml", "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a@B@\n", None),
            ("a.yaml", "apiVersion: v1\nkind: Pod\nargs: [\"{{.Name}}\"]\n", None),
            ("a.json", "{\"info\": {\"apiVersion\": \"v1\", \"kind\": \"Pod\"}}", Some("no manifest")),
            ("a.json", "{\"a\": \"\\\"{\", \"kind\": \"Pod\",\n\"metadata\": {}}", None),
            (
                "a.json",
                "{\"apiVersion\": \"kind.x-k8s.io/v1\", \"kind\": \"Cluster\"}",
                Some("a configuration of kind"),
            ),
            (
                "a.yaml",
                "apiVersion: example.com/v1\nkind: Report\nresults: []\n",
                Some("nothing that is applied, as it has no `metadata`"),
            ),
            (
                "a.yaml",
                "apiVersion: release-notes/v2\nkind: bug-fix\narea: x\n",
                Some("nothing that is applied, as it has no `metadata`"),
            ),
            ("a.yaml", "apiVersion: apps/v1\nkind: Deploymnet\nspec: {}\n", None),
            ("a.yaml", "apiVersion: example.com/v1\nkind: WidgetList\nitems: []\n", None),
            ("a.yaml", "apiVersion: networking.k8s.io/v1\nkind: Ingress\nspec: {}\n", None),
            ("a.yaml", "apiVersion: cert-manager.io/v1\nkind: Certificate\nspec: {}\n", None),
            (
                "a.yaml",
                "apiVersion: cert-manager.io/v1\nkind: Configuration\nspec: {}\n",
                Some("nothing that is applied, as it has no `metadata`"),
            ),
            (
                "a.json",
                "{\"kind\": \"Policy\", \"apiVersion\": \"v1\", \"predicates\": []}",
                Some("a policy of the scheduler"),
            ),
            ("a.yaml", "", None),
        ] {
            assert_eq!(noun(name, text), expected, "{name}: {text}");
        }
    }

    #[test]
    fn files_are_called_patches() {
        for (name, expected) in [
            ("patches/a.yaml", true),
            ("b/auth_patch.yaml", true),
            ("b/patch-replicas.yaml", true),
            ("b/dispatch.yaml", false),
            ("patches/b/a.yaml", false),
        ] {
            assert_eq!(is_called_patch(name), expected, "{name}");
        }
    }
}
