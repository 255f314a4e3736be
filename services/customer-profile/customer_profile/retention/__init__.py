"""How long a file is kept: what is due, who agrees to it, what is archived and destroyed, and what stays as proof."""
