"""The pages in a real browser: from a figure to the sound in three clicks, and the player that follows."""

from __future__ import annotations

import shutil
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Page, sync_playwright
from sample_run import SAMPLE

from huiyin.api.app import create_app
from huiyin.store.engine import Store

pytestmark = pytest.mark.browser
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
)


@pytest.fixture(scope="module")
def address(sample_store: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The app on a free loopback port."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HUIYIN_CACHE", str(tmp_path_factory.mktemp("cache")))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        config = uvicorn.Config(
            create_app(sample_store, data_folder=SAMPLE), host="127.0.0.1", port=port, log_level="warning"
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run)
        thread.start()
        while not server.started and thread.is_alive():
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    found = shutil.which("chromium")
    assert found, "Chromium is not installed: `make test` installs it"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        yield started
        started.close()


@pytest.fixture
def page(browser: Any) -> Iterator[Page]:
    """A page on which any script error fails the test."""
    opened: Page = browser.new_page(viewport={"width": 1280, "height": 900})
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    opened.close()
    assert errors == []


def wait(page: Page, condition: str) -> None:
    """Until the condition holds. Asked from outside: the pages' own policy forbids evaluating strings inside."""
    for _ in range(150):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"never came true: {condition}")


def test_three_clicks_from_a_figure_to_the_sound(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_role("link", name="按时跟进率").first.click()
    page.locator("table a[href^='/leads/']").first.wait_for()
    for row in range(page.locator("table tr td:first-child a").count()):
        page.locator("table tr td:first-child a").nth(row).click()
        play = page.locator("a.play[href*='?t=']")
        if play.count():
            play.first.click()
            break
        page.go_back()
    wait(page, "document.querySelector('audio').currentTime > 0")
    wanted = float(page.url.split("t=")[1].split("#")[0])
    assert abs(page.evaluate("document.querySelector('audio').currentTime") - wanted) < 3


def test_the_player_shows_the_turn_being_spoken(page: Page, address: str) -> None:
    page.goto(f"{address}/conversations/K0303-01")
    wait(page, "document.querySelector('audio').readyState >= 1")
    turns = page.locator(".turn[data-start]")
    third = turns.nth(3)
    page.evaluate(f"document.querySelector('audio').currentTime = {third.get_attribute('data-start')} + 0.5")
    wait(page, "document.querySelectorAll('.turn.now').length === 1")
    assert page.locator(".turn.now").get_attribute("id") == third.get_attribute("id")


def test_a_tag_plays_its_words_and_stops_after_them(page: Page, address: str) -> None:
    page.goto(f"{address}/conversations/K0303-01")
    wait(page, "document.querySelector('audio').readyState >= 1")
    button = page.locator("button.play[data-tag]").first
    until = float(button.get_attribute("data-until") or "0")
    button.click()
    wait(page, "!document.querySelector('audio').paused")
    assert page.locator("mark.loud").count() >= 1
    page.evaluate(f"document.querySelector('audio').currentTime = {until} + 0.2")
    wait(page, "document.querySelector('audio').paused")
    assert page.evaluate("document.querySelector('audio').currentTime") < until + 2


def test_a_bar_of_the_chart_opens_its_leads(page: Page, address: str) -> None:
    page.goto(address)
    page.locator("svg a[*|href*='/leads?advisor_id=']").first.click()
    page.wait_for_url("**/leads?advisor_id=*")
    assert "status=" in page.url


def test_pages_fit_a_small_screen(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 400, "height": 800})
    for path in ("/clients/C1001", "/conversations/K0303-01"):
        page.goto(address + path)
        assert page.locator("h1").is_visible()


def test_report_opens_without_a_server(page: Page, tmp_path: Path) -> None:
    from sample_run import sample_result

    from huiyin.api.report import write_report

    path = write_report(tmp_path / "report.html", sample_result())
    page.context.set_offline(True)
    page.goto(path.as_uri())
    assert page.locator("svg").count() == 3
    page.locator("a.figure", has_text="漏跟进").click()
    assert page.url.endswith("#missed")
