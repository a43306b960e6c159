//! Pods and their containers.

use crate::diagnostic::Code;
use crate::kube::validate::facts::Fact;
use crate::kube::validate::place::{Place, finding};

/// `maxSurge` and `maxUnavailable` cannot both be zero: nothing could ever be replaced.
pub(in crate::kube::validate) fn rolling_update(place: Place<'_>, fact: &Fact) {
    let is_zero = |field: &str| matches!(place.text(field), Some("0" | "0%"));
    if is_zero("maxSurge") && is_zero("maxUnavailable") {
        let finding = finding(Code::K015, "`maxUnavailable` cannot be 0 while `maxSurge` is 0");
        place.report(fact, "maxUnavailable", finding.help("let one of them be 1 or more"));
    }
}
