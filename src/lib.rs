//! Plimsoll renders Kubernetes manifests and proves them right before they leave the machine.
//!
//! This page is the map of the modules, in the order in which a value walks through them. `docs/architecture.md` has
//! which of them may import which.
//!
//! 1. A value is written somewhere: in a values file, a preset, a flag. Each text becomes a [`source`]; from then on a
//!    place is a [`source::Span`], twelve bytes that can be copied anywhere. A [`session`] remembers all sources, and
//!    everything that is found wrong as a [`diagnostic`]. [`formats`] writes those, for people and for programs.
//! 2. [`yaml`] reads the text into a tree of [`yaml::Node`]s, each with its span and each scalar with its lexeme.
//!    [`secrets`] knows what of it is secret, by schema, kind, name and form, and keeps that from being shown.
//! 3. [`values`] merges the layers; the winner keeps its span. [`schema`] says beforehand what is expected at each path
//!    ([`yaml::Wants`]), and afterwards whether the result is right, in sentences. Both come from a [`chart`]; a
//!    [`scaffold`] is one to begin from.
//! 4. [`template`] renders the chart's templates with *bound values*: a printed value does not become text but a slot,
//!    and [`yaml`] puts the value itself where its slot stands. So nothing needs quoting or indentation, and nothing
//!    can break out. [`manifest`] makes one [`manifest::Document`] of each object. What schema and templates come to
//!    before any value is known can be kept beside a chart: that is its [`precompiled`] form.
//!    Before that, values that are computed from values are made the same way, and are a layer more ([`derived`]).
//!    The templates of Helm charts run on [`gotemplate`], and [`helm`] is what makes them charts of Helm; they meet the
//!    others at the documents.
//! 5. [`kube`] holds each document against the API of the chosen Kubernetes versions, field by field, and can decode it
//!    into a typed object. Findings name the line of the values file and the expression of the template.
//! 6. [`rules`] look at each object, typed, and at all together: what refers to what, what contradicts what. They
//!    change nothing. [`config`] reads the `plimsoll.yaml` that sets their levels.
//! 7. [`emit`] puts the documents into install order and prints them, as a stream or as files. The binary writes them.
//!
//! [`pipeline`] is this walk as code, and the only module that names every stage; [`request`] is what it is asked for.
//! Many values files of one chart share what [`pipeline::prepare`] does, and are rendered in overlays of one session.
//!
//! Above the pipeline, [`explain`] follows values back: from a setting to the fields that it reaches, from a field to
//! the line that it comes from. [`reference`](mod@reference) documents what can be set, [`diff`] compares two sets of
//! documents, [`lint`] classifies files and sends each set of them through the pipeline, [`testing`] runs the tests of a
//! chart, and [`convert`] makes a chart of bound templates of a Helm chart.
#![cfg_attr(
    feature = "profiles",
    doc = "[`profiles`] are the typed values of the bundled charts: their schemas are made from them, and nothing else needs them."
)]
//!
//! ```
//! use plimsoll::{emit, pipeline, request::Request, session::Session};
//!
//! let session = Session::new();
//! let request = Request { chart: "skyflo".into(), presets: vec!["evaluation".into()], ..Request::default() };
//! let documents = pipeline::render(&session, &request).expect("the preset needs nothing else");
//! assert!(emit::stream(&documents, emit::Format::Yaml).contains("name: skyflo-engine"));
//! ```

// In reading order: no module needs one that stands below it.

// What every module may use: what was read, and what was found wrong with it.
pub mod limits;
pub mod parallel;
pub mod source;

pub mod diagnostic;
pub mod session;

// Values: trees, layers, their schema, and the chart that both come from.
pub mod yaml;

pub mod secrets;

pub mod formats;

pub mod values;

pub mod schema;

pub mod chart;

pub mod scaffold;

// Charts of Helm: an engine of their own, and what makes them charts.
pub mod gotemplate;
pub mod helm;

// Documents: from templates to objects, checked and judged, and printed.
pub mod template;

pub mod derived;

pub mod precompiled;

pub mod manifest;

pub mod kube;

pub mod config;
pub mod rules;

pub mod emit;

pub mod diff;

#[cfg(any(test, feature = "profiles"))]
pub mod profiles;

// The pipeline, with what it is asked for.
pub mod request;

mod inputs;

mod release;

pub mod vendor;

pub mod pipeline;

// What is built on the pipeline.
pub mod lint;

pub mod explain;

pub mod reference;

pub mod testing;

pub mod convert;
