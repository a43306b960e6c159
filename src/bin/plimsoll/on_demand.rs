//! Arguments that clap is told of only when their command is run, or its help is asked for.
//!
//! There are twenty commands with hundreds of flags, and a run needs those of one. Defining all of them took half of the
//! instructions of a start, and half of its memory.
//!
//! clap hands flags of the program to its commands before it asks for what was deferred. They would stand first in each
//! help text, so a command takes them itself, behind its own, and those of the program are not handed on
//! ([`crate::cli::definition`]). clap carries the values of flags that have one name up and down all the same.

use std::ops::Deref;

use clap::builder::Resettable;
use clap::{ArgMatches, Args, Command, Error, FromArgMatches};

use crate::output::GlobalArgs;

/// The arguments of a command, and the global flags.
///
/// They are boxed, as the enum of all commands is as large as its largest variant.
#[derive(Debug)]
pub struct OnDemand<A>(Box<A>);

impl<A> Deref for OnDemand<A> {
    type Target = A;

    fn deref(&self) -> &A {
        &self.0
    }
}

impl<A: Args> Args for OnDemand<A> {
    fn augment_args(command: Command) -> Command {
        command.defer(define::<A>)
    }

    fn augment_args_for_update(command: Command) -> Command {
        command.defer(define_for_update::<A>)
    }
}

impl<A: FromArgMatches> FromArgMatches for OnDemand<A> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        A::from_arg_matches(matches).map(|arguments| OnDemand(Box::new(arguments)))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        self.0.update_from_arg_matches(matches)
    }
}

fn define<A: Args>(command: Command) -> Command {
    described_as_before(command, |command| GlobalArgs::augment_args(A::augment_args(command)))
}

fn define_for_update<A: Args>(command: Command) -> Command {
    described_as_before(command, |command| {
        GlobalArgs::augment_args_for_update(A::augment_args_for_update(command))
    })
}

/// Defines arguments, and leaves the description of their command as it is: the doc comment of each group of arguments
/// would take its place.
fn described_as_before(command: Command, define: impl FnOnce(Command) -> Command) -> Command {
    let short = Resettable::from(command.get_about().cloned());
    let long = Resettable::from(command.get_long_about().cloned());
    define(command).about(short).long_about(long)
}
