"""The service's tables, beside those of delivery; each is defined in the store of its concept.

The one that services share is here: `rapport.sight` works with it.
"""

from sqlalchemy import MetaData

from rapport.sight import store as sight

metadata = MetaData()
employees = sight.staff(metadata)
