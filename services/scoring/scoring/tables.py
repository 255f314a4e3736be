"""The service's own tables are declared on this metadata, each in the store of its concept.

`consents` and `merged_files` are here: these copies are kept by what all services share.
"""

from sqlalchemy import DateTime, MetaData

from rapport.consent import store as consent
from rapport.person import store as person

metadata = MetaData()
MOMENT = DateTime(timezone=True)
consents = consent.copies(metadata)
merged_files = person.copies(metadata)
