"""What this project exists for, pure: eligibility, the mapping with its account, lifecycle, comparison."""
