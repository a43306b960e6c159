//! Whether a plan from outside of this program can be used for templates: damaged or hostile, it must not panic, loop
//! or overflow.
//!
//! A plan that [`analyse`](super::analyse) has made is sound. One that was stored may be of other templates, or of
//! anybody's making, and so may the templates: they are not parsed if the plan is used. So three things are looked at:
//!
//! * the arrays: each range is within what it is a range of, and the ranges of one array follow each other without a
//!   gap, so that nothing is large because it is named twice. Offsets in templates ascend and stand between characters;
//! * the texts, for what the analysis would have refused: their size, reserved characters, depth, and imports that the
//!   engine's compiler panics at;
//! * where insertions stand: marks and libraries in text, parentheses and filters in tags. An insertion between the
//!   signs that open a tag or a comment would bring to light what stands in its strings, which nobody has looked at;
//!   one at the name of an import would make it an expression. All other names that are assigned to are safe: there the
//!   engine's parser takes words alone, and refuses whatever else is put in.
//!
//! What it does not look at is whether a plan is *right*. A plan that binds an expression as another one has wrong
//! places in messages; one without the measuring filter lets a template make more than the limits allow. Whoever stores
//! plans has to see that they are those of the texts (by their fingerprint), and of nobody that is trusted less than
//! the templates.

use minijinja::machinery::{Token, tokenize};

use super::depth::{is_plainly_shallow, without_sign};
use super::insertion::{Insertion, InsertionKind};
use super::plan::{Plan, PlannedPath, PlannedStep};
use super::range::{Range, count};
use super::syntax::syntax;
use super::syntax_tree::{has_unnamed_import, parse_template};
use crate::limits::Limit;
use crate::session::Session;
use crate::template::file::{TemplateFile, texts};
use crate::yaml::refuse_reserved;

impl Plan {
    /// Whether the plan can be used for these templates. Nothing is reported.
    pub fn is_sound(&self, session: &Session, templates: &[TemplateFile]) -> bool {
        let texts = texts(session, templates);
        let texts: Vec<&str> = texts.iter().map(|text| &**text).collect();
        self.has_sound_paths()
            && self.has_sound_variables(templates.len())
            && self.has_sound_expressions(&texts)
            && self.has_sound_imports(templates.len())
            && self.has_sound_insertions(&texts)
            && self.can_be_compiled(session, templates, &texts)
    }

    /// Whether the engine can compile the templates without having them parsed here: what it would recurse into without
    /// end or panic at is not in them, and nothing is put where it makes such a thing.
    fn can_be_compiled(&self, session: &Session, templates: &[TemplateFile], texts: &[&str]) -> bool {
        // What is found is nobody's concern: the templates are analysed then, and it is found again.
        let quiet = session.snapshot().overlay();
        templates.iter().zip(texts).zip(&self.templates).enumerate().all(
            |(template, ((file, text), insertions))| {
                let insertions = insertions.of(&self.insertions);
                if refuse_reserved(&quiet, file.source).is_err()
                    || text.len() > quiet.limits().of(Limit::Text)
                {
                    return false;
                }
                let mut has_plain_imports = true;
                let mut places = PlainPlaces { text, rest: insertions, right: true };
                let is_shallow = is_plainly_shallow(text, &mut |tag| {
                    has_plain_imports &= !is_odd_import(without_sign(tag));
                    places.pass_tag(tag);
                });
                if is_shallow && has_plain_imports {
                    return places.are_right_to_the_end();
                }
                parse_template(&quiet, file, text).is_some()
                    && match places_by_tokens(text, insertions) {
                        Places::Wrong => false,
                        Places::Right => true,
                        Places::InImport => !has_unnamed_import(&self.instrumented(template, text)),
                    }
            },
        )
    }

    fn has_sound_imports(&self, templates: usize) -> bool {
        // They become words of a template.
        let is_word = |name: Range| is_part(name, &self.names) && is_name(name.within(&self.names));
        let put_in = |kind: fn(InsertionKind) -> Option<u32>| {
            self.insertions.iter().filter_map(move |insertion| kind(insertion.kind))
        };
        let taken =
            put_in(|kind| if let InsertionKind::TakeLibrary(import) = kind { Some(import) } else { None });
        let kept =
            put_in(|kind| if let InsertionKind::KeepLibrary(import) = kind { Some(import) } else { None });
        // Each is put in once.
        let all = || 0..count(self.imports.len());
        taken.eq(all())
            && kept.eq(all())
            && follow_each_other(self.imports.iter().map(|import| import.names), self.imported.len())
            && self.imports.iter().all(|import| {
                let names = import.names.of(&self.imported).len() as u64;
                // As many as one tag can name.
                let most = if import.whole { 1 } else { Limit::Words.standard() };
                (import.library as usize) < templates && (1..=most).contains(&names)
            })
            && self.imported.iter().all(|imported| is_word(imported.exported) && is_word(imported.name))
    }

    fn has_sound_insertions(&self, texts: &[&str]) -> bool {
        self.templates.len() == texts.len()
            && follow_each_other(self.templates.iter().copied(), self.insertions.len())
            && self.templates.iter().zip(texts).enumerate().all(|(template, (range, text))| {
                let insertions = range.of(&self.insertions);
                insertions.is_sorted_by_key(|insertion| insertion.at)
                    && binds_each_tag_once(insertions, text)
                    && fills_no_tag(insertions, text)
                    && insertions.iter().all(|insertion| self.is_sound_insertion(*insertion, template, text))
            })
    }

    fn is_sound_insertion(&self, insertion: Insertion, template: usize, text: &str) -> bool {
        let number = match insertion.kind {
            InsertionKind::BindParenthesis(number)
            | InsertionKind::Bind(number)
            | InsertionKind::CloseFail(number) => Some(number as usize),
            _ => None,
        };
        let is_of_template = |number: usize| {
            self.expressions.get(number).is_some_and(|expression| expression.template as usize == template)
        };
        text.is_char_boundary(insertion.at as usize) && number.is_none_or(is_of_template)
    }

    fn has_sound_expressions(&self, texts: &[&str]) -> bool {
        follow_each_other(self.expressions.iter().map(|expression| expression.paths), self.paths.len())
            && self.expressions.iter().all(|expression| {
                let text = texts.get(expression.template as usize);
                text.is_some_and(|text| is_part(expression.place, text))
                    && (!expression.bare || expression.paths.start < expression.paths.end)
                    // As many as an expression can name.
                    && u64::from(expression.paths.end - expression.paths.start) <= Limit::Words.standard()
            })
    }

    fn has_sound_paths(&self) -> bool {
        let paths = || self.paths.iter().copied().chain(self.aliases.iter().map(|alias| alias.path));
        let is_sound_step = |step: &PlannedStep| match step {
            PlannedStep::Key(name) => is_part(*name, &self.names),
            PlannedStep::Index(_) | PlannedStep::Dynamic => true,
        };
        let is_short =
            |path: PlannedPath| u64::from(path.steps.end - path.steps.start) <= Limit::Words.standard();
        follow_each_other(paths().map(|path| path.steps), self.steps.len())
            && paths().all(|path| is_part(path.root, &self.names) && is_short(path))
            && self.steps.iter().all(is_sound_step)
    }

    fn has_sound_variables(&self, templates: usize) -> bool {
        let is_known = |template: u32| (template as usize) < templates;
        follow_each_other(self.variables.iter().map(|variable| variable.aliases), self.aliases.len())
            && self.variables.iter().all(|variable| {
                is_known(variable.template) && is_part(variable.name, &self.names)
            })
            // They are searched by template and name.
            && self.variables.is_sorted_by(|one, next| {
                (one.template, one.name.within(&self.names)) < (next.template, next.name.within(&self.names))
            })
            && self.aliases.iter().all(|alias| is_known(alias.template))
    }
}

/// Whether the bind filter is put at the ends of `{{ … }}` alone, and once to each. The engine's parser bounds whatever
/// nests; filters behind each other do not, and make a tree as deep as they are many.
fn binds_each_tag_once(insertions: &[Insertion], text: &str) -> bool {
    let mut before = None;
    insertions.iter().all(|insertion| {
        if !matches!(insertion.kind, InsertionKind::Bind(_) | InsertionKind::BindParenthesis(_)) {
            return true;
        }
        let rest = text.get(insertion.at as usize..).unwrap_or_default();
        let is_end = rest.strip_prefix(['-', '+']).unwrap_or(rest).starts_with("}}");
        is_end && before.replace(insertion.at) != Some(insertion.at)
    })
}

/// Whether no tag gets more parentheses than twice the words and signs that an expression has: each stands at one
/// of those, a few at the same one. Put into
/// `a` again and again, `()|_m` makes a tree as deep as it is long, which the engine's parser does not bound.
fn fills_no_tag(insertions: &[Insertion], text: &str) -> bool {
    let is_parenthesis = |insertion: &&Insertion| {
        // What binds stands around a whole expression, and takes a tag with it.
        let binds = matches!(insertion.kind, InsertionKind::Bind(_) | InsertionKind::BindParenthesis(_));
        insertion.kind.is_in_tag() && !binds
    };
    let mut parentheses = insertions.iter().filter(is_parenthesis).map(|insertion| insertion.at).peekable();
    let most = usize::try_from(2 * Limit::Words.standard()).unwrap_or(usize::MAX);
    // So it is in nearly every template as a whole, without looking for its tags.
    if parentheses.clone().count() <= most {
        return true;
    }
    tokenize(text, false, syntax()).all(|token| {
        let Ok((token, span)) = token else { return false };
        !matches!(token, Token::VariableEnd | Token::BlockEnd)
            || std::iter::from_fn(|| parentheses.next_if(|at| *at <= span.end_offset)).count() <= most
    })
}

/// Whether ranges follow each other from the first of so many items to the last.
fn follow_each_other(ranges: impl Iterator<Item = Range>, items: usize) -> bool {
    let mut next = 0;
    for range in ranges {
        if range.start != next || range.end < range.start {
            return false;
        }
        next = range.end;
    }
    next as usize == items
}

/// Whether it is a range of a text between characters.
fn is_part(range: Range, text: &str) -> bool {
    text.get(range.start as usize..range.end as usize).is_some()
}

/// Where the insertions of a plain template stand, while its tags are passed. Plain is a text as
/// [`is_plainly_shallow`] knows it, with plain imports alone.
struct PlainPlaces<'t, 'i> {
    text: &'t str,
    /// Those that stand behind what was passed.
    rest: &'i [Insertion],
    /// Whether all before stand where they may.
    right: bool,
}

impl PlainPlaces<'_, '_> {
    /// The next tag, as what stands between its braces.
    fn pass_tag(&mut self, tag: &str) {
        // By address: it is a part of the text.
        let start = tag.as_ptr() as usize - self.text.as_ptr() as usize;
        let end = start + tag.len();
        let before = pass(&mut self.rest, start - 1);
        let inside = pass(&mut self.rest, end + 2);
        self.right &= before.iter().all(|insertion| self.is_in_text(*insertion))
            && inside.iter().all(|insertion| {
                insertion.kind.is_in_tag() && (start..=end).contains(&(insertion.at as usize))
            })
            // A plain import has nothing that anything is put around.
            && (inside.is_empty() || !without_sign(tag).starts_with("import"));
    }

    fn are_right_to_the_end(&self) -> bool {
        self.right && self.rest.iter().all(|insertion| self.is_in_text(*insertion))
    }

    /// Whether something that stands in no tag may do so. In a comment it does no harm, as long as that is one.
    fn is_in_text(&self, insertion: Insertion) -> bool {
        let (before, behind) = self.text.split_at(insertion.at as usize);
        let parts_signs = |one: char, other: char| before.ends_with(one) && behind.starts_with(other);
        !insertion.kind.is_in_tag() && !parts_signs('{', '#') && !parts_signs('#', '}')
    }
}

/// Where the insertions of a template stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Places {
    /// Some where none may.
    Wrong,
    /// All where they may.
    Right,
    /// The same, and some in imports.
    InImport,
}

/// Where the insertions of any template stand, by the engine's own tokens.
fn places_by_tokens(text: &str, mut rest: &[Insertion]) -> Places {
    let mut behind_tag = 0;
    let mut opens_block = false;
    let mut is_import = false;
    let mut places = Places::Right;
    let is_in_text = |insertion: &Insertion| !insertion.kind.is_in_tag();
    let is_behind_tag =
        |insertion: &Insertion, end: usize| is_in_text(insertion) && insertion.at as usize == end;
    for token in tokenize(text, false, syntax()) {
        let Ok((token, span)) = token else { return Places::Wrong };
        let (start, end) = (span.start_offset as usize, span.end_offset as usize);
        let right = match token {
            Token::TemplateData(data) => {
                // By address, because the span of a `{% raw %}` block also covers white space that the engine trims.
                let start = data.as_ptr() as usize - text.as_ptr() as usize;
                let before = pass(&mut rest, start);
                let inside = pass(&mut rest, start + data.len() + 1);
                before.iter().all(|insertion| is_behind_tag(insertion, behind_tag))
                    && inside.iter().all(is_in_text)
            }
            Token::VariableStart | Token::BlockStart => {
                let before = pass(&mut rest, start);
                let at_start = pass(&mut rest, start + 1);
                opens_block = matches!(token, Token::BlockStart);
                is_import = false;
                before.iter().all(|insertion| is_behind_tag(insertion, behind_tag))
                    && at_start.iter().all(is_in_text)
                    && pass(&mut rest, end).is_empty()
            }
            _ => {
                let before = pass(&mut rest, start + 1);
                if is_import && !before.is_empty() {
                    places = Places::InImport;
                }
                is_import |= opens_block && matches!(token, Token::Ident("import"));
                opens_block = false;
                // Of the end of a tag; anywhere else nothing stands in text.
                behind_tag = end;
                before.iter().all(|insertion| insertion.kind.is_in_tag()) && pass(&mut rest, end).is_empty()
            }
        };
        if !right {
            return Places::Wrong;
        }
    }
    if rest.iter().all(|insertion| is_behind_tag(insertion, behind_tag)) { places } else { Places::Wrong }
}

/// Passes the insertions before an offset.
fn pass<'i>(rest: &mut &'i [Insertion], before: usize) -> &'i [Insertion] {
    // One after the other: there are few in a tag.
    let passed = rest.iter().take_while(|insertion| (insertion.at as usize) < before).count();
    let (passed, behind) = rest.split_at(passed);
    *rest = behind;
    passed
}

/// Whether a tag is an import in any other form than `import "lib.yaml" as lib`, perhaps `with context` behind it.
fn is_odd_import(tag: &str) -> bool {
    if !tag.starts_with("import") {
        return false;
    }
    let words: Vec<&str> = tag.trim_end_matches(['-', '+']).split_ascii_whitespace().collect();
    let words = match &words[..] {
        [words @ .., "with" | "without", "context"] => words,
        words => words,
    };
    let is_text = |word: &str| {
        let inside = word.strip_prefix('"').and_then(|word| word.strip_suffix('"'));
        inside.is_some_and(|inside| !inside.contains(['"', '\'']))
    };
    !matches!(words, ["import", text, "as", name] if is_text(text) && is_name(name))
}

/// Whether it is a name as templates write them.
fn is_name(word: &str) -> bool {
    !word.is_empty()
        && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && !word.starts_with(|first: char| first.is_ascii_digit())
}
