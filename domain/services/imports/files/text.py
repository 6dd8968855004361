"""Physical lines of UTF-8 text, in a file or given whole: numbered, never longer than a limit, each either its text or what is wrong with it."""

import codecs
import io
from pathlib import Path
from typing import IO

from domain.imports.problems import LineTooLong, NulByte, WrongEncoding
from domain.problems import Problem, Refused

LONGEST_LINE = 1 << 20
"""A line of more bytes than this is no line: without a limit one line could fill the memory."""

OTHER_ENCODINGS = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)
"""How a file says that it is not UTF-8; longer marks first."""

Physical = tuple[int, str | Problem, int]
"""Number, text (with its line end) or problem, and size in bytes."""


class TextFile:
    """A file of text, line by line. A byte order mark of UTF-8 is no part of the first line."""

    def __init__(self, source: Path | bytes, longest: int = LONGEST_LINE) -> None:
        self.file: IO[bytes]
        if isinstance(source, bytes):
            self.file, self.size = io.BytesIO(source), len(source)
        else:
            self.file, self.size = source.open("rb", buffering=1 << 18), source.stat().st_size
        self.position = 0
        self.number = 0
        self.longest = longest
        self._skip_mark()

    def _skip_mark(self) -> None:
        beginning = self.file.read(len(codecs.BOM_UTF32_LE))
        for mark, name in OTHER_ENCODINGS:
            if beginning.startswith(mark):
                self.file.close()
                raise Refused(WrongEncoding(found=f"its first bytes say {name}"))
        self.position = len(codecs.BOM_UTF8) if beginning.startswith(codecs.BOM_UTF8) else 0
        self.file.seek(self.position)

    def next(self) -> Physical | None:
        """The next line; None at the end."""
        raw = self.file.readline(self.longest + 1)
        if not raw:
            return None
        self.number += 1
        self.position += (size := len(raw))
        if size > self.longest:
            self._skip_rest(raw)
            return self.number, LineTooLong(limit=self.longest), size
        if b"\0" in raw:
            return self.number, NulByte(position=raw.index(b"\0") + 1), size
        try:
            return self.number, raw.decode(), size
        except UnicodeDecodeError as error:
            found = f"byte {error.start + 1} of the line is 0x{raw[error.start]:02x}"
            return self.number, WrongEncoding(found=found), size

    def _skip_rest(self, raw: bytes) -> None:
        while raw and not raw.endswith(b"\n"):
            raw = self.file.readline(self.longest)
            self.position += len(raw)

    def close(self) -> None:
        """Give the file back."""
        self.file.close()
