"""One agreement's life, from its requirements to its second version in force, through public doors only."""

from datetime import date
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from config.clock import now
from mail.mailbox import MailboxLetter
from tests.cli.command_line import Slm
from tests.scenes.doors import Post, link_in, on, on_one_line, program, sign, to, words
from tests.scenes.granite_works import (
    HEAD,
    HEAD_ADDRESS,
    MANAGER,
    MANAGER_ADDRESS,
    OWNER,
    OWNER_ADDRESS,
    REFERENCE,
    USER,
    USER_ADDRESS,
    Morning,
    write_agreement,
    write_tickets,
)

_HOUR = 3600


def test_an_agreement_lives_from_its_requirements_to_its_second_version(
    slm: Slm, database: Path, post: Post, browser: TestClient, tmp_path: Path
) -> None:
    story = _Story(slm, post, browser, tmp_path)
    story.march_2nd_requirements_are_written_and_the_trial_starts()
    story.march_27th_the_trial_shows_that_a_target_does_not_hold()
    story.march_27th_the_counter_offer_is_offered()
    story.march_30th_both_sides_sign_by_letter()
    story.april_27th_the_customer_is_asked_how_satisfied_it_is()
    story.may_6th_the_period_closes_and_the_review_finds_a_missed_target()
    story.may_6th_renegotiation_leads_to_a_second_trial()
    story.june_3rd_the_second_version_is_offered_and_signed()
    story.june_5th_may_is_judged_by_the_version_that_was_in_force_then()
    story.the_audit_trail_is_whole()


class _Story:
    def __init__(self, slm: Slm, post: Post, browser: TestClient, folder: Path) -> None:
        self.slm, self.post, self.browser, self.folder = slm, post, browser, folder
        self.days: list[tuple[date, date, tuple[Morning, ...]]] = []

    def shown(self) -> Any:
        return self.slm.tells("show", REFERENCE)

    def stage(self) -> str:
        return str(self.shown()["stage"])

    def import_tickets(self, first: date, last: date, *mornings: Morning) -> Any:
        """Import what has happened on these days, and what has happened since to the tickets before them."""
        self.days.append((first, last, mornings))
        for first_day, last_day, of_day in self.days:
            path = self.folder / f"{first_day}.csv"
            log = write_tickets(path, first_day, last_day, *of_day, until=now())
            told = self.slm.tells("import", log, "--mapping", "sample")
            assert told["rejected"] == 0
        return told

    def march_2nd_requirements_are_written_and_the_trial_starts(self) -> None:
        with on(3, 2):
            document = write_agreement(self.folder / "granite.yaml", settled=False)
            assert "its stage is requirements" in self.slm.does("apply", document, "--by", MANAGER)
            refused = self.slm.refuses("advance", REFERENCE, "start_trial", "--by", MANAGER)
            assert 'requirement "Urgent faults are mended the same day" is not settled' in refused
            assert 'requirement "Other faults within three days" is not settled' in refused
            assert self.stage() == "requirements"

            write_agreement(document, settled=True)
            self.slm.does("apply", document, "--by", MANAGER)
            moved = self.slm.does("advance", REFERENCE, "start_trial", "--by", MANAGER)
            assert moved == f"{REFERENCE}: start_trial: requirements -> trial_run\n"
            self.slm.does("tick")

            (trial,) = self.shown()["trials"]
            assert (trial["from"], trial["to"]) == ("2026-03-02T09:00:00+00:00", "2026-03-23T09:00:00+00:00")
            assert [row["needed"] for row in trial["targets"]] == [29, 29]
            letters = self.post.comes()
            for address in (OWNER_ADDRESS, HEAD_ADDRESS):
                assert "90 % of priority 2 tickets resolved within 8 h" in words(to(letters, address, "rial"))

    def march_27th_the_trial_shows_that_a_target_does_not_hold(self) -> None:
        with on(3, 20):
            self.slm.does("tick")
            refused = self.slm.refuses("advance", REFERENCE, "offer", "--by", MANAGER)
            assert "the trial is not concluded" in refused
        with on(3, 27):
            self.import_tickets(
                date(2026, 3, 2), date(2026, 3, 26), Morning("2", (3, 6, 11)), Morning("3", (4, 10, 16))
            )
            assert f"{REFERENCE}: trial concluded" in self.slm.does("tick")
            (trial,) = self.shown()["trials"]
            p2, p3 = trial["targets"]
            assert (p2["verdict"], p2["known"], p2["hits"]) == ("not met", 45, 30)
            assert p2["counter_offer"] == {"threshold_s": 11 * _HOUR, "objective": 0.9}
            assert (p3["verdict"], p3["known"], p3["hits"]) == ("met", 45, 45)
            told = words(to(self.post.comes(), MANAGER_ADDRESS, "Trial run concluded"))
            assert "not met: 30 of 45 tickets kept it" in told
            assert "the evidence supports: 90 % within 11 h" in told

    def march_27th_the_counter_offer_is_offered(self) -> None:
        with on(3, 27, 10):
            refused = self.slm.refuses("advance", REFERENCE, "offer", "--by", MANAGER)
            assert "target P2: not met; adopt the counter-offer (90 % within 11 h)" in refused
            adopted = self.slm.does("targets", "adopt", REFERENCE, "P2", "--by", MANAGER)
            assert on_one_line(adopted) == f"{REFERENCE}: P2: 90 % of priority 2 tickets resolved within 11 h"
            self.slm.does("advance", REFERENCE, "offer", "--by", MANAGER)
            self.slm.does("tick")
            assert self.stage() == "signing"
            waiting = self.slm.tells("approvals")
            assert {(row["person"], row["state"]) for row in waiting} == {(HEAD, "open"), (OWNER, "open")}

    def march_30th_both_sides_sign_by_letter(self) -> None:
        letters = self.post.comes()
        promise = "90 % of priority 2 tickets resolved within 11 h"
        with on(3, 30):
            page = sign(self.browser, to(letters, HEAD_ADDRESS, "Please sign"), HEAD, promise)
            assert HEAD in page
            assert self.stage() == "signing"
            self._a_letter_read_by_somebody_else_signs_nothing(to(letters, OWNER_ADDRESS, "Please sign"))
            page = sign(self.browser, to(letters, OWNER_ADDRESS, "Please sign"), OWNER, promise)
            assert OWNER in page
        with on(3, 30, 12):
            told = self.shown()
            (version,) = told["versions"]
            assert (told["stage"], version["status"]) == ("monitoring", "in force")
            assert version["sha256"] and version["in_force_from"] == "2026-03-30T09:00:00+00:00"
            assert self.slm.tells("approvals") == []
            self._a_used_link_shows_the_decision(to(letters, OWNER_ADDRESS, "Please sign"))
            self.slm.does("tick")
            letters = self.post.comes()
            for address in (OWNER_ADDRESS, HEAD_ADDRESS):
                assert promise in words(to(letters, address, "igned"))

    def _a_letter_read_by_somebody_else_signs_nothing(self, letter: MailboxLetter) -> None:
        same_origin = {"Sec-Fetch-Site": "same-origin"}
        wrong = {"answer": "approve", "name": "Somebody else"}
        page = self.browser.post(link_in(letter), data=wrong, headers=same_origin)
        assert page.status_code == 422 and "type the full name" in page.text
        elsewhere = {"answer": "approve", "name": OWNER}
        page = self.browser.post(link_in(letter), data=elsewhere, headers={"Sec-Fetch-Site": "cross-site"})
        assert page.status_code == 403
        assert self.stage() == "signing"

    def _a_used_link_shows_the_decision(self, letter: MailboxLetter) -> None:
        page = self.browser.get(link_in(letter))
        assert page.status_code == 200 and 'name="answer"' not in page.text
        again = self.browser.post(link_in(letter), data={"answer": "decline", "name": OWNER, "reason": "no"})
        assert again.status_code == 409
        assert self.stage() == "monitoring"

    def april_27th_the_customer_is_asked_how_satisfied_it_is(self) -> None:
        with on(4, 27):
            assert "asked about the service" in self.slm.does("tick")
            letters = self.post.comes()
        with on(4, 28):
            for address, name, rating in ((OWNER_ADDRESS, OWNER, "4"), (USER_ADDRESS, USER, "2")):
                path = link_in(to(letters, address, "How satisfied are you"))
                page = self.browser.get(path)
                assert page.status_code == 200 and 'name="overall"' in page.text
                sent = {"overall": rating, "speed": rating, "comment": "It takes days.", "initials": name}
                thanks = self.browser.post(path, data=sent, headers={"Sec-Fetch-Site": "same-origin"})
                assert thanks.status_code == 200 and 'name="overall"' not in thanks.text
            survey = self.shown()["surveys"][-1]
            assert survey["verdict"] is None

    def may_6th_the_period_closes_and_the_review_finds_a_missed_target(self) -> None:
        with on(5, 6):
            self.import_tickets(
                date(2026, 3, 27), date(2026, 5, 5), Morning("2", (6, 19, 25)), Morning("3", (4, 10, 16))
            )
            done = self.slm.does("tick")
            assert "30 March 2026 to 30 April 2026 assessed" in done and "review begun" in done
            told = self.shown()
            assert told["stage"] == "review"
            p2, p3 = told["assessments"]
            assert (p2["target"], p2["version"], p2["verdict"]) == ("P2", 1, "not met")
            assert (p3["target"], p3["verdict"], p3["hits"]) == ("P3", "met", p3["known"])
            assert (told["surveys"][-1]["known"], told["surveys"][-1]["hits"]) == (2, 1)
            (review,) = told["reviews"]
            assert (review["recommendation"], review["decision"]) == ("renegotiate", "")
            assert any(finding.startswith("P2: ") for finding in review["findings"])
            self._the_customer_reads_its_report(self.post.comes())

    def _the_customer_reads_its_report(self, letters: list[MailboxLetter]) -> None:
        report = to(letters, OWNER_ADDRESS, "Your service report")
        assert "90 % of priority 2 tickets resolved within 11 h" in words(report)
        assert "Not kept: P2." in words(report)
        page = self.browser.get(link_in(report))
        assert page.status_code == 200 and "Not kept: P2." in page.text
        assert to(letters, MANAGER_ADDRESS, "eview")

    def may_6th_renegotiation_leads_to_a_second_trial(self) -> None:
        with on(5, 6, 10):
            refused = self.slm.refuses("advance", REFERENCE, "propose_revision", "--by", MANAGER)
            assert "is in review: propose_revision is not possible there" in refused
            self.slm.does("advance", REFERENCE, "renegotiate", "--by", MANAGER)
            blocked = program(self.browser, self._api("advance"), {"trigger": "propose_revision"})
            assert blocked.status_code == 409
            (reason,) = blocked.json()["reasons"]
            assert "the draft does not differ from the version in force" in reason
            (task,) = self.shown()["actions"]
            assert (task["kind"], task["target"], task["state"]) == ("revision", "P2", "open")

            self.slm.does("targets", "adopt", REFERENCE, "P2", "--by", MANAGER)
            moved = program(self.browser, self._api("advance"), {"trigger": "propose_revision"})
            assert moved.status_code == 200 and moved.json()["stage"] == "trial_run"
            self.slm.does("tick")
            told = self.shown()
            assert [row["status"] for row in told["versions"]] == ["in force", "draft"]
            p2 = told["versions"][1]["targets"][0]
            assert (p2["threshold_s"], p2["objective"]) == (task["offer"]["threshold_s"], 0.9)
            assert p2["threshold_s"] > 11 * _HOUR
            letter = to(self.post.comes(), MANAGER_ADDRESS, "Target to be revised")
            assert "the evidence supports 90 % within" in words(letter)

    def _api(self, what: str = "") -> str:
        return f"/api/agreements/{REFERENCE}" + (f"/{what}" if what else "")

    def june_3rd_the_second_version_is_offered_and_signed(self) -> None:
        with on(6, 2):
            self.import_tickets(
                date(2026, 5, 6), date(2026, 6, 1), Morning("2", (6, 12, 19)), Morning("3", (4, 10, 16))
            )
            assert "trial concluded" in self.slm.does("tick")
            assert [row["verdict"] for row in self.shown()["trials"][1]["targets"]] == ["met", "met"]
            self.slm.does("advance", REFERENCE, "offer", "--by", MANAGER)
            self.slm.does("tick", "--only", "mail")
        letters = self.post.comes()
        with on(6, 3):
            asked = to(letters, OWNER_ADDRESS, "Please sign")
            assert "What changes from the version in force" in words(asked)
            assert "instead of 90 % of priority 2 tickets resolved within 11 h" in words(asked)
            sign(self.browser, to(letters, OWNER_ADDRESS, "Please sign"), OWNER, "priority 2 tickets")
            sign(self.browser, to(letters, HEAD_ADDRESS, "Please sign"), HEAD, "priority 2 tickets")
            told = program(self.browser, self._api()).json()
            first, second = told["versions"]
            assert told["stage"] == "monitoring"
            assert (first["status"], second["status"]) == ("superseded", "in force")
            assert first["in_force_until"] == second["in_force_from"] == "2026-06-03T09:00:00+00:00"
            assert first["sha256"] != second["sha256"]
            assert [row["state"] for row in told["actions"]] == ["done"]

    def june_5th_may_is_judged_by_the_version_that_was_in_force_then(self) -> None:
        with on(6, 5):
            assert "May 2026 assessed" in self.slm.does("tick")
            told = self.shown()
            may = [row for row in told["assessments"] if row["from"].startswith("2026-05-01")]
            assert {(row["target"], row["version"]) for row in may} == {("P2", 1), ("P3", 1)}
            assert told["stage"] == "monitoring"
            assert [move["trigger"] for move in told["history"]] == [
                *("start_trial", "offer", "sign", "begin_review"),
                *("renegotiate", "propose_revision", "offer", "sign"),
            ]

    def the_audit_trail_is_whole(self) -> None:
        assert self.slm.does("audit", "verify").endswith("events of 1 agreements: every chain is whole\n")
