"""report.html: one file, offline, with charts and evidence."""

from __future__ import annotations

import re
from pathlib import Path

from sample_run import sample_result

from huiyin.api.report import report_html, write_report


def test_it_is_one_file_that_opens_offline(tmp_path: Path) -> None:
    html = write_report(tmp_path / "report.html", sample_result()).read_text(encoding="utf-8")
    assert not re.search(r'(?:src|href)="(?!#|data:)', html.replace('xlink:href="#', ""))
    assert "<script" not in html
    assert html.count("<svg") == 3


def test_it_holds_every_lead_with_its_proof() -> None:
    result = sample_result()
    html = report_html(result)
    for lead in result.leads:
        assert f'id="lead-{lead.lead_id}"' in html
        assert lead.evidence[0].quote.replace("&", "&amp;") in html


def test_links_inside_lead_somewhere() -> None:
    html = report_html(sample_result())
    anchors = set(re.findall(r'id="([^"]+)"', html))
    status_links = {x for x in re.findall(r'href="#([^"]+)"', html) if not x.startswith("clip")}
    named = {lead.status for lead in sample_result().leads} | {"leads"}
    assert status_links & named <= anchors


def test_the_same_result_gives_the_same_bytes() -> None:
    assert report_html(sample_result()) == report_html(sample_result())
