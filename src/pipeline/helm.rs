//! Charts of Helm on the way of all charts: what is other about their values, and about what their templates print.
//!
//! ```text
//! opened    Chart.yaml, subcharts; files and flags of the user are read
//! merged    the user's values over those of the chart, with subcharts switched on or off
//! checked   values.schema.json of each chart
//! printed   what the templates print
//! ```
//!
//! From documents on there is nothing other about them, but that they are judged as plain manifests are: their authors have
//! not written them for this program.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

use indexmap::IndexMap;

use crate::chart::{Chart, ChartFacts, ChartFile, DependencyFacts};
use crate::diagnostic::{Code, Diagnostic};
use crate::gotemplate::text::Text;
use crate::gotemplate::value::{Map, Value};
use crate::helm::chart::{self, HelmChart, Word};
use crate::helm::dependencies::ChartValues;
use crate::helm::host::{FIXED_NOW, Host, Moment};
use crate::helm::objects::{Capabilities, Release};
use crate::helm::parsed::ParsedFiles;
use crate::helm::printed::{self, Derived, SettingNames};
use crate::helm::reads::{KnownReads, SettingReads, Unread};
use crate::helm::render::{self, Context, Rendered, Wanted};
use crate::helm::schema::Schemas;
use crate::helm::strvals::Flag;
use crate::helm::tree::Tree;
use crate::helm::user::{self, UserFile};
use crate::helm::{corrupted, dependencies, documents, draws, nodes, schema, yaml};
use crate::inputs;
use crate::kube;
use crate::request::{Request, SetFlagKind};
use crate::schema::Reads as SchemaReads;
use crate::session::{Outcome, Session};
use crate::source::{self, SourceId, SourceKind, Span};
use crate::template::RenderedTemplate;
use crate::values::{FlagLayer, Layer, LayerKind, SetKind};
use crate::yaml::{Node, ValuePath};

/// A chart of Helm, with what a request lays over its values. Threads can share it.
#[derive(Debug)]
pub(super) struct HelmInputs {
    opened: Arc<OpenedHelm>,
    /// The chart's defaults as a layer, if it has any.
    defaults: Option<Layer>,
    /// The values files of the request, low to high.
    files: Vec<FileLayer>,
    /// The flags that set values.
    flags: Vec<(Flag, SourceId)>,
    /// What all draws are made of, if the user has given it.
    seed: Option<Vec<u8>>,
    /// What the clock says.
    now: Moment,
    /// The objects that `lookup` finds.
    objects: Vec<Tree>,
}

/// A chart of Helm, with what no request changes of it.
#[derive(Debug)]
pub(super) struct OpenedHelm {
    chart: Arc<HelmChart>,
    /// The templates, once a render has had them.
    parsed: ParsedFiles,
    /// The schemas of the chart and its subcharts, once values were held against them.
    schemas: Schemas,
    /// What the chart and its subcharts read, once somebody has asked.
    reads: KnownReads,
}

impl OpenedHelm {
    /// A chart that nobody has rendered yet.
    pub(super) fn of(chart: Arc<HelmChart>) -> Arc<OpenedHelm> {
        let (parsed, schemas, reads) = (ParsedFiles::default(), Schemas::default(), KnownReads::default());
        Arc::new(OpenedHelm { chart, parsed, schemas, reads })
    }
}

/// A values file, and what it sets.
#[derive(Debug)]
struct FileLayer {
    file: UserFile,
    layer: Layer,
}

/// What is known of a render besides what its templates print.
#[derive(Debug)]
pub(super) struct HelmOutput {
    /// The definitions of custom resources that belong to the render.
    pub(super) crds: Vec<SourceId>,
    /// Whether each template could be run.
    pub(super) is_complete: bool,
}

/// The chart of a request, if it is one of Helm.
///
/// # Errors
/// What is wrong with the chart.
pub(super) fn open(session: &Session, request: &Request) -> Option<Outcome<Arc<HelmChart>>> {
    match &request.snapshot {
        Some(snapshot) => chart::is_chart_of_files(&snapshot.files)
            .then(|| chart::open_files(session, &snapshot.name, &snapshot.files).map(Arc::new)),
        None => chart::is_chart(&request.chart).then(|| {
            let open = if request.helm.may_lack_dependencies { chart::open_alone } else { chart::open };
            open(session, &request.chart).map(Arc::new)
        }),
    }
}

/// What every part of the program may ask of a chart.
pub(super) fn facade(session: &Session, chart: &HelmChart) -> Chart {
    let metadata = &chart.metadata;
    let text = |word: &Word| (!word.is_empty()).then(|| word.text.clone());
    let defaults = chart.values_source.unwrap_or_else(|| {
        session.add_source(SourceKind::Bundled, format!("{}/values.yaml", chart.shown), "")
    });
    let mut crds = Vec::new();
    add_crds(chart, "", &mut crds);
    Chart {
        name: metadata.name.text.clone(),
        version: metadata.version.text.clone(),
        app_version: text(&metadata.app_version),
        description: text(&metadata.description),
        namespace: None,
        namespace_from: None,
        namespace_labels: Vec::new(),
        kube_versions: None,
        externals: Vec::new(),
        dependencies: Vec::new(),
        metadata: Some(chart.place.source),
        readme: chart
            .files
            .iter()
            .find(|file| file.name.eq_ignore_ascii_case("README.md"))
            .and_then(|file| file.source),
        facts: facts(chart),
        defaults,
        presets: IndexMap::new(),
        derived: None,
        schema: chart.schema,
        precompiled: None,
        is_bundled: false,
        is_helm: true,
        shown_folder: chart.shown.clone(),
        templates: Vec::new(),
        crds,
        files: BTreeMap::new(),
    }
}

/// What `Chart.yaml` says besides.
fn facts(chart: &HelmChart) -> ChartFacts {
    let metadata = &chart.metadata;
    let text = |word: &Word| word.text.clone();
    let maintainers = metadata.maintainers.iter().map(|maintainer| {
        let address = if maintainer.url.is_empty() { &maintainer.email } else { &maintainer.url };
        (text(&maintainer.name), text(address))
    });
    let dependencies = metadata.dependencies.iter().flatten().map(|dependency| DependencyFacts {
        name: text(&dependency.name),
        alias: text(&dependency.alias),
        version: text(&dependency.version),
        repository: text(&dependency.repository),
        condition: text(&dependency.condition),
    });
    ChartFacts {
        kind: text(&metadata.kind),
        kube_version: text(&metadata.kube_version),
        home: text(&metadata.home),
        is_deprecated: metadata.deprecated,
        keywords: metadata.keywords.iter().map(text).collect(),
        sources: metadata.sources.iter().map(text).collect(),
        maintainers: maintainers.collect(),
        dependencies: dependencies.collect(),
    }
}

/// The values of a file, alone.
pub(super) fn file_values(session: &Session, source: SourceId) -> Option<Node> {
    let file = yaml::read_values(session, source).ok()?;
    Some(nodes::node(&file.values, Span::new(source, 0, 0)))
}

/// The definitions of a chart and of all its subcharts: which of these are rendered depends on values.
fn add_crds(chart: &HelmChart, below: &str, found: &mut Vec<ChartFile>) {
    for file in chart.crds() {
        let Some(source) = file.source else { continue };
        let name = file.name.strip_prefix("crds/").unwrap_or(&file.name);
        found.push(ChartFile { name: format!("{below}{name}"), source });
    }
    for subchart in &chart.charts {
        add_crds(subchart, &format!("{below}{}/", subchart.metadata.name.text), found);
    }
}

impl HelmInputs {
    /// Reads what a request lays over the values.
    ///
    /// # Errors
    /// Files that cannot be read.
    pub(super) fn read(session: &Session, opened: Arc<OpenedHelm>, request: &Request) -> Outcome<HelmInputs> {
        let before = session.errors();
        let chart = &opened.chart;
        inputs::refuse_presets(session, &chart.metadata.name.text, &request.presets);
        let files = read_files(session, inputs::register_values_files(session, &request.files));
        let flags = inputs::register_flags(session, &request.sets);
        let options = &request.helm;
        let seed = options.seed_file.as_ref().and_then(|path| inputs::read_seed(session, path).ok());
        let now = match &options.now {
            Some(text) => moment(session, text),
            None => FIXED_NOW,
        };
        let lookup = inputs::register_files(session, &options.lookup);
        let objects = lookup.into_iter().flat_map(|source| objects(session, source)).collect();
        let flags = flags.into_iter().map(|(kind, source)| (flag_of(kind), source)).collect();
        let defaults = chart.values_source.map(|source| layer(LayerKind::Defaults, source, &chart.values));
        let inputs = HelmInputs { opened, defaults, files, flags, seed, now, objects };
        let sound = session.clean_since(before);
        if sound.is_err() {
            // What is wrong with flags is said in the same run.
            let _ = inputs.user_values(session, &[]);
        }
        sound.map(|()| inputs)
    }

    /// The same chart with what another request lays over its values.
    ///
    /// # Errors
    /// As [`HelmInputs::read`].
    pub(super) fn with_request(&self, session: &Session, request: &Request) -> Outcome<HelmInputs> {
        HelmInputs::read(session, Arc::clone(&self.opened), request)
    }

    /// The values of the chart and its subcharts, with those of the user over them, and the layers that they come from. They
    /// are put together once: the schemas judge the same values that the templates are given.
    ///
    /// # Errors
    /// Values that cannot be read, or do not fit the subcharts.
    pub(super) fn merge(
        &self,
        session: &Session,
        further: Vec<SourceId>,
    ) -> Outcome<(Arc<ChartValues>, Vec<Layer>)> {
        let before = session.errors();
        let further = read_files(session, further);
        let user = self.user_values(session, &further)?;
        session.clean_since(before)?;
        let merged = Arc::new(dependencies::values(session, &self.opened.chart, &user)?);
        // What all of them come to is Helm's to say; layers tell who sets what.
        let files = self.files.iter().chain(&further).map(|file| &file.layer);
        Ok((merged, self.defaults.iter().chain(files).cloned().collect()))
    }

    /// What the user gives: the files of the request, further ones over them, and the flags over those.
    fn user_values(&self, session: &Session, further: &[FileLayer]) -> Outcome<Rc<Map>> {
        let files = self.files.iter().chain(further).map(|one| &one.file);
        user::user_values(session, files, &self.flags, &mut read_bytes_of(session))
    }

    /// What the flags of the request give, each with the files and the flags that are applied before it.
    pub(super) fn flag_layers(&self, session: &Session) -> Vec<FlagLayer> {
        let mut flags = self.flags.clone();
        flags.sort_by_key(|(flag, _)| user::ORDER.iter().position(|of| of == flag));
        let up_to = |count: usize| {
            let files = self.files.iter().map(|one| &one.file);
            let (_, source) = *flags.get(count)?;
            let given = user::user_values(session, files, flags.get(..=count)?, &mut read_bytes_of(session));
            let given = nodes::node(&Value::Map(given.ok()?), self.opened.chart.place);
            Some(FlagLayer { source, given })
        };
        (0..flags.len()).filter_map(up_to).collect()
    }

    /// Holds values against the schemas of the chart and of its subcharts.
    ///
    /// # Errors
    /// Everything in which they break one.
    pub(super) fn check(&self, session: &Session, values: &ChartValues) -> Outcome<()> {
        schema::check(session, &self.opened.schemas, values)
    }

    /// What the chart and its subcharts read of these values; none if nobody can say.
    fn reads(&self, session: &Session, values: &ChartValues) -> Option<Arc<SettingReads>> {
        self.opened.reads.get(session, &self.opened.chart, &self.opened.parsed, &values.node)
    }

    /// Where templates read the setting at a path, or a part of it; none if nobody can say.
    pub(super) fn places_that_read(
        &self,
        session: &Session,
        values: &ChartValues,
        setting: &ValuePath,
    ) -> Option<BTreeSet<Span>> {
        Some(self.reads(session, values)?.at(setting).places_below())
    }

    /// Warns of what files and flags set and nobody reads (V111).
    pub(super) fn report_unread(&self, session: &Session, values: &ChartValues) {
        let user = values.user.map();
        if user.is_empty() {
            return;
        }
        let Some(reads) = self.reads(session, values) else { return };
        let root = nodes::node(&Value::Map(user), self.opened.chart.place);
        for Unread { path, span, nearest } in reads.unread(session, &root) {
            if span.source == self.opened.chart.place.source {
                continue;
            }
            let message =
                format!("no template of the chart `{}` reads `{path}`", self.opened.chart.metadata.name.text);
            let finding = Diagnostic::warning(Code::V111, message).at(span, "this setting has no effect");
            session.report(match nearest {
                Some(nearest) => finding.help(format!("did you mean `{nearest}`?")),
                None => finding.help("remove it, or look for the setting that is meant"),
            });
        }
    }

    /// What the templates read, for a schema: all of it, where nobody can say.
    pub(super) fn reads_for_schema(&self, session: &Session, values: &ChartValues) -> SchemaReads {
        let mut found = SchemaReads::default();
        let Some(reads) = self.reads(session, values) else {
            found.add::<&str>(&[], true);
            return found;
        };
        reads.each(&mut |path, is_whole| found.add(path, is_whole));
        found
    }

    /// The keys at the top of the values below which those of other charts are.
    pub(super) fn charts_below(&self) -> Vec<String> {
        let declared = self.opened.chart.metadata.dependencies.iter().flatten();
        let mut names: Vec<String> =
            declared.map(|dependency| dependency.name_in_chart().text.clone()).collect();
        // A subchart that nothing declares has its own name; one that is declared has that of each declaration.
        let is_declared = |name: &str| {
            let mut declared = self.opened.chart.metadata.dependencies.iter().flatten();
            declared.any(|dependency| dependency.name.text == name)
        };
        let found = self.opened.chart.charts.iter().map(|chart| chart.metadata.name.text.clone());
        names.extend(found.filter(|name| !is_declared(name)));
        names.push("global".to_owned());
        let mut known = BTreeSet::new();
        names.retain(|name| known.insert(name.clone()));
        names
    }

    /// How often a template was parsed.
    #[cfg(test)]
    pub(super) fn parses(&self) -> usize {
        self.opened.parsed.parses.load(std::sync::atomic::Ordering::Relaxed)
    }

    /// Runs the templates. Those that fail are reported, and what they would have printed is missing.
    ///
    /// # Errors
    /// What keeps all templates from running.
    fn run(&self, session: &Session, request: &Request, values: &ChartValues) -> Outcome<Rendered> {
        // What is wrong with a library can be said without rendering it.
        if !request.prints_nothing {
            dependencies::refuse_library(session, &self.opened.chart)?;
        }
        let release = Release {
            name: request
                .release_name
                .clone()
                .unwrap_or_else(|| self.opened.chart.metadata.name.text.clone()),
            namespace: request.namespace.clone().unwrap_or_else(|| "default".to_owned()),
            is_upgrade: request.helm.is_upgrade,
            revision: 1,
        };
        // Of several versions the newest: what a chart renders for it is held against all of them.
        let (_, newest) = request.versions.minors();
        // `helm template` knows API versions alone, and not those of every group; a cluster says which kinds it serves as well,
        // and charts take an old version where they are not told so.
        let served = kube::served(request.versions);
        let served: Vec<String> = request.api_versions.iter().cloned().chain(served).collect();
        let capabilities = match Capabilities::new(Some(&format!("1.{newest}")), &served) {
            Ok(capabilities) => capabilities,
            Err(message) => return Err(session.report(Diagnostic::error(Code::H008, message))),
        };
        let host = match &self.seed {
            Some(seed) => Host::seeded(seed.clone(), self.now),
            None => Host::fixed(self.now),
        };
        let host = host.with_objects(self.objects.iter().map(Tree::value).collect());
        let context = Context {
            release: &release,
            capabilities: &capabilities,
            wanted: Wanted { hooks: !request.helm.without_hooks, tests: !request.helm.without_tests },
            parsed: &self.opened.parsed,
            host: &host,
        };
        render::run_what_can_be(session, values, &context)
    }

    /// Hands what each template printed to `see`, as derived texts, each with what tells the nodes of its documents which values
    /// they were made of. Gives the definitions of custom resources that belong to
    /// the render: those of subcharts that are switched off do not. What is wrong with a template, or refuses the values, is reported, and
    /// the output of all others is handed on.
    ///
    /// # Errors
    /// What keeps all templates from running.
    pub(super) fn print(
        &self,
        session: &Session,
        request: &Request,
        values: &ChartValues,
        mut see: impl FnMut(RenderedTemplate, &dyn Fn(&mut Node)),
    ) -> Outcome<HelmOutput> {
        let rendered = self.run(session, request, values)?;
        let names = SettingNames::of(&values.node);
        for template in rendered.templates.iter().filter(|template| !template.documents.is_empty()) {
            if request.helm.applies && self.seed.is_none() {
                let draws = template.documents.iter().filter_map(draws::draw);
                draws.for_each(|draw| draws::report(session, draw));
            }
            let Derived { text, map } = printed::derived(&template.manifest(), self.seed.is_none());
            let map = Arc::new(map);
            let kind = SourceKind::Derived(Arc::clone(&map));
            let source = session.add_source(kind, format!("{} (rendered)", template.name), text);
            let rendered =
                RenderedTemplate { name: Arc::from(template.name.as_str()), source, bindings: Vec::new() };
            see(rendered, &|node| printed::trace(session, node, map.values(), &names));
        }
        let crds = rendered.crds.iter().filter_map(|crd| crd.source).collect();
        Ok(HelmOutput { crds, is_complete: !rendered.is_incomplete })
    }
}

/// Reads files for `--set-file`.
fn read_bytes_of(session: &Session) -> impl FnMut(&str) -> Result<Vec<u8>, String> + '_ {
    |path| source::read_bytes(Path::new(path), session.limits()).map_err(|error| error.to_string())
}

/// Reads values files; what is wrong with one is reported, and it is left out.
fn read_files(session: &Session, sources: Vec<SourceId>) -> Vec<FileLayer> {
    let read = |source| {
        let file = user::read(session, source).ok()?;
        corrupted::report(session, &file.notes);
        let layer = layer(LayerKind::File, source, &file.values);
        Some(FileLayer { file, layer })
    };
    sources.into_iter().filter_map(read).collect()
}

/// What a file sets.
fn layer(kind: LayerKind, source: SourceId, values: &Tree) -> Layer {
    Layer { kind, root: Arc::new(nodes::node(&values.value(), Span::new(source, 0, 0))) }
}

/// What `--now` says.
fn moment(session: &Session, text: &str) -> Moment {
    Moment::parse(text).unwrap_or_else(|| {
        let message = format!("`--now {text}` is not a time");
        let help = "write one as RFC 3339 has it: `2026-01-31T12:00:00Z`";
        session.report(Diagnostic::error(Code::H011, message).help(help));
        FIXED_NOW
    })
}

/// The objects in a file of `--lookup`; those of a list one by one.
fn objects(session: &Session, source: SourceId) -> Vec<Tree> {
    let text = session.source(source).text.clone();
    let mut found = Vec::new();
    for document in documents::split(&Text::plain(text.as_bytes())) {
        match yaml::parse(&document.text) {
            Ok(Value::Map(map)) => match map.get(b"items") {
                Some(Value::List(items)) => found.extend(items.items.iter().map(Tree::of)),
                _ => found.push(Tree::of(&Value::Map(map))),
            },
            Ok(_) => {}
            Err(message) => {
                let place = Span::new(source, 0, 1);
                let finding = Diagnostic::error(Code::H009, message).at(place, "in this file");
                session.report(finding.help("give what `kubectl get -o yaml` prints"));
            }
        }
    }
    found
}

fn flag_of(kind: SetFlagKind) -> Flag {
    match kind {
        SetFlagKind::Text(SetKind::Set) => Flag::Set,
        SetFlagKind::Text(SetKind::String) => Flag::SetString,
        SetFlagKind::Text(SetKind::Json) => Flag::SetJson,
        SetFlagKind::Text(SetKind::Literal) => Flag::SetLiteral,
        SetFlagKind::File => Flag::SetFile,
    }
}
