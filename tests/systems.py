"""A small server that speaks as Coupa, SAP Ariba and a receiver of callbacks do, over real HTTP on a free port."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

Json = dict[str, Any]


class Call:
    """One request that came in."""

    def __init__(self, method: str, target: str, headers: dict[str, str], body: bytes) -> None:
        self.method = method
        self.path = unquote(urlsplit(target).path)
        self.query = {name: values[0] for name, values in parse_qs(urlsplit(target).query).items()}
        self.headers = headers
        self.body = body

    @property
    def json(self) -> Any:
        """The body."""
        return json.loads(self.body)


Answering = Callable[[Call], tuple[int, Any] | tuple[int, Any, dict[str, str]]]


class Server:
    """What it was asked, and what it answers with."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.answer: Answering = lambda _: (204, None)
        self.before: Callable[[Call], None] = lambda _: None
        self.url = ""

    @property
    def host(self) -> str:
        """As the workflow file lists it."""
        return urlsplit(self.url).netloc

    def acts(self) -> list[Call]:
        """What changed something there."""
        return [call for call in self.calls if call.method != "GET" and "oauth" not in call.path]


@contextmanager
def serving(answer: Answering | None = None) -> Iterator[Server]:
    """The server, while it runs."""
    server = Server()
    if answer is not None:
        server.answer = answer

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body in one packet, or each answer waits for the other side's acknowledgement

        def handle_one_request(self) -> None:
            try:
                super().handle_one_request()
            except (BrokenPipeError, ConnectionResetError):  # whoever asked has given up
                self.close_connection = True

        def _any(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            call = Call(self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body)
            server.calls.append(call)
            server.before(call)
            status, content, *more = server.answer(call)
            data = content if isinstance(content, bytes) else b"" if content is None else json.dumps(content).encode()
            self.send_response(status)
            for name, value in (more[0] if more else {}).items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)
            self.wfile.flush()

        do_GET = do_POST = do_PUT = do_PATCH = _any  # noqa: N815 - the names that http.server calls

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.url = f"http://127.0.0.1:{listening.server_address[1]}"
    thread = threading.Thread(target=listening.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        listening.shutdown()
        listening.server_close()
        thread.join()


class Coupa:
    """Approvals and requisitions of a Coupa instance, as its Core API answers in JSON."""

    SECRET = "coupa-client-secret"  # noqa: S105 - of a server that lives as long as a test

    def __init__(self) -> None:
        self.approvals: dict[int, Json] = {}
        self.requisitions: dict[int, Json] = {}
        self.comments: dict[int, list[Json]] = {}
        self.tokens = 0

    def add(self, approval: int, requisition: Json, login: str = "gate", **more: Any) -> None:
        """A requisition that waits for a user."""
        self.requisitions[requisition["id"]] = requisition
        self.approvals[approval] = {
            "id": approval,
            "status": "pending_approval",
            "approvable-type": "RequisitionHeader",
            "approvable-id": requisition["id"],
            "approver": {"id": 3, "login": login},
            "note": None,
            **more,
        }

    def __call__(self, call: Call) -> tuple[int, Any]:
        """One answer."""
        if call.path == "/oauth2/token":
            form = {name: values[0] for name, values in parse_qs(call.body.decode()).items()}
            if form.get("client_secret") != self.SECRET or form.get("grant_type") != "client_credentials":
                return 401, {"error": "invalid_client"}
            self.tokens += 1
            return 200, {"access_token": f"token-{self.tokens}", "token_type": "bearer", "expires_in": 86399}
        if not call.headers.get("authorization", "").startswith("Bearer token-"):
            return 401, {"errors": {"base": ["unauthorized"]}}
        return self._resource(call)

    def _resource(self, call: Call) -> tuple[int, Any]:
        parts = call.path.strip("/").split("/")
        match [call.method, *parts[1:]]:
            case ["GET", "approvals"]:
                found = [one for one in self.approvals.values() if one["status"] == call.query.get("status")]
                start = int(call.query.get("offset", 0))
                return 200, found[start : start + min(int(call.query.get("limit", 50)), 50)]
            case ["GET", "approvals", number]:
                return 200, self.approvals[int(number)]
            case ["PUT", "approvals", number, ("approve" | "reject" | "hold") as action]:
                one = self.approvals[int(number)]
                if one["status"] != "pending_approval":
                    return 400, {"errors": {"status": ["approval must be pending"]}}
                one["status"] = {"approve": "approved", "reject": "rejected", "hold": "on_hold"}[action]
                one["note"] = call.json["note"]
                return 200, one
            case ["GET", "requisitions", number]:
                found_one = self.requisitions.get(int(number))
                return (404, {}) if found_one is None else (200, found_one)
            case ["GET", "requisitions", number, "comments"]:
                return 200, self.comments.get(int(number), [])
            case ["POST", "requisitions", number, "comments"]:
                self.comments.setdefault(int(number), []).append(call.json)
                return 201, call.json
            case _:
                return 404, {"errors": {"base": ["no such path"]}}


class Ariba:
    """Requisitions of a realm, as the Document Approval API v2 lists and changes them."""

    def __init__(self) -> None:
        self.pending: dict[str, Json] = {}  # approvable id -> requisition
        self.states: dict[str, str] = {}
        self.comments: dict[str, list[Json]] = {}

    def __call__(self, call: Call) -> tuple[int, Any]:
        """One answer."""
        if call.path.endswith("/oauth/token"):
            is_good = call.headers.get("authorization") == "Basic Z2F0ZTphcmliYS1zZWNyZXQ="  # gate:ariba-secret
            return (200, {"access_token": "a-token"}) if is_good else (401, {"error": "invalid_client"})
        if call.headers.get("authorization") != "Bearer a-token" or call.headers.get("apikey") != "api-key":
            return 401, {"message": "unauthorized"}
        if call.query.get("realm") != "example-T":
            return 400, {"message": "no realm"}
        if call.method == "GET" and call.path == "/api/approval/v2/prod/pendingApprovables":
            if call.query.get("$filter") != "user eq 'O''Gate'":
                return 400, {"message": "unknown filter"}
            listed = [
                {"approvableId": number, "approvableUniqueName": one["uniqueName"], "approvableType": "requisitions"}
                for number, one in self.pending.items()
            ]
            listed.append({"approvableId": "AA==", "approvableUniqueName": "INV1", "approvableType": "invoices"})
            return 200, listed
        number = call.path.removeprefix("/api/approval/v2/prod/requisitions/")
        if call.method == "GET" and number in self.pending:
            return 200, self.pending[number]
        if call.method == "PATCH" and number in self.pending:
            if (call.query.get("user"), call.query.get("passwordAdapter")) != ("O'Gate", "PasswordAdapter1"):
                return 403, {"message": "no such user"}
            self.comments.setdefault(number, []).append(call.json["comment"])
            if "state" in call.json:
                self.states[number] = call.json["state"]
                del self.pending[number]
            return 200, {}
        return 404, {"message": "no such document"}


def slowly(seconds: float) -> Callable[[Call], None]:
    """What keeps whoever asks waiting."""
    return lambda _: time.sleep(seconds)
