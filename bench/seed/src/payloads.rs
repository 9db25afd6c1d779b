//! The ring of payloads of bench/suite/payloads.ts: payload N has 500 to 1,024
//! bytes, all of them N.

pub const PAYLOAD_COUNT: usize = 256;

fn payload_bytes(index: usize) -> usize {
    500 + index % PAYLOAD_COUNT * 197 % 525
}

pub fn make_payloads() -> Vec<Vec<u8>> {
    (0..PAYLOAD_COUNT)
        .map(|index| vec![index as u8; payload_bytes(index)])
        .collect()
}

/// Whether these are the bytes of a topic's entry `index`: its size, and its
/// first and last byte.
pub fn is_payload(data: &[u8], index: usize) -> bool {
    let byte = (index % PAYLOAD_COUNT) as u8;
    data.len() == payload_bytes(index) && data.first() == Some(&byte) && data.last() == Some(&byte)
}
