"""Partner programs: their life, applications, memberships by dates, renewal, mass update, the link to loyalty programs."""
