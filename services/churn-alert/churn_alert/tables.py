"""The service's own tables are declared on this metadata, each in the store of its concept.

`consents` is here: the copy is kept by what all services share.
"""

from sqlalchemy import MetaData

from rapport.consent.store import copies

metadata = MetaData()
consents = copies(metadata)
