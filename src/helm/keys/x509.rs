//! Certificates as Go's `crypto/x509` writes them.

use std::net::IpAddr;

use num_bigint::BigUint;
use sha1::Sha1;
use sha2::Digest;

use super::der::{self, bits, expect, identifier, integer, octets, pem, read, sequence, tagged};
use super::private::PrivateKey;
use crate::helm::host::Draw;

/// What a certificate says.
#[derive(Clone, Debug)]
pub struct Request<'r> {
    /// The common name.
    pub name: &'r [u8],
    /// The addresses that it is for.
    pub addresses: Vec<IpAddr>,
    /// The names of hosts that it is for, of ASCII.
    pub hosts: Vec<Vec<u8>>,
    /// Whether it is one that signs others.
    pub is_authority: bool,
    /// From when on and until when it is valid: years, months, days, hours, minutes, seconds.
    pub validity: [[i64; 6]; 2],
}

/// Who signs a certificate.
#[derive(Clone, Debug)]
pub struct Signer<'s> {
    /// The name of the signer as its certificate has it; `None` for one that signs itself.
    pub subject: Option<Vec<u8>>,
    /// The identifier of the signer's key, if its certificate has one.
    pub key_id: Option<Vec<u8>>,
    /// The key.
    pub key: &'s PrivateKey,
}

const COMMON_NAME: &[u8] = &[0x55, 4, 3];
const KEY_USAGE: &[u8] = &[0x55, 0x1d, 15];
const EXTENDED_KEY_USAGE: &[u8] = &[0x55, 0x1d, 37];
const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 19];
const SUBJECT_KEY_ID: &[u8] = &[0x55, 0x1d, 14];
const AUTHORITY_KEY_ID: &[u8] = &[0x55, 0x1d, 35];
const ALTERNATIVE_NAMES: &[u8] = &[0x55, 0x1d, 17];
const SERVER: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 1];
const CLIENT: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 2];
const TRUE: [u8; 3] = [1, 1, 0xff];

fn extension(name: &[u8], critical: bool, content: &[u8]) -> Vec<u8> {
    let mut parts = vec![identifier(name)];
    if critical {
        parts.push(TRUE.to_vec());
    }
    parts.push(octets(content));
    sequence(&parts)
}

/// A name that is a common name alone, or nothing.
fn subject(name: &[u8]) -> Vec<u8> {
    if name.is_empty() {
        return sequence(&[]);
    }
    let is_printable = |byte: &u8| byte.is_ascii_alphanumeric() || b" '()+,-./:=?".contains(byte);
    let tag = if name.iter().all(is_printable) { 0x13 } else { 0x0c };
    let pair = sequence(&[identifier(COMMON_NAME), tagged(tag, name)]);
    sequence(&[tagged(0x31, &pair)])
}

fn time([year, month, day, hour, minute, second]: [i64; 6]) -> Vec<u8> {
    let rest = format!("{month:02}{day:02}{hour:02}{minute:02}{second:02}Z");
    if (1950..2050).contains(&year) {
        tagged(0x17, format!("{:02}{rest}", year % 100).as_bytes())
    } else {
        tagged(0x18, format!("{year:04}{rest}").as_bytes())
    }
}

/// A certificate for a key, as PEM. One that is not `genuine` has a signature that is none.
///
/// # Errors
/// In words, when one of the keys cannot be in a certificate.
pub fn certificate(
    request: &Request<'_>,
    key: &PrivateKey,
    signer: &Signer<'_>,
    draw: &mut Draw,
    genuine: bool,
) -> Result<String, String> {
    let unsupported = || "x509: only RSA, ECDSA and Ed25519 keys supported".to_owned();
    let (public, key_bytes) = key.public().ok_or_else(unsupported)?;
    let algorithm = signer.key.algorithm().ok_or_else(unsupported)?;
    let own_subject = subject(request.name);
    let issuer = signer.subject.clone().unwrap_or_else(|| own_subject.clone());
    let serial = BigUint::from_bytes_be(&draw.bytes(16));

    // From the highest bit down: signature, key encipherment, and signing of certificates.
    let usage: &[u8] = if request.is_authority { &[3, 2, 2, 0xa4] } else { &[3, 2, 5, 0xa0] };
    let constraints = if request.is_authority { sequence(&[TRUE.to_vec()]) } else { sequence(&[]) };
    let mut extensions = vec![
        extension(KEY_USAGE, true, usage),
        extension(EXTENDED_KEY_USAGE, false, &sequence(&[identifier(SERVER), identifier(CLIENT)])),
        extension(BASIC_CONSTRAINTS, true, &constraints),
    ];
    if request.is_authority {
        extensions.push(extension(SUBJECT_KEY_ID, false, &octets(&Sha1::digest(&key_bytes))));
    }
    if let Some(id) = signer.key_id.as_ref().filter(|_| issuer != own_subject) {
        extensions.push(extension(AUTHORITY_KEY_ID, false, &sequence(&[tagged(0x80, id)])));
    }
    if !request.hosts.is_empty() || !request.addresses.is_empty() {
        let hosts = request.hosts.iter().map(|host| tagged(0x82, host));
        let addresses = request.addresses.iter().map(|address| match address.to_canonical() {
            IpAddr::V4(address) => tagged(0x87, &address.octets()),
            IpAddr::V6(address) => tagged(0x87, &address.octets()),
        });
        let names: Vec<Vec<u8>> = hosts.chain(addresses).collect();
        extensions.push(extension(ALTERNATIVE_NAMES, request.name.is_empty(), &sequence(&names)));
    }

    let [from, until] = request.validity;
    let body = sequence(&[
        tagged(0xa0, &integer(&BigUint::from(2_u32))),
        integer(&serial),
        algorithm.clone(),
        issuer,
        sequence(&[time(from), time(until)]),
        own_subject,
        public,
        tagged(0xa3, &sequence(&extensions)),
    ]);
    let signature = signer.key.sign(&body, draw, genuine);
    Ok(pem("CERTIFICATE", &sequence(&[body, algorithm, bits(&signature)])))
}

/// The subject of a certificate, and the identifier of its key if it has one.
pub fn subject_of(mut certificate: &[u8]) -> Option<(Vec<u8>, Option<Vec<u8>>)> {
    let mut parts = expect(&mut certificate, 0x30)?;
    let mut body = expect(&mut parts, 0x30)?;
    let mut item = read(&mut body)?;
    if item.tag == 0xa0 {
        item = read(&mut body)?;
    }
    // The serial number was read; then come the algorithm, the issuer, the validity and the subject.
    if item.tag != 2 {
        return None;
    }
    for _ in 0..3 {
        expect(&mut body, 0x30)?;
    }
    let subject = read(&mut body)?.whole.to_vec();
    expect(&mut body, 0x30)?;
    let mut key_id = None;
    while let Some(item) = read(&mut body) {
        if item.tag == 0xa3 {
            key_id = key_id_of(item.content);
        }
    }
    Some((subject, key_id))
}

fn key_id_of(mut extensions: &[u8]) -> Option<Vec<u8>> {
    let mut extensions = expect(&mut extensions, 0x30)?;
    while let Some(mut extension) = expect(&mut extensions, 0x30) {
        let name = expect(&mut extension, 6)?;
        let mut content = read(&mut extension)?;
        if content.tag == 1 {
            content = read(&mut extension)?;
        }
        if name == SUBJECT_KEY_ID {
            let mut content = content.content;
            return der::expect(&mut content, 4).map(<[u8]>::to_vec);
        }
    }
    None
}
