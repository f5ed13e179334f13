"""The reference: a FastAPI endpoint that only reads a body and answers bytes, as many as the service would."""

import os
from pathlib import Path

from fastapi import FastAPI, Request, Response

ANSWER = Path(os.environ["BARE_ANSWER"]).read_bytes()

app = FastAPI()


@app.post("/v1/decisions")
async def decide(request: Request) -> Response:
    """Read, and answer."""
    await request.body()
    return Response(ANSWER, media_type="application/json")
