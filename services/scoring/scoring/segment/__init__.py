"""What kind of customer this is: segments found by clustering, with names that stay. The scorecard decides."""
