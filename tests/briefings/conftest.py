import pytest

from tests.factories.briefings import Ready, make_ready_briefing


@pytest.fixture
def ready(db: None) -> Ready:
    """A draft briefing that nothing speaks against."""
    return make_ready_briefing()
