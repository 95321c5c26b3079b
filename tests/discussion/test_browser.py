"""The discussion as people meet it: in a browser, with and without JavaScript."""

import re

import pytest
from playwright.sync_api import expect

from discussion import actions, follows
from discussion.injected import actions as actions_of_injected
from discussion.mail import hash_token
from discussion.models import Comment, Follow, MentionNotice, SentMention, SuspectText
from people.roles import MODERATORS, ORGANISERS
from tests.factories import discussion as make

WIDTHS = [(390, 844), (1280, 900)]
SIZES_AND_SCHEMES = [((390, 844), "dark"), ((1280, 900), "light")]


@pytest.fixture
def page_with_voices(live_site):
    """A proposition with a thread of every kind."""
    facilitator = make.member()
    page = make.proposition_page(facilitator=facilitator)
    author = make.member()
    root = make.comment(page, actor=author, role="Branch Librarian", body="The drill goes out *forty* times a year.")
    reply = make.comment(page, actor=facilitator, parent=root, body="I will bring the figures.")
    for number in range(4):
        reply = make.comment(page, parent=reply, body=f"Deeper {number}.")
    gone = make.comment(page, actor=author, body="Said too quickly.")
    make.comment(page, parent=gone, body="I would not put it like that.")
    actions.withdraw_comment(actor=author, comment=gone)
    page.mentions.create(
        source_url="https://notebook.example/1",
        title="Nine sheds",
        site_name="The Parish Notebook",
        kind="webmention",
        state="published",
    )
    return page


def fill(screen, **values):
    texts = {
        "Name": "R. Winnow",
        "E-mail": "r.winnow@example.org",
        "Role and organisation": "Net mender",
        "Comment": "The boat is booked until spring.",
        **values,
    }
    for label, text in texts.items():
        screen.get_by_role("textbox", name=re.compile(f"^{label}")).fill(text)


@pytest.mark.parametrize("javascript", [True, False])
def test_delegate_comments_confirms_and_a_moderator_releases(live_site, new_visitor, page_with_voices, javascript):
    page = page_with_voices
    delegate = new_visitor(width=390, height=844, javascript=javascript)
    screen = delegate.open(page.url)
    fill(screen)
    screen.get_by_role("button", name="Post comment").click()
    expect(screen.get_by_role("heading", name="Look in your e-mail")).to_be_visible()
    expect(screen.get_by_text("r.winnow@example.org")).to_be_visible()

    link = re.search(r"https?://\S+/comments/confirm/\S+/", live_site.mail()[-1].get_content())[0]
    screen = delegate.open(re.sub(r"^https?://[^/]+", "", link))
    delegate.assert_accessible() if javascript else None
    screen.get_by_role("button", name="Post my comment").click()
    expect(screen.get_by_text("Awaiting moderation. Only you can see this.")).to_be_visible()
    expect(screen.get_by_text("You, as R. Winnow")).to_be_visible()

    moderator = new_visitor(user=make.moderator())
    desk = moderator.open("/admin/comments/")
    desk.get_by_role("link", name="R. Winnow").click()
    desk.get_by_role("button", name="Release (R)").click()
    expect(desk.get_by_text("R. Winnow: published.")).to_be_visible()

    reader = new_visitor()
    shown = reader.open(page.url)
    expect(shown.get_by_text("The boat is booked until spring.")).to_be_visible()
    expect(shown.get_by_text("Net mender").first).to_be_visible()


def test_draft_survives_reload_and_goes_once_posted(new_visitor, page_with_voices):
    page = page_with_voices
    delegate = new_visitor(user=make.member())
    screen = delegate.open(page.url)
    box = screen.get_by_label("Comment", exact=True)
    box.fill("Half a thought that must not be lost.")
    screen.get_by_label("Role and organisation").fill("Ferry clerk")

    screen.reload()
    expect(box).to_have_value("Half a thought that must not be lost.")
    expect(screen.get_by_label("Role and organisation")).to_have_value("Ferry clerk")
    expect(screen.get_by_text("Your draft is back.")).to_be_visible()

    screen.get_by_role("button", name="Post comment").click()
    expect(screen.locator("article.comment", has_text="Half a thought")).to_be_visible()
    expect(box).to_have_value("")
    screen.reload()
    expect(box).to_have_value("")


def test_comment_without_a_signal_stays_and_is_posted_when_the_signal_is_back(live_site, new_visitor, page_with_voices):
    delegate = new_visitor(user=make.member())
    screen = delegate.open(page_with_voices.url)
    box = screen.get_by_label("Comment", exact=True)
    button = screen.get_by_role("button", name="Post comment")
    box.fill("Typed in a tunnel.")
    delegate.offline(True)
    delegate.expected += ["ERR_INTERNET_DISCONNECTED"]

    button.click()
    expect(screen.get_by_role("alert").filter(has_text="No signal. Nothing is lost")).to_be_visible()
    expect(box).to_have_value("Typed in a tunnel.")
    delegate.assert_accessible()

    delegate.offline(False)
    screen.reload()
    expect(box).to_have_value("Typed in a tunnel.")
    button.click()
    expect(screen.locator("article.comment", has_text="Typed in a tunnel.")).to_be_visible()
    expect(box).to_have_value("")
    assert Comment.objects.filter(comment="Typed in a tunnel.").count() == 1


def test_comment_posted_twice_because_the_answer_was_lost_is_one_comment(new_visitor, page_with_voices):
    delegate = new_visitor(user=make.member())
    screen = delegate.open(page_with_voices.url)
    screen.get_by_label("Comment", exact=True).fill("Did that go?")

    def swallow_answer(route):
        route.fetch()
        route.abort()

    screen.route("**/comments/post/", swallow_answer, times=1)
    delegate.expected += ["ERR_FAILED"]
    screen.get_by_role("button", name="Post comment").click()
    expect(screen.get_by_text("No signal. Nothing is lost")).to_be_visible()
    screen.get_by_role("button", name="Post comment").click()

    expect(screen.locator("article.comment", has_text="Did that go?")).to_be_visible()
    assert Comment.objects.filter(comment="Did that go?").count() == 1


def test_preview_stands_above_the_form_and_posts_from_there(new_visitor, page_with_voices):
    delegate = new_visitor(width=390, height=844, user=make.member())
    screen = delegate.open(page_with_voices.url)
    screen.get_by_label("Comment", exact=True).fill("It *leaks*.")
    screen.get_by_role("button", name="Preview").click()

    preview = screen.get_by_role("article", name="Your comment as it will look")
    expect(preview.locator("em")).to_have_text("leaks")
    expect(preview).to_be_focused()
    delegate.assert_accessible()
    screen.get_by_role("button", name="Post comment").click()
    expect(screen.locator("article.comment[data-own]", has_text="It leaks.")).to_be_visible()


def test_draft_can_be_cleared(new_visitor, page_with_voices):
    delegate = new_visitor()
    screen = delegate.open(page_with_voices.url)
    screen.get_by_label("Comment", exact=True).fill("Not after all.")
    screen.reload()

    screen.get_by_role("button", name="Clear it").click()

    expect(screen.get_by_label("Comment", exact=True)).to_have_value("")
    screen.reload()
    expect(screen.get_by_label("Comment", exact=True)).to_have_value("")


def test_consent_rows_show_how_the_author_would_appear(new_visitor, page_with_voices):
    screen = new_visitor().open(page_with_voices.url)
    expect(screen.get_by_label(re.compile("^By name"))).to_have_accessible_name("By name “Your name, your role”")

    fill(screen)

    expect(screen.get_by_text("“R. Winnow, Net mender”")).to_be_visible()
    expect(screen.get_by_text("“Net mender”", exact=True)).to_be_visible()


def test_mistakes_are_said_first_and_lead_to_their_fields(new_visitor, page_with_voices):
    delegate = new_visitor(width=390, height=844)
    delegate.expected += ["422"]
    screen = delegate.open(page_with_voices.url)
    fill(screen, **{"E-mail": "nobody"})
    screen.get_by_role("button", name="Post comment").click()

    alert = screen.get_by_role("alert")
    expect(alert).to_be_focused()
    alert.get_by_role("link").click()
    expect(screen.get_by_role("textbox", name=re.compile("^E-mail"))).to_be_focused()
    expect(screen.get_by_label("Comment", exact=True)).to_have_value("The boat is booked until spring.")
    delegate.assert_accessible()
    delegate.assert_fits()


def test_support_counts_without_reload_and_can_be_taken_back(new_visitor, page_with_voices):
    delegate = new_visitor()
    screen = delegate.open(page_with_voices.url)
    button = screen.get_by_role("button", name=re.compile("^Support")).first

    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(button).to_contain_text("Support · 1")
    screen.reload()
    expect(button).to_have_attribute("aria-pressed", "true")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")
    expect(button).not_to_contain_text("· 1")

    assert Comment.objects.order_by("pk").first().support_count == 0


def test_next_responses_are_added_below_with_the_focus_on_the_first(live_site, new_visitor):
    page = make.proposition_page()
    make.many_comments(page, 45, replies_each=0)
    delegate = new_visitor()
    screen = delegate.open(page.url)
    expect(screen.locator("#thread > li")).to_have_count(20)

    screen.get_by_role("link", name="Show the next 20").click()
    expect(screen.locator("#thread > li")).to_have_count(40)
    expect(screen.locator("#thread > li:nth-child(21) article")).to_be_focused()
    screen.get_by_role("link", name="Show the next 5").click()
    expect(screen.locator("#thread > li")).to_have_count(45)
    expect(screen.get_by_role("link", name=re.compile("Show the next"))).to_have_count(0)


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize(("width", "height"), [(320, 700), *WIDTHS])
def test_discussion_and_its_forms_are_accessible(live_site, new_visitor, page_with_voices, width, height, dark):
    page = page_with_voices
    said = page.comments.order_by("pk").first()
    author = make.member()
    held = make.comment(page, actor=author, body="See https://example.org/")
    delegate = new_visitor(user=author, width=width, height=height, dark=dark)

    for address in (
        page.url,
        f"/comments/{said.pk}/reply/",
        f"/comments/{said.pk}/flag/",
        f"/comments/{said.pk}/flagged/",
        f"/comments/{held.pk}/edit/",
        f"/comments/{held.pk}/withdraw/",
    ):
        delegate.open(address)
        delegate.assert_accessible()
        delegate.assert_fits()


def test_readers_get_no_cookie_and_no_draft(new_visitor, page_with_voices):
    reader = new_visitor()
    screen = reader.open(page_with_voices.url)

    assert reader.context.cookies() == []
    assert screen.evaluate("localStorage.length") == 0


def assert_looks_right(visitor, addresses, within=None):
    """Nothing breaks WCAG 2.2 AA or is too wide, on phone and desk, light and dark."""
    for path in addresses:
        for (width, height), scheme in SIZES_AND_SCHEMES:
            # Opened anew, since axe would judge colours while they change.
            visitor.page.emulate_media(color_scheme=scheme)
            visitor.page.set_viewport_size({"width": width, "height": height})
            visitor.open(path)
            visitor.assert_accessible(within=within)
            if within is None:
                visitor.assert_fits()


def test_mention_and_follow_pages_are_accessible(live_site, new_visitor, page_with_voices):
    page = page_with_voices
    thread = page.comments.order_by("pk").first()
    notices = [
        MentionNotice.objects.create(
            page=page,
            kind="webmention",
            source_url=f"https://notebook.example/{number}",
            target_url=page.full_url,
            **fields,
        )
        for number, fields in enumerate(({}, {"state": "accepted", "attempts": 1}, {"state": "refused", "attempts": 1}))
    ]
    other = make.proposition_page(title="Boats")
    for followed, root in ((page, thread), (page, None), (other, None)):
        wish = follows.follow_page(actor=None, page=followed, thread=root, email="o@example.org", is_confirmed=True)
    follows.follow_page(actor=None, page=page, email="new@example.org")
    Follow.objects.filter(confirmed_at=None).update(token_hash=hash_token("unopened"))
    delegate = new_visitor()

    assert_looks_right(
        delegate,
        [
            f"/mentions/webmention/?target={page.full_url}",
            *(f"/mentions/notices/{notice.pk}/" for notice in notices),
            f"/comments/follow/{page.pk}/?thread={thread.pk}",
            f"/comments/follow/{page.pk}/sent/",
            "/comments/follow/confirm/unopened/",
            "/comments/follow/confirm/unknown/",
            f"/comments/stop/{follows.stop_token(wish.follower)}/",
            "/comments/stop/unknown/",
        ],
    )


def test_moderators_pages_of_mentions_and_injected_text_are_accessible(live_site, new_visitor, page_with_voices):
    page = page_with_voices
    held = page.mentions.create(
        source_url="https://notebook.example/2",
        title="Oars",
        site_name="The Parish Notebook",
        excerpt="[…] and the oars are lent too […]",
        kind="pingback",
        state="held",
        hold_reason="The page changed",
    )
    sent = SentMention.objects.create(
        page=page, source_url=page.full_url, target_url="https://elsewhere.example/", state="failed", attempts=5
    )
    make.comment(page, body="Half of our wards order kamagra online uk now have a warm room.")
    scan, _ = actions_of_injected.start_scan(actor=None)
    actions_of_injected.run_scan(scan_id=scan.pk)
    suspect = SuspectText.objects.get()
    organiser = new_visitor(user=make.member(ORGANISERS, MODERATORS, is_staff=True))

    assert_looks_right(
        organiser,
        [
            "/admin/mentions/",
            f"/admin/mentions/{held.pk}/",
            "/admin/mentions-sent/",
            f"/admin/mentions-sent/{sent.pk}/",
            "/admin/reports/injected-text/",
            f"/admin/reports/injected-text/{suspect.pk}/",
            "/admin/comments/",
            f"/admin/comments/{page.comments.order_by('pk').first().pk}/",
        ],
        within="main",
    )
