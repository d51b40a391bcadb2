"""What a server says when it fails, as a problem that says which of the many causes it was and what to do."""

from __future__ import annotations

import re
from typing import Any

from riskzoning.database.urls import Server, first_line
from riskzoning.errors import DatabaseError, Phrase, Problem, TargetError

# SQLSTATE, or its class (the first two signs), -> rule. PostgreSQL, appendix A of its manual.
_RULES = {
    "42501": "database.permission",
    "25006": "database.read_only",
    "53100": "database.disk_full",
    "53300": "database.connections",
    "55P03": "database.locked",
    "40P01": "database.deadlock",
    "40001": "database.deadlock",
    "57014": "database.cancelled",
    "57P": "database.gone",
    "08": "database.gone",
    "2BP01": "database.depends",
    "0A000": "database.depends",
    "23": "database.constraint",
    "22": "database.value",
    "42P01": "database.changed",
    "42703": "database.changed",
    "42P07": "database.changed",
}
# What is wrong with the name of a target, and what only its surroundings can mend: exit codes 2 and 3.
WRONG_TARGETS = frozenset(
    f"database.{word}" for word in ("url", "no_database", "no_package", "foreign", "foreign_table", "newer")
)
SURROUNDINGS = frozenset(
    f"database.{word}"
    for word in (
        *("connect", "connections", "not_ready", "login", "encoding", "postgis", "postgis_package", "schema"),
        *("schema_rights", "table_rights", "permission", "read_only", "locked", "lock", "loading", "busy", "deadlock"),
        *("disk_full", "gone", "cancelled", "write", "folder", "open_denied", "edited"),
    )
)
# What a refused login says; the driver gives no SQLSTATE for it, and servers speak the language of their place.
_LOGIN = {
    "database.no_database": r"database .* does not exist|数据库.*不存在",
    "database.url": r"(configuration|for) parameter|参数",
    "database.connections": r"too many (clients|connections)|connection slots|太多的?(客户|用户|连接)",
    "database.not_ready": r"starting up|shutting down|recovery mode|启动|关闭|恢复",
    "database.login": r"password|authenticat|role .* does not exist|pg_hba|permission|密码|口令|认证|角色.*不存在",
}


def rule_of(state: str | None) -> str | None:
    """The rule for a SQLSTATE: by all of it, or by the beginning that names its class."""
    return next((_RULES[state[:length]] for length in (5, 3, 2) if state and state[:length] in _RULES), None)


def connection_fault(error: Exception, server: Server) -> DatabaseError:
    """Why a server could not be reached, or would not let anybody in."""
    reason = server.without_secrets(_after_colon(first_line(error)))
    rule = next((rule for rule, words in _LOGIN.items() if re.search(words, reason)), "database.connect")
    values: dict[str, Any] = {"user": server.settings.get("user", ""), "name": server.settings.get("dbname", "")}
    kind: type[DatabaseError] = TargetError if rule in WRONG_TARGETS else DatabaseError
    return kind(Problem(rule, server.shown, reason=reason, **values))


def _after_colon(text: str) -> str:
    """What the server said, or what failed, without the words of the driver before it."""
    said = re.search(r"(?:FATAL|ERROR|致命错误|错误):\s*(.+)$", text)
    return said[1] if said else re.sub(r"^(?:connection failed|connection is bad): ", "", text)


def fault(
    error: Exception, server: Server, *, at: str = "", user: str = "", schema: str = "", lost: bool = False
) -> DatabaseError:
    """Why reading or writing failed, by SQLSTATE; ``at``: the table in work; ``lost``: a driver without a server."""
    cause = getattr(error, "orig", None) or error
    state, said = getattr(cause, "sqlstate", None), getattr(cause, "diag", None)
    reason = server.without_secrets(getattr(said, "message_primary", None) or first_line(error))
    rule = rule_of(state) or ("database.gone" if lost else _unnumbered(cause))
    if state == "0A000" and "view" not in reason and "视图" not in reason:
        rule = "database.write"
    if rule == "database.locked":
        rule = "database.lock"
    values: dict[str, Any] = {
        "state": state or "",
        "table": getattr(said, "table_name", None) or at,
        "constraint": getattr(said, "constraint_name", None) or "",
        "detail": server.without_secrets(getattr(said, "message_detail", None) or ""),
        "user": user,
        "schema": schema,
    }
    if values["detail"]:
        reason = f"{reason}: {values['detail']}"
    return DatabaseError(Problem(rule, server.shown, reason=reason, **values))


def _unnumbered(cause: BaseException) -> str:
    """What the driver itself refuses has no SQLSTATE."""
    if isinstance(cause, UnicodeError) or type(cause).__name__ == "DataError":
        return "database.value"
    return "database.write"


def table_of(server: Server, name: str) -> Phrase:
    """A table of a server in words."""
    return Phrase("database_table", name=name, database=server.shown)
