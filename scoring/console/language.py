"""In which language a page is."""

from typing import Literal

Language = Literal["zh", "en", "both"]


def both(zh: str, en: str, language: Language) -> str:
    """A wording in the language asked for."""
    return {"zh": zh, "en": en, "both": f"{zh} {en}".strip()}[language]
