"""Where every concept of this service declares its tables; the migrations are compared with them.

`consents` is here: the copy is kept by what all services share.
"""

from sqlalchemy import MetaData

from rapport.consent.store import copies

metadata = MetaData()
consents = copies(metadata)
