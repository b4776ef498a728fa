"""The printable report of a class: one self-contained HTML file, with new pages for each child."""

from __future__ import annotations

from pathlib import Path

from cli.paper.avatars import NEO
from cli.paper.dates import Dates
from cli.paper.fonts import font_faces
from cli.paper.report_child import ChildWriter
from neuroplay.core.entities.language import LANGUAGES
from neuroplay.core.use_cases.report_class import ClassReport


def report_html(report: ClassReport, *, language: str) -> str:
    """Render `report.html`; `language` is a key of LANGUAGES."""
    from jinja2 import Environment, FileSystemLoader

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, trim_blocks=True
    )
    words = LANGUAGES[language].class_report
    dates = Dates(words=words, utc_offset_minutes=report.utc_offset_minutes)
    return environment.get_template("report.html").render(
        class_name=report.school_class.name,
        made_up=report.school_class.has_made_up_play,
        read=words.read.format(moment=dates.moment(report.at), zone=dates.zone),
        period=words.period.format(first=dates.day(report.first), last=dates.day(report.last)),
        children=[ChildWriter(dates, language, child).written() for child in report.children],
        language=language,
        words=words,
        neo=NEO,
        font_faces=font_faces(),
    )
