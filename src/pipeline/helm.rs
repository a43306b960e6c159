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

use std::collections::BTreeSet;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

use crate::chart::Chart;
use crate::diagnostic::{Code, Diagnostic};
use crate::gotemplate::text::Text;
use crate::gotemplate::value::{Map, Value};
use crate::helm::chart::{self, HelmChart};
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
use crate::helm::umbrella::Given;
use crate::helm::user::{self, UserFile};
use crate::helm::{corrupted, dependencies, documents, draws, nodes, schema, umbrella, yaml};
use crate::inputs;
use crate::kube;
use crate::release::{self, Member};
use crate::request::{Request, SetFlagKind};
use crate::schema::{self as our_schema, Reads as SchemaReads};
use crate::secrets;
use crate::session::{Outcome, Session};
use crate::source::{self, SourceId, SourceKind, Span};
use crate::template::RenderedTemplate;
use crate::values::{FlagLayer, Layer, LayerKind, SetKind};
use crate::yaml::{Node, Tombstones, ValuePath};

/// Charts of Helm that are rendered together: one with those in it, or those that a chart of ours brings along; and what a
/// request tells their functions. Threads can share them.
#[derive(Debug)]
pub(super) struct HelmCharts {
    opened: Arc<OpenedHelm>,
    /// What all draws are made of, if the user has given it.
    seed: Option<Vec<u8>>,
    /// What the clock says.
    now: Moment,
    /// The objects that `lookup` finds.
    objects: Vec<Tree>,
}

/// What a request lays over the values of a chart of Helm.
#[derive(Debug)]
pub(super) struct HelmLayers {
    /// The chart's defaults as a layer, if it has any.
    defaults: Option<Layer>,
    /// The values files of the request, low to high.
    files: Vec<FileLayer>,
    /// The flags that set values.
    flags: Vec<(Flag, SourceId)>,
}

/// Charts of Helm, with what no request changes of them.
#[derive(Debug)]
pub(super) struct OpenedHelm {
    /// The chart; around those that a chart of ours brings along, an umbrella.
    chart: Arc<HelmChart>,
    /// The charts that a chart of ours brings along, each with its place among all members; none of a chart of Helm.
    members: Vec<HelmMember>,
    /// The templates, once a render has had them.
    parsed: ParsedFiles,
    /// The schemas of the chart and its subcharts, once values were held against them.
    schemas: Schemas,
    /// What the chart and its subcharts read, once somebody has asked.
    reads: KnownReads,
}

/// A chart of Helm that a chart of ours brings along.
#[derive(Debug)]
struct HelmMember {
    /// Where it stands among all members.
    index: usize,
    /// The keys that its values stand below.
    keys: Vec<String>,
    chart: Arc<HelmChart>,
}

impl OpenedHelm {
    /// A chart that nobody has rendered yet.
    pub(super) fn of(chart: Arc<HelmChart>) -> Arc<OpenedHelm> {
        OpenedHelm::with_members(chart, Vec::new())
    }

    /// The charts of Helm among those that a chart brings along; none if there are none.
    pub(super) fn of_members(chart: &Chart, members: &[Member]) -> Option<Arc<OpenedHelm>> {
        let of_helm = |(index, member): (usize, &Member)| {
            Some(HelmMember { index, keys: member.keys(), chart: Arc::clone(member.helm.as_ref()?) })
        };
        let found: Vec<HelmMember> = members.iter().enumerate().filter_map(of_helm).collect();
        if found.is_empty() {
            return None;
        }
        let place = Span::new(chart.metadata.unwrap_or(chart.defaults), 0, 0);
        let parts = found.iter().map(|member| (member.keys.as_slice(), &member.chart));
        Some(OpenedHelm::with_members(
            umbrella::around(&chart.name, &chart.shown_folder, place, parts),
            found,
        ))
    }

    fn with_members(chart: Arc<HelmChart>, members: Vec<HelmMember>) -> Arc<OpenedHelm> {
        let (parsed, schemas, reads) = (ParsedFiles::default(), Schemas::default(), KnownReads::default());
        Arc::new(OpenedHelm { chart, members, parsed, schemas, reads })
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

/// The values of a file, alone.
pub(super) fn file_values(session: &Session, source: SourceId) -> Option<Node> {
    let file = yaml::read_values(session, source).ok()?;
    Some(nodes::node(&file.values, Span::new(source, 0, 0)))
}

/// Reads what a request lays over the values of a chart of Helm.
///
/// # Errors
/// Files that cannot be read.
pub(super) fn read(
    session: &Session,
    opened: Arc<OpenedHelm>,
    request: &Request,
) -> Outcome<(HelmCharts, HelmLayers)> {
    let before = session.errors();
    let chart = Arc::clone(&opened.chart);
    inputs::refuse_presets(session, &chart.metadata.name.text, &request.presets);
    let files = read_files(session, inputs::register_values_files(session, &request.files));
    let flags = inputs::register_flags(session, &request.sets);
    // What is wrong with options was reported, and is looked at below.
    let charts = HelmCharts::told(session, opened, request);
    let flags = flags.into_iter().map(|(kind, source)| (flag_of(kind), source)).collect();
    let defaults = chart.values_source.map(|source| layer(LayerKind::Defaults, source, &chart.values));
    let layers = HelmLayers { defaults, files, flags };
    let sound = session.clean_since(before);
    if sound.is_err() {
        // What is wrong with flags is said in the same run.
        let _ = layers.user_values(session, &[]);
    }
    sound.map(|()| (charts, layers))
}

impl HelmLayers {
    /// The values of the chart and its subcharts, with those of the user over them, and the layers that they come from. They
    /// are put together once: the schemas judge the same values that the templates are given.
    ///
    /// # Errors
    /// Values that cannot be read, or do not fit the subcharts.
    pub(super) fn merge(
        &self,
        session: &Session,
        charts: &HelmCharts,
        further: Vec<SourceId>,
    ) -> Outcome<(Arc<ChartValues>, Vec<Layer>)> {
        let before = session.errors();
        let further = read_files(session, further);
        let user = self.user_values(session, &further)?;
        session.clean_since(before)?;
        let merged = Arc::new(dependencies::values(session, &charts.opened.chart, &user, 0)?);
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
    pub(super) fn flag_layers(&self, session: &Session, charts: &HelmCharts) -> Vec<FlagLayer> {
        let mut flags = self.flags.clone();
        flags.sort_by_key(|(flag, _)| user::ORDER.iter().position(|of| of == flag));
        let up_to = |count: usize| {
            let files = self.files.iter().map(|one| &one.file);
            let (_, source) = *flags.get(count)?;
            let given = user::user_values(session, files, flags.get(..=count)?, &mut read_bytes_of(session));
            let given = nodes::node(&Value::Map(given.ok()?), charts.opened.chart.place);
            Some(FlagLayer { source, given })
        };
        (0..flags.len()).filter_map(up_to).collect()
    }
}

/// The defaults of a chart of Helm that another chart brings along, as a layer of its values. What is null there is nobody's
/// removal, so it is left out.
pub(super) fn defaults_of_member(chart: &HelmChart) -> Option<Layer> {
    let source = chart.values_source?;
    let mut root = nodes::node(&chart.values.value(), Span::new(source, 0, 0));
    remove_nulls(&mut root);
    Some(Layer { kind: LayerKind::Defaults, root: Arc::new(root) })
}

/// The schema of a chart of Helm that another chart brings along, as people read it: the one that its author wrote, if it is
/// within our bounds, or one inferred from its defaults and their comments.
pub(super) fn described_member(session: &Session, chart: &HelmChart) -> Node {
    // In an overlay: what our bounds say against a schema of somebody else was not asked.
    let overlay = session.snapshot().overlay();
    let written = chart.schema.and_then(|source| our_schema::Schema::compile(&overlay, source).ok());
    let written = written.and_then(|schema| schema.tree(&overlay).ok());
    let inferred = chart.values_source.map(|source| {
        let defaults = nodes::node(&chart.values.value(), Span::new(source, 0, 0));
        let subject =
            our_schema::Subject { defaults: &defaults, source, others: &[], reads: None, open: &[] };
        our_schema::infer(session, subject, our_schema::Purpose::Reading)
    });
    match (written, inferred) {
        (Some(written), Some(inferred)) => {
            our_schema::with_words(written, our_schema::words(&inferred.schema))
        }
        (Some(written), None) => written,
        (None, Some(inferred)) => inferred.bounded(session),
        (None, None) => Node::empty_map(chart.place),
    }
}

fn remove_nulls(node: &mut Node) {
    if let Some(map) = node.as_map_mut() {
        map.retain(|_, entry| !entry.node.is_null());
        map.values_mut().for_each(|entry| remove_nulls(&mut entry.node));
    }
}

impl HelmCharts {
    /// Charts, with what a request tells their functions. What cannot be read of that is reported.
    pub(super) fn told(session: &Session, opened: Arc<OpenedHelm>, request: &Request) -> HelmCharts {
        let options = &request.helm;
        let seed = options.seed_file.as_ref().and_then(|path| inputs::read_seed(session, path).ok());
        let now = match &options.now {
            Some(text) => moment(session, text),
            None => FIXED_NOW,
        };
        let lookup = inputs::register_files(session, &options.lookup);
        let objects = lookup.into_iter().flat_map(|source| objects(session, source)).collect();
        HelmCharts { opened, seed, now, objects }
    }

    /// The same charts, for another request.
    pub(super) fn opened(&self) -> Arc<OpenedHelm> {
        Arc::clone(&self.opened)
    }

    /// The values of charts that a chart of ours brings along, with those in them: what stands below their keys, over their own.
    /// What is `global` in the values around them is global in theirs, as it is for subcharts.
    ///
    /// `on` says of all members which are on; `lacking` is what a `null` took away.
    ///
    /// # Errors
    /// Values that do not fit the charts.
    pub(super) fn values_of_members(
        &self,
        session: &Session,
        values: &Node,
        lacking: &Tombstones,
        on: &[bool],
    ) -> Outcome<(Arc<ChartValues>, Node)> {
        let chart = &self.opened.chart;
        let is_on = |member: &&HelmMember| on.get(member.index) != Some(&false);
        let members: Vec<&HelmMember> = self.opened.members.iter().filter(is_on).collect();
        let parts = members.iter().map(|member| (member.keys.as_slice(), &member.chart));
        let chart = umbrella::around(&chart.metadata.name.text, &chart.shown, chart.place, parts);
        let charts: Vec<Given<'_>> = members
            .iter()
            .map(|member| Given { keys: &member.keys, defaults: member.chart.values_source })
            .collect();
        let given = umbrella::given(session, values, lacking, &charts);
        let others = on.iter().filter(|is_on| **is_on).count().saturating_sub(members.len());
        let merged = Arc::new(dependencies::values(session, &chart, &given, others)?);
        let mut all = values.clone();
        for chart in charts {
            umbrella::put(&mut all, chart.keys, &merged.node);
        }
        Ok((merged, all))
    }

    /// Warns of numbers in layers that charts of Helm, which a chart of ours brings along, have in another form than they are written
    /// in.
    pub(super) fn report_corrupted(&self, session: &Session, layers: &[Layer]) {
        for member in &self.opened.members {
            let keys: Vec<&str> = member.keys.iter().map(String::as_str).collect();
            for layer in layers {
                // Its own defaults are its author's.
                let given = ValuePath::keys(&keys).find(&layer.root);
                if let Some(given) =
                    given.filter(|_| Some(layer.root.span.source) != member.chart.values_source)
                {
                    corrupted::report(session, &umbrella::corrupted(given));
                }
            }
        }
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

    /// Warns of what is set and nobody reads (V111), where that is to be looked at.
    pub(super) fn report_unread(
        &self,
        session: &Session,
        values: &ChartValues,
        is_looked_at: impl Fn(&ValuePath, SourceId) -> bool,
    ) {
        let user = values.user.map();
        if user.is_empty() {
            return;
        }
        let Some(reads) = self.reads(session, values) else { return };
        let root = nodes::node(&Value::Map(user), self.opened.chart.place);
        for Unread { path, span, nearest } in reads.unread(session, &root) {
            if span.source == self.opened.chart.place.source || !is_looked_at(&path, span.source) {
                continue;
            }
            let name = self.chart_of(&path);
            let message = format!("no template of the chart `{name}` reads `{}`", secrets::shown_path(&path));
            let finding = Diagnostic::warning(Code::V111, message).at(span, "this setting has no effect");
            session.report(match nearest {
                Some(nearest) => finding.help(format!("did you mean `{nearest}`?")),
                None => finding.help("remove it, or look for the setting that is meant"),
            });
        }
    }

    /// The name of the chart that a setting is of.
    fn chart_of(&self, path: &ValuePath) -> &str {
        let is_below = |member: &&HelmMember| {
            let keys: Vec<&str> = member.keys.iter().map(String::as_str).collect();
            path.0.starts_with(&ValuePath::keys(&keys).0)
        };
        let chart =
            self.opened.members.iter().find(is_below).map_or(&self.opened.chart, |member| &member.chart);
        &chart.metadata.name.text
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
    fn run(
        &self,
        session: &Session,
        request: &Request,
        release: &release::Release,
        values: &ChartValues,
    ) -> Outcome<Rendered> {
        // What is wrong with a library can be said without rendering it.
        if !request.prints_nothing {
            dependencies::refuse_library(session, &self.opened.chart)?;
        }
        let release = Release {
            name: release.name.clone(),
            namespace: release.namespace.clone(),
            is_upgrade: request.helm.is_upgrade,
            revision: 1,
        };
        // Of several versions the newest: what a chart renders for it is held against all of them.
        let (_, newest) = request.versions.minors();
        // `helm template` knows API versions alone, and not those of every group, and what is printed is what it prints. A
        // cluster says which kinds it serves as well, and charts take an old version where they are not told so: what is only
        // judged is what a cluster would be given.
        let served = if request.prints_nothing { kube::served(request.versions) } else { BTreeSet::new() };
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
        for member in &self.opened.members {
            // Those that are off are not among them.
            let keys: Vec<&str> = member.keys.iter().map(String::as_str).collect();
            if ValuePath::keys(&keys).find(&values.node).is_some() {
                render::check_kube_version(session, &member.chart, &capabilities)?;
            }
        }
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
        release: &release::Release,
        values: &ChartValues,
        mut see: impl FnMut(RenderedTemplate, &dyn Fn(&mut Node)),
    ) -> Outcome<HelmOutput> {
        let rendered = self.run(session, request, release, values)?;
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
