//! The stable codes: a letter for the stage, a number, and a page each.
//!
//! Codes are an interface: people suppress, search and count by them. So one is never given to something else, and the
//! number of one that is gone is not used again.

use std::fmt;

use crate::source::PackedText;

/// A finding's stable name. Two are equal when their ids are.
///
/// A struct and not an enum: what a code is about travels with it, and no match over codes has to be kept complete.
#[derive(Clone, Copy)]
pub struct Code {
    /// For example `K003`.
    pub id: &'static str,
    /// What it is about, as a heading.
    pub title: &'static str,
    /// The Markdown page that `plimsoll explain` prints, as it lies in `docs/codes/`.
    file: PackedText,
}

impl Code {
    /// The Markdown page that `plimsoll explain` prints.
    pub fn page(self) -> String {
        let page = self.file.unpack();
        // Pages of rules have a comment at their beginning that says what they were generated from, for readers of the
        // file alone.
        match page.strip_prefix("<!--").and_then(|rest| rest.split_once("\n\n")) {
            Some((_, rest)) => rest.to_owned(),
            None => page,
        }
    }
}

// Written out: the id says it all.
impl PartialEq for Code {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Code {}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id)
    }
}

/// The code with this id, in any case.
pub fn find_code(id: &str) -> Option<Code> {
    CODES.iter().copied().find(|code| code.id.eq_ignore_ascii_case(id))
}

// A macro, so that a code is one line below: its constant, its place in the list and its page cannot come apart. A page
// that is missing fails the build (`include_bytes!`), and one of another shape fails a test.
macro_rules! codes {
    ($($id:ident $title:literal),* $(,)?) => {
        impl Code {
            $(
                #[doc = $title]
                pub const $id: Code = Code {
                    id: stringify!($id),
                    title: $title,
                    file: PackedText::new(include_bytes!(concat!(
                        env!("OUT_DIR"), "/packed/docs/codes/", stringify!($id), ".md"
                    ))),
                };
            )*
        }

        // A static list of copies: three references each, and the texts are shared with the constants.
        /// Every code, in the order of the stages.
        pub static CODES: &[Code] = &[$(Code::$id),*];
    };
}

// S: reading. Y: YAML. V: values and their schema. C: charts. T: templates. H: charts of Helm. M: documents. K: the Kubernetes API. R:
// rules. F: plimsoll.yaml. L: lint. E: output. A: tests of charts, assertions. Q: questions. P: the
// values reference.
codes! {
    S001 "a file cannot be read",
    S002 "a reserved character in the input",
    Y001 "not YAML",
    Y002 "the same key twice",
    Y003 "a key that is not a string",
    Y004 "too deep, too large or too many aliases",
    Y005 "a tag that is not known",
    Y006 "a wrong merge key",
    Y007 "a scalar that YAML 1.1 and 1.2 read differently",
    Y008 "a number that has no place in Kubernetes",
    V001 "a map and a scalar meet",
    V002 "a `--set` flag that cannot be read",
    V003 "a `--set` path that does not fit the values",
    V004 "values that are not a map",
    V005 "a derived value that cannot be read",
    V006 "derived values that need each other",
    V101 "a setting that the chart does not know",
    V102 "a required setting is missing",
    V103 "a setting of the wrong type",
    V104 "a setting outside its limits",
    V105 "a setting that is not one of the allowed ones",
    V106 "a setting that does not match its pattern",
    V107 "settings that contradict each other",
    V108 "a boolean that YAML 1.2 reads as a string",
    V109 "another rule of the schema",
    V110 "a warning of the chart",
    V111 "a setting that no template reads",
    C001 "no such chart",
    C002 "a wrong chart.yaml",
    C003 "no such preset",
    C004 "a wrong values schema",
    C005 "a file that the chart should not have",
    C006 "a template in the library's folder",
    C007 "a precompiled form that is not used",
    C008 "a name that no chart can have",
    C009 "a dependency that cannot be used",
    C010 "charts that depend on each other",
    C011 "copies of charts and their lock do not fit",
    T001 "a template that is not Jinja",
    T002 "a path that the values schema does not know",
    T003 "an expression without a value",
    T004 "an expression that failed",
    T005 "a fragment that is used as a value",
    T006 "a value that has no place there",
    T007 "a value that never reached the document",
    T008 "too much work for one template",
    T009 "a name that templates do not have",
    T010 "the chart refuses these values",
    H001 "a wrong Chart.yaml",
    H002 "a dependency that is missing or stale",
    H003 "a chart that cannot be read",
    H004 "a template that Go cannot parse",
    H005 "a template that fails",
    H006 "the chart refuses its values",
    H007 "values that do not fit a subchart",
    H008 "a Kubernetes version that the chart does not support",
    H009 "YAML that Helm cannot read",
    H010 "a value that Helm reads as something else",
    H011 "a value that comes from chance or the clock",
    H012 "a Chart.yaml that does not say what it means",
    H013 "a file of a chart that is not what it looks like",
    M001 "a document that is not a Kubernetes object",
    M002 "two objects with the same identity",
    K001 "a field that Kubernetes does not know",
    K002 "a required field is missing",
    K003 "a field of the wrong type",
    K004 "a value that is not one of the allowed ones",
    K005 "a wrong format",
    K006 "the same entry twice in a list",
    K007 "a kind that Kubernetes does not know",
    K008 "a kind or field that the version does not have",
    K009 "a namespace that does not fit",
    K010 "a custom resource that breaks its schema",
    K011 "a CRD that cannot be read",
    K012 "an object that cannot be decoded",
    K013 "one of several fields",
    K014 "a number that is out of range",
    K015 "fields that contradict each other",
    K016 "a name that nothing in the object bears",
    K017 "a resource that cannot be requested in this way",
    K018 "a CRD that the API server refuses",
    K019 "an expression of CEL that does not compile",
    R001 "a suppression without a reason",
    R002 "a suppression without use",
    R003 "a rule that does not exist",
    R101 "a Service that selects no pods",
    R102 "a route to a Service or a port that is not there",
    R103 "a target port that no container has",
    R104 "a probe of a port that the container does not have",
    R105 "a reference to a ConfigMap that is not there",
    R106 "a reference to a Secret that is not there",
    R107 "a key that the ConfigMap or Secret does not have",
    R108 "a reference to a claim that is not there",
    R109 "a reference to a ServiceAccount that is not there",
    R110 "an autoscaler of a workload that is not there",
    R111 "a PodDisruptionBudget that covers no pods",
    R112 "a NetworkPolicy that applies to no pods",
    R113 "a NetworkPolicy that lets in or out no pods",
    R114 "a binding to a ServiceAccount that is not there",
    R115 "a binding of a role that is not there",
    R116 "a StatefulSet whose Service is not there or leads elsewhere",
    R117 "a class that is not there",
    R118 "a mount of a volume that is not there",
    R119 "a volume that no container mounts",
    R120 "a monitor without a target",
    R121 "a trigger with an authentication that is not there",
    R122 "a target port that no container declares",
    R123 "a probe of a port that the container does not declare",
    R124 "a StatefulSet whose Service has an address of its own",
    R125 "a policy for a port that its pods do not have",
    R201 "an autoscaler and a fixed number of replicas",
    R202 "two autoscalers on one target",
    R203 "several pods on a volume for one node",
    R204 "a budget that lets no pod be evicted",
    R205 "egress rules without a name server",
    R206 "a certificate for a host that is not served",
    R207 "a request above its limit",
    R208 "an autoscaler without a request to measure against",
    R209 "a selector that does not fit its own pods",
    R210 "a variable with a value and a reference",
    R211 "a setting that a Service fills in",
    R212 "a name that is too long for what is made of it",
    R214 "a ConfigMap or Secret over 1 MiB",
    R215 "an object that is too large for client-side apply",
    R216 "a definition and its resources in one stream",
    R217 "a credential in plain text",
    R218 "workloads that select each other's pods",
    R219 "the same route twice",
    R220 "a value in the program of a shell",
    R221 "two containers on one port",
    R223 "an update that waits for its own volume",
    R224 "a port that is used and that no policy opens",
    R301 "an image without a fixed version",
    R302 "a container that may use all memory of its node",
    R303 "a container that does not say what it needs",
    R304 "a container that runs as root",
    R305 "a container with all rights on its node",
    R306 "a pod that shares something with its node",
    R307 "a container whose programs may gain rights",
    R308 "a container that can write to its root file system",
    R309 "pods behind a Service without a readiness probe",
    R310 "a container without a liveness probe",
    R311 "a binding that gives all rights",
    R312 "a role with a star for Secrets or rights",
    R313 "a token that nobody asked for",
    R401 "a deprecated kind or version",
    R402 "a deprecated field, annotation or label",
    F001 "a wrong plimsoll.yaml",
    L001 "a path that cannot be linted",
    L002 "a modeline that cannot be followed",
    L003 "more warnings than allowed",
    E001 "two objects for one file",
    E002 "nothing to show",
    E003 "two customers for one folder",
    E004 "a customer without a folder's name",
    E005 "work that could not be done",
    E006 "a file that was left alone",
    E007 "two customers claim the same",
    E008 "a folder that is not empty",
    A001 "a wrong file of tests",
    A002 "a test of an object that is not rendered",
    A003 "a field that is not as a test expects",
    A004 "a number that a test does not expect",
    A005 "an expected finding that is not there",
    A006 "a snapshot that differs",
    A007 "a snapshot that no case has",
    A008 "an assertion that cannot fail",
    A009 "no test to run",
    Q001 "an object or a field that is not rendered",
    P001 "a reference that is not current",
    P002 "a file without a place for the reference",
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every page has a heading with code and title, says what is wrong, why it matters, and shows it wrong and right.
    #[test]
    fn every_code_has_a_page_of_the_shared_shape() {
        let lacking: Vec<String> =
            CODES.iter().filter_map(|code| Some(format!("{code}: {}", lack(*code)?))).collect();
        assert!(lacking.is_empty(), "pages in docs/codes/ to be written:\n{}", lacking.join("\n"));
    }

    /// What a page lacks of the shape, if anything.
    fn lack(code: Code) -> Option<String> {
        let heading = format!("# {}: {}\n\n", code.id, code.title);
        let page = code.page();
        let Some(body) = page.strip_prefix(&heading) else {
            return Some(format!("does not begin with `{}`", heading.trim_end()));
        };
        let sections: Vec<&str> = body.split("\n## ").collect();
        let names: Vec<&str> = sections.iter().skip(1).filter_map(|section| section.lines().next()).collect();
        if names != ["Why it matters", "Example", "Instead"] {
            return Some(format!("has the sections {names:?}"));
        }
        let shown = sections[2..].iter().all(|section| section.matches("```").count() >= 2);
        match (sections[0].trim(), sections[1].lines().nth(2)) {
            ("", _) => Some("does not say what it means".to_owned()),
            (_, None | Some("")) => Some("does not say why it matters".to_owned()),
            _ if !shown => Some("has an example without a fenced block".to_owned()),
            _ => None,
        }
    }

    #[test]
    fn codes_are_found_in_any_case_and_are_unique() {
        assert_eq!(find_code("k003"), Some(Code::K003));
        assert_eq!(find_code("K0003"), None);
        let ids: std::collections::BTreeSet<&str> = CODES.iter().map(|code| code.id).collect();
        assert_eq!(ids.len(), CODES.len());
    }
}
