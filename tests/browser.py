"""People with browsers: pages that complain when something is wrong with them."""

import contextlib
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import ConsoleMessage, Locator, Page, Playwright, Request, Response, expect, sync_playwright

from tests.live_site import LiveSite

# Long enough for a machine that does other things too; `expect` goes on as soon as it may.
PATIENCE = 60_000
expect.set_options(timeout=PATIENCE)

WCAG_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]

SMALL_TARGETS = r"""(within) => {
    const pressed = [
        "a[href]", "button", "summary", "select", "textarea",
        "input:not([type=hidden], [type=radio], [type=checkbox])", "label:has([type=radio], [type=checkbox])",
    ].join();
    const textAround = (element) => {
        let block = element;
        while (getComputedStyle(block).display.startsWith("inline")) block = block.parentElement;
        if (block === element) return "";
        const others = [...block.querySelectorAll("a, button")].map((one) => one.textContent);
        return others.reduce((text, words) => text.replace(words, ""), block.textContent);
    };
    const isForEverybody = (element) =>
        element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) &&
        !element.closest(".visually-hidden, .skip-link, [aria-hidden=true]");
    return [...document.querySelector(within).querySelectorAll(pressed)]
        .map((element) => [element, element.getBoundingClientRect()])
        .filter(([, { width, height }]) => width && (width < 23.9 || height < 23.9))
        .filter(([element]) => isForEverybody(element) && !/\p{L}/u.test(textAround(element)))
        .map(([element, { width, height }]) =>
            `${width.toFixed(1)} × ${height.toFixed(1)}: ${element.outerHTML.slice(0, 160)}`);
}"""

# What Chromium says when a line is cut: of requests, and of a socket that was open or about to open.
OFFLINE_WORDS = [
    "net::ERR_INTERNET_DISCONNECTED",
    "net::ERR_NETWORK_CHANGED",
    "WebSocket connection to",
    # Chromium looks for a new service worker some time after a page was opened, at times without a line.
    "An unknown error occurred when fetching the script.",
]

CHROMIUM_ARGUMENTS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    # A small shared memory, as in containers, would crash it.
    "--disable-dev-shm-usage",
]


def find_chromium() -> str:
    named = os.environ.get("CHROMIUM")
    for name in (named,) if named else ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"):
        if found := shutil.which(name):
            return found
    raise RuntimeError("The browser tests need Chromium: install Debian's package `chromium`, or name one in CHROMIUM.")


class BrowserHouse:
    """One running Chromium, which may be made this many times slower than the machine is."""

    def __init__(self, executable: str, *, slower: float = 1) -> None:
        self._executable = executable
        self.slower = slower
        self._exits = contextlib.ExitStack()

    def __enter__(self) -> Self:
        playwright: Playwright = self._exits.enter_context(sync_playwright())
        as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
        self.chromium = playwright.chromium.launch(
            executable_path=self._executable, args=[*CHROMIUM_ARGUMENTS, *as_root]
        )
        self._exits.callback(self.chromium.close)
        return self

    def __exit__(self, *exception: object) -> None:
        self._exits.close()


class Visitor:
    """Somebody at a browser of their own: cookies, storage and pages shared with nobody.

    What a page must never do is noted while it is open and fails the test at its end: an uncaught JavaScript error, an
    error on the console (a refusal by the content security policy is one), a request to another site, an answer of 500
    or above. A test that provokes one names a part of it in `expected`.
    """

    def __init__(
        self,
        house: BrowserHouse,
        site: LiveSite,
        *,
        user: Any = None,
        width: int = 1280,
        height: int = 900,
        dark: bool = False,
        javascript: bool = True,
        reduced_motion: bool = True,
        phone: bool = False,
        **options: Any,
    ) -> None:
        self.site = site
        self.expected: list[str] = []
        self._complaints: list[str] = []
        self.context = house.chromium.new_context(
            base_url=site.url,
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce" if reduced_motion else "no-preference",
            java_script_enabled=javascript,
            has_touch=phone,
            is_mobile=phone,
            locale="en-GB",
            timezone_id="Europe/London",
            **options,
        )
        self.context.set_default_timeout(PATIENCE)
        self.context.on("console", self._on_console)
        self.context.on("request", self._on_request)
        self.context.on("response", self._on_response)
        self.context.on("weberror", lambda error: self._complaints.append(f"uncaught: {error.error}"))
        if house.slower > 1:
            self.context.on("page", lambda page: self._slow_down(page, house.slower))
        if user is not None:
            self.sign_in(user)
        self.page = self.context.new_page()

    def sign_in(self, user: Any) -> None:
        """Be this user from the next request on."""
        self.context.add_cookies([self.site.session_cookie(user)])  # type: ignore[list-item]

    def open(self, path: str) -> Page:
        """Go to an address of the site, given by its path, and return the page."""
        self.page.goto(path)
        return self.page

    def offline(self, is_offline: bool) -> None:
        """Take the visitor's line away, or give it back. When this returns, the open pages know it."""
        if is_offline:
            self.expected += OFFLINE_WORDS
        self.context.set_offline(is_offline)
        for page in self.context.pages:
            page.evaluate(
                """(isOffline) => new Promise((told) => {
                    const look = () => (navigator.onLine === isOffline ? setTimeout(look, 10) : setTimeout(told));
                    look();
                })""",
                is_offline,
            )

    def wait_until(self, condition: Callable[[], bool], timeout: float = PATIENCE) -> None:
        """Wait for what is not on the page, while the browser goes on: what was sent, what the database holds."""
        deadline = time.monotonic() + timeout / 1000
        while not condition():
            assert time.monotonic() < deadline, "It did not come about."
            self.page.wait_for_timeout(50)

    def assert_accessible(self, page: Page | None = None, *, within: str | None = None) -> None:
        """Fail with a list of what breaks WCAG 2.2 AA on the page, or on the part that a selector names."""
        page = page or self.page
        page.evaluate(AXE_SCRIPT)
        found = page.evaluate(
            # Preloading would make axe copy each stylesheet into the page, which our content security policy refuses.
            "([within, tags]) => axe.run(within || document, {preload: false, runOnly: {type: 'tag', values: tags}})",
            [within, WCAG_TAGS],
        )
        lines = [
            f"{rule['id']} ({rule['impact']}): {rule['help']}\n"
            + "\n".join(f"    {' '.join(map(str, node['target']))}: {node['html'][:160]}" for node in rule["nodes"])
            for rule in found["violations"]
        ]
        assert not lines, f"{page.url} breaks WCAG 2.2 AA:\n" + "\n".join(lines)

    def assert_pressable(self, page: Page | None = None, *, within: str = "body") -> None:
        """Fail with a list of what is pressed and less than 24 px high or wide, unless it stands in a line of text.

        axe lets small ones pass that have room around them: whether they do depends on what happens to stand there.
        """
        page = page or self.page
        small = page.evaluate(SMALL_TARGETS, within)
        assert not small, f"{page.url} has targets of less than 24 px:\n" + "\n".join(small)

    def assert_fits(self, page: Page | None = None) -> None:
        """Fail if the page is wider than the window, so that it has to be scrolled sideways."""
        page = page or self.page
        wide, window = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        assert wide <= window, f"{page.url} is {wide} px wide in a window of {window} px"

    def screenshot(self, path: str | Path) -> None:
        self.page.screenshot(path=path, full_page=True)

    def close(self) -> list[str]:
        """Close the browser and tell what was wrong."""
        self.context.close()
        return [line for line in self._complaints if not any(part in line for part in self.expected)]

    def _slow_down(self, page: Page, times: float) -> None:
        self.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": times})

    def _on_console(self, message: ConsoleMessage) -> None:
        # Chromium reports each failed answer here too; those are judged by their status.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self._complaints.append(f"console: {message.text}")

    def _on_request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in ("http", "https", "ws", "wss") and address.netloc != urlsplit(self.site.address).netloc:
            self._complaints.append(f"request to another site: {request.url}")

    def _on_response(self, response: Response) -> None:
        if response.status >= 500 or (response.status == 404 and response.request.resource_type != "document"):
            self._complaints.append(f"{response.status}: {response.url}")


def follow(leads_on: Locator) -> None:
    """Press what leads to another page, and wait until that has come and its scripts listen."""
    with leads_on.page.expect_navigation():
        leads_on.click()


def wait_until_kept(page: Page) -> None:
    """Until the phone's page and all its parts are kept on the phone, so that it opens without a signal."""
    page.evaluate(
        r"""async () => {
            const parts = performance.getEntriesByType("resource").map(({ name }) => name);
            const needed = parts.filter((name) => /\.(css|js|woff2)$/.test(new URL(name).pathname));
            for (const name of [location.pathname, ...needed]) {
                while (!(await caches.match(name))) await new Promise((resolve) => setTimeout(resolve, 50));
            }
        }"""
    )
