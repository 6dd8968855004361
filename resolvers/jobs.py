"""Root fields about jobs."""

import domain.jobs as d
import schema.jobs as s
from domain.receipts import Receipt
from domain.services import jobs as services
from resolvers.context import Info
from resolvers.roots import mutation, query


@query(list[s.Job])
async def jobs(info: Info) -> list[d.DescribedJob]:
    """What runs by itself in the programs that you may see, by name; its last run, its result, and its next run."""
    return await services.jobs_described(info.context.database, info.context.principal.scope)


@mutation(s.JobStartPayload)
async def job_start(info: Info, input: s.JobStartInput) -> Receipt[d.DescribedJob]:
    """Let a job be due now, whatever its schedule says. Every job is safe to run twice."""
    return await services.job_start(info.context.database, info.context.principal, input.job)
