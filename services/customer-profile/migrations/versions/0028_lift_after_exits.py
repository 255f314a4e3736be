"""A restriction that outlasted an exit is lifted by a step that leads nowhere else.

Additive: what there is keeps the narrower rule. Taken back, steps of this kind stay, for the trail only grows, and no
further one is noted.
"""

from alembic import op

revision = "customer_profile_0028"
down_revision = "customer_profile_0027"
branch_labels = None
depends_on = None

_TO = "to_state IN ('admission', 'active', 'restricted', 'exited') AND "
_MOVED = "to_state IS DISTINCT FROM from_state"


def upgrade() -> None:
    op.drop_constraint("status_steps_to", "status_steps")
    op.create_check_constraint("status_steps_to", "status_steps", f"{_TO}({_MOVED} OR reason = 'restriction-lifted')")


def downgrade() -> None:
    op.drop_constraint("status_steps_to", "status_steps")
    op.execute(f"ALTER TABLE status_steps ADD CONSTRAINT status_steps_to CHECK ({_TO}{_MOVED}) NOT VALID")
