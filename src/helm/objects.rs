//! What templates see besides their values: `.Release`, `.Chart`, `.Capabilities`, `.Files`, `.Subcharts`, `.Template`.

use std::any::Any;
use std::rc::Rc;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::chart::{HelmChart, OtherFile};
use super::coalesce::{entries, leaf};
use super::glob::Glob;
use super::yaml;
use crate::gotemplate::function::{Call, Failure, Function, Methods, Param, Signature};
use crate::gotemplate::text::{Origin, Text};
use crate::gotemplate::value::{List, ListType, Map, MapType, Object, StructField, Value};
use crate::source::Span;

/// The release that a render is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// Its name.
    pub name: String,
    /// Its namespace.
    pub namespace: String,
    /// Whether it was installed before.
    pub is_upgrade: bool,
    /// How many times it was installed or upgraded, this one included.
    pub revision: i64,
}

impl Release {
    /// `.Release`
    pub(super) fn value(&self) -> Value {
        Value::map([
            ("Name", Value::plain_string(self.name.as_bytes())),
            ("Namespace", Value::plain_string(self.namespace.as_bytes())),
            ("IsUpgrade", Value::bool(self.is_upgrade)),
            ("IsInstall", Value::bool(!self.is_upgrade)),
            ("Revision", Value::int(self.revision)),
            ("Service", Value::plain_string("Helm")),
        ])
    }
}

/// What the cluster can do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// Its version of Kubernetes.
    pub kube_version: KubeVersion,
    /// The versions of APIs that it serves, as `apps/v1`, and of kinds, as `apps/v1/Deployment`.
    pub api_versions: Vec<Arc<str>>,
}

/// A version of Kubernetes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KubeVersion {
    /// All of it, with a `v`.
    pub version: Arc<str>,
    /// The first number.
    pub major: Arc<str>,
    /// The second number.
    pub minor: Arc<str>,
}

/// The version of Kubernetes that Helm 4.2 takes where nothing is said.
const KUBE_VERSION: &str = "v1.36.0";

/// The version of Helm that charts are told, of Go, and of the client for Kubernetes in it.
const HELM_VERSION: [&str; 3] = ["v4.2", "go1.26.6", "v1.36"];

/// The versions of APIs that Helm 4.2 takes for granted.
const API_VERSIONS: &str = "\
v1 \
admissionregistration.k8s.io/v1 admissionregistration.k8s.io/v1alpha1 admissionregistration.k8s.io/v1beta1 \
internal.apiserver.k8s.io/v1alpha1 apps/v1 apps/v1beta1 apps/v1beta2 \
authentication.k8s.io/v1 authentication.k8s.io/v1alpha1 authentication.k8s.io/v1beta1 \
authorization.k8s.io/v1 authorization.k8s.io/v1beta1 autoscaling/v1 autoscaling/v2 batch/v1 batch/v1beta1 \
certificates.k8s.io/v1 certificates.k8s.io/v1beta1 certificates.k8s.io/v1alpha1 \
coordination.k8s.io/v1alpha2 coordination.k8s.io/v1beta1 coordination.k8s.io/v1 \
discovery.k8s.io/v1 discovery.k8s.io/v1beta1 events.k8s.io/v1 events.k8s.io/v1beta1 extensions/v1beta1 \
flowcontrol.apiserver.k8s.io/v1 flowcontrol.apiserver.k8s.io/v1beta1 flowcontrol.apiserver.k8s.io/v1beta2 \
flowcontrol.apiserver.k8s.io/v1beta3 networking.k8s.io/v1 networking.k8s.io/v1beta1 \
node.k8s.io/v1 node.k8s.io/v1alpha1 node.k8s.io/v1beta1 policy/v1 policy/v1beta1 \
rbac.authorization.k8s.io/v1 rbac.authorization.k8s.io/v1beta1 rbac.authorization.k8s.io/v1alpha1 \
resource.k8s.io/v1 resource.k8s.io/v1beta2 resource.k8s.io/v1beta1 resource.k8s.io/v1alpha3 \
scheduling.k8s.io/v1alpha2 scheduling.k8s.io/v1beta1 scheduling.k8s.io/v1 \
storage.k8s.io/v1beta1 storage.k8s.io/v1 storage.k8s.io/v1alpha1 storagemigration.k8s.io/v1beta1 \
apiextensions.k8s.io/v1beta1 apiextensions.k8s.io/v1";

impl Default for Capabilities {
    fn default() -> Self {
        let kube_version =
            KubeVersion { version: KUBE_VERSION.into(), major: "1".into(), minor: "36".into() };
        Capabilities { kube_version, api_versions: API_VERSIONS.split_whitespace().map(Arc::from).collect() }
    }
}

impl Capabilities {
    /// What Helm takes for granted, with another version of Kubernetes and further APIs.
    ///
    /// # Errors
    /// What is wrong with the version, as a phrase.
    pub fn new(kube_version: Option<&str>, api_versions: &[String]) -> Result<Capabilities, String> {
        let mut capabilities = Capabilities::default();
        if let Some(version) = kube_version {
            capabilities.kube_version = KubeVersion::parse(version)?;
        }
        for version in api_versions {
            if !capabilities.api_versions.iter().any(|known| **known == **version) {
                capabilities.api_versions.push(Arc::from(version.as_str()));
            }
        }
        Ok(capabilities)
    }
}

impl KubeVersion {
    /// A version as people write it, such as `1.34`, `v1.34.2` or `v1.33.4-gke.1245000`.
    ///
    /// # Errors
    /// What is wrong with it, as a phrase.
    pub fn parse(text: &str) -> Result<KubeVersion, String> {
        let wrong = || format!("`{text}` is not a version of Kubernetes, such as `1.34`");
        let number = text.strip_prefix('v').unwrap_or(text);
        let (numbers, suffix) = number.split_at(number.find(['-', '+']).unwrap_or(number.len()));
        let mut parts: Vec<&str> = numbers.split('.').collect();
        let is_number = |part: &&str| {
            !part.is_empty() && part.len() < 10 && part.bytes().all(|byte| byte.is_ascii_digit())
        };
        if parts.len() > 3 || !parts.iter().all(is_number) {
            return Err(wrong());
        }
        parts.resize(3, "0");
        Ok(KubeVersion {
            version: format!("v{}{suffix}", parts.join(".")).into(),
            major: parts[0].into(),
            minor: parts[1].into(),
        })
    }

    /// The version without what a provider has added.
    pub fn numbers(&self) -> &str {
        self.version.split(['-', '+']).next().unwrap_or_default()
    }
}

/// `.Capabilities`
#[derive(Debug)]
pub(super) struct CapabilitiesObject {
    kube_version: KubeVersion,
    /// Made once: templates ask it again and again.
    api_versions: Value,
}

impl CapabilitiesObject {
    pub(super) fn value(capabilities: &Capabilities) -> Value {
        let versions =
            capabilities.api_versions.iter().map(|version| Value::plain_string(version.as_bytes()));
        let list = List { items: versions.collect(), of: ListType::Named("common.VersionSet") };
        let kube_version = capabilities.kube_version.clone();
        let api_versions = Value::List(Rc::new(list));
        Value::Object(Rc::new(CapabilitiesObject { kube_version, api_versions }))
    }
}

impl Object for CapabilitiesObject {
    fn type_name(&self) -> &'static str {
        "*common.Capabilities"
    }

    fn kind_name(&self) -> &'static str {
        "ptr"
    }

    fn field(&self, name: &str) -> Option<Value> {
        match name {
            "KubeVersion" => Some(Value::Object(Rc::new(self.kube_version.clone()))),
            "APIVersions" => Some(self.api_versions.clone()),
            "HelmVersion" => Some(Value::Object(Rc::new(BuildInfo))),
            _ => None,
        }
    }

    fn structure(&self) -> Vec<StructField> {
        let names = ["KubeVersion", "APIVersions", "HelmVersion"];
        names
            .map(|name| StructField { name, json: Some(name), value: self.field(name).unwrap_or_default() })
            .into()
    }

    fn plain(&self) -> Value {
        as_written(self)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// A struct as the map that JSON and YAML have of it.
fn as_written(object: &dyn Object) -> Value {
    let fields = object.structure().into_iter();
    Value::map(fields.filter_map(|field| field.json.map(|key| (key, field.value))))
}

impl Object for KubeVersion {
    fn type_name(&self) -> &'static str {
        "common.KubeVersion"
    }

    fn kind_name(&self) -> &'static str {
        "struct"
    }

    fn field(&self, name: &str) -> Option<Value> {
        let text = match name {
            "Version" => &self.version,
            "Major" => &self.major,
            "Minor" => &self.minor,
            _ => return None,
        };
        Some(Value::plain_string(text.as_bytes()))
    }

    fn show(&self) -> Option<String> {
        Some(self.numbers().to_owned())
    }

    fn structure(&self) -> Vec<StructField> {
        let field = |name, is_written: bool, text: &str| StructField {
            name,
            json: is_written.then_some(name),
            value: Value::plain_string(text.as_bytes()),
        };
        vec![
            field("Version", true, &self.version),
            field("normalizedVersion", false, self.numbers()),
            field("Major", true, &self.major),
            field("Minor", true, &self.minor),
        ]
    }

    fn plain(&self) -> Value {
        as_written(self)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// `.Capabilities.HelmVersion`
#[derive(Debug)]
struct BuildInfo;

impl Object for BuildInfo {
    fn type_name(&self) -> &'static str {
        "version.BuildInfo"
    }

    fn kind_name(&self) -> &'static str {
        "struct"
    }

    fn field(&self, name: &str) -> Option<Value> {
        let [helm, go, client] = HELM_VERSION;
        let text = match name {
            "Version" => helm,
            "GitCommit" | "GitTreeState" => "",
            "GoVersion" => go,
            "KubeClientVersion" => client,
            _ => return None,
        };
        Some(Value::plain_string(text))
    }

    fn structure(&self) -> Vec<StructField> {
        let [helm, go, client] = HELM_VERSION;
        let field = |name, json, text| StructField { name, json, value: Value::plain_string(text) };
        vec![
            field("Version", Some("version"), helm),
            field("GitCommit", None, ""),
            field("GitTreeState", None, ""),
            field("GoVersion", Some("go_version"), go),
            field("KubeClientVersion", Some("kube_client_version"), client),
        ]
    }

    fn plain(&self) -> Value {
        as_written(self)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// `.Files`, or some of them.
#[derive(Debug)]
pub(super) struct Files {
    chart: Arc<HelmChart>,
    /// Indices of the chart's files.
    some: Vec<usize>,
}

impl Files {
    pub(super) fn value(chart: &Arc<HelmChart>) -> Value {
        let some = (0..chart.files.len()).collect();
        Value::Object(Rc::new(Files { chart: Arc::clone(chart), some }))
    }

    fn each(&self) -> impl Iterator<Item = &OtherFile> {
        self.some.iter().filter_map(|index| self.chart.files.get(*index))
    }

    fn get(&self, name: &[u8]) -> Option<Text> {
        self.each().find(|file| file.name.as_bytes() == name).map(text)
    }
}

/// The bytes of a file, which come from the file.
fn text(file: &OtherFile) -> Text {
    let origin =
        file.source.map_or(Origin::NOWHERE, |source| Origin::value(Span::new(source, 0, file.data.len())));
    Text::new(&*file.data, origin)
}

impl Object for Files {
    fn type_name(&self) -> &'static str {
        "engine.files"
    }

    fn kind_name(&self) -> &'static str {
        "map"
    }

    fn field(&self, name: &str) -> Option<Value> {
        // As of a map: what is not there is an empty value.
        Some(Value::Bytes(self.get(name.as_bytes()).unwrap_or_else(|| Text::plain(""))))
    }

    fn print(&self) -> String {
        let files = self.each().map(|file| {
            let bytes: Vec<String> = file.data.iter().map(u8::to_string).collect();
            format!("{}:[{}]", file.name, bytes.join(" "))
        });
        format!("map[{}]", files.collect::<Vec<_>>().join(" "))
    }

    fn plain(&self) -> Value {
        let map = Map::new(MapType::Named("engine.files"));
        for file in self.each() {
            map.insert(file.name.as_bytes(), Origin::NOWHERE, Value::Bytes(text(file)));
        }
        Value::Map(Rc::new(map))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// The methods of the objects here.
pub static METHODS: &[Methods] = &[
    Methods {
        of: "engine.files",
        functions: &[
            method("Get", &[Param::Any, Param::String], files_get),
            method("GetBytes", &[Param::Any, Param::String], files_get_bytes),
            method("Glob", &[Param::Any, Param::String], files_glob),
            method("Lines", &[Param::Any, Param::String], files_lines),
            method("AsConfig", &[Param::Any], files_as_config),
            method("AsSecrets", &[Param::Any], files_as_secrets),
        ],
    },
    Methods {
        of: "common.VersionSet",
        functions: &[method("Has", &[Param::Any, Param::String], versions_has)],
    },
    Methods {
        of: "common.KubeVersion",
        functions: &[
            method("String", &[Param::Any], kube_version_string),
            method("GitVersion", &[Param::Any], kube_version_git),
        ],
    },
    Methods {
        of: "common.Values",
        functions: &[
            method("YAML", &[Param::Any], values_yaml),
            method("AsMap", &[Param::Any], values_as_map),
            method("Table", &[Param::Any, Param::String], values_table),
            method("PathValue", &[Param::Any, Param::String], values_path_value),
        ],
    },
];

const fn method(
    name: &'static str,
    params: &'static [Param],
    run: fn(&mut Call<'_, '_>) -> Result<Value, Failure>,
) -> Function {
    Function { name, signature: Signature { params, rest: None }, run }
}

/// The receiver of a method of [`Files`].
fn with_files<T>(call: &mut Call<'_, '_>, make: impl FnOnce(&Files) -> T) -> Result<T, Failure> {
    match call.args.first() {
        Some(Value::Object(object)) => match object.as_any().downcast_ref::<Files>() {
            Some(files) => Ok(make(files)),
            None => Err(Failure::new("these are not files")),
        },
        _ => Err(Failure::new("these are not files")),
    }
}

fn files_get(call: &mut Call<'_, '_>) -> Result<Value, Failure> {
    let name = call.text(1);
    let found = with_files(call, |files| files.get(name.as_bytes()))?;
    let found = found.unwrap_or_else(|| Text::plain(""));
    call.evaluation.charge_text(found.len())?;
    Ok(Value::String(found))
}

fn files_get_bytes(call: &mut Call<'_, '_>) -> Result<Value, Failure> {
    let Value::String(found) = files_get(call)? else { return Ok(Value::Nil) };
    Ok(Value::Bytes(found))
}

fn files_glob(call: &mut Call<'_, '_>) -> Result<Value, Failure> {
    let pattern = call.text(1);
    // What is no pattern matches everything.
    let glob = Glob::new(&pattern.to_str());
    let some = with_files(call, |files| {
        let fits = |index: &&usize| {
            let file = files.chart.files.get(**index);
            file.is_some_and(|file| glob.as_ref().is_none_or(|glob| glob.matches(&file.name)))
        };
        let some = files.some.iter().filter(fits).copied().collect();
        Files { chart: Arc::clone(&files.chart), some }
    })?;
    call.evaluation.charge_fuel(some.chart.files.len() + pattern.len())?;
    Ok(Value::Object(Rc::new(some)))
}

fn files_lines(call: &mut Call<'_, '_>) -> Result<Value, Failure> {
    let name = call.text(1);
    let Some(found) = with_files(call, |files| files.get(name.as_bytes()))? else {
        return Ok(Value::strings([]));
    };
    let bytes = found.as_bytes();
    let Some(last) = bytes.last() else {
        return Err(Failure::new("runtime error: index out of range [-1]"));
    };
    let end = bytes.len() - usize::from(*last == b'\n');
    let mut ranges = Vec::new();
    let mut start = 0;
    for at in memchr::memchr_iter(b'\n', &bytes[..end]) {
        ranges.push(start..at);
        start = at + 1;
    }
    ranges.push(start..end);
    call.evaluation.charge_items(ranges.len())?;
    call.evaluation.charge_text(end)?;
    Ok(Value::strings(ranges.into_iter().map(|range| found.slice(range))))
}

fn files_as_config(call: &mut Call<'_, '_>) -> Result<Value, Failure> {
    as_yaml(call, |text| text)
}

fn files_as_secrets(call: &mut Call<'_, '_>) -> Result<Value, Failure> {
    as_yaml(call, |text| text.made(BASE64.encode(text.as_bytes())))
}

/// The files as a map of YAML, by their names without folders; of two of one name, the later.
fn as_yaml(call: &mut Call<'_, '_>, encode: impl Fn(Text) -> Text) -> Result<Value, Failure> {
    let size: usize = with_files(call, |files| files.each().map(|file| file.data.len()).sum())?;
    call.evaluation.charge_text(size)?;
    let map = with_files(call, |files| {
        let map = Map::new(MapType::Strings);
        for file in files.each() {
            let name = file.name.rsplit('/').next().unwrap_or_default();
            map.insert(name.as_bytes(), Origin::NOWHERE, Value::String(encode(text(file))));
        }
        map
    })?;
    yaml::print(&Value::Map(Rc::new(map))).map(Value::String)
}

fn versions_has(call: &mut Call<'_, '_>) -> Result<Value, Failure> {
    let wanted = call.text(1);
    let found = match call.args.first() {
        Some(Value::List(list)) => {
            list.items.iter().any(|item| matches!(item, Value::String(text) if *text == wanted))
        }
        _ => false,
    };
    Ok(Value::bool(found))
}

fn kube_version_string(call: &mut Call<'_, '_>) -> Result<Value, Failure> {
    Ok(kube_version(call, |version| version.numbers().to_owned()))
}

fn kube_version_git(call: &mut Call<'_, '_>) -> Result<Value, Failure> {
    Ok(kube_version(call, |version| version.version.to_string()))
}

fn kube_version(call: &Call<'_, '_>, make: impl Fn(&KubeVersion) -> String) -> Value {
    match call.args.first() {
        Some(Value::Object(object)) => match object.as_any().downcast_ref::<KubeVersion>() {
            Some(version) => Value::plain_string(make(version)),
            None => Value::Nil,
        },
        _ => Value::Nil,
    }
}

fn values_yaml(call: &mut Call<'_, '_>) -> Result<Value, Failure> {
    let printed = yaml::print(&call.arg(0))?;
    let mut text = crate::gotemplate::text::TextBuilder::default();
    text.push_text(&printed);
    text.push(b"\n", Origin::NOWHERE);
    Ok(Value::String(text.finish()))
}

fn values_as_map(call: &mut Call<'_, '_>) -> Result<Value, Failure> {
    let Value::Map(values) = call.arg(0) else { return Ok(Value::Nil) };
    // Another type, which a map cannot have besides its own: what is in it is shared, and the map itself is not.
    call.evaluation.charge_items(values.len())?;
    let map = Map::new(MapType::Any);
    for (key, entry) in entries(&values) {
        map.insert(&key, entry.key, entry.value);
    }
    Ok(Value::Map(Rc::new(map)))
}

fn values_table(call: &mut Call<'_, '_>) -> Result<Value, Failure> {
    let path = call.text(1);
    let Value::Map(map) = call.arg(0) else { return Ok(Value::Nil) };
    match super::coalesce::table(&map, &path.to_str()) {
        Some(table) => Ok(Value::Map(table)),
        None => Err(Failure::new(format!("{:?} is not a table", path.to_str()))),
    }
}

fn values_path_value(call: &mut Call<'_, '_>) -> Result<Value, Failure> {
    let path = call.text(1);
    let Value::Map(map) = call.arg(0) else { return Ok(Value::Nil) };
    leaf(&map, &path.to_str()).ok_or_else(|| Failure::new(format!("{:?} is not a value", path.to_str())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_kubernetes_are_completed() {
        let rows = [
            ("1.34", "v1.34.0", "1", "34"),
            ("v1.34.2", "v1.34.2", "1", "34"),
            ("1.33.4-gke.1245000", "v1.33.4-gke.1245000", "1", "33"),
            ("1.30+k3s1", "v1.30.0+k3s1", "1", "30"),
        ];
        for (text, version, major, minor) in rows {
            let parsed = KubeVersion::parse(text).unwrap();
            assert_eq!((&*parsed.version, &*parsed.major, &*parsed.minor), (version, major, minor), "{text}");
        }
        for wrong in ["", "x", "1.x", "1.2.3.4", "v", "1..2"] {
            assert!(KubeVersion::parse(wrong).is_err(), "{wrong}");
        }
    }
}
