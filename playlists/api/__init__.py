"""The older tool's JSON API under /api/, with sign-in: rules, what is known of tracks, the steps of its pipeline."""
