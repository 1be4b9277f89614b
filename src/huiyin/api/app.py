"""The web application: /api/v1 and the pages over one store and one data folder."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.staticfiles import StaticFiles
from starlette.middleware.base import RequestResponseEndpoint
from starlette.middleware.trustedhost import TrustedHostMiddleware

from huiyin import __version__
from huiyin.api import problems
from huiyin.api.pages import audit, clients, conversations, judgements, leads
from huiyin.api.v1 import audit as v1_audit
from huiyin.api.v1 import clients as v1_clients
from huiyin.api.v1 import conversations as v1_conversations
from huiyin.api.v1 import health as v1_health
from huiyin.api.v1 import leads as v1_leads
from huiyin.api.v1 import recordings as v1_recordings
from huiyin.store.engine import Store

STATIC = Path(__file__).parent / "static"
LOOPBACK_NAMES = ["127.0.0.1", "localhost", "[::1]", "::1", "testserver"]


def create_app(store: Store, *, data_folder: Path, operator: str = "") -> FastAPI:
    """The app over an open store; recordings are looked for under `data_folder` and nowhere else.

    `operator` is the name that stands on what is judged on the pages.
    """
    app = FastAPI(
        title="Huiyin 回音",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
        description="What clients said, with proof, and whether each lead was followed up.",
        responses={
            404: {"model": problems.Problem, "description": "Nothing there"},
            422: {"model": problems.Problem, "description": "The request is wrong"},
        },
    )
    app.state.store = store
    app.state.operator = operator
    app.state.data_folder = data_folder.resolve()
    problems.install(app)
    # a page of another site must not reach the loopback server through a name of its own (DNS rebinding)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=LOOPBACK_NAMES)

    @app.middleware("http")
    async def guard(request: Request, call_next: RequestResponseEndpoint) -> Response:
        response = await call_next(request)
        response.headers["Content-Security-Policy"] = (
            "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
            "frame-ancestors 'none'; form-action 'self'"
        )
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    for part in (v1_health, v1_clients, v1_conversations, v1_recordings, v1_leads, v1_audit):
        app.include_router(part.router, prefix="/api/v1")
    for page in (audit, clients, conversations, leads, judgements):
        app.include_router(page.router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    return app
