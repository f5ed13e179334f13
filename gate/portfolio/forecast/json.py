"""The forecast for programs."""

import msgspec

from gate.portfolio.forecast.content import Forecast
from gate.terminal import defused


def render(forecast: Forecast) -> bytes:
    """Schema 1."""
    body = {
        "schema": 1,
        "starts": forecast.starts,
        "ends": forecast.ends,
        "systems": forecast.systems,
        "turning": forecast.turning,
        "turns": [
            {
                "at": turn.at,
                "decision": turn.decision,
                "systems": turn.systems,
                "why": [{field: getattr(why, field) for field in why.__struct_fields__} for why in turn.why],
            }
            for turn in forecast.turns
        ],
    }
    return defused(msgspec.json.format(msgspec.json.encode(body), indent=2)) + b"\n"
