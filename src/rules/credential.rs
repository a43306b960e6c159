//! What a credential in plain text looks like. Where this is not sure, it is none.

/// Names that end so hold a password.
const PASSWORDS: &[&str] = &["password", "passwd", "passphrase"];
/// Names whose last words are these hold one too, if they stand apart: `DB_PASS`, `apiKey`, `TOKEN`.
const WORDS: &[&str] = &["pass", "secret", "token", "apikey", "credentials"];
/// What stands before a last word `key` that is a secret one.
const KEYS: &[&str] = &["api", "secret", "private", "access", "encryption", "signing", "master"];
/// Values that say something about a credential and are none.
const NO_VALUES: &[&str] = &[
    "true", "false", "yes", "no", "on", "off", "null", "none", "nil", "string", "required", "optional",
    "enabled", "disabled", "auto", "prompt", "default",
];
/// How references to what other tools keep begin.
const REFERENCES: &[&str] = &["/", "$", "%", "<", "{", "*", "arn:", "vault:", "ref+", "file:", "env:", "!"];

/// Whether a text under this name is a credential: the name says so, or the text itself.
pub(super) fn is_credential(name: &str, text: &str) -> bool {
    let sure = ends_with_any(name, PASSWORDS);
    // `TLS_SECRET: web-tls` is the name of one.
    let named = text.contains('-') && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    let word = names_a_credential(name) && !named && text.parse::<f64>().is_err();
    ((sure || word) && is_literal(text)) || tells_itself(text)
}

/// Whether a file has a line that sets a password, or gives one away in another way.
pub(super) fn is_in_file(text: &str) -> bool {
    tells_itself(text) || text.lines().any(sets_a_password)
}

/// Whether a command's argument is or sets a credential: `--password=hunter2`.
pub(super) fn is_in_argument(text: &str) -> bool {
    let flag = text.strip_prefix("--").filter(|_| !text.contains(char::is_whitespace));
    let flag = flag.and_then(|flag| flag.split_once('='));
    flag.map_or_else(|| tells_itself(text), |(name, value)| is_credential(name, value))
}

/// Whether the text is one under any name: a URL with a password, a private key.
fn tells_itself(text: &str) -> bool {
    let key = text.contains("-----BEGIN ") && text.contains("PRIVATE KEY-----");
    key || text.match_indices("://").any(|(at, mark)| {
        let rest = &text[at + mark.len()..];
        let end =
            rest.find(|c: char| c.is_whitespace() || "/?#\"'`,;<>|\\".contains(c)).unwrap_or(rest.len());
        let user = rest[..end].rsplit_once('@').map(|(user, _)| user);
        let password = user.and_then(|user| user.split_once(':')).map(|(_, password)| password);
        password.is_some_and(is_literal)
    })
}

fn names_a_credential(name: &str) -> bool {
    if WORDS.iter().any(|word| before_word(name, word).is_some()) {
        return true;
    }
    let head = before_word(name, "key").map(|head| head.trim_end_matches(['_', '-', '.']));
    head.is_some_and(|head| KEYS.iter().any(|word| before_word(head, word).is_some()))
}

/// What stands before a last word; none if the name does not end with it as a word of its own.
fn before_word<'n>(name: &'n str, word: &str) -> Option<&'n str> {
    if !ends_with(name, word) {
        return None;
    }
    let (head, tail) = name.split_at_checked(name.len() - word.len())?;
    let camel = tail.starts_with(|c: char| c.is_ascii_uppercase())
        && head.ends_with(|c: char| c.is_ascii_lowercase());
    (camel || !head.ends_with(|c: char| c.is_ascii_alphanumeric())).then_some(head)
}

fn ends_with_any(name: &str, words: &[&str]) -> bool {
    words.iter().any(|word| ends_with(name, word))
}

fn ends_with(name: &str, word: &str) -> bool {
    let tail = name.len().checked_sub(word.len()).and_then(|at| name.as_bytes().get(at..));
    tail.is_some_and(|tail| tail.eq_ignore_ascii_case(word.as_bytes()))
}

/// Whether a value stands for itself: no reference, no path, no placeholder, no prose.
fn is_literal(text: &str) -> bool {
    let text = text.trim();
    let reference = ["$(", "${", "{{", "://"].iter().any(|mark| text.contains(mark))
        || REFERENCES.iter().any(|start| text.starts_with(start));
    let first = text.chars().next();
    let filler = first.is_some_and(|first| "xX.-".contains(first)) && text.chars().all(|c| Some(c) == first);
    let said = NO_VALUES.iter().any(|word| text.eq_ignore_ascii_case(word));
    let prose = text.is_empty() || text.contains(char::is_whitespace);
    !(prose || reference || filler || said)
}

/// Whether a line of a file says `password = hunter2`, `"db.password": "hunter2",` or the like.
fn sets_a_password(line: &str) -> bool {
    let line = line.trim();
    if line.starts_with(['#', ';', '/', '-']) {
        return false;
    }
    let Some((key, value)) = line.find(['=', ':']).and_then(|at| line.split_at_checked(at)) else {
        return false;
    };
    let key = key.trim().trim_matches(['"', '\'']);
    let value = value[1..].trim().trim_end_matches(',').trim().trim_matches(['"', '\'']);
    // Brackets are code, and a field that is named as its value is a mapping of fields.
    let plain = |c: char| !"()[]{}$`".contains(c);
    ends_with_any(key, PASSWORDS)
        && key.chars().all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c))
        && !ends_with(key, value)
        && value.chars().all(plain)
        && is_literal(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_told_from_what_only_sounds_like_them() {
        for (name, text) in [
            ("DB_PASSWORD", "hunter2"),
            ("PGPASSWORD", "1234"),
            ("apiKey", "abc123def"),
            ("GITHUB_TOKEN", "ghp_abcdef"),
            ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI"),
            ("client-secret", "s3cr3t"),
            ("DATABASE_URL", "postgres://web:hunter2@db:5432/web"),
            ("CERT", "-----BEGIN RSA PRIVATE KEY-----\nMIIE"),
        ] {
            assert!(is_credential(name, text), "{name}");
        }
        for (name, text) in [
            ("DB_PASSWORD", ""),
            ("DB_PASSWORD", "$(OTHER)"),
            ("DB_PASSWORD", "true"),
            ("DB_PASSWORD", "********"),
            ("DB_PASSWORD_FILE", "/run/secrets/db"),
            ("DB_PASSWORD", "/run/secrets/db"),
            ("MAX_TOKEN", "4096"),
            ("MAX_TOKENS", "4096x"),
            ("PRIMARY_KEY", "id"),
            ("AWS_ACCESS_KEY_ID", "AKIA"),
            ("KEYCLOAK_URL", "http://keycloak"),
            ("TOKEN", "https://login.example.com/token"),
            ("DATABASE_URL", "postgres://$(USER):$(PASSWORD)@db/web"),
            ("DATABASE_URL", "postgres://web@db/web"),
            ("DATABASE_URL", "postgres://web:<password>@db/web"),
            ("BYPASS", "x-y"),
            ("TLS_SECRET", "web-tls"),
        ] {
            assert!(!is_credential(name, text), "{name}={text}");
        }
    }

    #[test]
    fn files_and_arguments_are_searched_too() {
        for text in ["a=1\ndb.password = hunter2\n", "{\n  \"password\": \"hunter2\",\n}", "x: redis://:pw@r"]
        {
            assert!(is_in_file(text), "{text}");
        }
        for text in
            ["# password = x", "password: password", "password = os.environ['P']", "password: string", "a b"]
        {
            assert!(!is_in_file(text), "{text}");
        }
        assert!(is_in_argument("--db-password=hunter2"));
        assert!(!is_in_argument("--db-password=$(PW)"));
        assert!(!is_in_argument("--password-file=/x"));
    }
}
