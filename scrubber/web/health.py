"""`GET /healthz`: whether the service can do its work now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

WorkerState = Literal["off", "starting", "waiting", "working", "failed"]


class Health(BaseModel):
    """How things are."""

    status: Literal["ok", "failing"]
    store: Literal["ok", "down"] = Field(description="Whether the database can be read.")
    worker: WorkerState = Field(
        description="`off`: another process has it (`--no-worker`). `waiting`: another worker is at work with these "
        "settings. `failed`: it stopped, and starts again by itself."
    )


def router(store_works: Callable[[], bool], worker: Callable[[], WorkerState]) -> APIRouter:
    """`store_works` may block."""
    made = APIRouter()

    @made.get(
        "/healthz",
        summary="Is it well?",
        operation_id="health",
        tags=["health"],
        response_model=Health,
        response_description="It can do its work.",
        responses={503: {"model": Health, "description": "It can't: the database, or the worker."}},
    )
    async def health() -> Response:
        store = await run_in_threadpool(store_works)
        state = worker()
        fine = store and state != "failed"
        body = Health(status="ok" if fine else "failing", store="ok" if store else "down", worker=state)
        return JSONResponse(body.model_dump(), 200 if fine else 503)

    return made
