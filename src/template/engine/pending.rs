//! A program in the making: another thread analyses the templates while the schema and the values are read.
//!
//! ```text
//! first thread   start ─ reads the schema ─ hand_over ─ reads presets ─ finish ─┬─ compiles off a queue ─► program
//! second thread        └ parses ──────────────────────┴─ checks, plans ─────────┴─ compiles off it ─ waits for a run
//! ```
//!
//! The check of the templates needs what the schema wants, which the first thread hands over when it knows it. All
//! templates are compiled, also libraries that nothing imports, since the engine's compiler may refuse one. What is
//! found is reported by the first thread in the order of the templates, and where it would be if there were one thread.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

use minijinja::Error;

use super::functions::known_names;
use super::program::{Program, compile};
use super::second_thread::{Job, SecondThread, WorkQueue, spawn, wait_for_job};
use crate::session::{MergeSources, Outcome, Session, Snapshot};
use crate::template::analysis::{make_plan, parse_templates};
use crate::template::file::{Role, TemplateFile, texts};
use crate::yaml::Wants;

/// A program that is being made, or is there.
#[derive(Debug)]
pub struct PendingProgram(Pending);

#[derive(Debug)]
enum Pending {
    Ready(Arc<Program>, Option<SecondThread>),
    /// By another thread.
    Making(Making),
    /// The system gives no thread: the first one makes it when it is asked for.
    NotBegun(Vec<TemplateFile>),
}

/// What leads to the other thread and back.
#[derive(Debug)]
struct Making {
    templates: Vec<TemplateFile>,
    wants: Sender<Arc<Wants>>,
    analysed: Receiver<Analysed>,
    compiled: Receiver<Compiled>,
    jobs: Sender<Job>,
}

/// What the other thread has found, in a session of its own, and what is to be compiled if it has found nothing wrong.
type Analysed = (Session, Outcome<Arc<CompileQueue>>);

/// The position of a template that was compiled, and what the engine has against it.
type Compiled = (usize, Option<Error>);

/// The templates of a program that are to be compiled.
#[derive(Debug)]
struct CompileQueue {
    program: Arc<Program>,
    queue: WorkQueue,
}

impl CompileQueue {
    fn new(program: Program) -> Self {
        // Libraries first, as what imports them is run later.
        let libraries: Vec<usize> = program.of_role(Role::Library).collect();
        let queue = WorkQueue::new(libraries.into_iter().chain(program.of_role(Role::Document)));
        CompileQueue { program: Arc::new(program), queue }
    }

    /// Compiles the next template that nobody has taken.
    fn compile_next(&self) -> Option<Compiled> {
        let template = self.queue.take()?;
        Some((template, self.program.compiled(template).err()))
    }
}

impl PendingProgram {
    /// Begins to make a program of templates on another thread. Nothing is reported yet.
    pub fn start(session: &Session, templates: &[TemplateFile]) -> Self {
        let (wants, received_wants) = channel();
        let (send_analysed, analysed) = channel();
        let (send_compiled, compiled) = channel();
        let (jobs, received_jobs) = channel();
        let snapshot = session.snapshot();
        let files = templates.to_vec();
        let work = move || {
            let Some(queue) = analyse_beside(&snapshot, &files, &received_wants, &send_analysed) else {
                return;
            };
            while let Some(compiled) = queue.compile_next() {
                // If the first thread does not listen any more, it has no job either.
                let _ = send_compiled.send(compiled);
            }
            drop(send_compiled);
            wait_for_job(&received_jobs);
        };
        let templates = templates.to_vec();
        match spawn(work) {
            Some(()) => {
                PendingProgram(Pending::Making(Making { templates, wants, analysed, compiled, jobs }))
            }
            None => PendingProgram(Pending::NotBegun(templates)),
        }
    }

    /// A program that is there, because its plan was stored: another thread begins to compile it.
    pub fn ready(program: Arc<Program>) -> Self {
        let second_thread = SecondThread::start(&program);
        PendingProgram(Pending::Ready(program, second_thread))
    }

    /// Tells the other thread what the schema wants, so that it can go on while this one does something else.
    pub fn hand_over(&self, wants: &Arc<Wants>) {
        if let Pending::Making(making) = &self.0 {
            // Should it have ended, that shows at the end.
            let _ = making.wants.send(Arc::clone(wants));
        }
    }

    /// The program, and the other thread for one run of it. All findings of all templates are reported.
    ///
    /// The session is the one that it was started in, which may have read more by now; `wants` is what the schema
    /// wants.
    pub fn finish(
        self,
        session: &Session,
        wants: &Arc<Wants>,
    ) -> (Outcome<Arc<Program>>, Option<SecondThread>) {
        match self.0 {
            Pending::Ready(program, second_thread) => (Ok(program), second_thread),
            Pending::NotBegun(templates) => (compile(session, &templates, wants).map(Arc::new), None),
            Pending::Making(making) => match making.finish(session, wants) {
                Ok((program, second_thread)) => (Ok(program), second_thread),
                Err(reported) => (Err(reported), None),
            },
        }
    }
}

impl Making {
    fn finish(self, session: &Session, wants: &Arc<Wants>) -> Outcome<(Arc<Program>, Option<SecondThread>)> {
        // A second time if they were handed over, which nobody receives. Should the other thread have ended, nothing
        // comes back.
        let _ = self.wants.send(Arc::clone(wants));
        let Ok((found, analysed)) = self.analysed.recv() else {
            return Ok((Arc::new(compile(session, &self.templates, wants)?), None));
        };
        session.merge(found, MergeSources::Shared, Some);
        let queue = analysed?;
        let mut refused = BTreeMap::new();
        let here = std::iter::from_fn(|| queue.compile_next());
        // It ends when the other thread has sent its last one.
        for (template, error) in here.chain(&self.compiled) {
            refused.extend(error.map(|error| (template, error)));
        }
        queue.program.report_refused(session, refused.into_iter())?;
        let second_thread = SecondThread::waiting(&queue.program, self.jobs);
        Ok((Arc::clone(&queue.program), Some(second_thread)))
    }
}

/// What the other thread does first. None if there is nothing to compile.
fn analyse_beside(
    snapshot: &Snapshot,
    templates: &[TemplateFile],
    wants: &Receiver<Arc<Wants>>,
    analysed: &Sender<Analysed>,
) -> Option<Arc<CompileQueue>> {
    let session = snapshot.overlay();
    let texts = texts(&session, templates);
    let parsed = parse_templates(&session, templates, &texts);
    // The first thread has failed if none come.
    let wants = wants.recv().ok()?;
    let plan = parsed.and_then(|parsed| make_plan(&session, &parsed, &wants, &known_names()));
    let queue = plan.map(|plan| Arc::new(CompileQueue::new(Program::new(&session, templates, plan, &wants))));
    analysed.send((session, queue.clone())).ok()?;
    queue.ok()
}
