"""What a form says when a field's definition has no words of its own: default messages by field type.

Iitaukei and Fiji Hindi are drafts until a native speaker has read them. `{max}`, `{min}` and `{example}` are
filled in from the definition when it is compiled, never with what somebody typed.
"""

from collections.abc import Mapping

from config.words import Words

YES: Words = {"en": "Yes", "fj": "Io", "hif": "हाँ"}
NO: Words = {"en": "No", "fj": "Sega", "hif": "नहीं"}

UNKNOWN_FIELD: Words = {
    "en": "This form has no field of this name: correct the name or take the field out",
    "fj": "E sega na yaca oqo ena fomu",
    "hif": "ई फ़ॉर्म में ई नाम के कोई खाना नहीं है: नाम ठीक करो या एके हटाय दो",
}
NOT_ANSWERS: Words = {
    "en": "Give the answers as an object: each field's name with its answer",
}

_NOT_ASKED: Words = {
    "en": "Leave this empty: with the other answers given, it is not asked",
    "fj": "Biuta me lala: e sega ni tarogi oqo",
    "hif": "एके खाली छोड़ो: बाकी जवाब के साथ ई नहीं पूछा जाए है",
}
_TEXT: Mapping[str, Words] = {
    "invalid": {"en": "Write this in words", "fj": "Vola ena vosa", "hif": "एके शब्द में लिखो"},
    "control": {
        "en": "Delete this and type it again: there are signs in it that can’t be read",
        "fj": "Bokoca ka vola tale: e tiko kina na matanivola e sega ni wiliki rawa",
        "hif": "एके मिटाय के फिर से लिखो: एमे ऐसन चिह्न हैं जौन पढ़ा नहीं जाए",
    },
    "too_long": {
        "en": "Shorten this to {max} characters or fewer: it is too long",
        "fj": "Vakalekalekataka: e balavu sara (e {max} ga na matanivola)",
        "hif": "एके {max} अक्षर तक छोटा करो: ई बहुत लंबा है",
    },
}

MESSAGES: Mapping[str, Mapping[str, Words]] = {
    "text": _TEXT,
    "textarea": _TEXT,
    "name": {
        **_TEXT,
        "signs": {
            "en": "Write the name with letters only. Spaces, hyphens, full stops and apostrophes are fine",
            "fj": "Vola na yaca ena matanivola ga",
            "hif": "नाम केवल अक्षरों में लिखो। खाली जगह, हाइफ़न, बिंदु और ऊर्ध्व अल्पविराम चल सकते हैं",
        },
    },
    "integer": {
        "invalid": {
            "en": "Enter a whole number in figures",
            "fj": "Vola e dua na naba",
            "hif": "पूरी संख्या अंकों में लिखो",
        },
        "too_small": {
            "en": "Enter a number that is {min} or more",
            "fj": "Vola e dua na naba e {min} se sivia",
            "hif": "{min} या उससे बड़ी संख्या लिखो",
        },
        "too_big": {
            "en": "Enter a number that is {max} or less",
            "fj": "Vola e dua na naba e {max} se lailai sobu",
            "hif": "{max} या उससे छोटी संख्या लिखो",
        },
    },
    "yes_no": {
        "invalid": {"en": "Choose yes or no", "fj": "Digitaka na io se sega", "hif": "हाँ या नहीं चुनो"},
    },
    "choice": {
        "invalid": {
            "en": "Choose one of the answers in the list",
            "fj": "Digitaka e dua na isau ni taro",
            "hif": "सूची में से एक जवाब चुनो",
        },
    },
    "choices": {
        "invalid": {
            "en": "Choose only answers that are in the list",
            "fj": "Digitaka ga mai na isau ni taro e volai tu",
            "hif": "केवल सूची में दिए जवाब चुनो",
        },
    },
    "date": {
        "invalid": {
            "en": "Enter a date that exists, for example {example}",
            "fj": "Vola e dua na tikinisiga dina, me vaka {example}",
            "hif": "सही तारीख लिखो, जइसे {example}",
        },
        "no_day": {"en": "Add the day to the date", "fj": "Vola na siga", "hif": "तारीख में दिन भी लिखो"},
        "no_month": {"en": "Add the month to the date", "fj": "Vola na vula", "hif": "तारीख में महीना भी लिखो"},
        "no_year": {"en": "Add the year to the date", "fj": "Vola na yabaki", "hif": "तारीख में साल भी लिखो"},
        "short_year": {
            "en": "Write the year with 4 figures, as in {example}",
            "fj": "Vola na yabaki ena 4 na naba, me vaka {example}",
            "hif": "साल 4 अंकों में लिखो, जइसे {example}",
        },
    },
    "phone": {
        "invalid": {
            "en": "Enter a phone number, for example {example}. Numbers outside Fiji start with +",
            "fj": "Vola e dua na naba ni talevoni, me vaka {example}",
            "hif": "फ़ोन नंबर लिखो, जइसे {example}। फ़िजी से बाहर का नंबर + और देश के कोड से शुरू होता है",
        },
    },
    "email": {
        "invalid": {
            "en": "Enter an e-mail address in full, for example {example}",
            "fj": "Vola na imeli taucoko, me vaka {example}",
            "hif": "पूरा ई-मेल पता लिखो, जइसे {example}",
        },
    },
    "reference": {
        "invalid": {
            "en": "Enter the number as it stands on the paper, for example {example}",
            "fj": "Vola na naba me vaka ena pepa, me vaka {example}",
            "hif": "नंबर वैसे ही लिखो जैसे कागज़ पर है, जइसे {example}",
        },
    },
    "upload": {
        "invalid": {"en": "Give a list of files, each with id and name, as the upload returned them"},
        "too_few": {
            "en": "Add at least {min} files",
            "fj": "Vakacuruma e {min} na faile se sivia",
            "hif": "कम से कम {min} फ़ाइल जोड़ो",
        },
        "too_many": {
            "en": "Remove some files: there may be {max} at most",
            "fj": "Kauta tani eso na faile: e {max} ga e rawa",
            "hif": "कुछ फ़ाइल निकालो: ज्यादा से ज्यादा {max} हो सकते हैं",
        },
    },
    "group": {
        "invalid": {"en": "Give a list of objects, one for each item: its fields with their answers"},
        "too_few": {
            "en": "Add more of these: at least {min}",
            "fj": "Vakuria: me {min} se sivia",
            "hif": "और जोड़ो: कम से कम {min}",
        },
        "too_many": {
            "en": "Remove some of these: no more than {max}",
            "fj": "Vakalailaitaka: kakua ni sivia na {max}",
            "hif": "कुछ हटाओ: {max} से ज़्यादा नहीं",
        },
    },
}
"""By field type, then by problem: what every checker of forms/values.py may find, and nothing else."""


def default_messages(field_type: str) -> dict[str, Words]:
    """Return a type's messages by problem, with the one for an answer where none was asked."""
    return {"not_asked": _NOT_ASKED, **MESSAGES[field_type]}
