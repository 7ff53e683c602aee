//! Repeatable chance: a small generator whose stream depends on nothing but its key.
//!
//! The state is seeded by BLAKE3 over tagged, length-prefixed parts; the steps are SplitMix64
//! (Steele, Lea, Flood 2014). Each part of a picture throws its own dice, so that one part changes alone.

/// A stream of numbers that is the same for the same key on every machine.
#[derive(Debug, Clone)]
pub(super) struct Dice(u64);

impl Dice {
    /// Dice for the given words and seed.
    pub fn of(words: &[&str], seed: u64) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(b"hydra studio dice 1");
        for word in words {
            hasher.update(&(word.len() as u64).to_le_bytes());
            hasher.update(word.as_bytes());
        }
        hasher.update(&seed.to_le_bytes());
        let mut first = [0_u8; 8];
        first.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
        Self(u64::from_le_bytes(first))
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number in 0..1.
    pub fn unit(&mut self) -> f32 {
        (self.bits() >> 40) as f32 / 16_777_216.0
    }

    /// A number from `low` up to `high`.
    pub fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit()
    }

    /// A whole number from `low` to `high`, both included.
    pub fn count(&mut self, low: u32, high: u32) -> u32 {
        low + (self.bits() % u64::from(high.saturating_sub(low) + 1)) as u32
    }

    /// True about `share` of the time.
    pub fn chance(&mut self, share: f32) -> bool {
        self.unit() < share
    }

    /// One of the given things; `first` where `others` is empty.
    pub fn pick<T: Copy>(&mut self, first: T, others: &[T]) -> T {
        let at = (self.bits() % (others.len() as u64 + 1)) as usize;
        if at == 0 { first } else { others[at - 1] }
    }

    /// -1 or 1.
    pub fn side(&mut self) -> f32 {
        if self.chance(0.5) { -1.0 } else { 1.0 }
    }
}
