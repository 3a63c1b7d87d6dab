"""What somebody types to sign: the full name or, where that is enough, the initials."""

from config.plain_text import plain_line


def is_full_name(typed: str, name: str) -> bool:
    """Return whether `typed` is the name; spaces and capital letters do not matter."""
    return plain_line(typed).casefold() == plain_line(name).casefold()


def initials_of(name: str) -> str:
    """Return the first letter of each word of a name, hyphens counted as spaces: "Business owner": "BO"."""
    return "".join(word[0] for word in plain_line(name).replace("-", " ").split()).upper()


def are_initials(typed: str, name: str) -> bool:
    """Return whether `typed` are the name's initials, with or without dots; the full name is as good."""
    letters = plain_line(typed).replace(".", "").replace("-", "").replace(" ", "")
    return letters.casefold() == initials_of(name).casefold() or is_full_name(typed, name)
