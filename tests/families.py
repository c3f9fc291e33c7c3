"""Made-up families in numbers: names as unevenly spread as a country's, so that strangers often share them.

The frequent names are common given names and surnames put together at random; the rare ones are made of
syllables. No real person is meant.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from itertools import accumulate
from random import Random
from typing import Any

ITAUKEI_GIRLS = (
    "Mere Ana Litia Mereani Salote Unaisi Vasiti Kelera Laite Losana Sera Seruwaia Sereana Losalini Miriama "
    "Makereta Lusiana Asenaca Alumita Akanisi Elenoa Emele Filomena Ilisapeci Kalesi Karalaini Kinisimere "
    "Lavenia Lanieta Luisa Maraia Merewalesi Mereoni Naomi Paulini Raijieli Rusila Selai Setaita Siteri "
    "Sofaia Taina Timaima Torika Tokasa Ulamila Venaisi Vilimaina Vani Wati"
)
ITAUKEI_BOYS = (
    "Epeli Jone Manoa Semi Tevita Viliame Apenisa Meli Josefa Josaia Ratu Peni Timoci Isikeli Sakiusa "
    "Samuela Waisale Waisea Ilaitia Inoke Iliesa Iosefo Jovilisi Kitione Kiniviliame Lemeki Livai Maika "
    "Maciu Malakai Mosese Naibuka Netani Nemani Osea Paula Penaia Pita Rupeni Ropate Savenaca Saimoni "
    "Seremaia Setareki Sitiveni Solomone Taniela Taito Tomasi Vereniki"
)
ITAUKEI_SURNAMES = (
    "Vakatawa Naulu Cokanasiga Tawake Tuilawa Nabobo Waqa Bola Tikoisuva Cakau Naivalu Ravouvou Tuivaga "
    "Delai Koroi Rokotuivuna Nakauvadra Tamanivalu Vunibola Qalo Baleilevuka Saukuru Lutunauga Draunidalo "
    "Kubuabola Matanitobua Nadakuitavuki Raiwalui Seniloli Tuisolia Vuibau Waqanivalu Bulivorovoro Cavuilati "
    "Dakuwaqa Gavidi Kacimaiwai Leweniqila Masirewa Nawaqavonovono Radrodro Sovaki Tabakaucoro Ucunibaravi "
    "Veitayaki Tukana Vuki Nasau Momo Bale"
)
HINDI_GIRLS = (
    "Priya Shalini Anjali Reshma Kavita Sunita Nisha Pooja Anita Ashika Ashna Artika Avikashni Babita Bimla "
    "Chandra Deepika Farzana Geeta Hemlata Indra Jyoti Kajal Kiran Komal Lalita Laxmi Madhuri Manisha Meena "
    "Monika Nazreen Neha Nilam Parvati Preetika Radhika Rajni Razia Rekha Roshni Sangeeta Sarita Seema "
    "Shabnam Shanti Sheetal Shobna Sushila Vandana Yashoda Zarina"
)
HINDI_BOYS = (
    "Rohit Vikash Sanjay Amit Praveen Nitesh Arvind Deepak Ajay Anil Ashok Ashneel Avinesh Bimal Dinesh "
    "Faizal Ganesh Hari Imran Irfan Jai Kamal Krishneel Mahendra Manoj Mukesh Nadeem Naresh Nilesh Pranil "
    "Rahul Rajesh Rakesh Ravi Rishi Ritesh Ronil Sachin Salesh Sandeep Satish Shaneel Shivneel Sunil Suresh "
    "Umesh Vijay Vinay Vishal Yogesh Zoheb"
)
HINDI_SURNAMES = (
    "Kumar Prasad Lal Singh Chand Sharma Devi Khan Ali Narayan Reddy Prakash Gounder Nair Naidu Ram Raj "
    "Goundar Maharaj Pillay Mani Naicker Nand Hussein Deo Dutt Datt Mishra Patel Chandra Mudaliar Swamy Nath "
    "Buksh Sahib Rao Chetty Verma Lata Pratap Shankar Dayal Begg Bhan Sami Achari Kishore Krishna Permal "
    "Govind"
)
SYLLABLES = (
    "va ka ta na lo si ra ma ve qa ti ko su le vu bu da ni re sa mo tu lai ke di",
    "ra vi ni sha an ja ka sh na me pri ya su de la kha ri ma ro ha bha ti mu in ne",
)
RARE = 400


def made_up(count: int, syllables: str, longest: int, seed: int) -> list[str]:
    """Return `count` different names of two to `longest` syllables."""
    random = Random(seed)
    names: dict[str, None] = {}
    while len(names) < count:
        name = "".join(random.choices(syllables.split(), k=random.randint(2, longest)))
        names[name.capitalize()] = None
    return list(names)


@dataclass(frozen=True, slots=True)
class Pool:
    """Names and how often each comes, cumulated: the n-th in the order of 1 / (n + 3)."""

    names: Sequence[str]
    weights: Sequence[float]

    def draw(self, random: Random) -> str:
        """Return a name, the frequent ones more often."""
        return random.choices(self.names, cum_weights=self.weights)[0]


@dataclass(frozen=True, slots=True)
class People:
    """The names of one part of the people. girls, boys: given names."""

    girls: Pool
    boys: Pool
    surnames: Pool
    one_name: float  # how many bear one name only


@cache
def peoples() -> tuple[People, People]:
    """Return the two parts of the people that names are drawn from."""
    itaukei, hindi = SYLLABLES
    return (
        People(
            *(_pool(names, itaukei, 4, seed) for seed, names in enumerate((ITAUKEI_GIRLS, ITAUKEI_BOYS))),
            surnames=_pool(ITAUKEI_SURNAMES, itaukei, 5, 2, rare=3 * RARE),
            one_name=0.03,
        ),
        People(
            *(_pool(names, hindi, 3, seed) for seed, names in enumerate((HINDI_GIRLS, HINDI_BOYS), start=3)),
            surnames=_pool(HINDI_SURNAMES, hindi, 4, 5),
            one_name=0.01,
        ),
    )


def _pool(names: str, syllables: str, longest: int, seed: int, rare: int = RARE) -> Pool:
    every = [*names.split(), *made_up(rare, syllables, longest, seed)]
    return Pool(every, list(accumulate(1 / (place + 3) for place in range(len(every)))))


def birth(random: Random, born: date) -> dict[str, Any]:
    """Return the answers about a child born on that day that other cases are found by and shown with."""
    people = peoples()[random.random() < 0.37]
    sex = random.choice(("female", "male"))
    surname = people.surnames.draw(random)
    given = (people.girls if sex == "female" else people.boys).draw(random)
    if random.random() < 0.3:
        given += " " + (people.girls if sex == "female" else people.boys).draw(random)
    maiden = surname if random.random() < 0.6 else people.surnames.draw(random)
    mother = people.girls.draw(random) + ("" if random.random() < people.one_name else f" {maiden}")
    return {
        "child_name": given if random.random() < people.one_name else f"{given} {surname}",
        "child_birth_date": born.isoformat(),
        "child_sex": sex,
        "birth_type": "single",
        "birth_province": random.choice(("Rewa", "Naitasiri", "Ba", "Macuata", "Cakaudrove")),
        "birth_facility": random.choice(("Colonial War Memorial Hospital", "Lautoka Hospital", None)),
        "mother_name": mother,
        "mother_birth_date": (
            born - timedelta(days=int(random.triangular(6_200, 16_000, 9_500)))
        ).isoformat(),
        "father_name": f"{people.boys.draw(random)} {surname}",
        "notification_number": f"NOB-{born.year}-{random.randrange(10**9):09d}",
    }
