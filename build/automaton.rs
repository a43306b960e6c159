//! A regular expression as a small automaton over bytes, as `src/schema/keyword_table.rs` describes it.

use std::collections::HashMap;

use regex_automata::Anchored;
use regex_automata::dfa::{Automaton as _, StartKind, dense};
use regex_automata::util::primitives::StateID;
use regex_automata::util::start;

use super::Result;
use super::keyword_table::Pattern;

pub struct Automaton {
    /// The class of each byte.
    pub classes: Vec<u8>,
    /// How many moves a state has.
    pub width: usize,
    /// The moves of each state: one for each class, and one for the end of the text.
    pub moves: Vec<u16>,
}

impl Automaton {
    /// Finds what `regex` would find anywhere in a text. Expressions with a backslash are refused: there ECMA's and Rust's
    /// grammars differ, and jsonschema translates.
    pub fn of(expression: &str) -> Result<Self> {
        if !expression.is_ascii() || expression.contains('\\') {
            return Err(format!("{expression} has a backslash or is not ASCII").into());
        }
        let config = dense::Config::new().start_kind(StartKind::Unanchored).minimize(true);
        let dfa = dense::Builder::new().configure(config).build(expression)?;
        let states = States::of(&dfa)?;
        Ok(states.table())
    }
}

/// Every state by what follows on each byte, and at the end of the text in the last place.
struct States {
    rows: Vec<Vec<u16>>,
}

impl States {
    fn of(dfa: &dense::DFA<Vec<u32>>) -> Result<Self> {
        let start = dfa.start_state(&start::Config::new().anchored(Anchored::No))?;
        let mut numbers = HashMap::from([(start, Pattern::START)]);
        let mut waiting = vec![start];
        let mut rows = vec![vec![Pattern::FAILED; 257], vec![Pattern::MATCHED; 257]];
        let mut at = 0;
        while let Some(state) = waiting.get(at).copied() {
            at += 1;
            let mut number = |state: StateID| -> Result<u16> {
                if dfa.is_match_state(state) {
                    return Ok(Pattern::MATCHED);
                }
                if dfa.is_dead_state(state) {
                    return Ok(Pattern::FAILED);
                }
                let next = u16::try_from(numbers.len())? + Pattern::START;
                Ok(*numbers.entry(state).or_insert_with(|| {
                    waiting.push(state);
                    next
                }))
            };
            let mut row = Vec::with_capacity(257);
            for byte in 0..=u8::MAX {
                row.push(number(dfa.next_state(state, byte))?);
            }
            let matched = dfa.is_match_state(dfa.next_eoi_state(state));
            row.push(if matched { Pattern::MATCHED } else { Pattern::FAILED });
            rows.push(row);
        }
        Ok(States { rows })
    }

    /// Bytes that every state answers alike are one class.
    fn table(&self) -> Automaton {
        let mut columns: HashMap<Vec<u16>, usize> = HashMap::new();
        let mut firsts = Vec::new();
        let mut classes = Vec::new();
        for byte in 0..256 {
            let column = self.rows.iter().map(|row| row[byte]).collect();
            let class = *columns.entry(column).or_insert_with(|| {
                firsts.push(byte);
                firsts.len() - 1
            });
            classes.push(class as u8);
        }
        firsts.push(256);
        let moves = self.rows.iter().flat_map(|row| firsts.iter().map(|first| row[*first]));
        Automaton { classes, width: firsts.len(), moves: moves.collect() }
    }
}
