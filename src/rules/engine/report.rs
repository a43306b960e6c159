//! What a rule reports, and how that becomes a diagnostic.
//!
//! A rule writes a finding in terms of objects and paths:
//!
//! ```text
//! Finding::new(service, spec.ports[0].targetPort, "no container … has a port `htpp`").help("did you mean `http`?")
//! ```
//!
//! What a rule could not judge is said as well: once a rule, as a warning. That is where its budget was spent
//! (`facts/looks.rs`; what it found afterwards is dropped, as something may have been missed), and what selects more
//! than is compared.
//!
//! The engine adds the rule's code and its level, and resolves each path to where that node was written: in a
//! manifest, in a template, or in the values file that the template took it from.

use std::rc::Rc;

use crate::config::Level;
use crate::diagnostic::{Code, Diagnostic, Lack, nearest};
use crate::manifest::{Location, label_finding};
use crate::rules::facts::{Looks, ObjectSet, ObjectTree, TypedContainer};
use crate::secrets;
use crate::session::Session;
use crate::yaml::ValuePath;

/// The findings of one check.
#[derive(Debug)]
pub(crate) struct Report {
    /// In the order in which they were reported.
    pub(crate) findings: Vec<Finding>,
    /// Of the objects that the rule has passed over, the first, and how many there are.
    passed_over: Option<(Finding, usize)>,
    looks: Rc<Looks>,
}

impl Report {
    /// A report that a rule begins with.
    pub(crate) fn new(looks: &Rc<Looks>) -> Self {
        Report { findings: Vec::new(), passed_over: None, looks: Rc::clone(looks) }
    }

    /// Adds a finding; none if the rule has not seen everything any more.
    pub(crate) fn add(&mut self, finding: Finding) {
        if self.looks.stopped().is_none() {
            self.findings.push(finding);
        }
    }

    /// Notes that an object was not judged, and why, as in `this Service selects more than 1,000 containers`.
    pub(crate) fn pass_over(&mut self, object: &ObjectTree<'_>, path: ValuePath, why: impl Into<String>) {
        match &mut self.passed_over {
            Some((_, objects)) => *objects += 1,
            None => self.passed_over = Some((Finding::new(object, path, why), 1)),
        }
    }

    /// What to say of the objects that were not judged.
    pub(crate) fn of_passed_over(self) -> Option<Finding> {
        let (mut finding, objects) = self.passed_over?;
        finding.message.push_str(", and is not judged");
        Some(match objects - 1 {
            0 => finding,
            1 => finding.note("another object of the set is not judged for the same reason"),
            more => {
                finding.note(format!("{more} other objects of the set are not judged for the same reason"))
            }
        })
    }
}

/// Something wrong at a path of an object.
#[derive(Debug)]
pub(crate) struct Finding {
    /// The place of the object in the set. An index and no reference, so that findings do not borrow from the set.
    /// Annotations that suppress rules are looked up by it.
    pub(crate) object: usize,
    /// Where in the object; the field itself may be missing.
    path: ValuePath,
    /// One lower-case phrase, without a full stop.
    message: String,
    /// Other places that matter.
    related: Vec<Related>,
    notes: Vec<String>,
    help: Vec<String>,
    /// Whether the value at the path must not be shown.
    is_secret: bool,
    /// What a container lacks, if that is what the finding is about.
    lack: Option<ContainerLack>,
}

/// Something that a container lacks.
#[derive(Debug)]
struct ContainerLack {
    /// Where the container is in its object.
    path: ValuePath,
    name: String,
    what: &'static str,
    set: &'static str,
}

/// Another place that matters for a finding, of the same object or of another one.
#[derive(Debug)]
struct Related {
    /// The place of the object in the set.
    object: usize,
    path: ValuePath,
    /// A few words that stand at the place.
    text: String,
}

impl Finding {
    /// A finding at a path of an object. Where nothing stands at the path, the nearest node above it is shown. The
    /// message is one lower-case phrase with names in backticks.
    pub(crate) fn new(object: &ObjectTree<'_>, path: ValuePath, message: impl Into<String>) -> Self {
        Finding {
            object: object.index,
            path,
            message: message.into(),
            related: Vec::new(),
            notes: Vec::new(),
            help: Vec::new(),
            is_secret: false,
            lack: None,
        }
    }

    /// Says that the finding is about something that a container lacks: `what` it lacks, as it stands behind "lacks",
    /// and what to `set`, in backticks. Where the container lacks more by other rules, one finding tells all of it.
    pub(crate) fn lacks(
        mut self,
        container: &TypedContainer<'_>,
        what: &'static str,
        set: &'static str,
    ) -> Self {
        let (path, name) = (container.path(), container.spec.name.clone());
        self.lack = Some(ContainerLack { path, name, what, set });
        self
    }

    /// Adds another place that matters, with a few words about it.
    pub(crate) fn also(mut self, object: &ObjectTree<'_>, path: ValuePath, text: impl Into<String>) -> Self {
        self.related.push(Related { object: object.index, path, text: text.into() });
        self
    }

    /// Adds something worth knowing.
    pub(crate) fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Adds what to do.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    /// Adds `did you mean …?` with the candidate that a name is a likely misprint of; without one, what to do instead.
    pub(crate) fn did_you_mean<'n>(
        self,
        name: &str,
        candidates: impl IntoIterator<Item = &'n str>,
        otherwise: impl Into<String>,
    ) -> Self {
        match nearest(name, candidates) {
            Some(near) => self.help(format!("did you mean `{near}`?")),
            None => self.help(otherwise),
        }
    }

    /// Keeps the value at the path out of the output, whatever the format. The message must not have it either: only
    /// sources are masked.
    pub(crate) fn secret(mut self) -> Self {
        self.is_secret = true;
        self
    }

    /// Whether no error was reported of the objects that it is about.
    pub(crate) fn is_about_sound_objects(&self, set: &ObjectSet<'_>) -> bool {
        let mut about = self.related.iter().map(|related| related.object).chain([self.object]);
        about.all(|object| set.object(object).is_none_or(ObjectTree::is_sound))
    }

    /// The diagnostic under a rule's name and code, at its own level. Which level counts is for the judge to say.
    pub(crate) fn into_diagnostic(
        self,
        session: &Session,
        set: &ObjectSet<'_>,
        code: Code,
        name: &'static str,
        level: Level,
    ) -> Diagnostic {
        let mut diagnostic = match level {
            Level::Deny => Diagnostic::error(code, self.message),
            Level::Warn | Level::Allow => Diagnostic::warning(code, self.message),
        };
        diagnostic = diagnostic.named(name);
        if let Some(object) = set.object(self.object) {
            // Hidden before any writer draws the source: they mask what the session knows to be secret.
            let root = object.node();
            if let Some(value) = root.at(&self.path).filter(|_| self.is_secret) {
                secrets::hide_tree(session, &value.to_node());
            }
            let location = Location::in_packed(root, &self.path);
            diagnostic = label_finding(session, diagnostic, location, &self.path, object.identity())
                .of_document(root.span());
            diagnostic.lack = self.lack.map(|ContainerLack { path, name, what, set }| {
                let location = Location::in_packed(root, &path);
                let place = Diagnostic::warning(code, "");
                let labels = label_finding(session, place, location, &path, object.identity()).labels;
                Box::new(Lack { container: name, labels, what, set, rules: Vec::new() })
            });
        }
        for Related { object, path, text } in self.related {
            let object = set.object(object);
            // Always there: a finding is made of objects of this very set.
            let span = object.map(|object| Location::in_packed(object.node(), &path).display_span(session));
            diagnostic = diagnostic.also_if(span, text);
        }
        let diagnostic = self.notes.into_iter().fold(diagnostic, Diagnostic::note);
        self.help.into_iter().fold(diagnostic, Diagnostic::help)
    }
}
