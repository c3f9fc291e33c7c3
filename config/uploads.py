"""What people may upload: how much, how many, and what they are told when a file can't be taken.

iTaukei and Fiji Hindi are drafts until a native speaker has read them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from config.words import Words

MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class UploadLimits:
    """The limits of uploads. Pictures are measured in pixels, sides in pixels, times in seconds."""

    file_bytes: int = 20 * MEGABYTE
    """A photo of 108 megapixels is about as large."""
    request_bytes: int = 64 * MEGABYTE
    """Eight photos of a phone at once, and room to spare."""
    files_at_once: int = 8
    files_of_a_case: int = 40
    """All that a case may get from its family, so that nobody fills the disk."""
    pdf_pages: int = 30
    jpeg_pixels: int = 1_000_000_000
    """A JPEG is decoded at an eighth of its size if need be, so that many pixels cost little memory."""
    other_pixels: int = 50_000_000
    """All other formats, and progressive JPEG, are decoded whole."""
    photo_side: int = 2_000
    photo_bytes: int = 400 * 1024
    thumbnail_side: int = 160
    page_side: int = 1_600
    check_memory: int = 768 * MEGABYTE
    """Address space of the process that opens files, programs and libraries included."""
    check_seconds: int = 10
    """Processor time for one file."""
    checks_at_once: int = 2
    """Processes that open files, for each process of the web."""
    letter_seconds: int = 3
    """Processor time for telling whether a file is a letter of ours."""
    letters_at_once: int = 1
    """Processes that do so, for each process of the web."""


LIMITS = UploadLimits()
_MB = LIMITS.file_bytes // MEGABYTE


class Refusal(StrEnum):
    """Why a file can't be taken."""

    EMPTY = "empty"
    NOT_A_PAPER = "not-a-paper"
    TOO_LARGE = "too-large"
    TOO_MANY_PIXELS = "too-many-pixels"
    BROKEN = "broken"
    LOCKED = "locked"
    TOO_MANY_PAGES = "too-many-pages"
    TOO_MUCH_WORK = "too-much-work"
    TOO_MANY = "too-many"
    BUSY = "busy"


REFUSAL_WORDS: Mapping[Refusal, Words] = {
    Refusal.EMPTY: {
        "en": "This file is empty. Choose it again, or take the photo again.",
        "fj": "E lala na faile oqo. Digitaka tale, se taba tale.",
        "hif": "ई फ़ाइल खाली है। फिर से चुनो, या फिर से फ़ोटो खींचो।",
    },
    Refusal.NOT_A_PAPER: {
        "en": "This file is not a photo or a PDF. Take a photo of the paper and choose it here.",
        "fj": "E sega ni itaba se PDF na faile oqo. Taba na pepa qai digitaka eke.",
        "hif": "ई फ़ाइल न फ़ोटो है न PDF। काग़ज़ के फ़ोटो खींच के यहाँ चुनो।",
    },
    Refusal.TOO_LARGE: {
        "en": f"This file is larger than {_MB} MB. Take a photo of the paper and choose it here.",
        "fj": f"E sivia na {_MB} MB na levu ni faile oqo. Taba na pepa qai digitaka eke.",
        "hif": f"ई फ़ाइल {_MB} MB से बड़ा है। काग़ज़ के फ़ोटो खींच के यहाँ चुनो।",
    },
    Refusal.TOO_MANY_PIXELS: {
        "en": "This picture is too large to be opened. Take a new photo of the paper with a phone.",
        "fj": "E levu sara na itaba oqo me dolavi. Taba tale na pepa ena talevoni.",
        "hif": "ई फ़ोटो बहुत बड़ा है, नहीं खुल सके है। फ़ोन से काग़ज़ के नवा फ़ोटो खींचो।",
    },
    Refusal.BROKEN: {
        "en": "This file can’t be opened. Part of it may be missing. Take the photo or save the PDF again.",
        "fj": "E sega ni dolavi rawa na faile oqo: e sega ni taucoko. Taba tale, se maroroya tale na PDF.",
        "hif": "ई फ़ाइल नहीं खुले है, शायद पूरा नहीं है। फिर से फ़ोटो खींचो, या PDF फिर से save करो।",
    },
    Refusal.LOCKED: {
        "en": "This PDF is locked with a password. Save it without one, or take photos of its pages.",
        "fj": "E lokataki na PDF oqo ena password. Maroroya ka sega na password, se taba na veidrauna.",
        "hif": "ई PDF पासवर्ड से बंद है। बिना पासवर्ड के save करो, या पन्ना के फ़ोटो खींचो।",
    },
    Refusal.TOO_MANY_PAGES: {
        "en": f"This PDF has more than {LIMITS.pdf_pages} pages. Send those that matter, or photos of them.",
        "fj": f"E sivia na {LIMITS.pdf_pages} na drauna ni PDF oqo. Vakauta ga na drauna e gadrevi, se taba.",
        "hif": f"ई PDF में {LIMITS.pdf_pages} से ज्यादा पन्ना है। केवल ज़रूरी पन्ना भेजो, या उनके फ़ोटो खींचो।",
    },
    Refusal.TOO_MUCH_WORK: {
        "en": "This file is too complicated to be opened. Take a photo of the paper and choose it here.",
        "fj": "E dredre sara me dolavi na faile oqo. Taba na pepa qai digitaka eke.",
        "hif": "ई फ़ाइल खोले में बहुत मुश्किल है। काग़ज़ के फ़ोटो खींच के यहाँ चुनो।",
    },
    Refusal.TOO_MANY: {
        "en": "There are too many files. Remove one that you don’t need, then add this one.",
        "fj": "Sa rui levu na faile. Kauta tani e dua e sega ni gadrevi, qai vakacuruma oqo.",
        "hif": "फ़ाइल बहुत ज्यादा होइ गइस। जौन ज़रूरी नहीं है ऊ निकालो, तब ई जोड़ो।",
    },
    Refusal.BUSY: {
        "en": "Many people are sending files just now. Choose this one again in a few minutes.",
        "fj": "Era lewe levu era vakau faile tiko oqo. Digitaka tale ena vica na miniti.",
        "hif": "अभी बहुत आदमी फ़ाइल भेजत हैं। कुछ मिनट बाद फिर से चुनो।",
    },
}
