"""Files that come in a request: read whole, worked at once, and answered with a report that has a line for every refusal.

A document is one commit, or none if it is only tried. External ids are what makes it safe to send again: nothing is added twice.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace

from domain.commands.imports import DocumentFormat, DocumentImport, TransactionsImport
from domain.imports.lines import BadLine, Layout, Line
from domain.imports.problems import EmptyFile
from domain.imports.reports import ImportReport
from domain.imports.transactions import LAYOUT
from domain.people import Principal
from domain.problems import Refused, TooMany
from domain.receipts import Receipt
from domain.services.checks import INPUT
from domain.services.engine_programs import EnginePrograms
from domain.services.imports.files.csv_files import CsvFile
from domain.services.imports.files.json_lines import JsonLinesFile
from domain.services.imports.pipeline import CHUNK_LINES, SLICE, Chunk
from domain.services.imports.recording import Said
from domain.services.imports.transactions import begin_import
from domain.store.database import Database

MAX_BYTES = 512 * 1024
MAX_LINES = CHUNK_LINES
"""One chunk, which is one commit."""

DOCUMENT = (INPUT, "document")
READERS: Mapping[DocumentFormat, Callable[[bytes, Layout], CsvFile | JsonLinesFile]] = {
    DocumentFormat.CSV: CsvFile,
    DocumentFormat.JSON_LINES: JsonLinesFile,
}


async def import_start(
    database: Database, programs: EnginePrograms, actor: Principal, command: DocumentImport
) -> Receipt[ImportReport]:
    """Record what a document says, and tell what became of every line. Raises Refused for one that is wrong as a whole."""
    lines = _lines(command)
    said = TransactionsImport(program=command.program, source=command.source, partner=command.partner)
    try:
        recording = await begin_import(database, programs, actor, said)
    except Refused as refused:
        raise Refused(*(each.at(INPUT, *each.path) for each in refused.problems)) from None
    chunk = Chunk[Said]()
    for place, line in enumerate(lines, 1):
        chunk.add(line, recording.read)
        if place % SLICE == 0:
            await asyncio.sleep(0)
    done = await replace(recording, rehearsing=command.preview).commit(chunk)
    return Receipt(ImportReport(done, preview=command.preview))


def _lines(command: DocumentImport) -> list[Line | BadLine]:
    document = command.document.encode("utf-8", "surrogatepass")
    if len(document) > MAX_BYTES:
        raise Refused(TooMany(what="bytes", limit=MAX_BYTES, found=len(document), path=DOCUMENT))
    if not document.strip():
        raise Refused(EmptyFile(path=DOCUMENT))
    try:
        lines = list(READERS[command.format](document, LAYOUT))
    except Refused as refused:
        raise Refused(*(each.at(*DOCUMENT, *each.path) for each in refused.problems)) from None
    if len(lines) > MAX_LINES:
        raise Refused(TooMany(what="lines", limit=MAX_LINES, found=len(lines), path=DOCUMENT))
    return lines
