"""Where every concept of this service declares its tables; the migrations are compared with them.

`consents` and `merged_files` are here: these copies are kept by what all services share.
"""

from sqlalchemy import MetaData

from rapport.consent import store as consent
from rapport.person import store as person

metadata = MetaData()
consents = consent.copies(metadata)
merged_files = person.copies(metadata)
