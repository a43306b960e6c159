//! The schedules of CronJobs, as `cron.ParseStandard` of `github.com/robfig/cron` reads them.
//!
//! ```text
//! schedule ::= minute hour day month weekday | @DESCRIPTOR | @every DURATION
//! field    ::= range [, range …]
//! range    ::= (* | ? | value | value - value) [/ step]
//! ```
//!
//! Months and days of the week may be written as the first three letters of their names. There are no seconds, no `L`
//! and `W`, and a Sunday is 0, never 7.

/// The bounds of a field, and the names of its values from the first one on.
struct Field {
    bounds: (u32, u32),
    names: &'static [&'static str],
}

const FIELDS: [Field; 5] = [
    Field { bounds: (0, 59), names: &[] },
    Field { bounds: (0, 23), names: &[] },
    Field { bounds: (1, 31), names: &[] },
    Field {
        bounds: (1, 12),
        names: &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
    },
    Field { bounds: (0, 6), names: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"] },
];

const DESCRIPTORS: &[&str] =
    &["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"];

/// What a schedule must be, if this one is none: the end of a sentence that begins with "must be".
pub(super) fn violation(text: &str) -> Option<&'static str> {
    if text.contains("TZ") {
        return Some("without a time zone, which is set in `timeZone`");
    }
    if text.starts_with('@') {
        let duration = text.strip_prefix("@every ");
        let fits = DESCRIPTORS.contains(&text) || duration.is_some_and(is_duration);
        return (!fits)
            .then_some("one of `@hourly`, `@daily`, `@weekly`, `@monthly`, `@yearly`, or `@every 1h30m`");
    }
    let fields: Vec<&str> = text.split_whitespace().collect();
    if fields.len() != FIELDS.len() {
        return Some("five fields: minute, hour, day of the month, month and day of the week");
    }
    let fit = fields.iter().zip(&FIELDS).map(|(text, field)| {
        // Empty parts between commas are passed over.
        text.split(',').filter(|part| !part.is_empty()).all(|part| is_range(part, field))
    });
    const MUST_BE: [&str; 5] = [
        "a schedule whose minute is from 0 to 59",
        "a schedule whose hour is from 0 to 23",
        "a schedule whose day of the month is from 1 to 31",
        "a schedule whose month is from 1 to 12, or three letters such as `jan`",
        "a schedule whose day of the week is from 0 to 6, or three letters such as `sun`",
    ];
    fit.zip(MUST_BE).find(|(fits, _)| !fits).map(|(_, must_be)| must_be)
}

/// `getRange`.
fn is_range(text: &str, field: &Field) -> bool {
    let (range, step) = match text.split_once('/') {
        Some((range, step)) => (range, Some(step)),
        None => (text, None),
    };
    // A step of no number, a second `/`, and 0.
    let step_fits = |step: &str| number(step).is_some_and(|step| step > 0);
    if !step.is_none_or(step_fits) {
        return false;
    }
    let (low, high) = match range.split_once('-') {
        Some((low, high)) => (low, Some(high)),
        None => (range, None),
    };
    if low == "*" || low == "?" {
        return true;
    }
    let Some(start) = value(low, field) else { return false };
    let end = match high {
        Some(high) => value(high, field),
        None => Some(start),
    };
    end.is_some_and(|end| field.bounds.0 <= start && start <= end && end <= field.bounds.1)
}

/// `parseIntOrName`.
fn value(text: &str, field: &Field) -> Option<u32> {
    let named = field.names.iter().position(|name| name.eq_ignore_ascii_case(text));
    match named {
        Some(index) => Some(field.bounds.0 + u32::try_from(index).ok()?),
        None => number(text),
    }
}

/// A number without a sign before it, but for a `+`.
fn number(text: &str) -> Option<u32> {
    text.parse().ok()
}

/// `time.ParseDuration`: `1h30m`, `1.5h`.
fn is_duration(text: &str) -> bool {
    let mut rest = text.strip_prefix(['+', '-']).unwrap_or(text);
    if rest == "0" {
        return true;
    }
    if rest.is_empty() {
        return false;
    }
    while !rest.is_empty() {
        let number_end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, unit) = rest.split_at(number_end);
        let unit_end = unit.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(unit.len());
        let (unit, after) = unit.split_at(unit_end);
        let is_number = number.bytes().any(|byte| byte.is_ascii_digit())
            && number.bytes().filter(|byte| *byte == b'.').count() <= 1;
        if !is_number || !["ns", "us", "µs", "μs", "ms", "s", "m", "h"].contains(&unit) {
            return false;
        }
        rest = after;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::violation;

    #[test]
    fn schedules_are_those_of_the_controller() {
        for good in [
            "*/5 * * * *",
            "0 0 * * sun",
            "0 0 1 JAN-dec ?",
            "1,2,,3 0-23/2 * * 0-6",
            "@daily",
            "@every 1h30m",
            "  0 0 * * 1  ",
            "5/15 * * * *",
        ] {
            assert_eq!(violation(good), None, "{good}");
        }
        for bad in [
            "",
            "* * * *",
            "* * * * * *",
            "60 * * * *",
            "0 0 0 * *",
            "0 0 * * 7",
            "0 0 L * *",
            "5-1 * * * *",
            "*/0 * * * *",
            "1-2-3 * * * *",
            "1/2/3 * * * *",
            "@reboot",
            "@every",
            "@every 1x",
            "TZ=UTC * * * * *",
        ] {
            assert!(violation(bad).is_some(), "{bad}");
        }
    }
}
