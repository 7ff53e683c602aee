//! Reading and writing the one kind of WAV we keep: 16-bit PCM, mono.
//!
//! Written from the layout in Microsoft's and IBM's "Multimedia Programming Interface and Data
//! Specifications 1.0" (RIFF, `fmt ` and `data` chunks; all numbers little-endian).

use super::SpeechError;

/// The sample rate of what we make ourselves, in samples a second.
pub const RATE: u32 = 22_050;

/// Sound as numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sound {
    /// Samples a second.
    pub rate: u32,
    /// One channel of samples.
    pub samples: Vec<i16>,
}

impl Sound {
    /// The length in milliseconds, rounded down.
    pub fn duration_ms(&self) -> u64 {
        self.samples.len() as u64 * 1000 / u64::from(self.rate.max(1))
    }
}

/// A RIFF file of 44 bytes of header and the samples.
pub fn write(rate: u32, samples: &[i16]) -> Vec<u8> {
    let data = u32::try_from(samples.len() * 2).unwrap_or(u32::MAX - 36);
    let mut out = Vec::with_capacity(44 + samples.len() * 2);
    out.extend_from_slice(b"RIFF");
    out.extend_from_slice(&(data + 36).to_le_bytes());
    out.extend_from_slice(b"WAVEfmt ");
    out.extend_from_slice(&16u32.to_le_bytes());
    out.extend_from_slice(&1u16.to_le_bytes());
    out.extend_from_slice(&1u16.to_le_bytes());
    out.extend_from_slice(&rate.to_le_bytes());
    out.extend_from_slice(&(rate * 2).to_le_bytes());
    out.extend_from_slice(&2u16.to_le_bytes());
    out.extend_from_slice(&16u16.to_le_bytes());
    out.extend_from_slice(b"data");
    out.extend_from_slice(&data.to_le_bytes());
    for sample in samples {
        out.extend_from_slice(&sample.to_le_bytes());
    }
    out
}

/// Reads 16-bit PCM mono. A `data` chunk that claims more than there is (a program that wrote to a pipe
/// could not know its length) ends where the bytes end.
pub fn read(bytes: &[u8]) -> Result<Sound, SpeechError> {
    if bytes.get(0..4) != Some(b"RIFF") || bytes.get(8..12) != Some(b"WAVE") {
        return Err(SpeechError::BadWav("it does not begin with RIFF and WAVE"));
    }
    let mut rate = None;
    let mut at = 12;
    while let Some(name) = bytes.get(at..at + 4) {
        let length = number(bytes, at + 4)? as usize;
        let body = at + 8;
        if name == b"fmt " {
            rate = Some(read_format(bytes, body)?);
        }
        if name == b"data" {
            let rate = rate.ok_or(SpeechError::BadWav("the samples come before their format"))?;
            let end = body.saturating_add(length).min(bytes.len());
            return Ok(Sound { rate, samples: read_samples(bytes.get(body..end).unwrap_or_default()) });
        }
        at = body.saturating_add(length).saturating_add(length % 2);
    }
    Err(SpeechError::BadWav("it has no data chunk"))
}

fn read_format(bytes: &[u8], at: usize) -> Result<u32, SpeechError> {
    let rate = number(bytes, at + 4)?;
    let coding_and_channels = number(bytes, at)?;
    let bits = number(bytes, at + 12)? >> 16;
    if coding_and_channels != 0x0001_0001 || bits != 16 {
        return Err(SpeechError::BadWav("it is not 16-bit PCM with one channel"));
    }
    if !(8_000..=96_000).contains(&rate) {
        return Err(SpeechError::BadWav("its sample rate is not between 8,000 and 96,000"));
    }
    Ok(rate)
}

fn read_samples(bytes: &[u8]) -> Vec<i16> {
    bytes.chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect()
}

fn number(bytes: &[u8], at: usize) -> Result<u32, SpeechError> {
    match bytes.get(at..at.saturating_add(4)) {
        Some([a, b, c, d]) => Ok(u32::from_le_bytes([*a, *b, *c, *d])),
        _ => Err(SpeechError::BadWav("it is cut short")),
    }
}

/// Scales so that the loudest sample has `peak_permille` thousandths of full scale. Silence stays, and
/// nothing is made more than 12 times louder, so that noise is not blown up.
pub(super) fn normalise(samples: &mut [i16], peak_permille: i64) {
    let loudest = samples.iter().map(|s| i64::from(s.unsigned_abs())).max().unwrap_or(0);
    if loudest == 0 {
        return;
    }
    let wanted = (32_767 * peak_permille / 1000).min(loudest * 12);
    for sample in samples {
        *sample = (i64::from(*sample) * wanted / loudest) as i16;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let samples = vec![0, 1, -1, i16::MAX, i16::MIN];
        let bytes = write(RATE, &samples);
        assert_eq!(bytes.len(), 54);
        assert_eq!(read(&bytes).unwrap(), Sound { rate: RATE, samples });
    }

    #[test]
    fn a_length_that_promises_too_much_ends_where_the_bytes_end() {
        let mut bytes = write(RATE, &[1, 2, 3]);
        bytes[40..44].copy_from_slice(&0x7fff_f000u32.to_le_bytes());
        assert_eq!(read(&bytes).unwrap().samples, vec![1, 2, 3]);
    }

    #[test]
    fn a_foreign_chunk_of_odd_length_is_skipped_with_its_padding() {
        let plain = write(RATE, &[7, 8]);
        let mut bytes = plain[..36].to_vec();
        bytes.extend_from_slice(b"LIST\x03\0\0\0abc\0");
        bytes.extend_from_slice(&plain[36..]);
        assert_eq!(read(&bytes).unwrap().samples, vec![7, 8]);
    }

    #[test]
    fn what_is_no_mono_16_bit_wav_is_refused() {
        let mut stereo = write(RATE, &[1, 2]);
        stereo[22] = 2;
        let mut bits = write(RATE, &[1, 2]);
        bits[34] = 24;
        let cut = write(RATE, &[1])[..20].to_vec();
        for bad in [stereo, bits, cut, b"".to_vec(), b"ID3 mp3".to_vec(), write(1, &[1])] {
            assert!(matches!(read(&bad), Err(SpeechError::BadWav(_))));
        }
    }

    #[test]
    fn normalising_reaches_the_wanted_peak_and_leaves_silence_alone() {
        let mut samples = vec![4_000, -8_000, 0];
        normalise(&mut samples, 500);
        assert_eq!(samples, vec![8_191, -16_383, 0]);
        let mut silent = vec![0; 4];
        normalise(&mut silent, 500);
        assert_eq!(silent, vec![0; 4]);
    }
}
