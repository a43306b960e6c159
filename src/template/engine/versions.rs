//! Versions in expressions: `semver(…)`, and comparisons with it and with `kube.version`.
//!
//! ```text
//! kube.version >= "1.4"              (kube.version)|_v >= ("1.4")|_w(">=", kube.version)
//! semver(values.tag) < "2.0.0-rc.1"  (semver(values.tag))|_v < ("2.0.0-rc.1")|_w("<")
//! ```
//!
//! As texts, `1.36` is less than `1.4`. Of several versions of a cluster each gives the same answer, or it is an error: one
//! render is for all of them.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use minijinja::value::{DynObject, Object, Value as Jinja, ValueKind};
use minijinja::{Error, ErrorKind};

/// A version of up to three numbers, with what comes before its release (`rc.1`), as semver.org compares them. What is behind
/// a `+` does not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Version {
    written: Arc<str>,
    numbers: [u64; 3],
    prerelease: Vec<Identifier>,
}

/// Numbers come before words, as in semver.org.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Identifier {
    Number(u64),
    Word(String),
}

impl Version {
    /// A version as people write it: `1.36`, `v1.36.2`, `2.0.0-rc.1+build`. What is left out is 0.
    fn parse(text: &str) -> Option<Version> {
        let number = text.strip_prefix('v').unwrap_or(text);
        let number = number.split_once('+').map_or(number, |(number, _)| number);
        let (number, before) =
            number.split_once('-').map_or((number, None), |(number, rest)| (number, Some(rest)));
        let mut numbers = [0; 3];
        let mut parts = number.split('.');
        for (at, place) in numbers.iter_mut().enumerate() {
            match parts.next() {
                Some(part) => *place = digits(part)?,
                None if at > 0 => break,
                None => return None,
            }
        }
        if parts.next().is_some() {
            return None;
        }
        let mut prerelease = Vec::new();
        for word in before.into_iter().flat_map(|before| before.split('.')) {
            if word.is_empty() || !word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
                return None;
            }
            prerelease
                .push(digits(word).map_or_else(|| Identifier::Word(word.to_owned()), Identifier::Number));
        }
        Some(Version { written: text.into(), numbers, prerelease })
    }

    fn compare(&self, other: &Version) -> Ordering {
        // A version without anything before its release is the release itself.
        let of_release = other.prerelease.is_empty().cmp(&self.prerelease.is_empty()).reverse();
        self.numbers.cmp(&other.numbers).then(of_release).then_with(|| self.prerelease.cmp(&other.prerelease))
    }
}

fn digits(text: &str) -> Option<u64> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

impl Object for Version {
    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Jinja> {
        let [major, minor, patch] = self.numbers;
        match key {
            "major" => Some(Jinja::from(major)),
            "minor" => Some(Jinja::from(minor)),
            "patch" => Some(Jinja::from(patch)),
            _ => None,
        }
    }

    fn custom_cmp(self: &Arc<Self>, other: &DynObject) -> Option<Ordering> {
        other.downcast_ref::<Version>().map(|other| self.compare(other))
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

/// `semver(text)`.
pub(super) fn semver(value: &Jinja) -> Result<Jinja, Error> {
    Ok(Jinja::from_object(version_of(value)?))
}

/// The left or right side of a comparison, which is a version. Of several versions of a cluster, the oldest: what it is
/// compared with has the same answer for all.
pub(super) fn version(value: &Jinja) -> Result<Jinja, Error> {
    match value.as_str().and_then(|text| text.split_once("..")) {
        Some((oldest, _)) => semver(&Jinja::from(oldest)),
        None => semver(value),
    }
}

/// The other side. `sign` is how the version is compared with it, and `versions` those of a cluster, if it is one of a cluster.
pub(super) fn against(value: &Jinja, sign: &str, versions: Option<&str>) -> Result<Jinja, Error> {
    let right = version_of(value)?;
    let range = versions.and_then(|versions| versions.split_once(".."));
    if let Some((oldest, newest)) = range
        && let (Some(oldest), Some(newest)) = (Version::parse(oldest), Version::parse(newest))
        && holds(&oldest, sign, &right) != holds(&newest, sign, &right)
    {
        let message = format!(
            "`kube.version` is {} to {} here, and whether it is `{sign} {}` is not the same for all of them: render for one version",
            oldest.written, newest.written, right.written
        );
        return Err(Error::new(ErrorKind::InvalidOperation, message));
    }
    Ok(Jinja::from_object(right))
}

fn holds(left: &Version, sign: &str, right: &Version) -> bool {
    let order = left.compare(right);
    match sign {
        "==" => order.is_eq(),
        "!=" => order.is_ne(),
        "<" => order.is_lt(),
        "<=" => order.is_le(),
        ">" => order.is_gt(),
        _ => order.is_ge(),
    }
}

fn version_of(value: &Jinja) -> Result<Version, Error> {
    if let Some(version) = value.downcast_object_ref::<Version>() {
        return Ok(version.clone());
    }
    let wrong = |message: Cow<'static, str>| Error::new(ErrorKind::InvalidOperation, message);
    match value.as_str() {
        Some(text) => Version::parse(text)
            .ok_or_else(|| wrong("this is not a version, such as `1.36` or `2.0.0-rc.1`".into())),
        None if value.kind() == ValueKind::Number => {
            Err(wrong("a version is a text: write it in quotes, as `1.10` would be 1.1".into()))
        }
        None => Err(wrong("a version is a text, such as `1.36` or `2.0.0-rc.1`".into())),
    }
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use super::Version;

    #[test]
    fn versions_are_compared_as_semver_does() {
        let ascending = [
            "0.9",
            "1",
            "1.4",
            "v1.30.0",
            "1.36.0-alpha.1",
            "1.36.0-alpha.beta",
            "1.36.0-rc.2",
            "1.36.0-rc.10",
            "1.36",
            "1.36.1",
            "2.0.0-0",
            "2",
        ];
        for (at, one) in ascending.iter().enumerate() {
            for (other_at, other) in ascending.iter().enumerate() {
                let order =
                    Version::parse(one).zip(Version::parse(other)).map(|(one, other)| one.compare(&other));
                assert_eq!(order, Some(at.cmp(&other_at)), "{one} {other}");
            }
        }
        let equal = Version::parse("v1.36").zip(Version::parse("1.36.0+build"));
        assert_eq!(equal.map(|(one, other)| one.compare(&other)), Some(Ordering::Equal));
        for wrong in
            ["", "v", "1.", "1.x", "1.2.3.4", "-1", "1.2-", "1.2-a..b", "99999999999999999999", "1..2", " 1"]
        {
            assert_eq!(Version::parse(wrong), None, "{wrong}");
        }
    }
}
