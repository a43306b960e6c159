//! Each template held against the values schema before anything is rendered, in branches not taken too.
//!
//! The checker walks a template's tree once, top to bottom, with a stack of scopes that says what each name means. It
//! finds:
//!
//! * paths that the schema does not have (T002), and names that nothing has (T009);
//! * a macro's text that is used as a value, and blocks that work on text (T005);
//! * which printed paths the schema knows, so that they may be unset;
//! * which settings are read, for V111, where that is asked for ([`add_reads`]). Then a macro's body is walked once more
//!   for each set of settings that it is called with.
//!
//! It does not run anything, so where a meaning cannot be told, it is [`Meaning::Anything`] and nothing is checked
//! below it: the check has no false findings at the price of some that it misses.
//!
//! ```text
//! {% for host in values.hosts %}       host: an item of `hosts`, by the schema
//! {{ host.nmae }}                      T002: the schema has no `host.nmae`; did you mean `name`?
//! {% endfor %}
//! {{ host }}                           T009: the loop's scope is closed
//! ```
//!
//! # What counts as a read
//!
//! A warning (V111) says that no template reads a setting. A read too many hides such a warning; a read that is
//! overlooked makes a false one. Where a setting merely gets a name (`set`, `with`, a loop's variable, a macro's
//! parameter), the walk first notes it as read with everything below it, as of any expression, and then takes that back
//! ([`Checker::unread`]): what is done with the name is followed instead. In doubt it stays read.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeSet;
use std::sync::Arc;

use minijinja::machinery::Span as JinjaSpan;
use minijinja::machinery::ast::{Call, CallArg, CallBlock, CallType, Expr, Stmt};

use super::expression::{Path, bare_path};
use super::names::{
    ChartNames, KnownNames, MacroDefinition, MacroId, Meaning, Scope, Scopes, unknown_builtin, unknown_macro,
    unknown_template,
};
use super::setting_reads::{SettingPath, SettingReads, SettingStep};
use super::syntax_tree::{bodies, each_call_part, each_child, each_own_expression, not_jinja, variable_name};
use crate::diagnostic::{Code, Diagnostic};
use crate::session::Session;
use crate::source::Span;
use crate::template::file::{Role, TemplateFile};
use crate::template::go_syntax::{self, GoTag};
use crate::yaml::{Types, Wants};

/// What the templates of a chart are held against, the same for all of them.
#[derive(Clone, Copy)]
pub(super) struct CheckContext<'c, 't> {
    /// What the schema wants of `values`.
    pub(super) wants: &'c Wants,
    /// What the engine has.
    pub(super) known: &'c KnownNames,
    /// What the chart's templates have for each other.
    pub(super) chart: &'c ChartNames<'t>,
}

/// Checks one template. What is wrong is reported. Gives the start offsets of the printed expressions whose bare path
/// the schema knows.
pub(super) fn check_template<'t>(
    session: &Session,
    file: &'t TemplateFile,
    tree: &'t Stmt<'t>,
    context: CheckContext<'_, 't>,
) -> BTreeSet<u32> {
    let mut checker = Checker::new(session, file, context, SettingPath::Ignored);
    checker.statement(tree);
    checker.in_schema
}

/// Adds the settings that a template reads to `reads`.
pub(super) fn add_reads<'t>(
    file: &'t TemplateFile,
    tree: &'t Stmt<'t>,
    context: CheckContext<'_, 't>,
    reads: &mut SettingReads,
) {
    // Its findings are those of the check, which has reported them.
    let quiet = Session::new();
    let mut checker = Checker::new(&quiet, file, context, SettingPath::Root);
    checker.statement(tree);
    checker.reads.iter().for_each(|path| reads.add(path));
}

/// Calls inside calls that are followed; a macro may call itself with ever deeper settings.
const MAX_DEPTH: usize = 16;

/// The walk through one template, or through a macro of one.
struct Checker<'c, 'w, 't> {
    session: &'c Session,
    /// The template that the statements stand in.
    file: &'t TemplateFile,
    context: CheckContext<'w, 't>,
    scopes: Scopes<'w, 't>,
    /// The path of `values`: the root, or ignored where nobody asks which settings are read.
    values: SettingPath,
    /// Start offsets of printed expressions whose bare path the schema knows.
    in_schema: BTreeSet<u32>,
    /// The settings read so far, in the order of reading. What turns out to be no read is taken out again by
    /// [`Checker::unread`].
    reads: Vec<SettingPath>,
    /// The macros that were followed, with the settings that they were called with.
    followed: BTreeSet<FollowedCall<'t>>,
    /// Calls inside calls that are being followed.
    depth: usize,
    /// The tags that are in the syntax of Go templates, which are looked for when a name is not known.
    go_tags: OnceCell<RefCell<Vec<GoTag>>>,
}

/// A macro, and what each of its parameters is in a call: the steps of a setting, or anything else.
type FollowedCall<'t> = (MacroId<'t>, Vec<Option<Vec<SettingStep>>>);

impl<'c, 'w, 't> Checker<'c, 'w, 't> {
    fn new(
        session: &'c Session,
        file: &'t TemplateFile,
        context: CheckContext<'w, 't>,
        values: SettingPath,
    ) -> Self {
        Checker {
            session,
            file,
            context,
            scopes: Scopes::new(file.source, context.wants.root(), values.clone()),
            values,
            in_schema: BTreeSet::new(),
            reads: Vec::new(),
            followed: BTreeSet::new(),
            depth: 0,
            go_tags: OnceCell::new(),
        }
    }

    /// Whether anybody asks which settings are read.
    fn collects_reads(&self) -> bool {
        !matches!(self.values, SettingPath::Ignored)
    }
}

// Statements, and the names that they declare.
impl<'w, 't> Checker<'_, 'w, 't> {
    /// Checks a statement with all that is in it, in the order of the text: a name counts from where it is given.
    fn statement(&mut self, statement: &'t Stmt<'t>) {
        match statement {
            Stmt::EmitExpr(node) => self.printed(&node.expr),
            Stmt::FilterBlock(node) => self.refuse_block(node.span(), "filter"),
            Stmt::AutoEscape(node) => self.refuse_block(node.span(), "autoescape"),
            // It has a body of its own kind: a macro that is declared where it is called.
            Stmt::CallBlock(node) => return self.call_block(node, node.span()),
            Stmt::Do(node) => self.call(&node.call, node.span()),
            Stmt::ForLoop(node) => self.looped_over(&node.iter, &node.target),
            // What a library gives a name to may be read by whoever imports it, so there it counts as read.
            Stmt::Set(node) if !self.is_exported() => self.named(&node.expr, &node.target),
            Stmt::WithBlock(node) => {
                node.assignments.iter().for_each(|(target, value)| self.named(value, target));
            }
            _ => each_own_expression(statement, &mut |expr| self.expression(expr)),
        }
        // The engine's `if` and set blocks open none: what they name is known behind them.
        let opens_scope =
            matches!(statement, Stmt::ForLoop(_) | Stmt::WithBlock(_) | Stmt::Macro(_) | Stmt::Block(_));
        // A macro's own name is known outside of its body, its parameters inside.
        self.declare_outside(statement);
        if opens_scope {
            self.scopes.push(Scope::default());
        }
        self.declare_inside(statement);
        if let Stmt::ForLoop(node) = statement {
            // The condition of a loop sees the loop's variable.
            node.filter_expr.iter().for_each(|filter| self.expression(filter));
        }
        for body in bodies(statement) {
            body.iter().for_each(|inner| self.statement(inner));
        }
        if opens_scope {
            self.scopes.pop();
        }
    }

    /// Names that a statement gives to what follows it.
    fn declare_outside(&mut self, statement: &'t Stmt<'t>) {
        match statement {
            Stmt::Set(node) => {
                let meaning = self.scopes.meaning(&node.expr);
                self.declare(&node.target, meaning);
            }
            Stmt::SetBlock(node) => self.declare(&node.target, Meaning::Fragment),
            Stmt::Macro(node) => {
                let id = (Arc::clone(&self.file.name), node.name);
                self.declare_name(node.name, Meaning::Macro(Some(id)));
            }
            Stmt::Import(node) => {
                let module = self.imported(&node.expr);
                self.declare(&node.name, module.map_or(Meaning::Anything, Meaning::Module));
            }
            Stmt::FromImport(node) => {
                let module = self.imported(&node.expr);
                for (name, alias) in &node.names {
                    let exported = variable_name(name);
                    if let (Some(module), Some(exported)) = (&module, exported) {
                        self.check_export(module, exported, self.span(name.span()));
                    }
                    let id = module.clone().zip(exported);
                    self.declare(alias.as_ref().unwrap_or(name), Meaning::Macro(id));
                }
            }
            _ => {}
        }
    }

    /// Names that a statement gives to its own body.
    fn declare_inside(&mut self, statement: &'t Stmt<'t>) {
        match statement {
            Stmt::ForLoop(node) => {
                let item = self.scopes.item_meaning(&node.iter);
                // The engine's own variable inside of loops.
                self.declare_name("loop", Meaning::Anything);
                match &node.target {
                    Expr::Tuple(tuple) => self.declare_pair(&tuple.items, item),
                    Expr::List(list) => self.declare_pair(&list.items, item),
                    target => self.declare(target, item),
                }
            }
            Stmt::WithBlock(node) => {
                for (target, value) in &node.assignments {
                    let meaning = self.scopes.meaning(value);
                    self.declare(target, meaning);
                }
            }
            Stmt::Macro(node) => {
                node.args.iter().for_each(|arg| self.declare(arg, Meaning::Anything));
                self.declare_name("caller", Meaning::Macro(None));
            }
            _ => {}
        }
    }

    /// `{% call macro(…) %}…{% endcall %}`: the call, and the body that the macro gets as `caller`.
    fn call_block(&mut self, node: &'t CallBlock<'t>, span: JinjaSpan) {
        self.call(&node.call, span);
        self.scopes.push(Scope::default());
        node.macro_decl.args.iter().for_each(|arg| self.declare(arg, Meaning::Anything));
        node.macro_decl.body.iter().for_each(|inner| self.statement(inner));
        self.scopes.pop();
    }

    /// The targets of `for key, value in …`: the key is anything, the value is what the map holds.
    fn declare_pair(&mut self, targets: &'t [Expr<'t>], value: Meaning<'w, 't>) {
        if let [key, item] = targets {
            self.declare(key, Meaning::Anything);
            self.declare(item, value);
        } else {
            targets.iter().for_each(|target| self.declare(target, Meaning::Anything));
        }
    }

    /// Gives a meaning to the target of an assignment. Of several names at once (`{% set a, b = … %}`) nothing is
    /// known.
    fn declare(&mut self, target: &'t Expr<'t>, meaning: Meaning<'w, 't>) {
        match target {
            Expr::Var(var) => self.declare_name(var.id, meaning),
            Expr::Tuple(tuple) => tuple.items.iter().for_each(|item| self.declare(item, Meaning::Anything)),
            Expr::List(list) => list.items.iter().for_each(|item| self.declare(item, Meaning::Anything)),
            _ => {}
        }
    }

    /// Gives a meaning to a name, from here on.
    fn declare_name(&mut self, name: &'t str, meaning: Meaning<'w, 't>) {
        // Which of two values a name has cannot be told here, so the one that it had counts as read too.
        if let Some(Meaning::Setting(_, path)) = self.scopes.declare(name, meaning) {
            self.read(path);
        }
    }

    /// Whether what is named here is there for other templates.
    fn is_exported(&self) -> bool {
        self.file.role == Role::Library && self.scopes.is_top_level()
    }
}

// Expressions and calls.
impl<'w, 't> Checker<'_, 'w, 't> {
    /// A whole `{{ … }}`: but for a checksum, the only place where a fragment may stand.
    fn printed(&mut self, expr: &'t Expr<'t>) {
        if let Some(path) = bare_path(expr)
            && self.scopes.is_described(&path)
        {
            self.in_schema.insert(path.start);
        }
        match expr {
            Expr::Call(call) if self.scopes.is_fragment(expr) => self.call(call, expr.span()),
            // The variable of a set block: what it reads was noted where the block stands.
            Expr::Var(_) if self.scopes.is_fragment(expr) => {}
            _ => self.expression(expr),
        }
    }

    /// Checks an expression whose value is used, with all that is in it. A setting that it names is read.
    fn expression(&mut self, expr: &'t Expr<'t>) {
        if self.scopes.is_fragment(expr) {
            self.session.report(fragment_as_value(self.span(expr.span())));
            return;
        }
        if let Some(path) = bare_path(expr) {
            self.path(&path);
            // What the brackets hold is read besides.
            if let Expr::GetItem(item) = expr {
                self.expression(&item.subscript_expr);
            }
            return;
        }
        match expr {
            Expr::Call(call) => return self.call(call, expr.span()),
            Expr::Filter(filter) => {
                self.check_builtin(&self.context.known.filters, filter.name, "filter", expr.span());
            }
            // `is ==` and its like are tests as well.
            Expr::Test(test) if test.name.chars().all(char::is_alphabetic) => {
                self.check_builtin(&self.context.known.tests, test.name, "test", expr.span());
            }
            _ => {}
        }
        each_child(expr, &mut |child| self.expression(child));
    }

    /// Checks a path, which is read.
    fn path(&mut self, path: &Path<'t>) {
        if let Err(unresolved) = self.scopes.resolve(path.root, &path.steps) {
            self.report_unknown(self.scopes.finding(path, &unresolved));
        }
        if let Some(path) = self.scopes.setting_path(path) {
            self.read(path);
        }
    }

    /// Notes that a setting is read.
    fn read(&mut self, path: SettingPath) {
        if self.collects_reads() {
            self.reads.push(path);
        }
    }

    /// Checks a call: that there is such a function or macro, and its arguments.
    fn call(&mut self, call: &'t Call<'t>, span: JinjaSpan) {
        match call.identify_call() {
            CallType::Function(name) => match self.scopes.find(name).cloned() {
                // It takes the text of a set block with the values in it, and gives a value. A macro that is called in
                // it would print a second time, what it prints would reach no document.
                None if name == TAKES_BLOCKS => {
                    return each_call_part(call, &mut |part| match part {
                        Expr::Var(_) if self.scopes.is_fragment(part) => {}
                        part => self.expression(part),
                    });
                }
                None => self.check_builtin(&self.context.known.functions, name, "function", span),
                Some(Meaning::Macro(Some(id))) => return self.macro_call(&id, &call.args),
                // `caller()`, or a name that may be anything.
                Some(_) => {}
            },
            CallType::Method(Expr::Var(var), name) => {
                if let Some(Meaning::Module(module)) = self.scopes.find(var.id).cloned() {
                    self.check_export(&module, name, self.span(span));
                    return self.macro_call(&(module, name), &call.args);
                }
            }
            _ => {}
        }
        each_call_part(call, &mut |part| self.expression(part));
    }

    /// The template that an import names. Of a computed name nothing can be told.
    fn imported(&self, expr: &'t Expr<'t>) -> Option<Arc<str>> {
        let name = expr.as_const()?.as_str()?.to_owned();
        let known = self.context.chart.templates().find(|template| ***template == *name);
        if known.is_none() {
            let all = self.context.chart.templates().map(|template| &**template);
            self.session.report(unknown_template(&name, self.span(expr.span()), all));
        }
        known.cloned()
    }

    /// Reports a name that a template does not export.
    fn check_export(&self, module: &str, name: &str, span: Span) {
        if let Some(exports) = self.context.chart.exports(module)
            && !exports.contains(name)
        {
            self.session.report(unknown_macro(module, name, span, exports));
        }
    }

    /// Reports a function, filter or test (`what`) that the engine does not have.
    fn check_builtin(&self, known: &[&'static str], name: &str, what: &str, span: JinjaSpan) {
        if !known.contains(&name) {
            self.report_unknown(unknown_builtin(known, name, what, self.span(span)));
        }
    }

    /// Reports a name that is not known. `{{ if .Values.a }}` is an expression to the engine's parser; of a tag like that it is
    /// said how it is written.
    fn report_unknown(&self, finding: Diagnostic) {
        let source = self.file.source;
        let Some(place) = finding.primary().map(|label| label.span).filter(|_| finding.code == Code::T009)
        else {
            self.session.report(finding);
            return;
        };
        let find = || RefCell::new(go_syntax::find(&self.session.source(source).text));
        let mut tags = self.go_tags.get_or_init(find).borrow_mut();
        let at = place.start as usize;
        match tags.iter_mut().find(|tag| tag.range.contains(&at)) {
            // For another one of its names.
            Some(tag) if tag.was_reported => {}
            Some(tag) => {
                tag.was_reported = true;
                self.session.report(not_jinja(source, tag.clone()));
            }
            None => {
                self.session.report(finding);
            }
        }
    }

    /// Reports a block that works on text.
    fn refuse_block(&self, span: JinjaSpan, what: &str) {
        self.session.report(block_on_text(what, self.span(span)));
    }

    fn span(&self, span: JinjaSpan) -> Span {
        Span {
            source: self.file.source,
            start: span.start_offset,
            end: span.end_offset.max(span.start_offset),
        }
    }
}

// What is no read: a setting that only gets a name, or is handed to a macro.
impl<'w, 't> Checker<'_, 'w, 't> {
    /// Checks an expression whose value gets a name: a map that is only named is not read by that.
    fn named(&mut self, expr: &'t Expr<'t>, target: &Expr<'_>) {
        let before = self.reads.len();
        self.expression(expr);
        if !self.collects_reads() {
            return;
        }
        let Meaning::Setting(want, path) = self.scopes.meaning(expr) else { return };
        // A scalar or a list has nothing below it that could be read by name, so naming one is the read.
        let is_map = want.types().and(Types::SCALARS) == Types::NONE && !want.types().allows(Types::ARRAY);
        if is_map && matches!(target, Expr::Var(_)) {
            self.unread(before, &path);
        }
    }

    /// Checks what a loop runs over: a list of maps whose items get a name is not read by that, nor a map of maps whose
    /// values do.
    fn looped_over(&mut self, iter: &'t Expr<'t>, target: &Expr<'_>) {
        let before = self.reads.len();
        self.expression(iter);
        if !self.collects_reads() {
            return;
        }
        let Meaning::Setting(item, path) = self.scopes.item_meaning(iter) else { return };
        // `for key, value in map|items`: two targets take the pairs of a map.
        let is_pair = !matches!(target, Expr::Var(_));
        // A list of scalars is read by the loop itself: each turn gets a value, and not a place to read below.
        let is_map = item.types().and(Types::SCALARS) == Types::NONE;
        if let Some(collection) = path.collection()
            && is_map
            && self.scopes.is_list(iter) != is_pair
        {
            self.unread(before, &collection);
        }
    }

    /// Takes the reads of a setting back that were noted after the first `before` ones.
    fn unread(&mut self, before: usize, path: &SettingPath) {
        // Only the last few: what was read further up stays read.
        let last = self.reads.split_off(before);
        self.reads.extend(last.into_iter().filter(|read| !read.is(path)));
    }

    /// Checks the arguments of a macro's call. A setting that is handed over is read as far as the macro reads its
    /// parameter; where the macro is not known, it is read as a whole.
    fn macro_call(&mut self, id: &MacroId<'t>, args: &'t [CallArg<'t>]) {
        // Of `macro(*list)` it is known at run time alone which parameter gets what.
        let splat = args.iter().any(|arg| matches!(arg, CallArg::PosSplat(_) | CallArg::KwargSplat(_)));
        let follows = self.collects_reads() && self.depth < MAX_DEPTH && !splat;
        let definition = if follows { self.context.chart.macro_definition(id) } else { None };
        let Some(definition) = definition else {
            for arg in args {
                let (CallArg::Pos(expr)
                | CallArg::Kwarg(_, expr)
                | CallArg::PosSplat(expr)
                | CallArg::KwargSplat(expr)) = arg;
                self.expression(expr);
            }
            return;
        };
        let parameters: Vec<&'t str> = definition.node.args.iter().filter_map(variable_name).collect();
        // A parameter that gets nothing means its default, which may be anything.
        let mut meanings: Scope<'w, 't> = parameters.iter().map(|name| (*name, Meaning::Anything)).collect();
        for (position, arg) in args.iter().enumerate() {
            let (parameter, expr) = match arg {
                CallArg::Kwarg(name, expr) => (parameters.iter().find(|known| *known == name), expr),
                CallArg::Pos(expr) | CallArg::PosSplat(expr) | CallArg::KwargSplat(expr) => {
                    (parameters.get(position), expr)
                }
            };
            match parameter {
                Some(parameter) => {
                    let meaning = self.handed_over(expr);
                    meanings.insert(parameter, meaning);
                }
                // The engine refuses an argument that the macro has no parameter for, when it runs.
                None => self.expression(expr),
            }
        }
        self.follow(id, &definition, meanings);
    }

    /// What an argument stands for; a setting is not read by being handed over.
    fn handed_over(&mut self, expr: &'t Expr<'t>) -> Meaning<'w, 't> {
        let before = self.reads.len();
        self.expression(expr);
        let meaning = self.scopes.meaning(expr);
        if let Meaning::Setting(_, path) = &meaning {
            self.unread(before, path);
        }
        meaning
    }

    /// Walks a macro's body with what its parameters mean in one call, and notes what it reads. What is wrong in it is
    /// reported where the macro is defined; a walk that follows calls has a session that nobody looks at.
    fn follow(&mut self, id: &MacroId<'t>, definition: &MacroDefinition<'t>, meanings: Scope<'w, 't>) {
        let settings = meanings.values().map(|meaning| match meaning {
            Meaning::Setting(_, path) => Some(path.steps()),
            _ => None,
        });
        // The same macro with the same settings reads the same, however often it is called.
        if !self.followed.insert((id.clone(), settings.collect())) {
            return;
        }
        let mut inner = Checker::new(self.session, definition.file, self.context, self.values.clone());
        // Lent, not copied: what is followed inside of this call need not be followed again behind it.
        inner.followed = std::mem::take(&mut self.followed);
        inner.depth = self.depth + 1;
        // A macro sees the names of its own template, wherever it is called. What they read counts where they stand.
        for statement in bodies(definition.tree).into_iter().flatten() {
            inner.declare_top_level(statement);
        }
        inner.reads.clear();
        inner.scopes.push(meanings);
        inner.declare_name("caller", Meaning::Macro(None));
        definition.node.body.iter().for_each(|statement| inner.statement(statement));
        self.followed = inner.followed;
        self.reads.extend(inner.reads);
    }

    /// The names that a template gives at its top level, in its conditions too.
    fn declare_top_level(&mut self, statement: &'t Stmt<'t>) {
        self.declare_outside(statement);
        if let Stmt::IfCond(node) = statement {
            for inner in node.true_body.iter().chain(&node.false_body) {
                self.declare_top_level(inner);
            }
        }
    }
}

/// The function that takes the text of a set block.
const TAKES_BLOCKS: &str = "checksum";

// Findings.

/// The text of a macro or a set block inside a larger expression (T005).
fn fragment_as_value(span: Span) -> Diagnostic {
    let message = "a macro's text is used as a value";
    let finding = Diagnostic::error(Code::T005, message).at(span, "this is YAML text, not a value");
    let help = "let it stand alone as `{{ … }}`; a value that is needed in several places is made by an expression: `{% set name = … %}`";
    finding.help(help)
}

/// `{% filter %}` and `{% autoescape %}` (T005).
fn block_on_text(what: &str, span: Span) -> Diagnostic {
    let message = format!("`{{% {what} %}}` works on text, and values are bound");
    let finding = Diagnostic::error(Code::T005, message).at(span, "this block");
    finding.help("apply filters to values, inside `{{ … }}`")
}
