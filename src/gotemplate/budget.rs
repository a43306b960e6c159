//! What a run of templates may spend: all templates of a chart together.

use super::error::Failure;
use crate::limits::{Limit, Limits};

/// What is left of a run's limits.
#[derive(Clone, Debug)]
pub struct Budget {
    limits: Limits,
    fuel: u64,
    made: u64,
}

impl Budget {
    /// A full budget.
    pub fn new(limits: &Limits) -> Budget {
        Budget { fuel: limits.get(Limit::Fuel), made: limits.get(Limit::Made), limits: *limits }
    }

    /// The limits themselves.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Pays for steps of evaluation: one for about as much work as a lookup of a field. For bytes that are only looked
    /// at, pay one for each 64.
    ///
    /// # Errors
    /// When the fuel is used up.
    pub fn charge_fuel(&mut self, steps: usize) -> Result<(), Failure> {
        match self.fuel.checked_sub(steps as u64) {
            Some(left) => {
                self.fuel = left;
                Ok(())
            }
            None => {
                self.fuel = 0;
                let most = self.limits.said(Limit::Fuel);
                Err(Failure::limit(Limit::Fuel, format!("the templates take more than {most} instructions")))
            }
        }
    }

    /// Pays for a text of so many bytes, before it is made.
    ///
    /// # Errors
    /// When it is longer than one text may be, or too much was made altogether.
    pub fn charge_text(&mut self, bytes: usize) -> Result<(), Failure> {
        if bytes as u64 > self.limits.get(Limit::Text) {
            let most = self.limits.said(Limit::Text);
            return Err(Failure::limit(Limit::Text, format!("this makes a text of more than {most}")));
        }
        self.charge_made(bytes as u64 / 16)
    }

    /// Pays for a list or map of so many items, before it is made.
    ///
    /// # Errors
    /// When it has more items than one may have, or too much was made altogether.
    pub fn charge_items(&mut self, items: usize) -> Result<(), Failure> {
        if items as u64 > self.limits.get(Limit::Items) {
            let most = self.limits.said(Limit::Items);
            return Err(Failure::limit(
                Limit::Items,
                format!("this makes a list or map of more than {most} items"),
            ));
        }
        self.charge_made(items as u64)
    }

    fn charge_made(&mut self, parts: u64) -> Result<(), Failure> {
        self.made = self.made.checked_sub(parts).ok_or_else(|| {
            let most = self.limits.said(Limit::Made);
            Failure::limit(
                Limit::Made,
                format!("the templates make values of more than {most} items altogether"),
            )
        })?;
        Ok(())
    }
}
