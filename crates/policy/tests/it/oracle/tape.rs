//! Choices for a generator, taken from a tape of numbers. proptest makes and shrinks the tape, and so everything that is
//! made of it: zero is always the simplest choice, and beyond the end there are only zeros.

#[derive(Debug)]
pub struct Tape<'a> {
    numbers: std::slice::Iter<'a, u32>,
}

impl<'a> Tape<'a> {
    pub fn new(numbers: &'a [u32]) -> Self {
        Self {
            numbers: numbers.iter(),
        }
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        self.numbers.next().map_or(0, |number| *number as usize % end.max(1))
    }

    pub fn pick<'p, T>(&mut self, pool: &'p [T]) -> &'p T {
        &pool[self.below(pool.len())]
    }

    /// True with this chance in a hundred; never at the end of the tape.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) >= 100 - percent
    }

    /// A part of the pool, in its order.
    pub fn some<T: Clone>(&mut self, pool: &[T], percent: usize) -> Vec<T> {
        pool.iter().filter(|_| self.chance(percent)).cloned().collect()
    }
}
