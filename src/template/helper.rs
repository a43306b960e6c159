//! A second thread for one render: it compiles templates while values are read, and runs some while others are run.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::thread::yield_now;

use super::render::{RawOutput, RenderContext, run_one};
use super::{Program, Role};
use crate::parallel::{Maker, named};

/// A thread that compiles a program's templates until it gets a scene to run them with.
#[derive(Debug)]
pub struct SecondThread {
    libraries: Arc<Libraries>,
    tasks: Sender<(Arc<Task>, Sender<RawOutput>)>,
}

/// Things to be done, each by whoever is idle.
#[derive(Debug)]
struct Queue {
    /// The positions of templates.
    templates: Vec<usize>,
    /// How many of them are taken.
    taken: AtomicUsize,
}

impl Queue {
    fn new(templates: impl Iterator<Item = usize>) -> Self {
        Queue { templates: templates.collect(), taken: AtomicUsize::new(0) }
    }

    fn take(&self) -> Option<usize> {
        self.templates.get(self.taken.fetch_add(1, Ordering::Relaxed)).copied()
    }
}

/// The libraries of a program: they are compiled before anything that imports them, so that it is done once.
#[derive(Debug)]
struct Libraries {
    program: Arc<Program>,
    queue: Queue,
}

impl Libraries {
    /// Compiles one that nobody has taken. What is wrong with it is said when it is used.
    fn compile_one(&self) -> bool {
        let taken = self.queue.take();
        taken.inspect(|template| drop(self.program.compiled(*template))).is_some()
    }
}

/// One render.
#[derive(Debug)]
struct Task {
    libraries: Arc<Libraries>,
    scene: Arc<RenderContext>,
    /// Templates that print documents.
    queue: Queue,
}

impl Task {
    /// Runs the next template that nobody has taken.
    fn take(&self) -> Option<RawOutput> {
        while self.libraries.compile_one() {}
        self.queue.take().map(|template| self.run(template))
    }

    fn run(&self, template: usize) -> RawOutput {
        run_one(&self.libraries.program, &self.scene, template)
    }
}

impl SecondThread {
    /// Starts a thread, if there can be one.
    pub fn start(program: &Arc<Program>) -> Option<SecondThread> {
        let (tasks, given) = channel();
        let queue = Queue::new(program.of_role(Role::Library));
        let libraries = Arc::new(Libraries { program: Arc::clone(program), queue });
        let (shared, maker) = (Arc::clone(&libraries), Maker::here());
        let work = move || {
            maker.leave();
            help(&shared, &given);
        };
        named("templates").spawn(work).ok()?;
        yield_now();
        Some(SecondThread { libraries, tasks })
    }

    /// Runs the templates that are no libraries, in their order, on this thread and the other one. The other begins at once; this
    /// one takes part while it waits.
    pub fn run(self, scene: &Arc<RenderContext>) -> impl Iterator<Item = RawOutput> + use<> {
        let queue = Queue::new(self.libraries.program.of_role(Role::Document));
        let task = Arc::new(Task { libraries: self.libraries, scene: Arc::clone(scene), queue });
        let (sender, printed) = channel();
        // A thread that has ended takes nothing: then this one runs all.
        let _ = self.tasks.send((Arc::clone(&task), sender));
        InOrder { task, printed, done: BTreeMap::new(), next: 0 }
    }
}

/// What the other thread does.
fn help(libraries: &Libraries, given: &Receiver<(Arc<Task>, Sender<RawOutput>)>) {
    while libraries.compile_one() {}
    for template in libraries.program.of_role(Role::Document) {
        match given.try_recv() {
            Ok((task, printed)) => return run(&task, &printed),
            Err(TryRecvError::Disconnected) => return,
            // What is wrong with a template is said when it is run.
            Err(TryRecvError::Empty) => drop(libraries.program.compiled(template)),
        }
    }
    if let Ok((task, printed)) = given.recv() {
        run(&task, &printed);
    }
}

/// Runs templates until all are taken, or nobody listens any more.
fn run(task: &Task, printed: &Sender<RawOutput>) {
    while let Some(print) = task.take() {
        if printed.send(print).is_err() {
            return;
        }
    }
}

/// What both threads printed, in the order of the templates.
struct InOrder {
    task: Arc<Task>,
    printed: Receiver<RawOutput>,
    /// What was printed before its turn.
    done: BTreeMap<usize, RawOutput>,
    next: usize,
}

impl Iterator for InOrder {
    type Item = RawOutput;

    fn next(&mut self) -> Option<RawOutput> {
        let template = *self.task.queue.templates.get(self.next)?;
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
