//! The curve of Ed25519: public keys and signatures.

use num_bigint::BigUint;
use sha2::{Digest, Sha512};

/// A point by its two numbers.
type Point = (BigUint, BigUint);

fn number(digits: &str) -> BigUint {
    BigUint::parse_bytes(digits.as_bytes(), 10).unwrap_or_default()
}

struct Curve {
    p: BigUint,
    order: BigUint,
    d: BigUint,
    base: Point,
}

fn curve() -> Curve {
    let p = (BigUint::from(1_u32) << 255_u32) - 19_u32;
    let order = (BigUint::from(1_u32) << 252_u32) + number("27742317777372353535851937790883648493");
    let d = (&p - 121_665_u32) * BigUint::from(121_666_u32).modinv(&p).unwrap_or_default() % &p;
    let x = number("15112221349535400772501151409588531511454012693041857206046113283949847762202");
    let y = number("46316835694926478169428394003475163141307993866256225615783033603165251855960");
    Curve { p, order, d, base: (x, y) }
}

impl Curve {
    fn add(&self, (x1, y1): &Point, (x2, y2): &Point) -> Point {
        let one = BigUint::from(1_u32);
        let product = &self.d * x1 * x2 % &self.p * y1 % &self.p * y2 % &self.p;
        let below_x = (&one + &product).modinv(&self.p).unwrap_or_default();
        let below_y = (&one + &self.p - &product).modinv(&self.p).unwrap_or_default();
        let x = (x1 * y2 + x2 * y1) % &self.p * below_x % &self.p;
        let y = (y1 * y2 + x1 * x2) % &self.p * below_y % &self.p;
        (x, y)
    }

    fn times(&self, scalar: &BigUint, point: &Point) -> Point {
        let mut sum = (BigUint::ZERO, BigUint::from(1_u32));
        for index in (0..scalar.bits()).rev() {
            sum = self.add(&sum, &sum);
            if scalar.bit(index) {
                sum = self.add(&sum, point);
            }
        }
        sum
    }

    fn compressed(&self, (x, y): &Point) -> Vec<u8> {
        let mut bytes = fixed_bytes(y);
        if let Some(last) = bytes.last_mut()
            && x.bit(0)
        {
            *last |= 0x80;
        }
        bytes
    }
}

/// A number as 32 bytes, the lowest first.
fn fixed_bytes(number: &BigUint) -> Vec<u8> {
    let mut bytes = number.to_bytes_le();
    bytes.resize(32, 0);
    bytes
}

/// The private number of a seed, and what signatures are salted with.
fn expanded(seed: &[u8]) -> (BigUint, Vec<u8>) {
    let hash = Sha512::digest(seed);
    let (low, prefix) = hash.split_at(32);
    let mut private = BigUint::from_bytes_le(low);
    for bit in [0, 1, 2, 255] {
        private.set_bit(bit, false);
    }
    private.set_bit(254, true);
    (private, prefix.to_vec())
}

/// The public key to a seed.
pub fn public(seed: &[u8]) -> Vec<u8> {
    let curve = curve();
    curve.compressed(&curve.times(&expanded(seed).0, &curve.base))
}

/// A signature.
pub fn sign(seed: &[u8], message: &[u8]) -> Vec<u8> {
    let curve = curve();
    let (private, prefix) = expanded(seed);
    let hash = |parts: &[&[u8]]| BigUint::from_bytes_le(&Sha512::digest(parts.concat())) % &curve.order;
    let nonce = hash(&[&prefix, message]);
    let first = curve.compressed(&curve.times(&nonce, &curve.base));
    let challenge = hash(&[&first, &public(seed), message]);
    let second = (nonce + challenge * private) % &curve.order;
    [first, fixed_bytes(&second)].concat()
}
