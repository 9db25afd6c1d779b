"""Writes batches with kafka-python, and with settings that Kafka's own client does not use.

README.md says how to run it.
"""

import pathlib
import struct
import sys

import cramjam
import lz4.frame
import zstandard
from kafka.record.default_records import DefaultRecordBatchBuilder
from kafka.record.util import calc_crc32c

BASE_TIMESTAMP = 1_700_000_000_000
CODECS = {"none": 0, "gzip": 1, "snappy": 2, "lz4": 3, "zstd": 4}
HEADER_BYTES = 61


def large_value():
    value = bytearray(150_000)
    noise = 1
    for i in range(len(value)):
        noise = (noise * 1_103_515_245 + 12_345) & 0x7FFFFFFF
        value[i] = (noise >> 16) & 0xFF if i % 64 < 4 else i % 64
    return bytes(value)


RECORDS = [
    (0, b"first", b"one", []),
    (1, None, b"no key", []),
    (-70_000, b"tombstone", None, []),
    (2**33, b"", b"", []),
    (
        5,
        b"headers",
        b"abc" * 1000,
        [("plain", b"text"), ("größe", "€".encode()), ("", b"")],
    ),
    (6, b"large", large_value(), []),
]


def batch(codec):
    builder = DefaultRecordBatchBuilder(
        magic=2,
        compression_type=CODECS[codec],
        is_transactional=0,
        producer_id=-1,
        producer_epoch=-1,
        base_sequence=-1,
        batch_size=1 << 20,
    )
    for offset, (delta, key, value, headers) in enumerate(RECORDS):
        builder.append(offset, BASE_TIMESTAMP + delta, key, value, headers)
    return bytes(builder.build())


def batch_with(codec, compress):
    plain = batch("none")
    body = bytearray(plain[21:HEADER_BYTES] + compress(plain[HEADER_BYTES:]))
    struct.pack_into(">h", body, 0, CODECS[codec])
    head = bytearray(plain[:21])
    struct.pack_into(">i", head, 8, 9 + len(body))
    struct.pack_into(">I", head, 17, calc_crc32c(bytes(body)))
    return bytes(head + body)


def xerial_frames(records):
    """Two frames, one behind the other."""
    magic = b"\x82SNAPPY\x00" + struct.pack(">ii", 1, 1)
    half = len(records) // 2
    frames = b""
    for part in (records[:half], records[half:]):
        chunk = bytes(cramjam.snappy.compress_raw(part))
        frames += magic + struct.pack(">i", len(chunk)) + chunk
    return frames


def zstd_frames(records):
    """A frame without its size, one that is to be skipped, and one with a checksum."""
    half = len(records) // 2
    stream = zstandard.ZstdCompressor(level=19, write_content_size=False).compressobj()
    first = stream.compress(records[:half]) + stream.flush()
    skipped = struct.pack("<II", 0x184D2A53, 5) + b"12345"
    second = zstandard.ZstdCompressor(level=1, write_checksum=True)
    return first + skipped + second.compress(records[half:])


def lz4_linked(records):
    return lz4.frame.compress(
        records,
        block_size=lz4.frame.BLOCKSIZE_MAX64KB,
        block_linked=True,
        content_checksum=True,
        block_checksum=True,
        store_size=True,
    )


def main():
    made = {f"kafka-python-{codec}": batch(codec) for codec in CODECS if codec != "none"}
    made["snappy-raw"] = batch_with(
        "snappy", lambda records: bytes(cramjam.snappy.compress_raw(records))
    )
    made["snappy-two-frames"] = batch_with("snappy", xerial_frames)
    made["lz4-linked-checksums"] = batch_with("lz4", lz4_linked)
    made["lz4-4mib-blocks"] = batch_with(
        "lz4",
        lambda records: lz4.frame.compress(
            records,
            compression_level=9,
            block_size=lz4.frame.BLOCKSIZE_MAX4MB,
            store_size=False,
        ),
    )
    made["zstd-three-frames"] = batch_with("zstd", zstd_frames)
    for name, made_bytes in made.items():
        pathlib.Path(sys.argv[1], f"{name}.bin").write_bytes(made_bytes)


main()
