"""Errors over HTTP as problem details (RFC 9457), mapped in one place."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, Response
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from huiyin.domain.errors import AudioError, HuiyinError, InputError, NotFoundError, StoreError

STATUS = {
    NotFoundError: HTTPStatus.NOT_FOUND,
    InputError: HTTPStatus.UNPROCESSABLE_ENTITY,
    AudioError: HTTPStatus.UNPROCESSABLE_ENTITY,
    StoreError: HTTPStatus.SERVICE_UNAVAILABLE,
}
MEDIA_TYPE = "application/problem+json"


class Problem(BaseModel):
    """RFC 9457: `type` is a relative reference that names the kind of problem, `detail` says what to do."""

    type: str
    title: str
    status: int
    detail: str
    instance: str


def install(app: FastAPI) -> None:
    """Every error of the app becomes a problem; under the pages, a page that says the same."""

    @app.exception_handler(HuiyinError)
    async def ours(request: Request, error: Exception) -> Response:
        status = next((s for kind, s in STATUS.items() if isinstance(error, kind)), HTTPStatus.INTERNAL_SERVER_ERROR)
        return answer(request, status, str(error), kind=type(error).__name__.removesuffix("Error").lower())

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        said = "; ".join(f"{'.'.join(str(p) for p in e['loc'][1:])}: {e['msg']}" for e in error.errors())
        return answer(request, HTTPStatus.UNPROCESSABLE_ENTITY, said, kind="invalid-request")

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        status = HTTPStatus(error.status_code)
        return answer(request, status, str(error.detail), kind=status.name.lower().replace("_", "-"))


def answer(request: Request, status: HTTPStatus, detail: str, *, kind: str) -> Response:
    """The problem as JSON under /api, else as a page."""
    if request.url.path.startswith("/api/"):
        problem = Problem(
            type=f"/problems/{kind}", title=status.phrase, status=status, detail=detail, instance=request.url.path
        )
        return JSONResponse(problem.model_dump(), status_code=status, media_type=MEDIA_TYPE)
    from huiyin.api.pages.render import render

    page = render("error.html", status=int(status), detail=detail)
    return HTMLResponse(page, status_code=status)
