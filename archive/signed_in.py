"""What `login_required` leaves over: requests of people who are known."""

from django.contrib.auth.models import User
from django.http import HttpRequest


class SignedInRequest(HttpRequest):
    """A request that has passed `login_required`. For type checkers: it is an ordinary request."""

    user: User
