//! A regular expression as a small deterministic automaton over bytes, as `src/schema/keyword_table.rs` describes it.
//!
//! regex-automata, the engine below `regex`, builds and minimizes the automaton. Its own serialized form is not used: a
//! move takes four bytes there, and to read it takes `unsafe` code or a check of all of it at each start. Here it is
//! renumbered into plain arrays, breadth first from the start, and bytes that all states answer alike become one class.
//!
//! A lazy automaton at run time, as `regex` has it, would be compiled at each start for the handful of
//! expressions that a render meets.

use std::collections::{HashMap, VecDeque};

use regex_automata::Anchored;
use regex_automata::dfa::{Automaton as _, StartKind, dense};
use regex_automata::util::primitives::StateID;
use regex_automata::util::start;

use super::Result;
use super::keyword_table::Pattern;

/// An automaton in the form of the table.
pub struct Automaton {
    /// The class of each byte.
    pub classes: Vec<u8>,
    /// How many moves a state has.
    pub width: usize,
    /// The moves of each state: one for each class, and one for the end of the text.
    pub moves: Vec<u16>,
}

impl Automaton {
    /// Finds what `regex` would find anywhere in a text.
    ///
    /// # Errors
    /// For an expression that is wrong or not ASCII, and for one with a backslash: there ECMA's and Rust's grammars
    /// differ, and jsonschema translates (`\d` is `[0-9]` to it, and any digit of Unicode to `regex`).
    pub fn of(expression: &str) -> Result<Self> {
        if !expression.is_ascii() || expression.contains('\\') {
            return Err(format!("{expression} has a backslash or is not ASCII").into());
        }
        // Only whether there is a match is asked, never where. So no anchored start is needed, and the
        // smallest automaton is the best.
        let config = dense::Config::new().start_kind(StartKind::Unanchored).minimize(true);
        let dfa = dense::Builder::new().configure(config).build(expression)?;
        let states = States::of(&dfa)?;
        Ok(states.table())
    }
}

/// Every state by what follows on each byte, and at the end of the text in the last place.
struct States {
    /// By the number of the state; 257 moves each.
    rows: Vec<Vec<u16>>,
}

/// The end of the text, as a move: it comes behind those of the 256 bytes.
const END_OF_TEXT: usize = 256;

impl States {
    /// Numbers the states in the order in which they are met from the start. All that match become one, and so do all
    /// that cannot match any more: nothing behind them is asked.
    fn of(dfa: &dense::DFA<Vec<u32>>) -> Result<Self> {
        // The start before the first byte of a text; `^` sees no byte before it.
        let start = dfa.start_state(&start::Config::new().anchored(Anchored::No))?;
        let mut numbers = HashMap::from([(start, Pattern::START)]);
        let mut waiting = VecDeque::from([start]);
        let mut rows = vec![vec![Pattern::FAILED; END_OF_TEXT + 1], vec![Pattern::MATCHED; END_OF_TEXT + 1]];
        while let Some(state) = waiting.pop_front() {
            let mut number = |state: StateID| -> Result<u16> {
                if dfa.is_match_state(state) {
                    return Ok(Pattern::MATCHED);
                }
                if dfa.is_dead_state(state) {
                    return Ok(Pattern::FAILED);
                }
                let next = u16::try_from(numbers.len())? + Pattern::START;
                Ok(*numbers.entry(state).or_insert_with(|| {
                    waiting.push_back(state);
                    next
                }))
            };
            let mut row = Vec::with_capacity(END_OF_TEXT + 1);
            for byte in 0..=u8::MAX {
                row.push(number(dfa.next_state(state, byte))?);
            }
            // The engine reports a match one move late, as `$` has to see what comes behind.
            // So there is a move for the end.
            let matched = dfa.is_match_state(dfa.next_eoi_state(state));
            row.push(if matched { Pattern::MATCHED } else { Pattern::FAILED });
            rows.push(row);
        }
        Ok(States { rows })
    }

    /// The states with one move a class instead of one a byte. Bytes that every state answers alike are one class.
    fn table(&self) -> Automaton {
        // What the states answer to a byte, from the first state to the last, and the class of such bytes.
        let mut columns: HashMap<Vec<u16>, u8> = HashMap::new();
        // Of each class, the first byte that is in it.
        let mut firsts: Vec<usize> = Vec::new();
        let mut classes = Vec::with_capacity(END_OF_TEXT);
        for byte in 0..END_OF_TEXT {
            let column = self.rows.iter().map(|row| row[byte]).collect();
            let class = *columns.entry(column).or_insert_with(|| {
                firsts.push(byte);
                // Not more classes than bytes.
                (firsts.len() - 1) as u8
            });
            classes.push(class);
        }
        firsts.push(END_OF_TEXT);
        let mut moves = Vec::with_capacity(self.rows.len() * firsts.len());
        for row in &self.rows {
            moves.extend(firsts.iter().map(|first| row[*first]));
        }
        Automaton { classes, width: firsts.len(), moves }
    }
}
