"""The command line: `mock-wechat` serves, `mock-wechat run -- COMMAND` serves one command."""

import argparse
import errno
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from ipaddress import ip_network
from typing import TypeVar
from urllib.parse import urlsplit

from .addresses import outside_hosts
from .demo import wait_until_healthy, welcome
from .extras import MissingExtra
from .fields import number
from .mock import MockWeChat
from .run import child_environment, is_taken, run
from .state.accounts import MINI, OFFICIAL, WEB, http_url
from .state.clock import MAX_SECONDS
from .tls import FOLDER, TLS
from .wire import http_base

T = TypeVar("T")

USAGE = "mock-wechat [OPTION...]\n       mock-wechat run [OPTION...] -- COMMAND [ARGUMENT...]"
DESCRIPTION = """\
A mock of WeChat's API, for tests only: it trusts every caller. `python -m mock_wechat` is the same command.

Without `run` it serves until it is stopped, and prints the environment variables that point a client at it.
With `run` it runs COMMAND with these variables, passes signals on, and returns the exit status of COMMAND.
The central server gets a new SQLite store as WECHAT_STORE_URL, removed at the end, unless the variable is set."""
EPILOG = """\
examples:
  mock-wechat --port 9100
  mock-wechat --host 0.0.0.0 --control-host mock
  mock-wechat run -- npm test
  mock-wechat run --origin http://localhost:5173 -- npm run test:e2e

The control plane and the console are at http://HOST:PORT/_mock/."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line, by default this process's; return the exit status."""
    arguments = sys.argv[1:] if arguments is None else arguments
    position = arguments.index("--") if "--" in arguments else len(arguments)
    command = arguments[position + 1 :]
    parser = _parser()
    options = parser.parse_args(arguments[:position])
    if (options.mode == "run") != bool(command):
        parser.error("run needs `-- COMMAND`" if options.mode == "run" else "`-- COMMAND` needs run")
    outside = outside_hosts(options.host)
    hosts = [*options.control_host, *outside]
    mock = _mock(options, hosts)
    try:
        mock.start()
    except OSError as problem:
        if problem.errno == errno.EADDRINUSE:
            another = "make run MOCK_PORT=" if "WECHAT_DEMO_KEY" in os.environ else "--port, --tls or --tls-proxy"
            what = str(problem.filename).capitalize()
            _print(f"{what} is taken on {options.host}: stop the other process, or use another {another}.")
        else:
            _print(f"Can't use {problem.filename or options.host}: {problem.strerror or problem}.")
        return 1
    except MissingExtra as missing:
        _print(str(missing))
        return 1
    try:
        bases = [http_base(host, urlsplit(mock.url).port or 0) for host in dict.fromkeys(hosts) if outside]
        if bases:
            _print(f"Warning: {options.host} can be reached from other machines, and this mock trusts every caller.")
            _print(f"They reach it, control plane included, at {', '.join(bases)}; another name: --control-host NAME.")
        return _run(mock, command, options.origin) if command else _serve(mock, bases)
    finally:
        mock.stop()


def _mock(options: argparse.Namespace, control_hosts: Sequence[str]) -> MockWeChat:
    domains, hosts = OFFICIAL.js_domains, list(control_hosts)
    for origin in map(urlsplit, options.origin):
        domains = (*domains, origin.netloc)
        hosts.append(str(origin.hostname))
    return MockWeChat(
        accounts=(replace(OFFICIAL, js_domains=domains), replace(MINI, push_url=options.push_url), WEB),
        host=options.host,
        port=options.port,
        seed=options.seed,
        now=options.now,
        still=options.still,
        control_hosts=hosts,
        networks=options.network,
        tls=_tls(options),
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="mock-wechat",
        usage=USAGE,
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("mode", nargs="?", choices=("serve", "run"), default="serve", help=argparse.SUPPRESS)
    add = parser.add_argument_group("address").add_argument
    add("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    add(
        "--port",
        type=int,
        default=9100,
        choices=range(65536),
        metavar="PORT",
        help="port; 0: any free one (default: %(default)s)",
    )
    control_host = "name by which others reach this host, for /_mock/ and the printed addresses; repeatable"
    add("--control-host", action="append", default=[], metavar="NAME", help=control_host)
    add = parser.add_argument_group("HTTPS, for SDKs whose URLs are built in").add_argument
    proxy = "be an HTTPS proxy for WeChat's hosts on this port; COMMAND gets the variables for it"
    add("--tls", type=int, choices=range(65536), metavar="PORT", help="answer WeChat's hosts by HTTPS on this port")
    add("--tls-proxy", type=int, choices=range(65536), metavar="PORT", help=proxy)
    add("--ca-folder", default=FOLDER, metavar="FOLDER", help="certificates of this project (default: %(default)s)")
    add = parser.add_argument_group("repeatable runs").add_argument
    add("--seed", type=int, help="repeat tokens, tickets, codes and rids")
    add("--still", action="store_true", help="move WeChat's clock only on demand")
    add(
        "--now",
        type=_checked(lambda given: number(0, MAX_SECONDS)(float(given))),
        metavar="UNIX_SECONDS",
        help="start of WeChat's clock (default: now)",
    )
    add = parser.add_argument_group("your server").add_argument
    origin = "accept pages of this origin, such as http://localhost:5173; added to COMMAND's settings; repeatable"
    add("--origin", action="append", default=[], type=_checked(_origin), metavar="URL", help=origin)
    add("--push-url", type=_checked(http_url), metavar="URL", help="URL of the mini program's message push")
    network = "address or network that the mock may call for pushes and media, beside loopback; repeatable"
    as_network = _checked(lambda given: str(ip_network(given)))
    add("--network", action="append", default=[], type=as_network, metavar="CIDR", help=network)
    return parser


def _checked(check: Callable[[str], T]) -> Callable[[str], T]:
    """An argparse type that shows the message of a ValueError."""

    def read(given: str) -> T:
        try:
            return check(given)
        except ValueError as problem:
            raise argparse.ArgumentTypeError(str(problem)) from None

    return read


def _origin(given: str) -> str:
    url = urlsplit(http_url(given))
    if url.path not in ("", "/") or url.query or url.fragment or "@" in url.netloc:
        raise ValueError("must be scheme, host and port only, such as http://localhost:5173")
    return f"{url.scheme}://{url.netloc}"


def _tls(options: argparse.Namespace) -> TLS | None:
    if options.tls is None and options.tls_proxy is None:
        return None
    return TLS(port=options.tls, proxy_port=options.tls_proxy, folder=options.ca_folder)


def _serve(mock: MockWeChat, outside: Sequence[str]) -> int:
    """Print the variables, with the first of the `outside` addresses if there are any; serve until a signal."""
    stop = threading.Event()
    for stopping in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stopping, lambda *_: stop.set())
    lines = [f"Mock WeChat on {mock.url}, for tests only. Control plane: {mock.url}/_mock/.", ""]
    environment = mock.environment
    if outside:
        environment |= {"WECHAT_API_BASE": outside[0], "WECHAT_MOCK": "allow"}
    lines += [f"export {name}={value}" for name, value in environment.items()]
    lines += ["", *mock.tls.guide()] if mock.tls else []
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
    stop.wait()
    return 0


def _run(mock: MockWeChat, command: Sequence[str], origins: Sequence[str]) -> int:
    """With WECHAT_DEMO_KEY set, COMMAND is the demo's server: print examples once it answers."""
    key = os.environ.get("WECHAT_DEMO_KEY")
    port = int(os.environ.get("PORT") or 8000) if key else 0
    if key and is_taken(port):
        _print(f"Port {port} is taken: stop the other process, or use another: make run PORT={port + 1}")
        return 1

    def greet(ended: threading.Event) -> None:
        server = f"http://127.0.0.1:{port}"
        if key and wait_until_healthy(server, ended):
            sys.stdout.write(welcome(server, mock.url, key, origins))
            sys.stdout.flush()

    _print(f"Mock WeChat on {mock.url}, for tests only.")
    variables = mock.environment | (mock.tls.environment(os.environ) if mock.tls else {})
    with child_environment(variables, origins) as environment:
        return run(command, environment, greet if key else None)


def _print(line: str) -> None:
    sys.stderr.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main())
