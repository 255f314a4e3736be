"""The service's own tables are declared on this metadata, each in the store of its concept.

Those that services share are here: `rapport.ahead`, `rapport.consent`, `rapport.person` and `rapport.sight` work with
them.
"""

from sqlalchemy import DateTime, MetaData

from rapport.ahead.store import waiting
from rapport.consent import store as consent
from rapport.person import store as person
from rapport.person.asking import asking
from rapport.sight import store as sight

metadata = MetaData()
MOMENT = DateTime(timezone=True)
consents = consent.copies(metadata)
merged_files = person.copies(metadata)
person_due_times = asking(metadata)
events_ahead = waiting(metadata, "posting", "account-balance")
customer_managers = sight.managers(metadata)
employees = sight.staff(metadata)
