//! A second thread for one render: it compiles templates while values are read, and runs some while others are run.
//!
//! ```text
//! first thread    start ─ reads and merges values ───── run ─ takes templates off the queue and runs them ─ binds, reads documents
//! second thread         └ compiles libraries, templates ─── └ takes templates off the queue and runs them ┘
//! ```
//!
//! A third of the instructions of a small render compile templates, which needs no values and so need not wait for
//! them. That is so where the plan of the templates is known; where it is not, the second thread makes it first, and all
//! templates are compiled before the run (`pending.rs`).
//!
//! Both threads share two queues, of the libraries to compile and of the templates to run; each takes the next item with
//! one atomic addition. The results are handed out in the order of the templates, whichever thread made them, so that
//! output and findings do not depend on timing.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::thread::yield_now;

use super::program::Program;
use super::render::RenderContext;
use super::runner::{RawOutput, Runner};
use crate::parallel::{ParentThread, thread_builder};
use crate::template::file::Role;

/// A thread that compiles a program's templates until it gets a context to run them with.
#[derive(Debug)]
pub struct SecondThread {
    libraries: Arc<LibraryQueue>,
    jobs: Sender<Job>,
}

/// A run to take part in, and where its results go.
pub(super) type Job = (Arc<SharedRun>, Sender<RawOutput>);

impl SecondThread {
    /// Starts a thread; none if the system gives none, or the program has to do without.
    pub fn start(program: &Arc<Program>) -> Option<SecondThread> {
        let (jobs, received) = channel();
        let queue = WorkQueue::new(program.of_role(Role::Library));
        let libraries = Arc::new(LibraryQueue { program: Arc::clone(program), queue });
        let shared = Arc::clone(&libraries);
        spawn(move || work_beside(&shared, &received))?;
        Some(SecondThread { libraries, jobs })
    }

    /// A thread that waits for jobs already, and has compiled all templates with this one.
    pub(super) fn waiting(program: &Arc<Program>, jobs: Sender<Job>) -> SecondThread {
        let queue = WorkQueue::new(std::iter::empty());
        SecondThread { libraries: Arc::new(LibraryQueue { program: Arc::clone(program), queue }), jobs }
    }

    /// Begins to run the templates that are no libraries: the other thread does so at once, this one takes part while it
    /// waits for [`BegunRun::outputs`].
    pub fn run(self, context: &Arc<RenderContext>) -> BegunRun {
        let queue = WorkQueue::new(self.libraries.program.of_role(Role::Document));
        let run = Arc::new(SharedRun { libraries: self.libraries, context: Arc::clone(context), queue });
        let (sender, finished) = channel();
        // A thread that has ended takes no job: then this one runs all.
        let _ = self.jobs.send((Arc::clone(&run), sender));
        BegunRun { run, finished }
    }
}

/// A run of templates on two threads.
#[derive(Debug)]
pub struct BegunRun {
    run: Arc<SharedRun>,
    /// From the second thread.
    finished: Receiver<RawOutput>,
}

impl BegunRun {
    /// What the templates printed, in their order.
    pub fn outputs(&self) -> impl Iterator<Item = RawOutput> {
        let runner = self.run.runner();
        InTemplateOrder { begun: self, runner, early: BTreeMap::new(), next: 0 }
    }
}

/// Starts a thread for templates; none if the system gives none, which is no error: the first thread does the work then.
pub(super) fn spawn(work: impl FnOnce() + Send + 'static) -> Option<()> {
    let parent = ParentThread::current();
    let work = move || {
        parent.move_away();
        work();
    };
    thread_builder("templates").spawn(work).ok()?;
    // So that the new thread can leave this processor; `ParentThread` says why it has to.
    yield_now();
    Some(())
}

/// The positions of templates, each for the thread that is first to take it.
#[derive(Debug)]
pub(super) struct WorkQueue {
    templates: Vec<usize>,
    /// How many of them are taken.
    taken: AtomicUsize,
}

impl WorkQueue {
    pub(super) fn new(templates: impl Iterator<Item = usize>) -> Self {
        WorkQueue { templates: templates.collect(), taken: AtomicUsize::new(0) }
    }

    pub(super) fn take(&self) -> Option<usize> {
        // Relaxed is enough: the counter guards nothing but itself, and the vector does not change.
        self.templates.get(self.taken.fetch_add(1, Ordering::Relaxed)).copied()
    }
}

/// The libraries of a program. They are compiled before anything that imports them; otherwise both threads would come
/// upon the same library and compile it twice.
#[derive(Debug)]
struct LibraryQueue {
    program: Arc<Program>,
    queue: WorkQueue,
}

impl LibraryQueue {
    /// Compiles one that nobody has taken; false if there is none. What is wrong with it is reported when it is used.
    fn compile_one(&self) -> bool {
        let Some(library) = self.queue.take() else { return false };
        let _ = self.program.compiled(library);
        true
    }
}

/// One render that two threads work on.
#[derive(Debug)]
pub(super) struct SharedRun {
    libraries: Arc<LibraryQueue>,
    context: Arc<RenderContext>,
    /// The templates whose output is documents.
    queue: WorkQueue,
}

impl SharedRun {
    /// Each thread has one of its own.
    fn runner(&self) -> Runner<'_> {
        Runner::new(&self.libraries.program, self.context.globals.clone())
    }

    /// Runs the next template that nobody has taken.
    fn run_next(&self, runner: &mut Runner<'_>) -> Option<RawOutput> {
        while self.libraries.compile_one() {}
        self.queue.take().map(|template| runner.run(template))
    }
}

/// What the second thread does: it compiles until there is a job, then runs templates until all are taken or the first
/// thread does not listen any more. It ends without a job when the [`SecondThread`] is dropped.
fn work_beside(libraries: &LibraryQueue, jobs: &Receiver<Job>) {
    while libraries.compile_one() {}
    // Not off a queue: if the first thread runs templates meanwhile, it has sent a job, which is looked for before
    // each.
    for template in libraries.program.of_role(Role::Document) {
        match jobs.try_recv() {
            Ok(job) => return run_job(&job),
            Err(TryRecvError::Disconnected) => return,
            Err(TryRecvError::Empty) => {
                // What is wrong with a template is reported when it is run.
                let _ = libraries.program.compiled(template);
            }
        }
    }
    wait_for_job(jobs);
}

/// Runs templates when the first thread has some; ends without when the [`SecondThread`] is dropped.
pub(super) fn wait_for_job(jobs: &Receiver<Job>) {
    if let Ok(job) = jobs.recv() {
        run_job(&job);
    }
}

fn run_job((run, results): &Job) {
    let mut runner = run.runner();
    while let Some(output) = run.run_next(&mut runner) {
        if results.send(output).is_err() {
            return;
        }
    }
}

/// What both threads printed, in the order of the templates.
struct InTemplateOrder<'r> {
    begun: &'r BegunRun,
    /// That of the first thread.
    runner: Runner<'r>,
    /// What was finished before its turn, by template.
    early: BTreeMap<usize, RawOutput>,
    /// The position in the queue's list of the template whose turn it is.
    next: usize,
}

impl Iterator for InTemplateOrder<'_> {
    type Item = RawOutput;

    fn next(&mut self) -> Option<RawOutput> {
        let template = *self.begun.run.queue.templates.get(self.next)?;
        self.next += 1;
        loop {
            if let Some(output) = self.early.remove(&template) {
                return Some(output);
            }
            // What the other thread has finished; else one more from here; else what the other thread is still running.
            let BegunRun { run, finished } = self.begun;
            let output = finished.try_recv().ok().or_else(|| run.run_next(&mut self.runner));
            let output = output.or_else(|| finished.recv().ok());
            // Should the other thread have ended with a template that it took, that one is run here.
            let output = output.unwrap_or_else(|| self.runner.run(template));
            self.early.insert(output.template, output);
        }
    }
}
