"""The command `wechat-central`: serve, and the commands beside a server."""

import os
import sys

import click

from ..ops.cli.main import group, main


@click.command(context_settings={"ignore_unknown_options": True})
@click.option("--granian", is_flag=True, help="Run granian in place of gunicorn; needs the extra `granian`.")
@click.option("--bind", metavar="ADDRESS:PORT", help="Where to listen; default: 127.0.0.1 and PORT, or 8000.")
@click.argument("options", nargs=-1, type=click.UNPROCESSED, metavar="[GUNICORN_OPTION]...")
def serve(granian: bool, bind: str | None, options: tuple[str, ...]) -> None:
    """Run the server, with the settings of the environment, until SIGTERM or SIGINT.

    gunicorn's own options may follow, such as `--workers 4`; `--check-config` checks the settings and exits.
    """
    if not granian:
        from .gunicorn_server import Server  # noqa: PLC0415 -- other commands do without it

        sys.argv = [sys.argv[0], "serve", *(("--bind", bind) if bind else ()), *options]  # gunicorn reads it
        Server("%(prog)s [OPTIONS]", prog="wechat-central serve").run()
        return
    if options:
        raise click.UsageError(f"granian takes no option {options[0]}; WECHAT_WORKERS and WECHAT_THREADS set its size.")
    try:
        from .granian_server import run  # noqa: PLC0415 -- an extra
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "granian":
            raise
        raise click.ClickException("granian is missing: pip install 'wechat-central-server[granian]'") from None
    run(bind or f"127.0.0.1:{os.environ.get('PORT') or 8000}")


group.add_command(serve)


if __name__ == "__main__":
    main()
