"""What logged traffic cost, and what it would have cost under another policy: integers first, money at the end."""
