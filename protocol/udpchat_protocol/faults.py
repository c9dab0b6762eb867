"""The one error of the codec: what is wrong, with which field, and where in the bytes."""

from enum import StrEnum, unique


@unique
class Reason(StrEnum):
    """Why bytes are malformed, or why values cannot be sent."""

    TRUNCATED = "truncated"
    """The bytes end inside this field."""
    TRAILING = "trailing"
    """There are bytes after the last field."""
    TOO_LONG = "too-long"
    """The whole is longer than its kind may be."""
    EMPTY = "empty"
    """There is nothing where at least one frame must be."""
    LENGTH = "length"
    """A length or a count lies outside its range."""
    TEXT = "text"
    """Not well-formed UTF-8, or a string that has no such form."""
    VALUE = "value"
    """A fixed value (the type of a packet, a reserved field) is another one."""
    NOT_ZERO = "not-zero"
    """A byte that must be zero is not."""
    RULE = "rule"
    """Each field is in order, but they contradict each other."""
    UNKNOWN = "unknown"
    """A type or kind that this document does not name."""
    TYPE = "type"
    """Only when building: not a value of the field's Python type."""
    RANGE = "range"
    """Only when building: an integer that its bits cannot hold."""


class WireError(ValueError):
    """Malformed bytes, or values that the layout cannot hold.

    `where` is the class at fault (for an item in a list, the item's), `field` its field or None.
    `offset` counts bytes from the start of the parsed bytes to the start of that field, or to where the whole
    was judged. It is None when building.
    """

    def __init__(self, where: str, field: str | None, reason: Reason, offset: int | None) -> None:
        super().__init__(where, field, reason, offset)
        self.where = where
        self.field = field
        self.reason = reason
        self.offset = offset

    def __str__(self) -> str:
        name = f"{self.where}.{self.field}" if self.field else self.where
        return f"{name}: {self.reason}" + ("" if self.offset is None else f" at byte {self.offset}")


class DeclarationError(TypeError):
    """A declaration from which no flat parser can be derived: raised at import."""
