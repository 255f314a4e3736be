"""Where every concept of this service declares its tables; the migrations are compared with them."""

from sqlalchemy import MetaData

metadata = MetaData()
