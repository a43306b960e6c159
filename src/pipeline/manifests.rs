//! Plain manifests: the second half of the way, by several threads where there are many of them.

use std::ops::Range;
use std::sync::Arc;

use super::objects::refuse_wrong;
use crate::inputs;
use crate::kube::{self, Api, AppliedText, Target};
use crate::manifest::{self, Document, Split};
use crate::parallel::in_parallel;
use crate::request::Request;
use crate::rules::{self, ObjectSet};
use crate::session::{Outcome, Session};
use crate::source::SourceId;
use crate::yaml;

/// Reads plain manifests as one set, checks them as Kubernetes will read them, and judges them.
pub fn manifests(session: &Session, request: &Request, sources: &[SourceId]) -> Outcome<Vec<Document>> {
    let before = session.errors();
    let (mut documents, mut api) = (Vec::new(), Api::new());
    let mut kinds_unread = false;
    for (source, found) in sources.iter().zip(read(session, request.threads, sources)) {
        kinds_unread |= found.complete.is_err() && session.source(*source).text.contains(kube::CRD);
        documents.extend(found.documents);
    }
    kinds_unread |= inputs::learn_crds(session, &documents, request, &mut api).is_err();
    let target = Target {
        api: Arc::new(api),
        versions: request.versions,
        namespace: request.namespace.clone(),
        applied_text: AppliedText::Verbatim,
        kinds_unread,
        allow_unknown: request.allow_unknown.iter().cloned().collect(),
        ..Target::default()
    };
    refuse_wrong(session, &target, &mut documents, request.threads);
    session.clean_since(before)?;
    let config = inputs::read_config(session, request)?;
    let set = ObjectSet::new(session, &documents, &config.externals, Vec::new());
    let set = set.for_versions(request.versions).on_threads(request.threads);
    rules::check(session, &set, &rules::levels(&config.levels, &request.levels), sources)?;
    Ok(documents)
}

/// The objects of each source.
fn read(session: &Session, threads: usize, sources: &[SourceId]) -> Vec<Split> {
    if threads < 2 {
        return sources.iter().map(|source| read_one(session, *source)).collect();
    }
    let cut = |source: &SourceId| yaml::chunks(&session.source(*source).text);
    let parts: Vec<Vec<Range<usize>>> = sources.iter().map(cut).collect();
    let of_source = |(source, parts): (&SourceId, &Vec<Range<usize>>)| -> Vec<Part> {
        match parts.as_slice() {
            [_] => vec![Part { source: *source, range: None }],
            parts => parts.iter().map(|part| Part { source: *source, range: Some(part.clone()) }).collect(),
        }
    };
    let work: Vec<Part> = sources.iter().zip(&parts).flat_map(of_source).collect();
    let trunk = session.trunk();
    let mut read = in_parallel(work, threads, |part| {
        let branch = trunk.branch();
        let found = part.read(&branch);
        (branch, found)
    })
    .into_iter();
    let whole = |(source, parts): (&SourceId, Vec<Range<usize>>)| {
        let found: Vec<(Session, Option<Split>)> = read.by_ref().take(parts.len()).collect();
        joined(session, found).unwrap_or_else(|| read_one(session, *source))
    };
    sources.iter().zip(parts).map(whole).collect()
}

/// Something that one thread reads.
struct Part {
    source: SourceId,
    /// None for the whole.
    range: Option<Range<usize>>,
}

impl Part {
    fn read(self, session: &Session) -> Option<Split> {
        match self.range {
            None => Some(read_one(session, self.source)),
            Some(range) => manifest::split_part(session, &name(session, self.source), self.source, range),
        }
    }
}

fn read_one(session: &Session, source: SourceId) -> Split {
    manifest::split(session, &name(session, source), source, &[])
}

fn name(session: &Session, source: SourceId) -> Arc<str> {
    Arc::from(session.source(source).name.as_str())
}

/// What the parts of a source come to, with what was found in them. None if it has to be read as a whole.
fn joined(session: &Session, parts: Vec<(Session, Option<Split>)>) -> Option<Split> {
    let (branches, parts): (Vec<Session>, Vec<Option<Split>>) = parts.into_iter().unzip();
    let parts: Vec<Split> = parts.into_iter().collect::<Option<_>>()?;
    let most = yaml::ParseLimits::from(session.limits()).documents;
    let mut found = Split { documents: Vec::new(), complete: Ok(()) };
    for part in parts {
        found.documents.extend(part.documents);
        found.complete = found.complete.and(part.complete);
    }
    if branches.len() > 1 && found.documents.len() > most {
        return None;
    }
    branches.iter().for_each(|branch| session.join(branch));
    Some(found)
}
