//! A sum that tells texts from others: `build.rs` and the program take it of the same.

/// The fingerprint of some texts: FNV-1a, by eight bytes at a time, and of how long each is.
pub fn fingerprint<'t>(texts: impl IntoIterator<Item = &'t str>) -> String {
    let sum = texts.into_iter().fold(0xcbf2_9ce4_8422_2325, |sum, text| {
        let (words, rest) = text.as_bytes().as_chunks::<8>();
        let words = words.iter().map(|word| u64::from_le_bytes(*word));
        let rest = rest.iter().map(|byte| u64::from(*byte));
        words.chain(rest).chain([text.len() as u64]).fold(sum, mix)
    });
    format!("{sum:016x}")
}

/// The high bits, where a product gathers what it mixes, are brought down before the next one.
fn mix(sum: u64, word: u64) -> u64 {
    let product = (sum ^ word).wrapping_mul(0x0100_0000_01b3);
    product ^ (product >> 29)
}
