"""Brings a style guide that was written for Vale (https://vale.sh) as packs of guardrails.

    guide = imported(Path("styles"), Wishes(as_of=date.today()))
    for style in guide.styles:
        write_pack(policies / "packs" / style.slug, files_of(style, wishes, on=True))

Files are read in `vale_files` and written in `packs_written`; all between is translation, which opens none but lists
of words that a spelling rule names.
"""

from presscheck.style_guides.importing import Guide, imported
from presscheck.style_guides.packs_written import Style, files_of, write_pack
from presscheck.style_guides.translating import Translated, Wishes

__all__ = ["Guide", "Style", "Translated", "Wishes", "files_of", "imported", "write_pack"]
