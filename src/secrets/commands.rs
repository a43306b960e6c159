//! Secrets in command lines: what stands behind a flag that takes one.
//!
//! `--password x` says it by its name. `-p x` does not: it is a password for `mysql`, a port for `ssh` and nothing of
//! the kind for `mkdir`, so the program decides.

use std::ops::Range;

use super::forms::secret_start;
use super::names::{NameSays, is_empty_or_filled_in, is_secret_under, name_says};

/// A program that takes secrets by flags of one letter, or by their place.
#[derive(Debug)]
pub struct Program {
    names: &'static [&'static str],
    /// Flags whose argument is a password: `-p x`, `-px`.
    password: &'static [char],
    /// Flags whose argument is a user and a password, with this character between them.
    pair: &'static [char],
    divider: char,
    /// The words without a dash that are secrets, if one of them is this one: `docker login -p`, `nodetool … -pw`.
    only_with: Option<&'static str>,
    /// Which of the words behind the program, of those that are no flags, is a secret.
    place: Place,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    None,
    /// So many words behind a word with this text in it.
    Behind(&'static str, usize),
    /// The last word, if there are at least so many.
    Last(usize),
    /// `user/password@database`.
    Slash,
}

const PLAIN: Program =
    Program { names: &[], password: &[], pair: &[], divider: ':', only_with: None, place: Place::None };

const PROGRAMS: &[Program] = &[
    Program {
        names: &[
            "mysql",
            "mysqldump",
            "mysqladmin",
            "mysqlimport",
            "mysqlshow",
            "mysqlslap",
            "mysqlcheck",
            "mysqlpump",
            "mysqlbinlog",
            "mysqlsh",
            "mariadb",
            "mariadb-dump",
            "mariadb-admin",
            "mariadb-check",
            "mycli",
            "mongo",
            "mongosh",
            "mongodump",
            "mongorestore",
            "mongoexport",
            "mongoimport",
            "mongostat",
            "mongotop",
            "sshpass",
            "cqlsh",
            "rabbitmqadmin",
            "ncftp",
            "7z",
            "7za",
            "rar",
            "unrar",
            "percona",
            "xtrabackup",
            "innobackupex",
        ],
        password: &['p'],
        ..PLAIN
    },
    Program { names: &["redis-cli", "keydb-cli", "valkey-cli"], password: &['a'], ..PLAIN },
    Program {
        names: &[
            "docker", "podman", "nerdctl", "buildah", "skopeo", "crane", "helm", "oras", "regctl", "az", "oc",
        ],
        password: &['p'],
        only_with: Some("login"),
        ..PLAIN
    },
    Program { names: &["curl"], pair: &['u', 'U'], ..PLAIN },
    Program { names: &["http", "https", "httpie", "xh"], pair: &['a'], ..PLAIN },
    Program { names: &["ab"], pair: &['A', 'P'], ..PLAIN },
    Program { names: &["lftp"], pair: &['u'], divider: ',', ..PLAIN },
    Program { names: &["smbclient", "rpcclient", "net"], pair: &['U'], divider: '%', ..PLAIN },
    Program {
        names: &[
            "ldapsearch",
            "ldapadd",
            "ldapmodify",
            "ldapdelete",
            "ldapwhoami",
            "ldappasswd",
            "ldapcompare",
        ],
        password: &['w', 's', 'a'],
        ..PLAIN
    },
    Program {
        names: &[
            "mosquitto_pub",
            "mosquitto_sub",
            "mosquitto_rr",
            "sqlcmd",
            "bcp",
            "zip",
            "unzip",
            "ipmitool",
        ],
        password: &['P'],
        ..PLAIN
    },
    Program { names: &["openssl"], password: &['k', 'K'], ..PLAIN },
    Program { names: &["snmpget", "snmpwalk", "snmpset"], password: &['A', 'X', 'c'], ..PLAIN },
    Program { names: &["htpasswd"], place: Place::Last(3), ..PLAIN },
    Program { names: &["rabbitmqctl"], place: Place::Behind("_user", 2), ..PLAIN },
    Program { names: &["vault"], place: Place::Behind("login", 1), ..PLAIN },
    Program { names: &["mc"], place: Place::Behind("://", 2), ..PLAIN },
    Program { names: &["wpa_passphrase"], place: Place::Last(2), ..PLAIN },
    Program { names: &["sqlplus", "sqlldr", "expdp", "impdp", "rman"], place: Place::Slash, ..PLAIN },
];

/// Programs that run another one, which their arguments name.
const WRAPPERS: &[&str] = &[
    "sudo",
    "exec",
    "env",
    "time",
    "nohup",
    "nice",
    "command",
    "eval",
    "timeout",
    "gosu",
    "su-exec",
    "tini",
    "dumb-init",
    "xargs",
    "then",
    "do",
    "else",
    "if",
    "while",
    "until",
    "!",
    "--",
    "setpriv",
    "chroot",
    "kubectl-exec",
];

/// Flags of any program whose argument is a user and a password.
const PAIR_FLAGS: &[&str] = &["user", "proxy-user", "auth", "basic-auth", "creds", "userpwd", "credentials"];

/// Which program a command line is of.
#[derive(Clone, Copy, Debug, Default)]
pub enum Runs {
    /// It does not say: the arguments of an image.
    #[default]
    Unknown,
    /// One that takes no secrets by flags of one letter.
    Other,
    /// One that does.
    Known(&'static Program),
}

impl Runs {
    /// The program of this name or path.
    pub(super) fn named(name: &str) -> Runs {
        let base = name.rsplit(['/', '\\']).next().unwrap_or(name);
        match PROGRAMS.iter().find(|program| program.names.contains(&base)) {
            Some(program) => Runs::Known(program),
            None => Runs::Other,
        }
    }

    /// The program that an image is of, by the image's name: `docker.io/library/mysql:8.4`.
    pub(super) fn of_image(image: &str) -> Runs {
        let base = image.rsplit('/').next().unwrap_or(image);
        let base = base.split([':', '@']).next().unwrap_or(base);
        match Runs::named(base) {
            Runs::Other => Runs::Unknown,
            known => known,
        }
    }

    /// The last program that the words of a command name; what it was before if there are none.
    pub(super) fn after<'w>(self, words: impl IntoIterator<Item = &'w str>) -> Runs {
        let mut runs = self;
        let mut begins = true;
        for word in words {
            if begins && !is_before_program(word) {
                runs = Runs::named(word);
                begins = false;
            }
            begins |= ends_command(word);
        }
        runs
    }
}

/// Whether the program is still to come behind a word: an assignment, a wrapper, its flags and numbers.
fn is_before_program(word: &str) -> bool {
    let base = word.rsplit('/').next().unwrap_or(word);
    let is_assignment = word
        .split_once('=')
        .is_some_and(|(name, _)| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'));
    let is_number = word.starts_with(|c: char| c.is_ascii_digit());
    WRAPPERS.contains(&base) || is_assignment || word.starts_with('-') || is_number
}

/// Whether a word of a shell ends a command.
fn ends_command(word: &str) -> bool {
    matches!(word, "|" | "||" | "&&" | ";" | "&" | "(" | ")" | "{" | "}" | "\n") || word.ends_with(';')
}

/// The secrets among the words of a command line: which word, and the byte of it at which the secret begins. `runs` is
/// the program if the words do not name it.
pub(super) fn secret_words(runs: Runs, words: &[&str]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    // Of arguments by themselves, the first word is an argument, unless it names a program that is known.
    let mut begins = !matches!(runs, Runs::Known(_));
    let mut state = runs;
    let mut command_start = 0;
    let mut skip = false;
    for (index, &word) in words.iter().enumerate() {
        if ends_command(word) {
            positional(state, words, command_start..index, &mut found);
            (begins, command_start, skip) = (true, index + 1, false);
            if word.len() == 1 || !word.ends_with(';') {
                state = Runs::Other;
                continue;
            }
        }
        if begins && !is_before_program(word) {
            state = match (runs, Runs::named(word)) {
                // The first argument of an image whose program is not known says nothing.
                (Runs::Unknown, Runs::Other)
                    if command_start == 0 && index == 0 && words.len() > 1 && words[1].starts_with('-') =>
                {
                    Runs::Other
                }
                (_, named) => named,
            };
            begins = false;
            continue;
        }
        if std::mem::take(&mut skip) {
            continue;
        }
        let next = words.get(index + 1).copied();
        match flag_secret(state, &words[command_start..], word, next) {
            Some(FlagSecret::Here(at)) => found.push((index, at)),
            Some(FlagSecret::Next(at)) => {
                found.push((index + 1, at));
                skip = true;
            }
            None => found.extend(secret_start(word).map(|at| (index, at))),
        }
    }
    positional(state, words, command_start..words.len(), &mut found);
    found.sort_unstable();
    found.dedup_by_key(|(index, _)| *index);
    found
}

enum FlagSecret {
    /// In the flag's own word.
    Here(usize),
    /// In the word behind it.
    Next(usize),
}

/// The secret that a flag takes.
fn flag_secret(runs: Runs, words: &[&str], word: &str, next: Option<&str>) -> Option<FlagSecret> {
    let next = next.filter(|next| !is_flag(next) && !ends_command(next) && !is_empty_or_filled_in(next));
    // As Windows programs and `openssl` have it.
    for prefix in ["/p:", "pass:", "-p:"] {
        if let Some(value) = word.strip_prefix(prefix).filter(|value| !is_empty_or_filled_in(value)) {
            return Some(FlagSecret::Here(word.len() - value.len()));
        }
    }
    let name = word.strip_prefix('-')?;
    let name = name.strip_prefix('-').unwrap_or(name);
    let (name, value) = name.split_once('=').map_or((name, None), |(name, value)| (name, Some(value)));
    let value_start = value.map(|value| word.len() - value.len());
    // `kubectl create secret generic a --from-literal=key=value`: whatever the key is called.
    if name == "from-literal" {
        let (text, base) = match value {
            Some(value) => (value, value_start),
            None => (next?, None),
        };
        let at = text.find('=')? + 1;
        return Some(base.map_or(FlagSecret::Next(at), |base| FlagSecret::Here(base + at)));
    }
    if name.len() > 1 || value.is_some() {
        if PAIR_FLAGS.contains(&name) {
            let text = value.or(next)?;
            let at = pair_start(text, ':')?;
            return Some(value_start.map_or(FlagSecret::Next(at), |start| FlagSecret::Here(start + at)));
        }
        let says = name_says(name);
        match (value, next) {
            (Some(value), _) if is_secret_under(says, value) => return Some(FlagSecret::Here(value_start?)),
            // `-k` and `--key` alone say too little, and what has a dash in one word may be several flags.
            (None, Some(next))
                if is_secret_under(says, next) && (word.starts_with("--") || says == NameSays::Secret) =>
            {
                return Some(FlagSecret::Next(0));
            }
            _ => {}
        }
    }
    if word.starts_with("--") {
        return None;
    }
    let letter = word[1..].chars().next()?;
    let attached = &word[1 + letter.len_utf8()..];
    let attached = attached.strip_prefix('=').unwrap_or(attached);
    let offset = word.len() - attached.len();
    match runs {
        Runs::Known(program) => {
            let is_asked = program.only_with.is_none_or(|with| words.contains(&with));
            if is_asked && program.password.contains(&letter) {
                return if attached.is_empty() {
                    next.map(|_| FlagSecret::Next(0))
                } else {
                    (!is_empty_or_filled_in(attached)).then_some(FlagSecret::Here(offset))
                };
            }
            if program.pair.contains(&letter) {
                return if attached.is_empty() {
                    pair_start(next?, program.divider).map(FlagSecret::Next)
                } else {
                    pair_start(attached, program.divider).map(|at| FlagSecret::Here(offset + at))
                };
            }
            None
        }
        // In doubt it is a password, unless it looks like what else the letter is used for: a port, a path.
        Runs::Unknown if letter == 'p' && attached.is_empty() => next
            .filter(|next| next.parse::<f64>().is_err() && !next.contains(['/', '.', ':']))
            .map(|_| FlagSecret::Next(0)),
        // `-phunter2`: a flag of several letters, `-pretty`, has none of these.
        Runs::Unknown if letter == 'p' && value.is_none() && attached.parse::<f64>().is_err() => {
            let is_mixed =
                attached.contains(|c: char| c.is_ascii_digit()) && attached.contains(char::is_alphabetic);
            (is_mixed && !attached.contains([':', '/'])).then_some(FlagSecret::Here(offset))
        }
        Runs::Unknown | Runs::Other => None,
    }
}

/// Where the password of `user:password` begins.
fn pair_start(text: &str, divider: char) -> Option<usize> {
    let (user, password) = text.split_once(divider)?;
    let start = user.len() + divider.len_utf8();
    (!is_empty_or_filled_in(password) && !password.starts_with("//")).then_some(start)
}

/// A word that is a flag by its form: `--x`, `-x`. A password may begin with a dash too.
fn is_flag(word: &str) -> bool {
    word.starts_with("--") || (word.starts_with('-') && word.len() == 2)
}

/// The secrets that a program takes by their place.
fn positional(runs: Runs, words: &[&str], command: Range<usize>, found: &mut Vec<(usize, usize)>) {
    let Runs::Known(program) = runs else { return };
    let plain: Vec<usize> = command.filter(|&index| !words[index].starts_with('-')).collect();
    let mut add = |index: usize| {
        if !is_empty_or_filled_in(words[index]) {
            found.push((index, 0));
        }
    };
    match program.place {
        Place::None => {}
        Place::Behind(mark, count) => {
            let at = plain.iter().position(|&index| words[index].contains(mark));
            if let Some(at) = at {
                plain.iter().skip(at + 1).take(count).for_each(|&index| add(index));
            }
        }
        Place::Last(least) => {
            // The program itself may be among them.
            if let Some(&last) = plain.last().filter(|_| plain.len() > least) {
                add(last);
            }
        }
        Place::Slash => {
            for index in plain {
                let word = words[index];
                if let Some(at) = word.find('/').filter(|&at| at > 0 && !word.starts_with('@')) {
                    found.push((index, at + 1));
                }
            }
        }
    }
}

/// The secrets in lines of a shell, as byte ranges of the text.
pub(super) fn secrets_of_shell(text: &str) -> Vec<Range<usize>> {
    // Nothing without a flag is looked at, but for the few programs that take a secret by its place.
    let bytes = text.as_bytes();
    let begins_flag = |at: usize| at == 0 || matches!(bytes[at - 1], b' ' | b'\t' | b'\n');
    let has_flag = memchr::memchr_iter(b'-', bytes).any(begins_flag) || text.contains("pass:");
    let takes_by_place = |program: &Program| {
        let may_have_place = match program.place {
            Place::None => false,
            Place::Behind(mark, _) => text.contains(mark),
            Place::Last(_) => true,
            Place::Slash => memchr::memchr(b'/', bytes).is_some(),
        };
        may_have_place && program.names.iter().any(|name| text.contains(name))
    };
    if !has_flag && !PROGRAMS.iter().any(takes_by_place) {
        return Vec::new();
    }
    let words = shell_words(text);
    let texts: Vec<&str> = words.iter().map(|(_, word)| word.as_str()).collect();
    let ranges = secret_words(Runs::Other, &texts).into_iter().map(|(index, at)| {
        let (range, word) = &words[index];
        // With quotes in it, the word's bytes are not those of the text: then the whole of it, or all behind the quote.
        let quoted = usize::from(text[range.clone()].starts_with(['"', '\'']));
        let start = if range.len() == word.len() || quoted == 1 {
            range.start + quoted + at
        } else {
            range.start + at
        };
        text.floor_char_boundary(start.min(range.end))..range.end
    });
    ranges.collect()
}

/// The words of a text as a shell would cut it, with their places; what divides commands is a word too.
fn shell_words(text: &str) -> Vec<(Range<usize>, String)> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut start = None;
    let mut quote = None;
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        if let Some(open) = quote {
            if character == open {
                quote = None;
            } else {
                word.push(character);
            }
            continue;
        }
        match character {
            '\\' => {
                if let Some((_, next)) = characters.next()
                    && next != '\n'
                {
                    start = start.or(Some(at));
                    word.push(next);
                }
            }
            // A comment, up to the end of its line.
            '#' if start.is_none() => while characters.next_if(|(_, next)| *next != '\n').is_some() {},
            // The apostrophe of prose opens nothing, and neither does a quote without another one.
            '"' | '\'' | '`'
                if !(character == '\'' && word.ends_with(char::is_alphanumeric))
                    && text[at + 1..].contains(character) =>
            {
                start = start.or(Some(at));
                quote = Some(character);
            }
            _ if character.is_whitespace() || "|;&()".contains(character) => {
                // `$(NAME)` is one word.
                if character == '(' && word.ends_with('$') {
                    word.push(character);
                    for (_, inside) in characters.by_ref() {
                        word.push(inside);
                        if inside == ')' || inside == '\n' {
                            break;
                        }
                    }
                    continue;
                }
                if let Some(start) = start.take() {
                    words.push((start..at, std::mem::take(&mut word)));
                }
                if character == '\n' || !character.is_whitespace() {
                    words.push((at..at + character.len_utf8(), character.to_string()));
                }
            }
            _ => {
                start = start.or(Some(at));
                word.push(character);
            }
        }
    }
    if let Some(start) = start {
        words.push((start..text.len(), word));
    }
    words
}
