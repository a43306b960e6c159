//! Placeholders that are filled in before a manifest is applied: `${NAME}`, as Flux (`postBuild.substitute`) and `envsubst`
//! write them. Nothing in Kubernetes has this form; what is meant is `$(NAME)` there.

/// Whether a text holds such a placeholder: `${APP}`, `web-${ENV:=prod}`.
pub fn holds_placeholder(text: &str) -> bool {
    text.match_indices("${").any(|(at, _)| {
        let rest = &text[at + 2..];
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
        let begins_well = rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        begins_well && rest[end..].starts_with(['}', ':', '-', '=']) && rest[end..].contains('}')
    })
}

#[cfg(test)]
mod tests {
    use super::holds_placeholder;

    #[test]
    fn placeholders_are_told_from_other_texts() {
        for (text, expected) in [
            ("${APP}", true),
            ("web-${ENV:=prod}.example.com", true),
            ("${REPLICAS:-2}", true),
            ("\"${_x1}\"", true),
            ("$(APP)", false),
            ("$APP", false),
            ("${}", false),
            ("${1}", false),
            ("${a b}", false),
            ("${APP", false),
            ("$${", false),
        ] {
            assert_eq!(holds_placeholder(text), expected, "{text}");
        }
    }
}
