"""What a log line looks like, and what cannot get into one."""

import io
import json
import logging
import os
import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from app import logging as logs
from app import redaction


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def logging_as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Give the root logger back as it was."""
    monkeypatch.setattr(logs, "write_line", None)
    root = logging.getLogger()
    handlers, level, raises, hook = root.handlers[:], root.level, logging.raiseExceptions, threading.excepthook
    yield
    threading.excepthook = hook
    logging.raiseExceptions = raises
    root.handlers[:] = handlers
    root.setLevel(level)


def logged(stream: io.StringIO, message: str, *arguments: object) -> str:
    """What arrives when something is logged so."""
    logs.configure(stream)
    logging.getLogger("app.somewhere").warning(message, *arguments)
    return stream.getvalue()


def test_event_is_one_json_line() -> None:
    text = logged(io.StringIO(), "%s of %s is stale", "jsapi_ticket", "wx1")
    assert text.count("\n") == 1
    event = json.loads(text)
    assert datetime.fromisoformat(event.pop("time")).tzinfo == UTC
    assert event.pop("pid") == os.getpid()
    assert event == {"level": "warning", "logger": "app.somewhere", "message": "jsapi_ticket of wx1 is stale"}


def test_facts_of_an_event_are_fields_of_their_own() -> None:
    event = json.loads(logged(io.StringIO(), "%(what)s handed out", {"what": "access_token", "generation": 3}))
    assert (event["message"], event["what"], event["generation"]) == ("access_token handed out", "access_token", 3)


def test_request_id_is_in_every_line_of_its_request() -> None:
    token = logs.request_id.set("abc-1")
    try:
        assert json.loads(logged(io.StringIO(), "inside"))["request_id"] == "abc-1"
    finally:
        logs.request_id.reset(token)
    assert "request_id" not in json.loads(logged(io.StringIO(), "outside"))


def test_terminal_gets_a_line_for_people() -> None:
    text = logged(Terminal(), "all is well")
    assert text.endswith(" WARNING app.somewhere: all is well\n")


@pytest.mark.parametrize("stream", [io.StringIO, Terminal])
@pytest.mark.parametrize("character", ["\n", "\r", "\x1b", "\x7f", "\x9b", "\u2028", "\ud800"])
def test_text_cannot_forge_a_line_or_move_the_cursor(stream: type[io.StringIO], character: str) -> None:
    text = logged(stream(), "path %s", f"/a{character}b")
    assert text.count("\n") == 1
    assert text.endswith("\n")
    assert character not in text.rstrip("\n")


def refuse(text: str) -> None:
    raise ValueError(text)


def break_something() -> None:
    """Log an exception whose text looks like an event."""
    try:
        refuse("broken\n12:00:00 INFO app: all is well")
    except ValueError:
        logging.getLogger("app").exception("it happened")


def test_exception_text_cannot_forge_a_line_on_a_terminal() -> None:
    stream = Terminal()
    logs.configure(stream)
    break_something()
    first, *rest = stream.getvalue().splitlines()
    assert first.endswith("ERROR app: it happened")
    assert all(line.startswith("    ") for line in rest)


def test_exception_is_in_the_event() -> None:
    stream = io.StringIO()
    logs.configure(stream)
    break_something()
    assert "ValueError: broken" in json.loads(stream.getvalue())["exception"]


@pytest.mark.parametrize("level", [logging.DEBUG, logging.WARNING, logging.ERROR])
def test_lines_of_urllib3_never_get_out(level: int) -> None:
    stream = io.StringIO()
    logs.configure(stream)
    logging.getLogger().setLevel(logging.DEBUG)
    logging.getLogger("urllib3.connectionpool").log(level, "GET /cgi-bin/token?secret=mock-official-secret")
    assert stream.getvalue() == ""


def test_message_that_quotes_a_request_loses_the_query() -> None:
    record = logging.LogRecord(
        "gunicorn.error", 30, "", 0, "Invalid Request Line: '%s'", ("GET /media/abc?code=1\x1b HTTX",), None
    )
    assert logs.without_request(record)
    assert record.getMessage() == "Invalid Request Line: 'GET /media/*** HTTX'"


# -- the second line of defence


SECRET = "5ecre7-of-an-account"


@pytest.mark.parametrize("stream", [io.StringIO, Terminal])
def test_configured_secret_is_masked_in_any_line(stream: type[io.StringIO], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redaction, "_known", ())
    redaction.hide([SECRET])
    out = stream()
    assert "5ecre7" not in logged(out, "secret=%s", SECRET)
    try:
        refuse(f"Max retries exceeded with url: /cgi-bin/token?secret={SECRET}")
    except ValueError:
        logging.getLogger("of.a.library").exception("it happened")
    assert "secret=***" in out.getvalue().partition("it happened")[2]
    assert "5ecre7" not in out.getvalue()


class Unshowable:
    def __str__(self) -> str:
        raise ValueError(f"secret={SECRET}")


@pytest.mark.parametrize("stream", [io.StringIO, Terminal])
@pytest.mark.parametrize("arguments", [("a", "b"), (Unshowable(),), ({"x": 1},)])
def test_arguments_that_do_not_fit_cost_the_message_not_the_line(
    stream: type[io.StringIO], arguments: tuple[object, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    text = logged(stream(), "%s %d" if len(arguments) > 1 else "%d", *arguments)
    assert "with arguments that cannot be shown" in text
    assert text.count("\n") == 1
    assert "5ecre7" not in text + "".join(capsys.readouterr())


def test_fact_that_cannot_be_shown_costs_its_value_alone() -> None:
    event = json.loads(logged(io.StringIO(), "%(n)d", {"n": 1, "odd": Unshowable()}))
    assert (event["message"], event["odd"]) == ("1", "cannot be shown (ValueError)")


def test_line_that_cannot_be_written_is_quoted_nowhere(capsys: pytest.CaptureFixture[str]) -> None:
    stream = io.StringIO()
    logs.configure(stream)
    stream.close()
    logging.getLogger("app").warning("secret=%s", SECRET)
    assert capsys.readouterr() == ("", "")


def test_filter_for_quoted_requests_survives_any_message() -> None:
    record = logging.LogRecord("gunicorn.error", 30, "", 0, "%d", ("x",), None)
    assert logs.without_request(record)


def test_exception_that_ends_a_thread_is_logged(capsys: pytest.CaptureFixture[str]) -> None:
    stream = io.StringIO()
    logs.configure(stream)
    thread = threading.Thread(target=refuse, args=("broken",), name="look-ahead")
    thread.start()
    thread.join()
    event = json.loads(stream.getvalue())
    assert event["message"] == "thread look-ahead ended"
    assert event["exception"].endswith("ValueError: broken")
    assert capsys.readouterr() == ("", "")
