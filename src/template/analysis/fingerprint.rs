//! The fingerprint of texts, by which a stored plan is known to be still that of a chart's templates.

/// The fingerprint of some texts, in hexadecimal: FNV-1a over words of eight bytes, with the length of each text behind
/// it.
///
/// FNV-1a is defined over bytes. Words are taken because it is computed at the start of a run, before anything else can
/// begin. It protects against a plan that is stale, not against an attacker, so no cryptographic hash is needed.
pub fn fingerprint<'t>(texts: impl IntoIterator<Item = &'t str>) -> String {
    const OFFSET_BASIS: u64 = 0xcbf2_9ce4_8422_2325;
    let mut hash = OFFSET_BASIS;
    for text in texts {
        let (words, rest) = text.as_bytes().as_chunks::<8>();
        for word in words {
            hash = mix(hash, u64::from_le_bytes(*word));
        }
        for byte in rest {
            hash = mix(hash, u64::from(*byte));
        }
        // Without it, `["ab", "c"]` and `["a", "bc"]` would be the same.
        hash = mix(hash, text.len() as u64);
    }
    format!("{hash:016x}")
}

/// One step of FNV-1a, and a shift: a product gathers in its high bits what it mixes, and with whole words these would
/// never reach the low ones.
fn mix(hash: u64, word: u64) -> u64 {
    const PRIME: u64 = 0x0100_0000_01b3;
    let product = (hash ^ word).wrapping_mul(PRIME);
    product ^ (product >> 29)
}
