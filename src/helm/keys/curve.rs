//! The curve P-256: public keys and signatures.

use num_bigint::BigUint;

use crate::helm::host::Draw;

/// The numbers of the curve `y² = x³ - 3x + b`.
struct Curve {
    p: BigUint,
    order: BigUint,
    base: Point,
}

/// A point by its two numbers; `None` is the one at infinity.
type Point = Option<(BigUint, BigUint)>;

fn hexadecimal(digits: &str) -> BigUint {
    BigUint::parse_bytes(digits.as_bytes(), 16).unwrap_or_default()
}

fn curve() -> Curve {
    let p = hexadecimal("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff");
    let order = hexadecimal("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
    let x = hexadecimal("6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296");
    let y = hexadecimal("4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5");
    Curve { p, order, base: Some((x, y)) }
}

impl Curve {
    /// `left - right` by the prime of the curve.
    fn minus(&self, left: &BigUint, right: &BigUint) -> BigUint {
        (left + &self.p - right % &self.p) % &self.p
    }

    fn add(&self, left: &Point, right: &Point) -> Point {
        let (Some((x1, y1)), Some((x2, y2))) = (left, right) else {
            return left.clone().or_else(|| right.clone());
        };
        let slope = if x1 == x2 {
            if y1 != y2 || *y1 == BigUint::ZERO {
                return None;
            }
            let above = self.minus(&(x1 * x1 * 3_u32), &BigUint::from(3_u32));
            above * (y1 * 2_u32).modinv(&self.p)?
        } else {
            self.minus(y2, y1) * self.minus(x2, x1).modinv(&self.p)?
        } % &self.p;
        let x = self.minus(&(&slope * &slope), &(x1 + x2));
        let y = self.minus(&(slope * self.minus(x1, &x)), y1);
        Some((x, y))
    }

    fn times(&self, scalar: &BigUint, point: &Point) -> Point {
        let mut sum = None;
        for index in (0..scalar.bits()).rev() {
            sum = self.add(&sum, &sum);
            if scalar.bit(index) {
                sum = self.add(&sum, point);
            }
        }
        sum
    }
}

/// A number as 32 bytes.
pub fn fixed_bytes(number: &BigUint) -> Vec<u8> {
    let bytes = number.to_bytes_be();
    [vec![0; 32_usize.saturating_sub(bytes.len())], bytes].concat()
}

/// A number from 1 to one less than the order of the curve.
pub fn scalar(draw: &mut Draw) -> BigUint {
    BigUint::from_bytes_be(&draw.bytes(48)) % (curve().order - 1_u32) + 1_u32
}

/// The public key to a private one, uncompressed.
pub fn public(scalar: &BigUint) -> Vec<u8> {
    let curve = curve();
    match curve.times(scalar, &curve.base) {
        Some((x, y)) => [vec![4], fixed_bytes(&x), fixed_bytes(&y)].concat(),
        None => vec![0],
    }
}

/// The two numbers of a signature.
pub fn sign(private: &BigUint, digest: &[u8], draw: &mut Draw) -> (BigUint, BigUint) {
    let curve = curve();
    let digest = BigUint::from_bytes_be(digest);
    loop {
        let nonce = scalar(draw);
        let Some((x, _)) = curve.times(&nonce, &curve.base) else { continue };
        let r = x % &curve.order;
        let inverse = nonce.modinv(&curve.order).unwrap_or_default();
        let s = inverse * (&digest + &r * private) % &curve.order;
        if r != BigUint::ZERO && s != BigUint::ZERO {
            return (r, s);
        }
    }
}
