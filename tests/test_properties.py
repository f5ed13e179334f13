"""What holds for every document, every law and every instant."""

import json
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Any

import msgspec
from hypothesis import assume, given
from hypothesis import strategies as st

from gate import Asking, Decision, check
from gate.decide import Outcome, Question, below, decide, evaluate
from gate.decision import GRAVITY, Period, Reason, verdict
from gate.law import Clause, Law
from gate.read import read
from gate.subject import Act
from gate.timeline import course, timeline
from gate.waiver import Grant
from policy.dates import DAY, Moment, Span, is_before, is_earlier_day
from policy.roles import ROLE_IMPLIES, Role
from policy.vocabulary import Act as ActWord
from policy.vocabulary import Category, Position, Purpose
from tests import strategies as made

PROFILES = ("us-company", "us-federal-contractor", "us-fcc-subsidy-recipient", "nl-central-government", "de-company")

profiles = st.sampled_from(PROFILES)


def judged(
    document: made.Json, law: Law, *, now: datetime = made.FAR, profile: str | None = None, **asking: Any
) -> Decision:
    """The decision on a document, as the library gives it."""
    subject = read(json.dumps(document).encode(), "document.json", now=now)
    chosen = law.profiles[profile] if profile else None
    return check(subject, law, Asking(now=now, profile=chosen, **{"allow_past": True, **asking}))


def of_law(reasons: Iterable[Reason]) -> list[Reason]:
    """The reasons that the law gives, without the gate's own."""
    return [reason for reason in reasons if not reason.code.startswith("gate/")]


def severity(decision: Decision) -> int:
    """How grave the law's reasons are: the less the graver."""
    return min((GRAVITY[reason.effect] for reason in of_law(decision.reasons)), default=len(GRAVITY))


def essence(decision: Decision) -> object:
    """What a decision says, wherever in the document it found it."""
    said = {
        (r.code, r.effect, r.act, r.missing, frozenset(c.fingerprint for c in r.components)) for r in decision.reasons
    }
    return decision.decision, decision.review, said


def value_at(timeline: Iterable[Period], moment: Moment) -> str:
    """What a timeline says about a moment."""
    periods = [p for p in timeline if p.starts is None or not is_before(moment, p.starts)]
    return periods[-1].decision


def edges(law: Law) -> list[datetime]:
    """Every instant at which some clause begins or ends."""
    return sorted({e for c in law.clauses for e in (c.interval.starts, c.interval.ends) if e is not None})


def shuffled(value: Any, random: Random) -> Any:
    """The same JSON with its keys in another order."""
    if isinstance(value, dict):
        keys = list(value)
        random.shuffle(keys)
        return {key: shuffled(value[key], random) for key in keys}
    return [shuffled(one, random) for one in value] if isinstance(value, list) else value


class TestMoreNeverMakesItMilder:
    """Design 4: "Verdict: deny if any reason is deny or review, else allow" - so what is added can only add reasons."""

    @given(made.boms(), made.components(), profiles, st.data())
    def test_one_more_component_never_makes_what_the_law_says_milder(
        self, law: Law, document: made.Json, more: made.Json, profile: str, data: st.DataObject
    ) -> None:
        place = data.draw(st.integers(0, len(document["components"])))
        parts = [*document["components"][:place], more, *document["components"][place:]]
        now = data.draw(made.instants_about(edges(law)))
        before = judged(document, law, now=now, profile=profile)
        after = judged({**document, "components": parts}, law, now=now, profile=profile)
        assert severity(after) <= severity(before)
        assert {r.code for r in of_law(before.reasons)} <= {r.code for r in of_law(after.reasons)}

    @given(made.requests(), st.sampled_from(made.LINES))
    def test_one_more_line_never_makes_what_the_law_says_milder(
        self, law: Law, document: made.Json, more: made.Json
    ) -> None:
        after = judged({**document, "lines": [*document["lines"], more]}, law)
        assert severity(after) <= severity(judged(document, law))

    @given(made.requests(), st.sampled_from([role for role in Role if role is not Role.ANYONE]))
    def test_one_more_role_never_removes_a_deny(self, law: Law, document: made.Json, role: Role) -> None:
        denies = {(r.code, r.act) for r in judged(document, law).reasons if r.effect == "deny"}
        more = judged(document, law, roles=frozenset({role.value}))
        assert denies <= {(r.code, r.act) for r in more.reasons if r.effect == "deny"}

    @given(made.boms(), profiles, st.data())
    def test_knowing_less_never_adds_a_reason(
        self, law: Law, document: made.Json, profile: str, data: st.DataObject
    ) -> None:
        published = made.instants_about(clause.published for clause in law.clauses)
        early, late = sorted((data.draw(published), data.draw(published)))
        less = judged(document, law, profile=profile, known_at=early)
        more = judged(document, law, profile=profile, known_at=late)
        assert {(r.code, r.act, r.effect) for r in less.reasons} <= {(r.code, r.act, r.effect) for r in more.reasons}


class TestOrderChangesNothing:
    """Design 7: "reasons are ordered by effect, then code" and a fingerprint "does not depend on version or order"."""

    @given(made.boms(), profiles, st.randoms(use_true_random=False))
    def test_the_order_of_components_changes_nothing(
        self, law: Law, document: made.Json, profile: str, random: Random
    ) -> None:
        parts = list(document["components"])
        random.shuffle(parts)
        other = judged({**document, "components": parts}, law, profile=profile)
        assert essence(other) == essence(judged(document, law, profile=profile))

    @given(made.boms() | made.requests(), st.randoms(use_true_random=False))
    def test_the_order_of_keys_changes_nothing_but_the_digest(
        self, law: Law, document: made.Json, random: Random
    ) -> None:
        one, other = judged(document, law), judged(shuffled(document, random), law)
        assert msgspec.structs.replace(other, subject=one.subject) == one

    @given(made.boms() | made.requests(), st.randoms(use_true_random=False))
    def test_the_order_of_laws_changes_not_one_byte(self, law: Law, document: made.Json, random: Random) -> None:
        clauses = list(law.clauses)
        random.shuffle(clauses)
        names = list(law.vendors)
        random.shuffle(names)
        other = msgspec.structs.replace(
            law, clauses=tuple(clauses), vendors={name: law.vendors[name] for name in names}
        )
        assert msgspec.json.encode(judged(document, other)) == msgspec.json.encode(judged(document, law))

    @given(made.boms() | made.requests())
    def test_a_decision_made_twice_is_the_same_to_the_byte(self, law: Law, document: made.Json) -> None:
        one, other = judged(document, law), judged(document, law)
        assert one == other
        assert msgspec.json.encode(one) == msgspec.json.encode(other)


class TestTheTimelineIsTheDecision:
    """Design 7: "`timeline` shifts `as_of` over every date that matters to the matched clauses"."""

    @given(made.boms(), profiles, st.data())
    def test_an_sbom_judged_at_an_instant_gets_what_any_timeline_says_of_it(
        self, law: Law, document: made.Json, profile: str, data: st.DataObject
    ) -> None:
        about = made.instants_about(edges(law))
        here, there = data.draw(about), data.draw(about)
        periods = judged(document, law, profile=profile, as_of=here).timeline
        assert value_at(periods, there) == judged(document, law, profile=profile, as_of=there).decision

    @given(made.boms(), profiles, st.dates(date(2016, 1, 1), date(2026, 12, 1)), st.integers(-3000, 3000))
    def test_an_sbom_judged_for_a_day_gets_what_the_timeline_of_another_day_says_of_it(
        self, law: Law, document: made.Json, profile: str, day: date, days: int
    ) -> None:
        there = day + timedelta(days=days)
        periods = judged(document, law, profile=profile, as_of=day).timeline
        assert value_at(periods, there) == judged(document, law, profile=profile, as_of=there).decision

    @given(made.requests(), st.data())
    def test_a_request_moved_by_whole_days_gets_what_its_timeline_says(
        self, law: Law, document: made.Json, data: st.DataObject
    ) -> None:
        decision = judged(document, law)
        edge = data.draw(st.sampled_from([p.starts for p in decision.timeline]))
        if edge is not None and data.draw(st.booleans()):
            there = edge + timedelta(days=data.draw(st.integers(-2, 2)))
        else:
            there = decision.as_of + timedelta(days=data.draw(st.integers(-4000, 4000)))
        assert value_at(decision.timeline, there) == judged(document, law, as_of=there).decision

    @given(made.dated_laws(), st.booleans(), st.data())
    def test_exceptions_waivers_and_owners_change_it_where_they_begin_and_end(
        self, dated: Law, by_days: bool, data: st.DataObject
    ) -> None:
        day = made.SECOND.date()
        starts: Moment = day if by_days else made.SECOND
        length = data.draw(st.none() | st.integers(1, 30)) if by_days else None
        span = Span(starts, None if length is None else starts + timedelta(days=length))
        waived = Grant("W", ("law-0",), "head", "Head", "sec. 1", Span(day - 5 * DAY, day + 5 * DAY))
        grants = (waived,) if data.draw(st.booleans()) else ()
        asked = made.question(
            act=Act("use", span), grants=grants, vendor=data.draw(st.sampled_from(["acme", "parent"]))
        )

        def outcomes(by: timedelta) -> list[tuple[Question, Outcome]]:
            moved = msgspec.structs.replace(asked, act=Act("use", span.moved(by)))
            return [(moved, o) for o in decide(moved, dated) if isinstance(o, Outcome)]

        def answer(by: timedelta) -> str:
            return verdict({str(o.effect) for _, o in outcomes(by)}, "deny")[0]

        one = course(asked, [o for _, o in outcomes(timedelta(0))], dated, starts, by_days=by_days)
        periods = timeline([one], as_of=starts, standing=(), on_review="deny")
        if by_days:
            for by in (timedelta(days=days) for days in range(-60, 60)):
                assert value_at(periods, starts + by) == answer(by)
        else:
            for hours in range(-700, 700, 6):
                for by in (timedelta(hours=hours), timedelta(hours=hours) - made.MICROSECOND):
                    assert value_at(periods, starts + by) == answer(by)

    @given(made.boms() | made.requests())
    def test_the_decision_is_what_its_own_timeline_says(self, law: Law, document: made.Json) -> None:
        decision = judged(document, law, profile="us-company", now=made.SECOND)
        assert value_at(decision.timeline, decision.as_of) == decision.decision

    @given(made.boms() | made.requests())
    def test_a_timeline_begins_without_limit_and_says_nothing_twice(self, law: Law, document: made.Json) -> None:
        periods = judged(document, law, profile="us-federal-contractor").timeline
        assert [p.starts is None for p in periods] == [True] + [False] * (len(periods) - 1)
        assert all(one.decision != other.decision for one, other in pairwise(periods))
        starts = [p.starts for p in periods if p.starts is not None]
        assert all(is_before(one, other) for one, other in pairwise(starts))

    @given(made.requests())
    def test_a_request_dated_before_today_is_a_review_unless_the_past_is_allowed(
        self, law: Law, document: made.Json
    ) -> None:
        decision = judged(document, law, now=made.SECOND, allow_past=False)
        buys = not {"acquire", "renew"}.isdisjoint(document["acts"])
        if buys and is_earlier_day(decision.as_of, made.SECOND):  # other acts dated before today are one as well
            assert "gate/backdated" in {r.code for r in decision.reasons}


class TestTheVerdictIsTheReasons:
    """Design 4: "deny if any reason is deny or review, else allow"; a profile's `on_review` says what a review does."""

    @given(made.boms() | made.requests(), st.none() | profiles, st.sampled_from(["deny", "allow"]))
    def test_the_decision_follows_from_the_effects_of_its_reasons(
        self, law: Law, document: made.Json, profile: str | None, on_review: str
    ) -> None:
        decision = judged(document, law, profile=profile, on_review=on_review)
        effects = {reason.effect for reason in decision.reasons}
        assert decision.review == ("review" in effects and "deny" not in effects)
        if "deny" in effects:
            assert decision.decision == "deny"
        elif "review" in effects:
            assert decision.decision == on_review
        else:
            assert decision.decision == "allow"

    @given(made.boms() | made.requests(), st.none() | profiles)
    def test_reasons_are_ordered_by_effect_and_then_by_code(
        self, law: Law, document: made.Json, profile: str | None
    ) -> None:
        keys = [(GRAVITY[r.effect], r.code) for r in judged(document, law, profile=profile).reasons]
        assert keys == sorted(keys)

    @given(made.boms() | made.requests(), st.none() | profiles)
    def test_a_review_names_what_is_missing_or_its_law_leaves_it_open(
        self, law: Law, document: made.Json, profile: str | None
    ) -> None:
        open_ended = {clause.code for clause in law.clauses if clause.effect == "review"}
        for reason in judged(document, law, profile=profile).reasons:
            if reason.effect == "review":
                assert reason.missing or reason.code in open_ended
            assert (reason.spared_by is None) or reason.effect == "note"


class TestSiblingsGiveOneReason:
    """Design 7: "a file with 200 sibling packages of one vendor gives one reason, not 200"."""

    def test_two_hundred_packages_of_one_vendor_are_one_reason_with_two_hundred_components(self, law: Law) -> None:
        siblings = [
            {"type": "library", "name": f"part-{number}", "purl": f"pkg:npm/%40kaspersky/part-{number}@1"}
            for number in range(200)
        ]
        found = judged(made.sbom(*siblings), law, profile="us-federal-contractor").reasons
        by_question: dict[tuple[str, str | None], list[Reason]] = {}
        for reason in of_law(found):
            by_question.setdefault((reason.code, reason.act), []).append(reason)
        assert any(reason.effect == "deny" for reason in found)
        for (code, act), reasons in by_question.items():
            assert len(reasons) == 1, (code, act)
            assert len(reasons[0].components) == 200
            assert len({component.fingerprint for component in reasons[0].components}) == 200
            pointers = [component.pointer for component in reasons[0].components]
            assert pointers == [f"/components/{number}" for number in range(200)]

    @given(made.boms(max_size=8), profiles)
    def test_no_two_reasons_agree_in_all_but_their_components(
        self, law: Law, document: made.Json, profile: str
    ) -> None:
        reasons = judged(document, law, profile=profile).reasons
        bare = [msgspec.structs.replace(reason, components=()) for reason in reasons]
        assert len(set(bare)) == len(bare)

    @given(made.boms(), profiles)
    def test_a_fingerprint_does_not_depend_on_the_version(self, law: Law, document: made.Json, profile: str) -> None:
        def bumped(component: made.Json) -> made.Json:
            purl = component.get("purl", "")
            newer = {"purl": purl.rpartition("@")[0] + "@99"} if "@" in purl else {}
            return {**component, "version": "99", **newer}

        other = {**document, "components": [bumped(component) for component in document["components"]]}
        assert essence(judged(other, law, profile=profile)) == essence(judged(document, law, profile=profile))


class TestTheUnknownIsNeitherYesNorNo:
    """Design 4: conditions "combine as Kleene AND"; design 6: "What the request does not say is unknown, not no"."""

    @given(made.clauses(), st.sampled_from(ActWord))
    def test_unknown_roles_stand_for_any_roles(self, clause: Clause, act: ActWord) -> None:
        asked = made.question(act=Act(act.value, Span(made.SECOND)))
        each = [effect_of(msgspec.structs.replace(asked, roles=closed(role)), clause) for role in Role]
        agrees_with(effect_of(msgspec.structs.replace(asked, roles=None), clause), each, clause)

    @given(made.clauses())
    def test_an_unknown_act_stands_for_any_act(self, clause: Clause) -> None:
        asked = made.question(roles=frozenset(role.value for role in Role))
        each = [
            effect_of(msgspec.structs.replace(asked, act=Act(act.value, Span(made.SECOND))), clause) for act in ActWord
        ]
        unnamed = Act(None, Span(made.SECOND))
        agrees_with(effect_of(msgspec.structs.replace(asked, act=unnamed), clause), each, clause)

    @given(made.clauses(), st.sampled_from(Category))
    def test_a_general_category_stands_for_every_one_below_it(self, clause: Clause, category: Category) -> None:
        asked = fitting(clause)
        assume(leaves(category) != [category.value])
        each = [
            effect_of(msgspec.structs.replace(asked, categories=frozenset({leaf})), clause) for leaf in leaves(category)
        ]
        unknown = effect_of(msgspec.structs.replace(asked, categories=frozenset({category.value})), clause)
        agrees_with(unknown, each, clause)

    @given(made.clauses(), st.frozensets(st.sampled_from(Category), min_size=2, max_size=3))
    def test_categories_that_disagree_leave_it_open_which_is_meant(
        self, clause: Clause, categories: frozenset[Category]
    ) -> None:
        asked = fitting(clause)
        words = frozenset(category.value for category in categories)
        each = [effect_of(msgspec.structs.replace(asked, categories=frozenset({word})), clause) for word in words]
        agrees_with(effect_of(msgspec.structs.replace(asked, categories=words), clause), each, clause)

    @given(made.clauses())
    def test_no_category_at_all_stands_for_any(self, clause: Clause) -> None:
        asked = fitting(clause)
        each = [effect_of(msgspec.structs.replace(asked, categories=frozenset({leaf})), clause) for leaf in leaves()]
        agrees_with(effect_of(msgspec.structs.replace(asked, categories=frozenset()), clause), each, clause)

    @given(made.clauses())
    def test_unknown_purposes_stand_for_any(self, clause: Clause) -> None:
        asked = fitting(clause)
        each = [
            effect_of(msgspec.structs.replace(asked, purposes=frozenset({purpose.value})), clause)
            for purpose in Purpose
        ]
        agrees_with(effect_of(msgspec.structs.replace(asked, purposes=None), clause), each, clause)

    @given(made.clauses())
    def test_readings_that_put_the_vendor_elsewhere_stand_for_each_of_them(self, clause: Clause) -> None:
        asked = fitting(clause)
        worlds = tuple(frozenset({position.value}) for position in Position)
        each = [effect_of(msgspec.structs.replace(asked, worlds=(world,)), clause) for world in worlds]
        agrees_with(effect_of(msgspec.structs.replace(asked, worlds=worlds), clause), each, clause)

    @given(made.requests())
    def test_a_request_without_roles_is_allowed_only_if_some_role_would_be(self, law: Law, document: made.Json) -> None:
        unsaid = judged({**document, "buyer": {}}, law)
        each = [
            judged({**document, "buyer": {"roles": [role.value]}}, law).decision
            for role in Role
            if role is not Role.ANYONE
        ]
        assert unsaid.decision == "deny" or "allow" in each
        assert unsaid.decision == "allow" or unsaid.review or "allow" not in each

    @given(made.requests())
    def test_a_request_without_acts_is_allowed_only_if_some_act_would_be(self, law: Law, document: made.Json) -> None:
        plain = {key: document[key] for key in ("id", "ordered", "lines", "buyer", "purposes", "supplier_uses")}
        unsaid = judged(plain, law)
        each = [judged({**plain, "acts": [act.value]}, law).decision for act in ActWord]
        assert unsaid.decision == "deny" or "allow" in each
        assert unsaid.decision == "allow" or unsaid.review or "allow" not in each


def fitting(clause: Clause) -> Question:
    """A question that meets the clause's acts and roles."""
    return made.question(act=Act(min(clause.acts), Span(made.SECOND)), roles=clause.binds)


def closed(role: Role) -> frozenset[str]:
    """A role with those it implies."""
    return frozenset({role.value, *(implied.value for implied in ROLE_IMPLIES.get(role, ()))})


def leaves(above: Category | None = None) -> list[str]:
    """The categories that have none below them, under one or under all."""
    words = sorted(below(above.value)) if above is not None else [category.value for category in Category]
    return [word for word in words if below(word) == {word}]


def effect_of(question: Question, clause: Clause) -> str | None:
    """The effect of a clause on a question; None where it gives no reason."""
    outcome = evaluate(question, clause, made.law_of(clause))
    return str(outcome.effect) if isinstance(outcome, Outcome) else None


def agrees_with(unknown: str | None, each: list[str | None], clause: Clause) -> None:
    """The unknown bites if every completion does, and denies only if every one does."""
    bites = ("deny", "review")
    if all(effect in bites for effect in each):
        assert unknown in bites
    if unknown == "deny":
        assert set(each) == {"deny"}
    if all(effect == "deny" for effect in each) and not clause.exemptions:
        assert unknown in bites
