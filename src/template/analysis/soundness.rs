//! Whether a plan from outside of this program can be used for templates: damaged or hostile, it must not panic, loop or
//! overflow.
//!
//! A plan that [`analyse`](super::analyse) has made is sound. One that was stored may be of other templates, or of
//! anybody's making, and so may the templates: they are not parsed if the plan is used. So two things are looked at:
//!
//! * the arrays: each range is within what it is a range of, and the ranges of one array follow each other without a
//!   gap, so that nothing is large because it is named twice. Offsets in templates ascend and stand between characters;
//! * the texts, for what the analysis would have refused: their size, reserved characters, depth, and imports that the
//!   engine's compiler panics at.
//!
//! What it does not look at is whether a plan is *right*. A plan that binds an expression as another one has wrong
//! places in messages; one without the measuring filter lets a template make more than the limits allow. Whoever stores
//! plans has to see that they are those of the texts (by their fingerprint), and of nobody that is
//! trusted less than the templates.

use minijinja::machinery::{Token, tokenize};

use super::depth::{is_plainly_shallow, without_sign};
use super::insertion::{Insertion, InsertionKind};
use super::plan::{Plan, PlannedPath, PlannedStep};
use super::range::{Range, count};
use super::syntax::syntax;
use super::syntax_tree::parse_template;
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
            && can_be_compiled(session, templates, &texts)
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

/// Whether no tag gets more parentheses than an expression has words and signs: each stands at one of those. Put into
/// `a` again and again, `()|_m` makes a tree as deep as it is long, which the engine's parser does not bound.
fn fills_no_tag(insertions: &[Insertion], text: &str) -> bool {
    let is_parenthesis = |insertion: &&Insertion| {
        matches!(
            insertion.kind,
            InsertionKind::Open
                | InsertionKind::Measure
                | InsertionKind::OpenFail
                | InsertionKind::CloseFail(_)
        )
    };
    let mut parentheses = insertions.iter().filter(is_parenthesis).map(|insertion| insertion.at).peekable();
    let most = usize::try_from(Limit::Words.standard()).unwrap_or(usize::MAX);
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

/// Whether the engine can compile templates without having them parsed here: what it would recurse into without end or
/// panic at is not in them.
fn can_be_compiled(session: &Session, templates: &[TemplateFile], texts: &[&str]) -> bool {
    // What is found is nobody's concern: the templates are analysed then, and it is found again.
    let quiet = session.snapshot().overlay();
    templates.iter().zip(texts).all(|(file, text)| {
        let is_right_text =
            refuse_reserved(&quiet, file.source).is_ok() && text.len() <= quiet.limits().of(Limit::Text);
        let mut has_plain_imports = true;
        let is_shallow =
            is_plainly_shallow(text, &mut |tag| has_plain_imports &= !is_odd_import(without_sign(tag)));
        is_right_text && (is_shallow && has_plain_imports || parse_template(&quiet, file, text).is_some())
    })
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
