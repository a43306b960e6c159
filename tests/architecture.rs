//! Holds the source tree against the tables of `docs/architecture.md`: who may import whom, and no circles.
//!
//! A circle is one between modules, or between the files of one module.
//!
//! Files are read as text, not with a Rust parser: `use` declarations and paths (`super::x::f`) are all that has to be
//! understood, and rustfmt has laid them out.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, clippy::print_stdout, clippy::print_stderr)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;
use support::files::files_with_extension;

#[test]
fn modules_import_only_whom_the_page_allows() {
    let allowed = table("imports");
    let mut wrong = Vec::new();
    for ((importer, imported), files) in module_imports(&TREE) {
        let known = allowed.get(&importer).unwrap_or_else(|| panic!("`{importer}` has no line in the table"));
        if !known.contains(&imported) {
            wrong.extend(files.iter().map(|file| format!("{file} imports `{imported}`")));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn modules_form_no_circle() {
    let edges = module_imports(&TREE);
    assert_eq!(describe_circles(&edges), Vec::<String>::new());
}

/// The table may allow an edge that nothing needs today; it must not allow a circle either.
#[test]
fn the_page_allows_no_circle() {
    let mut edges = Edges::new();
    for (importer, imported) in table("imports") {
        for imported in imported {
            edges.insert((importer.clone(), imported), BTreeSet::new());
        }
    }
    assert_eq!(describe_circles(&edges), Vec::<String>::new());
}

#[test]
fn files_of_one_module_form_no_circle() {
    let circles = describe_circles(&file_imports(&TREE));
    assert!(circles.is_empty(), "{}", circles.join("\n"));
}

#[test]
fn every_foreign_engine_stays_at_home() {
    let homes = table("homes");
    let mut wrong = Vec::new();
    for file in &TREE.files {
        for (engine, allowed) in &homes {
            let engine_path: Vec<&str> = engine.split("::").collect();
            let is_used = file.all_paths().any(|path| starts_with(path, &engine_path));
            if is_used && !allowed.contains(file.top_module()) {
                wrong.push(format!("{} uses `{engine}`", file.name));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn the_page_names_every_module_and_no_other() {
    let page = architecture_page();
    let section = page.split("\n## Modules\n").nth(1).expect("the section `Modules`");
    let section = section.split("\n## ").next().expect("its end");
    // The first column holds one or several of `name.rs` and `name/`, in backticks.
    let first_columns = section.lines().filter_map(|line| line.strip_prefix("| ")?.split(" |").next());
    let named: BTreeSet<&str> =
        first_columns.flat_map(|column| column.split('`').skip(1).step_by(2)).collect();
    let modules: BTreeSet<&str> = named.iter().map(|name| name.split(['/', '.']).next().unwrap()).collect();
    let tree = &TREE;
    let existing: BTreeSet<&str> =
        tree.files.iter().map(SourceFile::top_module).filter(|module| *module != "lib").collect();
    assert_eq!(modules, existing);
    for name in named {
        assert!(Path::new("src").join(name).exists(), "there is no `src/{name}`");
    }
}

#[test]
fn the_library_neither_prints_nor_exits_nor_reads_the_clock() {
    let words =
        ["println!", "eprintln!", "print!(", "process::exit", "SystemTime", "Instant::now", "thread_rng"];
    let mut wrong = Vec::new();
    for file in TREE.files.iter().filter(|file| file.top_module() != "bin") {
        for word in words.iter().filter(|word| file.code.contains(**word)) {
            wrong.push(format!("{}: {word}", file.name));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn every_direct_dependency_has_its_reason_on_the_page() {
    let manifest = fs::read_to_string("Cargo.toml").expect("Cargo.toml");
    let section = manifest.split("[dependencies]\n").nth(1).expect("dependencies");
    let section = section.split("\n[").next().expect("its end");
    let page = architecture_page();
    let section_of_page = page.split("## Direct dependencies").nth(1).expect("the section");
    // The first column has a crate, or several with commas between them.
    let first_columns =
        section_of_page.lines().filter_map(|line| line.strip_prefix("| ")?.split(" |").next());
    let explained: BTreeSet<&str> = first_columns.flat_map(|column| column.split([',', ' '])).collect();
    for line in section.lines().filter(|line| !line.trim().is_empty()) {
        let name = line.split([' ', '=']).next().expect("a name");
        assert!(explained.contains(name), "`{name}` has no line in docs/architecture.md");
    }
}

#[test]
fn every_file_opens_with_one_line_that_says_what_it_owns() {
    for path in files_with_extension("src", "rs") {
        let text = fs::read_to_string(&path).expect("a source file");
        assert!(text.starts_with("//! "), "{} does not open with `//! …`", path.display());
    }
}

/// The checks above must not pass because they see nothing.
#[test]
fn imports_are_seen_and_circles_are_found() {
    assert!(module_imports(&TREE).len() > 50 && file_imports(&TREE).len() > 300);
    let edge = |from: &str, to: &str| ((from.to_owned(), to.to_owned()), BTreeSet::from(["X".to_owned()]));
    let mut edges = Edges::from([edge("a", "b"), edge("b", "c"), edge("d", "a")]);
    assert_eq!(describe_circles(&edges), Vec::<String>::new());
    edges.extend([edge("c", "a")]);
    assert_eq!(describe_circles(&edges), ["a circle of 3:\n  a -> b (X)\n  b -> c (X)\n  c -> a (X)"]);
}

#[test]
fn use_trees_are_expanded() {
    let mut found = Vec::new();
    expand_use(&mut Vec::new(), "a::{self, b::{C as D, e}, f::*}", &mut found);
    let shown: Vec<String> =
        found.iter().map(|used| format!("{} as {}", used.path.join("::"), used.name)).collect();
    assert_eq!(shown, ["a as a", "a::b::C as D", "a::b::e as e", "a::f::* as *"]);
}

fn architecture_page() -> String {
    fs::read_to_string("docs/architecture.md").expect("the architecture page")
}

/// The lines of a fenced block of the architecture page, as a name and the words after it.
fn table(info: &str) -> BTreeMap<String, BTreeSet<String>> {
    let page = architecture_page();
    let block = page.split(&format!("```{info}\n")).nth(1).expect("the table");
    let block = block.split("```").next().expect("its end");
    let mut rows = BTreeMap::new();
    for line in block.lines() {
        let mut words = line.split_whitespace().filter(|word| *word != "<-").map(str::to_owned);
        if let Some(name) = words.next() {
            rows.insert(name, words.collect());
        }
    }
    rows
}

/// Edges of a graph, from and to, with what makes them: for messages.
type Edges = BTreeMap<(String, String), BTreeSet<String>>;

/// Who imports whom among the modules of the library, with the files that do.
fn module_imports(tree: &Tree) -> Edges {
    let mut edges = Edges::new();
    for file in &tree.files {
        let importer = file.top_module();
        if importer == "lib" || importer == "bin" {
            continue;
        }
        for path in file.all_paths() {
            if let [root, imported, ..] = path.as_slice()
                && root == "crate"
                && imported != importer
                && imported != "*"
            {
                let edge = (importer.to_owned(), imported.clone());
                edges.entry(edge).or_default().insert(file.name.clone());
            }
        }
    }
    edges
}

/// Who uses whom among the files of each module, with the names that are used.
fn file_imports(tree: &Tree) -> Edges {
    let mut edges = Edges::new();
    for (index, file) in tree.files.iter().enumerate() {
        for (path, name) in file.used_paths(tree) {
            let Some(target) = tree.definer(index, &path) else { continue };
            let target = &tree.files[target];
            if target.name != file.name && target.top_module() == file.top_module() {
                let edge = (file.name.clone(), target.name.clone());
                edges.entry(edge).or_default().insert(name);
            }
        }
    }
    edges
}

/// Each circle with the edges that tie it, for messages. Empty for a graph without circles.
fn describe_circles(edges: &Edges) -> Vec<String> {
    let mut descriptions = Vec::new();
    for members in circles(edges) {
        let inside =
            |(from, to): &(String, String)| members.contains(from.as_str()) && members.contains(to.as_str());
        let tying: Vec<&(String, String)> = edges.keys().filter(|edge| inside(edge)).collect();
        let mutual: Vec<&(String, String)> = tying
            .iter()
            .copied()
            .filter(|(from, to)| edges.contains_key(&(to.clone(), from.clone())))
            .collect();
        // Of a large knot, pairs that use each other are the place to begin.
        let shown = if tying.len() > MANY_EDGES && !mutual.is_empty() { mutual } else { tying };
        let mut text = format!("a circle of {}:", members.len());
        for edge @ (from, to) in shown {
            let names: Vec<&str> = edges[edge].iter().map(String::as_str).collect();
            text.push_str(&format!("\n  {from} -> {to} ({})", names.join(", ")));
        }
        descriptions.push(text);
    }
    descriptions
}

/// So many edges are all shown.
const MANY_EDGES: usize = 30;

/// The sets of nodes that can all reach each other: the strongly connected components of more than one node.
fn circles(edges: &Edges) -> Vec<BTreeSet<&str>> {
    let mut next: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (from, to) in edges.keys() {
        next.entry(from).or_default().insert(to);
    }
    let reachable: BTreeMap<&str, BTreeSet<&str>> =
        next.keys().map(|node| (*node, reachable_from(node, &next))).collect();
    let mut circles: Vec<BTreeSet<&str>> = Vec::new();
    for (node, reached) in &reachable {
        if !reached.contains(node) || circles.iter().any(|circle| circle.contains(node)) {
            continue;
        }
        let reaches_node = |other: &&str| reachable.get(other).is_some_and(|back| back.contains(node));
        circles.push(reached.iter().copied().filter(reaches_node).collect());
    }
    circles
}

/// The nodes that a walk of at least one edge leads to.
fn reachable_from<'n>(node: &str, next: &BTreeMap<&'n str, BTreeSet<&'n str>>) -> BTreeSet<&'n str> {
    let following = |node: &str| next.get(node).into_iter().flatten().copied();
    let mut reached = BTreeSet::new();
    let mut waiting: Vec<&str> = following(node).collect();
    while let Some(node) = waiting.pop() {
        if reached.insert(node) {
            waiting.extend(following(node));
        }
    }
    reached
}

/// Read once for all tests.
static TREE: LazyLock<Tree> = LazyLock::new(Tree::read);

/// All files below `src/` that ship.
struct Tree {
    files: Vec<SourceFile>,
    /// The file of each module of the library (`crate`) and of the binary (`bin`), by its path.
    by_path: BTreeMap<Vec<String>, usize>,
}

/// A file without comments, string literals and tests.
struct SourceFile {
    /// Its path, for messages.
    name: String,
    /// The module that it is, for example `crate::yaml::load`; the binary's modules begin with `bin` instead.
    path: Vec<String>,
    /// All that is in it, `use` declarations too.
    code: String,
    /// What its `use` declarations bring in.
    uses: Vec<Use>,
    /// Paths in the rest of the code, of two segments at least.
    body_paths: Vec<Vec<String>>,
    /// All words of the rest of the code.
    body_words: BTreeSet<String>,
}

/// One name that a `use` declaration brings in.
struct Use {
    path: Vec<String>,
    /// The name in this file: the last segment, or what stands after `as`. `*` for all.
    name: String,
}

static COMMENT: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(?m)^\s*//.*$|\s//\s.*$").unwrap());
static STRING: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r##"(?s)r#".*?"#|"(?:[^"\\]|\\.)*"|'"'|'\\"'"##).unwrap());
static USE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?m)^\s*(?:pub(?:\([a-z ]+\))?\s+)?use\s+([^;]+);").unwrap());
static PATH: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\b[A-Za-z_]\w*(?:::[A-Za-z_]\w*)+").unwrap());
static WORD: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"[A-Za-z_]\w*").unwrap());

impl Tree {
    fn read() -> Self {
        let mut tree = Tree { files: Vec::new(), by_path: BTreeMap::new() };
        for path in files_with_extension("src", "rs").into_iter().filter(|path| !is_test(path)) {
            let file = SourceFile::read(&path);
            tree.by_path.insert(file.path.clone(), tree.files.len());
            tree.files.push(file);
        }
        tree
    }

    /// The file that defines what a path of this file leads to. Re-exports are followed. None for what is of another
    /// crate.
    fn definer(&self, file: usize, path: &[String]) -> Option<usize> {
        self.definer_within(file, path, 8)
    }

    fn definer_within(&self, file: usize, path: &[String], hops: usize) -> Option<usize> {
        let absolute = self.absolute(file, path)?;
        let (target, rest) = self.longest_module(&absolute)?;
        // A module by itself defines nothing that could be used.
        let item = rest.first()?;
        if hops == 0 || target == file {
            return Some(target);
        }
        for used in &self.files[target].uses {
            if used.name == *item {
                return self.definer_within(target, &used.path, hops - 1).or(Some(target));
            }
        }
        // A module that re-exports all of another one.
        for glob in self.files[target].uses.iter().filter(|used| used.name == "*") {
            let Some(module) = self.absolute(target, &glob.path[..glob.path.len() - 1]) else { continue };
            match self.by_path.get(&module) {
                Some(&module) if self.files[module].defines(item) => return Some(module),
                _ => {}
            }
        }
        Some(target)
    }

    /// A path from the root of the crate. None for what is of another crate, or a name of a type.
    fn absolute(&self, file: usize, path: &[String]) -> Option<Vec<String>> {
        let file = &self.files[file];
        let (first, rest) = path.split_first()?;
        let mut absolute = match first.as_str() {
            "crate" => vec![file.path[0].clone()],
            "self" => file.path.clone(),
            "super" => file.path[..file.path.len() - 1].to_vec(),
            _ => {
                let mut child = file.path.clone();
                child.push(first.clone());
                if !self.by_path.contains_key(&child) {
                    return None;
                }
                child
            }
        };
        for segment in rest {
            if segment == "super" {
                absolute.pop();
            } else {
                absolute.push(segment.clone());
            }
        }
        Some(absolute)
    }

    /// The innermost module on an absolute path, and what follows.
    fn longest_module<'p>(&self, path: &'p [String]) -> Option<(usize, &'p [String])> {
        let lengths = (1..=path.len()).rev();
        lengths.into_iter().find_map(|length| Some((*self.by_path.get(&path[..length])?, &path[length..])))
    }
}

impl SourceFile {
    fn read(path: &Path) -> Self {
        let text = fs::read_to_string(path).expect("a source file");
        let shipped = text.split("#[cfg(test)]\nmod tests {").next().expect("a first part");
        let code = COMMENT.replace_all(shipped, "");
        let code = STRING.replace_all(&code, "\"\"").into_owned();
        let mut uses = Vec::new();
        for declaration in USE.captures_iter(&code) {
            expand_use(&mut Vec::new(), &declaration[1], &mut uses);
        }
        let body = USE.replace_all(&code, "");
        let body_paths = PATH.find_iter(&body).map(|path| segments(path.as_str())).collect();
        let body_words = WORD.find_iter(&body).map(|word| word.as_str().to_owned()).collect();
        let (name, path) = (path.display().to_string(), module_path(path));
        SourceFile { name, path, code, uses, body_paths, body_words }
    }

    /// The first module on its path; `bin` for the binary, `lib` for the root.
    fn top_module(&self) -> &str {
        match self.path.as_slice() {
            [root, ..] if root == "bin" => root,
            [_, module, ..] => module,
            _ => "lib",
        }
    }

    fn all_paths(&self) -> impl Iterator<Item = &Vec<String>> {
        self.uses.iter().map(|used| &used.path).chain(&self.body_paths)
    }

    /// The paths that this file's own code makes use of, with the name that stands for each.
    ///
    /// What is brought in and not named in the code is only re-exported: a parent that declares its children and
    /// re-exports their names does not depend on them. What is brought in and is a module is used by the paths that
    /// begin with it.
    fn used_paths(&self, tree: &Tree) -> Vec<(Vec<String>, String)> {
        let mut used = Vec::new();
        let mut whole_modules: BTreeMap<&str, &Vec<String>> = BTreeMap::new();
        for import in &self.uses {
            let absolute = tree.by_path.get(&self.path).and_then(|own| tree.absolute(*own, &import.path));
            if absolute.is_some_and(|path| tree.by_path.contains_key(&path)) {
                whole_modules.insert(&import.name, &import.path);
            } else if self.body_words.contains(&import.name) || import.name == "*" {
                used.push((import.path.clone(), import.name.clone()));
            }
        }
        for path in &self.body_paths {
            let (first, rest) = path.split_first().expect("a path has segments");
            let full = match whole_modules.get(first.as_str()) {
                Some(module) => module.iter().chain(rest).cloned().collect(),
                None => path.clone(),
            };
            used.push((full, path.join("::")));
        }
        used
    }

    fn defines(&self, item: &str) -> bool {
        ["fn", "struct", "enum", "trait", "type", "const", "static"]
            .iter()
            .any(|word| self.code.contains(&format!("{word} {item}")))
    }
}

/// The names of a `use` tree such as `a::{b, c::{self, d as e}}`.
fn expand_use(prefix: &mut Vec<String>, tree: &str, found: &mut Vec<Use>) {
    let tree = tree.trim();
    if let Some((head, group)) = tree.split_once('{') {
        let before = prefix.len();
        prefix.extend(segments(head));
        let group = group.trim_end().strip_suffix('}').expect("the end of a group");
        for part in split_at_commas(group) {
            expand_use(prefix, part, found);
        }
        prefix.truncate(before);
        return;
    }
    if tree.is_empty() {
        return;
    }
    let (path, alias) = match tree.split_once(" as ") {
        Some((path, alias)) => (path, Some(alias.trim())),
        None => (tree, None),
    };
    let mut full = prefix.clone();
    full.extend(segments(path));
    if full.len() > 1 && full.last().is_some_and(|last| last == "self") {
        full.pop();
    }
    let name = alias.map_or_else(|| full.last().cloned().unwrap_or_default(), str::to_owned);
    found.push(Use { path: full, name });
}

/// The parts between the commas that are in no braces.
fn split_at_commas(group: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut depth = 0;
    let mut start = 0;
    for (at, character) in group.char_indices() {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&group[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&group[start..]);
    parts
}

fn segments(path: &str) -> Vec<String> {
    path.split("::").map(str::trim).filter(|segment| !segment.is_empty()).map(str::to_owned).collect()
}

fn starts_with(path: &[String], beginning: &[&str]) -> bool {
    path.len() >= beginning.len() && path.iter().zip(beginning).all(|(left, right)| left == right)
}

/// `src/yaml/load/mod.rs` and `src/yaml/load.rs` are `crate::yaml::load`; the binary's files begin with `bin`.
fn module_path(path: &Path) -> Vec<String> {
    let below = path.strip_prefix("src").expect("below src");
    let (root, below) = match below.strip_prefix("bin/plimsoll") {
        Ok(below) => ("bin", below),
        Err(_) => ("crate", below),
    };
    let mut segments = vec![root.to_owned()];
    segments.extend(below.iter().map(|part| part.to_string_lossy().trim_end_matches(".rs").to_owned()));
    if matches!(segments.last().map(String::as_str), Some("mod" | "lib" | "main")) {
        segments.pop();
    }
    segments
}

fn is_test(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str() == "tests" || part.as_os_str() == "tests.rs")
        || path.to_string_lossy().ends_with("_tests.rs")
}
