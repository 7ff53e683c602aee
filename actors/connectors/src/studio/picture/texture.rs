//! The paper: a fine uneven tint over the finished drawing, and a slightly darker rim around backgrounds.
//!
//! Value noise (lattice of random values, smoothly interpolated) in three sizes, laid out once in a tile.

use super::canvas::Canvas;
use super::dice::Dice;

const TILE: usize = 256;

/// Tints an opaque picture and darkens its rim.
pub(super) fn finish_opaque(canvas: &mut Canvas, seed: u64) {
    let tile = tile(seed, 5.0);
    let (data, width) = canvas.pixels();
    let height = data.len() / 4 / width.max(1);
    let across = rim(width);
    let down = rim(height);
    for (y, row) in data.chunks_exact_mut(width * 4).enumerate() {
        let grain = &tile[(y % TILE) * TILE..][..TILE];
        for (x, pixel) in row.chunks_exact_mut(4).enumerate() {
            let dark = 256 - (across[x] + down[y]);
            let tint = i32::from(grain[x % TILE]);
            for channel in &mut pixel[..3] {
                *channel = ((i32::from(*channel) * dark) / 256 + tint).clamp(0, 255) as u8;
            }
            pixel[3] = 255;
        }
    }
}

/// Tints a picture with transparent parts; alpha stays as it is.
pub(super) fn finish_cutout(canvas: &mut Canvas, seed: u64) {
    let tile = tile(seed, 5.0);
    let (data, width) = canvas.pixels();
    for (y, row) in data.chunks_exact_mut(width * 4).enumerate() {
        let grain = &tile[(y % TILE) * TILE..][..TILE];
        for (x, pixel) in row.chunks_exact_mut(4).enumerate() {
            let alpha = i32::from(pixel[3]);
            let tint = i32::from(grain[x % TILE]) * alpha / 255;
            for channel in &mut pixel[..3] {
                *channel = (i32::from(*channel) + tint).clamp(0, alpha) as u8;
            }
        }
    }
}

/// How much darker each column (or row) gets, in 1/256.
fn rim(length: usize) -> Vec<i32> {
    (0..length)
        .map(|i| {
            let from_middle = (i as f32 + 0.5) / length as f32 * 2.0 - 1.0;
            let squared = from_middle * from_middle;
            (squared * squared * 26.0) as i32
        })
        .collect()
}

fn tile(seed: u64, strength: f32) -> Vec<i8> {
    let mut sum = vec![0.0_f32; TILE * TILE];
    for (cell, weight) in [(2, 0.2), (8, 0.34), (32, 0.55)] {
        let mut dice = Dice::of(&["paper", &cell.to_string()], seed);
        add_octave(&mut sum, cell, weight * strength, &mut dice);
    }
    sum.iter().map(|value| value.round().clamp(-100.0, 100.0) as i8).collect()
}

fn add_octave(sum: &mut [f32], cell: usize, weight: f32, dice: &mut Dice) {
    let side = TILE / cell;
    let lattice: Vec<f32> = (0..side * side).map(|_| dice.between(-1.0, 1.0)).collect();
    for (y, row) in sum.chunks_exact_mut(TILE).enumerate() {
        let (top, bottom) = ((y / cell) * side, ((y / cell + 1) % side) * side);
        let down = ease((y % cell) as f32 / cell as f32);
        for (x, value) in row.iter_mut().enumerate() {
            let (left, right) = (x / cell, (x / cell + 1) % side);
            let across = ease((x % cell) as f32 / cell as f32);
            let upper = lattice[top + left] + (lattice[top + right] - lattice[top + left]) * across;
            let lower = lattice[bottom + left] + (lattice[bottom + right] - lattice[bottom + left]) * across;
            *value += (upper + (lower - upper) * down) * weight;
        }
    }
}

fn ease(t: f32) -> f32 {
    t * t * (3.0 - 2.0 * t)
}
