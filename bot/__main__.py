"""The command line `loudou`."""

from __future__ import annotations

import os
import signal
import sys
from datetime import datetime
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from types import FrameType

    from diagnostics.book.rows import Lang

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="Loudou 漏斗: the morning standup bot for teams that sell by TikTok video and live.",
)

Home = Annotated[
    Path,
    typer.Option(
        "--home", envvar="LOUDOU_HOME", help="Folder with loudou.toml and .env.", show_default="."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Answer as JSON, for programs.")]
Day = Annotated[
    datetime | None, typer.Option("--day", formats=["%Y-%m-%d"], help="A day: 2026-03-12.")
]
HERE = Path()


@app.command()
def demo(
    lang: Annotated[str, typer.Option(help="zh or en.")] = "en",
    day: Day = None,
    home: Annotated[Path, typer.Option("--home", help="Where the example is put.")] = Path("demo"),
) -> None:
    """Show a whole morning in the terminal, on an example workspace of three shops."""
    from bot.demo import show

    show(_lang(lang), day.date() if day else None, home)


@app.command()
def init(home: Home = HERE) -> None:
    """Write a commented loudou.toml and .env; nothing that exists is touched."""
    from bot.init import write

    written, kept = write(home)
    for path in written:
        typer.echo(f"written: {path}")
    for path in kept:
        typer.echo(f"exists, left alone: {path}")
    typer.echo("Next: edit loudou.toml, put exports into exports/, then: loudou doctor")


@app.command("import")
def import_(
    files: Annotated[
        list[Path], typer.Argument(help="Exports: csv or xlsx; a folder takes all in it.")
    ],
    shop: Annotated[str, typer.Option(help="The shop's key, where a file does not tell.")] = "",
    day: Day = None,
    home: Home = HERE,
    json: Json = False,
) -> None:
    """Take Seller Center exports or the plain template in; twice the same file changes nothing."""
    from bot.importing import run

    raise typer.Exit(run(files, shop, day.date() if day else None, home, as_json=json))


@app.command()
def morning(
    day: Day = None,
    channel: Annotated[str, typer.Option(help="A channel's key; all without it.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show it here, post nothing.")] = False,
    home: Home = HERE,
    json: Json = False,
) -> None:
    """Run the morning now: digest and alerts of the last closed day, once per channel and day."""
    from bot.by_hand import morning as run

    raise typer.Exit(run(home, channel, day.date() if day else None, dry_run=dry_run, as_json=json))


@app.command()
def ask(
    text: Annotated[str, typer.Argument(help='As in the chat: "/funnel live-0312".')],
    channel: Annotated[
        str, typer.Option(help="Ask as in this channel; all shops without it.")
    ] = "",
    lang: Annotated[str, typer.Option(help="zh or en.")] = "",
    home: Home = HERE,
    json: Json = False,
) -> None:
    """Answer a command as the chat would."""
    from bot.by_hand import ask as run

    raise typer.Exit(run(home, text, channel, _lang(lang) if lang else None, as_json=json))


@app.command()
def backtest(
    metric: Annotated[
        str, typer.Option(help="One figure; the whole rules, morning by morning, without it.")
    ] = "",
    unit: Annotated[str, typer.Option(help="One unit; every shop without it.")] = "",
    days: Annotated[int, typer.Option(help="How many days back.")] = 60,
    file: Annotated[
        Path | None,
        typer.Option(help="A table instead of the database: unit, day, value or of, over."),
    ] = None,
    low: Annotated[float | None, typer.Option(help="Try this range: its low bound.")] = None,
    high: Annotated[float | None, typer.Option(help="Try this range: its high bound.")] = None,
    lang: Annotated[str, typer.Option(help="zh or en.")] = "",
    home: Home = HERE,
    json: Json = False,
) -> None:
    """Say what the rules would have said on past days, before a range or a rule is saved."""
    from bot.backtesting import Wish
    from bot.backtesting import run as replay

    wish = Wish(metric, unit, days, file, low, high, _lang(lang) if lang else None)
    raise typer.Exit(replay(home, wish, as_json=json))


@app.command()
def why(
    metric: Annotated[str, typer.Argument(help="A figure's key or name: GMV, ctor, 退款率.")],
    unit: Annotated[
        str, typer.Option(help="A shop, session, video or product; the shop without it.")
    ] = "",
    day: Day = None,
    against: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"], help="Another day; without it, what was expected of the day."
        ),
    ] = None,
    lang: Annotated[str, typer.Option(help="zh or en.")] = "",
    home: Home = HERE,
    json: Json = False,
) -> None:
    """Say why a figure is what it is: by factor, mix and slice, what is unusual apart from the rest."""
    from bot.whying import Question
    from bot.whying import run as answer

    question = Question(
        metric,
        unit,
        day.date() if day else None,
        against.date() if against else None,
        _lang(lang) if lang else None,
    )
    raise typer.Exit(answer(home, question, as_json=json))


@app.command()
def run(home: Home = HERE) -> None:
    """Run the bot: listens, posts what is due, answers. Ends on Ctrl-C or SIGTERM."""
    from bot.app import doors, open_chats
    from bot.commandline import open_home
    from bot.running import Bot

    settings, desk = open_home(home)
    chats = open_chats(settings, desk.team)
    bot = Bot(desk, chats, doors(chats, settings), settings.loudou_http_port)

    def stop(_signal: int, _frame: FrameType | None) -> None:
        bot.stopping.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    bot.run()
    desk.store.close()


@app.command()
def doctor(home: Home = HERE, json: Json = False) -> None:
    """Check settings, tokens, scopes, channels, database and calendar; each fault with its remedy."""
    from bot.doctor import run as examine

    raise typer.Exit(examine(home, as_json=json))


@app.command()
def export(
    what: Annotated[str, typer.Argument(help="reviews, facts or findings.")],
    form: Annotated[str, typer.Option("--format", help="csv, xlsx, json or md.")] = "csv",
    out: Annotated[Path | None, typer.Option(help="The file; by default WHAT.FORMAT here.")] = None,
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First day; default: all.")
    ] = None,
    shop: Annotated[str, typer.Option(help="One shop's key; all without it.")] = "",
    home: Home = HERE,
    json: Json = False,
) -> None:
    """Write what is remembered to a file."""
    from bot.exporting import run as write

    raise typer.Exit(
        write(home, what, form, out, since.date() if since else None, shop, as_json=json)
    )


@app.command()
def template(
    out: Annotated[Path, typer.Argument(help="The file: .csv or .xlsx.")] = Path(
        "loudou-template.xlsx"
    ),
    lang: Annotated[str, typer.Option(help="zh or en.")] = "en",
    measures: Annotated[
        str, typer.Option(help="Only these, with commas: reviews,bad_reviews.")
    ] = "",
) -> None:
    """Write the plain template for figures that no export brings: costs, reviews, service ..."""
    from bot.importing import write_template

    raise typer.Exit(write_template(out, _lang(lang), measures))


@app.command()
def manifest(
    http: Annotated[
        str, typer.Option(help="Public address for HTTP mode; Socket Mode without.")
    ] = "",
) -> None:
    """Print the Slack app's manifest and the link that creates the app with one click."""
    from bot.slack.manifest import link
    from bot.slack.manifest import manifest as made

    try:
        made(http)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--http") from None
    typer.echo(dumps(made(http), ensure_ascii=False, indent=2))
    typer.echo(link(http), err=True)


def _lang(word: str) -> Lang:
    if word == "zh":
        return "zh"
    if word == "en":
        return "en"
    raise typer.BadParameter(f"{word!r} is no language here; say zh or en", param_hint="--lang")


def main() -> None:
    """Run a command; what goes wrong is one clear sentence and exit code 1 (2 for wrong usage)."""
    try:
        app()
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        sys.stderr.write(f"loudou: {where}{error.strerror or error}\n")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        from bot.commandline import known_errors  # seconds of imports, in trouble only

        if isinstance(error, known_errors()):
            sys.stderr.write(f"loudou: {error}\n")
            sys.exit(1)
        if os.environ.get("LOUDOU_LOG", "").upper() == "DEBUG":
            raise
        sys.stderr.write(
            f"loudou: something broke that should not ({type(error).__name__}). Nothing was lost; "
            "run it again with LOUDOU_LOG=DEBUG and report what it prints.\n"
        )
        sys.exit(1)


if __name__ == "__main__":
    main()
