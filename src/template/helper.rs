//! A second thread for one render: it compiles templates while values are read, and runs some while others are run.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::thread::Builder;

use super::render::{Printed, Scene, run_one};
use super::{Program, Role};

/// A thread that compiles a program's templates until it gets a scene to run them with.
#[derive(Debug)]
pub struct Helper {
    program: Arc<Program>,
    tasks: Sender<(Arc<Task>, Sender<Printed>)>,
}

/// The templates of one render. Whoever is idle takes the next one.
#[derive(Debug)]
struct Task {
    program: Arc<Program>,
    scene: Arc<Scene>,
    /// The positions of the templates.
    templates: Vec<usize>,
    /// How many of them are taken.
    taken: AtomicUsize,
}

impl Task {
    /// Runs the next template that nobody has taken.
    fn take(&self) -> Option<Printed> {
        let next = self.taken.fetch_add(1, Ordering::Relaxed);
        self.templates.get(next).map(|template| self.run(*template))
    }

    fn run(&self, template: usize) -> Printed {
        run_one(&self.program, &self.scene, template)
    }
}

impl Helper {
    /// Starts a thread, if there can be one.
    pub fn start(program: &Arc<Program>) -> Option<Helper> {
        let (tasks, given) = channel();
        let helped = Arc::clone(program);
        Builder::new().name("templates".to_owned()).spawn(move || help(&helped, &given)).ok()?;
        Some(Helper { program: Arc::clone(program), tasks })
    }

    /// Runs the templates that are no libraries, in their order, on this thread and the other one. The other begins at once; this one
    /// takes part while it waits.
    pub fn run(self, scene: &Arc<Scene>) -> impl Iterator<Item = Printed> + use<> {
        let (program, scene) = (self.program, Arc::clone(scene));
        let templates = program.documents().collect();
        let task = Arc::new(Task { program, scene, templates, taken: AtomicUsize::new(0) });
        let (sender, printed) = channel();
        // A thread that has ended takes nothing: then this one runs all.
        let _ = self.tasks.send((Arc::clone(&task), sender));
        InOrder { task, printed, done: BTreeMap::new(), next: 0 }
    }
}

/// What the other thread does. Libraries come first, since every template needs them.
fn help(program: &Program, given: &Receiver<(Arc<Task>, Sender<Printed>)>) {
    make_room();
    let libraries =
        (0..program.templates.len()).filter(|index| program.templates[*index].role == Role::Library);
    for template in libraries.chain(program.documents()) {
        match given.try_recv() {
            Ok((task, printed)) => return run(&task, &printed),
            Err(TryRecvError::Disconnected) => return,
            // What is wrong with a template is said when it is run.
            Err(TryRecvError::Empty) => drop(program.compiled(template)),
        }
    }
    if let Ok((task, printed)) = given.recv() {
        run(&task, &printed);
    }
}

/// glibc lets the memory of a thread other than the first grow page by page, with a call of the system for each, as long as it is not
/// used to giving large blocks back. So it gets two, and this much is there at once. What is not used costs nothing.
fn make_room() {
    for bytes in [ROOM, ROOM - 4096] {
        drop(black_box(Vec::<u8>::with_capacity(bytes)));
    }
}

const ROOM: usize = 2 << 20;

/// Runs templates until all are taken, or nobody listens any more.
fn run(task: &Task, printed: &Sender<Printed>) {
    while let Some(print) = task.take() {
        if printed.send(print).is_err() {
            return;
        }
    }
}

/// What both threads printed, in the order of the templates.
struct InOrder {
    task: Arc<Task>,
    printed: Receiver<Printed>,
    /// What was printed before its turn.
    done: BTreeMap<usize, Printed>,
    next: usize,
}

impl Iterator for InOrder {
    type Item = Printed;

    fn next(&mut self) -> Option<Printed> {
        let template = *self.task.templates.get(self.next)?;
        self.next += 1;
        loop {
            if let Some(print) = self.done.remove(&template) {
                return Some(print);
            }
            let more = self.printed.try_recv().ok().or_else(|| self.task.take());
            // The other thread has what is missing; should it have ended, it is made here.
            let more = more.or_else(|| self.printed.recv().ok());
            let print = more.unwrap_or_else(|| self.task.run(template));
            self.done.insert(print.template, print);
        }
    }
}
