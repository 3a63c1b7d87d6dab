"""Exports shaped exactly as ServiceNow, Jira, Zammad and GLPI write them: real headers, contents made up."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlmodel import col

from evidence.importer import ImportSummary, import_log
from evidence.mappings import load_mapping, remade
from models.database import reading
from models.evidence import Ticket, TicketInterval
from tests.evidence.workbooks import workbook

NOT_DATED = "tickets that are done without a time were done at their last update (1)"


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


def brought(engine: Engine, path: Path, mapping: str, **changes: str) -> ImportSummary:
    return import_log(engine, path, remade(load_mapping(mapping), changes))


def lives(engine: Engine) -> dict[str, list[str]]:
    """The states of each ticket with the group, in March 2026."""
    at = col(TicketInterval.started_at)
    statement = (
        select(col(Ticket.external_id), at, col(TicketInterval.state), col(TicketInterval.group_name))
        .join(Ticket, col(Ticket.id) == col(TicketInterval.ticket_id))
        .order_by(at, col(TicketInterval.id))
    )
    found: dict[str, list[str]] = {}
    with reading(engine) as session:
        for ticket, begun, state, group in session.execute(statement):
            found.setdefault(ticket, []).append(f"{begun:%d %H:%M} {state} {group}".strip())
    return found


def attributes(engine: Engine, ticket: str) -> tuple[str, ...]:
    """Customer, requester, service, request type, category and priority of a ticket."""
    with reading(engine) as session:
        row = session.execute(select(Ticket).where(col(Ticket.external_id) == ticket)).scalar_one()
        return row.customer, row.requester, row.service, row.request_type, row.category, row.priority


# ServiceNow: "Export > CSV" of the list of incidents names fields, "Export > Excel" labels; both have the
# columns that the list shows, and write times as whoever exported it has chosen, in that person's zone.
SERVICENOW_CSV = (
    '"number","opened_at","short_description","caller_id","priority","state","category",'
    '"assignment_group","assigned_to","sys_updated_on","sys_updated_by"\r\n'
    '"INC0010007","2026-03-02 09:00:00","Café printer is out of paper, again","Ward 7","3 - Moderate",'
    '"Closed","Hardware","Service Desk","Technician 1","2026-03-02 15:00:00","technician.1"\r\n'
    '"INC0010008","2026-03-02 09:30:00","Says ""not found""","Ward 8","1 - Critical","On Hold",'
    '"Inquiry / Help","Network","","2026-03-02 10:15:00","system"\r\n'
)


def test_servicenows_list_as_csv(engine: Engine, tmp_path: Path):
    path = tmp_path / "incident.csv"
    path.write_bytes(SERVICENOW_CSV.encode("cp1252"))
    summary = brought(engine, path, "servicenow", zone="Europe/Zurich")
    assert lives(engine) == {
        "INC0010007": ["02 08:00 new Service Desk", "02 14:00 closed Service Desk"],
        "INC0010008": ["02 08:30 new Network", "02 09:15 awaiting_user Network"],
    }
    assert attributes(engine, "INC0010007") == ("", "Ward 7", "", "", "Hardware", "3")
    assert {"the text is not UTF-8 and is read as cp1252", NOT_DATED} <= set(summary.assumed)
    assert "times name no zone and are read in Europe/Zurich" in summary.assumed


@pytest.mark.parametrize(
    ("opened", "resolved", "told"),
    [
        ("13/03/2026 09:00:00", "13/03/2026 15:00:00", "%d/%m/%Y %H:%M:%S"),
        ("13-03-2026 09:00:00", "13-03-2026 15:00:00", "%d-%m-%Y %H:%M:%S"),
        ("13.03.2026 09:00", "13.03.2026 15:00", "%d.%m.%Y %H:%M"),
        ("03/13/2026 09:00:00 AM", "03/13/2026 03:00:00 PM", "%m/%d/%Y %I:%M:%S %p"),
    ],
)
def test_servicenows_times_as_a_person_likes_them(
    engine: Engine, tmp_path: Path, opened: str, resolved: str, told: str
):
    path = tmp_path / "incident.csv"
    row = f'"INC0010009","{opened}","Resolved","{resolved}","","Hospital"\r\n'
    path.write_text('"number","opened_at","incident_state","resolved_at","closed_at","company"\r\n' + row)
    summary = brought(engine, path, "servicenow")
    assert lives(engine) == {"INC0010009": ["13 09:00 new", "13 15:00 resolved"]}
    assert f"times are written as {told}, as the first rows show" in summary.assumed


def test_servicenows_list_as_a_workbook_has_labels(engine: Engine, tmp_path: Path):
    path = workbook(
        tmp_path / "incident.xlsx",
        ("Number", "Opened", "Short description", "Caller", "Priority", "State", "Category",
         "Assignment group", "Assigned to", "Updated", "Updated by", "Resolved", "Company"),
        ("INC0010010", 46083.375, "Printer", "Ward 7", "2 - High", "Resolved", "Hardware",
         "Service Desk", "Technician 1", 46083.625, "technician.1", 46083.625, "Hospital"),
    )  # fmt: skip
    brought(engine, path, "servicenow")
    assert lives(engine) == {"INC0010010": ["02 09:00 new Service Desk", "02 15:00 resolved Service Desk"]}
    assert attributes(engine, "INC0010010") == ("Hospital", "Ward 7", "", "", "Hardware", "2")


def shown(value: str, display: str, link: str = "") -> dict[str, str]:
    """A field as ServiceNow's table interface gives it with sysparm_display_value=all."""
    return {"display_value": display, "value": value} | ({"link": link} if link else {})


def audited(at: str, field: str, old: str, new: str) -> dict[str, str]:
    """A row of sys_audit."""
    return {
        "sys_created_on": at,
        "tablename": "incident",
        "fieldname": field,
        "documentkey": "9d385017c611228701d22104cc95c371",
        "oldvalue": old,
        "newvalue": new,
        "user": "technician.1",
    }


def test_servicenows_audit_log(engine: Engine, tmp_path: Path):
    desk, network = "d625dccec0a8016700a222a0f7900d06", "287ebd7da9fe198100f92cc8d1d2154e"
    told = {
        "number": shown("INC0010011", "INC0010011"),
        "state": shown("6", "Resolved"),
        "opened_at": shown("2026-03-02 08:00:00", "02/03/2026 09:00:00"),
        "priority": shown("2", "2 - High"),
        "company": shown("31bea3d53790200044e0bfc8bcbe5dec", "Hospital", "https://example.com/company"),
        "caller_id": shown("681ccaf9c0a8016400b98a06818d57c7", "Ward 7", "https://example.com/user"),
        "assignment_group": shown(network, "Network", "https://example.com/group"),
        "business_service": "",
        "category": shown("network", "Network"),
        "audit": [
            audited("2026-03-02 14:00:00", "state", "2", "6"),
            audited("2026-03-02 14:00:00", "close_code", "", "Solved (Permanently)"),
            audited("2026-03-02 10:00:00", "assignment_group", desk, network),
            audited("2026-03-02 09:00:00", "state", "1", "2"),
        ],
    }
    path = tmp_path / "incidents.jsonl"
    path.write_text(json.dumps(told) + "\n")
    brought(engine, path, "servicenow-audit")
    assert lives(engine) == {
        "INC0010011": [
            f"02 08:00 new {desk}",
            f"02 09:00 in_progress {desk}",
            f"02 10:00 in_progress {network}",
            f"02 14:00 resolved {network}",
        ]
    }
    assert attributes(engine, "INC0010011") == ("Hospital", "Ward 7", "", "", "network", "2")


# Jira: "Export CSV (all fields)". Columns with several values repeat their name, as many times as the issue
# with the most of them has values; a comment is "time;author;text" and may have lines.
JIRA_HEADER_LINE = (
    "Summary,Issue key,Issue id,Issue Type,Status,Project key,Project name,Project type,Project lead,"
    "Project description,Project url,Priority,Resolution,Assignee,Reporter,Creator,Created,Updated,"
    "Last Viewed,Resolved,Fix versions,Components,Components,Due date,Votes,Labels,Description,Environment,"
    "Watchers,Watchers,Original Estimate,Remaining Estimate,Time Spent,Work Ratio,Σ Original Estimate,"
    "Σ Remaining Estimate,Σ Time Spent,Security Level,Attachment,Custom field (Organizations),"
    "Custom field (Organizations),Custom field (Request Type),Sprint,"
    "Custom field ([CHART] Date of First Response),Comment,Comment,Parent,Parent key,Parent summary,"
    "Status Category,Status Category Changed"
)
JIRA_HEADER = next(csv.reader([JIRA_HEADER_LINE]))
JIRA_ISSUE = {
    "Summary": "Printer, second floor",
    "Issue key": "SD-101",
    "Issue id": "10402",
    "Issue Type": "[System] Incident",
    "Status": "Resolved",
    "Project key": "SD",
    "Project name": "Service Desk",
    "Priority": "High",
    "Resolution": "Done",
    "Reporter": "Ward 7",
    "Created": "15/Mar/26 9:00 AM",
    "Updated": "16/Mar/26 10:20 AM",
    "Resolved": "15/Mar/26 3:00 PM",
    "Components": "Printing",
    "Custom field (Organizations)": "Hospital",
    "Custom field (Request Type)": "Report broken hardware",
    "Custom field ([CHART] Date of First Response)": "15/Mar/26 9:20 AM",
    "Comment": "15/Mar/26 9:20 AM;technician.1;Which printer?\nThe one by the window?",
    "Parent": "10001",
    "Parent key": "SD-1",
    "Status Category": "Done",
    "Status Category Changed": "15/Mar/26 3:00 PM",
}


def jira_row(told: dict[str, str]) -> list[str]:
    """The cells of an issue: of columns that repeat, the first has the value."""
    return [
        told.get(name, "") if name not in JIRA_HEADER[:place] else ""
        for place, name in enumerate(JIRA_HEADER)
    ]


def test_jiras_csv_of_all_fields(engine: Engine, tmp_path: Path):
    path = tmp_path / "Jira Export CSV (all fields) 20260316.csv"
    open_issue = {"Issue key": "SD-102", "Status": "Waiting for customer", "Resolved": "", "Comment": ""}
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([JIRA_HEADER, jira_row(JIRA_ISSUE), jira_row(JIRA_ISSUE | open_issue)])
    summary = brought(engine, path, "jira-csv")
    assert lives(engine) == {
        "SD-101": ["15 09:00 new", "15 09:20 in_progress", "15 15:00 resolved"],
        "SD-102": ["15 09:00 new", "15 09:20 in_progress", "16 10:20 awaiting_user"],
    }
    assert attributes(engine, "SD-101") == (
        "Hospital", "Ward 7", "Printing", "Report broken hardware", "", "High",
    )  # fmt: skip
    assert {"the text is UTF-8", "times are written as %d/%b/%y %I:%M %p, as the first rows show"} <= set(
        summary.assumed
    )
    assert summary.rejected == 0 and brought(engine, path, "jira-csv").new_intervals == 0


def jira_change(created: str, field: str, old: str | None, new: str) -> dict[str, Any]:
    item = {"field": field, "fieldtype": "jira", "fieldId": field, "from": "1", "fromString": old}
    return {
        "id": "10230",
        "author": {"accountId": "5b10a2844c20165700ede21g", "displayName": "Technician 1"},
        "created": created,
        "items": [item | {"to": "2", "toString": new}],
    }


def jira_search(changes: list[dict[str, Any]], total: int) -> dict[str, Any]:
    """A page of GET /rest/api/3/search/jql with expand=changelog."""
    told = {
        "expand": "operations,versionedRepresentations,editmeta,changelog,renderedFields",
        "id": "10402",
        "key": "SD-101",
        "fields": {
            "status": {"name": "Waiting for customer", "statusCategory": {"id": 4, "key": "indeterminate"}},
            "priority": {"name": "High", "id": "2"},
            "created": "2026-03-15T10:00:30.000+0100",
            "project": {"id": "10000", "key": "SD", "name": "Service Desk", "projectTypeKey": "service_desk"},
            "reporter": {"accountId": "qm:1", "displayName": "Ward 7"},
            "issuetype": {"name": "[System] Incident", "subtask": False},
            "components": [{"id": "1", "name": "Printing"}, {"id": "2", "name": "Network"}],
            "labels": ["printer", "floor-2"],
            "customfield_10002": [{"id": "1", "name": "Hospital"}],
        },
        "changelog": {"startAt": 0, "maxResults": 100, "total": total, "histories": changes},
    }
    return {"issues": [told], "nextPageToken": "CAEaAggD", "isLast": False}


JIRA_CHANGES = [
    jira_change("2026-03-15T12:00:00.000+0100", "status", "In Progress", "Waiting for customer"),
    jira_change("2026-03-15T10:20:30.000+0100", "status", "Waiting for support", "In Progress"),
    jira_change("2026-03-15T10:05:00.000+0100", "priority", "Low", "High"),
]


def test_jiras_search_with_its_changelog(engine: Engine, tmp_path: Path):
    path = tmp_path / "search.json"
    path.write_text(json.dumps(jira_search(JIRA_CHANGES, total=3)))
    mapping = load_mapping("jira").with_customer("fields.customfield_10002")
    import_log(engine, path, mapping)
    assert lives(engine) == {
        "SD-101": ["15 09:00 new", "15 09:05 new", "15 09:20 in_progress", "15 11:00 awaiting_user"]
    }
    assert attributes(engine, "SD-101") == (
        "Hospital", "Ward 7", "Printing", "[System] Incident", "printer", "Low",
    )  # fmt: skip


def test_a_changelog_that_jira_cut_short_is_set_aside(engine: Engine, tmp_path: Path):
    path = tmp_path / "search.json"
    path.write_text(json.dumps(jira_search(JIRA_CHANGES, total=131)))
    summary = brought(engine, path, "jira")
    assert summary.rejected_first == [(1, "changelog.histories", "only 3 of its 131 changes are in the file")]
    assert summary.new_tickets == 0


def zammad_change(created: str, kind: str, **told: Any) -> dict[str, Any]:
    """An entry of GET /api/v1/ticket_history/{id}."""
    return {
        "id": 7,
        "o_id": 22,
        "object": "Ticket",
        "type": kind,
        "created_by_id": 3,
        "created_at": created,
    } | told


def test_zammads_ticket_with_its_history(engine: Engine, tmp_path: Path):
    told = {
        "id": 22,
        "number": "22022",
        "title": "Need more information!",
        "group_id": 2,
        "group": "2nd Level",
        "state_id": 4,
        "state": "closed",
        "priority_id": 3,
        "priority": "3 high",
        "organization_id": 7,
        "organization": "Hospital",
        "customer_id": 10,
        "customer": "ward7@hospital.example",
        "owner": "-",
        "type": None,
        "first_response_at": "2026-03-02T09:20:00.790Z",
        "close_at": "2026-03-02T15:00:00.113Z",
        "created_at": "2026-03-02T09:00:00.759Z",
        "updated_at": "2026-03-02T15:00:00.809Z",
        "preferences": {},
        "article_ids": [30],
        "history": [
            zammad_change("2026-03-02T09:00:00.761Z", "created"),
            zammad_change("2026-03-02T09:00:00.790Z", "created", object="Ticket::Article", related_o_id=22),
            zammad_change("2026-03-02T09:20:00.801Z", "updated", attribute="state", id_from=1, id_to=2,
                          value_from="new", value_to="open"),
            zammad_change("2026-03-02T10:00:00.801Z", "updated", attribute="group", id_from=1, id_to=2,
                          value_from="Service Desk", value_to="2nd Level"),
            zammad_change("2026-03-02T15:00:00.801Z", "updated", attribute="state", id_from=2, id_to=4,
                          value_from="open", value_to="closed"),
        ],
    }  # fmt: skip
    path = tmp_path / "tickets.json"
    path.write_text(json.dumps([told]))
    brought(engine, path, "zammad")
    assert lives(engine) == {
        "22022": [
            "02 09:00 new Service Desk",
            "02 09:20 in_progress Service Desk",
            "02 10:00 in_progress 2nd Level",
            "02 15:00 closed 2nd Level",
        ]
    }
    assert attributes(engine, "22022") == ("Hospital", "ward7@hospital.example", "", "", "", "3")


# Zammad's report as a workbook: a title, an empty row, the table, an empty row, the zone of its times.
ZAMMAD_REPORT = (
    ("2026-3",),
    (),
    ("#", "Title", "State", "Priority", "Group", "Owner", "Customer", "Organization", "Create Channel",
     "Sender", "Tags", "Time Units Total", "Created At", "Updated At", "Closed At", "Close Escalation At",
     "Close In Min", "Close Diff In Min", "First Response At"),
    ("22022", "Help me!", "closed", "2 normal", "Service Desk", "Technician 1", "Ward 7", "Hospital",
     "email", "Customer", "", "", 46083.375, 46083.625, 46083.625, "", "", "", 46083.390625),
    (),
    ("Timezone: Europe/Berlin",),
)  # fmt: skip


def test_zammads_report_names_its_columns_below_a_title(engine: Engine, tmp_path: Path):
    path = workbook(tmp_path / "tickets-2026-3.xlsx", *ZAMMAD_REPORT)
    summary = brought(engine, path, "zammad-tickets", zone="Europe/Berlin")
    assert lives(engine) == {
        "22022": [
            "02 08:00 new Service Desk",
            "02 08:22 in_progress Service Desk",
            "02 14:00 closed Service Desk",
        ]
    }
    assert attributes(engine, "22022") == ("Hospital", "Ward 7", "", "", "", "2")
    assert "the columns are named in row 3" in summary.assumed
    assert summary.rejected_first == [(6, "Created At", "no Created At")], "the zone below the table"


# GLPI 10 ends each cell with the delimiter, the last one too; GLPI 11 does not, and ends lines with CR LF.
# Numbers are followed by their unit, which a ticket's number has none of, and may be set apart by spaces.
GLPI_HEADER = (
    '"ID";"Title";"Entity";"Status";"Last update";"Opening date";"Priority";"Requester - Requester";'
    '"Assigned to - Technician";"Assigned to - Technician group";"Category";"Type";"Resolution date";'
    '"Closing date"'
)
GLPI_ROW = (
    '"1\u00a0234 ";"Printer; second floor";"Root entity > Hospital";"Processing (assigned)";'
    '"2026-03-02 09:30";"2026-03-02 09:00";"Very high";"Ward 7";"Technician 1";"Service Desk";'
    '"Hardware > Printer";"Incident";"";""'
)


@pytest.mark.parametrize("ending", [";\n", "\r\n"], ids=["GLPI 10", "GLPI 11"])
def test_glpis_list_of_tickets(engine: Engine, tmp_path: Path, ending: str):
    path = tmp_path / "glpi.csv"
    path.write_bytes(f"\ufeff{GLPI_HEADER}{ending}{GLPI_ROW}{ending}".encode())
    summary = brought(engine, path, "glpi")
    assert lives(engine) == {"1234": ["02 09:00 new Service Desk", "02 09:30 in_progress Service Desk"]}
    assert attributes(engine, "1234") == (
        "Root entity > Hospital", "Ward 7", "", "Incident", "Hardware > Printer", "Very high",
    )  # fmt: skip
    assert summary.rejected == 0 and "cells are separated by ';'" in summary.assumed


def test_glpis_numbers_as_another_person_likes_them_are_the_same_tickets(engine: Engine, tmp_path: Path):
    for name, number in (("a", "1\u00a0234 "), ("b", "1,234"), ("c", "1 234"), ("d", "1234")):
        row = GLPI_ROW.replace("1\u00a0234 ", number)
        (tmp_path / f"{name}.csv").write_text(f"{GLPI_HEADER}\n{row}\n", "utf-8")
        brought(engine, tmp_path / f"{name}.csv", "glpi")
    assert list(lives(engine)) == ["1234"]
