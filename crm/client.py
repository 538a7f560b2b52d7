"""A client of the gateway like any other: signs in, tries again where that is safe, says plainly what went wrong."""

import http.client
import json
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

DEFAULT_URL = "http://127.0.0.1:8000"
TIMEOUT_SECONDS = 90
ATTEMPTS = 8
LONGEST_PAUSE_SECONDS = 10.0
AGAIN = (429, 502, 503, 504)


class CannotConnect(Exception):
    """Nobody answers, or nobody lets us in; the message says what to do."""


class Refusal(Exception):
    """The gateway answered with a problem."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        super().__init__(describe(problem) or f"HTTP {status}")
        self.status = status
        self.problem = problem


@dataclass(frozen=True)
class Credentials:
    """How to sign in: with an API key, or as a user."""

    api_key: str | None = None
    username: str | None = None
    password: str | None = None

    @classmethod
    def from_environment(cls) -> "Credentials":
        """CRM_API_KEY, or CRM_USERNAME and CRM_PASSWORD, or `admin` with CRM_ADMIN_PASSWORD. Raises CannotConnect."""
        key = os.environ.get("CRM_API_KEY")
        if key:
            return cls(api_key=key)
        password = os.environ.get("CRM_PASSWORD") or os.environ.get("CRM_ADMIN_PASSWORD")
        if not password:
            raise CannotConnect("set CRM_USERNAME and CRM_PASSWORD, or CRM_API_KEY, to sign in")
        return cls(username=os.environ.get("CRM_USERNAME", "admin"), password=password)

    @property
    def body(self) -> dict[str, str | None]:
        if self.api_key is not None:
            return {"api_key": self.api_key}
        return {"username": self.username, "password": self.password}


class Client:
    """One signed-in user; may be used from several threads, each has a connection of its own."""

    def __init__(
        self, url: str | None, credentials: Credentials, *, pause: Callable[[float], None] = time.sleep
    ) -> None:
        parts = urlsplit(url or os.environ.get("CRM_URL") or DEFAULT_URL)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise CannotConnect(f"{url} is no http(s) address")
        self._secure = parts.scheme == "https"
        self._host, self._port = parts.hostname, parts.port
        self._credentials = credentials
        self._pause = pause
        self._token: str | None = None
        self._own = threading.local()

    @property
    def url(self) -> str:
        return f"{'https' if self._secure else 'http'}://{self.address}"

    @property
    def address(self) -> str:
        return f"{self._host}:{self._port or (443 if self._secure else 80)}"

    def get(self, path: str, **query: Any) -> Any:
        """Raises Refusal, CannotConnect."""
        asked = urlencode({name: value for name, value in query.items() if value is not None})
        return self.call("GET", f"{path}?{asked}" if asked else path)

    def post(self, path: str, body: Any, **headers: str) -> Any:
        """Raises Refusal, CannotConnect. Tried again when the gateway is busy or away: send what may come twice."""
        return self.call("POST", path, body, headers)

    def delete(self, path: str) -> Any:
        """Raises Refusal, CannotConnect."""
        return self.call("DELETE", path)

    def every(self, path: str, **query: Any) -> list[Any]:
        """All items of a list, page by page."""
        items: list[Any] = []
        cursor = None
        while True:
            page = self.get(path, limit=200, cursor=cursor, **query)
            items += page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return items

    def call(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Any:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                status, retry_after, answered = self._request(method, path, body, headers or {})
            except (OSError, http.client.HTTPException) as error:
                if attempt == ATTEMPTS:
                    raise CannotConnect(f"nobody answers at {self.address}: {error}") from error
                self._pause(_pause(attempt, None))
                continue
            if status == 401 and self._token is not None and attempt < ATTEMPTS:
                self._token = None
            elif status in AGAIN and attempt < ATTEMPTS:
                self._pause(_pause(attempt, retry_after))
            elif status >= 400:
                raise Refusal(status, answered if isinstance(answered, dict) else {})
            else:
                return answered
        raise CannotConnect(f"{self.address} stays busy")

    def _request(self, method: str, path: str, body: Any, headers: dict[str, str]) -> tuple[int, str | None, Any]:
        if self._token is None:
            self._token = self._sign_in()
        sent = {"Authorization": f"Bearer {self._token}", "Accept-Language": "en", **headers}
        return self._exchange(method, path, body, sent)

    def _sign_in(self) -> str:
        status, _, answer = self._exchange("POST", "/api/v1/session", self._credentials.body, {})
        if status == 200:
            token: str = answer["access_token"]
            return token
        if status in AGAIN and status != 429:
            raise ConnectionError(f"sign-in answered {status}")
        raise CannotConnect(f"cannot sign in at {self.address}: {describe(answer) or status}")

    def _exchange(self, method: str, path: str, body: Any, headers: dict[str, str]) -> tuple[int, str | None, Any]:
        connection = self._connection()
        try:
            data = None if body is None else json.dumps(body).encode()
            typed = headers if data is None else headers | {"Content-Type": "application/json"}
            connection.request(method, path, data, typed)
            response = connection.getresponse()
            text = response.read()
        except BaseException:
            connection.close()
            self._own.connection = None
            raise
        return response.status, response.headers.get("Retry-After"), json.loads(text) if text else None

    def _connection(self) -> http.client.HTTPConnection:
        connection: http.client.HTTPConnection | None = getattr(self._own, "connection", None)
        if connection is None:
            kind = http.client.HTTPSConnection if self._secure else http.client.HTTPConnection
            connection = self._own.connection = kind(self._host, self._port, timeout=TIMEOUT_SECONDS)
        return connection


def describe(problem: dict[str, Any] | None) -> str:
    """A problem in one line: its title, detail, and what is wrong with each field."""
    if not problem:
        return ""
    fields = "; ".join(f"{name}: {', '.join(texts)}" for name, texts in problem.get("errors", {}).items())
    return " - ".join(filter(None, (problem.get("title"), problem.get("detail"), fields)))


def _pause(attempt: int, retry_after: str | None) -> float:
    if retry_after is not None and retry_after.isdecimal():
        return min(float(retry_after), LONGEST_PAUSE_SECONDS)
    return min(0.25 * 2.0 ** (attempt - 1), LONGEST_PAUSE_SECONDS)
