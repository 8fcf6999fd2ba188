"""Which column of a file means what: guessed from its title, remembered by the file's header."""

import hashlib
import re
from collections import Counter

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contraflow.core.errors import Refusal
from contraflow.core.figures import figure
from contraflow.core.textfiles import Row
from contraflow.people.models import searchable

FIELDS = {
    "external_id": gettext_lazy("External id (personnel number)"),
    "name": gettext_lazy("Name"),
    "first_name": gettext_lazy("First name"),
    "last_name": gettext_lazy("Last name"),
    "preferred_name": gettext_lazy("Preferred name"),
    "email": gettext_lazy("E-mail"),
    "job_title": gettext_lazy("Job title"),
    "grade": gettext_lazy("Grade (a whole number)"),
    "department": gettext_lazy("Department (Top/Middle/Team)"),
    "manager_email": gettext_lazy("Manager's e-mail"),
    "manager_external_id": gettext_lazy("Manager's external id"),
    "site": gettext_lazy("Site"),
    "time_zone": gettext_lazy("Time zone"),
    "country": gettext_lazy("Country (whose public holidays count)"),
    "languages": gettext_lazy("Languages"),
    "panels": gettext_lazy("Pay and promotion panels"),
    "joined_on": gettext_lazy("Joined on"),
    "status": gettext_lazy("Status (active or left)"),
    "left_on": gettext_lazy("Left on"),
}

# As HR systems title their exports, in English, German, French, Spanish, Portuguese, Italian and
# Dutch; compared without case, accents, spaces and signs.
_TITLES = {
    "external_id": """external id, employee id, employee number, employee no, emp id, staff id,
        staff number, personnel number, person id, worker id, payroll number, id, personalnummer,
        mitarbeiternummer, pers nr, matricule, numero employe, numero de empleado, id empleado,
        matricula, numero de funcionario, personeelsnummer, medewerkernummer""",
    "name": """name, full name, display name, employee name, worker, employee, vollständiger name,
        mitarbeiter, mitarbeitername, nom complet, nom et prenom, nombre completo,
        nombre y apellidos, nome completo, nome e cognome, volledige naam, naam""",
    "first_name": """first name, given name, forename, firstname, vorname, prenom, nombre, nome,
        voornaam""",
    "last_name": """last name, surname, family name, lastname, nachname, familienname, nom,
        nom de famille, apellido, apellidos, sobrenome, apelido, cognome, achternaam""",
    "preferred_name": """preferred name, known as, nickname, rufname, nom d'usage, prenom usuel,
        nombre preferido, nome preferido, roepnaam""",
    "email": """email, e-mail, email address, e-mail address, mail, mail address, work email,
        business email, corporate email, user principal name, upn, e-mail-adresse, mailadresse,
        courriel, adresse e-mail, adresse mail, adresse électronique, correo, correo electrónico,
        endereço de e-mail, indirizzo e-mail, posta elettronica, e-mailadres""",
    "job_title": """job title, title, position, role, job, business title, job profile,
        stellenbezeichnung, stelle, funktion, berufsbezeichnung, poste, intitule du poste,
        fonction, puesto, cargo, título del puesto, ruolo, mansione, qualifica, functie,
        functietitel""",
    "grade": """grade, level, job level, job grade, pay grade, band, seniority level, stufe,
        entgeltgruppe, tarifgruppe, niveau, échelon, nivel, grado, nível, livello, functieschaal,
        schaal""",
    "department": """department, department name, dept, organisation unit, organizational unit,
        org unit, unit, team, division, business unit, cost centre name, abteilung, bereich,
        organisationseinheit, département, service, direction, departamento, área, unidad,
        reparto, dipartimento, afdeling""",
    "manager_email": """manager email, manager e-mail, manager mail, manager's email,
        line manager email, supervisor email, reports to email, reports to, manager, boss, chef,
        line manager, supervisor, vorgesetzter, vorgesetzte, e-mail vorgesetzter,
        vorgesetzten e-mail, vorgesetzte e-mail, vorgesetzter e-mail, e-mail des vorgesetzten,
        führungskraft, e-mail führungskraft, email du manager,
        email du responsable, responsable, manager hiérarchique, correo del jefe,
        correo del responsable, email do gestor, gestor, email del responsabile, leidinggevende,
        e-mail leidinggevende""",
    "manager_external_id": """manager id, manager external id, manager employee id,
        manager number, supervisor id, line manager id, personalnummer vorgesetzter,
        matricule manager, matricule responsable, id responsable, id gestor,
        personeelsnummer leidinggevende""",
    "site": """site, location, office, work location, city, plant, standort, ort, arbeitsort, lieu,
        ville, lieu de travail, bureau, ubicación, oficina, ciudad, sede, localização, cidade,
        ufficio, locatie, vestiging, standplaats""",
    "time_zone": """time zone, timezone, tz, zeitzone, fuseau horaire, zona horaria, fuso horário,
        fuso orario, tijdzone""",
    "country": """country, country code, work country, country of work, holiday calendar, land,
        arbeitsland, feiertage, pays, pays de travail, país, país de trabajo, paese""",
    "languages": """language, languages, spoken languages, preferred language, sprache, sprachen,
        langue, langues, idioma, idiomas, lingua, lingue, língua, línguas, taal, talen""",
    "panels": """panels, panel, pay panels, promotion panels, gremien, comités, comités de carrière,
        paneles""",
    "joined_on": """joined on, join date, joined, hire date, hired on, start date, date of joining,
        employment start, entry date, eintrittsdatum, eintritt, einstellungsdatum,
        date d'entrée, date d'embauche, fecha de ingreso, fecha de alta, fecha de contratación,
        data de admissão, data di assunzione, datum in dienst, indiensttreding""",
    "status": """status, employment status, employee status, worker status, active, state,
        beschäftigungsstatus, aktiv, statut, actif, estado, activo, situação, stato""",
    "left_on": """left on, leave date, leaving date, end date, termination date, exit date,
        last day, austrittsdatum, austritt, date de sortie, date de départ, fecha de baja,
        fecha de salida, data de saída, data di cessazione, datum uit dienst, uitdiensttreding""",
}

# Never imported, whatever an organisation's file holds: people are not matched, shown or counted
# by any of this. Whole words of a title, in the same languages.
_NEVER_WORDS = """
    age ages ager alter edad idade eta leeftijd birth birthdate birthday dob born geburtsdatum
    geburtstag geboren naissance nacimiento nascimento nascita geboortedatum generation
    generacion geracao generazione generatie gender sex geschlecht sexe genre sexo genero sesso
    geslacht pronouns ethnicity ethnic race ethnie ethnizitat etnia raza raca etniciteit
    nationality nationalitat nationalite nacionalidad nacionalidade nazionalita nationaliteit
    religion religione religie disability behinderung handicap discapacidad deficiencia
    disabilita marital familienstand pregnancy performance rating appraisal potential leistung
    leistungsbeurteilung evaluation desempeno desempenho salary gehalt salaire salario loon
    salaris
"""
_NEVER = frozenset(_NEVER_WORDS.split())


def plain(title: str) -> str:
    """Return a title as it is compared: letters and digits alone, without case and accents."""
    return re.sub(r"[^a-z0-9]+", " ", searchable(title)).strip()


_MEANINGS = {
    plain(title).replace(" ", ""): field
    for field, titles in _TITLES.items()
    for title in [field, *titles.split(",")]
}


def is_never_imported(title: str) -> bool:
    """Tell whether a column holds what Contraflow must not know: age, gender, ratings ..."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", title)  # BirthDate, dateOfBirth
    return bool(_NEVER.intersection(plain(spaced).split()))


def checked_header(row: Row) -> list[str]:
    """Return the titles of the columns, or refuse a header in which one stands twice."""
    titles = [" ".join(cell.split())[:120] for cell in row.cells]
    counts = Counter(plain(title) or title for title in titles if title)
    for title in titles:
        if counts[plain(title) or title] > 1:
            raise Refusal(
                _("Line %(line)s: two columns are called “%(title)s”. Rename or delete one.")
                % {"line": figure(row.line), "title": title}
            )
    return titles


def header_key(titles: list[str]) -> str:
    """Return what a file's header is found by when the next file has the same one."""
    return hashlib.sha256("\n".join(map(plain, titles)).encode()).hexdigest()


def guessed_mapping(titles: list[str]) -> dict[str, str]:
    """Return title -> field for each column whose title is understood; each field once."""
    found: dict[str, str] = {}
    for title in titles:
        field = _MEANINGS.get(plain(title).replace(" ", ""))
        if field and field not in found.values() and not is_never_imported(title):
            found[title] = field
    return found


def why_not_map(titles: list[str], mapping: dict[str, str]) -> str | None:
    """Say what is wrong with a mapping, or None if rows can be read with it."""
    fields = Counter(mapping.values())
    for title, field in mapping.items():
        if title not in titles:
            return _("The file has no column “%(title)s”.") % {"title": title}
        if field not in FIELDS:
            return _("There is no field “%(field)s”. Choose from: %(fields)s.") % {
                "field": field,
                "fields": ", ".join(FIELDS),
            }
        if is_never_imported(title):
            return _("The column “%(title)s” is never imported.") % {"title": title}
        if fields[field] > 1:
            return _("Two columns are read as %(field)s. Choose one.") % {"field": FIELDS[field]}
    if "email" not in fields:
        return _("No column is read as the e-mail address. It is how people sign in, so choose it.")
    if "name" not in fields and not {"first_name", "last_name"} & set(fields):
        return _("No column is read as the name. Choose one, or first and last name.")
    return None
