//! What values look like as text: Go's `fmt`, as `print`, `printf` and `{{ . }}` use it.

use std::rc::Rc;

use super::budget::Budget;
use super::characters::{decode, is_printable};
use super::error::Failure;
use super::float::format_float;
use super::quote::{can_be_raw, quoted_with};
use super::text::{Origin, Text, TextBuilder};
use super::value::{Int, List, Map, Object, StructField, Value};
use crate::limits::Limit;

/// Where a struct of a pointer stands in memory, as one of Go's addresses.
const ADDRESS: &[u8] = b"0xc000000000";

/// A value as `printf "%v"` prints it.
///
/// # Errors
/// When it is too large, or holds itself.
pub fn display(value: &Value, budget: &mut Budget) -> Result<Text, Failure> {
    if let Value::String(text) = value {
        return Ok(text.clone());
    }
    let mut printer = Printer::new(budget);
    printer.argument(value, 'v')?;
    Ok(printer.out.finish_or_else(|| value.origin()))
}

/// What `{{ . }}` prints of an object: what a pointer points to, and what its `String` gives if it is no pointer.
///
/// # Errors
/// As [`display`].
pub fn show(object: &Rc<dyn Object>, budget: &mut Budget) -> Result<Text, Failure> {
    if let Some(text) = object.show() {
        return Ok(Text::new(text, object.origin()));
    }
    let fields = object.structure();
    if fields.is_empty() {
        return display(&Value::Object(object.clone()), budget);
    }
    let mut printer = Printer::new(budget);
    printer.structure(&**object, fields, 'v')?;
    Ok(printer.out.finish_or_else(|| object.origin()))
}

/// `print`: operands one behind the other, with a space between two that are no strings.
///
/// # Errors
/// When the text is too large, or a value holds itself.
pub fn print(args: &[Value], budget: &mut Budget) -> Result<Text, Failure> {
    let mut printer = Printer::new(budget);
    let mut after_string = true;
    for (index, value) in args.iter().enumerate() {
        let is_string = matches!(value, Value::String(_));
        if index > 0 && !is_string && !after_string {
            printer.push(b" ")?;
        }
        printer.argument(value, 'v')?;
        after_string = is_string;
    }
    Ok(printer.out.finish_or_else(|| Origin::of_all(args.iter().map(Value::origin))))
}

/// `println`: operands with spaces between them, and a line break.
///
/// # Errors
/// When the text is too large, or a value holds itself.
pub fn println(args: &[Value], budget: &mut Budget) -> Result<Text, Failure> {
    let mut printer = Printer::new(budget);
    for (index, value) in args.iter().enumerate() {
        if index > 0 {
            printer.push(b" ")?;
        }
        printer.argument(value, 'v')?;
    }
    printer.push(b"\n")?;
    Ok(printer.out.finish())
}

/// `printf`: a format and its arguments. What is wrong with the format stands in the text, as in Go.
///
/// # Errors
/// When the text is too large, or a value holds itself.
pub fn printf(format: &Text, args: &[Value], budget: &mut Budget) -> Result<Text, Failure> {
    let mut printer = Printer::new(budget);
    Format {
        text: format,
        bytes: format.as_bytes(),
        at: 0,
        args,
        next: 0,
        reordered: false,
        good_index: true,
    }
    .print(&mut printer)?;
    Ok(printer.out.finish_or_else(|| format.origin()))
}

/// A text without `<no value>`, which Go prints for what is missing.
pub fn without_no_value(text: &Text) -> Text {
    const MARK: &[u8] = b"<no value>";
    let bytes = text.as_bytes();
    if memchr::memmem::find(bytes, MARK).is_none() {
        return text.clone();
    }
    let mut builder = TextBuilder::default();
    let mut from = 0;
    for found in memchr::memmem::find_iter(bytes, MARK) {
        builder.push_part(text, from..found);
        from = found + MARK.len();
    }
    builder.push_part(text, from..bytes.len());
    builder.finish_or_else(|| text.origin())
}

/// What stands between `%` and the verb.
#[derive(Clone, Copy, Debug, Default)]
struct Flags {
    width: Option<usize>,
    precision: Option<usize>,
    plus: bool,
    minus: bool,
    sharp: bool,
    space: bool,
    zero: bool,
    /// `%#v`
    sharp_v: bool,
    /// `%+v`
    plus_v: bool,
}

struct Printer<'b> {
    out: TextBuilder,
    budget: &'b mut Budget,
    flags: Flags,
    depth: usize,
    /// What the bytes that are pushed were made of.
    origin: Origin,
}

type Done = Result<(), Failure>;

impl<'b> Printer<'b> {
    fn new(budget: &'b mut Budget) -> Printer<'b> {
        let (out, flags) = (TextBuilder::default(), Flags::default());
        Printer { out, budget, flags, depth: 0, origin: Origin::NOWHERE }
    }

    fn push(&mut self, bytes: &[u8]) -> Done {
        self.grow(bytes.len())?;
        self.out.push(bytes, self.origin);
        Ok(())
    }

    fn grow(&mut self, bytes: usize) -> Done {
        // The whole is held against the limit of one text, and each byte is paid for once.
        if self.out.len() + bytes > self.budget.limits().of(Limit::Text) {
            return self.budget.charge_text(self.out.len() + bytes);
        }
        self.budget.charge_text(bytes)
    }

    /// A value with a verb, as an argument or in a list.
    fn argument(&mut self, value: &Value, verb: char) -> Done {
        let outer = self.origin;
        let own = value.origin();
        self.origin = if own == Origin::NOWHERE { outer } else { Origin { verbatim: false, ..own } };
        let done = self.dispatch(value, verb);
        self.origin = outer;
        done
    }

    fn dispatch(&mut self, value: &Value, verb: char) -> Done {
        self.budget.charge_fuel(1)?;
        if verb == 'T' && matches!(value, Value::Nil) {
            return self.pad(b"<nil>");
        }
        if verb == 'T' {
            let name = value.type_name();
            return self.string(&Text::new(name, self.origin), 's', value);
        }
        if verb == 'p' {
            return match value {
                Value::Bytes(_) | Value::List(_) | Value::Map(_) | Value::Object(_) => {
                    Err(Failure::new("%p prints an address, which is another one in each run"))
                }
                _ => self.bad_verb(value, verb),
            };
        }
        match value {
            Value::Nil if verb == 'v' && self.depth > 0 && self.flags.sharp_v => {
                self.push(b"interface {}(nil)")
            }
            Value::Nil if self.depth > 0 => self.push(b"<nil>"),
            Value::Nil if verb == 'v' => self.pad(b"<nil>"),
            Value::Nil => self.bad_verb(value, verb),
            Value::Bool(bool, _) if matches!(verb, 't' | 'v') => {
                self.pad(if *bool { b"true" } else { b"false" })
            }
            Value::Bool(..) => self.bad_verb(value, verb),
            Value::Int(int, _) => self.int(*int, verb, value),
            Value::Float(float, _) => self.float(*float, verb, value),
            Value::String(text) => self.string(text, verb, value),
            Value::Bytes(text) => self.bytes(text, verb, value),
            // Go's `Errorf` has it, and nothing else.
            Value::List(_) | Value::Map(_) if verb == 'w' => self.bad_verb(value, verb),
            Value::List(list) => self.deeper(|printer| printer.list(list, verb)),
            Value::Map(map) => self.deeper(|printer| printer.map(map, verb)),
            Value::Object(object) => {
                let fields = object.structure();
                if !fields.is_empty() {
                    if object.kind_name() == "ptr" {
                        if self.depth > 0 {
                            // There Go prints where it stands in memory, which is elsewhere in each run.
                            self.grow(ADDRESS.len())?;
                            self.out.push(ADDRESS, Origin { drawn: true, ..self.origin });
                            return Ok(());
                        }
                        self.push(b"&")?;
                    }
                    return self.deeper(|printer| printer.structure(&**object, fields, verb));
                }
                let text = Text::new(object.print(), Origin::of_all([self.origin, object.origin()]));
                match verb {
                    'v' | 's' => self.pad_text(&text),
                    'q' | 'x' | 'X' => self.string(&text, verb, value),
                    _ => self.bad_verb(value, verb),
                }
            }
        }
    }

    fn deeper(&mut self, print: impl FnOnce(&mut Self) -> Done) -> Done {
        if self.depth >= self.budget.limits().of(Limit::Nesting) {
            let most = self.budget.limits().said(Limit::Nesting);
            let message =
                format!("this has more than {most} lists and maps inside each other, or holds itself");
            return Err(Failure::limit(Limit::Nesting, message));
        }
        self.depth += 1;
        let done = print(self);
        self.depth -= 1;
        done
    }

    fn list(&mut self, list: &List, verb: char) -> Done {
        let sharp = self.flags.sharp_v;
        let (open, between, close) = if sharp { ("{", ", ", "}") } else { ("[", " ", "]") };
        if sharp {
            let name = Value::List(Rc::new(List { items: Vec::new(), of: list.of })).type_name();
            self.push(name.as_bytes())?;
        }
        if sharp && list.is_nil() {
            return self.push(b"(nil)");
        }
        self.push(open.as_bytes())?;
        for (index, item) in list.items.iter().enumerate() {
            if index > 0 {
                self.push(between.as_bytes())?;
            }
            self.argument(item, verb)?;
        }
        self.push(close.as_bytes())
    }

    fn map(&mut self, map: &Map, verb: char) -> Done {
        let sharp = self.flags.sharp_v;
        if sharp {
            let name = Value::Map(Rc::new(Map::new(map.of))).type_name();
            self.push(name.as_bytes())?;
        }
        if sharp && map.is_nil() {
            return self.push(b"(nil)");
        }
        self.push(if sharp { b"{" } else { b"map[" })?;
        for (index, (key, entry)) in map.entries.borrow().iter().enumerate() {
            if index > 0 {
                self.push(if sharp { b", " } else { b" " })?;
            }
            self.argument(&Value::String(Text::new(key.to_vec(), entry.key)), verb)?;
            self.push(b":")?;
            self.argument(&entry.value, verb)?;
        }
        self.push(if sharp { b"}" } else { b"]" })
    }

    fn structure(&mut self, object: &dyn Object, fields: Vec<StructField>, verb: char) -> Done {
        let Flags { sharp_v, plus_v, .. } = self.flags;
        if sharp_v {
            self.push(object.type_name().trim_start_matches('*').as_bytes())?;
        }
        self.push(b"{")?;
        for (index, field) in fields.into_iter().enumerate() {
            if index > 0 {
                self.push(if sharp_v { b", " } else { b" " })?;
            }
            if sharp_v || plus_v {
                self.push(field.name.as_bytes())?;
                self.push(b":")?;
            }
            self.argument(&field.value, verb)?;
        }
        self.push(b"}")
    }

    /// `%!d(string=text)`: the verb does not fit the value.
    fn bad_verb(&mut self, value: &Value, verb: char) -> Done {
        let mut text = String::from("%!");
        text.push(verb);
        text.push('(');
        self.push(text.as_bytes())?;
        match value {
            Value::Nil => self.push(b"<nil>")?,
            value => self.typed(value)?,
        }
        self.push(b")")
    }

    /// `string=text`
    fn typed(&mut self, value: &Value) -> Done {
        self.push(value.type_name().as_bytes())?;
        self.push(b"=")?;
        // The flags stay, as in Go.
        self.argument(value, 'v')
    }

    fn pad(&mut self, bytes: &[u8]) -> Done {
        let text = Text::new(bytes, self.origin);
        self.pad_text(&text)
    }

    fn pad_text(&mut self, text: &Text) -> Done {
        let missing = match self.flags.width {
            Some(width) => width.saturating_sub(characters(text.as_bytes())),
            None => 0,
        };
        self.grow(text.len())?;
        if missing == 0 {
            self.out.push_text(text);
        } else if self.flags.minus {
            self.out.push_text(text);
            self.push(" ".repeat(missing).as_bytes())?;
        } else {
            self.push(if self.flags.zero { "0" } else { " " }.repeat(missing).as_bytes())?;
            self.out.push_text(text);
        }
        Ok(())
    }

    fn string(&mut self, text: &Text, verb: char, value: &Value) -> Done {
        match verb {
            'v' if self.flags.sharp_v => self.quoted(text),
            'v' | 's' => {
                let cut = self.cut(text);
                self.pad_text(&cut)
            }
            'q' => self.quoted(text),
            'x' | 'X' => self.hexadecimal(text, verb),
            _ => self.bad_verb(value, verb),
        }
    }

    /// At most as many characters as the precision says.
    fn cut(&self, text: &Text) -> Text {
        let Some(most) = self.flags.precision else { return text.clone() };
        let mut end = 0;
        for _ in 0..most {
            let Some((_, len)) = decode(text.as_bytes().get(end..).unwrap_or_default()) else { break };
            end += len;
        }
        text.slice(0..end)
    }

    fn quoted(&mut self, text: &Text) -> Done {
        let cut = self.cut(text);
        if self.flags.sharp && can_be_raw(cut.as_bytes()) {
            let mut raw = TextBuilder::default();
            raw.push(b"`", self.origin);
            raw.push_text(&cut);
            raw.push(b"`", self.origin);
            return self.pad_text(&raw.finish());
        }
        let quoted = quoted_with(cut.as_bytes(), '"', self.flags.plus);
        // Nothing was escaped: each byte is where it was.
        if quoted.len() == cut.len() + 2 {
            let mut same = TextBuilder::default();
            same.push(b"\"", self.origin);
            same.push_text(&cut);
            same.push(b"\"", self.origin);
            return self.pad_text(&same.finish());
        }
        self.pad(quoted.as_bytes())
    }

    fn hexadecimal(&mut self, text: &Text, verb: char) -> Done {
        let bytes = text.as_bytes();
        let bytes =
            bytes.get(..self.flags.precision.unwrap_or(bytes.len()).min(bytes.len())).unwrap_or_default();
        self.grow(bytes.len().saturating_mul(5))?;
        let prefix = if verb == 'x' { "0x" } else { "0X" };
        let mut shown = String::new();
        for (index, byte) in bytes.iter().enumerate() {
            if index > 0 && self.flags.space {
                shown.push(' ');
            }
            if self.flags.sharp && (index == 0 || self.flags.space) {
                shown.push_str(prefix);
            }
            shown.push_str(&match verb {
                'x' => format!("{byte:02x}"),
                _ => format!("{byte:02X}"),
            });
        }
        self.pad(shown.as_bytes())
    }

    fn bytes(&mut self, text: &Text, verb: char, value: &Value) -> Done {
        if !matches!(verb, 'v' | 'd') {
            return self.string(text, verb, value);
        }
        let sharp = self.flags.sharp_v;
        self.push(if sharp { b"[]byte{" } else { b"[" })?;
        for (index, byte) in text.as_bytes().iter().enumerate() {
            if index > 0 {
                self.push(if sharp { b", " } else { b" " })?;
            }
            if sharp {
                self.push(format!("{byte:#x}").as_bytes())?;
            } else {
                self.integer(u64::from(*byte), false, 10, 'd')?;
            }
        }
        self.push(if sharp { b"}" } else { b"]" })
    }

    fn int(&mut self, int: Int, verb: char, value: &Value) -> Done {
        let number = int.value();
        let negative = number < 0;
        let magnitude = u64::try_from(number.unsigned_abs()).unwrap_or(u64::MAX);
        match verb {
            'v' if self.flags.sharp_v && !int.is_signed() => {
                let sharp = std::mem::replace(&mut self.flags.sharp, true);
                let done = self.integer(magnitude, negative, 16, 'v');
                self.flags.sharp = sharp;
                done
            }
            'v' | 'd' => self.integer(magnitude, negative, 10, verb),
            'b' => self.integer(magnitude, negative, 2, verb),
            'o' | 'O' => self.integer(magnitude, negative, 8, verb),
            'x' | 'X' => self.integer(magnitude, negative, 16, verb),
            'c' => {
                let character = character(number);
                self.pad(character.encode_utf8(&mut [0; 4]).as_bytes())
            }
            'q' => {
                let character = character(number);
                let quoted =
                    quoted_with(character.encode_utf8(&mut [0; 4]).as_bytes(), '\'', self.flags.plus);
                self.pad(quoted.as_bytes())
            }
            'U' => self.code_point(number),
            _ => self.bad_verb(value, verb),
        }
    }

    fn code_point(&mut self, number: i128) -> Done {
        // A negative number is taken for its bits.
        let bits = u64::try_from(number & i128::from(u64::MAX)).unwrap_or(u64::MAX);
        let digits = self.flags.precision.unwrap_or(4).max(4);
        self.grow(digits)?;
        let mut shown = format!("U+{bits:0digits$X}");
        let known = u32::try_from(bits).ok().and_then(char::from_u32).filter(|known| is_printable(*known));
        if let Some(known) = known.filter(|_| self.flags.sharp) {
            shown.push_str(&format!(" '{known}'"));
        }
        let zero = std::mem::replace(&mut self.flags.zero, false);
        let done = self.pad(shown.as_bytes());
        self.flags.zero = zero;
        done
    }

    fn integer(&mut self, magnitude: u64, negative: bool, base: u32, verb: char) -> Done {
        let flags = self.flags;
        let signed = negative || flags.plus || flags.space;
        let mut least = flags.precision.unwrap_or(0);
        if flags.precision == Some(0) && magnitude == 0 {
            let width = flags.width.unwrap_or(0);
            return self.push(" ".repeat(width).as_bytes());
        }
        if let (None, Some(width)) = (flags.precision, flags.width)
            && flags.zero
            && !flags.minus
        {
            least = if signed { width.saturating_sub(1) } else { width };
        }
        self.grow(least)?;
        let digits = match base {
            2 => format!("{magnitude:b}"),
            8 => format!("{magnitude:o}"),
            16 if verb == 'X' => format!("{magnitude:X}"),
            16 => format!("{magnitude:x}"),
            _ => magnitude.to_string(),
        };
        let mut shown = String::new();
        if negative {
            shown.push('-');
        } else if flags.plus {
            shown.push('+');
        } else if flags.space {
            shown.push(' ');
        }
        if verb == 'O' {
            shown.push_str("0o");
        }
        let zeros = least.saturating_sub(digits.len());
        if flags.sharp {
            match base {
                2 => shown.push_str("0b"),
                8 if zeros == 0 && !digits.starts_with('0') => shown.push('0'),
                16 if verb == 'X' => shown.push_str("0X"),
                16 => shown.push_str("0x"),
                _ => {}
            }
        }
        shown.push_str(&"0".repeat(zeros));
        shown.push_str(&digits);
        let zero = std::mem::replace(&mut self.flags.zero, false);
        let done = self.pad(shown.as_bytes());
        self.flags.zero = zero;
        done
    }

    fn float(&mut self, float: f64, verb: char, value: &Value) -> Done {
        let (form, standard) = match verb {
            'v' => (b'g', None),
            'b' | 'g' | 'G' | 'x' | 'X' => (verb as u8, None),
            'e' | 'E' => (verb as u8, Some(6)),
            'f' | 'F' => (b'f', Some(6)),
            _ => return self.bad_verb(value, verb),
        };
        let precision = self.flags.precision.or(standard);
        self.grow(precision.unwrap_or(0).saturating_add(400))?;
        let mut number = format_float(float, form, precision);
        if !number.starts_with(['-', '+']) {
            number.insert(0, '+');
        }
        if self.flags.space && number.starts_with('+') && !self.flags.plus {
            number.replace_range(0..1, " ");
        }
        if !float.is_finite() {
            if float.is_nan() && !self.flags.space && !self.flags.plus {
                number.remove(0);
            }
            let zero = std::mem::replace(&mut self.flags.zero, false);
            let done = self.pad(number.as_bytes());
            self.flags.zero = zero;
            return done;
        }
        if self.flags.sharp && verb != 'b' {
            number = with_point(number, verb, precision);
        }
        if !self.flags.plus && number.starts_with('+') {
            return self.pad(number.get(1..).unwrap_or_default().as_bytes());
        }
        // Zeros stand between the sign and the digits.
        let width = self.flags.width.unwrap_or(0);
        if self.flags.zero && !self.flags.minus && width > number.len() {
            let zeros = "0".repeat(width - number.len());
            number.insert_str(1, &zeros);
            return self.push(number.as_bytes());
        }
        self.pad(number.as_bytes())
    }
}

/// `#`: a point always, and zeros at the end.
fn with_point(number: String, verb: char, precision: Option<usize>) -> String {
    let mut digits = match verb {
        'v' | 'g' | 'G' | 'x' => i64::try_from(precision.unwrap_or(6)).unwrap_or(i64::MAX),
        _ => 0,
    };
    let is_hexadecimal = matches!(verb, 'x' | 'X');
    let tail_at = number.find(if is_hexadecimal { ['p', 'P'] } else { ['e', 'E'] }).unwrap_or(number.len());
    let (head, tail) = number.split_at(tail_at);
    let (mut has_point, mut saw_digit) = (false, false);
    for sign in head.chars().skip(1) {
        if sign == '.' {
            has_point = true;
            continue;
        }
        saw_digit |= sign != '0';
        digits -= i64::from(saw_digit);
    }
    let mut text = head.to_owned();
    if !has_point {
        if head.len() == 2 && head.ends_with('0') {
            digits -= 1;
        }
        text.push('.');
    }
    (0..digits).for_each(|_| text.push('0'));
    text + tail
}

fn characters(bytes: &[u8]) -> usize {
    let (mut rest, mut count) = (bytes, 0);
    while let Some((_, len)) = decode(rest) {
        rest = rest.get(len..).unwrap_or_default();
        count += 1;
    }
    count
}

fn character(number: i128) -> char {
    u32::try_from(number).ok().and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// A format that is read.
struct Format<'f> {
    text: &'f Text,
    bytes: &'f [u8],
    at: usize,
    args: &'f [Value],
    /// The argument that comes next.
    next: usize,
    reordered: bool,
    good_index: bool,
}

/// Widths and precisions beyond this are wrong.
const WIDEST: usize = 1_000_000;

impl Format<'_> {
    fn print(mut self, printer: &mut Printer<'_>) -> Done {
        while self.at < self.bytes.len() {
            let rest = self.bytes.get(self.at..).unwrap_or_default();
            let literal = memchr::memchr(b'%', rest).unwrap_or(rest.len());
            if literal > 0 {
                printer.grow(literal)?;
                printer.out.push_part(self.text, self.at..self.at + literal);
                self.at += literal;
                continue;
            }
            self.at += 1;
            printer.origin = self.text.slice(self.at - 1..self.at).origin();
            self.directive(printer)?;
        }
        if !self.reordered && self.next < self.args.len() {
            printer.flags = Flags::default();
            printer.push(b"%!(EXTRA ")?;
            for (index, value) in self.args.iter().enumerate().skip(self.next) {
                if index > self.next {
                    printer.push(b", ")?;
                }
                match value {
                    Value::Nil => printer.push(b"<nil>")?,
                    value => printer.typed(value)?,
                }
            }
            printer.push(b")")?;
        }
        Ok(())
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn directive(&mut self, printer: &mut Printer<'_>) -> Done {
        self.good_index = true;
        let mut flags = Flags::default();
        while let Some(sign) = self.peek() {
            match sign {
                b'#' => flags.sharp = true,
                b'0' => flags.zero = true,
                b'+' => flags.plus = true,
                b'-' => flags.minus = true,
                b' ' => flags.space = true,
                _ => break,
            }
            self.at += 1;
        }
        let mut after_index = self.index();
        if self.peek() == Some(b'*') {
            self.at += 1;
            match self.int_argument() {
                Some(width) => {
                    flags.minus |= width < 0;
                    flags.zero &= width >= 0;
                    flags.width = usize::try_from(width.unsigned_abs()).ok();
                }
                None => printer.push(b"%!(BADWIDTH)")?,
            }
            after_index = false;
        } else {
            flags.width = self.number();
            if after_index && flags.width.is_some() {
                self.good_index = false;
            }
        }
        // A point at the end is taken for a verb.
        if self.peek() == Some(b'.') && self.at + 1 < self.bytes.len() {
            self.at += 1;
            if after_index {
                self.good_index = false;
            }
            after_index = self.index();
            if self.peek() == Some(b'*') {
                self.at += 1;
                flags.precision = self.int_argument().and_then(|number| usize::try_from(number).ok());
                if flags.precision.is_none() {
                    printer.push(b"%!(BADPREC)")?;
                }
                after_index = false;
            } else {
                flags.precision = Some(self.number().unwrap_or(0));
            }
        }
        if !after_index {
            self.index();
        }
        let Some((verb, len)) = decode(self.bytes.get(self.at..).unwrap_or_default()) else {
            return printer.push(b"%!(NOVERB)");
        };
        self.at += len;
        if verb == '%' {
            return printer.push(b"%");
        }
        let wrong = if !self.good_index {
            "BADINDEX"
        } else if self.next >= self.args.len() {
            "MISSING"
        } else {
            ""
        };
        if !wrong.is_empty() {
            return printer.push(format!("%!{verb}({wrong})").as_bytes());
        }
        if matches!(verb, 'v' | 'w') {
            flags.sharp_v = std::mem::take(&mut flags.sharp);
            flags.plus_v = std::mem::take(&mut flags.plus);
        }
        printer.flags = flags;
        let value = self.args.get(self.next).cloned().unwrap_or_default();
        self.next += 1;
        printer.argument(&value, verb)
    }

    /// `[3]`: the number of the argument that comes next. Whether there was one.
    fn index(&mut self) -> bool {
        if self.peek() != Some(b'[') {
            return false;
        }
        self.reordered = true;
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let Some(close) = memchr::memchr(b']', rest).filter(|_| rest.len() >= 3) else {
            self.at += 1;
            self.good_index = false;
            return false;
        };
        let inner = rest.get(1..close).unwrap_or_default();
        self.at += close + 1;
        match number_in(inner) {
            (Some(index), len) if len == inner.len() => {
                match index.checked_sub(1).filter(|index| *index < self.args.len()) {
                    Some(index) => self.next = index,
                    None => self.good_index = false,
                }
                true
            }
            _ => {
                self.good_index = false;
                false
            }
        }
    }

    fn number(&mut self) -> Option<usize> {
        let (number, len) = number_in(self.bytes.get(self.at..).unwrap_or_default());
        self.at += len;
        number
    }

    /// An argument that says a width or precision.
    fn int_argument(&mut self) -> Option<i64> {
        let value = self.args.get(self.next)?;
        self.next += 1;
        match value {
            Value::Int(int, _) => {
                let fits = int.value().unsigned_abs() <= WIDEST as u128;
                i64::try_from(int.value()).ok().filter(|_| fits)
            }
            _ => None,
        }
    }
}

/// Digits at the front of bytes: their number, and how many bytes were read. None if there are none; of a number that is too
/// large, everything is read.
fn number_in(bytes: &[u8]) -> (Option<usize>, usize) {
    let mut number: Option<usize> = None;
    for (index, byte) in bytes.iter().enumerate() {
        if !byte.is_ascii_digit() {
            return (number, index);
        }
        if number.is_some_and(|number| number > WIDEST) {
            return (None, bytes.len());
        }
        number = Some(number.unwrap_or(0) * 10 + usize::from(byte - b'0'));
    }
    (number, bytes.len())
}
