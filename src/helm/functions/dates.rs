//! Functions over dates and durations. The clock shows what the host says, and what was made of it is marked as drawn.

use std::any::Any;
use std::rc::Rc;

use super::convert::{Answer, boolean, fixed, int, int_arg, int64, made, parse_int, refuse};
use super::layout::{self, Time, Zone};
use super::named::Named;
use crate::gotemplate::function::{Call, Function, Methods, Param};
use crate::gotemplate::text::{Origin, Text};
use crate::gotemplate::value::{Object, Value};
use crate::helm::host::{FIXED_NOW, Host};

use Param::{Any as Anything, Int, String as Str};

const DATE: Param = Param::Named("time.Time");

/// The functions of this file.
pub const TABLE: &[Function] = &[
    fixed("ago", &[Anything], ago),
    fixed("date", &[Str, Anything], |call| in_zone(call, 1, call.text(0), "Local")),
    fixed("dateInZone", &[Str, Anything, Str], date_in_zone),
    fixed("dateModify", &[Str, DATE], |call| modified(call, false)),
    fixed("date_in_zone", &[Str, Anything, Str], date_in_zone),
    fixed("date_modify", &[Str, DATE], |call| modified(call, false)),
    fixed("duration", &[Anything], duration),
    fixed("durationRound", &[Anything], duration_round),
    fixed("htmlDate", &[Anything], |call| in_zone(call, 0, Text::plain(HTML_DATE), "Local")),
    fixed("htmlDateInZone", &[Anything, Str], |call| {
        let zone = call.text(1);
        in_zone(call, 0, Text::plain(HTML_DATE), &zone.to_str())
    }),
    fixed("mustDateModify", &[Str, DATE], |call| modified(call, true)),
    fixed("mustToDate", &[Str, Str], |call| to_date(call, true)),
    fixed("must_date_modify", &[Str, DATE], |call| modified(call, true)),
    fixed("now", &[], |call| {
        let time = now(call);
        let origin = Origin { drawn: true, ..call.origin() };
        Ok(date(time, origin, true))
    }),
    fixed("toDate", &[Str, Str], |call| to_date(call, false)),
    fixed("unixEpoch", &[DATE], unix_epoch),
];

const HTML_DATE: &str = "2006-01-02";

/// The methods of dates.
pub const METHODS: Methods = Methods {
    of: "time.Time",
    functions: &[
        fixed("Add", &[Anything, Param::Named("time.Duration")], add),
        fixed("AddDate", &[Anything, Int, Int, Int], add_date),
        fixed("After", &[Anything, DATE], |call| compared(call, |order| order.is_gt())),
        fixed("Before", &[Anything, DATE], |call| compared(call, |order| order.is_lt())),
        fixed("Day", &[Anything], |call| part(call, |time| i64::from(time.civil().day))),
        fixed("Equal", &[Anything, DATE], |call| compared(call, |order| order.is_eq())),
        fixed("Format", &[Anything, Str], |call| {
            let layout = call.text(1);
            let Some(own) = own(call) else { return refuse("it is not a date") };
            made(call, own.time.format(&layout.to_str()))
        }),
        fixed("Hour", &[Anything], |call| part(call, |time| i64::from(time.civil().hour))),
        fixed("IsZero", &[Anything], |call| {
            let is_zero =
                own(call).is_some_and(|own| own.time.seconds == layout::ZERO && own.time.nanos == 0);
            boolean(call, is_zero)
        }),
        fixed("Local", &[Anything], in_utc),
        fixed("Minute", &[Anything], |call| part(call, |time| i64::from(time.civil().minute))),
        fixed("Month", &[Anything], |call| {
            let month = own(call).map_or(1, |own| own.time.civil().month);
            named(call, i64::from(month), "time.Month", layout::month_name(month))
        }),
        fixed("Nanosecond", &[Anything], |call| part(call, |time| i64::from(time.nanos))),
        fixed("Second", &[Anything], |call| part(call, |time| i64::from(time.civil().second))),
        fixed("String", &[Anything], |call| {
            let text = own(call).map(|own| own.print()).unwrap_or_default();
            made(call, text)
        }),
        fixed("Sub", &[Anything, DATE], sub),
        fixed("UTC", &[Anything], in_utc),
        fixed("Unix", &[Anything], |call| part64(call, |time| time.seconds)),
        fixed("UnixMicro", &[Anything], |call| part64(call, |time| since_1970(time, 1_000_000))),
        fixed("UnixMilli", &[Anything], |call| part64(call, |time| since_1970(time, 1000))),
        fixed("UnixNano", &[Anything], |call| part64(call, |time| since_1970(time, 1_000_000_000))),
        fixed("Weekday", &[Anything], |call| {
            let weekday = own(call).map_or(0, |own| own.time.civil().weekday);
            named(call, i64::from(weekday), "time.Weekday", layout::weekday_name(weekday))
        }),
        fixed("Year", &[Anything], |call| part(call, |time| time.civil().year)),
        fixed("YearDay", &[Anything], |call| part(call, |time| i64::from(time.civil().year_day))),
    ],
};

/// The methods of durations.
pub const DURATION_METHODS: Methods = Methods {
    of: "time.Duration",
    functions: &[
        fixed("Hours", &[Anything], |call| nanos_by(call, 3_600_000_000_000.0)),
        fixed("Microseconds", &[Anything], |call| whole_nanos_by(call, 1000)),
        fixed("Milliseconds", &[Anything], |call| whole_nanos_by(call, 1_000_000)),
        fixed("Minutes", &[Anything], |call| nanos_by(call, 60_000_000_000.0)),
        fixed("Nanoseconds", &[Anything], |call| whole_nanos_by(call, 1)),
        fixed("Seconds", &[Anything], |call| nanos_by(call, 1_000_000_000.0)),
        fixed("String", &[Anything], |call| {
            let text = layout::duration_text(nanos_of(call));
            made(call, text)
        }),
    ],
};

/// Go's `time.Time`.
#[derive(Debug)]
pub struct Date {
    time: Time,
    origin: Origin,
    /// Whether it comes from the clock as it is, which prints what another clock shows as well.
    monotonic: bool,
}

impl Date {
    /// As JSON, YAML and TOML have it.
    pub fn rfc3339(&self) -> String {
        self.time.format("2006-01-02T15:04:05.999999999Z07:00")
    }
}

impl Object for Date {
    fn type_name(&self) -> &'static str {
        "time.Time"
    }

    fn kind_name(&self) -> &'static str {
        "struct"
    }

    fn field(&self, _: &str) -> Option<Value> {
        None
    }

    fn print(&self) -> String {
        let text = self.time.format("2006-01-02 15:04:05.999999999 -0700 MST");
        if self.monotonic { format!("{text} m=+0.000000000") } else { text }
    }

    fn plain(&self) -> Value {
        Value::String(Text::new(self.rfc3339(), self.origin))
    }

    fn origin(&self) -> Origin {
        self.origin
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// A date as a value.
pub fn date(time: Time, origin: Origin, monotonic: bool) -> Value {
    Value::Object(Rc::new(Date { time, origin, monotonic }))
}

fn named(call: &Call<'_, '_>, number: i64, of: &'static str, text: impl Into<String>) -> Answer {
    Ok(Value::Object(Rc::new(Named { number, of, text: text.into(), origin: call.origin() })))
}

/// What the clock shows.
fn now(call: &Call<'_, '_>) -> Time {
    let now = call.host::<Host>().map_or(FIXED_NOW, Host::now);
    Time::utc(now.seconds, now.nanos)
}

fn date_of(value: &Value) -> Option<&Date> {
    match value {
        Value::Object(object) => object.as_any().downcast_ref::<Date>(),
        _ => None,
    }
}

/// The receiver of a method.
fn own<'c>(call: &Call<'c, '_>) -> Option<&'c Date> {
    let args: &'c [Value] = call.args;
    args.first().and_then(date_of)
}

/// A date argument.
fn date_arg<'c>(call: &Call<'c, '_>, index: usize) -> Option<&'c Date> {
    let args: &'c [Value] = call.args;
    args.get(index).and_then(date_of)
}

/// What functions take for a date: a date, or seconds as one of some types; the clock for anything else, which is drawn then.
fn any_date(call: &Call<'_, '_>, index: usize, types: &[&str]) -> (Time, bool) {
    match call.args.get(index) {
        Some(value @ Value::Int(number, _)) if types.contains(&value.type_name()) => {
            (Time::utc(super::convert::wrapped(*number), 0), false)
        }
        Some(value) => match date_of(value) {
            Some(date) => (date.time.clone(), false),
            None => (now(call), true),
        },
        None => (now(call), true),
    }
}

fn in_zone(call: &mut Call<'_, '_>, index: usize, layout: Text, zone: &str) -> Answer {
    let (time, drawn) = any_date(call, index, &["int64", "int", "int32"]);
    let zone = Zone::named(zone).unwrap_or(Zone::Utc);
    call.evaluation.charge_text(layout.len().saturating_mul(10))?;
    let text = Time { zone, ..time }.format(&layout.to_str());
    let origin = call.origin();
    Ok(Value::String(Text::new(text, Origin { drawn: origin.drawn || drawn, ..origin })))
}

fn date_in_zone(call: &mut Call<'_, '_>) -> Answer {
    let zone = call.text(2);
    in_zone(call, 1, call.text(0), &zone.to_str())
}

fn modified(call: &mut Call<'_, '_>, must: bool) -> Answer {
    let text = call.text(0);
    let Some(own) = date_arg(call, 1) else { return Ok(call.arg(1)) };
    match layout::parse_duration(&text.to_str()) {
        Some(nanos) => Ok(date(own.time.later_by(nanos), call.origin(), own.monotonic)),
        None if must => refuse(format!("time: invalid duration {:?}", text.to_str())),
        None => Ok(call.arg(1)),
    }
}

fn ago(call: &mut Call<'_, '_>) -> Answer {
    let (time, _) = any_date(call, 0, &["int64", "int"]);
    let nanos = now(call).since(&time);
    let second = 1_000_000_000_i64;
    let half = second / 2 * nanos.signum();
    let rounded = nanos.checked_add(half).map_or(nanos, |nanos| nanos / second * second);
    let origin = call.origin();
    Ok(Value::String(Text::new(layout::duration_text(rounded), Origin { drawn: true, ..origin })))
}

fn duration(call: &mut Call<'_, '_>) -> Answer {
    let seconds = match call.arg(0) {
        Value::String(text) => {
            let text = text.to_str();
            let clamped = if text.starts_with('-') { i64::MIN } else { i64::MAX };
            let digits = text.strip_prefix(['+', '-']).unwrap_or(&text);
            let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            parse_int(&text, 10).unwrap_or(if is_number { clamped } else { 0 })
        }
        Value::Int(number, _) if number.of == crate::gotemplate::value::IntType::Int64 => {
            super::convert::wrapped(number)
        }
        _ => 0,
    };
    made(call, layout::duration_text(seconds.wrapping_mul(1_000_000_000)))
}

/// A duration in its largest unit alone: `3d`.
fn duration_round(call: &mut Call<'_, '_>) -> Answer {
    let mut drawn = false;
    let nanos = match call.arg(0) {
        Value::String(text) => layout::parse_duration(&text.to_str()).unwrap_or(0),
        Value::Int(number, _) if number.of == crate::gotemplate::value::IntType::Int64 => {
            super::convert::wrapped(number)
        }
        value => match date_of(&value) {
            Some(date) => {
                drawn = true;
                now(call).since(&date.time)
            }
            None => 0,
        },
    };
    const SECOND: u64 = 1_000_000_000;
    const HOUR: u64 = 3600 * SECOND;
    const UNITS: [(u64, &str); 6] = [
        (365 * 24 * HOUR, "y"),
        (30 * 24 * HOUR, "mo"),
        (24 * HOUR, "d"),
        (HOUR, "h"),
        (60 * SECOND, "m"),
        (SECOND, "s"),
    ];
    let size = nanos.unsigned_abs();
    let found = UNITS.iter().find(|(unit, _)| size > *unit);
    let text = found.map_or_else(|| "0s".to_owned(), |(unit, name)| format!("{}{name}", size / unit));
    let origin = call.origin();
    Ok(Value::String(Text::new(text, Origin { drawn: origin.drawn || drawn, ..origin })))
}

fn to_date(call: &mut Call<'_, '_>, must: bool) -> Answer {
    let (layout, text) = (call.text(0), call.text(1));
    call.evaluation.charge_fuel(layout.len() / 8 + text.len() / 8)?;
    match Time::parse(&layout.to_str(), &text.to_str()) {
        Ok(time) => Ok(date(time, call.origin(), false)),
        Err(message) if must => refuse(message),
        Err(_) => Ok(date(Time::utc(layout::ZERO, 0), call.origin(), false)),
    }
}

fn unix_epoch(call: &mut Call<'_, '_>) -> Answer {
    let seconds = own(call).map_or(0, |own| own.time.seconds);
    made(call, seconds.to_string())
}

fn part(call: &mut Call<'_, '_>, part: fn(&Time) -> i64) -> Answer {
    let number = own(call).map_or(0, |own| part(&own.time));
    int(call, number)
}

fn part64(call: &mut Call<'_, '_>, part: fn(&Time) -> i64) -> Answer {
    let number = own(call).map_or(0, |own| part(&own.time));
    int64(call, number)
}

/// So many parts of a second since 1970.
fn since_1970(time: &Time, parts: i64) -> i64 {
    time.seconds.wrapping_mul(parts).wrapping_add(i64::from(time.nanos) / (1_000_000_000 / parts))
}

fn compared(call: &mut Call<'_, '_>, holds: fn(std::cmp::Ordering) -> bool) -> Answer {
    let (Some(own), Some(other)) = (own(call), date_arg(call, 1)) else { return refuse("it is not a date") };
    let order = (own.time.seconds, own.time.nanos).cmp(&(other.time.seconds, other.time.nanos));
    boolean(call, holds(order))
}

fn in_utc(call: &mut Call<'_, '_>) -> Answer {
    let Some(own) = own(call) else { return Ok(call.arg(0)) };
    Ok(date(Time { zone: Zone::Utc, ..own.time.clone() }, call.origin(), false))
}

fn add(call: &mut Call<'_, '_>) -> Answer {
    let Some(own) = own(call) else { return Ok(call.arg(0)) };
    Ok(date(own.time.later_by(nanos_at(call, 1)), call.origin(), own.monotonic))
}

fn add_date(call: &mut Call<'_, '_>) -> Answer {
    let Some(own) = own(call) else { return Ok(call.arg(0)) };
    let civil = own.time.civil();
    let clamp = |index: usize| int_arg(call, index).clamp(-1_000_000_000, 1_000_000_000);
    let (years, months, days) = (clamp(1), clamp(2), clamp(3));
    let before = layout::days_from_civil(civil.year, i64::from(civil.month), i64::from(civil.day));
    let after = layout::days_from_civil(
        civil.year + years,
        i64::from(civil.month) + months,
        i64::from(civil.day) + days,
    );
    let seconds = own.time.seconds.saturating_add((after - before).saturating_mul(86_400));
    Ok(date(Time { seconds, ..own.time.clone() }, call.origin(), false))
}

fn sub(call: &mut Call<'_, '_>) -> Answer {
    let (Some(own), Some(other)) = (own(call), date_arg(call, 1)) else { return refuse("it is not a date") };
    let nanos = own.time.since(&other.time);
    named(call, nanos, "time.Duration", layout::duration_text(nanos))
}

/// The nanoseconds of a duration argument.
fn nanos_at(call: &Call<'_, '_>, index: usize) -> i64 {
    match call.args.get(index) {
        Some(Value::Object(object)) => {
            object.as_any().downcast_ref::<Named>().map_or(0, |named| named.number)
        }
        _ => int_arg(call, index),
    }
}

fn nanos_of(call: &Call<'_, '_>) -> i64 {
    nanos_at(call, 0)
}

fn nanos_by(call: &mut Call<'_, '_>, unit: f64) -> Answer {
    let nanos = super::convert::as_float(i128::from(nanos_of(call)));
    super::convert::float(call, nanos / unit)
}

fn whole_nanos_by(call: &mut Call<'_, '_>, unit: i64) -> Answer {
    int64(call, nanos_of(call) / unit)
}
