//! Functions that calculate: over `int64` as Sprig casts to it, and over decimal fractions.

use num_bigint::BigInt;

use super::convert::{
    Answer, fixed, float, int, int_arg, int64, open, parse_int, refuse, string, to_float, to_int,
};
use crate::gotemplate::function::{Call, Failure, Function, Param};
use crate::gotemplate::value::Value;

use Param::{Any, Float64, Int, String as Str};

/// The functions of this file.
pub const TABLE: &[Function] = &[
    open("add", &[], Any, |call| folded(call, 0, i64::wrapping_add)),
    fixed("add1", &[Any], |call| int64(call, to_int(&call.arg(0)).wrapping_add(1))),
    fixed("add1f", &[Any], add1f),
    open("addf", &[], Any, |call| decimals(call, Some(0.0), 0, |left, right| Some(left.plus(right)))),
    fixed("atoi", &[Str], atoi),
    open("biggest", &[Any], Any, |call| chosen(call, i64::max)),
    fixed("ceil", &[Any], |call| float(call, to_float(&call.arg(0)).ceil())),
    fixed("div", &[Any, Any], |call| divided(call, i64::wrapping_div)),
    open("divf", &[Any], Any, |call| decimals(call, None, 1, |left, right| left.divided_by(right))),
    fixed("float64", &[Any], |call| float(call, to_float(&call.arg(0)))),
    fixed("floor", &[Any], |call| float(call, to_float(&call.arg(0)).floor())),
    fixed("int", &[Any], |call| int(call, to_int(&call.arg(0)))),
    fixed("int64", &[Any], |call| int64(call, to_int(&call.arg(0)))),
    open("max", &[Any], Any, |call| chosen(call, i64::max)),
    open("maxf", &[Any], Any, |call| chosen_float(call, larger)),
    open("min", &[Any], Any, |call| chosen(call, i64::min)),
    open("minf", &[Any], Any, |call| chosen_float(call, |left, right| -larger(-left, -right))),
    fixed("mod", &[Any, Any], |call| divided(call, i64::wrapping_rem)),
    open("mul", &[Any], Any, |call| folded(call, 1, i64::wrapping_mul)),
    open("mulf", &[Any], Any, |call| decimals(call, None, 1, |left, right| Some(left.times(right)))),
    open("round", &[Any, Int], Float64, round),
    fixed("sub", &[Any, Any], |call| int64(call, to_int(&call.arg(0)).wrapping_sub(to_int(&call.arg(1))))),
    open("subf", &[Any], Any, |call| decimals(call, None, 1, |left, right| Some(left.minus(right)))),
    fixed("toDecimal", &[Any], to_decimal),
];

fn folded(call: &mut Call<'_, '_>, start: i64, operation: fn(i64, i64) -> i64) -> Answer {
    let result = call.args.iter().map(to_int).fold(start, operation);
    int64(call, result)
}

fn chosen(call: &mut Call<'_, '_>, choose: fn(i64, i64) -> i64) -> Answer {
    let result = call.args.iter().map(to_int).reduce(choose).unwrap_or(0);
    int64(call, result)
}

fn chosen_float(call: &mut Call<'_, '_>, choose: fn(f64, f64) -> f64) -> Answer {
    let result = call.args.iter().map(to_float).reduce(choose).unwrap_or(0.0);
    float(call, result)
}

/// Go's `math.Max`: what is no number wins, but for infinity.
fn larger(left: f64, right: f64) -> f64 {
    if left == f64::INFINITY || right == f64::INFINITY {
        return f64::INFINITY;
    }
    if left.is_nan() || right.is_nan() {
        return f64::NAN;
    }
    if left == 0.0 && left == right {
        return if left.is_sign_negative() { right } else { left };
    }
    left.max(right)
}

fn divided(call: &mut Call<'_, '_>, operation: fn(i64, i64) -> i64) -> Answer {
    match to_int(&call.arg(1)) {
        0 => refuse("runtime error: integer divide by zero"),
        divisor => int64(call, operation(to_int(&call.arg(0)), divisor)),
    }
}

fn atoi(call: &mut Call<'_, '_>) -> Answer {
    let text = call.text(0);
    // What does not fit gives the number nearest to it, as Go's function does beside the error that Sprig drops.
    let clamped = || {
        let text = text.to_str();
        let digits = text.strip_prefix(['+', '-']).unwrap_or(&text);
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        match (is_number, text.starts_with('-')) {
            (false, _) => 0,
            (true, true) => i64::MIN,
            (true, false) => i64::MAX,
        }
    };
    let number = std::str::from_utf8(text.as_bytes()).ok().and_then(|text| parse_int(text, 10));
    int(call, number.unwrap_or_else(clamped))
}

/// What the digits of a number come to in base 8.
fn to_decimal(call: &mut Call<'_, '_>) -> Answer {
    let text = match call.arg(0) {
        // `fmt.Sprint` prints bytes as a list of numbers.
        Value::Bytes(_) => return int64(call, 0),
        value => string(call, &value)?,
    };
    int64(call, std::str::from_utf8(text.as_bytes()).ok().and_then(|text| parse_int(text, 8)).unwrap_or(0))
}

fn round(call: &mut Call<'_, '_>) -> Answer {
    let places = int_arg(call, 1);
    let limit = match call.args.get(2) {
        Some(Value::Float(limit, _)) => *limit,
        _ => 0.5,
    };
    let power = 10.0_f64.powi(i32::try_from(places).unwrap_or(if places < 0 { i32::MIN } else { i32::MAX }));
    let digits = power * to_float(&call.arg(0));
    let rounded = if digits.fract() >= limit { digits.ceil() } else { digits.floor() };
    float(call, rounded / power)
}

/// A decimal fraction: `digits` by ten to the power of `exponent`.
#[derive(Clone, Debug)]
struct Decimal {
    digits: BigInt,
    exponent: i64,
}

/// How many digits behind the point a quotient has.
const QUOTIENT_DIGITS: i64 = 16;

impl Decimal {
    /// The shortest one that is read as the same number.
    fn of(float: f64) -> Option<Decimal> {
        if !float.is_finite() {
            return None;
        }
        let text = format!("{float:e}");
        let (mantissa, exponent) = text.split_once('e')?;
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let exponent = exponent.parse::<i64>().ok()? - i64::try_from(fraction.len()).ok()?;
        Some(Decimal { digits: format!("{whole}{fraction}").parse().ok()?, exponent })
    }

    /// The digits for a smaller exponent.
    fn digits_at(&self, exponent: i64) -> BigInt {
        let by = u32::try_from(self.exponent - exponent).unwrap_or(0);
        &self.digits * BigInt::from(10).pow(by)
    }

    fn plus(&self, other: &Decimal) -> Decimal {
        let exponent = self.exponent.min(other.exponent);
        Decimal { digits: self.digits_at(exponent) + other.digits_at(exponent), exponent }
    }

    fn minus(&self, other: &Decimal) -> Decimal {
        let exponent = self.exponent.min(other.exponent);
        Decimal { digits: self.digits_at(exponent) - other.digits_at(exponent), exponent }
    }

    fn times(&self, other: &Decimal) -> Decimal {
        Decimal { digits: &self.digits * &other.digits, exponent: self.exponent + other.exponent }
    }

    /// The quotient, half of its last digit rounded away from zero. `None` for a divisor of zero.
    fn divided_by(&self, other: &Decimal) -> Option<Decimal> {
        let zero = BigInt::from(0);
        if other.digits == zero {
            return None;
        }
        let shift = self.exponent - other.exponent + QUOTIENT_DIGITS;
        let power = BigInt::from(10).pow(u32::try_from(shift.unsigned_abs()).ok()?);
        let (dividend, divisor) = if shift >= 0 {
            (&self.digits * power, other.digits.clone())
        } else {
            (self.digits.clone(), &other.digits * power)
        };
        let mut quotient = &dividend / &divisor;
        let remainder = &dividend - &quotient * &divisor;
        if remainder.magnitude() * 2_u32 >= *divisor.magnitude() {
            let negative = (dividend < zero) != (divisor < zero);
            quotient += if negative { -1 } else { 1 };
        }
        Some(Decimal { digits: quotient, exponent: -QUOTIENT_DIGITS })
    }

    fn to_float(&self) -> f64 {
        format!("{}e{}", self.digits, self.exponent).parse().unwrap_or(0.0)
    }
}

/// Calculates with exact decimal fractions, from a start or the first argument on.
fn decimals(
    call: &mut Call<'_, '_>,
    start: Option<f64>,
    from: usize,
    operation: fn(&Decimal, &Decimal) -> Option<Decimal>,
) -> Answer {
    let start = start.unwrap_or_else(|| to_float(&call.arg(0)));
    let mut result = decimal(start)?;
    for index in from..call.args.len() {
        let next = decimal(to_float(&call.arg(index)))?;
        call.evaluation.charge_fuel(usize::try_from(result.digits.bits() / 64).unwrap_or(usize::MAX))?;
        let Some(next) = operation(&result, &next) else { return refuse("decimal division by 0") };
        result = next;
    }
    float(call, result.to_float())
}

fn decimal(float: f64) -> Result<Decimal, Failure> {
    Decimal::of(float).ok_or_else(|| {
        let named = if float.is_nan() {
            "NaN"
        } else if float > 0.0 {
            "+Inf"
        } else {
            "-Inf"
        };
        Failure::new(format!("Cannot create a Decimal from {named}"))
    })
}

fn add1f(call: &mut Call<'_, '_>) -> Answer {
    let result = decimal(to_float(&call.arg(0)))?.plus(&decimal(1.0)?);
    float(call, result.to_float())
}
