"""Charts as SVG whose bars are links: Altair draws, vl-convert renders, no browser and no network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from urllib.parse import urlencode

import altair as alt
import vl_convert

from huiyin.domain.lead import STATUS_LABELS, LeadStatus
from huiyin.domain.summary import Figure, GroupFigures

STATUS_COLOURS: dict[str, str] = {
    "followed_up": "#2f7d5b",
    "late": "#d99a2b",
    "pending": "#9fb4c7",
    "unverified": "#c9c2d6",
    "off_topic": "#e0774f",
    "unreached": "#cf5f5f",
    "missed": "#a92f3b",
    "suppressed": "#d8d8d8",
}
_FONT = "Noto Sans CJK SC, PingFang SC, Microsoft YaHei, WenQuanYi Micro Hei, sans-serif"
_BASE = "https://huiyin.invalid"
"""vl-convert puts a site of its own before relative links; ours are given whole, and the base taken off after."""
Link = Callable[[str, str], str]
"""(group key, status) → address of the leads behind that bar."""


def status_bars(groups: Sequence[GroupFigures], *, link: Link | None = None, width: int = 860) -> str:
    """Stacked bars, one a group, of its leads by status; "" where there is nothing to show."""
    rows = [
        {
            "group": group.label,
            "status": STATUS_LABELS[status],
            "order": order,
            "leads": int(figure.value or 0),
            "href": _BASE + link(group.key or "", status) if link else "",
        }
        for group in groups
        for order, status in enumerate(STATUS_COLOURS)
        if (figure := _figure(group, status)).value
    ]
    if not rows:
        return ""
    labels = [STATUS_LABELS[s] for s in STATUS_COLOURS]
    encoding = {
        "y": alt.Y("group:N", title=None, sort=[g.label for g in groups], axis=alt.Axis(labelLimit=180)),
        "x": alt.X("leads:Q", title="线索数", axis=alt.Axis(tickMinStep=1, format="d")),
        "color": alt.Color(
            "status:N",
            scale=alt.Scale(domain=labels, range=list(STATUS_COLOURS.values())),
            legend=alt.Legend(title=None, orient="top", columns=8),
        ),
        "order": alt.Order("order:Q"),
        "tooltip": ["group:N", "status:N", "leads:Q"],
    }
    if link:
        encoding["href"] = alt.Href("href:N")
    chart = (
        alt.Chart(alt.Data(values=rows))
        .mark_bar(height=18)
        .encode(**encoding)
        .properties(width=width, height=alt.Step(30))
        .configure(font=_FONT)
        .configure_view(strokeWidth=0)
        .configure_axis(grid=False, domain=False)
    )
    return str(vl_convert.vegalite_to_svg(chart.to_json())).replace(_BASE, "")


def _figure(group: GroupFigures, status: str) -> Figure:
    figure = getattr(group, LeadStatus(status).value)
    assert isinstance(figure, Figure)
    return figure


def leads_address(**query: str | None) -> str:
    """The page of the leads that fit."""
    return "/leads?" + urlencode({k: v for k, v in query.items() if v is not None})
