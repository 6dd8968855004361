"""What is written on the pages of a PDF."""

import re
import zlib

STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)
TEXT = re.compile(rb"\(((?:\\.|[^\\()])*)\) Tj")


def pages(pdf: bytes) -> int:
    """How many there are."""
    return len(re.findall(rb"/Type /Page\b(?!s)", pdf))


def words(pdf: bytes) -> list[str]:
    """The texts in the built-in font, in their order."""
    found = []
    for stream in STREAM.findall(pdf):
        content = zlib.decompressobj().decompress(stream)  # the line break before `endstream` is not part of it
        found += [re.sub(rb"\\(.)", rb"\1", text).decode("latin-1") for text in TEXT.findall(content)]
    return found
