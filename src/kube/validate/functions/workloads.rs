//! Workloads: how they replace their pods, and Jobs.

use crate::diagnostic::Code;
use crate::kube::string_formats::is_dns1123_label;
use crate::kube::validate::facts::Fact;
use crate::kube::validate::place::{Place, Step, finding, scalar_text};

/// A count or a percentage as a number: `25` of `25%`. None where there is none, or it is malformed.
fn count_or_percent(place: Place<'_>, field: &str) -> Option<i64> {
    let text = place.text(field)?;
    text.strip_suffix('%').unwrap_or(text).parse().ok()
}

/// `maxSurge` and `maxUnavailable` cannot both be zero, as nothing could ever be replaced:
/// `ValidateRollingUpdateDeployment`. What is missing is 25 %.
pub(in crate::kube::validate) fn rolling_update(place: Place<'_>, fact: &Fact) {
    let is_zero = |field: &str| count_or_percent(place, field) == Some(0);
    if is_zero("maxSurge") && is_zero("maxUnavailable") {
        let finding = finding(Code::K015, "`maxUnavailable` cannot be 0 while `maxSurge` is 0");
        place.report(fact, "maxUnavailable", finding.help("let one of them be 1 or more"));
    }
}

/// Of a DaemonSet's `maxSurge` and `maxUnavailable` one is zero and the other is not: `ValidateRollingUpdateDaemonSet`.
/// What is missing is 0 and 1.
pub(in crate::kube::validate) fn daemon_update(place: Place<'_>, fact: &Fact) {
    let surge = if place.field("maxSurge").is_some() { count_or_percent(place, "maxSurge") } else { Some(0) };
    let unavailable = if place.field("maxUnavailable").is_some() {
        count_or_percent(place, "maxUnavailable")
    } else {
        Some(1)
    };
    let (Some(surge), Some(unavailable)) = (surge, unavailable) else { return };
    if surge != 0 && unavailable != 0 {
        let message = "`maxSurge` cannot be set while `maxUnavailable` is not 0";
        let finding = finding(Code::K015, message).help("set `maxUnavailable: 0`, or leave `maxSurge` out");
        place.report(fact, "maxSurge", finding);
    } else if surge == 0 && unavailable == 0 {
        let finding = finding(Code::K015, "`maxUnavailable` cannot be 0 while `maxSurge` is 0");
        place.report(fact, "maxUnavailable", finding.help("let one of them be 1 or more"));
    }
}

/// Pods have to be ready for longer than none before the time for their rollout is over: `ValidateDeploymentSpec`.
/// What is missing is 10 minutes; where it is written, a fact compares the two.
pub(in crate::kube::validate) fn progress_deadline(place: Place<'_>, fact: &Fact) {
    const DEFAULT: i64 = 600;
    let is_default = place.field("progressDeadlineSeconds").is_none();
    if is_default && place.integer("minReadySeconds").is_some_and(|seconds| seconds >= DEFAULT) {
        let message =
            "`progressDeadlineSeconds` is 600 where it is missing, and must be more than `minReadySeconds`";
        place.report(
            fact,
            "progressDeadlineSeconds",
            finding(Code::K015, message).help("add it, and make it larger"),
        );
    }
}

/// No more than all can be replaced at once: `IsNotMoreThan100Percent`.
pub(in crate::kube::validate) fn at_most_all(place: Place<'_>, fact: &Fact) {
    let is_percentage = place.text(fact.field()).is_some_and(|text| text.ends_with('%'));
    if is_percentage && count_or_percent(place, fact.field()).is_some_and(|percent| percent > 100) {
        let finding = finding(Code::K014, format!("`{}` is more than 100 %", fact.field()));
        place.report(fact, fact.field(), finding.help("0% to 100% is allowed"));
    }
}

/// The pods of an indexed Job have its name and their number for a host name: `ValidateJob`.
pub(in crate::kube::validate) fn indexed_name(place: Place<'_>, fact: &Fact) {
    let is_indexed = place.at(&["spec", "completionMode"]).and_then(scalar_text) == Some("Indexed");
    let completions = place.at(&["spec", "completions"]).and_then(|node| node.as_i64());
    let (Some(name), Some(completions)) =
        (place.at(&["metadata", "name"]).and_then(scalar_text), completions)
    else {
        return;
    };
    if !is_indexed || completions < 1 {
        return;
    }
    let host = format!("{name}-{}", completions - 1);
    if !is_dns1123_label(&host) {
        let message =
            format!("the last pod of the Job would be called `{host}`, which is not a name of a host");
        let finding = finding(Code::K005, message)
            .help("use lower-case letters, digits and `-`, and at most 63 characters with the number");
        place.report_below(fact, &[Step::Key("metadata"), Step::Key("name")], finding);
    }
}

/// An indexed Job of very many completions has lower limits: `validateJobSpec`.
pub(in crate::kube::validate) fn high_completions(place: Place<'_>, fact: &Fact) {
    let is_high = place.integer("completions").is_some_and(|completions| completions > 100_000);
    let per_index = place.field("backoffLimitPerIndex").is_some();
    if place.text("completionMode") != Some("Indexed") || !is_high || !per_index {
        return;
    }
    if place.field("maxFailedIndexes").is_none() {
        let message = "`maxFailedIndexes` is missing where `completions` are more than 100000";
        place.report(fact, "maxFailedIndexes", finding(Code::K002, message).help("add it: at most 10000"));
    }
    for field in ["parallelism", "maxFailedIndexes"] {
        if place.integer(field).is_some_and(|value| value > 10_000) {
            let message = format!("`{field}` must be at most 10000 where `completions` are more than 100000");
            place.report(fact, field, finding(Code::K014, message).help("10000 or less is allowed"));
        }
    }
}

/// Exit codes ascend, and 0 is none to look for: `validatePodFailurePolicyRuleOnExitCodes`.
pub(in crate::kube::validate) fn exit_codes(place: Place<'_>, fact: &Fact) {
    let values: Vec<Option<i64>> = place.items("values").iter().map(|node| node.as_i64()).collect();
    if place.text("operator") == Some("In") {
        for (index, _) in values.iter().enumerate().filter(|(_, value)| **value == Some(0)) {
            let finding =
                finding(Code::K004, format!("`values[{index}]` cannot be 0 where `operator` is `In`"));
            place.report_item(fact, "values", index, "", finding.help("0 is not a failure: remove it"));
        }
    }
    let descends = values.windows(2).any(|pair| matches!(pair, [Some(one), Some(next)] if one > next));
    if descends {
        let finding = finding(Code::K015, "`values` do not ascend");
        place.report(fact, "values", finding.help("write them in ascending order"));
    }
}

/// Indexes such as `0,2-5` ascend, and are below the number of completions: `validateIndexesFormat`.
pub(in crate::kube::validate) fn succeeded_indexes(place: Place<'_>, fact: &Fact) {
    let Some(text) = place.text("succeededIndexes") else { return };
    let job = place.chain().find(|place| place.field("successPolicy").is_some());
    let Some(completions) = job.and_then(|job| job.integer("completions")) else { return };
    let Some(count) = count_indexes(text, completions) else {
        let message = "`succeededIndexes` are not ascending indexes below `completions`";
        let finding = finding(Code::K005, message).help("write indexes and ranges such as `0,2-5`");
        return place.report(fact, "succeededIndexes", finding);
    };
    if place.integer("succeededCount").is_some_and(|wanted| wanted > count) {
        let message = format!("`succeededCount` is more than the {count} indexes of `succeededIndexes`");
        place.report(fact, "succeededCount", finding(Code::K015, message).help("lower it, or add indexes"));
    }
}

/// How many indexes a text lists; none where it is malformed.
fn count_indexes(text: &str, completions: i64) -> Option<i64> {
    let mut last = -1;
    let mut count = 0;
    for part in text.split(',') {
        let (low, high) = part.split_once('-').unwrap_or((part, part));
        let (low, high): (i64, i64) = (low.parse().ok()?, high.parse().ok()?);
        // A range has more than one index.
        let is_range = part.contains('-');
        if low <= last || high >= completions || low > high || (is_range && low == high) {
            return None;
        }
        count += high - low + 1;
        last = high;
    }
    Some(count)
}

#[cfg(test)]
mod tests {
    use super::count_indexes;

    #[test]
    fn indexes_ascend_below_the_completions() {
        assert_eq!(count_indexes("0,2-4", 5), Some(4));
        for text in ["", "a", "1,0", "0-5", "2-1", "1-1", "-1"] {
            assert_eq!(count_indexes(text, 5), None, "{text}");
        }
    }
}
