//! Every leaf of every golden document names its maker: the line of a values file, or the template.

use std::fs;

use plimsoll::config::Level;
use plimsoll::emit::{Format, stream};
use plimsoll::explain::{Field, Provenance, ValueRead, field};
use plimsoll::pipeline::{Merged, Rendering, render_keeping};
use plimsoll::request::Request;
use plimsoll::rules::ChosenLevel;
use plimsoll::session::Session;
use plimsoll::values::origins;
use plimsoll::yaml::{Node, Segment};

use crate::PROFILES;

/// Leaves of documents, by what made them.
#[derive(Debug, Default, PartialEq, Eq)]
struct Count {
    /// The template's own text.
    written: usize,
    /// The namespace of an object that names none.
    program: usize,
    /// A setting, by a path such as `values.engine.replicas` or `settings.replicas`, or a part of it.
    bare: usize,
    /// A setting as it is, by a variable, a function or a condition.
    whole: usize,
    /// Made by an expression that read settings.
    computed: usize,
    /// Made by an expression of what the template says itself, the release or the chart.
    own: usize,
}

/// Paths that lead into what a template or a library has made itself: the release, the chart, the variables of a
/// library, and maps such as `{"name": "http", "port": 8080}` that macros are called with.
const MADE: &[&str] =
    &["release.", "chart.", "kube.", "loop.", "lib.", "channel.", "entry.", "metric.", "rule."];
/// A number that a chart puts into a map of its own before it calls a macro: its place is lost there.
const LOST: &[(&str, &str)] = &[("datafly", "settings.pollingInterval")];

#[test]
fn every_leaf_names_its_maker_and_every_setting_its_line() {
    let mut counts = Vec::new();
    for profile in PROFILES {
        for case in profile.cases {
            let place = format!("{}/{}", profile.name, case.name);
            let session = Session::new();
            // No rule changes what is rendered, and the other tests of the charts listen to them.
            let levels = vec![ChosenLevel { rule: "all".to_owned(), level: Level::Allow }];
            let request = Request { levels, ..profile.request(*case, &[]) };
            let rendering = render_keeping(&session, &request).expect("a clean render");
            let golden = fs::read_to_string(profile.golden(*case)).expect("a golden file");
            assert_eq!(stream(&rendering.documents, Format::Yaml), golden, "{place}");
            let count = count(&session, &rendering, profile.name);
            assert!(count.bare > 10 && count.written > 10, "{place}: {count:?}");
            counts.push(count);
        }
    }
    let sum = |part: fn(&Count) -> usize| counts.iter().map(part).sum::<usize>();
    println!(
        "of {} golden files: {} leaves are the templates' own text, {} namespaces, {} settings by a bare path, \
         {} settings otherwise, {} computed from settings, {} from what templates make",
        counts.len(),
        sum(|c| c.written),
        sum(|c| c.program),
        sum(|c| c.bare),
        sum(|c| c.whole),
        sum(|c| c.computed),
        sum(|c| c.own)
    );
}

fn count(session: &Session, rendering: &Rendering, profile: &str) -> Count {
    let mut count = Count::default();
    for document in &rendering.documents {
        let document = &document.unpack();
        let identity = &document.identity;
        let namespace = identity.namespace.as_deref().unwrap_or_default();
        let object = format!("{namespace}/{}/{}", identity.kind, identity.name);
        let fields = field(session, rendering, &object, "").expect("every object is found");
        assert_eq!(fields.len(), origins(&document.node).len(), "{object}");
        for one in &fields {
            let leaf = one.path.find(&document.node).expect("a leaf");
            let check = Check {
                session,
                merged: &rendering.checked,
                profile,
                leaf,
                place: format!("{profile} {object} {}", one.path),
            };
            *check.maker(one, &mut count) += 1;
        }
    }
    count
}

/// One leaf and what is said of it.
struct Check<'c> {
    session: &'c Session,
    merged: &'c Merged,
    profile: &'c str,
    leaf: &'c Node,
    /// For messages.
    place: String,
}

impl Check<'_> {
    fn maker<'n>(&self, field: &Field, count: &'n mut Count) -> &'n mut usize {
        match &field.provenance {
            Provenance::Program => {
                assert_eq!(field.path.to_string(), "metadata.namespace", "{}", self.place);
                &mut count.program
            }
            Provenance::TemplateText { template } => {
                self.says_it(&self.session.text(template.span));
                &mut count.written
            }
            Provenance::Expression { text, reads, .. } => self.expression(text, reads, count),
        }
    }

    fn expression<'n>(&self, text: &str, reads: &[ValueRead], count: &'n mut Count) -> &'n mut usize {
        let own = reads
            .iter()
            .find(|read| read.written.as_ref().is_some_and(|w| w.location.span == self.leaf.span));
        if let Some(read) = own {
            self.names_the_line(read);
        }
        if !is_path(text) {
            let reads_settings = reads.iter().any(|read| read.setting.is_some());
            assert!(reads_settings || !text.contains("values."), "{}: `{text}` names no setting", self.place);
            return match own {
                Some(_) => &mut count.whole,
                None if reads_settings => &mut count.computed,
                None => &mut count.own,
            };
        }
        let made = !text.contains('.') || MADE.iter().any(|root| text.starts_with(root));
        match own {
            Some(read) if text.contains('.') => {
                self.ends_alike(text, read);
                &mut count.bare
            }
            Some(_) => &mut count.whole,
            None if made || LOST.contains(&(self.profile, text)) => &mut count.own,
            None => panic!("{}: `{text}` does not know where it was written", self.place),
        }
    }

    /// The line was counted right, lies in the highest layer that sets this, and says what the leaf is.
    fn names_the_line(&self, read: &ValueRead) {
        let (written, setting) =
            (read.written.as_ref().expect("a place"), read.setting.as_ref().expect("a setting"));
        let source = self.session.source(written.location.span.source);
        let before = &source.text[..written.location.span.start as usize];
        assert_eq!(written.location.line, before.matches('\n').count() + 1, "{}", self.place);
        assert_eq!(written.location.file, source.name, "{}", self.place);
        let highest = self.merged.layers.iter().rev().find(|layer| setting.find(&layer.root).is_some());
        let highest = highest.unwrap_or_else(|| panic!("{}: no layer sets `{setting}`", self.place));
        assert_eq!(highest.root.span.source, written.location.span.source, "{}: `{setting}`", self.place);
        assert_eq!(highest.kind, written.layer, "{}", self.place);
        assert_eq!(setting.find(&highest.root).map(|node| node.span), Some(self.leaf.span), "{}", self.place);
        self.says_it(&self.session.text(written.location.span));
    }

    /// What is written is the leaf, apart from quotes and escapes.
    fn says_it(&self, written: &str) {
        let Some(scalar) = self.leaf.as_scalar() else {
            assert!(matches!(written, "{}" | "[]"), "{}: `{written}`", self.place);
            return;
        };
        let plain = written.trim_matches(['"', '\'']);
        let same = plain == &*scalar.text || written.contains('\n') || written.contains('\\');
        assert!(same, "{}: `{written}` is not `{}`", self.place, scalar.text);
    }

    /// A path that ends with `.replicas` leads to a setting of that name, or to a part of one.
    fn ends_alike(&self, text: &str, read: &ValueRead) {
        let end = text.rsplit('.').next().unwrap_or_default().split('[').next().unwrap_or_default();
        let setting = read.setting.as_ref().expect("a setting");
        let named = setting.0.iter().any(|segment| matches!(segment, Segment::Key(key) if key == end));
        assert!(
            named || MADE.iter().any(|root| text.starts_with(root)),
            "{}: `{text}` is said to be `{setting}`",
            self.place
        );
    }
}

/// Names with dots and indices, and nothing else.
fn is_path(text: &str) -> bool {
    text.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '[' | ']' | '"'))
}
