//! Fingerprints of texts, which tell whether something was made of another text. They are computed at each start, so they are
//! quick, and nobody who means harm is kept out by one.
//!
//! The build computes those of what it packs: this file is compiled into its script as well.

/// FNV-1a over words of eight bytes, with the length behind them.
///
/// FNV-1a is defined over bytes; words take an eighth of the time.
pub fn fingerprint(bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks::<8>();
    let words = words.iter().map(|word| u64::from_le_bytes(*word));
    let rest = rest.iter().map(|byte| u64::from(*byte));
    combined(words.chain(rest).chain([bytes.len() as u64]))
}

/// The fingerprint of several parts by those of each.
pub fn combined(parts: impl IntoIterator<Item = u64>) -> u64 {
    const OFFSET_BASIS: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0000_0100_0000_01b3;
    parts.into_iter().fold(OFFSET_BASIS, |hash, part| (hash ^ part).wrapping_mul(PRIME))
}
