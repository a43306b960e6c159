//! The order of derived values: which need which, level by level, and circles.
//!
//! ```text
//! level 0   host                    reads no derived value
//! level 1   url                     reads `host`
//! level 2   links, callback         read `url`
//! ```
//!
//! What a value needs is known before it is computed: the paths that its expressions name. Of `values.hosts[values.n]`
//! that is all of `hosts`, and of a map all that is below it.

use std::collections::BTreeSet;

use super::read::{DerivedValues, are_on_one_way, ways_to};
use crate::diagnostic::{Code, Diagnostic};
use crate::limits::Limit;
use crate::session::{Outcome, Session};
use crate::yaml::ValuePath;

impl DerivedValues {
    /// The values at these positions in levels: those of a level need none of the same or a later one.
    ///
    /// # Errors
    /// V006 for values that need each other, or too many one after the other.
    pub(super) fn levels(
        &self,
        session: &Session,
        wanted: &[usize],
        namespace_from: Option<&ValuePath>,
    ) -> Outcome<Vec<Vec<usize>>> {
        let among: BTreeSet<usize> = wanted.iter().copied().collect();
        let needs: Vec<(usize, BTreeSet<usize>)> =
            wanted.iter().map(|at| (*at, self.needs(*at, &among, namespace_from))).collect();
        let mut left: Vec<&(usize, BTreeSet<usize>)> = needs.iter().collect();
        let mut done: BTreeSet<usize> = BTreeSet::new();
        let mut levels = Vec::new();
        while !left.is_empty() {
            let (ready, waiting): (Vec<_>, Vec<_>) =
                left.iter().copied().partition(|(_, needs)| needs.iter().all(|need| done.contains(need)));
            if ready.is_empty() {
                return Err(session.report(self.circle(&waiting)));
            }
            let level: Vec<usize> = ready.iter().map(|(at, _)| *at).collect();
            if levels.len() >= session.limits().of(Limit::DerivedChain) {
                return Err(session.report(self.too_long(session, level[0])));
            }
            done.extend(&level);
            levels.push(level);
            left = waiting;
        }
        Ok(levels)
    }

    /// The values, among those that are computed, that a value reads.
    fn needs(
        &self,
        at: usize,
        among: &BTreeSet<usize>,
        namespace_from: Option<&ValuePath>,
    ) -> BTreeSet<usize> {
        let value = &self.values[at];
        let mut needs = BTreeSet::new();
        for read in value.reads.iter().chain(namespace_from.filter(|_| value.reads_release)) {
            // Those that hold what is read, and those that are in it.
            needs.extend(ways_to(read).filter_map(|path| self.by_path.get(&path)));
            let below = self.by_path.range(read..).take_while(|(path, _)| are_on_one_way(path, read));
            needs.extend(below.map(|(_, at)| at));
        }
        needs.retain(|need| among.contains(need));
        needs
    }

    /// The finding about values of which each needs another one: the first circle among them.
    fn circle(&self, waiting: &[&(usize, BTreeSet<usize>)]) -> Diagnostic {
        let among: BTreeSet<usize> = waiting.iter().map(|(at, _)| *at).collect();
        let next = |at: usize| {
            let (_, needs) = waiting.iter().find(|(other, _)| *other == at)?;
            needs.iter().copied().find(|need| among.contains(need))
        };
        // Each of them needs another one of them, so the walk comes to a place where it was.
        let mut way = Vec::new();
        let mut at = waiting.first().map(|(at, _)| *at);
        while let Some(here) = at.filter(|at| !way.contains(at)) {
            way.push(here);
            at = next(here);
        }
        let begin = way.iter().position(|seen| Some(*seen) == at).unwrap_or(0);
        let mut circle = way.split_off(begin);
        // It begins with what stands first in the file.
        let first = circle.iter().enumerate().min_by_key(|(_, at)| **at).map_or(0, |(position, _)| position);
        circle.rotate_left(first);
        let path = |at: usize| format!("`{}`", self.values[at].path);
        let name = |position: usize| path(circle[position % circle.len()]);
        let message = if circle.len() == 1 {
            format!("{} is derived from itself", name(0))
        } else {
            let way: Vec<String> = (0..=circle.len()).map(name).collect();
            format!("{} is derived from itself: {}", name(0), way.join(" needs "))
        };
        let mut finding = Diagnostic::error(Code::V006, message);
        for (position, at) in circle.iter().enumerate() {
            let needs = format!("{} needs {}", path(*at), name(position + 1));
            let span = self.values[*at].span;
            finding = if position == 0 { finding.at(span, needs) } else { finding.also(span, needs) };
        }
        finding.help("let one of them read only settings, or set it in a file or with a flag")
    }

    fn too_long(&self, session: &Session, at: usize) -> Diagnostic {
        let value = &self.values[at];
        let most = session.limits().said(Limit::DerivedChain);
        let message = format!("`{}` needs more than {most} derived values, one after the other", value.path);
        let finding = Diagnostic::error(Code::V006, message).at(value.span, "the last one of them");
        finding.help("let it read settings, and not what is derived from what is derived")
    }
}
