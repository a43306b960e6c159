//! Checked: merged values that the schema finds right. Templates may be run with others, but only these let their output
//! out.

use std::ops::Deref;

use super::merged::Merged;
use crate::release;
use crate::schema;
use crate::secrets;
use crate::session::{Outcome, Session};
use crate::yaml::ValuePath;

/// Merged values that are right.
///
/// It promises that the schema finds nothing wrong in them, and that they agree with `--namespace`. There is no other
/// way to one than [`Merged::check`] and [`Merged::check_demanded`].
#[derive(Clone, Debug)]
pub struct Checked(Merged);

impl Deref for Checked {
    type Target = Merged;

    fn deref(&self) -> &Merged {
        &self.0
    }
}

/// What `lint` makes of values in which settings may be left for a user.
#[derive(Debug)]
pub enum CheckedOrIncomplete {
    /// With dummies for the secrets that were not demanded.
    Checked(Checked),
    /// The settings without which nothing can be rendered.
    Incomplete(Vec<ValuePath>),
}

impl Merged {
    /// Holds the values against the schema, and the namespace in them against the flag.
    ///
    /// # Errors
    /// Everything in which they break the schema; V107 for another namespace.
    pub fn check(self, session: &Session) -> Outcome<Checked> {
        self.check_helm(session)?;
        if let Some(schema) = self.schema() {
            self.at_nulls(session, || schema::check(session, schema, &self.values, &self.tombstones))?;
        }
        self.refuse_other_namespace(session)?;
        Ok(Checked(self))
    }

    /// As [`Merged::check`], but without the settings that the request does not demand. Secrets that are left out get
    /// dummies, since nothing but their form is checked. A host or a size gets none: a chart decides by it what it
    /// renders.
    ///
    /// # Errors
    /// As [`Merged::check`].
    pub fn check_demanded(mut self, session: &Session) -> Outcome<CheckedOrIncomplete> {
        self.check_helm(session)?;
        let demands = self.demands;
        let unset = match self.schema() {
            Some(schema) => self.at_nulls(session, || {
                schema::check_demanding(session, schema, &self.values, &self.tombstones, demands)
            })?,
            None => Vec::new(),
        };
        self.refuse_other_namespace(session)?;
        let left = secrets::fill_with_dummies(&mut self.values, unset, self.opened.wants.root());
        if left.is_empty() {
            Ok(CheckedOrIncomplete::Checked(Checked(self)))
        } else {
            Ok(CheckedOrIncomplete::Incomplete(left))
        }
    }

    /// Holds the values of a chart of Helm against the schemas of it and of its subcharts.
    fn check_helm(&self, session: &Session) -> Outcome<()> {
        match (&self.opened.helm, &self.helm) {
            (Some(helm), Some(values)) => helm.check(session, values),
            _ => Ok(()),
        }
    }

    fn refuse_other_namespace(&self, session: &Session) -> Outcome<()> {
        release::refuse_other_namespace(session, self.chart(), &self.values, &self.opened.request)
    }
}
