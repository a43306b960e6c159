//! `Versions`: the Kubernetes versions that the documents must fit.
//!
//! Kubernetes has been at major version 1 since 2015, so a version is its minor number here; the patch level changes no
//! API.

use std::fmt;
use std::str::FromStr;

use super::built_in::KNOWN_MINORS;
use super::table::Availability;

/// One Kubernetes version, or all from one to another for a fleet that is not of one age. A document has to fit all of
/// them.
///
/// ```
/// use plimsoll::kube::Versions;
///
/// let versions: Versions = "1.33..1.35".parse().expect("these are known");
/// assert_eq!(versions.minors(), (33, 35));
/// assert!("1.2".parse::<Versions>().is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Versions {
    oldest: u8,
    newest: u8,
}

impl Versions {
    /// The minor versions of Kubernetes 1 that are known, ascending: 34 stands for 1.34.
    pub const KNOWN: &[u8] = KNOWN_MINORS;

    /// The minor version of the oldest and of the newest.
    pub fn minors(self) -> (u8, u8) {
        (self.oldest, self.newest)
    }

    /// Those of the versions that have something; where none has, the nearest that does. What is below a field that was
    /// reported as missing from a version is checked for these, so that its parts are not reported again.
    pub(in crate::kube) fn within(self, availability: Availability) -> Versions {
        // `clamp` panics where its lower bound is above the upper one, which nothing rules out for data of the table.
        let clamp = |minor: u8| minor.clamp(availability.since, availability.until.max(availability.since));
        Versions { oldest: clamp(self.oldest), newest: clamp(self.newest) }
    }

    /// Whether all of `other` are among these.
    pub fn covers(self, other: Versions) -> bool {
        self.oldest <= other.oldest && other.newest <= self.newest
    }

    /// The minor versions that do not have something.
    pub(in crate::kube) fn lacking(self, availability: Availability) -> Vec<u8> {
        // Nearly everything is in all versions, and this is asked for every field of every document. An empty vector
        // does not allocate.
        if availability.since <= self.oldest && self.newest <= availability.until {
            return Vec::new();
        }
        (self.oldest..=self.newest)
            .filter(|minor| !(availability.since..=availability.until).contains(minor))
            .collect()
    }
}

/// The newest that is known.
impl Default for Versions {
    fn default() -> Self {
        #[expect(clippy::expect_used, reason = "the table is built of at least one version")]
        let newest = *KNOWN_MINORS.last().expect("the built-in table has versions");
        Versions { oldest: newest, newest }
    }
}

/// Reads `1.34`, `v1.34.2` or `1.31..1.37`, both ends included; the error says what is known.
impl FromStr for Versions {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (oldest, newest) = text.split_once("..").unwrap_or((text, text));
        let oldest = minor(oldest)?;
        let newest = minor(newest)?;
        if oldest > newest {
            return Err(format!("1.{oldest} is newer than 1.{newest}: write `1.{newest}..1.{oldest}`"));
        }
        Ok(Versions { oldest, newest })
    }
}

impl fmt::Display for Versions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "1.{}", self.oldest)?;
        if self.newest > self.oldest { write!(f, "..1.{}", self.newest) } else { Ok(()) }
    }
}

/// Minor versions as people write them: `1.31`, `1.31 and 1.32`, `1.31 to 1.34`.
pub(in crate::kube) fn list_minors(minors: &[u8]) -> String {
    match minors {
        [] => String::new(),
        [only] => format!("1.{only}"),
        [first, last] => format!("1.{first} and 1.{last}"),
        // Three or more in a row. Two read better as a pair.
        [first, .., last] if usize::from(last - first) + 1 == minors.len() => {
            format!("1.{first} to 1.{last}")
        }
        _ => minors.iter().map(|minor| format!("1.{minor}")).collect::<Vec<_>>().join(", "),
    }
}

/// The minor version in `1.34`, `v1.34` or `1.34.2`, if it is known. `kubectl version` and image tags write the `v`.
fn minor(text: &str) -> Result<u8, String> {
    let text = text.trim();
    let mut parts = text.strip_prefix('v').unwrap_or(text).split('.');
    let major = parts.next();
    let minor = parts.next().and_then(|minor| minor.parse::<u8>().ok());
    let patch_is_number = parts.next().is_none_or(|patch| patch.parse::<u32>().is_ok());
    let (Some("1"), Some(minor), true, None) = (major, minor, patch_is_number, parts.next()) else {
        return Err(format!("`{text}` is not a version of Kubernetes: write for example `1.34`"));
    };
    if KNOWN_MINORS.contains(&minor) {
        Ok(minor)
    } else {
        Err(format!("Kubernetes 1.{minor} is not known: {} are", list_minors(KNOWN_MINORS)))
    }
}
