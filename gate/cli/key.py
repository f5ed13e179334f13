"""The service's API keys: make one, list them, revoke one."""

import argparse
from datetime import UTC, datetime, timedelta

from gate.cli.database import add_store, audit_key, oneself, store_of
from gate.errors import UsageError
from gate.guard.role import Role
from gate.terminal import one_line


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("do", choices=("create", "list", "revoke"), metavar="COMMAND", help="create, list or revoke")
    parser.add_argument("key", nargs="?", metavar="ID", help="the key to revoke")
    parser.add_argument(
        "--name",
        default="",
        help="whose it is: keys of one name, or of none, are one person's, who grants no waiver of their own",
    )
    parser.add_argument(
        "--role", action="append", default=[], choices=[*map(str, Role)], help="what it may do; may be given again"
    )
    parser.add_argument("--days", type=int, default=365, metavar="N", help="after how many days it expires (365)")
    add_store(parser, "--database-url")


def run(arguments: argparse.Namespace) -> int:
    """Do it. The secret of a new key is printed once, and kept nowhere."""
    if arguments.do == "create" and not 1 <= arguments.days <= 3660:
        raise UsageError("A key lives from 1 to 3660 days", remedy="Say how many: --days 90.")
    store = store_of(arguments.database_url, upgrade=arguments.do == "create", signer=audit_key())
    from gate.store import Who

    who, now = Who(oneself()), datetime.now(UTC)
    try:
        if arguments.do == "create":
            expires = now + timedelta(days=arguments.days)
            key, secret = store.keys.create(arguments.name, arguments.role, who, now, expires)
            print(f"{key.id}  {', '.join(key.roles)}  until {expires:%Y-%m-%d}")
            print(f"secret, shown this once: {secret}")
        elif arguments.do == "revoke":
            if arguments.key is None:
                raise UsageError("No key is named", remedy="gate key list shows their ids.")
            print(f"{store.keys.revoke(arguments.key, who, now).id}  revoked")
        else:
            for key in store.keys.all():
                state = "good" if key.is_good(now) else "revoked" if key.revoked_at else "expired"
                until = f"until {key.expires_at:%Y-%m-%d}" if key.expires_at else "for ever"
                print(one_line(f"{key.id}  {state}  {', '.join(key.roles)}  {until}  {key.name}".rstrip()))
    finally:
        store.close(now)
    return 0
