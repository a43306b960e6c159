//! Charts of Helm as every part of the program may ask them: their facts, in the type of all charts.

use std::collections::BTreeMap;

use indexmap::IndexMap;

use crate::chart::{Chart, ChartFacts, ChartFile, DependencyFacts};
use crate::helm::chart::{HelmChart, Word};
use crate::session::Session;
use crate::source::SourceKind;

/// What every part of the program may ask of a chart.
pub(crate) fn facade(session: &Session, chart: &HelmChart) -> Chart {
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
        lock: None,
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

/// The definitions of a chart and of all its subcharts: which of these are rendered depends on values.
fn add_crds(chart: &HelmChart, below: &str, found: &mut Vec<ChartFile>) {
    for file in chart.crds() {
        let Some(source) = file.source else { continue };
        let name = file.name.strip_prefix("crds/").unwrap_or(&file.name);
        found.push(ChartFile { name: format!("{below}{name}"), source, is_of_helm: true });
    }
    for subchart in &chart.charts {
        add_crds(subchart, &format!("{below}{}/", subchart.metadata.name.text), found);
    }
}
