"""The service's own tables are declared on this metadata, each in the store of its concept."""

from sqlalchemy import DateTime, MetaData

metadata = MetaData()
MOMENT = DateTime(timezone=True)
