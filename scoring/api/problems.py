"""Errors as RFC 9457 problems: the one place where an error becomes a status."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.types import Scope as ScopeOf

from alliance.callers import ScopeMissing
from alliance.callers.register import Unauthenticated
from alliance.errors import (
    AllianceError,
    BundleError,
    Conflict,
    Erased,
    InvalidInput,
    LimitExceeded,
    NotFound,
    Refused,
    StoreError,
)
from scoring.api.observation import Observation, note_failure, request_id
from scoring.api.oidc import IssuerUnavailable
from scoring.api.rate import RateExceeded

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 5
"""When to ask again after the store failed: about as long as a database takes to fail over or let go of a lock."""

BEARER = 'Bearer realm="alliance-credit"'
STORE_FAILED = "The store failed; what was asked has not happened."
"""All a caller is told: the database's own words are for the operator's log."""

_STATUS: Mapping[type[AllianceError], int] = {
    InvalidInput: 422,
    NotFound: 404,
    Conflict: 409,
    Erased: 410,
    Refused: 403,
    LimitExceeded: 413,
    Unauthenticated: 401,
    RateExceeded: 429,
    IssuerUnavailable: 503,
    StoreError: 503,
    BundleError: 500,
    AllianceError: 500,
}
"""The nearest class of an error decides: a file that cannot be read is an ``InvalidInput``."""

_TITLES: Mapping[int, tuple[str, str]] = {
    400: ("The request cannot be read", "请求无法解析"),
    401: ("Not known who asks", "身份未确认"),
    403: ("Not allowed", "未获授权"),
    404: ("Not found", "未找到"),
    405: ("No such method here", "不支持该方法"),
    409: ("Contradicts what is recorded", "与已有记录冲突"),
    410: ("Erased", "已删除"),
    413: ("Too large", "超出大小限制"),
    422: ("The request cannot be used", "请求内容无效"),
    429: ("Too often", "请求过于频繁"),
    500: ("Failed", "内部错误"),
    503: ("What this needs does not answer", "依赖服务暂不可用"),
}

_CODES: Mapping[int, str] = {
    400: "request.malformed",
    404: "path.unknown",
    405: "method.unknown",
    413: "limit.exceeded",
    422: "request.invalid",
}
"""Codes of what is refused before it reaches the domain; the domain's errors bring their own."""

_PREFIX = "urn:alliance-credit:"


class FieldProblem(BaseModel):
    """What is wrong with one field of a request."""

    where: str = Field(description="Path of the field.", examples=["body.as_of"])
    rule: str = Field(description="The rule it breaks.", examples=["date_from_string"])
    message: str = Field(description="What is wrong.", examples=["Input should be a day as YYYY-MM-DD"])


class Problem(BaseModel):
    """An error, as RFC 9457 has it."""

    type: str = Field(
        description="What kind of problem, one URN per code.", examples=["urn:alliance-credit:problem:not_found"]
    )
    title: str = Field(description="The kind of problem in a few words.", examples=["Not found"])
    title_zh: str = Field(description="The same in Chinese.", examples=["未找到"])
    status: int = Field(description="The HTTP status.", ge=400, le=599, examples=[404])
    detail: str = Field(description="What was wrong this time.", examples=["There is no company '9131...'."])
    instance: str = Field(
        description="This occurrence: the request's id, as the log has it.", examples=["urn:alliance-credit:request:1f"]
    )
    code: str = Field(description="Stable code, for programs.", examples=["not_found"])
    remedy: str = Field(description="What to do about it; may be empty.", examples=["Look it up by name."])
    where: dict[str, str | int] = Field(
        default={}, description="The place, as names and values.", examples=[{"company": "91310000000000007M"}]
    )
    errors: list[FieldProblem] = Field(default=[], description="Each field that cannot be used.")


def _problem(
    status: int, code: str, detail: str, instance: str, *,
    remedy: str = "", where: Mapping[str, str | int] | None = None, errors: Sequence[FieldProblem] = (),
) -> Problem:  # fmt: skip
    title, title_zh = _TITLES.get(status, ("Not possible", "无法处理"))
    return Problem(
        type=f"{_PREFIX}problem:{code}",
        title=title,
        title_zh=title_zh,
        status=status,
        detail=detail,
        instance=f"{_PREFIX}request:{instance}",
        code=code,
        remedy=remedy,
        where=dict(where or {}),
        errors=list(errors),
    )


def problem_of(error: AllianceError, instance: str) -> Problem:
    """The problem an error of the domain is; ``instance`` is the request's id."""
    status = next(_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS)
    return _problem(status, error.code, error.message, instance, remedy=error.remedy, where=error.where)


def refusal(error: AllianceError, scope: ScopeOf) -> Response:
    """The answer to a request that comes to nothing for an error of the domain; the log will say its code."""
    scope["state"]["problem"] = error.code
    headers = {"Retry-After": str(error.wait)} if isinstance(error, RateExceeded) else {}
    if isinstance(error, Unauthenticated):
        headers["WWW-Authenticate"] = BEARER
    if isinstance(error, ScopeMissing):  # RFC 6750, section 3.1
        headers["WWW-Authenticate"] = f'{BEARER}, error="insufficient_scope", scope="{error.where["scope"]}"'
    return response_of(problem_of(error, request_id(scope)), headers)


def response_of(problem: Problem, headers: Mapping[str, str] | None = None) -> Response:
    """The problem as a response; what does not answer now comes with ``Retry-After``."""
    later = {"Retry-After": str(RETRY_AFTER_SECONDS)} if problem.status == 503 else {}
    return Response(
        problem.model_dump_json(), problem.status, media_type=MEDIA_TYPE, headers={**later, **(headers or {})}
    )


def declared(*statuses: int, open_to_all: bool = False) -> dict[int | str, dict[str, Any]]:
    """The problems an operation may answer with, for its OpenAPI description."""
    content = {MEDIA_TYPE: {"schema": {"$ref": f"#/components/schemas/{Problem.__name__}"}}}
    common = (400, 413, 422, 500, 503, *(() if open_to_all else (401, 403, 429)))
    return {status: {"description": _TITLES[status][0], "content": content} for status in sorted({*common, *statuses})}


def install(app: FastAPI, observation: Observation) -> None:
    """Have every error of the app answered as a problem."""

    async def domain(request: Request, error: Exception) -> Response:
        assert isinstance(error, AllianceError)
        if isinstance(error, StoreError):
            observation.metrics.store_errors.inc()
            note_failure(request.scope, error.message)
            error = StoreError(STORE_FAILED, remedy="Try again; if it lasts, report the request's id to the operator.")
        return refusal(error, request.scope)

    async def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return response_of(_invalid(error, request_id(request.scope)))

    async def http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        status = error.status_code
        code = _CODES.get(status, f"http.{status}")
        problem = _problem(status, code, str(error.detail), request_id(request.scope), remedy=_remedy(status))
        return response_of(problem, error.headers)

    app.add_exception_handler(AllianceError, domain)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, http)


def unforeseen(scope: ScopeOf) -> Response:
    """The answer where something failed that nobody foresaw."""
    problem = _problem(500, "internal", "The service failed; what was asked has not happened.", request_id(scope),
                       remedy="Report the request's id to the operator.")  # fmt: skip
    return response_of(problem)


def _remedy(status: int) -> str:
    return {404: "See /docs for what there is.", 405: "Use a method named in Allow."}.get(status, "")


def _invalid(error: RequestValidationError, instance: str) -> Problem:
    """The problem of a request that does not fit its description; what was sent is not repeated."""
    found = [
        FieldProblem(where=".".join(map(str, one["loc"])), rule=one["type"], message=one["msg"])
        for one in error.errors()
    ]
    if any(one.rule == "json_invalid" for one in found):
        return _problem(400, _CODES[400], "The body is not JSON.", instance, remedy="Send JSON.", errors=found)
    many = f" and {len(found) - 1} more" if len(found) > 1 else ""
    detail = f"{found[0].where}: {found[0].message}{many}."
    return _problem(422, _CODES[422], detail, instance, remedy="Mend the fields listed in errors.", errors=found)
