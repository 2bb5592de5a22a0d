"""The recordings in sounds/: make those that are missing, or tell what is wrong with them."""

from __future__ import annotations

import sys

import click

from ..settings import load


@click.group()
def command() -> None:
    """The recordings in sounds/: make those that are missing, or tell what is wrong with them."""


@command.command()
@click.argument("names", nargs=-1)
@click.option("--only", multiple=True, metavar="NAME", help="The same as NAME.")
@click.option("--force", is_flag=True, help="Make those anew that are there already.")
@click.option("--voice", "voices", multiple=True, metavar="LANG=VOICE", help="E.g. zh=espeak, en=my.py.")
def build(names: tuple[str, ...], only: tuple[str, ...], force: bool, voices: tuple[str, ...]) -> None:
    """Make the recordings of all prompts, or of those named, whose text changed (needs the voices)."""
    from ..prompts.build import build as make
    from ..prompts.voices import chosen

    report = make(load().sounds, force, (*names, *only), chosen(voices))
    for problem in report.problems:
        click.echo(str(problem), err=True)
    for line in report.failed:
        click.echo(f"failed: {line}", err=True)
    click.echo(f"{len(report.made)} made, {report.kept} kept, {len(report.removed)} removed")
    sys.exit(1 if report.failed or report.problems else 0)


@command.command()
def music() -> None:
    """Compose the music on hold anew."""
    from ..prompts.music import build_music

    for file in build_music(load().sounds):
        click.echo(file)


@command.command()
def check() -> None:
    """Tell which prompts have no recording, and what is wrong with prompts.yml."""
    from ..flowfiles.manifest import load_manifest

    _, problems = load_manifest(load().sounds)
    for problem in problems:
        click.echo(str(problem))
    wrong = [problem for problem in problems if problem.severity == "error"]
    click.echo(f"{len(wrong)} errors, {len(problems) - len(wrong)} warnings")
    sys.exit(1 if wrong else 0)
