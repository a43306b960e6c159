//! The layers of values and the levels of rules: flags that several commands share.

use std::path::PathBuf;

use clap::Args;
use plimsoll::config::Level;
use plimsoll::request::{Request, ValuesFile};
use plimsoll::rules::ChosenLevel;

use crate::config;
use crate::sets::Sets;

/// A chart and the layers of its values.
#[derive(Debug, Args)]
pub struct SourceArgs {
    /// The name of a bundled chart, or a chart's folder
    pub chart: String,

    #[command(flatten)]
    pub layers: LayerArgs,
}

/// The layers of a chart's values.
#[derive(Debug, Args)]
pub struct LayerArgs {
    /// A preset of the chart; repeatable, later ones win
    #[arg(short, long = "preset", value_name = "NAME", help_heading = "Values")]
    pub presets: Vec<String>,

    /// A file of values, `-` for standard input; repeatable, later ones win
    #[arg(short = 'f', long, value_name = "FILE", help_heading = "Values")]
    pub values: Vec<PathBuf>,

    #[command(flatten)]
    pub sets: Sets,
}

/// How rules are judged.
#[derive(Debug, Args)]
pub struct Judging {
    /// Refuse what breaks this rule (its name or code, or `practice`, `all`…); repeatable
    #[arg(long, value_name = "RULE", value_delimiter = ',', help_heading = "Rules")]
    pub deny: Vec<String>,

    /// Only warn of what breaks this rule; repeatable
    #[arg(long, value_name = "RULE", value_delimiter = ',', help_heading = "Rules")]
    pub warn: Vec<String>,

    /// Do not look at this rule; repeatable
    #[arg(long, value_name = "RULE", value_delimiter = ',', help_heading = "Rules")]
    pub allow: Vec<String>,

    /// The file that sets levels of rules, instead of the nearest `plimsoll.yaml`
    #[arg(long, value_name = "FILE", help_heading = "Rules")]
    pub config: Option<PathBuf>,
}

impl SourceArgs {
    /// A request for the chart's values, with nothing said about rendering.
    pub fn request(&self) -> Request {
        Request { chart: self.chart.clone(), ..self.layers.request() }
    }
}

impl LayerArgs {
    /// A request for these layers of some chart.
    pub fn request(&self) -> Request {
        let file = |path: &PathBuf| match path.to_str() {
            Some("-") => ValuesFile::Stdin,
            _ => ValuesFile::Path(path.clone()),
        };
        Request {
            presets: self.presets.clone(),
            files: self.values.iter().map(file).collect(),
            sets: self.sets.0.clone(),
            ..Request::default()
        }
    }
}

impl Judging {
    /// Levels in the order `all` first, then by strictness, so that a named rule wins over all.
    pub fn levels(&self) -> Vec<ChosenLevel> {
        let of = |rules: &[String], level| {
            rules.iter().map(|rule| ChosenLevel { rule: rule.clone(), level }).collect::<Vec<_>>()
        };
        let mut levels = of(&self.allow, Level::Allow);
        levels.extend(of(&self.warn, Level::Warn));
        levels.extend(of(&self.deny, Level::Deny));
        levels.sort_by_key(|choice| choice.rule != "all");
        levels
    }

    /// The `plimsoll.yaml` that counts.
    pub fn config(&self) -> Option<PathBuf> {
        self.config.clone().or_else(config::nearest)
    }

    /// Says how rules are judged.
    pub fn apply(&self, request: Request) -> Request {
        Request { config: self.config(), levels: self.levels(), ..request }
    }
}
