"""What customer-profile serves: its operations, and what they refuse with."""

from customer_profile.adapter import api as adapters
from customer_profile.audit import api as audits
from customer_profile.consent import api as consents
from customer_profile.consent import askings
from customer_profile.consent.domain.acts import ConsentImpossible, ConsentNotGranted, ConsentRecordedOtherwise
from customer_profile.consent.domain.asking import NotToBeAsked
from customer_profile.contact import api as contacts
from customer_profile.correction import api as corrections
from customer_profile.correction.domain import (
    CorrectionByOnePerson,
    CorrectionEnded,
    CorrectionInvalid,
    CorrectionNotFound,
    CorrectionOfAnother,
    CorrectionOverlaps,
    NothingToCorrect,
)
from customer_profile.customer import api as customers
from customer_profile.customer.domain import (
    CustomerAlreadyRecorded,
    CustomerChangedMeanwhile,
    CustomerDestroyed,
    CustomerNotFound,
    CustomerRestricted,
    IdentityByTwoPersons,
    IdentityIncomplete,
    IdentityInvalid,
    IdentityOnAnotherFile,
    StepImpossible,
    StepNeeded,
    StepNotPermitted,
)
from customer_profile.duplicate import api as duplicates
from customer_profile.duplicate.domain.pairs import DuplicateAlreadyDecided, DuplicateNotFound, ReasonUnfit
from customer_profile.export import api as exports
from customer_profile.export.domain import (
    ExportByOnePerson,
    ExportDecided,
    ExportNotApproved,
    ExportNotFound,
    ExportStillOpen,
)
from customer_profile.me import router as me
from customer_profile.merge import api as merges
from customer_profile.merge.domain.proposals import (
    DeciderIsProposer,
    MergeDecidedAlready,
    MergeImpossible,
    MergeNotFound,
    MergeNotInForce,
    UnmergeOutOfOrder,
)
from customer_profile.portrait import api as portraits
from customer_profile.quality import api as quality
from customer_profile.quality.domain import IssueNotFound, IssueNotOpen, IssueStands
from customer_profile.retention import api as retention
from customer_profile.retention.domain.agreeing import (
    AnotherPersonAgrees,
    BatchDecided,
    BatchNotApproved,
    BatchNotFound,
    HoldEnded,
    HoldInvalid,
    HoldNotFound,
)
from customer_profile.unmasking import api as unmaskings
from customer_profile.unmasking.domain import NothingToUnmask, PurposeNotPermitted
from rapport.web import Problems

PROBLEMS: Problems = {
    CustomerNotFound: (404, "No such customer"),
    CustomerDestroyed: (410, "The file is destroyed"),
    CustomerAlreadyRecorded: (409, "The customer is recorded already"),
    IdentityIncomplete: (409, "The identity would be incomplete"),
    IdentityOnAnotherFile: (409, "The identity is on another file"),
    IdentityInvalid: (422, "The identity is not valid"),
    CustomerChangedMeanwhile: (412, "The customer's file has changed"),
    CustomerRestricted: (409, "The customer is restricted"),
    StepImpossible: (409, "The relationship does not go there"),
    StepNeeded: (409, "A step of the relationship is needed"),
    StepNotPermitted: (403, "The step is not the caller's to take"),
    IdentityByTwoPersons: (403, "An identity is corrected by two persons"),
    CorrectionNotFound: (404, "No such request"),
    CorrectionEnded: (409, "The request has ended"),
    CorrectionByOnePerson: (409, "Another person must decide"),
    CorrectionOfAnother: (403, "The request is somebody else's"),
    CorrectionOverlaps: (409, "An open request overlaps"),
    NothingToCorrect: (409, "There is nothing to correct"),
    CorrectionInvalid: (422, "The request cannot be so"),
    PurposeNotPermitted: (403, "Not in clear for this purpose"),
    NothingToUnmask: (409, "There is nothing to unmask"),
    ConsentNotGranted: (409, "There is nothing to withdraw"),
    NotToBeAsked: (409, "The customer is not to be asked now"),
    ConsentRecordedOtherwise: (409, "The act was recorded with other proof"),
    IssueNotFound: (404, "No such issue"),
    IssueNotOpen: (409, "The issue is not open"),
    IssueStands: (409, "The fault is still there"),
    ConsentImpossible: (422, "The act of consent cannot have been so"),
    DuplicateNotFound: (404, "No such pair"),
    DuplicateAlreadyDecided: (409, "The pair is decided on"),
    ReasonUnfit: (422, "The reason is none of this decision"),
    ExportNotFound: (404, "No such export"),
    ExportStillOpen: (409, "An export is open still"),
    ExportByOnePerson: (403, "Another person decides"),
    ExportDecided: (409, "The export is decided"),
    ExportNotApproved: (409, "The export is not to be handed out"),
    MergeNotFound: (404, "No such merge"),
    MergeImpossible: (409, "The files cannot be merged or separated so"),
    MergeDecidedAlready: (409, "The proposal is decided"),
    MergeNotInForce: (409, "The merge does not hold"),
    UnmergeOutOfOrder: (409, "A later merge comes first"),
    DeciderIsProposer: (403, "Another person decides"),
    HoldNotFound: (404, "No such hold"),
    HoldEnded: (409, "The hold has ended"),
    HoldInvalid: (422, "The hold cannot be so"),
    BatchNotFound: (404, "No such batch"),
    BatchDecided: (409, "The batch is decided"),
    BatchNotApproved: (409, "The batch is not approved"),
    AnotherPersonAgrees: (403, "Another person agrees"),
}
ROUTERS = (
    unmaskings.trails,  # before the customer of that name
    customers.router,
    customers.listing,
    customers.look_ups,
    customers.status,
    customers.accounts,
    portraits.router,
    consents.router,
    askings.router,
    contacts.router,
    corrections.router,
    me,
    unmaskings.router,
    adapters.router,
    duplicates.router,
    merges.router,
    quality.router,
    exports.router,
    retention.router,
    audits.router,
)
