"""Where every concept of this service declares its tables; the migrations are compared with them.

Those that services share are here: `rapport.consent`, `rapport.person`, `rapport.sight` and `rapport.tier` work with
them.
"""

from sqlalchemy import MetaData

from rapport.consent import store as consent
from rapport.person import store as person
from rapport.sight import store as sight
from rapport.tier import store as tier

metadata = MetaData()
consents = consent.copies(metadata)
merged_files = person.copies(metadata)
customer_managers = sight.managers(metadata)
employees = sight.staff(metadata)
tiers = tier.copies(metadata)
