"""The console command `hotline`: one file for each subcommand, imported only when it is used.

A module `NAME.py` here holds the click command `command`; its docstring's first line is the help.
"""

from __future__ import annotations

import ast
import errno
import os
import signal
import sys
from importlib import import_module
from pathlib import Path

import click

SERVICES = (["serve"], ["softswitch"], ["admin"], ["demo"])  # their traceback goes into their log


class Commands(click.Group):
    """Finds subcommands by their file's name, so that `hotline --help` imports none of them."""

    def list_commands(self, context: click.Context) -> list[str]:
        return sorted(_files())

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        path = _files().get(name)
        if path is None:
            return None
        command: click.Command = import_module(f"{__name__}.{path.stem}").command
        return command

    def resolve_command(
        self, context: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        from difflib import get_close_matches

        if args and not args[0].startswith("-") and args[0] not in _files():
            near = get_close_matches(args[0], _files(), 1)
            hint = f" Did you mean {near[0]!r}?" if near else " `hotline --help` lists them."
            context.fail(f"No such command {args[0]!r}.{hint}")
        return super().resolve_command(context, args)

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, _first_line(path)) for name, path in sorted(_files().items())])


def _files() -> dict[str, Path]:
    here = Path(__file__).parent
    return {path.stem.replace("_", "-"): path for path in here.glob("[a-z]*.py")}


def _first_line(path: Path) -> str:
    return (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").partition("\n")[0]


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="hotline", message="%(version)s")
def hotline() -> None:
    """Hotline: a telephony-first call centre with a built-in CRM."""


def main() -> None:
    """Run the console command; a known mistake is one line on stderr and exit code 2.

    Ctrl-C ends it by that signal (130 in a shell), without a word.
    """
    from ..core.errors import Refused
    from ..settings import SettingsError

    try:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # a terminal without Chinese
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})  # scripts/_bootstrap.py held it back
        code = hotline(standalone_mode=False)  # so that we word an interruption
        sys.exit(code if isinstance(code, int) else 0)
    except KeyboardInterrupt:
        _end_by_interrupt()
    except click.Abort as abort:
        if isinstance(abort.__cause__, KeyboardInterrupt):
            _end_by_interrupt()
        sys.exit(1)  # a question was not answered
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except SettingsError as error:
        for problem in error.problems:
            click.echo(f"hotline: {problem}", err=True)
        sys.exit(2)
    except Refused as error:
        click.echo(f"hotline: {error.message or error.id}", err=True)
        sys.exit(2)
    except BrokenPipeError:  # `| head -1`: nobody reads on
        _drop_output()
        sys.exit(128 + signal.SIGPIPE)
    except ConnectionError as error:
        click.echo(f"hotline: {error}", err=True)
        sys.exit(3)
    except OSError as error:
        if sys.argv[1:2] in SERVICES or not (error.filename or error.errno == errno.ENOSPC):
            raise
        remedy = "run as its owner, mend its rights, or free the disk"
        click.echo(f"hotline: {error.filename or 'output'}: {error.strerror}. Remedy: {remedy}", err=True)
        _drop_output()
        sys.exit(2)


def _drop_output() -> None:
    """What is still to be written goes nowhere: Python would complain of it at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _end_by_interrupt() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.kill(os.getpid(), signal.SIGINT)
