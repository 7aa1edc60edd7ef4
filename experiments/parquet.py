"""Parquet files from elsewhere: how large they are unpacked is read from the footer before anything is unpacked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sim.errors import ConfigError

MOST_ROWS, LARGEST = 250_000_000, 8 * 2**30
"""Most rows, and most bytes unpacked, of a table of results that is read."""


def checked(path: Path, *, most_rows: int = MOST_ROWS, most_bytes: int = LARGEST) -> Path:
    """The path of a table, once it is known that it does not unpack to more than it may.

    Footer first, then texts group by group as codes, so that nothing large is ever in memory. A file that cannot be
    read is left to its reader.

    Args:
        path: the file.
        most_rows: largest number of rows.
        most_bytes: largest size in bytes, unpacked.

    Raises:
        ConfigError: it is larger; says how large.
    """
    try:
        metadata = pq.read_metadata(path)
    except (OSError, pa.ArrowException):
        return path
    try:
        refuse_large(metadata, most_rows=most_rows, most_bytes=most_bytes)
        texts = _texts(metadata)
        with pq.ParquetFile(path, metadata=metadata, read_dictionary=texts) as file:
            length = 0
            for group in range(metadata.num_row_groups if texts else 0):
                table = file.read_row_group(group, columns=texts)
                length += sum(_length(table[name]) for name in texts)
                _refuse_size(length, most_bytes)
    except (OSError, pa.ArrowException):
        return path
    except ValueError as error:
        raise ConfigError(str(error), source=path) from None
    return path


def read_limited(path: Path, *, most_rows: int, most_bytes: int) -> pa.Table:
    """Read a whole table, unless it is larger than it can be.

    A few MB can unpack to many GB: pages compress, and a long text is stored once for all rows that have it.

    Args:
        path: the file.
        most_rows: largest number of rows.
        most_bytes: largest size in bytes, unpacked.

    Raises:
        ValueError: it is larger; says how large.
        OSError: it cannot be read.
        pyarrow.ArrowException: it is no Parquet file, or is damaged.
    """
    metadata = pq.read_metadata(path)
    refuse_large(metadata, most_rows=most_rows, most_bytes=most_bytes)
    schema, texts = metadata.schema.to_arrow_schema(), _texts(metadata)
    with pq.ParquetFile(path, metadata=metadata, read_dictionary=texts) as file:
        table = file.read()
    _refuse_size(sum(_length(table[name]) for name in texts), most_bytes)
    return table.cast(schema.with_metadata(table.schema.metadata))


def _texts(metadata: pq.FileMetaData) -> list[str]:
    """Names of columns that hold texts."""
    schema = metadata.schema.to_arrow_schema()
    return [entry.name for entry in schema if pa.types.is_string(entry.type) or pa.types.is_large_string(entry.type)]


def refuse_large(metadata: pq.FileMetaData, *, most_rows: int, most_bytes: int) -> None:
    """Refuse a table by its footer; see `read_limited`."""
    if metadata.num_rows > most_rows:
        raise ValueError(f"has {metadata.num_rows:,} rows; at most {most_rows:,} are read")
    _refuse_size(sum(metadata.row_group(group).total_byte_size for group in range(metadata.num_row_groups)), most_bytes)


def _refuse_size(size: int, most: int) -> None:
    if size > most:
        raise ValueError(f"takes {size / 1e6:,.0f} MB unpacked; at most {most / 1e6:,.0f} MB are read")


def _length(column: pa.ChunkedArray) -> int:
    """Bytes of all texts in a column of codes."""
    chunks: Sequence[pa.DictionaryArray] = column.chunks
    lengths = (pc.sum(pc.binary_length(chunk.dictionary).take(chunk.indices)).as_py() for chunk in chunks)
    return sum(length or 0 for length in lengths)
