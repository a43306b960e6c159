//! Words of messages that depend on what they name.

/// A noun with `a` or `an` before it, by its first letter.
///
/// ```
/// use plimsoll::diagnostic::with_article;
///
/// assert_eq!(with_article("Ingress"), "an Ingress");
/// assert_eq!(with_article("HorizontalPodAutoscaler"), "a HorizontalPodAutoscaler");
/// assert_eq!(with_article("UDPRoute"), "a UDPRoute");
/// ```
pub fn with_article(noun: &str) -> String {
    // Names that begin with a U are read as `you`.
    let article = if noun.starts_with(['A', 'E', 'I', 'O', 'a', 'e', 'i', 'o']) { "an" } else { "a" };
    format!("{article} {noun}")
}
