//! The origins of a session: packed, and shared with the overlays of the session without a copy.
//!
//! A large render has a million of them. Those of one expression have the expression and the paths of its inputs in
//! common, which are kept once, as a [`Shape`]; of each by itself there are only the places of its inputs, in one list
//! for all. What a snapshot of the session knows by then is frozen into a block that both hold:
//!
//! ```text
//! session   [block 0: origins 0 to 899] [open: 900, 901, …]
//! snapshot  [block 0] [block 1: 900 to 1099]                  from then on the session's open ones begin at 1100
//! overlay   [block 0] [block 1] [open: 1100, …]               ids go on in each by itself
//! ```

use std::sync::Arc;

use super::provenance::{Input, Origin, OriginId, Span};

/// All origins that a session knows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Origins {
    /// Those that do not change any more, ascending by their first index.
    frozen: Arc<[Arc<Block>]>,
    open: Block,
}

/// Origins with ids that follow each other.
#[derive(Clone, Debug, Default)]
struct Block {
    /// The index of its first origin.
    first: usize,
    rows: Vec<Row>,
    /// The places of the inputs of all rows, one row after the other; [`Span::NOWHERE`] of an input that nobody set.
    places: Vec<Span>,
    /// Nearly each once: see [`Block::shape`].
    shapes: Vec<Shape>,
    /// The last shape of each bucket, as an index and one; 0 for none. Empty while there are few shapes.
    buckets: Vec<u32>,
}

/// What is its own of an [`Origin`].
#[derive(Clone, Copy, Debug)]
struct Row {
    /// An index into [`Block::shapes`].
    shape: u32,
    /// Where the places of its inputs begin; they end where those of the next row begin.
    first_place: u32,
}

/// What the origins of one expression have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Shape {
    expression: Span,
    /// Those of the inputs.
    paths: Box<[Arc<str>]>,
    raw: bool,
}

impl Origins {
    /// Adds an origin; none beyond four billion, of origins or of inputs.
    pub(crate) fn add(&mut self, origin: Origin) -> Option<OriginId> {
        let id = OriginId::from_index(self.open.first + self.open.rows.len())?;
        let first_place = u32::try_from(self.open.places.len()).ok()?;
        let shape = self.open.shape(&origin)?;
        self.open.places.extend(origin.inputs.iter().map(|input| input.span.unwrap_or(Span::NOWHERE)));
        self.open.rows.push(Row { shape, first_place });
        Some(id)
    }

    /// The origin with this id.
    pub(crate) fn get(&self, id: OriginId) -> Option<Origin> {
        let index = id.index();
        if index >= self.open.first {
            return self.open.get(index);
        }
        let after = self.frozen.partition_point(|block| block.first <= index);
        self.frozen.get(after.checked_sub(1)?)?.get(index)
    }

    /// Takes over the origins that an overlay has added, behind those that were added since; the overlay must not have
    /// been frozen itself. None if it has added none, or nothing moves.
    pub(crate) fn adopt(&mut self, overlay: &Origins) -> Option<OriginShift> {
        let Origins { open: added, .. } = overlay;
        let by = self.open.first + self.open.rows.len() - added.first;
        for at in 0..added.rows.len() {
            // Where there is no room for one, there is none for those behind it.
            if let Some(origin) = added.get(added.first + at) {
                self.add(origin);
            }
        }
        let is_empty = added.rows.is_empty() || by == 0;
        // Ids have 32 bits, and those that had no room have no origin.
        let narrow = |index: usize| u32::try_from(index).unwrap_or(u32::MAX);
        (!is_empty).then_some(OriginShift { from: narrow(added.first), by: narrow(by) })
    }

    /// The same origins, none of them open: adding to one of the two adds nothing to the other.
    pub(crate) fn freeze(&mut self) -> Origins {
        if !self.open.rows.is_empty() {
            let next = Block { first: self.open.first + self.open.rows.len(), ..Block::default() };
            let block = Arc::new(std::mem::replace(&mut self.open, next));
            self.frozen = self.frozen.iter().cloned().chain([block]).collect();
        }
        self.clone()
    }
}

/// What becomes of the ids of an overlay when its session takes over its origins.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OriginShift {
    /// The index of the first that moves: those before it are of both.
    from: u32,
    by: u32,
}

impl OriginShift {
    /// The id in the session.
    pub(crate) fn of(self, id: OriginId) -> OriginId {
        match id.index() {
            index if index < self.from as usize => id,
            // Below the ids that were given out when the origins were taken over.
            index => OriginId::from_index(index + self.by as usize).unwrap_or(id),
        }
    }
}

/// How many buckets [`Block::shape`] looks into: about as many as a chart has expressions.
const BUCKETS: usize = 512;

/// So many shapes are looked through.
const FEW: usize = 8;

impl Block {
    /// The origin at an index that is not below the first one.
    fn get(&self, index: usize) -> Option<Origin> {
        let at = index - self.first;
        let Row { shape, first_place } = *self.rows.get(at)?;
        let end = self.rows.get(at + 1).map_or(self.places.len(), |next| next.first_place as usize);
        let places = self.places.get(first_place as usize..end)?;
        let Shape { expression, paths, raw } = self.shapes.get(shape as usize)?;
        let inputs = paths.iter().zip(places).map(|(path, place)| Input {
            path: Arc::clone(path),
            span: Some(*place).filter(|place| *place != Span::NOWHERE),
        });
        Some(Origin { expression: *expression, inputs: inputs.collect(), raw: *raw })
    }

    /// The index of an origin's shape: of the last one in its bucket if that is the same, or of a new one. So a shape
    /// may be there twice, and none has to be searched for. A few are looked through, as each overlay of a session has
    /// a few.
    fn shape(&mut self, origin: &Origin) -> Option<u32> {
        if self.shapes.len() < FEW {
            let known = self.shapes.iter().position(|shape| shape.is_of(origin));
            return known.map_or_else(|| self.add_shape(origin), |index| u32::try_from(index).ok());
        }
        self.buckets.resize(BUCKETS, 0);
        let Span { source, start, .. } = origin.expression;
        let bucket = &mut self.buckets[(start.wrapping_add(source.0.wrapping_mul(31)) as usize) % BUCKETS];
        if let Some(index) = bucket.checked_sub(1)
            && self.shapes.get(index as usize).is_some_and(|shape| shape.is_of(origin))
        {
            return Some(index);
        }
        *bucket = u32::try_from(self.shapes.len()).ok()?.checked_add(1)?;
        self.add_shape(origin)
    }

    fn add_shape(&mut self, origin: &Origin) -> Option<u32> {
        let index = u32::try_from(self.shapes.len()).ok()?;
        let paths = origin.inputs.iter().map(|input| Arc::clone(&input.path)).collect();
        self.shapes.push(Shape { expression: origin.expression, paths, raw: origin.raw });
        Some(index)
    }
}

impl Shape {
    fn is_of(&self, origin: &Origin) -> bool {
        let same_path = |(path, input): (&Arc<str>, &Input)| {
            // Those of one expression are mostly one text.
            Arc::ptr_eq(path, &input.path) || *path == input.path
        };
        self.expression == origin.expression
            && self.raw == origin.raw
            && self.paths.len() == origin.inputs.len()
            && self.paths.iter().zip(&origin.inputs).all(same_path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceId;

    fn origin(number: usize) -> Origin {
        let input = |at: usize| Input { path: Arc::from(format!("values.a{at}")), span: None };
        Origin {
            expression: Span::new(SourceId(0), number, number + 1),
            inputs: (0..number % 3).map(input).collect(),
            raw: number.is_multiple_of(2),
        }
    }

    #[test]
    fn origins_are_found_in_every_block() {
        let mut origins = Origins::default();
        let mut ids = Vec::new();
        for number in 0..10 {
            ids.push(origins.add(origin(number)).unwrap());
            // With nothing new in between too.
            if number % 4 == 3 {
                origins.freeze();
                origins.freeze();
            }
        }
        for (number, id) in ids.iter().enumerate() {
            assert_eq!(origins.get(*id), Some(origin(number)));
        }
        assert_eq!(origins.get(OriginId::from_index(10).unwrap()), None);
    }

    #[test]
    fn what_overlays_add_is_taken_over() {
        let mut base = Origins::default();
        let shared = base.add(origin(1)).unwrap();
        let [mut first, mut second] = [base.freeze(), base.freeze()];
        let of_first = first.add(origin(2)).unwrap();
        let of_second = [second.add(origin(4)).unwrap(), second.add(origin(5)).unwrap()];
        assert!(base.adopt(&first).is_none());
        let shift = base.adopt(&second).unwrap();
        assert_eq!((base.get(of_first), shift.of(shared)), (Some(origin(2)), shared));
        assert_eq!(of_second.map(|id| base.get(shift.of(id))), [Some(origin(4)), Some(origin(5))]);
    }

    #[test]
    fn an_overlay_goes_on_by_itself() {
        let mut base = Origins::default();
        let shared = base.add(origin(1)).unwrap();
        let mut overlay = base.freeze();
        let (of_base, of_overlay) = (base.add(origin(2)).unwrap(), overlay.add(origin(3)).unwrap());
        assert_eq!(of_base, of_overlay);
        assert_eq!((base.get(of_base), overlay.get(of_overlay)), (Some(origin(2)), Some(origin(3))));
        assert_eq!(overlay.get(shared), Some(origin(1)));
    }
}
