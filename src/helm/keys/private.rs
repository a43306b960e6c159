//! Private keys: made of a stream of drawn bytes, read, written and used for signing.
//!
//! The same stream makes the same key, in every version of the program: so a key is found here by a search that is written
//! down, and not by a crate's. Nothing here takes the same time for every key, as it never runs where somebody could measure
//! it.

use num_bigint::BigUint;
use sha2::{Digest, Sha256};

use super::der::{self, bits, expect, identifier, integer, octets, pem, read_integer, sequence, tagged};
use super::{curve, edwards};
use crate::helm::host::Draw;

/// A private key.
#[derive(Clone, Debug)]
pub enum PrivateKey {
    /// RSA, with the exponent 65537.
    Rsa(Rsa),
    /// The curve P-256.
    Ecdsa(BigUint),
    /// Ed25519, by its seed of 32 bytes.
    Ed25519(Vec<u8>),
    /// DSA: `p`, `q`, `g`, `y` and `x`. It signs no certificates.
    Dsa(Box<[BigUint; 5]>),
}

/// An RSA key.
#[derive(Clone, Debug)]
pub struct Rsa {
    n: BigUint,
    e: BigUint,
    d: BigUint,
    p: BigUint,
    q: BigUint,
}

const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];
const SHA256_WITH_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11];
const EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
const ECDSA_WITH_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];
const ED25519: &[u8] = &[0x2b, 0x65, 0x70];
const NULL: [u8; 2] = [5, 0];

/// Odd primes that are tried before anything that takes longer.
fn small_primes() -> Vec<u32> {
    (3..2000_u32)
        .step_by(2)
        .filter(|number| (3..).take_while(|by| by * by <= *number).all(|by| number % by != 0))
        .collect()
}

/// A number of so many bits, of which the highest two and the lowest are set.
fn odd_number(draw: &mut Draw, size: u64) -> BigUint {
    let bytes = draw.bytes(usize::try_from(size / 8).unwrap_or(1));
    let mut number = BigUint::from_bytes_be(&bytes);
    number.set_bit(size - 1, true);
    number.set_bit(size - 2, true);
    number.set_bit(0, true);
    number
}

/// Whether a number is prime, with an error in less than one of 4^20 cases (Miller and Rabin).
fn is_prime(number: &BigUint, draw: &mut Draw) -> bool {
    let one = BigUint::from(1_u32);
    let before = number - &one;
    let twos = before.trailing_zeros().unwrap_or(0);
    let odd = &before >> twos;
    'bases: for round in 0..20 {
        let base =
            if round == 0 { BigUint::from(2_u32) } else { BigUint::from_bytes_be(&draw.bytes(16)) + 2_u32 };
        let mut power = base.modpow(&odd, number);
        if power == one || power == before {
            continue;
        }
        for _ in 1..twos {
            power = &power * &power % number;
            if power == before {
                continue 'bases;
            }
        }
        return false;
    }
    true
}

/// The first prime from an odd number on, in steps, that fits.
fn prime_from(start: BigUint, step: &BigUint, draw: &mut Draw, fits: impl Fn(&BigUint) -> bool) -> BigUint {
    let small = small_primes();
    let remainder = |number: &BigUint, by: u32| (number % by).try_into().unwrap_or(0_u32);
    let mut left: Vec<u32> = small.iter().map(|by| remainder(&start, *by)).collect();
    let steps: Vec<u32> = small.iter().map(|by| remainder(step, *by)).collect();
    let mut number = start;
    loop {
        if left.iter().all(|left| *left != 0) && fits(&number) && is_prime(&number, draw) {
            return number;
        }
        number += step;
        for ((left, step), by) in left.iter_mut().zip(&steps).zip(&small) {
            *left = (*left + step) % by;
        }
    }
}

impl Rsa {
    /// A key of so many bits. One that is not `genuine` has the form of a key alone, and costs nothing.
    pub fn new(draw: &mut Draw, size: u64, genuine: bool) -> Rsa {
        let e = BigUint::from(65_537_u32);
        let one = BigUint::from(1_u32);
        let two = BigUint::from(2_u32);
        let prime = |draw: &mut Draw| {
            let start = odd_number(draw, size / 2);
            if genuine {
                prime_from(start, &two, draw, |prime| (prime - 1_u32) % &e != BigUint::ZERO)
            } else {
                start
            }
        };
        let p = prime(draw);
        let q = loop {
            let q = prime(draw);
            if q != p {
                break q;
            }
        };
        let (p, q) = if p > q { (p, q) } else { (q, p) };
        let d = if genuine {
            e.modinv(&((&p - &one) * (&q - &one))).unwrap_or_default()
        } else {
            odd_number(draw, size - 8)
        };
        Rsa { n: &p * &q, e, d, p, q }
    }

    fn bytes(&self) -> Vec<u8> {
        let one = BigUint::from(1_u32);
        let inverse = self.q.modinv(&self.p).unwrap_or_default();
        sequence(&[
            integer(&BigUint::ZERO),
            integer(&self.n),
            integer(&self.e),
            integer(&self.d),
            integer(&self.p),
            integer(&self.q),
            integer(&(&self.d % (&self.p - &one))),
            integer(&(&self.d % (&self.q - &one))),
            integer(&inverse),
        ])
    }

    fn read(mut bytes: &[u8]) -> Option<Rsa> {
        let mut parts = expect(&mut bytes, 0x30)?;
        read_integer(&mut parts)?;
        let mut next = || read_integer(&mut parts);
        let (n, e, d, p, q) = (next()?, next()?, next()?, next()?, next()?);
        (n == &p * &q && !n.bits().eq(&0)).then_some(Rsa { n, e, d, p, q })
    }

    /// The number of bytes of a signature.
    fn size(&self) -> usize {
        usize::try_from(self.n.bits().div_ceil(8)).unwrap_or(0)
    }

    /// PKCS #1, version 1.5, with SHA-256.
    fn sign(&self, message: &[u8]) -> Vec<u8> {
        const SHA256: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1];
        let digest = Sha256::digest(message);
        let algorithm = sequence(&[identifier(SHA256), NULL.to_vec()]);
        let info = sequence(&[algorithm, octets(&digest)]);
        let size = self.size();
        let padding = vec![0xff; size.saturating_sub(info.len() + 3)];
        let padded = [&[0, 1][..], &padding, &[0], &info].concat();
        let signature = BigUint::from_bytes_be(&padded).modpow(&self.d, &self.n).to_bytes_be();
        [vec![0; size.saturating_sub(signature.len())], signature].concat()
    }
}

impl PrivateKey {
    /// A new key as `genPrivateKey` names its type. `None` for a type that there is none of.
    pub fn new(kind: &str, draw: &mut Draw, genuine: bool) -> Option<PrivateKey> {
        Some(match kind {
            "" | "rsa" => PrivateKey::Rsa(Rsa::new(draw, 4096, genuine)),
            "ecdsa" => PrivateKey::Ecdsa(curve::scalar(draw)),
            "ed25519" => PrivateKey::Ed25519(draw.bytes(32)),
            "dsa" => PrivateKey::Dsa(Box::new(dsa(draw, genuine))),
            _ => return None,
        })
    }

    /// The key as PEM.
    pub fn pem(&self) -> String {
        match self {
            PrivateKey::Rsa(key) => pem("RSA PRIVATE KEY", &key.bytes()),
            PrivateKey::Ecdsa(scalar) => {
                let key = sequence(&[
                    integer(&BigUint::from(1_u32)),
                    octets(&curve::fixed_bytes(scalar)),
                    tagged(0xa0, &identifier(P256)),
                    tagged(0xa1, &bits(&curve::public(scalar))),
                ]);
                pem("EC PRIVATE KEY", &key)
            }
            PrivateKey::Ed25519(seed) => {
                let algorithm = sequence(&[identifier(ED25519)]);
                pem("PRIVATE KEY", &sequence(&[integer(&BigUint::ZERO), algorithm, octets(&octets(seed))]))
            }
            PrivateKey::Dsa(numbers) => {
                let mut parts = vec![integer(&BigUint::ZERO)];
                parts.extend(numbers.iter().map(integer));
                pem("DSA PRIVATE KEY", &sequence(&parts))
            }
        }
    }

    /// Reads a key.
    ///
    /// # Errors
    /// In words, when the text is none.
    pub fn read(text: &[u8]) -> Result<PrivateKey, String> {
        let (label, bytes) = der::read_pem(text).ok_or("no PEM data in input")?;
        if label == "PRIVATE KEY" {
            return PrivateKey::read_pkcs8(&bytes)
                .ok_or_else(|| "decoding PEM as PKCS#8: it is not such a key".to_owned());
        }
        let Some(kind) = label.strip_suffix(" PRIVATE KEY") else {
            return Err(format!("no private key data in PEM block of type {label}"));
        };
        let key = match kind {
            "RSA" => Rsa::read(&bytes).map(PrivateKey::Rsa),
            "EC" => PrivateKey::read_ec(&bytes),
            "DSA" => PrivateKey::read_dsa(&bytes),
            _ => return Err(format!("invalid private key type {kind}")),
        };
        key.ok_or_else(|| format!("parsing {kind} private key from PEM: it is not such a key"))
    }

    fn read_pkcs8(mut bytes: &[u8]) -> Option<PrivateKey> {
        let mut parts = expect(&mut bytes, 0x30)?;
        read_integer(&mut parts)?;
        let mut algorithm = expect(&mut parts, 0x30)?;
        let kind = expect(&mut algorithm, 6)?;
        let mut key = expect(&mut parts, 4)?;
        match kind {
            RSA => Rsa::read(key).map(PrivateKey::Rsa),
            EC => PrivateKey::read_ec(key),
            ED25519 => expect(&mut key, 4)
                .filter(|seed| seed.len() == 32)
                .map(|seed| PrivateKey::Ed25519(seed.to_vec())),
            _ => None,
        }
    }

    fn read_ec(mut bytes: &[u8]) -> Option<PrivateKey> {
        let mut parts = expect(&mut bytes, 0x30)?;
        read_integer(&mut parts)?;
        let scalar = expect(&mut parts, 4)?;
        // Of other curves there are no certificates here.
        (scalar.len() <= 32).then(|| PrivateKey::Ecdsa(BigUint::from_bytes_be(scalar)))
    }

    fn read_dsa(mut bytes: &[u8]) -> Option<PrivateKey> {
        let mut parts = expect(&mut bytes, 0x30)?;
        read_integer(&mut parts)?;
        let mut next = || read_integer(&mut parts);
        Some(PrivateKey::Dsa(Box::new([next()?, next()?, next()?, next()?, next()?])))
    }

    /// The public key as certificates have it, and the bytes of it that its identifier is made of. `None` for DSA.
    pub fn public(&self) -> Option<(Vec<u8>, Vec<u8>)> {
        let (algorithm, key) = match self {
            PrivateKey::Rsa(key) => {
                (sequence(&[identifier(RSA), NULL.to_vec()]), sequence(&[integer(&key.n), integer(&key.e)]))
            }
            PrivateKey::Ecdsa(scalar) => {
                (sequence(&[identifier(EC), identifier(P256)]), curve::public(scalar))
            }
            PrivateKey::Ed25519(seed) => (sequence(&[identifier(ED25519)]), edwards::public(seed)),
            PrivateKey::Dsa(_) => return None,
        };
        Some((sequence(&[algorithm, bits(&key)]), key))
    }

    /// The algorithm that it signs with. `None` for DSA.
    pub fn algorithm(&self) -> Option<Vec<u8>> {
        Some(match self {
            PrivateKey::Rsa(_) => sequence(&[identifier(SHA256_WITH_RSA), NULL.to_vec()]),
            PrivateKey::Ecdsa(_) => sequence(&[identifier(ECDSA_WITH_SHA256)]),
            PrivateKey::Ed25519(_) => sequence(&[identifier(ED25519)]),
            PrivateKey::Dsa(_) => return None,
        })
    }

    /// A signature; one that is not `genuine` has the form of one alone.
    pub fn sign(&self, message: &[u8], draw: &mut Draw, genuine: bool) -> Vec<u8> {
        match self {
            PrivateKey::Rsa(key) if genuine => key.sign(message),
            PrivateKey::Rsa(key) => draw.bytes(key.size()),
            PrivateKey::Ecdsa(scalar) => {
                let (r, s) = curve::sign(scalar, &Sha256::digest(message), draw);
                sequence(&[integer(&r), integer(&s)])
            }
            PrivateKey::Ed25519(seed) => edwards::sign(seed, message),
            PrivateKey::Dsa(_) => Vec::new(),
        }
    }
}

/// The numbers of a DSA key: primes of 2048 and 256 bits, the second of which divides the first less one.
fn dsa(draw: &mut Draw, genuine: bool) -> [BigUint; 5] {
    let one = BigUint::from(1_u32);
    let start = odd_number(draw, 256);
    let q = if genuine { prime_from(start, &BigUint::from(2_u32), draw, |_| true) } else { start };
    let step = &q * 2_u32;
    let p = odd_number(draw, 2048);
    let p = &p - (&p % &step) + &one;
    if !genuine {
        let numbers = [2040, 2040, 248].map(|size| odd_number(draw, size));
        let [g, y, x] = numbers;
        return [p, q, g, y, x];
    }
    let p = prime_from(p, &step, draw, |_| true);
    let exponent = (&p - &one) / &q;
    let mut base = BigUint::from(2_u32);
    let g = loop {
        let g = base.modpow(&exponent, &p);
        if g != one {
            break g;
        }
        base += &one;
    };
    let x = BigUint::from_bytes_be(&draw.bytes(40)) % (&q - &one) + &one;
    let y = g.modpow(&x, &p);
    [p, q, g, y, x]
}
