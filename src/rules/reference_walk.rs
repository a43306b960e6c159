//! Finds the references of a set: one walk over pods and other objects for all lines of the table.

use super::ObjectSet;
use super::references::{From, LINES, Reference, To, reference};
use super::template::{LISTS, Template};
use super::trail::Trail;
use crate::yaml::Node;

/// Every reference of a set: found in one walk, as most rules about them ask for a few of the same places.
#[derive(Debug)]
pub(super) struct References<'d> {
    /// In the order of the set, and for one object in the order of the table.
    found: Vec<Found<'d>>,
}

/// A place that holds a name.
#[derive(Clone, Copy, Debug)]
struct Found<'d> {
    subject: usize,
    /// Its line in the table.
    line: usize,
    map: &'d Node,
}

impl<'d> References<'d> {
    pub(super) fn new(set: &ObjectSet<'d>) -> Self {
        let mut references = References { found: Vec::new() };
        let (of_pods, of_containers) = (Branch::of(From::Pod), Branch::of(From::Container));
        for template in set.templates() {
            references.read_template(template, &of_pods, &of_containers);
        }
        for kind in set.kinds() {
            references.read_kind(set, kind);
        }
        references.found.sort_by_key(|found| (found.subject, found.line));
        references
    }

    fn read_template(&mut self, template: &Template<'d>, of_pods: &Branch, of_containers: &Branch) {
        let subject = template.subject.index;
        let mut add = |line, map| self.add(subject, line, map);
        of_pods.walk(template.spec, &mut add);
        for list in LISTS {
            template.list(list).iter().for_each(|container| of_containers.walk(container, &mut add));
        }
    }

    fn read_kind(&mut self, set: &ObjectSet<'d>, kind: &str) {
        let lines = LINES.iter().enumerate();
        let lines = lines.filter_map(|(index, line)| Some((index, line, line.group_of(kind)?)));
        for (index, line, group) in lines {
            for subject in set.of_kind(kind) {
                if group.is_empty() || subject.document.identity.group() == group {
                    Trail::ROOT.each(&subject.document.node, line.map, &mut |map, _| {
                        self.add(subject.index, index, map);
                    });
                }
            }
        }
    }

    fn add(&mut self, subject: usize, line: usize, map: &'d Node) {
        let name = LINES.get(line).and_then(|line| map.get(line.name));
        self.found.extend(name.map(|_| Found { subject, line, map }));
    }

    /// Every reference of one sort.
    pub(super) fn to<'a>(&'a self, set: &'a ObjectSet<'d>, to: To) -> impl Iterator<Item = Reference<'d>> {
        self.found.iter().filter_map(move |found| {
            let line = LINES.get(found.line).filter(|line| line.to == to)?;
            reference(*set.subjects.get(found.subject)?, line, found.map)
        })
    }
}

/// What the patterns of several lines have below one key: what they share is looked up once.
#[derive(Default)]
struct Branch {
    /// The lines whose pattern ends here.
    lines: Vec<usize>,
    /// The keys that others go on with, and whether through all items of a list.
    below: Vec<(&'static str, bool, Branch)>,
}

impl Branch {
    /// The patterns of all lines about these.
    fn of(from: From) -> Self {
        let mut root = Branch::default();
        for (index, line) in LINES.iter().enumerate().filter(|(_, line)| line.from == from) {
            let segments = line.map.split('.').filter(|segment| !segment.is_empty());
            segments.fold(&mut root, Branch::grow).lines.push(index);
        }
        root
    }

    /// What lies below a segment of a pattern, a key or a list's key with `[]` behind it.
    fn grow(&mut self, segment: &'static str) -> &mut Branch {
        let (key, is_list) = segment.strip_suffix("[]").map_or((segment, false), |list| (list, true));
        let at = self.below.iter().position(|(known, of_list, _)| *known == key && *of_list == is_list);
        let at = at.unwrap_or(self.below.len());
        if at == self.below.len() {
            self.below.push((key, is_list, Branch::default()));
        }
        &mut self.below[at].2
    }

    /// Shows what the lines lead to from here.
    fn walk<'n>(&self, node: &'n Node, see: &mut dyn FnMut(usize, &'n Node)) {
        self.lines.iter().for_each(|line| see(*line, node));
        for (key, is_list, branch) in &self.below {
            match node.get(key) {
                Some(list) if *is_list => {
                    list.as_list().into_iter().flatten().for_each(|item| branch.walk(item, see));
                }
                Some(below) => branch.walk(below, see),
                None => {}
            }
        }
    }
}
