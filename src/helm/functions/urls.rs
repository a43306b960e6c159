//! Functions over addresses, as Go's `net/url` reads and writes them.

use super::convert::{Answer, NIL, fixed, map_arg, refuse};
use crate::gotemplate::function::{Call, Failure, Function, Param};
use crate::gotemplate::text::Text;
use crate::gotemplate::value::{Map, Value};

/// The functions of this file.
pub const TABLE: &[Function] =
    &[fixed("urlJoin", &[Param::Map], url_join), fixed("urlParse", &[Param::String], url_parse)];

/// Where in an address a part stands: each lets other signs stand as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    User,
    Host,
    Zone,
    Path,
    Fragment,
}

/// An address in its parts, without escapes where there are none in a part of Go's `URL` either.
#[derive(Clone, Debug, Default)]
struct Url {
    scheme: Vec<u8>,
    opaque: Vec<u8>,
    user: Option<User>,
    host: Vec<u8>,
    path: Vec<u8>,
    raw_path: Vec<u8>,
    omits_host: bool,
    force_query: bool,
    query: Vec<u8>,
    fragment: Vec<u8>,
    raw_fragment: Vec<u8>,
}

#[derive(Clone, Debug, Default)]
struct User {
    name: Vec<u8>,
    password: Option<Vec<u8>>,
}

impl User {
    fn print(&self) -> Vec<u8> {
        let mut out = escaped(&self.name, Part::User);
        if let Some(password) = &self.password {
            out.push(b':');
            out.extend(escaped(password, Part::User));
        }
        out
    }
}

fn shown(bytes: &[u8]) -> String {
    format!("{:?}", String::from_utf8_lossy(bytes))
}

fn url_parse(call: &mut Call<'_, '_>) -> Answer {
    let text = call.text(0);
    call.evaluation.charge_fuel(text.len() / 16)?;
    let url = Url::parse(text.as_bytes()).map_err(|message| {
        Failure::new(format!("unable to parse url: parse {}: {message}", shown(text.as_bytes())))
    })?;
    let origin = call.origin();
    let hostname = url.hostname().to_vec();
    let user = url.user.as_ref().map(User::print).unwrap_or_default();
    let entries = [
        ("scheme", url.scheme),
        ("host", url.host),
        ("hostname", hostname),
        ("path", url.path),
        ("query", url.query),
        ("opaque", url.opaque),
        ("fragment", url.fragment),
        ("userinfo", user),
    ];
    Ok(Value::map(entries.map(|(key, bytes)| (key, Value::String(Text::new(bytes, origin))))))
}

fn url_join(call: &mut Call<'_, '_>) -> Answer {
    let map = map_arg(call, 0);
    let mut origins = Vec::new();
    let mut part = |key: &str| -> Result<Vec<u8>, Failure> {
        let found = map.as_deref().and_then(|map: &Map| map.get(key.as_bytes()));
        match found {
            None => Ok(Vec::new()),
            Some(Value::String(text)) => {
                origins.push(text.origin());
                Ok(text.as_bytes().to_vec())
            }
            Some(Value::Nil) => refuse(NIL),
            Some(other) => refuse(format!(
                "unable to parse {key} key, must be of type string, but {} found",
                other.kind_name()
            )),
        }
    };
    let mut url = Url {
        scheme: part("scheme")?,
        host: part("host")?,
        path: part("path")?,
        query: part("query")?,
        opaque: part("opaque")?,
        fragment: part("fragment")?,
        ..Url::default()
    };
    let user = part("userinfo")?;
    if !user.is_empty() {
        let address = [b"proto://", user.as_slice(), b"@host"].concat();
        let parsed = Url::parse(&address)
            .map_err(|message| Failure::new(format!("unable to parse userinfo in dict: {message}")))?;
        url.user = parsed.user;
    }
    let printed = url.print();
    let origin = crate::gotemplate::text::Origin::of_all(origins);

    call.evaluation.charge_text(printed.len())?;
    Ok(Value::String(Text::new(printed, origin)))
}

impl Url {
    fn parse(text: &[u8]) -> Result<Url, String> {
        let (text, fragment) = match memchr::memchr(b'#', text) {
            Some(at) => (text.get(..at).unwrap_or_default(), text.get(at + 1..).unwrap_or_default()),
            None => (text, &[][..]),
        };
        if text.iter().chain(fragment).any(|byte| *byte < b' ' || *byte == 0x7f) {
            return Err("net/url: invalid control character in URL".to_owned());
        }
        let mut url = Url::default();
        if text != b"*" {
            url.read(text)?;
        } else {
            url.path = text.to_vec();
        }
        url.fragment = unescaped(fragment, Part::Fragment)?;
        if fragment != escaped(&url.fragment, Part::Fragment) {
            url.raw_fragment = fragment.to_vec();
        }
        Ok(url)
    }

    fn read(&mut self, text: &[u8]) -> Result<(), String> {
        let (scheme, rest) = scheme_of(text)?;
        self.scheme = scheme.to_ascii_lowercase();
        let mut rest = rest;
        if rest.last() == Some(&b'?') && rest.iter().filter(|byte| **byte == b'?').count() == 1 {
            self.force_query = true;
            rest = rest.get(..rest.len() - 1).unwrap_or_default();
        } else if let Some(at) = memchr::memchr(b'?', rest) {
            self.query = rest.get(at + 1..).unwrap_or_default().to_vec();
            rest = rest.get(..at).unwrap_or_default();
        }
        if !rest.starts_with(b"/") {
            if !self.scheme.is_empty() {
                self.opaque = rest.to_vec();
                return Ok(());
            }
            let first = rest.split(|byte| *byte == b'/').next().unwrap_or_default();
            if first.contains(&b':') {
                return Err("first path segment in URL cannot contain colon".to_owned());
            }
        }
        let has_authority = rest.starts_with(b"//") && (!self.scheme.is_empty() || !rest.starts_with(b"///"));
        if has_authority {
            let behind = rest.get(2..).unwrap_or_default();
            let end = memchr::memchr(b'/', behind).unwrap_or(behind.len());
            self.read_authority(behind.get(..end).unwrap_or_default())?;
            rest = behind.get(end..).unwrap_or_default();
        } else if !self.scheme.is_empty() && rest.starts_with(b"/") {
            self.omits_host = true;
        }
        self.path = unescaped(rest, Part::Path)?;
        if rest != escaped(&self.path, Part::Path) {
            self.raw_path = rest.to_vec();
        }
        Ok(())
    }

    fn read_authority(&mut self, authority: &[u8]) -> Result<(), String> {
        let at = memchr::memrchr(b'@', authority);
        let host = authority.get(at.map_or(0, |at| at + 1)..).unwrap_or_default();
        self.host = read_host(host)?;
        let Some(at) = at else { return Ok(()) };
        let user = authority.get(..at).unwrap_or_default();
        let is_user = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._:~!$&'()*+,;=%@".contains(byte);
        if !user.iter().all(is_user) {
            return Err("net/url: invalid userinfo".to_owned());
        }
        let (name, password) = match memchr::memchr(b':', user) {
            Some(colon) => {
                let password = user.get(colon + 1..).unwrap_or_default();
                (user.get(..colon).unwrap_or_default(), Some(unescaped(password, Part::User)?))
            }
            None => (user, None),
        };
        self.user = Some(User { name: unescaped(name, Part::User)?, password });
        Ok(())
    }

    /// The host without its port and without the brackets of an IPv6 address.
    fn hostname(&self) -> &[u8] {
        let mut host = self.host.as_slice();
        if let Some(colon) = memchr::memrchr(b':', host)
            && is_port(host.get(colon..).unwrap_or_default())
        {
            host = host.get(..colon).unwrap_or_default();
        }
        host.strip_prefix(b"[").and_then(|host| host.strip_suffix(b"]")).unwrap_or(host)
    }

    fn print(&self) -> Vec<u8> {
        let mut out = Vec::new();
        if !self.scheme.is_empty() {
            out.extend_from_slice(&self.scheme);
            out.push(b':');
        }
        if self.opaque.is_empty() {
            let has_authority = !self.scheme.is_empty() || !self.host.is_empty() || self.user.is_some();
            let without_host = self.omits_host && self.host.is_empty() && self.user.is_none();
            if has_authority && !without_host {
                if !self.host.is_empty() || !self.path.is_empty() || self.user.is_some() {
                    out.extend_from_slice(b"//");
                }
                if let Some(user) = &self.user {
                    out.extend(user.print());
                    out.push(b'@');
                }
                out.extend(escaped(&self.host, Part::Host));
            }
            let path = self.escaped_path();
            if !path.is_empty() && path.first() != Some(&b'/') && !self.host.is_empty() {
                out.push(b'/');
            }
            if out.is_empty() {
                let first = path.split(|byte| *byte == b'/').next().unwrap_or_default();
                if first.contains(&b':') {
                    out.extend_from_slice(b"./");
                }
            }
            out.extend(path);
        } else {
            out.extend_from_slice(&self.opaque);
        }
        if self.force_query || !self.query.is_empty() {
            out.push(b'?');
            out.extend_from_slice(&self.query);
        }
        if !self.fragment.is_empty() {
            out.push(b'#');
            out.extend(if self.raw_fragment.is_empty() {
                escaped(&self.fragment, Part::Fragment)
            } else {
                self.raw_fragment.clone()
            });
        }
        out
    }

    fn escaped_path(&self) -> Vec<u8> {
        if !self.raw_path.is_empty() {
            return self.raw_path.clone();
        }
        if self.path == b"*" { self.path.clone() } else { escaped(&self.path, Part::Path) }
    }
}

/// What stands before the first `:` if that is a scheme, and the rest.
fn scheme_of(text: &[u8]) -> Result<(&[u8], &[u8]), String> {
    for (at, byte) in text.iter().enumerate() {
        match byte {
            byte if byte.is_ascii_alphabetic() => {}
            b'0'..=b'9' | b'+' | b'-' | b'.' if at > 0 => {}
            b':' if at == 0 => return Err("missing protocol scheme".to_owned()),
            b':' => return Ok((text.get(..at).unwrap_or_default(), text.get(at + 1..).unwrap_or_default())),
            _ => break,
        }
    }
    Ok((&[], text))
}

/// Nothing, or a colon and digits.
fn is_port(text: &[u8]) -> bool {
    text.is_empty() || text.strip_prefix(b":").is_some_and(|digits| digits.iter().all(u8::is_ascii_digit))
}

fn read_host(host: &[u8]) -> Result<Vec<u8>, String> {
    if host.first() == Some(&b'[') {
        let Some(end) = memchr::memrchr(b']', host) else {
            return Err("missing ']' in host".to_owned());
        };
        let port = host.get(end + 1..).unwrap_or_default();
        if !is_port(port) {
            return Err(format!("invalid port {} after host", shown(port)));
        }
        if let Some(zone) = memchr::memmem::find(host.get(..end).unwrap_or_default(), b"%25") {
            let address = unescaped(host.get(..zone).unwrap_or_default(), Part::Host)?;
            let zone = unescaped(host.get(zone..end).unwrap_or_default(), Part::Zone)?;
            let behind = unescaped(host.get(end..).unwrap_or_default(), Part::Host)?;
            return Ok([address, zone, behind].concat());
        }
    } else if let Some(colon) = memchr::memrchr(b':', host) {
        let port = host.get(colon..).unwrap_or_default();
        if !is_port(port) {
            return Err(format!("invalid port {} after host", shown(port)));
        }
    }
    unescaped(host, Part::Host)
}

/// Whether a byte is written as `%XX` in a part.
fn is_escaped(byte: u8, part: Part) -> bool {
    if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
        return false;
    }
    match part {
        Part::Host | Part::Zone => !b"!$&'()*+,;=:[]<>\"".contains(&byte),
        Part::Path => !b"$&+,/:;=@".contains(&byte),
        Part::User => !b"$&+,;=".contains(&byte),
        Part::Fragment => !b"$&+,/:;=?@!()*".contains(&byte),
    }
}

fn escaped(bytes: &[u8], part: Part) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    for &byte in bytes {
        if is_escaped(byte, part) {
            out.extend_from_slice(format!("%{byte:02X}").as_bytes());
        } else {
            out.push(byte);
        }
    }
    out
}

fn unescaped(bytes: &[u8], part: Part) -> Result<Vec<u8>, String> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        if byte == b'%' {
            let digit = |index: usize| {
                bytes
                    .get(index)
                    .and_then(|byte| char::from(*byte).to_digit(16))
                    .and_then(|digit| u8::try_from(digit).ok())
            };
            let (Some(high), Some(low)) = (digit(at + 1), digit(at + 2)) else {
                let bad = bytes.get(at..bytes.len().min(at + 3)).unwrap_or_default();
                return Err(format!("invalid URL escape {}", shown(bad)));
            };
            let value = high << 4 | low;
            let bad = match part {
                // Hosts may have bytes that are not ASCII escaped, and a zone whatever a host may hold.
                Part::Host => high < 8 && bytes.get(at..at + 3) != Some(b"%25"),
                Part::Zone => value != b'%' && value != b' ' && is_escaped(value, Part::Host),
                _ => false,
            };
            if bad {
                return Err(format!(
                    "invalid URL escape {}",
                    shown(bytes.get(at..at + 3).unwrap_or_default())
                ));
            }
            out.push(value);
            at += 3;
            continue;
        }
        if matches!(part, Part::Host | Part::Zone) && byte < 0x80 && is_escaped(byte, part) {
            return Err(format!("invalid character {} in host name", shown(&[byte])));
        }
        out.push(byte);
        at += 1;
    }
    Ok(out)
}
