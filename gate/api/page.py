"""Opaque page tokens: the store's place in a list, signed, so that nobody asks for a page of another query."""

from datetime import datetime, timedelta

import jwt

from gate.api.problem import Problem

ALGORITHM = "HS256"

GOOD_FOR = timedelta(hours=24)


def sealed(place: str, query: str, key: str, now: datetime) -> str:
    """The token for a place in the answer to a query."""
    return jwt.encode({"place": place, "query": query, "exp": now + GOOD_FOR}, key, ALGORITHM)


def opened(token: str, query: str, key: str) -> str:
    """The place. Raises Problem for a token that was altered, is too old, or belongs to another query."""
    try:
        claims = jwt.decode(token, key, [ALGORITHM], options={"require": ["exp", "place", "query"]})
    except jwt.PyJWTError:
        claims = {}
    if claims.get("query") != query:
        raise Problem("usage", "The page token is not of this query.", remedy="Ask for the first page again.")
    return str(claims["place"])
