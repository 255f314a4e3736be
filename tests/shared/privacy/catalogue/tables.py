"""All tables there are, and what each column of text holds: whoever adds one says here what can be written in it."""

from importlib import import_module

from sqlalchemy import LargeBinary, MetaData, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.types import TypeEngine

from rapport.messaging import tables
from tests.support.serving import SUBJECTS

# What a column of text can hold → where. Nothing here is what people write about a customer: that is free-text.
TEXTS = {
    "a random token": """account_holders.account_id account_holders.customer_id accounts.account_id
        accounts.customer_id alert_events.done_by alerts.acknowledged_by alerts.closed_by alerts.customer_id
        alerts.owner alert_events.owner
        interventions.assignee interventions.customer_id intervention_events.done_by intervention_steps.customer_id
        intervention_steps.ended_by
        appeal_answers.answered_by appeals.customer_id appeals.opened_by case_clocks.customer_id case_events.actor
        cases.customer_id class_changes.customer_id consent_acts.customer_id consent_acts.recorded_by
        consent_askings.asked_by consent_askings.customer_id
        consents.customer_id contacts.customer_id contacts.request_id customer_managers.customer_id
        customer_managers.relationship_manager
        core_postings.account_id core_postings.customer_id customer_changes.changed_by
        customer_changes.customer_id customer_classes.customer_id customer_groups.customer_id customers.customer_id
        data_keys.customer_id decisions.customer_id due_times.customer_id hands.customer_id look_ups.asked_by
        merge_acts.decided_by merge_acts.merged merge_acts.proposed_by merge_acts.survivor merge_proposals.decided_by
        merge_proposals.merged merge_proposals.proposed_by merge_proposals.survivor merged_files.customer_id
        file_acts.customer_id file_acts.survivor merged_files.survivor person_due_times.customer_id
        events_ahead.customer_id
        employees.employee_id unmaskings.asked_by unmaskings.customer_id
        override_acts.done_by overrides.customer_id overrides.proposed_by policies.drafted_by policy_acts.done_by
        portrait_facts.customer_id portrait_months.customer_id profiles.customer_id profiles.relationship_manager
        quality_issues.by quality_issues.customer_id
        lifecycles.accounts lifecycles.customer_id lifecycle_transitions.customer_id
        behaviour_tallies.account_id behaviour_tallies.customer_id contact_calendars.customer_id
        asked_occasions.customer_id
        customer_holdings.customer_id retention_left_out.customer_id
        crossed_states.customer_id recency_warnings.customer_id
        risk_crossings.customer_id risks.customer_id scorecard_acts.done_by scorecards.drafted_by
        customer_segments.customer_id segments.customer_id shadows.customer_id status_steps.customer_id
        status_steps.done_by standings.customer_id tiers.customer_id""",
    "a token up to which work is done": """book_snapshots.counted_up_to challengers.begun_up_to class_runs.noted_up_to
        retellings.told_up_to segment_runs.told_up_to scorecard_dry_runs.scored_up_to scorecards.rescheduled_up_to""",
    "one of a closed list, or a name in the document of stages": """lifecycle_transitions.cause
        lifecycle_transitions.previous lifecycle_transitions.rule lifecycle_transitions.stage lifecycles.rule
        lifecycles.stage""",
    "one of a closed list": """accounts.status accounts.type alert_events.outcome alert_events.step alerts.cause
        alerts.arm alerts.stage person_due_times.objection recency_outcomes.arm recency_warnings.stage
        interventions.arm interventions.node interventions.reason interventions.status intervention_events.move
        intervention_steps.kind intervention_steps.role intervention_steps.status intervention_steps.taken_when
        alerts.outcome alerts.severity alerts.status appeal_answers.outcome appeal_answers.reason case_clocks.clock
        case_events.happening cases.channel cases.kind cases.language cases.priority cases.sentiment cases.severity
        cases.status class_changes.dimension class_changes.value consent_acts.act consent_acts.channel
        consent_askings.channel
        consent_acts.legal_basis contacts.channel contacts.channels contacts.kind contacts.language contacts.reason
        contacts.state core_faults.fault core_faults.field core_postings.direction customer_changes.action
        customer_changes.fields customer_classes.dimension customer_classes.value customer_groups.age_band
        employees.role unmaskings.field unmaskings.purpose unmaskings.reason
        customer_groups.gender customer_groups.status decisions.cause decisions.people_act group_counts.attribute
        look_ups.field look_ups.purpose merge_acts.evidence_kind merge_acts.kind merge_acts.reason
        merge_proposals.evidence_kind merge_proposals.kind merge_proposals.reason merge_proposals.state
        override_acts.act override_acts.reason overrides.reason policy_acts.act
        portrait_facts.kind profiles.age_band profiles.customer_class profiles.gender profiles.relationship
        profiles.status profiles.type quality_counts.attribute
        quality_counts.dimension quality_issues.attribute quality_issues.fault quality_issues.note
        quality_issues.outcome quality_issues.state refused_fields.kind risk_crossings.cause risk_crossings.direction
        behaviour_tallies.channel behaviour_tallies.stream crossed_states.direction
        scorecard_acts.act
        status_steps.from_state status_steps.reason status_steps.to_state""",
    "one of a closed list: how far a file has ended, and by which retention": """customers.erased_rule
        customers.erased_scope""",
    "a code of a list the bank keeps": """accounts.currency alerts.experiment alerts.playbook
        behaviour_tallies.product customer_holdings.holdings
        interventions.experiment interventions.outcome interventions.playbook interventions.product
        asked_occasions.product
        interventions.purpose intervention_outcomes.measure
        intervention_steps.action intervention_steps.outcome
        case_events.root_cause cases.product cases.root_cause
        cases.unit consent_acts.data_categories consent_acts.purpose consent_askings.purpose contacts.adapter
        contacts.purpose contacts.template core_postings.currency core_postings.kind core_postings.source
        customer_groups.region exchange_rates.base exchange_rates.quote group_counts.name profiles.region
        profiles.unit employees.unit lifecycles.unit quality_counts.source quality_issues.source""",
    "a tier of the scorecard": """alerts.tier recency_warnings.tier
        decisions.old_tier decisions.tier group_counts.top_tier hands.override_tier
        overrides.tier shadows.tier standings.override_tier standings.scorecard_tier standings.tier tiers.tier""",
    "a segment of the model of segments": """alerts.segment customer_segments.old_segment customer_segments.segment
        recency_warnings.segment segments.segment""",
    "made by our own rules": """risk_crossings.horizons risk_crossings.reasons
        alerts.indicators book_snapshots.features book_snapshots.points book_snapshots.tiers
        challengers.comparison core_postings.amount core_postings.balance_after decisions.evidence
        decisions.explanation decisions.points_by_dimension decisions.reasons decisions.state_hash decisions.values
        exchange_rates.rate group_counts.tiers hands.offsets portrait_months.ahead portrait_months.entries
        profiles.corrected
        profiles.identity_faults crossed_states.state risk_crossings.horizons
        risk_crossings.indicators risk_crossings.reasons risks.accounts risks.ahead risks.before events_ahead.document
        scorecard_dry_runs.matrix
        scorecard_dry_runs.points standings.first_days standings.foreign_accounts standings.holdings
        standings.valuations""",
    "what a step asks customer-profile for: codes, days and channels of the playbook": "intervention_steps.message",
    "a token of ours by which a message is asked for": "intervention_steps.request_id",
    "a node of playbooks; what an occasion follows from, by a token of an account or a number": """asked_occasions.cause
        asked_occasions.node""",
    "a code: an outcome, a channel, a reason; or the token of who was given it": "intervention_events.detail",
    "codes, numbers and days for the places of a message, as another service gave them": "contacts.parameters",
    "named by delivery": """activity_feeds.topic consumer_offsets.topic core_days.tells core_days.topic
        core_faults.topic dead_letters.handler dead_letters.reason dead_letters.topic idempotency_keys.operation
        key_checks.name events_ahead.event_type events_ahead.reason
        outbox.headers outbox.topic parked.topic parked.waiting_for refused_fields.topic retellings.concept
        retellings.round""",
    "a field's name of a harmless form, at most forty of a partition or operation": "refused_fields.field",
    "chosen by the caller: a key of at most 128 signs, forgotten after a day": "idempotency_keys.key",
    "counts by day and hashes, no words": """activity_feeds.usual
        consent_acts.evidence_digest consent_acts.notice_digest
        core_postings.content merge_acts.evidence_digest merge_proposals.evidence_digest
        idempotency_keys.request_hash inbox.fingerprint profiles.id_number_index
        profiles.phone_index risks.active_days standings.active_day_repeats standings.active_days""",
    "a record whole, sealed whatever its topic": "dead_letters.record parked.record",
    "a fact without identity, or a dead letter, sealed where its topic is confidential": "outbox.key outbox.value",
    "a fact without identity, as another service or the bank told it": """consents.purposes portrait_facts.document
        portrait_facts.item""",
    "the number a core gave a posting, of no account and no customer": """core_postings.reverses
        core_postings.transaction_no""",
    "a random token: of two files, or of who decided on them": """duplicate_decisions.decided_by
        duplicate_pairs.decided_by duplicate_pairs.file_a duplicate_pairs.file_b""",
    "one of a closed list: what is decided on two files, and why": """duplicate_decisions.decision
        duplicate_decisions.reason duplicate_pairs.reason duplicate_pairs.state""",
    "words of our own rules, and the model they are of": """duplicate_decisions.evidence duplicate_decisions.model
        duplicate_pairs.evidence duplicate_pairs.model""",
    "who a token of the issuer is for": "idempotency_keys.subject",
    "a document of the bank's own analysts, about no customer": """lifetime_models.document policies.document
        scorecards.document segment_models.document policy_acts.details scorecard_acts.details""",
    "why a version was approved, written by who answers for it, about no customer": """policy_acts.reason
        scorecard_acts.reason""",
    "a random token: of who asks for a correction, decides on it, and is its subject": """corrections.asked_by
        corrections.customer_id corrections.decided_by""",
    "one of a closed list: what is asked to be corrected, and what became of it": """corrections.channel
        corrections.fields corrections.ground corrections.state""",
    "a random token: whose file ends or is held, and who agreed": """file_steps.by file_steps.customer_id
        legal_holds.customer_id legal_holds.release_asked_by legal_holds.released_by legal_holds.set_by
        retention_batches.confirmed_by retention_batches.decided_by retention_items.customer_id""",
    "one of a closed list: a step of a file's life, by which rule, and what was agreed": """file_steps.rule
        file_steps.step legal_holds.reason retention_batches.state retention_items.action retention_items.outcome
        retention_items.rule""",
    "counts by table, and a hash of them": "file_steps.counts file_steps.digest",
    "a hash of a paper, no words": "corrections.evidence_digest",
    "a random token: of who asked for customers in bulk, decided on it, took them": """exports.asked_by
        exports.decided_by export_hand_outs.taken_by""",
    "one of a closed list: what customers in bulk are for, whose, and how far it is": """exports.extent exports.purpose
        exports.reason exports.state export_hand_outs.format""",
    "codes and days by which customers were asked for in bulk": "exports.filters",
    "a mark of a key, from which it cannot be had": "key_checks.digest",
    "a random token: whom a lead is on, or who of compliance dealt with it or read it": """
        abnormal_activities.customer_id abnormal_activities.decided_by
        abnormal_activities.proposed_by abnormal_activity_reads.read_by abnormal_activity_steps.done_by
        activity_states.customer_id""",
    "one of a closed list, or a code of the rules: what was found, and what became of it": """
        abnormal_activities.currency abnormal_activities.direction abnormal_activities.key abnormal_activities.kind
        abnormal_activities.reason abnormal_activities.rule abnormal_activities.state
        abnormal_activity_steps.reason abnormal_activity_steps.step activity_states.in_force""",
    "counts and sums by day, by tokens of accounts and by codes of a list the bank keeps": """
        activity_states.accounts activity_states.active_days
        activity_states.counterparties activity_states.days""",
    "a random token: whose risk it is, who found it, deals with it or closed it": """holdings_heard.customer_id
        risk_entries.closed_by risk_entries.customer_id risk_entries.opened_by risk_entries.owner
        risk_entry_steps.done_by risk_entry_steps.owner""",
    "one of a closed list, or a code of the register's rules": """risk_entries.cause risk_entries.kind
        risk_entries.outcome risk_entries.severity risk_entries.status risk_entry_steps.outcome
        risk_entry_steps.severity risk_entry_steps.step""",
    "one of a closed list: what customers of a month are divided by": """retention_alerts.division
        retention_months.division""",
    "a stage, tier, segment or channel": "retention_alerts.name retention_months.name",
    "a hash of what was handed out": "export_hand_outs.digest",
}


def metadatas() -> list[MetaData]:
    """The tables of delivery and of each service, as its `main.py` declares them."""
    for package in SUBJECTS:
        import_module(f"{package}.main")
    return [tables.metadata, *(import_module(f"{package}.tables").metadata for package in SUBJECTS)]


def holds_words(type_: TypeEngine[object]) -> bool:
    """Whether anything that people write fits into it in clear."""
    item = type_.item_type if isinstance(type_, ARRAY) else type_
    return isinstance(item, Text | JSONB | LargeBinary)


def unexplained(found: list[MetaData]) -> set[str]:
    """Columns that words fit into, of which nobody has said what is written there; and those spoken of in vain."""
    columns = (column for metadata in found for table in metadata.tables.values() for column in table.columns)
    spoken_of = {name for names in TEXTS.values() for name in names.split()}
    return {str(column) for column in columns if holds_words(column.type)} ^ spoken_of
