"""What must be true of somebody before they may use the power that an account gives."""

import re
from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from people import second_factor

# The admin; and the pages of a room for those who run it, with what takes everything that was said out of it. What
# has both a delegate's and a console's side (`live.access`) asks by itself.
GUARDED = re.compile(r"/(?:admin|live/[^/]+/(?:console|sheets|export))/")


class SecondFactorMiddleware:
    """Send staff who have not shown a second factor to where they do, before they enter what is theirs alone.

    On where `STAFF_NEED_SECOND_FACTOR` is set. A passkey counts, and so does an app's codes: the e-mail code alone
    is as safe as the mailbox.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if GUARDED.match(request.path):
            if second_factor.is_owed(request):
                return second_factor.lead_to_it(request)
            # There at last: nobody is led back to it again.
            if second_factor.BACK in request.session:
                del request.session[second_factor.BACK]
        return self.get_response(request)
