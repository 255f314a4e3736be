"""The service's own tables are declared on this metadata, each in the store of its concept.

Those that services share are here: `rapport.consent` and `rapport.person` work with them.
"""

from sqlalchemy import DateTime, MetaData

from rapport.consent import store as consent
from rapport.person import store as person
from rapport.person.asking import asking

metadata = MetaData()
MOMENT = DateTime(timezone=True)
consents = consent.copies(metadata)
merged_files = person.copies(metadata)
person_due_times = asking(metadata)
