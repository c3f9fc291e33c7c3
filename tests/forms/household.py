"""A form with a group of up to 60 items, as a family scheme needs it, and with every type of answer in it."""

from pathlib import Path

from forms.compiler import load_form
from forms.form import Form

DEFINITION = """\
service: household
version: 2
drafts: [fj]
title: {en: Household, fj: Vuvale}
pages:
  - id: head
    title: {en: You, fj: O iko}
    fields:
      - id: head_born
        type: date
        label: {en: "When were you born?"}
        purpose: {en: For your age}
        checks:
          - before: received_date
            error: {en: Be born before today}
      - id: schooling
        type: yes_no
        label: {en: "Does anybody go to school?"}
        purpose: {en: To ask which school}
  - id: members
    title: {en: "Who lives with you?", fj: "O cei e tiko vata kei iko?"}
    fields:
      - id: members
        type: group
        repeat: {at_least: 1, at_most: 60}
        item: {en: Person, fj: Tamata}
        label: {en: People}
        hint: {en: "Name everybody, at most {max}"}
        help:
          title: {en: "Who belongs to a household?"}
          text: {en: "Those who eat together.\\n\\nGuests do not."}
        purpose: {en: To count them}
        errors:
          required: {en: Name at least one person}
          too_many: {en: "Name no more than {max} people"}
        fields:
          - id: member_name
            type: name
            required: true
            label: {en: Full name}
            purpose: {en: To know them}
            errors: {required: {en: Enter the name}}
          - id: member_born
            type: date
            label: {en: Date of birth}
            purpose: {en: For their age}
            checks:
              - not_after: received_date
                error: {en: Enter a date of birth in the past}
          - id: relation
            type: choice
            required: true
            label: {en: Relation}
            purpose: {en: To know the family}
            options:
              - {value: child, label: {en: Child, fj: Gone}}
              - {value: other, label: {en: Another}}
            errors: {required: {en: Choose the relation}}
          - id: relation_other
            type: text
            required_if: {relation: {equals: other}}
            label: {en: Which relation}
            purpose: {en: To know the family}
            errors: {required: {en: Say which relation}}
          - id: school
            type: text
            show_if: {schooling: {equals: true}}
            label: {en: School}
            purpose: {en: To ask the school}
          - {id: remark, type: textarea, label: {en: Remark}, purpose: {en: Whatever}}
          - {id: income, type: integer, min: 0, max: 9000, label: {en: Income}, purpose: {en: To add it up}}
          - {id: works, type: yes_no, label: {en: Works}, purpose: {en: To know}}
          - id: cards
            type: choices
            label: {en: Cards}
            purpose: {en: To know}
            options:
              - {value: tin, label: {en: TIN letter}}
              - {value: voter, label: {en: Voter card}}
          - {id: member_phone, type: phone, label: {en: Phone}, purpose: {en: To call}}
          - {id: member_email, type: email, label: {en: E-mail}, purpose: {en: To write}}
          - id: member_vkb
            type: reference
            pattern: VKB-9999999
            example: VKB-7560803
            label: {en: VKB number}
            purpose: {en: To find them}
      - {id: rooms, type: integer, min: 1, max: 30, label: {en: Rooms}, purpose: {en: To compare}}
  - id: contact
    title: {en: How to reach you, fj: Na sala}
    one_of:
      - fields: [phone, email]
        error: {en: Enter a phone number or an e-mail address}
    fields:
      - {id: phone, type: phone, label: {en: Phone}, purpose: {en: To call}}
      - {id: email, type: email, label: {en: E-mail}, purpose: {en: To write}}
"""


def household(folder: Path, old: str = "", new: str = "") -> Form:
    """Compile the form, with one piece of its definition replaced."""
    assert old in DEFINITION
    (folder / "household.yaml").write_text(DEFINITION.replace(old, new, 1) if old else DEFINITION)
    return load_form("household", folder=folder, options={})


def member(**changes: object) -> dict[str, object]:
    """Return one good person with some answers changed."""
    return {"member_name": "Ana", "relation": "child", **changes}


def answers(*members: object) -> dict[str, object]:
    """Return a good application of a household with these people."""
    return {"members": list(members), "phone": "+6798699201"}
