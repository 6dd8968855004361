"""Files of transactions that come in a request."""

import domain.commands.imports as c
import domain.imports.reports as d
import schema.imports as s
from domain.receipts import Receipt
from domain.services import imports as services
from resolvers.context import Info
from resolvers.roots import mutation


@mutation(s.ImportStartPayload)
async def import_start(info: Info, input: s.ImportStartInput) -> Receipt[d.ImportReport]:
    """Record the transactions of a file for the batch engine; a partner's users do so for their own company."""
    context = info.context
    command = c.DocumentImport(
        program=input.program,
        document="".join(input.document),
        format=input.format,
        source=input.source,
        partner=input.partner,
        preview=input.preview,
    )
    return await services.import_start(context.database, context.realtime.programs, context.principal, command)
