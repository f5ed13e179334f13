"""Another reference: the bare endpoint, with one INSERT of the body and the answer before it answers.

It decides, hashes, guards and logs nothing: whatever stores before it answers does at least this. asyncpg is the
quickest driver for PostgreSQL that Python has.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
from fastapi import FastAPI, Request, Response

ANSWER = Path(os.environ["BARE_ANSWER"]).read_bytes()

CONNECTIONS = 16
"""Of one process: as many as it answers requests at once."""


@asynccontextmanager
async def storing(app: FastAPI) -> AsyncIterator[None]:
    """Make the table, and keep connections."""
    async with asyncpg.create_pool(os.environ["BARE_DATABASE"], min_size=CONNECTIONS, max_size=CONNECTIONS) as pool:
        await pool.execute("CREATE TABLE IF NOT EXISTS answered (id BIGSERIAL PRIMARY KEY, body BYTEA, answer BYTEA)")
        app.state.pool = pool
        yield


app = FastAPI(lifespan=storing)


@app.post("/v1/decisions")
async def decide(request: Request) -> Response:
    """Read, store, and answer."""
    body = await request.body()
    await app.state.pool.execute("INSERT INTO answered (body, answer) VALUES ($1, $2)", body, ANSWER)
    return Response(ANSWER, media_type="application/json")
