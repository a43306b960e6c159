//! Tables of expressions: those that are refused, and what others give.

use super::{Scope, Type, check, holds, parse};
use crate::kube::api::Api;
use crate::kube::api::table::TypeId;
use crate::source::Span;
use crate::yaml::Node;

/// What is wrong with an expression about `self`, of which nothing is known.
fn refusal(text: &str) -> Option<String> {
    let scope = Scope::default().with("self", Type::Dyn);
    let checked = parse(text).and_then(|expr| check(&expr, &scope, &Type::Bool));
    checked.err().map(|refusal| format!("{} {}", refusal.offset, refusal.message))
}

#[test]
fn expressions_that_compile() {
    let texts = [
        "true",
        "!self.a || -self.b > -1 && !(1 + 2 * 3 in [7, 8])",
        "self.a ? true : has(self.b.c)",
        "self.all(x, x.name != '') && self.exists_one(k, v, k == 'a' && v > 1.5e3)",
        "self[?0].orValue('') == '' && self.?a.hasValue()",
        r#"self.matches(r"""^[a-z"']+$""") && 'a\x41\u00e9' != "\n" && b"x".size() == 1"#,
        "{'a': 1, 'b': [1, 2,],}.size() == 2 // the end",
        "self.__namespace__ == '' && self.`a-b` == 1",
        "cel.bind(x, self.a, x > 1) && duration('1h') < duration('2h')",
        "sets.contains([1], [1]) && math.greatest(1, 2) == 2 && optional.none().hasValue() == false",
        "isIP('::1') && quantity('1Gi').isGreaterThan(quantity('1Mi')) && url('https://a').getHost() == 'a'",
        "self.map(x, x > 0, x * 2).size() == 1 && type(self) == string",
    ];
    for text in texts {
        assert_eq!(refusal(text), None, "{text}");
    }
}

#[test]
fn expressions_that_do_not() {
    let cases = [
        ("self.a ==", "9 the expression ends too early"),
        ("self.a = 1", "7 `=` cannot stand here"),
        ("objekt.a", "0 nothing declares `objekt`"),
        ("'x'", "0 the result is a text, and must be a boolean"),
        ("self.a + 1", ""),
        ("1 + 'a' == 2", "0 an integer cannot be added to a text"),
        ("'a' < 1", "0 a text cannot be compared with an integer"),
        ("foo(1)", "0 there is no function `foo`"),
        ("self.a.fooBar()", "0 there is no function `fooBar`"),
        ("if == 1", "0 `if` is a word of CEL, and no name"),
        ("has(self)", "0 `has` takes a field, as `has(self.a)`"),
        ("self.all(1, true)", "9 `all` takes the name of a variable here"),
        ("'abc", "0 a string has no end"),
        ("99999999999999999999 > 1", "0 the number is too large"),
    ];
    for (text, wanted) in cases {
        assert_eq!(refusal(text).unwrap_or_default(), wanted, "{text}");
    }
}

#[test]
fn results() {
    let cases = [
        ("1 + 2 * 3 == 7", Some(true)),
        ("-9223372036854775808 < 0", Some(true)),
        ("false && self.a.b", Some(false)),
        ("self.a.b && false", Some(false)),
        ("self.a.b", None),
        ("self == 'abc' && self.size() == 3", Some(true)),
        ("self.matches('^b')", Some(false)),
        ("[1, 2, 3].filter(x, x > 1).map(x, x * 2) == [4, 6]", Some(true)),
        ("[1, 2].exists_one(x, x == 2) && ![1, 2].all(x, x == 2)", Some(true)),
        ("{'a': 1}.a == 1 && has({'a': 1}.a) && 'a' in {'a': 1}", Some(true)),
        ("'a,b'.split(',')[1] == 'b' && 'aXb'.lowerAscii().replace('x', '') == 'ab'", Some(true)),
        ("duration('1h30m') > duration('89m') && 1.0 == 1", Some(true)),
        ("[1, 2].all(i, v, i + 1 == v)", Some(true)),
        ("optional.of(1).orValue(2) == 1 && [?optional.none(), 1].size() == 1", Some(true)),
        ("1 / 0 == 1", None),
        ("self.replace('', '-') == '-a-b-c-' && self.replace('b', '', 0) == 'abc'", Some(true)),
        // Longer than any text may become.
        (
            "self.replace('', self).replace('', self).replace('', self).replace('', self).replace('', self)\
             .replace('', self).replace('', self).replace('', self).replace('', self).replace('', self) == ''",
            None,
        ),
    ];
    let node = Node::string("abc", Span::NOWHERE);
    for (text, wanted) in cases {
        let expr = parse(text);
        assert_eq!(
            expr.ok().and_then(|expr| holds(&expr, &node, TypeId(u32::MAX), &Api::new())),
            wanted,
            "{text}"
        );
    }
}
