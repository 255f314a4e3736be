"""The service's tables, beside those of delivery; each is defined in the store of its concept."""

from sqlalchemy import MetaData

metadata = MetaData()
