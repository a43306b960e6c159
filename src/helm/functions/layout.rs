//! Dates as Go prints and reads them: by a layout that shows how the 2nd of January 2006, 15:04:05 would be written.

use std::rc::Rc;

use jiff::tz::TimeZone;

/// A moment, and the zone that it is told in.
#[derive(Clone, Debug)]
pub struct Time {
    /// Seconds since 1970.
    pub seconds: i64,
    /// Nanoseconds behind the second.
    pub nanos: u32,
    /// The zone.
    pub zone: Zone,
}

/// Where clocks show something else.
#[derive(Clone, Debug)]
pub enum Zone {
    /// UTC.
    Utc,
    /// Always the same difference, with a name, which may be empty.
    Fixed(i32, Rc<str>),
    /// A place of the time zone database.
    Place(TimeZone),
}

/// Seconds of a day.
const DAY: i64 = 86_400;

/// The first second of the year 1, which is what Go has in the place of no date.
pub const ZERO: i64 = -62_135_596_800;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

const WEEKDAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// The name of a month, 1 to 12.
pub fn month_name(month: u32) -> &'static str {
    (month as usize).checked_sub(1).and_then(|index| MONTHS.get(index)).copied().unwrap_or("%!Month(0)")
}

/// The name of a weekday, from 0 for Sunday on.
pub fn weekday_name(weekday: u32) -> &'static str {
    WEEKDAYS.get(weekday as usize).copied().unwrap_or("%!Weekday(7)")
}

impl Zone {
    /// The zone of a name, as Go's `LoadLocation` finds it. `Local` is UTC here, wherever the program runs.
    pub fn named(name: &str) -> Option<Zone> {
        if matches!(name, "" | "UTC" | "Local") {
            return Some(Zone::Utc);
        }
        let zone = TimeZone::get(name).ok()?;
        (zone.iana_name() == Some(name)).then_some(Zone::Place(zone))
    }

    /// The difference to UTC in seconds, and the abbreviation.
    fn at(&self, seconds: i64) -> (i64, String) {
        match self {
            Zone::Utc => (0, "UTC".to_owned()),
            Zone::Fixed(offset, name) => (i64::from(*offset), name.to_string()),
            Zone::Place(zone) => {
                let bounds = (jiff::Timestamp::MIN.as_second(), jiff::Timestamp::MAX.as_second());
                let at = jiff::Timestamp::from_second(seconds.clamp(bounds.0, bounds.1)).unwrap_or_default();
                let info = zone.to_offset_info(at);
                (i64::from(info.offset().seconds()), info.abbreviation().to_owned())
            }
        }
    }
}

/// A moment as a calendar and a clock show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Civil {
    /// The year; before the year 1 they go on with 0.
    pub year: i64,
    /// 1 to 12
    pub month: u32,
    /// 1 to 31
    pub day: u32,
    /// 0 to 23
    pub hour: u32,
    /// 0 to 59
    pub minute: u32,
    /// 0 to 59
    pub second: u32,
    /// 0 is Sunday.
    pub weekday: u32,
    /// 1 to 366
    pub year_day: u32,
}

/// The days from 1970-01-01 to a day; months and days may be out of their ranges.
pub fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = year.saturating_add((month - 1).div_euclid(12));
    let month = (month - 1).rem_euclid(12) + 1;
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era.saturating_mul(146_097).saturating_add(day_of_era).saturating_sub(719_468).saturating_add(day - 1)
}

fn days_in_month(year: i64, month: u32) -> u32 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "each is within its range")]
fn civil_of(seconds: i64) -> Civil {
    let (days, rest) = (seconds.div_euclid(DAY), seconds.rem_euclid(DAY));
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    Civil {
        year,
        month: month as u32,
        day: day as u32,
        hour: (rest / 3600) as u32,
        minute: (rest / 60 % 60) as u32,
        second: (rest % 60) as u32,
        weekday: (days + 4).rem_euclid(7) as u32,
        year_day: (days - days_from_civil(year, 1, 1) + 1) as u32,
    }
}

/// A piece of a layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Chunk {
    LongMonth,
    Month,
    NumMonth,
    ZeroMonth,
    LongWeekday,
    Weekday,
    Day,
    UnderDay,
    ZeroDay,
    UnderYearDay,
    ZeroYearDay,
    Hour,
    Hour12,
    ZeroHour12,
    Minute,
    ZeroMinute,
    Second,
    ZeroSecond,
    LongYear,
    Year,
    Pm,
    LowerPm,
    Abbreviation,
    /// A difference to UTC: with `Z` for none, with colons, and how many of hours, minutes and seconds.
    Offset {
        z: bool,
        colons: bool,
        parts: usize,
    },
    /// So many digits of a fraction; with zeros at the end, or without.
    Fraction {
        digits: usize,
        zeros: bool,
    },
}

/// What a layout shows in words and signs, the longest of those that begin alike first.
const CHUNKS: [(&str, Chunk); 33] = [
    ("January", Chunk::LongMonth),
    ("Monday", Chunk::LongWeekday),
    ("MST", Chunk::Abbreviation),
    ("002", Chunk::ZeroYearDay),
    ("01", Chunk::ZeroMonth),
    ("02", Chunk::ZeroDay),
    ("03", Chunk::ZeroHour12),
    ("04", Chunk::ZeroMinute),
    ("05", Chunk::ZeroSecond),
    ("06", Chunk::Year),
    ("15", Chunk::Hour),
    ("1", Chunk::NumMonth),
    ("2006", Chunk::LongYear),
    ("2", Chunk::Day),
    ("__2", Chunk::UnderYearDay),
    ("_2", Chunk::UnderDay),
    ("3", Chunk::Hour12),
    ("4", Chunk::Minute),
    ("5", Chunk::Second),
    ("PM", Chunk::Pm),
    ("pm", Chunk::LowerPm),
    ("-070000", Chunk::Offset { z: false, colons: false, parts: 3 }),
    ("-07:00:00", Chunk::Offset { z: false, colons: true, parts: 3 }),
    ("-0700", Chunk::Offset { z: false, colons: false, parts: 2 }),
    ("-07:00", Chunk::Offset { z: false, colons: true, parts: 2 }),
    ("-07", Chunk::Offset { z: false, colons: false, parts: 1 }),
    ("Z070000", Chunk::Offset { z: true, colons: false, parts: 3 }),
    ("Z07:00:00", Chunk::Offset { z: true, colons: true, parts: 3 }),
    ("Z0700", Chunk::Offset { z: true, colons: false, parts: 2 }),
    ("Z07:00", Chunk::Offset { z: true, colons: true, parts: 2 }),
    ("Z07", Chunk::Offset { z: true, colons: false, parts: 1 }),
    ("Jan", Chunk::Month),
    ("Mon", Chunk::Weekday),
];

/// The first piece of a layout: what stands before it, itself, and what comes behind it.
fn next_chunk(layout: &str) -> (&str, Option<Chunk>, &str) {
    for (at, char) in layout.char_indices() {
        let rest = layout.get(at..).unwrap_or_default();
        if !"JM0123456789_PpZ-.,".contains(char) {
            continue;
        }
        if let Some((chunk, length)) = chunk_at(rest) {
            return (
                layout.get(..at).unwrap_or_default(),
                Some(chunk),
                rest.get(length..).unwrap_or_default(),
            );
        }
        if rest.starts_with("_2006") {
            return (
                layout.get(..=at).unwrap_or_default(),
                Some(Chunk::LongYear),
                rest.get(5..).unwrap_or_default(),
            );
        }
    }
    (layout, None, "")
}

fn chunk_at(text: &str) -> Option<(Chunk, usize)> {
    if let Some(fraction) = text.strip_prefix(['.', ',']) {
        let digit = fraction.chars().next().filter(|char| matches!(char, '0' | '9'))?;
        let digits = fraction.len() - fraction.trim_start_matches(digit).len();
        let ends = !fraction.get(digits..)?.starts_with(|char: char| char.is_ascii_digit());
        return ends.then_some((Chunk::Fraction { digits, zeros: digit == '0' }, digits + 1));
    }
    if text.starts_with("_2006") {
        return None;
    }
    let (words, chunk) = CHUNKS.iter().find(|(words, _)| text.starts_with(words))?;
    let goes_on = text.get(words.len()..)?.starts_with(|char: char| char.is_ascii_lowercase());
    if matches!(chunk, Chunk::Month | Chunk::Weekday) && goes_on {
        return None;
    }
    Some((*chunk, words.len()))
}

impl Time {
    /// A moment in UTC.
    pub fn utc(seconds: i64, nanos: u32) -> Time {
        Time { seconds, nanos, zone: Zone::Utc }
    }

    /// What the calendar and the clock show.
    pub fn civil(&self) -> Civil {
        civil_of(self.seconds.saturating_add(self.zone.at(self.seconds).0))
    }

    /// A moment so many nanoseconds later.
    #[must_use]
    pub fn later_by(&self, nanos: i64) -> Time {
        let sum = i64::from(self.nanos) + nanos.rem_euclid(1_000_000_000);
        let seconds = nanos.div_euclid(1_000_000_000) + sum / 1_000_000_000;
        let nanos = u32::try_from(sum % 1_000_000_000).unwrap_or(0);
        Time { seconds: self.seconds.wrapping_add(seconds), nanos, zone: self.zone.clone() }
    }

    /// The nanoseconds from another moment to this one, as many as there can be.
    pub fn since(&self, other: &Time) -> i64 {
        let seconds = i128::from(self.seconds) - i128::from(other.seconds);
        let nanos = seconds * 1_000_000_000 + i128::from(self.nanos) - i128::from(other.nanos);
        i64::try_from(nanos).unwrap_or(if nanos < 0 { i64::MIN } else { i64::MAX })
    }

    /// The moment written by a layout.
    pub fn format(&self, layout: &str) -> String {
        let (offset, abbreviation) = self.zone.at(self.seconds);
        let civil = civil_of(self.seconds.saturating_add(offset));
        let mut out = String::new();
        let mut rest = layout;
        loop {
            let (before, chunk, behind) = next_chunk(rest);
            out.push_str(before);
            let Some(chunk) = chunk else { return out };
            rest = behind;
            let hour12 = if civil.hour.is_multiple_of(12) { 12 } else { civil.hour % 12 };
            let padded = |number: u32| format!("{number:02}");
            match chunk {
                Chunk::LongMonth => out.push_str(month_name(civil.month)),
                Chunk::Month => out.push_str(month_name(civil.month).get(..3).unwrap_or_default()),
                Chunk::NumMonth => out.push_str(&civil.month.to_string()),
                Chunk::ZeroMonth => out.push_str(&padded(civil.month)),
                Chunk::LongWeekday => out.push_str(weekday_name(civil.weekday)),
                Chunk::Weekday => out.push_str(weekday_name(civil.weekday).get(..3).unwrap_or_default()),
                Chunk::Day => out.push_str(&civil.day.to_string()),
                Chunk::UnderDay => out.push_str(&format!("{:2}", civil.day)),
                Chunk::ZeroDay => out.push_str(&padded(civil.day)),
                Chunk::UnderYearDay => out.push_str(&format!("{:3}", civil.year_day)),
                Chunk::ZeroYearDay => out.push_str(&format!("{:03}", civil.year_day)),
                Chunk::Hour => out.push_str(&padded(civil.hour)),
                Chunk::Hour12 => out.push_str(&hour12.to_string()),
                Chunk::ZeroHour12 => out.push_str(&padded(hour12)),
                Chunk::Minute => out.push_str(&civil.minute.to_string()),
                Chunk::ZeroMinute => out.push_str(&padded(civil.minute)),
                Chunk::Second => out.push_str(&civil.second.to_string()),
                Chunk::ZeroSecond => out.push_str(&padded(civil.second)),
                Chunk::LongYear if civil.year < 0 => out.push_str(&format!("-{:04}", -civil.year)),
                Chunk::LongYear => out.push_str(&format!("{:04}", civil.year)),
                Chunk::Year => out.push_str(&format!("{:02}", civil.year.max(0) % 100)),
                Chunk::Pm => out.push_str(if civil.hour >= 12 { "PM" } else { "AM" }),
                Chunk::LowerPm => out.push_str(if civil.hour >= 12 { "pm" } else { "am" }),
                Chunk::Abbreviation if abbreviation.is_empty() => {
                    out.push_str(&offset_text(offset, false, 2))
                }
                Chunk::Abbreviation => out.push_str(&abbreviation),
                Chunk::Offset { z: true, .. } if offset == 0 => out.push('Z'),
                Chunk::Offset { colons, parts, .. } => out.push_str(&offset_text(offset, colons, parts)),
                Chunk::Fraction { digits, zeros } => {
                    let all = format!("{:09}", self.nanos);
                    let digits = all.get(..digits.min(9)).unwrap_or_default();
                    let digits = if zeros { digits } else { digits.trim_end_matches('0') };
                    if !digits.is_empty() {
                        let consumed = layout.len() - rest.len();
                        let sign = layout.get(..consumed).unwrap_or_default().trim_end_matches(['0', '9']);
                        out.push(if sign.ends_with(',') { ',' } else { '.' });
                        out.push_str(digits);
                    }
                }
            }
        }
    }

    /// Reads a date by a layout.
    ///
    /// # Errors
    /// In words, when the text is not of the layout.
    pub fn parse(layout: &str, text: &str) -> Result<Time, String> {
        let wrong = |what: &str| format!("parsing time {text:?} as {layout:?}: {what}");
        let mut reader = Reader {
            layout,
            rest: text,
            year: 0,
            month: None,
            day: None,
            year_day: None,
            ..Reader::default()
        };
        reader.read().map_err(|problem| wrong(&problem))
    }
}

fn offset_text(offset: i64, colons: bool, parts: usize) -> String {
    let sign = if offset < 0 { '-' } else { '+' };
    let offset = offset.abs();
    let numbers = [offset / 3600, offset / 60 % 60, offset % 60];
    let numbers: Vec<String> = numbers.iter().take(parts).map(|number| format!("{number:02}")).collect();
    format!("{sign}{}", numbers.join(if colons { ":" } else { "" }))
}

/// What was read of a date so far.
#[derive(Default)]
struct Reader<'t> {
    layout: &'t str,
    rest: &'t str,
    year: i64,
    month: Option<u32>,
    day: Option<u32>,
    year_day: Option<u32>,
    hour: u32,
    minute: u32,
    second: u32,
    nanos: u32,
    pm: Option<bool>,
    offset: Option<i32>,
    is_utc: bool,
    abbreviation: String,
}

fn is_digit(text: &str, at: usize) -> bool {
    text.as_bytes().get(at).is_some_and(u8::is_ascii_digit)
}

impl<'t> Reader<'t> {
    fn advance(&mut self, by: usize) {
        self.rest = self.rest.get(by..).unwrap_or_default();
    }

    /// Passes over what a layout has between its pieces; any number of spaces stands for any number.
    fn skip(&mut self, prefix: &str) -> Result<(), String> {
        let mut prefix = prefix;
        while let Some(char) = prefix.chars().next() {
            if char == ' ' {
                if !self.rest.is_empty() && !self.rest.starts_with(' ') {
                    return Err("a space is missing".to_owned());
                }
                prefix = prefix.trim_start_matches(' ');
                self.rest = self.rest.trim_start_matches(' ');
                continue;
            }
            let Some(rest) = self.rest.strip_prefix(char) else {
                return Err(format!("cannot parse {:?} as {prefix:?}", self.rest));
            };
            self.rest = rest;
            prefix = prefix.get(char.len_utf8()..).unwrap_or_default();
        }
        Ok(())
    }

    /// A number of one or two digits; of two if it is `fixed`.
    fn number(&mut self, fixed: bool, most: u32) -> Result<u32, String> {
        let digits = match (is_digit(self.rest, 0), is_digit(self.rest, 1)) {
            (true, true) => 2,
            (true, false) if !fixed => 1,
            _ => return Err(format!("cannot parse {:?} as a number", self.rest)),
        };
        let number = self.rest.get(..digits).and_then(|digits| digits.parse().ok()).unwrap_or(0);
        if number > most {
            return Err("out of range".to_owned());
        }
        self.advance(digits);
        Ok(number)
    }

    /// One of several names, whatever the case of its letters; its number.
    fn name(&mut self, names: &[&str], length: Option<usize>) -> Result<u32, String> {
        let fits = |name: &&&str| {
            let name = length.map_or(**name, |length| name.get(..length).unwrap_or_default());
            self.rest.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
        };
        let Some((index, name)) = names.iter().enumerate().find(|(_, name)| fits(name)) else {
            return Err(format!("cannot parse {:?} as a name", self.rest));
        };
        self.advance(length.unwrap_or(name.len()));
        Ok(u32::try_from(index).unwrap_or(0))
    }

    /// So many digits behind a point or comma.
    fn fraction(&mut self, digits: usize) -> Result<(), String> {
        let bad = format!("cannot parse {:?} as a fraction", self.rest);
        if !self.rest.starts_with(['.', ',']) {
            return Err(bad);
        }
        let Some(text) =
            self.rest.get(1..=digits).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))
        else {
            return Err(bad);
        };
        let kept = text.get(..digits.min(9)).unwrap_or_default();
        self.nanos = format!("{kept:0<9}").parse().unwrap_or(0);
        self.advance(digits + 1);
        Ok(())
    }

    /// The number of digits behind a point or comma.
    fn fraction_digits(&self) -> usize {
        match self.rest.strip_prefix(['.', ',']) {
            Some(rest) => rest.bytes().take_while(u8::is_ascii_digit).count(),
            None => 0,
        }
    }

    fn read(&mut self) -> Result<Time, String> {
        loop {
            let (before, chunk, behind) = next_chunk(self.layout);
            self.skip(before)?;
            let Some(chunk) = chunk else { break };
            self.layout = behind;
            self.chunk(chunk)?;
        }
        if !self.rest.is_empty() {
            return Err(format!("extra text: {:?}", self.rest));
        }
        self.finish()
    }

    fn chunk(&mut self, chunk: Chunk) -> Result<(), String> {
        match chunk {
            Chunk::Year => {
                let year = i64::from(self.number(true, 99)?);
                self.year = if year >= 69 { year + 1900 } else { year + 2000 };
            }
            Chunk::LongYear => {
                if !(0..4).all(|at| is_digit(self.rest, at)) {
                    return Err(format!("cannot parse {:?} as \"2006\"", self.rest));
                }
                self.year = self.rest.get(..4).and_then(|year| year.parse().ok()).unwrap_or(0);
                self.advance(4);
            }
            Chunk::Month => self.month = Some(self.name(&MONTHS, Some(3))? + 1),
            Chunk::LongMonth => self.month = Some(self.name(&MONTHS, None)? + 1),
            Chunk::NumMonth | Chunk::ZeroMonth => {
                let month = self.number(chunk == Chunk::ZeroMonth, 12)?;
                if month == 0 {
                    return Err("month out of range".to_owned());
                }
                self.month = Some(month);
            }
            Chunk::Weekday => {
                self.name(&WEEKDAYS, Some(3))?;
            }
            Chunk::LongWeekday => {
                self.name(&WEEKDAYS, None)?;
            }
            Chunk::Day | Chunk::UnderDay | Chunk::ZeroDay => {
                if chunk == Chunk::UnderDay && self.rest.starts_with(' ') {
                    self.advance(1);
                }
                self.day = Some(self.number(chunk == Chunk::ZeroDay, 99)?);
            }
            Chunk::UnderYearDay | Chunk::ZeroYearDay => {
                for _ in 0..2 {
                    if chunk == Chunk::UnderYearDay && self.rest.starts_with(' ') {
                        self.advance(1);
                    }
                }
                let digits = self.rest.bytes().take(3).take_while(u8::is_ascii_digit).count();
                if digits == 0 || chunk == Chunk::ZeroYearDay && digits < 3 {
                    return Err(format!("cannot parse {:?} as a day of the year", self.rest));
                }
                self.year_day = self.rest.get(..digits).and_then(|day| day.parse().ok());
                self.advance(digits);
            }
            Chunk::Hour => self.hour = self.number(false, 23)?,
            Chunk::Hour12 | Chunk::ZeroHour12 => self.hour = self.number(chunk == Chunk::ZeroHour12, 12)?,
            Chunk::Minute | Chunk::ZeroMinute => self.minute = self.number(chunk == Chunk::ZeroMinute, 59)?,
            Chunk::Second | Chunk::ZeroSecond => {
                self.second = self.number(chunk == Chunk::ZeroSecond, 59)?;
                // A fraction may follow that the layout does not show.
                let digits = self.fraction_digits();
                if digits > 0 && !matches!(next_chunk(self.layout).1, Some(Chunk::Fraction { .. })) {
                    self.fraction(digits)?;
                }
            }
            Chunk::Pm => self.pm = Some(self.half_day("AM", "PM")?),
            Chunk::LowerPm => self.pm = Some(self.half_day("am", "pm")?),
            Chunk::Offset { z: true, .. } if self.rest.starts_with('Z') => {
                self.advance(1);
                self.is_utc = true;
            }
            Chunk::Offset { colons, parts, .. } => self.offset = Some(self.read_offset(colons, parts)?),
            Chunk::Abbreviation if self.rest.starts_with("UTC") => {
                self.advance(3);
                self.is_utc = true;
            }
            Chunk::Abbreviation => {
                let length = abbreviation_length(self.rest)
                    .ok_or_else(|| format!("cannot parse {:?} as \"MST\"", self.rest))?;
                self.abbreviation = self.rest.get(..length).unwrap_or_default().to_owned();
                self.advance(length);
            }
            Chunk::Fraction { digits, zeros: true } => self.fraction(digits)?,
            Chunk::Fraction { zeros: false, .. } => {
                let digits = self.fraction_digits();
                if digits > 0 {
                    self.fraction(digits)?;
                }
            }
        }
        Ok(())
    }

    fn half_day(&mut self, first: &str, second: &str) -> Result<bool, String> {
        let is_second = self.rest.starts_with(second);
        if !is_second && !self.rest.starts_with(first) {
            return Err(format!("cannot parse {:?} as \"PM\"", self.rest));
        }
        self.advance(2);
        Ok(is_second)
    }

    fn read_offset(&mut self, colons: bool, parts: usize) -> Result<i32, String> {
        let bad = format!("cannot parse {:?} as a time zone", self.rest);
        let negative = self.rest.starts_with('-');
        if !negative && !self.rest.starts_with('+') {
            return Err(bad);
        }
        self.advance(1);
        let mut offset = 0_i32;
        for (part, (unit, most)) in [(3600, 24), (60, 59), (1, 59)].into_iter().take(parts).enumerate() {
            if colons && part > 0 {
                let Some(rest) = self.rest.strip_prefix(':') else { return Err(bad) };
                self.rest = rest;
            }
            let number = self.number(true, most).map_err(|_| bad.clone())?;
            offset += i32::try_from(number).unwrap_or(0) * unit;
        }
        Ok(if negative { -offset } else { offset })
    }

    fn finish(&mut self) -> Result<Time, String> {
        match self.pm {
            Some(true) if self.hour < 12 => self.hour += 12,
            Some(false) if self.hour == 12 => self.hour = 0,
            _ => {}
        }
        let (month, day) = match self.year_day {
            Some(year_day) => self.day_of_year(year_day)?,
            None => (self.month.unwrap_or(1), self.day.unwrap_or(1)),
        };
        if day < 1 || day > days_in_month(self.year, month) {
            return Err("day out of range".to_owned());
        }
        let days = days_from_civil(self.year, i64::from(month), i64::from(day));
        let clock = i64::from(self.hour) * 3600 + i64::from(self.minute) * 60 + i64::from(self.second);
        let seconds = days * DAY + clock;
        let name = std::mem::take(&mut self.abbreviation);
        let (offset, zone) = if self.is_utc {
            (0, Zone::Utc)
        } else if let Some(offset) = self.offset {
            let is_utc = offset == 0 && (name.is_empty() || name == "UTC");
            (offset, if is_utc { Zone::Utc } else { Zone::Fixed(offset, name.into()) })
        } else if name.is_empty() {
            (0, Zone::Utc)
        } else {
            let hours = name.strip_prefix("GMT").and_then(|hours| hours.parse::<i32>().ok()).unwrap_or(0);
            (hours * 3600, Zone::Fixed(hours * 3600, name.into()))
        };
        Ok(Time { seconds: seconds - i64::from(offset), nanos: self.nanos, zone })
    }

    fn day_of_year(&self, year_day: u32) -> Result<(u32, u32), String> {
        let wrong = || "day-of-year out of range".to_owned();
        let mut left = year_day;
        if left == 0 {
            return Err(wrong());
        }
        for month in 1..=12 {
            let days = days_in_month(self.year, month);
            if left <= days {
                let fits =
                    self.month.is_none_or(|own| own == month) && self.day.is_none_or(|own| own == left);
                return if fits { Ok((month, left)) } else { Err("day-of-year does not match".to_owned()) };
            }
            left -= days;
        }
        Err(wrong())
    }
}

/// The length of an abbreviation of a time zone at the beginning of a text: three to five letters, `GMT+3`, or `+03`.
fn abbreviation_length(text: &str) -> Option<usize> {
    let signed = |text: &str| {
        let digits = text.strip_prefix(['+', '-'])?.bytes().take_while(u8::is_ascii_digit).count();
        let hours: i32 = text.get(1..=digits)?.parse().ok()?;
        (hours < 24).then_some(digits + 1)
    };
    if text.starts_with("ChST") || text.starts_with("MeST") {
        return Some(4);
    }
    if let Some(rest) = text.strip_prefix("GMT") {
        return Some(3 + signed(rest).unwrap_or(0));
    }
    if text.starts_with(['+', '-']) {
        return signed(text);
    }
    match text.bytes().take(6).take_while(u8::is_ascii_uppercase).count() {
        5 if text.get(4..5) == Some("T") => Some(5),
        4 if text.get(3..4) == Some("T") || text.starts_with("WITA") => Some(4),
        3 => Some(3),
        _ => None,
    }
}

/// A duration of so many nanoseconds as Go prints it: `1h2m3.5s`, `20ms`, `0s`.
pub fn duration_text(nanos: i64) -> String {
    let sign = if nanos < 0 { "-" } else { "" };
    let nanos = nanos.unsigned_abs();
    let fraction = |unit: u64| {
        let digits = unit.checked_ilog10().unwrap_or(0) as usize;
        let text = format!("{:0digits$}", nanos % unit);
        let text = text.trim_end_matches('0');
        if text.is_empty() || digits == 0 { String::new() } else { format!(".{text}") }
    };
    let small = |unit: u64, name: &str| format!("{sign}{}{}{name}", nanos / unit, fraction(unit));
    match nanos {
        0 => "0s".to_owned(),
        1..1000 => format!("{sign}{nanos}ns"),
        1000..1_000_000 => small(1000, "µs"),
        1_000_000..1_000_000_000 => small(1_000_000, "ms"),
        _ => {
            let seconds = nanos / 1_000_000_000;
            let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
            let last = format!("{}{}s", seconds % 60, fraction(1_000_000_000));
            match (hours, minutes) {
                (0, 0) => format!("{sign}{last}"),
                (0, minutes) => format!("{sign}{minutes}m{last}"),
                (hours, minutes) => format!("{sign}{hours}h{minutes}m{last}"),
            }
        }
    }
}

/// Nanoseconds of a duration as Go reads it: `1h2m`, `-1.5s`.
pub fn parse_duration(text: &str) -> Option<i64> {
    let negative = text.starts_with('-');
    let mut rest = text.strip_prefix(['+', '-']).unwrap_or(text);
    if rest == "0" {
        return Some(0);
    }
    if rest.is_empty() {
        return None;
    }
    let mut total = 0_u64;
    while !rest.is_empty() {
        let whole_digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (whole, behind) = rest.split_at(whole_digits);
        let (fraction, behind) = match behind.strip_prefix('.') {
            Some(behind) => behind.split_at(behind.bytes().take_while(u8::is_ascii_digit).count()),
            None => ("", behind),
        };
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let unit_length =
            behind.find(|char: char| char == '.' || char.is_ascii_digit()).unwrap_or(behind.len());
        let (unit, behind) = behind.split_at(unit_length);
        let unit: u64 = match unit {
            "ns" => 1,
            "us" | "µs" | "μs" => 1000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            _ => return None,
        };
        let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
        let mut nanos = whole.checked_mul(unit).filter(|nanos| *nanos <= 1 << 63)?;
        // Digits that no longer count are dropped.
        let digits = fraction.get(..fraction.len().min(18)).unwrap_or_default();
        if !digits.is_empty() {
            let value: u128 = digits.parse().ok()?;
            let scale = 10_u128.pow(u32::try_from(digits.len()).ok()?);
            nanos = nanos.checked_add(u64::try_from(value * u128::from(unit) / scale).ok()?)?;
        }
        total = total.checked_add(nanos).filter(|total| *total <= 1 << 63)?;
        rest = behind;
    }
    match (negative, total) {
        (true, total) => i64::try_from(-i128::from(total)).ok(),
        (false, total) => i64::try_from(total).ok(),
    }
}
