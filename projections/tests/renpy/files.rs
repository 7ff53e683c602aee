//! The smallest pictures and sounds the engine takes.

use hydra_projections::renpy::FileContent;

/// A PNG of one colour, with stored (uncompressed) data.
fn png(width: u32, height: u32, rgba: [u8; 4]) -> Vec<u8> {
    let row: Vec<u8> = std::iter::once(0).chain((0..width).flat_map(|_| rgba)).collect();
    let rows: Vec<u8> = (0..height).flat_map(|_| row.clone()).collect();
    let mut data = vec![0x78, 0x01];
    let mut blocks = rows.chunks(65_535).peekable();
    while let Some(block) = blocks.next() {
        let length = block.len() as u16;
        data.push(u8::from(blocks.peek().is_none()));
        data.extend(length.to_le_bytes());
        data.extend((!length).to_le_bytes());
        data.extend(block);
    }
    let (mut a, mut b) = (1u32, 0u32);
    for byte in &rows {
        a = (a + u32::from(*byte)) % 65_521;
        b = (b + a) % 65_521;
    }
    data.extend((b << 16 | a).to_be_bytes());
    let header = [width.to_be_bytes().as_slice(), &height.to_be_bytes(), &[8, 6, 0, 0, 0]].concat();
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    for (name, body) in [(b"IHDR", header.as_slice()), (b"IDAT", &data), (b"IEND", &[])] {
        out.extend((body.len() as u32).to_be_bytes());
        out.extend(name);
        out.extend(body);
        out.extend(crc(&[name.as_slice(), body].concat()).to_be_bytes());
    }
    out
}

fn crc(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |c, _| if c & 1 == 1 { c >> 1 ^ 0xedb8_8320 } else { c >> 1 })
    };
    !bytes.iter().fold(u32::MAX, step)
}

/// A tenth of a second of silence.
fn wav() -> Vec<u8> {
    let samples = vec![0u8; 4_410];
    let mut out = b"RIFF".to_vec();
    out.extend((36 + samples.len() as u32).to_le_bytes());
    out.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0\x22\x56\0\0\x44\xac\0\0\x02\0\x10\0data");
    out.extend((samples.len() as u32).to_le_bytes());
    out.extend(samples);
    out
}

pub fn bytes(content: &FileContent) -> Vec<u8> {
    match content {
        FileContent::Text(text) => text.clone().into_bytes(),
        FileContent::Asset(key) => match key.as_str() {
            "tall" => png(60, 400, [200, 120, 90, 255]),
            "wide" => png(300, 200, [90, 120, 200, 255]),
            "ground" => png(64, 36, [30, 60, 70, 255]),
            "voice" => wav(),
            other => panic!("no such asset: {other}"),
        },
    }
}
